//! Mails to one person on one ticket leave in the order in which they were written.

use std::sync::Arc;

use jiff::SignedDuration;
use service::outgoing::sending::{Options, Sender};
use tests::smtp::{At, Server, Way};
use transport::{
    Outcome, OutgoingMail, Transport as _,
    smtp::{Patience, Smtp},
};
use uuid::Uuid;

use super::transport::Act;
use crate::desk::{Desk, TICKET};

const OTHER: &str = "4712";

/// The messages of a ticket, as its mails left.
fn left(mails: &[OutgoingMail], ticket: &str) -> Vec<Uuid> {
    let mails = mails.iter().filter(|mail| mail.ticket_id == ticket);
    mails.map(|mail| mail.message_id).collect()
}

/// Several writers on two tickets; the messages of each ticket, as they were written.
async fn written(desk: &Desk, many: usize) -> [Vec<Uuid>; 2] {
    let mut all = [Vec::new(), Vec::new()];
    for number in 0..many {
        for (ids, ticket) in all.iter_mut().zip([TICKET, OTHER]) {
            ids.push(desk.post_on(ticket, &format!("{number}")).await.id);
        }
    }
    all
}

async fn desk() -> Desk {
    let desk = Desk::sending().await;
    desk.ticket_of(OTHER, "rui@example.com").await;
    desk
}

fn retried() -> Outcome {
    Outcome::Retry {
        after: std::time::Duration::from_secs(10),
        counts: true,
        reason: "away".to_owned(),
    }
}

#[tokio::test]
async fn a_backlog_leaves_in_the_order_in_which_it_was_written() {
    let desk = desk().await;
    let [first, second] = written(&desk, 40).await;
    desk.sender.sweep().await.unwrap();
    let mails = desk.transport.mails();
    assert_eq!(left(&mails, TICKET), first);
    assert_eq!(left(&mails, OTHER), second);
}

#[tokio::test]
async fn an_outage_and_a_kill_switch_keep_the_order() {
    let desk = desk().await;
    desk.set(297, "S").await;
    let [mut first, mut second] = written(&desk, 10).await;
    desk.sender.sweep().await.unwrap();
    assert!(desk.transport.mails().is_empty());
    desk.set(297, "N").await;
    // The server is away when they may leave, and more is written meanwhile.
    for _ in 0..8 {
        desk.transport.then(Act::Answer(retried()));
    }
    for _ in 0..30 {
        let [more, others] = written(&desk, 1).await;
        first.extend(more);
        second.extend(others);
        desk.sender.sweep().await.unwrap();
        desk.wait(SignedDuration::from_secs(30));
    }
    desk.sender.sweep().await.unwrap();
    let mut mails = desk.transport.mails();
    // A mail that was tried again left with its last try.
    let mut seen = std::collections::HashSet::new();
    mails.reverse();
    mails.retain(|mail| seen.insert(mail.delivery_id));
    mails.reverse();
    assert_eq!(left(&mails, TICKET), first);
    assert_eq!(left(&mails, OTHER), second);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_lets_later_ones_wait_no_longer_than_stated() {
    let desk = Desk::sending().await;
    let refused = desk.post("1").await;
    desk.transport.then(Act::Answer(Outcome::Retry {
        after: std::time::Duration::from_secs(1800),
        counts: true,
        reason: "greylisted".to_owned(),
    }));
    desk.sender.sweep().await.unwrap();
    let later = desk.post("2").await;
    let left = |id: Uuid| {
        let mails = desk.transport.mails();
        mails.iter().filter(|mail| mail.message_id == id).count()
    };
    desk.sender.sweep().await.unwrap();
    assert_eq!(left(later.id), 0, "it waits for the one before");
    desk.wait(SignedDuration::from_mins(14));
    desk.sender.sweep().await.unwrap();
    assert_eq!(left(later.id), 0);
    desk.wait(SignedDuration::from_mins(2));
    desk.sender.sweep().await.unwrap();
    assert_eq!((left(refused.id), left(later.id)), (1, 1));
}

/// A mail whose server takes its time keeps the later ones to that person waiting, and nobody else.
#[tokio::test]
async fn a_slow_mail_holds_up_nobody_else() {
    let desk = desk().await;
    let hour = std::time::Duration::from_secs(3600);
    let way = move |number| match number {
        0 => Way::Slow(At::Text, hour),
        _ => Way::Well,
    };
    let server = Server::start(way).await.unwrap();
    let smtp = Smtp::from_url(&server.url, Patience::STANDARD).unwrap();
    let options = Options {
        linger: Some(std::time::Duration::from_millis(50)),
        ..Options::default()
    }
    .lasting(smtp.longest_call());
    let sender = Sender::with_options(desk.app.clone(), Arc::new(smtp), options);
    desk.post("1").await;
    sender.sweep().await.unwrap();
    assert_eq!(sender.under_way(), 1);
    desk.post("2").await;
    for number in 0..20 {
        desk.post_on(OTHER, &number.to_string()).await;
    }
    let to_rui = || {
        server
            .taken()
            .iter()
            .filter(|one| one.to.as_str() == "rui@example.com")
            .count()
    };
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    while to_rui() < 20 && tokio::time::Instant::now() < deadline {
        sender.sweep().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(to_rui(), 20);
    let to_maria = server.taken().len() - to_rui();
    assert!(to_maria <= 1, "the second waits for the first");
}
