//! SMTP servers that misbehave: what they take is accepted once, and what they do not take is not lost.

use std::time::Duration;

use domain::reason::Reason;
use tests::smtp::{At, Server, Way};
use transport::{
    Outcome, Scope, Transport,
    smtp::{Patience, Smtp},
};

use super::mail;

async fn sent(way: Way) -> (Outcome, usize) {
    let server = Server::start(move |_| way.clone()).await.unwrap();
    let smtp = Smtp::from_url(&server.url, Patience::STANDARD).unwrap();
    let outcome = smtp.send(&mail("maria@example.com")).await;
    (outcome, server.taken().len())
}

fn said(text: &[u8]) -> Vec<u8> {
    text.to_vec()
}

#[tokio::test]
async fn what_a_server_takes_is_accepted_whatever_it_says() {
    let long = |code: &str| format!("{code} {}", "x".repeat(5000)).into_bytes();
    for way in [
        Way::Well,
        Way::Say(At::Banner, said(b"220 caf\xe9 ESMTP")),
        Way::Say(At::Banner, said(b"220-\xff\xfe\r\n220 hello")),
        Way::Say(At::Banner, long("220")),
        Way::Say(At::Hello, said(b"250-mx\r\n250 8BITMIME \xe7")),
        Way::Say(At::Hello, said(b"250")),
        Way::Say(At::Mail, said(b"250 remetente v\xe1lido")),
        Way::Say(At::Mail, long("250")),
        Way::Say(At::Recipient, said(b"251 will forward")),
        Way::Say(At::Data, said(b"354 at\xe9 o ponto")),
        Way::Say(At::Data, long("354")),
        Way::Say(At::Text, said(b"250 aceito, n\xfamero 7")),
        Way::Say(At::Text, said(b"250")),
        Way::Say(At::Text, long("250")),
        Way::Say(At::Text, [long("250-"), b"\r\n250 ok".to_vec()].concat()),
    ] {
        let (outcome, taken) = sent(way.clone()).await;
        assert!(
            matches!(outcome, Outcome::Accepted { .. }),
            "{way:?}: {outcome:?}"
        );
        assert_eq!(taken, 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_wrong_account_holds_and_never_fails() {
    use Scope as S;
    for (at, reply, scope) in [
        (At::Banner, &b"554 5.3.2 no mail from you"[..], S::Account),
        (At::Mail, b"530 5.7.0 Authentication required", S::Account),
        (
            At::Mail,
            b"530 5.7.0 Must issue a STARTTLS command first",
            S::Account,
        ),
        (At::Mail, b"535 5.7.8 sign in", S::Account),
        (At::Mail, b"553 5.7.1 sender not owned by user", S::Account),
        (
            At::Recipient,
            b"530 5.7.0 Authentication required",
            S::Account,
        ),
        (
            At::Recipient,
            b"554 5.7.1 <x@example.com>: Relay access denied",
            S::Mail,
        ),
        (At::Recipient, b"550 5.7.1 Unable to relay", S::Mail),
        (
            At::Recipient,
            b"553 sorry, not in my list of allowed rcpthosts",
            S::Mail,
        ),
        (
            At::Recipient,
            b"550 rel\xe9 negado: relaying denied",
            S::Mail,
        ),
        (At::Text, b"554 5.7.1 relay denied", S::Mail),
    ] {
        let (outcome, taken) = sent(Way::Say(at, reply.to_vec())).await;
        let words = String::from_utf8_lossy(reply);
        match outcome {
            Outcome::Held {
                code, scope: found, ..
            } => {
                assert_eq!((code, found), (Reason::SmtpAuth, scope), "{words}");
            }
            other => panic!("{words}: {other:?}"),
        }
        assert_eq!(taken, 0, "{words}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_last_dot_is_tried_again() {
    for way in [
        Way::Cut(At::Banner),
        Way::Cut(At::Hello),
        Way::Cut(At::Mail),
        Way::Cut(At::Recipient),
        Way::Cut(At::Data),
        Way::Say(At::Banner, said(b"hello?")),
        Way::Say(At::Mail, said(b"\xff\xff\xff")),
    ] {
        let (outcome, taken) = sent(way.clone()).await;
        assert!(
            matches!(outcome, Outcome::Retry { counts: true, .. }),
            "{way:?}: {outcome:?}"
        );
        assert_eq!(taken, 0, "{way:?}");
    }
    let (outcome, taken) = sent(Way::Cut(At::Text)).await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(taken, 1);
}

/// RFC 5321, 4.5.3.2, gives a server minutes for each step; a function has to do with less.
#[test]
fn a_server_has_minutes_and_in_a_function_what_it_lives() {
    let seconds = Duration::from_secs;
    let standard = Patience::STANDARD;
    assert_eq!(
        (standard.prepare, standard.text),
        (seconds(300), seconds(600))
    );
    let function = Patience::FUNCTION;
    assert!(function.prepare > seconds(11) && function.text > seconds(25));
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    for at in [
        At::Banner,
        At::Hello,
        At::Mail,
        At::Recipient,
        At::Data,
        At::Text,
    ] {
        let (outcome, taken) = sent(Way::Slow(at, Duration::from_millis(50))).await;
        assert!(
            matches!(outcome, Outcome::Accepted { .. }),
            "{at:?}: {outcome:?}"
        );
        assert_eq!(taken, 1, "{at:?}");
    }
}

#[tokio::test]
async fn a_call_that_has_not_handed_over_its_mail_gives_up_when_the_process_ends() {
    let hour = Duration::from_secs(3600);
    let server = Server::start(move |_| Way::Slow(At::Banner, hour))
        .await
        .unwrap();
    let smtp = Smtp::from_url(&server.url, Patience::STANDARD).unwrap();
    let mail = mail("maria@example.com");
    let (outcome, ()) = tokio::join!(smtp.send(&mail), async { smtp.end() });
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
}
