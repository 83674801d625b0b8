//! Parts of lists: in which order, from where, how large.

use serde_json::{Value, json};
use service::pages::MAX_PAGE_BYTES;

use crate::desk::{Desk, admin, bia, integration, maria};

pub(super) async fn say(desk: &Desk, text: &str, visibility: &str) -> String {
    let message = json!({ "text": text, "visibility": visibility, "notify": false });
    let path = "/tickets/1/messages";
    let posted = desk.call(&bia(), "POST", path, Some(message)).await;
    posted.expect(202)["id"].as_str().expect("an id").to_owned()
}

fn texts(page: &Value) -> String {
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|one| one["text"].as_str().expect("a text"))
        .collect()
}

async fn get(desk: &Desk, caller: &Value, query: &str) -> Value {
    let path = format!("/tickets/1/messages?{query}");
    desk.call(caller, "GET", &path, None).await.expect(200)
}

/// Every page of a list, following its cursors; each is small.
pub(super) async fn all(desk: &Desk, caller: &Value, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = desk
            .call(caller, "GET", &format!("{path}&cursor={cursor}"), None)
            .await;
        assert!(
            answer.text.len() <= MAX_PAGE_BYTES + 1024,
            "{path}: {} bytes",
            answer.text.len()
        );
        let page = answer.expect(200);
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return items,
        }
    }
}

#[tokio::test]
async fn a_conversation_is_read_from_either_end_and_from_its_middle() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let mut ids = Vec::new();
    for n in 0..9 {
        let visibility = if n == 3 { "internal" } else { "public" };
        ids.push(say(&desk, &n.to_string(), visibility).await);
    }
    let newest = get(&desk, &bia(), "order=desc&limit=4").await;
    assert_eq!(texts(&newest), "8765");
    let cursor = newest["next_cursor"].as_str().expect("more");
    let older = get(&desk, &bia(), &format!("order=desc&cursor={cursor}")).await;
    assert_eq!(texts(&older), "43210");
    let refused = desk
        .call(
            &bia(),
            "GET",
            &format!("/tickets/1/messages?cursor={cursor}"),
            None,
        )
        .await;
    assert_eq!(refused.code(), "CURSOR_INVALID", "of the other order");
    for caller in [bia(), maria()] {
        let after = get(&desk, &caller, &format!("after={}", ids[6])).await;
        assert_eq!(
            (texts(&after).as_str(), &after["next_cursor"]),
            ("78", &Value::Null)
        );
    }
    let around = get(&desk, &bia(), &format!("around={}&limit=4", ids[4])).await;
    assert_eq!(texts(&around), "2345");
    let next = around["next_cursor"].as_str().expect("more");
    assert_eq!(
        texts(&get(&desk, &bia(), &format!("cursor={next}")).await),
        "678"
    );
    let previous = around["previous_cursor"].as_str().expect("more");
    let before = get(&desk, &bia(), &format!("order=desc&cursor={previous}")).await;
    assert_eq!(texts(&before), "10");
    let hidden = format!("/tickets/1/messages?around={}", ids[3]);
    desk.call(&maria(), "GET", &hidden, None).await.expect(404);
    let both = format!("/tickets/1/messages?around={}&order=desc", ids[3]);
    desk.call(&bia(), "GET", &both, None).await.expect(400);
}

#[tokio::test]
async fn no_page_of_any_list_is_larger_than_one_answer() {
    let desk = Desk::new();
    let long = "ç".repeat(90_000);
    for id in 1..=9 {
        let snapshot = json!({ "description": long, "requester": { "email": "maria@example.com" },
            "responsible": { "email": "bia@example.com" } });
        let path = format!("/tickets/{id}");
        desk.call(&integration(), "PUT", &path, Some(snapshot))
            .await
            .expect(201);
    }
    for _ in 0..9 {
        say(&desk, &long, "public").await;
    }
    for order in ["asc", "desc"] {
        for caller in [bia(), maria()] {
            let path = format!("/tickets/1/messages?limit=100&order={order}");
            assert_eq!(all(&desk, &caller, &path).await.len(), 9);
        }
    }
    for caller in [bia(), maria(), admin()] {
        assert_eq!(all(&desk, &caller, "/tickets?limit=100").await.len(), 9);
    }
    let draft = json!({ "identifier": "x", "title": "${IDSOLICITACAOSERVICO}",
        "html": format!("<p>{}</p>", "x".repeat(200_000)) });
    let made = desk
        .call(&admin(), "POST", "/templates", Some(draft.clone()))
        .await;
    let mut etag = made.header("etag").to_owned();
    made.expect(201);
    for _ in 0..6 {
        let headers = [("if-match", etag.as_str())];
        let put = desk
            .call_with(
                &admin(),
                "PUT",
                "/templates/1",
                &headers,
                Some(draft.clone()),
            )
            .await;
        etag = put.header("etag").to_owned();
        put.expect(200);
    }
    let versions = all(&desk, &admin(), "/templates/1/versions?limit=100").await;
    assert_eq!(versions.len(), 7);
}

#[tokio::test]
async fn reading_marks_nothing_and_a_mark_never_goes_back() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let mut ids = Vec::new();
    for n in 0..4 {
        let visibility = if n == 1 { "internal" } else { "public" };
        ids.push(say(&desk, &n.to_string(), visibility).await);
    }
    let unread = async |caller: &Value| {
        let ticket = desk.call(caller, "GET", "/tickets/1", None).await;
        ticket.expect(200)["unread"].clone()
    };
    let mark = async |caller: &Value, id: &str| {
        let body = Some(json!({ "message_id": id }));
        desk.call(caller, "PUT", "/tickets/1/read", body).await
    };
    for order in ["asc", "desc"] {
        get(&desk, &maria(), &format!("order={order}&limit=100")).await;
    }
    assert_eq!(unread(&maria()).await, 3);
    assert_eq!(mark(&maria(), &ids[2]).await.expect(200)["unread"], 1);
    assert_eq!(mark(&maria(), &ids[0]).await.expect(200)["unread"], 1);
    assert_eq!(unread(&maria()).await, 1);
    mark(&maria(), &ids[1]).await.expect(404);
    mark(&bia(), "0193a0b0-0000-7000-8000-000000000000")
        .await
        .expect(404);
    // A token without an address reads all the same.
    let nameless = json!({ "sub": "s-1", "groups": ["admin"] });
    assert_eq!(unread(&nameless).await, 4);
    assert_eq!(mark(&nameless, &ids[3]).await.expect(200)["unread"], 0);
    assert_eq!(unread(&nameless).await, 0);
    assert_eq!(unread(&admin()).await, 4, "a mark is of one person");
}

#[tokio::test]
async fn the_desk_sees_what_became_of_each_mail_in_the_list() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let path = "/tickets/1/messages";
    for text in ["a", "b"] {
        let message = Some(json!({ "text": text }));
        desk.call(&bia(), "POST", path, message).await.expect(202);
    }
    let list = get(&desk, &bia(), "order=desc").await;
    for message in list["items"].as_array().expect("items") {
        let deliveries = message["deliveries"].as_array().expect("deliveries");
        assert_eq!(deliveries.len(), 2, "{message}");
        for delivery in deliveries {
            assert_eq!(delivery["status"], "queued");
            assert_eq!(delivery["send_again"], false);
            assert!(
                delivery["status_text"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
        }
    }
    let list = get(&desk, &maria(), "").await;
    assert_eq!(list["items"][0].get("deliveries"), None);
}

/// Whether a text stands in a query as it is.
fn is_safe_in_a_url(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !text.is_empty() && text.bytes().all(safe)
}

#[tokio::test]
async fn what_is_given_back_in_a_query_is_safe_in_a_url() {
    let desk = Desk::at("2027-01-15T08:00:00Z".parse().expect("a time"), &[]);
    desk.ticket("1").await;
    desk.ticket("2").await;
    say(&desk, "um", "public").await;
    say(&desk, "dois", "public").await;
    for path in ["/tickets?limit=1", "/tickets/1/messages?limit=1"] {
        let page = desk.call(&bia(), "GET", path, None).await.expect(200);
        let cursor = page["next_cursor"].as_str().expect("a cursor");
        assert!(is_safe_in_a_url(cursor), "{path}: {cursor}");
    }
    let start = "/tickets/changes";
    let start = desk.call(&bia(), "GET", start, None).await.expect(200);
    let next = start["next"].as_str().expect("a place");
    assert!(is_safe_in_a_url(next), "{next}");
    // What an earlier version gave is still taken.
    let old = "/tickets/changes?since=00000000000000000000%23";
    let told = desk.call(&bia(), "GET", old, None).await.expect(200);
    let next = told["next"].as_str().expect("a place");
    assert!(is_safe_in_a_url(next), "{next}");
    let path = format!("/tickets/changes?since={next}");
    desk.call(&bia(), "GET", &path, None).await.expect(200);
}
