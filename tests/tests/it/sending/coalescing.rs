//! Automatic mails on one ticket to one recipient: the first leaves, the rest leave as one.

use domain::{catalog::Language, delivery::DeliveryStatus};
use jiff::SignedDuration;
use mail::inbound;
use service::{
    access::Role,
    desk::{
        explain,
        messages::{self, NewMessage, Posted},
    },
};

use crate::desk::{Desk, MARIA, NUMBER, caller};

/// What the ITSM system writes on its own.
async fn automatic(desk: &Desk, text: &str) -> Posted {
    post(desk, text, true).await
}

async fn post(desk: &Desk, text: &str, automatic: bool) -> Posted {
    post_as(desk, "Sistema", text, automatic).await
}

async fn post_as(desk: &Desk, author: &str, text: &str, automatic: bool) -> Posted {
    let posted = desk.post_by(author, &NUMBER, text, automatic).await;
    desk.sender.send_queued(desk.items(&posted).await).await;
    posted
}

/// The plain text of every mail so far.
fn texts(desk: &Desk) -> Vec<String> {
    let mails = desk.transport.mails();
    let text = |raw: &[u8]| inbound::parse(raw).unwrap().reply.full.trim().to_owned();
    mails.iter().map(|mail| text(&mail.raw)).collect()
}

#[tokio::test]
async fn ten_automatic_messages_are_two_mails_and_nothing_is_left_out() {
    let desk = Desk::sending().await;
    let mut posted = Vec::new();
    for number in 0..10 {
        posted.push(automatic(&desk, &format!("<{number}>")).await);
    }
    assert_eq!(desk.transport.mails().len(), 1, "the first leaves at once");
    let carrier = desk.delivery(&posted[1]).await;
    assert_eq!(
        (carrier.status, carrier.reason_code()),
        (DeliveryStatus::Held, Some("COALESCED"))
    );
    assert_eq!(carrier.joined.len(), 8);
    assert!(posted[2..].iter().all(|one| one.deliveries.is_empty()));
    desk.wait(SignedDuration::from_secs(299));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 0, "too soon");
    desk.wait(SignedDuration::from_secs(2));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 0);
    let rule = "\n\n––\n\n";
    let rest: Vec<String> = (1..10).map(|number| format!("<{number}>")).collect();
    assert_eq!(texts(&desk), ["<0>".to_owned(), rest.join(rule)]);
    // The window began anew with that mail, and ends again.
    automatic(&desk, "later").await;
    assert_eq!(desk.transport.mails().len(), 2);
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.sweep().await.unwrap();
    desk.wait(SignedDuration::from_mins(6));
    automatic(&desk, "much later").await;
    assert_eq!(texts(&desk)[2..], ["later", "much later"]);
}

#[tokio::test]
async fn each_message_of_one_mail_stands_under_its_own_author_and_time() {
    let desk = Desk::sending().await;
    automatic(&desk, "first").await;
    for (author, text) in [("Prazos", "late"), ("Estados <x>", "closed")] {
        desk.wait(SignedDuration::from_secs(60));
        post_as(&desk, author, text, true).await;
    }
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.sweep().await.unwrap();
    let sent = texts(&desk);
    let (late, closed) = sent[1].split_once("\n\n––\n\n").unwrap();
    for (part, author, text) in [(late, "Prazos", "late"), (closed, "Estados <x>", "closed")] {
        let (heading, rest) = part.split_once('\n').unwrap();
        let (name, at) = heading.split_once(" · ").unwrap();
        assert_eq!((name, rest.trim()), (author, text));
        assert!(at.len() >= "01/01/2026 10:00".len(), "{at}");
    }
    assert_ne!(late.split('\n').next(), closed.split('\n').next());
}

#[tokio::test]
async fn people_are_never_kept_waiting() {
    let desk = Desk::sending().await;
    for number in 0..3 {
        automatic(&desk, &format!("status {number}")).await;
        post(&desk, &format!("human {number}"), false).await;
    }
    let sent = texts(&desk);
    assert_eq!(sent, ["status 0", "human 0", "human 1", "human 2"]);
}

#[tokio::test]
async fn explain_says_in_whose_mail_it_went() {
    let desk = Desk::sending().await;
    let mut posted = Vec::new();
    for number in 0..3 {
        posted.push(automatic(&desk, &number.to_string()).await);
    }
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.sweep().await.unwrap();
    for language in Language::ALL {
        let explained = explain::message(
            &desk.app,
            &caller(Role::Technician),
            &NUMBER,
            posted[2].id,
            language,
        )
        .await
        .unwrap();
        let maria = &explained.recipients[0];
        assert_eq!(maria.to.address.as_str(), MARIA);
        assert_eq!(maria.decision.code, "COALESCED");
        assert!(!maria.decision.text.is_empty());
        assert_eq!(maria.within, Some(posted[1].id));
        let mail = maria.delivery.as_ref().unwrap();
        assert_eq!(mail.id, posted[1].deliveries[0].id);
        assert_eq!(mail.status, DeliveryStatus::Accepted);
        let steps: Vec<_> = mail
            .timeline
            .iter()
            .filter_map(|entry| entry.reason.as_ref())
            .map(|reason| reason.code.as_str())
            .collect();
        assert_eq!(steps, ["COALESCED"]);
    }
}

#[tokio::test]
async fn a_mail_that_a_switch_holds_goes_on_taking_messages_along() {
    let desk = Desk::sending().await;
    automatic(&desk, "0").await;
    automatic(&desk, "1").await;
    desk.set(297, "S").await;
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.sweep().await.unwrap();
    automatic(&desk, "2").await;
    assert_eq!(desk.transport.mails().len(), 1);
    desk.set(297, "N").await;
    desk.sender.sweep().await.unwrap();
    let sent = texts(&desk);
    let parts: Vec<_> = sent[1].split("\n\n––\n\n").collect();
    let (first, second) = (parts[0], parts[1]);
    assert!(
        first.ends_with("\n1") && second.ends_with("\n2"),
        "{sent:?}"
    );
    assert_eq!((sent.len(), parts.len()), (2, 2));
}

#[tokio::test]
async fn the_window_is_settable_and_may_be_none() {
    for (minutes, mails) in [("0", 4), ("1", 3), ("60", 1)] {
        let desk = Desk::sending_with(&[("COALESCE_MINUTES", minutes)]).await;
        for number in 0..4 {
            automatic(&desk, &number.to_string()).await;
            desk.wait(SignedDuration::from_secs(31));
            desk.sender.sweep().await.unwrap();
        }
        assert_eq!(desk.transport.mails().len(), mails, "{minutes} minutes");
    }
}

#[tokio::test]
async fn messages_beyond_what_one_mail_takes_make_another() {
    let desk = Desk::sending().await;
    for number in 0..30 {
        automatic(&desk, &number.to_string()).await;
    }
    for _ in 0..3 {
        desk.wait(SignedDuration::from_mins(6));
        desk.sender.sweep().await.unwrap();
    }
    let all = texts(&desk).join(" ");
    let told = (0..30).filter(|n| all.split_whitespace().any(|word| word == n.to_string()));
    assert_eq!(told.count(), 30);
    assert_eq!(desk.transport.mails().len(), 3);
}

#[tokio::test]
async fn only_the_integration_says_that_nobody_wrote_it() {
    let desk = Desk::sending().await;
    let new = NewMessage {
        text: Some("x".to_owned()),
        automatic: true,
        ..NewMessage::default()
    };
    let refused = messages::post(&desk.app, &caller(Role::Technician), &NUMBER, &new, None)
        .await
        .unwrap_err();
    assert_eq!(refused.errors[0].code, "AUTOMATIC_NOT_ALLOWED");
}
