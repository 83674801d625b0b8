//! What stands on one line: names, titles, words of a ticket.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration};

/// What ends a line for some program, or shows nothing.
const BREAKS: [&str; 6] = ["\r\n", "\n", "\u{b}", "\u{85}", "\u{2028}", "\t"];

#[tokio::test]
async fn what_somebody_writes_on_one_line_has_no_line_ends() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for breaks in BREAKS {
        let text = format!("a{breaks}Bcc: x@example.com");
        let from = format!("A{breaks}B <a@example.com>");
        let template = json!({ "identifier": "x", "title": text, "html": "<p>${COMMENTTEXT}</p>" });
        let group =
            json!({ "title": "x", "text": "y", "of": "group", "group": format!("N{breaks}1") });
        let title = json!({ "title": text, "text": "y" });
        for (caller, method, path, body, code) in [
            (bia(), "POST", "/snippets", title, "CONTROL_CHARACTER"),
            (bia(), "POST", "/snippets", group, "CONTROL_CHARACTER"),
            (
                bia(),
                "POST",
                "/tickets/1/messages",
                json!({ "text": "x", "category": text }),
                "CONTROL_CHARACTER",
            ),
            (
                bia(),
                "POST",
                "/tickets/1/messages",
                json!({ "text": "x", "origin": text }),
                "CONTROL_CHARACTER",
            ),
            (admin(), "POST", "/templates", template, "CONTROL_CHARACTER"),
            (
                admin(),
                "PUT",
                "/identities/A",
                json!({ "from": from }),
                "ADDRESS_INVALID",
            ),
            (
                admin(),
                "PUT",
                "/parameters/10",
                json!({ "value": from }),
                "VALUE_INVALID",
            ),
        ] {
            let mut told = Vec::new();
            for language in ["en", "pt-BR", "es"] {
                let headers = [("accept-language", language)];
                let body = Some(body.clone());
                let answer = desk.call_with(&caller, method, path, &headers, body).await;
                assert_eq!(answer.status, 422, "{path} {breaks:?}: {}", answer.text);
                assert!(answer.text.contains(code), "{path}: {}", answer.text);
                told.push(answer.body["detail"].clone());
            }
            told.dedup();
            assert_eq!(told.len(), 3, "{told:?}");
        }
    }
    let trailing = json!({ "title": " Saudação\n", "text": "Olá" });
    let kept = desk.call(&bia(), "POST", "/snippets", Some(trailing)).await;
    assert_eq!(kept.expect(201)["title"], "Saudação");
}

#[tokio::test]
async fn what_another_system_keeps_with_line_ends_stands_on_one_line() {
    let desk = Desk::new();
    for (number, breaks) in BREAKS.iter().enumerate() {
        let text = format!("a{breaks}b");
        let path = format!("/tickets/{number}");
        let snapshot = json!({
            "requester": { "name": text, "email": "maria@example.com", "department": text },
            "responsible": { "name": text, "email": "bia@example.com", "phone": text },
            "group": { "name": text }, "status": text, "contract": text, "service": text,
            "observation": text,
        });
        let itsm = integration();
        let stored = desk.call(&itsm, "PUT", &path, Some(snapshot)).await;
        stored.expect(201);
        let seen = desk.call(&admin(), "GET", &path, None).await.expect(200);
        let line = "a b";
        for pointer in [
            "/requester/name",
            "/requester/department",
            "/responsible/name",
            "/responsible/phone",
            "/group/name",
            "/status",
            "/contract",
            "/service",
        ] {
            assert_eq!(seen.pointer(pointer), Some(&json!(line)), "{pointer}");
        }
        let event: Value = json!({
            "id": format!("m-{number}"), "detail-type": "MessageCreated", "source": "citsmart",
            "time": "2026-01-01T10:00:00Z",
            "detail": { "ticket": { "id": number.to_string() }, "message": {
                "text": "x\ny", "category": text, "origin": text,
                "author": { "name": text, "email": "maria@example.com", "role": "requester" } } },
        });
        events::handle(&desk.app, event).await.unwrap();
        let path = format!("{path}/messages");
        let list = desk.call(&admin(), "GET", &path, None).await.expect(200);
        let message = &list["items"][0];
        assert_eq!(message["text"], "x\ny");
        assert_eq!(message["category"], line);
        assert_eq!(message["origin"], line);
        assert_eq!(message["author"]["name"], "a b");
    }
}
