//! Parts of lists: in which order, from where, how large.

use std::sync::Arc;

use serde_json::{Value, json};
use service::pages::MAX_PAGE_BYTES;
use storage::{Expect, Item, Storage, Write, embedded::Embedded, keys};

use crate::desk::{Desk, admin, bia, integration, maria};

async fn say(desk: &Desk, text: &str, visibility: &str) -> String {
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
async fn all(desk: &Desk, caller: &Value, path: &str) -> Vec<Value> {
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

fn ids(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|one| one["id"].as_str().expect("an id"))
        .collect()
}

async fn put(desk: &Desk, id: &str, snapshot: Value) {
    let path = format!("/tickets/{id}");
    let put = desk
        .call(&integration(), "PUT", &path, Some(snapshot))
        .await;
    assert!(put.status.is_success(), "{}", put.text);
}

#[tokio::test]
async fn a_list_of_tickets_is_slim_and_filtered() {
    let desk = Desk::new();
    let group = json!({ "name": "N1" });
    let maria_ = json!({ "name": "Maria Conceição", "email": "maria@example.com" });
    let rui = json!({ "name": "Rui", "email": "rui@example.com" });
    let bia_ = json!({ "name": "Bia", "email": "bia@example.com" });
    put(
        &desk,
        "4711",
        json!({ "requester": maria_, "responsible": bia_, "status": "Em andamento",
        "activity": "VPN", "description": "<p>longo</p>", "extra": { "SALA": "1" } }),
    )
    .await;
    put(
        &desk,
        "4712",
        json!({ "requester": rui, "responsible": bia_, "status": "Encerrado" }),
    )
    .await;
    put(
        &desk,
        "9001",
        json!({ "requester": maria_, "group": group, "status": "Em andamento" }),
    )
    .await;
    put(
        &desk,
        "9002",
        json!({ "requester": rui, "status": "Em andamento" }),
    )
    .await;
    let technician = crate::desk::person("technician", "bia@example.com", &["N1"]);
    let list = async |caller: &Value, query: &str| {
        let path = format!("/tickets?{query}");
        desk.call(caller, "GET", &path, None).await.expect(200)
    };
    for (caller, query, expected) in [
        (&technician, "", vec!["9001", "4712", "4711"]),
        (&technician, "of=me", vec!["4712", "4711"]),
        (&technician, "of=group", vec!["9001"]),
        (&technician, "status=em%20andamento", vec!["9001", "4711"]),
        (&technician, "q=471", vec!["4712", "4711"]),
        (&technician, "q=4711", vec!["4711"]),
        (&technician, "q=MARIA@example.com", vec!["9001", "4711"]),
        (&technician, "q=concei%C3%A7%C3%A3o", vec!["9001", "4711"]),
        (&technician, "q=vpn&of=me", vec!["4711"]),
        (&technician, "q=9002", vec![]),
        (&admin(), "q=9002", vec!["9002"]),
        (&admin(), "of=me", vec![]),
        (&maria(), "q=maria@example.com", vec!["9001", "4711"]),
        (&maria(), "q=bia@example.com", vec![]),
    ] {
        assert_eq!(ids(&list(caller, query).await), expected, "{query}");
    }
    let message = json!({ "text": "Olá,\n\nMaria", "notify": false });
    let secret = json!({ "text": "só nós", "visibility": "internal" });
    for message in [message, secret] {
        let posted = desk
            .call(&technician, "POST", "/tickets/4711/messages", Some(message))
            .await;
        posted.expect(202);
    }
    let of_maria = list(&maria(), "unread=true").await;
    assert_eq!(ids(&of_maria), ["4711"]);
    let row = &of_maria["items"][0];
    assert_eq!(row["unread"], 1);
    assert_eq!(row["last_message"]["excerpt"], "Olá, Maria");
    assert_eq!(row["last_message"]["author"], "Bia");
    for long in ["description", "extra", "response"] {
        assert_eq!(row.get(long), None, "{long}");
    }
    let of_the_desk = list(&admin(), "q=4711").await;
    assert_eq!(
        of_the_desk["items"][0]["last_message"]["visibility"],
        "internal"
    );
    for wrong in ["of=us", "unread=maybe"] {
        let path = format!("/tickets?{wrong}");
        desk.call(&admin(), "GET", &path, None).await.expect(400);
    }
}

#[tokio::test]
async fn changes_are_told_since_and_only_to_those_who_may_see_them() {
    let desk = Desk::at("2027-01-15T08:00:00Z".parse().expect("a time"), &[]);
    let wait = |seconds| desk.wait(jiff::SignedDuration::from_secs(seconds));
    desk.ticket("1").await;
    desk.ticket("2").await;
    wait(60);
    let asked = async |caller: &Value, since: &str| {
        let path = format!("/tickets/changes?since={since}");
        desk.call(caller, "GET", &path, None).await.expect(200)
    };
    for caller in [bia(), maria(), admin()] {
        let start = desk
            .call(&caller, "GET", "/tickets/changes", None)
            .await
            .expect(200);
        assert_eq!(ids(&start), [""; 0]);
        let since = start["next"].as_str().expect("a place").to_owned();
        assert_eq!(ids(&asked(&caller, &since).await), [""; 0]);
        wait(60);
        say(&desk, "oi", "public").await;
        let told = asked(&caller, &since).await;
        assert_eq!(ids(&told), ["1"], "{caller}");
        assert_eq!(told["more"], false);
        wait(60);
        let next = asked(&caller, &since).await["next"]
            .as_str()
            .expect("next")
            .to_owned();
        assert_eq!(ids(&asked(&caller, &next).await), [""; 0], "told once");
        say(&desk, "nota", "internal").await;
        let of_theirs = ids(&asked(&caller, &next).await).len();
        assert_eq!(of_theirs, usize::from(caller != maria()));
        wait(60);
    }
    for wrong in [
        "now",
        "00000000000000000000%23%01",
        "00000000000000000000%23a%23b",
        "0000000000000000000%23",
        // The last but one in base64url, and a time without its end.
        "MDAwMDAwMDAwMDAwMDAwMDAwMDAjYSNi",
        "MDAwMDAwMDAwMDAwMDAwMDAwMDA",
        "%FF",
    ] {
        let path = format!("/tickets/changes?since={wrong}");
        let refused = desk.call(&bia(), "GET", &path, None).await;
        assert_eq!(refused.code(), "CURSOR_INVALID", "{wrong}");
    }
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

/// A desk whose store is looked into.
fn stored() -> (Desk, Arc<Embedded>) {
    let store = Arc::new(Embedded::in_memory().expect("an empty store"));
    (Desk::over(Arc::clone(&store) as _), store)
}

fn by_address(name: &str, addresses: &[&str]) -> Value {
    json!({
        "requester": { "name": "Maria", "email": "maria@example.com" },
        "group": { "name": name, "addresses": addresses },
    })
}

async fn tickets_of(desk: &Desk, caller: &Value, query: &str) -> Vec<String> {
    let found = all(desk, caller, &format!("/tickets?limit=2&{query}")).await;
    let id = |ticket: &Value| ticket["id"].as_str().expect("an id").to_owned();
    found.iter().map(id).collect()
}

#[tokio::test]
async fn people_of_a_group_find_its_tickets_by_the_list_of_the_group() {
    let (desk, store) = stored();
    let both = &["rui@example.com", "Bia@example.com"];
    put(&desk, "1", by_address("N1", both)).await;
    for id in ["2", "3", "4", "5"] {
        put(&desk, id, by_address("N1", &["rui@example.com"])).await;
    }
    put(&desk, "6", by_address("", &["bia@example.com"])).await;
    put(&desk, "7", by_address("Redes", both)).await;
    let member = crate::desk::person("technician", "bia@example.com", &["N1"]);
    for (caller, query, expected) in [
        // What the group works on without her is passed over, and a page is filled all the same.
        (&bia(), "", "7 6 1"),
        (&bia(), "of=me", "7 6 1"),
        (&bia(), "of=group", ""),
        (&member, "", "7 6 5 4 3 2 1"),
        (&member, "of=me", "7 6 1"),
        (&member, "of=group", "5 4 3 2 1"),
    ] {
        let found = tickets_of(&desk, caller, query).await.join(" ");
        assert_eq!(found, expected, "{query}");
    }
    let message = json!({ "text": "Olá", "notify": false });
    let path = "/tickets/1/messages";
    let posted = desk.call(&maria(), "POST", path, Some(message)).await;
    posted.expect(202);
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["1", "7", "6"]);
    let row = |id: &str| keys::membership(&keys::person("bia@example.com"), &id.parse().unwrap());
    let rows = store.get(&[row("1"), row("6")]).await.expect("rows");
    assert!(
        rows[0].is_none(),
        "one row for the group, none for each of its people"
    );
    assert!(rows[1].is_some(), "a group without a name has no list");
    // Who leaves the group has its tickets no longer, on the list and otherwise.
    put(&desk, "1", by_address("N1", &["rui@example.com"])).await;
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["7", "6"]);
}

#[tokio::test]
async fn a_ticket_of_an_earlier_release_is_listed_once_and_moves() {
    let (desk, store) = stored();
    for id in ["1", "2"] {
        put(&desk, id, by_address("N1", &["bia@example.com"])).await;
    }
    // As that release left them: each member has a row of each ticket.
    let person = keys::person("bia@example.com");
    let listing = keys::listing("bia@example.com", &keys::group("n1"));
    for id in ["1", "2"] {
        let id = id.parse().unwrap();
        let key = keys::ticket(&id);
        let mut ticket = store.get(&[key]).await.expect("a ticket").remove(0);
        let ticket = ticket.as_mut().expect("a ticket");
        let gone = ticket.data.as_object_mut().expect("data");
        assert_eq!(gone.remove("group_listed"), Some(json!(true)));
        let place = ticket.index.clone().expect("a place").sort;
        let row = Item::new(keys::membership(&person, &id), "membership", &json!({}))
            .expect("a row")
            .indexed(keys::listed(&person, keys::list_shard(&id)), place);
        let writes = [Write::put(ticket.clone()), Write::put(row)];
        store.commit(writes.into()).await.expect("stored");
    }
    let gone = Write::delete(listing.clone(), Expect::Anything);
    store.commit(vec![gone]).await.expect("deleted");
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["2", "1"]);
    let message = json!({ "text": "Olá", "notify": false });
    let path = "/tickets/1/messages";
    let posted = desk.call(&maria(), "POST", path, Some(message)).await;
    posted.expect(202);
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["1", "2"]);
    put(&desk, "2", by_address("N1", &["bia@example.com"])).await;
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["2", "1"]);
    let rows = ["1", "2"].map(|id| keys::membership(&person, &id.parse().unwrap()));
    let found = store.get(&[&rows[..], &[listing]].concat()).await;
    let there: Vec<bool> = found.expect("rows").iter().map(Option::is_some).collect();
    assert_eq!(there, [false, false, true]);
}

#[tokio::test]
async fn whoever_wrote_has_read_what_they_wrote_however_many_write() {
    let desk = Desk::new();
    put(&desk, "1", by_address("N1", &[])).await;
    let authors: Vec<Value> = (0..12)
        .map(|n| crate::desk::person("technician", &format!("t{n}@example.com"), &["N1"]))
        .collect();
    let unread = async |caller: &Value| {
        let ticket = desk
            .call(caller, "GET", "/tickets/1", None)
            .await
            .expect(200);
        let list = desk.call(caller, "GET", "/tickets", None).await.expect(200);
        assert_eq!(ticket["unread"], list["items"][0]["unread"]);
        ticket["unread"].as_u64().expect("a number")
    };
    for (n, author) in (0_u64..).zip(&authors) {
        let message = json!({ "text": n.to_string(), "notify": false });
        let path = "/tickets/1/messages";
        let posted = desk
            .call(author, "POST", path, Some(message))
            .await
            .expect(202);
        assert_eq!(unread(author).await, 0);
        if n == 4 {
            // The first one looks again: that is kept beside what they wrote.
            let body = Some(json!({ "message_id": posted["id"] }));
            let marked = desk.call(&authors[0], "PUT", "/tickets/1/read", body).await;
            assert_eq!(marked.expect(200)["unread"], 0);
        }
    }
    for (n, author) in (0_u64..).zip(&authors) {
        let seen = if n == 0 { 4 } else { n };
        assert_eq!(unread(author).await, 11 - seen, "author {n}");
    }
}
