//! SES as two emulators understand it, which are neither ours nor each other's.

use domain::reason::Reason;
use serde_json::Value;
use tests::emulator::Emulator;
use transport::{Outcome, OutgoingMail, Transport};

use super::{
    call, mail,
    ses::{client, ses},
};
use crate::mail::{composed, envelope, rendered};

/// A mail as the sender makes them.
fn real() -> OutgoingMail {
    let rendered = rendered("Solicitação 4211 ✅", "<p>Olá, João</p>", "Olá, João");
    OutgoingMail {
        raw: composed(&envelope(), &rendered).raw,
        ..mail("maria@example.com")
    }
}

/// Sends before and after the sender's identity is there.
async fn send(emulator: &Emulator) -> [Outcome; 2] {
    let (client, ses) = (client(&emulator.endpoint()), ses(&emulator.endpoint()));
    let before = ses.send(&real()).await;
    for identity in ["desk@example.com", "maria@example.com"] {
        client
            .create_email_identity()
            .email_identity(identity)
            .send()
            .await
            .unwrap();
    }
    [before, ses.send(&real()).await]
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn ministack_reads_what_went_in() {
    let emulator = Emulator::ministack();
    let [before, after] = send(&emulator).await;
    let Outcome::Held { code, reason, .. } = before else {
        panic!("{before:?}");
    };
    assert_eq!(code, Reason::SenderNotVerified);
    assert!(
        reason.contains("desk@example.com") && !reason.contains("maria@"),
        "{reason}"
    );
    let Outcome::Accepted { id } = after else {
        panic!("{after:?}");
    };
    let (status, body) = call(&emulator.endpoint(), "GET", "/_ministack/ses/messages", "").await;
    assert_eq!(status, 200);
    let stored: Value = serde_json::from_slice(&body).unwrap();
    let accounts = stored["messages"].as_object().unwrap();
    let messages: Vec<&Value> = accounts
        .values()
        .flat_map(|list| list.as_array().unwrap())
        .collect();
    assert_eq!(messages.len(), 1, "{stored}");
    assert_eq!(messages[0]["MessageId"], id);
    assert_eq!(messages[0]["To"], serde_json::json!(["maria@example.com"]));
    assert_eq!(messages[0]["Subject"], "Solicitação 4211 ✅");
    assert_eq!(
        messages[0]["BodyText"].as_str().unwrap().trim_end(),
        "Olá, João"
    );
    assert_eq!(
        messages[0]["BodyHtml"].as_str().unwrap().trim_end(),
        "<p>Olá, João</p>"
    );
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn moto_takes_what_we_send() {
    let emulator = Emulator::moto();
    let [before, after] = send(&emulator).await;
    // moto words the refusal as SES once did, without what tells an identity from a content.
    assert!(
        matches!(
            before,
            Outcome::Refused {
                code: Reason::Rejected,
                ..
            }
        ),
        "{before:?}"
    );
    assert!(matches!(after, Outcome::Accepted { .. }), "{after:?}");
}
