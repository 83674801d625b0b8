//! Automatic mails on one ticket to one recipient: the first leaves, the rest leave as one.

use domain::{
    catalog::Language,
    delivery::DeliveryStatus,
    message::{Author, Role as Side},
};
use jiff::SignedDuration;
use mail::inbound;
use service::{
    access::Role,
    desk::{
        explain,
        messages::{self, NewMessage, Posted},
    },
};

use super::world::{MARIA, NUMBER, World, caller};

/// What the ITSM system writes on its own.
async fn automatic(world: &World, text: &str) -> Posted {
    post(world, text, true).await
}

async fn post(world: &World, text: &str, automatic: bool) -> Posted {
    post_as(world, "Sistema", text, automatic).await
}

async fn post_as(world: &World, author: &str, text: &str, automatic: bool) -> Posted {
    let new = NewMessage {
        text: Some(text.to_owned()),
        automatic,
        author: Some(Author {
            name: author.to_owned(),
            email: None,
            role: Side::Technician,
        }),
        ..NewMessage::default()
    };
    let posted = messages::post(&world.app, &caller(Role::Integration), &NUMBER, &new, None)
        .await
        .unwrap()
        .into_parts()
        .0;
    world.sender.send_queued(world.items(&posted).await).await;
    posted
}

/// The plain text of every mail so far.
fn texts(world: &World) -> Vec<String> {
    let mails = world.transport.mails();
    let text = |raw: &[u8]| inbound::parse(raw).unwrap().reply.full.trim().to_owned();
    mails.iter().map(|mail| text(&mail.raw)).collect()
}

#[tokio::test]
async fn ten_automatic_messages_are_two_mails_and_nothing_is_left_out() {
    let world = World::new().await;
    let mut posted = Vec::new();
    for number in 0..10 {
        posted.push(automatic(&world, &format!("<{number}>")).await);
    }
    assert_eq!(world.transport.mails().len(), 1, "the first leaves at once");
    let carrier = world.delivery(&posted[1]).await;
    assert_eq!(
        (carrier.status, carrier.reason_code()),
        (DeliveryStatus::Held, Some("COALESCED"))
    );
    assert_eq!(carrier.joined.len(), 8);
    assert!(posted[2..].iter().all(|one| one.deliveries.is_empty()));
    world.wait(SignedDuration::from_secs(299));
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 0, "too soon");
    world.wait(SignedDuration::from_secs(2));
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 1);
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 0);
    let rule = "\n\n––\n\n";
    let rest: Vec<String> = (1..10).map(|number| format!("<{number}>")).collect();
    assert_eq!(texts(&world), ["<0>".to_owned(), rest.join(rule)]);
    // The window began anew with that mail, and ends again.
    automatic(&world, "later").await;
    assert_eq!(world.transport.mails().len(), 2);
    world.wait(SignedDuration::from_mins(6));
    world.sender.sweep().await.unwrap();
    world.wait(SignedDuration::from_mins(6));
    automatic(&world, "much later").await;
    assert_eq!(texts(&world)[2..], ["later", "much later"]);
}

#[tokio::test]
async fn each_message_of_one_mail_stands_under_its_own_author_and_time() {
    let world = World::new().await;
    automatic(&world, "first").await;
    for (author, text) in [("Prazos", "late"), ("Estados <x>", "closed")] {
        world.wait(SignedDuration::from_secs(60));
        post_as(&world, author, text, true).await;
    }
    world.wait(SignedDuration::from_mins(6));
    world.sender.sweep().await.unwrap();
    let sent = texts(&world);
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
    let world = World::new().await;
    for number in 0..3 {
        automatic(&world, &format!("status {number}")).await;
        post(&world, &format!("human {number}"), false).await;
    }
    let sent = texts(&world);
    assert_eq!(sent, ["status 0", "human 0", "human 1", "human 2"]);
}

#[tokio::test]
async fn explain_says_in_whose_mail_it_went() {
    let world = World::new().await;
    let mut posted = Vec::new();
    for number in 0..3 {
        posted.push(automatic(&world, &number.to_string()).await);
    }
    world.wait(SignedDuration::from_mins(6));
    world.sender.sweep().await.unwrap();
    for language in Language::ALL {
        let explained = explain::message(
            &world.app,
            &caller(Role::Technician),
            &NUMBER,
            posted[2].id,
            language,
        )
        .await
        .unwrap();
        let maria = &explained.recipients[0];
        assert_eq!(maria.to.address, MARIA);
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
    let world = World::new().await;
    automatic(&world, "0").await;
    automatic(&world, "1").await;
    world.set(297, "S").await;
    world.wait(SignedDuration::from_mins(6));
    world.sender.sweep().await.unwrap();
    automatic(&world, "2").await;
    assert_eq!(world.transport.mails().len(), 1);
    world.set(297, "N").await;
    world.sender.sweep().await.unwrap();
    let sent = texts(&world);
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
        let world = World::with(&[("COALESCE_MINUTES", minutes)]).await;
        for number in 0..4 {
            automatic(&world, &number.to_string()).await;
            world.wait(SignedDuration::from_secs(31));
            world.sender.sweep().await.unwrap();
        }
        assert_eq!(world.transport.mails().len(), mails, "{minutes} minutes");
    }
}

#[tokio::test]
async fn messages_beyond_what_one_mail_takes_make_another() {
    let world = World::new().await;
    for number in 0..30 {
        automatic(&world, &number.to_string()).await;
    }
    for _ in 0..3 {
        world.wait(SignedDuration::from_mins(6));
        world.sender.sweep().await.unwrap();
    }
    let all = texts(&world).join(" ");
    let told = (0..30).filter(|n| all.split_whitespace().any(|word| word == n.to_string()));
    assert_eq!(told.count(), 30);
    assert_eq!(world.transport.mails().len(), 3);
}

#[tokio::test]
async fn only_the_integration_says_that_nobody_wrote_it() {
    let world = World::new().await;
    let new = NewMessage {
        text: Some("x".to_owned()),
        automatic: true,
        ..NewMessage::default()
    };
    let refused = messages::post(&world.app, &caller(Role::Technician), &NUMBER, &new, None)
        .await
        .unwrap_err();
    assert_eq!(refused.errors[0].code, "AUTOMATIC_NOT_ALLOWED");
}
