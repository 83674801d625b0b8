//! What a writer is told before a message goes, and how they take it back.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::desk::{Answer, Desk, admin, bia, integration, maria, person};

const PATH: &str = "/tickets/1/messages";

/// A desk with a template, whose clock is moved by hand.
async fn desk() -> Desk {
    let desk = Desk::at("2027-01-15T08:00:00Z".parse().expect("a time"), &[]);
    desk.ticket("1").await;
    let draft = json!({ "identifier": "m", "title": "[${IDSOLICITACAOSERVICO}] mensagem",
        "html": "<p>${COMMENTTEXT}</p>" });
    desk.call(&admin(), "POST", "/templates", Some(draft))
        .await
        .expect(201);
    let number = Some(json!({ "value": "1" }));
    desk.call(&admin(), "PUT", "/parameters/417", number)
        .await
        .expect(200);
    desk
}

async fn post(desk: &Desk, caller: &Value, message: Value) -> Answer {
    desk.call(caller, "POST", PATH, Some(message)).await
}

async fn ticket(desk: &Desk, caller: &Value) -> Value {
    let ticket = desk.call(caller, "GET", "/tickets/1", None).await;
    ticket.expect(200)
}

fn of(posted: &Value) -> String {
    format!("{PATH}/{}", posted["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_preview_says_who_gets_it_and_shows_the_mail() {
    let desk = desk().await;
    let preview = format!("{PATH}/preview");
    let asked = async |caller: &Value, message: Value| {
        let answer = desk.call(caller, "POST", &preview, Some(message)).await;
        answer.expect(200)
    };
    let message = json!({ "html": "<p>Pode <b>testar</b>?<script>x</script></p>" });
    let said = asked(&bia(), message.clone()).await;
    let posted = post(&desk, &bia(), message).await.expect(202);
    let mailed = said["recipients"].as_array().expect("recipients").iter();
    let mailed: Vec<_> = mailed
        .filter(|one| one["mailed"] == true)
        .map(|one| &one["to"])
        .collect();
    let got = posted["deliveries"].as_array().expect("deliveries").iter();
    let got: Vec<_> = got.map(|one| &one["to"]).collect();
    assert_eq!(mailed, got, "what was said is what happened");
    assert_eq!(said["subject"], "[1] mensagem");
    let html = said["html"].as_str().expect("html");
    assert!(
        html.contains("<b>testar</b>") && !html.contains("script"),
        "{html}"
    );
    let internal = asked(&bia(), json!({ "visibility": "internal" })).await;
    assert_eq!(internal["recipients"][0]["mailed"], false);
    assert_eq!(internal["recipients"][0]["decision"]["code"], "INTERNAL");
    let of_maria = asked(&maria(), json!({ "text": "oi" })).await;
    assert_eq!(of_maria.get("html"), None);
    let to = of_maria["recipients"][0]["to"]
        .as_str()
        .expect("an address");
    assert!(to.contains('*'), "{to}");
    let list = desk.call(&bia(), "GET", PATH, None).await.expect(200);
    let stored = list["items"].as_array().map(Vec::len);
    assert_eq!(stored, Some(1), "a preview stores nothing");
}

#[tokio::test]
async fn a_message_is_taken_back_as_if_it_had_never_been() {
    let desk = desk().await;
    let stays = json!({ "text": "fica", "notify": false });
    post(&desk, &bia(), stays).await.expect(202);
    let before = ticket(&desk, &maria()).await;
    let posted = post(&desk, &bia(), json!({ "text": "ops", "delay_s": 10 })).await;
    let posted = posted.expect(202);
    assert!(posted["undo_until"].is_string());
    let sender = desk.sender.clone();
    sender.sweep().await.expect("a sweep");
    assert_eq!(desk.transport.mails().len(), 0, "nothing leaves before");
    // Somebody reads it at once.
    let mark = json!({ "message_id": posted["id"] });
    desk.call(&maria(), "PUT", "/tickets/1/read", Some(mark))
        .await
        .expect(200);
    let path = of(&posted);
    let colleague = person("technician", "x@example.com", &["n1"]);
    for other in [colleague, maria()] {
        desk.call(&other, "DELETE", &path, None).await.expect(403);
    }
    desk.call(&bia(), "DELETE", &path, None).await.expect(204);
    desk.call(&bia(), "DELETE", &path, None).await.expect(404);
    let list = desk.call(&maria(), "GET", PATH, None).await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    let after = ticket(&desk, &maria()).await;
    assert_eq!(after["messages"], before["messages"]);
    desk.wait(SignedDuration::from_secs(60));
    sender.sweep().await.expect("a sweep");
    assert_eq!(desk.transport.mails().len(), 0, "no mail of it leaves");
    let new = json!({ "text": "nova", "notify": false });
    post(&desk, &bia(), new).await.expect(202);
    let unread = ticket(&desk, &maria()).await["unread"].clone();
    assert_eq!(unread, 1, "what came then is new");
}

#[tokio::test]
async fn what_a_requester_may_not_see_neither_keeps_a_message_nor_shows() {
    let desk = desk().await;
    let note = |text: &str| json!({ "text": text, "visibility": "internal" });
    let first = post(&desk, &maria(), json!({ "text": "a", "notify": false })).await;
    first.expect(202);
    let posted = post(&desk, &maria(), json!({ "text": "ops", "delay_s": 60 })).await;
    let posted = posted.expect(202);
    // Bia has read the message, and not yet what a colleague notes.
    let mark = json!({ "message_id": posted["id"] });
    desk.call(&bia(), "PUT", "/tickets/1/read", Some(mark))
        .await
        .expect(200);
    let colleague = person("technician", "x@example.com", &["n1"]);
    let noted = post(&desk, &colleague, note("interna")).await.expect(202);
    let taken = desk.call(&maria(), "DELETE", &of(&noted), None).await;
    let unknown = format!("{PATH}/{}", uuid::Uuid::now_v7());
    let nothing = desk.call(&maria(), "DELETE", &unknown, None).await;
    assert_eq!(taken.status, 404);
    assert_eq!(taken.body["detail"], nothing.body["detail"]);
    desk.call(&maria(), "DELETE", &of(&posted), None)
        .await
        .expect(204);
    assert_eq!(ticket(&desk, &bia()).await["unread"], 1, "the note is new");
    assert_eq!(ticket(&desk, &bia()).await["messages"], 2);
    assert_eq!(ticket(&desk, &maria()).await["messages"], 1);
    desk.wait(SignedDuration::from_secs(61));
    desk.sender.sweep().await.expect("a sweep");
    let left = desk.transport.mails();
    assert!(
        left.iter()
            .all(|mail| mail.message_id.to_string() == noted["id"]),
        "its mail never leaves"
    );
}

#[tokio::test]
async fn the_last_page_of_a_requester_says_nothing_of_what_is_left_out() {
    let desk = desk().await;
    for at in 0..3 {
        let text = json!({ "text": format!("p{at}"), "notify": false });
        post(&desk, &bia(), text).await.expect(202);
        for _ in 0..4 {
            let note = json!({ "text": "n", "visibility": "internal", "notify": false });
            post(&desk, &bia(), note).await.expect(202);
        }
    }
    for (order, limit) in [
        ("asc", 1),
        ("asc", 3),
        ("desc", 1),
        ("desc", 2),
        ("desc", 3),
    ] {
        let mut path = format!("{PATH}?order={order}&limit={limit}");
        let (mut seen, mut pages) = (0, 0);
        loop {
            let page = desk.call(&maria(), "GET", &path, None).await.expect(200);
            let items = page["items"].as_array().map_or(0, Vec::len);
            assert!(items > 0, "no page is empty: {path}");
            (seen, pages) = (seen + items, pages + 1);
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("{PATH}?order={order}&limit={limit}&cursor={next}");
        }
        assert_eq!(
            (seen, pages),
            (3, 3_usize.div_ceil(limit)),
            "{order} {limit}"
        );
    }
}

#[tokio::test]
async fn what_is_taken_back_counts_for_nothing_that_comes_later() {
    let desk = desk().await;
    for _ in 0..12 {
        let message = json!({ "text": "ops", "delay_s": 10 });
        let posted = post(&desk, &bia(), message).await.expect(202);
        desk.call(&bia(), "DELETE", &of(&posted), None)
            .await
            .expect(204);
    }
    let posted = post(&desk, &bia(), json!({ "text": "nova" })).await;
    let posted = posted.expect(202);
    let deliveries = posted["deliveries"].as_array().expect("deliveries");
    assert!(!deliveries.is_empty());
    for delivery in deliveries {
        assert_eq!(delivery["status"], "queued", "no storm was there");
    }
    desk.sender.sweep().await.expect("a sweep");
    assert_eq!(desk.transport.mails().len(), deliveries.len());
}

#[tokio::test]
async fn a_mail_that_a_storm_holds_waits_until_it_may_not_be_taken_back_any_more() {
    let desk = desk().await;
    for _ in 0..10 {
        post(&desk, &bia(), json!({ "text": "a" }))
            .await
            .expect(202);
    }
    desk.sender.sweep().await.expect("a sweep");
    let before = desk.transport.mails().len();
    // Five seconds before there is room for the next one.
    desk.wait(SignedDuration::from_secs(595));
    let undo = json!({ "text": "ops", "delay_s": 60 });
    let posted = post(&desk, &bia(), undo).await.expect(202);
    assert_eq!(posted["deliveries"][0]["status"], "held");
    desk.wait(SignedDuration::from_secs(4));
    for _ in 0..2 {
        desk.wait(SignedDuration::from_secs(10));
        desk.sender.sweep().await.expect("a sweep");
        assert_eq!(desk.transport.mails().len(), before, "it may be taken back");
    }
    desk.call(&bia(), "DELETE", &of(&posted), None)
        .await
        .expect(204);
    // Its moment is free again: fifteen within half an hour would be too many otherwise.
    for _ in 0..6 {
        let again = post(&desk, &bia(), json!({ "text": "ops", "delay_s": 60 })).await;
        desk.call(&bia(), "DELETE", &of(&again.expect(202)), None)
            .await
            .expect(204);
    }
    let next = post(&desk, &bia(), json!({ "text": "b", "delay_s": 60 })).await;
    let next = next.expect(202);
    desk.wait(SignedDuration::from_secs(61));
    desk.sender.sweep().await.expect("a sweep");
    let sent = next["deliveries"].as_array().expect("deliveries").len();
    assert_eq!(desk.transport.mails().len(), before + sent);
}

#[tokio::test]
async fn a_preview_refuses_what_posting_refuses() {
    let desk = desk().await;
    let misspelled = json!({ "text": "x", "visiblity": "internal" });
    let posted = post(&desk, &bia(), misspelled.clone()).await;
    let preview = format!("{PATH}/preview");
    let shown = desk.call(&bia(), "POST", &preview, Some(misspelled)).await;
    assert_eq!((posted.status, posted.code()), (shown.status, shown.code()));
    assert_eq!(posted.body["errors"], shown.body["errors"]);
    assert_eq!(shown.status, 422);
}

#[tokio::test]
async fn too_late_is_too_late() {
    let desk = desk().await;
    let delayed = json!({ "text": "a", "delay_s": 10 });
    let undo = async |posted: &Value| desk.call(&bia(), "DELETE", &of(posted), None).await;
    let at_once = post(&desk, &bia(), json!({ "text": "a" }))
        .await
        .expect(202);
    assert_eq!(
        undo(&at_once).await.code(),
        "STATE_CONFLICT",
        "without a delay"
    );
    let answered = post(&desk, &bia(), delayed.clone()).await.expect(202);
    post(&desk, &maria(), json!({ "text": "b" }))
        .await
        .expect(202);
    assert_eq!(
        undo(&answered).await.code(),
        "STATE_CONFLICT",
        "somebody answered"
    );
    let late = post(&desk, &bia(), delayed).await.expect(202);
    desk.wait(SignedDuration::from_secs(11));
    assert_eq!(undo(&late).await.code(), "STATE_CONFLICT");
    let sender = desk.sender.clone();
    sender.sweep().await.expect("a sweep");
    assert!(
        !desk.transport.mails().is_empty(),
        "it leaves when its delay is over"
    );
    for wrong in [61, -1] {
        let message = json!({ "text": "a", "delay_s": wrong });
        let refused = post(&desk, &bia(), message).await;
        assert!(
            [400, 422].contains(&refused.status.as_u16()),
            "{}",
            refused.text
        );
    }
    let automatic = json!({ "text": "a", "delay_s": 5, "automatic": true,
        "author": { "name": "x", "role": "technician" } });
    post(&desk, &integration(), automatic).await.expect(422);
}

#[tokio::test]
async fn who_has_not_seen_the_newest_is_asked_first() {
    let desk = desk().await;
    let first = post(&desk, &maria(), json!({ "text": "a" }))
        .await
        .expect(202);
    let note = json!({ "text": "nota", "visibility": "internal" });
    let note = post(&desk, &bia(), note).await.expect(202);
    let seen = |id: &Value| json!({ "text": "b", "if_seen": id });
    let refused = post(&desk, &bia(), seen(&first["id"])).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "NEWER_MESSAGE")
    );
    // A note is nothing that the requester could have seen.
    post(&desk, &maria(), seen(&first["id"])).await.expect(202);
    let refused = post(&desk, &bia(), seen(&note["id"])).await;
    let detail = refused.body["detail"].as_str().expect("a detail");
    assert!(detail.contains("Maria"), "{detail}");
    let list = desk.call(&bia(), "GET", PATH, None).await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
}
