//! SES against the fake SES, with an SDK client that would retry if we let it.

use std::time::{Duration, Instant};

use aws_credential_types::{
    credential_fn::provide_credentials_fn, provider::error::CredentialsError,
};
use aws_sdk_sesv2::{Client, config::retry::RetryConfig};
use domain::reason::Reason;
use fake_ses::{Behaviour, FakeSes};
use mail::ses_event::{Happening, parse};
use platform::aws::Aws;
use tokio::net::TcpListener;
use transport::{
    Outcome, Transport, Unsuppressed,
    ses::{Ses, outcomes::TABLE},
};

use super::{closed_port, mail};

/// The functions' client, but with the three attempts that the SDK makes by itself.
pub(crate) fn client(url: &str) -> Client {
    let environment = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_ENDPOINT_URL_SESV2" => Some(url.to_owned()),
        _ => None,
    };
    let once = Aws::from_environment(&environment).unwrap().ses();
    let thrice = RetryConfig::standard().with_max_attempts(3);
    Client::from_conf(once.config().to_builder().retry_config(thrice).build())
}

pub(crate) fn ses(url: &str) -> Ses {
    Ses::new(client(url), Some("mensageria".into())).asking_every(Duration::ZERO)
}

fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown { .. })
}
fn is_retry(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Retry { counts: true, .. })
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_with_its_tags() {
    let fake = FakeSes::start().await.unwrap();
    let mail = mail("maria@example.com");
    let outcome = ses(&fake.url()).send(&mail).await;
    let got = fake.mails().remove(0);
    assert_eq!(
        outcome,
        Outcome::Accepted {
            id: got.message_id.clone()
        }
    );
    assert_eq!(got.raw, mail.raw);
    assert_eq!(
        (got.from.as_str(), got.to.as_slice()),
        ("desk@example.com", &["maria@example.com".to_owned()][..])
    );
    assert_eq!(
        got.tag("delivery_id"),
        Some(mail.delivery_id.to_string().as_str())
    );
    assert_eq!(got.tag("ticket_id"), Some("INC_4211"));
    assert_eq!(got.tag("kind"), Some("message"));
    assert_eq!(got.tags.len(), 6);
    assert_eq!(got.configuration_set.as_deref(), Some("mensageria"));
}

#[tokio::test]
async fn an_address_is_taken_off_the_accounts_list() {
    let fake = FakeSes::start().await.unwrap();
    let ses = ses(&fake.url());
    let address = "maria+test@example.com";
    let body = format!(r#"{{"EmailAddress": "{address}", "Reason": "BOUNCE"}}"#);
    let path = "/v2/email/suppression/addresses";
    assert_eq!(super::call(&fake.url(), "PUT", path, &body).await.0, 200);
    assert_eq!(ses.unsuppress(address).await, Ok(Unsuppressed::Removed));
    let one = format!("{path}/maria%2Btest%40example.com");
    assert_eq!(super::call(&fake.url(), "GET", &one, "").await.0, 404);
    assert_eq!(ses.unsuppress(address).await, Ok(Unsuppressed::NotListed));
    let url = fake.url();
    drop(fake);
    assert!(self::ses(&url).unsuppress(address).await.is_err());
}

#[tokio::test]
async fn without_a_configuration_set_none_is_named() {
    let fake = FakeSes::start().await.unwrap();
    Ses::new(client(&fake.url()), None)
        .send(&mail("maria@example.com"))
        .await;
    assert_eq!(fake.mails()[0].configuration_set, None);
    assert_eq!(fake.events(0).len(), 0);
}

/// The whole table over HTTP, one request each: what the SDK makes of an error is part of it.
#[tokio::test]
async fn every_error_of_the_table_is_one_request_and_one_outcome() {
    let fake = FakeSes::start().await.unwrap();
    let ses = ses(&fake.url());
    for (number, row) in TABLE.iter().enumerate() {
        let message = row.message.unwrap_or("maria@example.com is why");
        fake.script([Behaviour::error(400, row.code, message)]);
        let outcome = ses.send(&mail("maria@example.com")).await;
        let expected = transport::ses::outcomes::outcome(
            &transport::ses::outcomes::Failure::Refused {
                status: 400,
                code: row.code,
                message,
            },
            "desk@example.com",
        );
        assert_eq!(outcome, expected, "{row:?}");
        assert!(!is_unknown(&outcome), "{row:?}");
        assert!(!format!("{outcome:?}").contains("maria@"), "{outcome:?}");
        assert_eq!(fake.counts().sends, number as u64 + 1, "{row:?}");
    }
    for (status, code) in [
        (400, "SomethingNewException"),
        (500, "InternalFailure"),
        (503, "ServiceUnavailable"),
        (500, "TooManyRequestsException"),
    ] {
        fake.script([Behaviour::error(status, code, "")]);
        let outcome = ses.send(&mail("maria@example.com")).await;
        assert!(is_unknown(&outcome), "{code}: {outcome:?}");
    }
    assert_eq!(fake.counts().sends, TABLE.len() as u64 + 4);
    assert_eq!(fake.mails().len(), 0);
}

/// What reaches SES and is not answered may have been accepted.
#[tokio::test]
async fn an_answer_that_is_lost_leaves_one_mail_and_an_unknown_outcome() {
    for (behaviour, kept) in [
        (Behaviour::AcceptThenDrop, 1),
        (Behaviour::AcceptThenReset, 1),
        (Behaviour::AcceptThenHalf, 1),
        (Behaviour::AcceptThenStall, 1),
        (Behaviour::AcceptThenFail { status: 500 }, 1),
        (Behaviour::AcceptThenFail { status: 503 }, 1),
        (Behaviour::AcceptThenGarbage, 1),
        (Behaviour::Drop, 0),
        (Behaviour::DropEarly, 0),
        (Behaviour::Stall, 0),
    ] {
        let fake = FakeSes::start().await.unwrap();
        let ses =
            ses(&fake.url()).with_timeouts(Duration::from_secs(5), Duration::from_millis(700));
        // Once on a connection that is new, once on one that was used before.
        fake.script([behaviour.clone(), Behaviour::Accept, behaviour.clone()]);
        let mails = [(); 3].map(|()| mail("maria@example.com"));
        let outcome = ses.send(&mails[0]).await;
        assert!(is_unknown(&outcome), "{behaviour:?}: {outcome:?}");
        assert!(matches!(
            ses.send(&mails[1]).await,
            Outcome::Accepted { .. }
        ));
        let outcome = ses.send(&mails[2]).await;
        assert!(is_unknown(&outcome), "{behaviour:?}: {outcome:?}");
        assert_eq!(fake.counts().sends, 3, "{behaviour:?}");
        assert_eq!(fake.mails().len(), 1 + 2 * kept, "{behaviour:?}");
        if kept == 1 {
            // The event that resolves it carries the delivery.
            let sent = parse(&fake.events(0)[0]).unwrap().unwrap();
            assert_eq!(sent.happening, Happening::Send);
            assert_eq!(sent.delivery_id, Some(mails[0].delivery_id));
            assert_eq!(sent.provider_id, fake.mails()[0].message_id);
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let closed = closed_port().await;
    for scheme in ["http", "https"] {
        let outcome = ses(&format!("{scheme}://{closed}"))
            .send(&mail("maria@example.com"))
            .await;
        assert!(is_retry(&outcome), "{scheme}: {outcome:?}");
    }
}

/// TLS comes before the request: whatever breaks in it, nothing was sent.
#[tokio::test]
async fn a_handshake_that_fails_is_tried_again() {
    for words in [&b""[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, words)
                .await
                .unwrap();
        });
        let outcome = ses(&url).send(&mail("maria@example.com")).await;
        assert!(is_retry(&outcome), "{outcome:?}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ses = ses(&format!("https://{}", listener.local_addr().unwrap()))
        .with_timeouts(Duration::from_millis(300), Duration::from_secs(30));
    let start = Instant::now();
    let outcome = ses.send(&mail("maria@example.com")).await;
    assert!(is_retry(&outcome), "{outcome:?}");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn without_credentials_nothing_was_sent() {
    let fake = FakeSes::start().await.unwrap();
    let none = provide_credentials_fn(async || Err(CredentialsError::not_loaded("none here")));
    let config = client(&fake.url())
        .config()
        .to_builder()
        .credentials_provider(none)
        .build();
    let outcome = Ses::new(Client::from_conf(config), None)
        .send(&mail("maria@example.com"))
        .await;
    assert!(is_retry(&outcome), "{outcome:?}");
    assert_eq!(fake.counts().sends, 0);
}

/// A Lambda function is frozen between calls and its idle connections die: that must not leave
/// mails with an unknown outcome.
#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced() {
    let first = FakeSes::start().await.unwrap();
    let url = first.url();
    let ses = ses(&url);
    assert!(matches!(
        ses.send(&mail("maria@example.com")).await,
        Outcome::Accepted { .. }
    ));
    first.stop().await;
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let second = FakeSes::start_on(port).await.unwrap();
    // The client learns of the end in its connection's task, which shows nothing that could be
    // polled for: it gets its turns. A send in that very moment ends unknown, which is safe.
    let noticed = Instant::now() + Duration::from_millis(250);
    while Instant::now() < noticed {
        tokio::task::yield_now().await;
    }
    let outcome = ses.send(&mail("maria@example.com")).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(second.mails().len(), 1);
}

#[tokio::test]
async fn what_the_account_may_not_is_held_or_stopped() {
    let fake = FakeSes::start().await.unwrap();
    let ses = ses(&fake.url());
    let outcome = async || ses.send(&mail("maria@example.com")).await;
    fake.settings(|s| s.verified = Some(vec!["other.example".into()]));
    let Outcome::Held { code, reason, .. } = outcome().await else {
        panic!("not held");
    };
    assert_eq!(code, Reason::SenderNotVerified);
    assert!(reason.contains("desk@example.com"), "{reason}");
    fake.settings(|s| {
        s.verified = None;
        s.configuration_sets = Some(vec![]);
    });
    assert!(matches!(
        outcome().await,
        Outcome::Held {
            code: Reason::ConfigurationSetMissing,
            ..
        }
    ));
    fake.settings(|s| {
        s.configuration_sets = None;
        s.max_24_hour_send = Some(0);
    });
    assert!(matches!(
        outcome().await,
        Outcome::Held {
            code: Reason::OverQuota,
            ..
        }
    ));
    fake.settings(|s| {
        s.max_24_hour_send = None;
        s.max_send_rate = Some(0.0);
    });
    assert!(matches!(
        outcome().await,
        Outcome::Retry { counts: false, .. }
    ));
    fake.settings(|s| {
        s.max_send_rate = None;
        s.sending_enabled = false;
    });
    assert!(matches!(outcome().await, Outcome::Stop { .. }));
    fake.settings(|s| s.sending_enabled = true);
    assert!(matches!(outcome().await, Outcome::Accepted { .. }));
}

#[tokio::test]
async fn the_account_and_the_suppression_list_speak_the_sdks_language() {
    let fake = FakeSes::start().await.unwrap();
    let client = client(&fake.url());
    fake.settings(|s| s.max_send_rate = Some(20.0));
    let account = client.get_account().send().await.unwrap();
    assert!(account.sending_enabled());
    assert_eq!(account.send_quota().unwrap().max_send_rate(), 20.0);
    let reason = aws_sdk_sesv2::types::SuppressionListReason::Bounce;
    let put = client
        .put_suppressed_destination()
        .email_address("Maria@example.com")
        .reason(reason.clone());
    put.send().await.unwrap();
    let found = client
        .get_suppressed_destination()
        .email_address("Maria@example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(*found.suppressed_destination().unwrap().reason(), reason);
    let listed = client.list_suppressed_destinations().send().await.unwrap();
    assert_eq!(listed.suppressed_destination_summaries().len(), 1);
    ses(&fake.url()).send(&mail("Maria@example.com")).await;
    let bounce = parse(&fake.events(0)[1]).unwrap().unwrap();
    assert!(
        matches!(bounce.happening, Happening::Bounce { sub_type, .. } if sub_type == "OnAccountSuppressionList")
    );
    // The list tells spellings apart.
    ses(&fake.url()).send(&mail("maria@example.com")).await;
    let delivery = parse(&fake.events(2)[1]).unwrap().unwrap();
    assert!(matches!(delivery.happening, Happening::Delivery { .. }));
    let other = client
        .delete_suppressed_destination()
        .email_address("maria@example.com")
        .send()
        .await;
    assert!(
        other
            .unwrap_err()
            .into_service_error()
            .is_not_found_exception()
    );
    client
        .delete_suppressed_destination()
        .email_address("Maria@example.com")
        .send()
        .await
        .unwrap();
    let gone = client
        .get_suppressed_destination()
        .email_address("Maria@example.com")
        .send()
        .await;
    assert!(
        gone.unwrap_err()
            .into_service_error()
            .is_not_found_exception()
    );
    let identity = client
        .get_email_identity()
        .email_identity("example.com")
        .send()
        .await
        .unwrap();
    assert!(identity.verified_for_sending_status());
    assert!(
        client
            .get_configuration_set()
            .configuration_set_name("x")
            .send()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_simple_mail_is_kept_too() {
    use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
    let fake = FakeSes::start().await.unwrap();
    let content = |text: &str| Content::builder().data(text).build().unwrap();
    let message = Message::builder()
        .subject(content("Olá"))
        .body(Body::builder().text(content("é")).build())
        .build();
    let sent = client(&fake.url())
        .send_email()
        .from_email_address("desk@example.com")
        .destination(
            Destination::builder()
                .to_addresses("maria@example.com")
                .build(),
        )
        .content(EmailContent::builder().simple(message).build())
        .send()
        .await
        .unwrap();
    assert_eq!(sent.message_id(), Some(fake.mails()[0].message_id.as_str()));
    let kept: serde_json::Value = serde_json::from_slice(&fake.mails()[0].raw).unwrap();
    assert_eq!(kept["Subject"]["Data"], "Olá");
}
