//! `POST /templates/{id}/test`: to the allow-list alone, marked, once for each key.

use std::time::Duration;

use domain::{
    reason::Reason,
    suppression::{Cause, Origin, Suppression},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use storage::{Item, Write, keys};
use transport::Outcome;
use uuid::Uuid;

use crate::desk::{Answer, Desk, admin};
use crate::sending::transport::Act;

const ALLOWED: (&str, &str) = ("TEST_RECIPIENTS", "Rita@Example.com, @teste.example");

async fn desk() -> Desk {
    let desk = Desk::with(&[ALLOWED, ("REPLY_DOMAIN", "reply.example.com")]);
    let draft = json!({
        "identifier": "m", "title": "Chamado ${IDSOLICITACAOSERVICO}", "status": "inactive",
        "html": "<p>${COMMENTTEXT}</p>",
        "locales": { "en": { "title": "Ticket ${IDSOLICITACAOSERVICO}", "html": "<p>${COMMENTTEXT}</p>" } },
    });
    desk.call(&admin(), "POST", "/templates", Some(draft))
        .await
        .expect(201);
    desk
}

async fn send(desk: &Desk, key: &str, body: Value) -> Answer {
    let headers = [("idempotency-key", key)];
    let headers = &headers[..usize::from(!key.is_empty())];
    desk.call_with(&admin(), "POST", "/templates/1/test", headers, Some(body))
        .await
}

#[tokio::test]
async fn a_test_mail_is_marked_and_answers_to_nothing() {
    let desk = desk().await;
    for (to, locale, subject) in [
        ("rita@example.com", None, "[TESTE] Chamado 2041"),
        (
            "qualquer@TESTE.example",
            Some("en-US"),
            "[TESTE] Ticket 2041",
        ),
        ("rita@example.com", Some("fr"), "[TESTE] Chamado 2041"),
    ] {
        let sent = send(&desk, "", json!({ "to": to, "locale": locale })).await;
        let sent = sent.expect(200);
        assert_eq!(
            (&sent["status"], &sent["subject"]),
            (&json!("accepted"), &json!(subject))
        );
        let mail = desk.transport.mails().pop().expect("a mail");
        let raw = String::from_utf8(mail.raw).expect("ASCII");
        assert!(raw.contains(&format!("Subject: {subject}\r\n")), "{raw}");
        assert!(!raw.contains("Reply-To") && !raw.contains("${"), "{raw}");
        assert_eq!(
            (mail.kind, sent["size"].as_u64()),
            ("test", Some(raw.len() as u64))
        );
        assert!(mail.to.as_str().eq_ignore_ascii_case(to));
    }
}

#[tokio::test]
async fn it_goes_to_nobody_else() {
    let desk = desk().await;
    for to in [
        "maria@example.com",
        "rita@example.com.br",
        "rita@sub.teste.example",
        "teste.example",
        "@teste.example",
        "a@teste.example, b@other.example",
        "",
    ] {
        let refused = send(&desk, "", json!({ "to": to })).await;
        assert_eq!(
            refused.code(),
            "RECIPIENT_NOT_ALLOWED",
            "{to}: {}",
            refused.text
        );
    }
    let closed = Desk::new();
    let refused = send(&closed, "", json!({ "to": "rita@example.com" })).await;
    assert_eq!(refused.code(), "RECIPIENT_NOT_ALLOWED");
    assert!(refused.text.contains("TEST_RECIPIENTS"));
    assert!(desk.transport.mails().is_empty());
}

/// Mail to Rita bounced then.
async fn suppress(desk: &Desk, since: Timestamp) {
    let origin = Origin {
        ticket_id: "1".parse().unwrap(),
        message_id: Uuid::nil(),
        delivery_id: Uuid::nil(),
    };
    let rita = "rita@example.com";
    let suppression = Suppression::new(&rita.into(), Cause::Transient, Some(origin), None, since);
    let entry = Item::new(
        keys::suppression(&suppression.address),
        "suppression",
        &suppression,
    )
    .expect("an item");
    let write = Write::put(entry);
    desk.app.store.commit(vec![write]).await.expect("stored");
}

#[tokio::test]
async fn what_keeps_other_mail_keeps_it_too() {
    let desk = desk().await;
    let rita = || json!({ "to": "rita@example.com" });
    let missing = desk
        .call(&admin(), "POST", "/templates/9/test", Some(rita()))
        .await;
    assert_eq!(missing.code(), "NOT_FOUND");
    suppress(&desk, desk.app.now()).await;
    let refused = send(&desk, "", rita()).await;
    assert_eq!(refused.code(), "STATE_CONFLICT");
    assert!(refused.text.contains("suppressed"));
    suppress(
        &desk,
        desk.app.now() - SignedDuration::from_hours(24 * 3650),
    )
    .await;
    send(&desk, "", rita()).await.expect(200);
    let sent = desk.transport.mails().len();
    desk.call(
        &admin(),
        "PUT",
        "/parameters/297",
        Some(json!({ "value": "S" })),
    )
    .await
    .expect(200);
    let refused = send(&desk, "", json!({ "to": "a@teste.example" })).await;
    assert_eq!(refused.code(), "STATE_CONFLICT");
    assert!(refused.text.contains("297"));
    assert_eq!(desk.transport.mails().len(), sent);
}

#[tokio::test]
async fn a_key_sends_once() {
    let desk = desk().await;
    let rita = || json!({ "to": "rita@example.com" });
    let first = send(&desk, "k", rita()).await.expect(200);
    let second = send(&desk, "k", rita()).await;
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(second.expect(200), first);
    let other = send(&desk, "k", json!({ "to": "a@teste.example" })).await;
    assert_eq!(other.code(), "IDEMPOTENCY_MISMATCH");
    assert_eq!(desk.transport.mails().len(), 1);
    // The process ends while the mail is under way: nobody knows, and nothing leaves again.
    desk.transport.hang();
    desk.transport.called().await;
    tokio::select! {
        answer = send(&desk, "l", rita()) => panic!("{answer:?}"),
        () = desk.transport.called() => {}
    }
    let again = send(&desk, "l", rita()).await.expect(200);
    assert_eq!(again["status"], "unknown");
    assert_eq!(desk.transport.mails().len(), 2);
}

#[tokio::test]
async fn what_became_of_it_is_told() {
    let desk = desk().await;
    let reason = || "porque sim".to_owned();
    let after = Duration::ZERO;
    for (outcome, status, code) in [
        (
            Outcome::Unknown { reason: reason() },
            "unknown",
            "NO_ANSWER",
        ),
        (
            Outcome::Stop { reason: reason() },
            "not_sent",
            "SENDING_STOPPED",
        ),
        (
            Outcome::Refused {
                code: Reason::Rejected,
                reason: reason(),
            },
            "not_sent",
            "REJECTED",
        ),
        (
            Outcome::Held {
                scope: transport::Scope::Mail,
                code: Reason::SenderNotVerified,
                after,
                reason: reason(),
            },
            "not_sent",
            "SENDER_NOT_VERIFIED",
        ),
        (
            Outcome::Retry {
                after,
                counts: true,
                reason: reason(),
            },
            "not_sent",
            "NOT_REACHED",
        ),
        (
            Outcome::Retry {
                after,
                counts: false,
                reason: reason(),
            },
            "not_sent",
            "THROTTLED",
        ),
    ] {
        desk.transport.then(Act::Answer(outcome));
        let sent = send(&desk, "", json!({ "to": "rita@example.com" })).await;
        let sent = sent.expect(200);
        assert_eq!(
            (&sent["status"], &sent["code"], &sent["reason"]),
            (&json!(status), &json!(code), &json!("porque sim"))
        );
    }
}

/// What cannot be stored is not a test mail either: a blank or cut mail would say nothing of what others
/// will get. It is told as storing it tells it.
#[tokio::test]
async fn a_draft_that_storing_refuses_is_not_sent() {
    let desk = desk().await;
    let before = desk.transport.mails().len();
    for draft in [
        json!({ "title": "${X", "html": "" }),
        json!({ "title": "", "html": "<p>${COMMENTTEXT}</p>" }),
        json!({ "title": "t", "html": "<p>${DESCONHECIDA}</p>" }),
        json!({ "title": "t", "html": "<p>{% if %}</p>", "syntax": "tera" }),
        json!({ "title": "t", "html": "<p>a</p>", "locales": { "en": { "title": "${X", "html": "" } } }),
        json!({ "title": "t", "html": "<p>a</p>", "locales": { "?": { "title": "t", "html": "a" } } }),
    ] {
        let mut stored = draft.clone();
        stored["identifier"] = json!("x");
        let stored = desk
            .call(&admin(), "POST", "/templates", Some(stored))
            .await;
        for path in ["/templates/1/test", "/templates/test"] {
            let body = json!({ "to": "rita@example.com", "draft": draft });
            let sent = desk.call(&admin(), "POST", path, Some(body)).await;
            assert_eq!(sent.code(), stored.code(), "{path} {}", sent.text);
            assert_eq!(sent.body["errors"], stored.body["errors"], "{path} {draft}");
            sent.expect(422);
        }
    }
    assert_eq!(desk.transport.mails().len(), before);
    // What only warns is sent.
    let fine = json!({ "title": "t", "html": "<p>sem chave</p>" });
    let sent = send(
        &desk,
        "",
        json!({ "to": "rita@example.com", "draft": fine }),
    )
    .await;
    assert_eq!(sent.expect(200)["status"], "accepted");
}
