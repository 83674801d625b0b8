//! Mails that were found to go wrong: each becomes what it should.
//!
//! Equivalents of our own are in `answers.rs`, `tests/inbound/kept.txt` and beside the code.

use std::fs;

use mail::inbound::parse;
use serde_json::json;
use service::inbound::Received;
use tests::corpus;

use crate::desk;
use crate::desk::{DOMAIN, Desk};

const ANA: &str = "ana@example.com";

/// What a row says of the text, where it tells it in words.
fn text_of(name: &str, told: &str, raw: &[u8]) -> Option<String> {
    let whole = parse(raw).unwrap().reply.full;
    match told {
        _ if told.starts_with("the person's own lines")
            || told.starts_with("the text of the part") =>
        {
            Some(whole)
        }
        _ if told.starts_with("the text of the HTML") || told.starts_with("UTF-8 with U+FFFD") => {
            None
        }
        _ => {
            let bare = told.split(" (").next().unwrap_or_default();
            assert!(!bare.is_empty() || name.starts_with("auto"), "{name}");
            Some(bare.replace("\\n", "\n"))
        }
    }
}

#[tokio::test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
async fn every_mail_of_the_corpus_that_went_wrong_becomes_what_it_should() {
    let corpus = corpus();
    let folder = corpus.join("faults/inbound");
    let desk = Desk::without_tickets();
    for id in ["100", "200"] {
        let snapshot = json!({ "requester": { "name": "Ana", "email": ANA } });
        let path = format!("/tickets/{id}");
        let integration = desk::integration();
        let put = desk.call(&integration, "PUT", &path, Some(snapshot)).await;
        put.expect(201);
    }
    let table = fs::read_to_string(folder.join("EXPECTED.tsv")).unwrap();
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let (name, becomes) = (columns[0], columns[1]);
        let column = |at: usize| columns.get(at).copied().unwrap_or_default();
        let raw = fs::read(folder.join(name)).unwrap();
        let mut whole = raw.clone();
        for (mark, put) in [
            (
                "REPLY-TO-200",
                format!("reply+{}@{DOMAIN}", desk.token("200", ANA)),
            ),
            (
                "REPLY-TO",
                format!("reply+{}@{DOMAIN}", desk.token("100", ANA)),
            ),
            (
                "<MESSAGE-ID>",
                "<0100018f1a2b3c4d-aaaa-000000@email.amazonses.com>".to_owned(),
            ),
        ] {
            while let Some(at) = whole.windows(mark.len()).position(|w| w == mark.as_bytes()) {
                whole.splice(at..at + mark.len(), put.bytes());
            }
        }
        let received = desk.take(&whole).await;
        rows += 1;
        if becomes.starts_with("ignored") {
            assert!(
                matches!(received, Received::Ignored(_)),
                "{name}: {received:?}"
            );
            continue;
        }
        let Received::Message {
            ticket_id,
            message_id,
        } = received
        else {
            panic!("{name}: {received:?}");
        };
        assert_eq!(
            ticket_id == "200",
            column(2).contains("on ticket 200"),
            "{name}"
        );
        let path = format!("/tickets/{ticket_id}/messages/{message_id}");
        let admin = desk::admin();
        let shown = desk.call(&admin, "GET", &path, None).await.expect(200);
        let text = shown["text"].as_str().unwrap();
        match text_of(name, column(2), &raw) {
            Some(expected) => assert_eq!(text, expected, "{name}"),
            None if column(2).contains("U+FFFD") => {
                assert_eq!(text.matches('\u{fffd}').count(), 1, "{name}: {text}");
            }
            None => {
                let source = String::from_utf8_lossy(&raw);
                assert!(source.contains(&format!("<p>{text}</p>")), "{name}: {text}");
            }
        }
        let files = shown["attachments"].as_array().cloned().unwrap_or_default();
        match column(3) {
            "" => assert!(files.is_empty(), "{name}"),
            "one picture" => assert_eq!(files.len(), 1, "{name}"),
            file => assert_eq!(files[0]["name"], file, "{name}"),
        }
        desk.wait(jiff::SignedDuration::from_hours(5));
    }
    assert!(rows >= 17, "only {rows} rows");
}
