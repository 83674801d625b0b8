//! Pictures that are pasted into the portal: files of the message, or told in the answer.

use serde_json::{Value, json};
use service::settings::Settings;
use tests::memory::Memory;

use crate::desk::{Answer, Desk, TICKET, bia, integration, maria, warnings};

const PIXEL: &str = "iVBORw0KGgo=";

async fn post(desk: &Desk<Memory>, html: &str, language: &str) -> Answer {
    let path = format!("/tickets/{TICKET}/messages");
    let body = Some(json!({ "html": html }));
    let headers = [("accept-language", language)];
    desk.call_with(&bia(), "POST", &path, &headers, body).await
}

fn codes(posted: &Value) -> Vec<&str> {
    let warnings = posted["warnings"].as_array().into_iter().flatten();
    warnings.map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_pasted_picture_becomes_a_file_of_the_message() {
    let desk = Desk::receiving().await;
    // Longer than any text may be: a picture does not count as text.
    let large = "A".repeat(120_000);
    let html = format!(
        "<p>Veja: <img alt=\"tela\" src=\"data:image/png;base64,{PIXEL}\"> e <IMG src='data:image/jpeg;base64,{large}'></p>"
    );
    let posted = post(&desk, &html, "pt").await.expect(202);
    assert_eq!(codes(&posted), Vec::<&str>::new(), "{posted}");
    let message = desk.conversation(&maria()).await.pop().unwrap();
    assert_eq!(message["text"], "Veja: tela[image1.png] e [image2.jpg]");
    let files = message["attachments"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!(
        (&files[0]["name"], &files[0]["size"]),
        (&json!("image1.png"), &json!(8))
    );
    assert_eq!(files[0]["not_scanned"], true);
    assert!(!message["html"].as_str().unwrap().contains("data:"));
    let id = posted["id"].as_str().unwrap();
    let path = format!("/tickets/{TICKET}/messages/{id}/attachments/0");
    let link = desk.call(&maria(), "GET", &path, None).await.expect(200);
    let url = link["url"].as_str().unwrap();
    let file = desk.call(&Value::Null, "GET", url, None).await;
    assert_eq!(file.status, 200);
    assert_eq!(desk.stored().len(), 2);
    // A picture alone is a message.
    let alone = format!("<img src=\"data:image/png;base64,{PIXEL}\">");
    post(&desk, &alone, "pt").await.expect(202);
}

#[tokio::test]
async fn what_is_not_kept_is_told_in_the_callers_language() {
    let desk = Desk::receiving().await;
    desk.set(278, "9").await;
    desk.set(318, "svg").await;
    let html = format!(
        "<p>a<img src=\"data:image/png;base64,{PIXEL}\"><img src=\"data:image/png;base64,AAAAAAAAAAAAAAAA\">\
         <img src=\"data:image/svg+xml;base64,{PIXEL}\"><img src=\"cid:1\"><img src='file:///c/a.png'></p>"
    );
    let wanted = ["PICTURE_TOO_LARGE", "PICTURE_REFUSED", "PICTURE_ELSEWHERE"];
    for (language, words) in [
        ("pt", "grande demais"),
        ("en", "too large"),
        ("es", "demasiado grande"),
    ] {
        let posted = post(&desk, &html, language).await.expect(202);
        assert_eq!(codes(&posted), wanted, "{posted}");
        let first = &posted["warnings"][0];
        assert_eq!(
            (&first["field"], &first["name"]),
            (&json!("html"), &json!("image2.png"))
        );
        assert!(
            first["message"].as_str().unwrap().contains(words),
            "{first}"
        );
    }
    let message = desk.conversation(&bia()).await.pop().unwrap();
    let names: Vec<_> = message["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, [&json!("image1.png")]);
    // The same key answers the same, in the language of whoever asks again.
    let path = format!("/tickets/{TICKET}/messages");
    let body = json!({ "html": html });
    let mut answers = Vec::new();
    for language in ["en", "es"] {
        let headers = [("accept-language", language), ("idempotency-key", "k")];
        let call = desk
            .call_with(&bia(), "POST", &path, &headers, Some(body.clone()))
            .await;
        answers.push(call.expect(202));
    }
    assert_eq!(answers[0]["id"], answers[1]["id"]);
    assert_eq!(codes(&answers[1]), wanted);
    assert_ne!(
        answers[0]["warnings"][0]["message"],
        answers[1]["warnings"][0]["message"]
    );
}

#[tokio::test]
async fn where_no_files_are_kept_the_answer_says_so() {
    let desk = Desk::receiving().await;
    let settings = Settings::read(|_| None).unwrap();
    let desk = Desk::shared(desk.store.clone(), settings);
    let html = format!("<p>a<img src=\"data:image/png;base64,{PIXEL}\"></p>");
    let posted = post(&desk, &html, "en").await.expect(202);
    assert_eq!(codes(&posted), ["PICTURE_NOT_KEPT"]);
}

#[tokio::test]
async fn a_picture_in_a_text_of_the_ticket_is_told() {
    let desk = Desk::receiving().await;
    let picture = format!("<p>a<img src=\"data:image/png;base64,{PIXEL}\"></p>");
    let snapshot = json!({ "requester": { "email": "maria@example.com" }, "description": picture,
        "response": "<img src='cid:x'>", "observation": "<img src='https://example.com/a.png'>" });
    let path = format!("/tickets/{TICKET}");
    let put = desk
        .call(&integration(), "PUT", &path, Some(snapshot))
        .await;
    let put = put.expect(200);
    assert_eq!(
        warnings(&put),
        [
            ("PICTURE_NOT_SHOWN", "description"),
            ("PICTURE_NOT_SHOWN", "response")
        ]
    );
}
