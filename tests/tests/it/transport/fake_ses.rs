//! The fake SES commanded over HTTP, as a harness in another process does.

use super::{call, mail, ses::ses};
use fake_ses::FakeSes;
use mail::ses_event::{Happening, parse};
use serde_json::{Value, json};
use transport::{Outcome, Transport};

async fn json_of(fake: &FakeSes, method: &str, path: &str, body: &str) -> Value {
    let (status, body) = call(&fake.url(), method, path, body).await;
    assert_eq!(
        status,
        200,
        "{method} {path}: {}",
        String::from_utf8_lossy(&body)
    );
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn a_harness_in_another_process_can_do_everything() {
    let fake = FakeSes::start().await.unwrap();
    let ses = ses(&fake.url());
    let script = r#"{"next": [{"do": "throttle"}, {"do": "accept_then_drop"}]}"#;
    json_of(&fake, "PUT", "/fake/script", script).await;
    let mail = mail("maria@example.com");
    assert!(matches!(
        ses.send(&mail).await,
        Outcome::Retry { counts: false, .. }
    ));
    assert!(matches!(ses.send(&mail).await, Outcome::Unknown { .. }));

    let counts = json_of(&fake, "GET", "/fake/counts", "").await;
    let figures = [
        &counts["sends"],
        &counts["accepted"],
        &counts["throttled"],
        &counts["unanswered"],
    ];
    assert_eq!(figures, [&json!(2), &json!(1), &json!(1), &json!(1)]);

    let mails = json_of(&fake, "GET", "/fake/mails?from=1", "").await;
    assert_eq!(
        mails[0]["tags"]["delivery_id"],
        mail.delivery_id.to_string()
    );
    assert_eq!(mails[0]["size"], mail.raw.len());
    assert_eq!(
        json_of(&fake, "GET", "/fake/mails?from=2", "").await,
        json!([])
    );
    let (_, raw) = call(&fake.url(), "GET", "/fake/mails/1.eml", "").await;
    assert_eq!(raw, mail.raw);
    let (status, wire) = call(&fake.url(), "GET", "/fake/mails/1/wire.eml", "").await;
    assert_eq!((status, wire), (200, fake.mails()[0].on_the_wire()));

    let events = json_of(&fake, "GET", "/fake/events", "").await;
    assert_eq!(events["next"], 2);
    json_of(
        &fake,
        "POST",
        "/fake/mails/1/events",
        r#"{"like": "complaint"}"#,
    )
    .await;
    let events = json_of(&fake, "GET", "/fake/events?from=2", "").await;
    let last = parse(events["events"].as_array().unwrap().last().unwrap())
        .unwrap()
        .unwrap();
    assert!(matches!(last.happening, Happening::Complaint { .. }));
    assert_eq!(last.delivery_id, Some(mail.delivery_id));

    json_of(
        &fake,
        "PUT",
        "/fake/settings",
        r#"{"sending_enabled": false}"#,
    )
    .await;
    assert!(matches!(ses.send(&mail).await, Outcome::Stop { .. }));
    json_of(&fake, "DELETE", "/fake", "").await;
    assert!(matches!(ses.send(&mail).await, Outcome::Accepted { .. }));
    assert_eq!(fake.mails().len(), 1);
}

#[tokio::test]
async fn commands_that_are_none_are_errors() {
    let fake = FakeSes::start().await.unwrap();
    for (method, path, body, expected) in [
        ("PUT", "/fake/script", "{", 400),
        ("PUT", "/fake/script", r#"{"then": {"do": "explode"}}"#, 400),
        ("PUT", "/fake/settings", r#"{"unknown": 1}"#, 400),
        ("GET", "/fake/mails/1.eml", "", 404),
        ("GET", "/fake/mails/x/wire.eml", "", 404),
        ("POST", "/fake/mails/1/events", r#"{"like": "bounce"}"#, 404),
        ("POST", "/fake/mails/1/events", "", 400),
        ("GET", "/fake/nothing", "", 404),
        ("GET", "/", "", 404),
        ("POST", "/v2/email/outbound-emails", "not json", 400),
    ] {
        assert_eq!(
            call(&fake.url(), method, path, body).await.0,
            expected,
            "{method} {path}"
        );
    }
}
