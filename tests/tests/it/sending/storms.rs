//! The storm rules: so many mails to one recipient on one ticket within so many minutes, when they
//! are written and when what was held up leaves.

use domain::{catalog::Language, delivery::DeliveryStatus, reason::Reason, storm::MAX_WAITING};
use jiff::SignedDuration;
use service::{access::Role, desk::explain};
use storage::{Storage, Write};
use transport::Outcome;

use crate::desk::{Desk, MARIA, NUMBER, caller};

#[tokio::test]
async fn a_storm_is_held_and_flows_as_the_windows_allow() {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "10/10,15/30,25/60")]).await;
    let mut held = 0;
    for number in 0..30 {
        let (_, delivery) = desk.send(&number.to_string()).await;
        if delivery.status == DeliveryStatus::Held {
            assert_eq!(delivery.reason_code(), Some("LOOP_LIMIT"));
            held += 1;
        }
    }
    assert_eq!((held, desk.transport.mails().len()), (20, 10));
    // The other direction is not part of it.
    let posted = desk.post_as_requester("resposta").await;
    assert!(
        posted
            .deliveries
            .iter()
            .all(|delivery| delivery.status == DeliveryStatus::Queued)
    );
    desk.sender.sweep().await.unwrap();
    let before = desk.transport.mails().len();
    for (minutes, sent) in [(9, 0), (2, 5), (18, 5), (2, 15), (28, 15), (2, 20)] {
        desk.wait(SignedDuration::from_mins(minutes));
        desk.sender.sweep().await.unwrap();
        assert_eq!(
            desk.transport.mails().len() - before,
            sent,
            "after {minutes} more minutes"
        );
    }
}

#[tokio::test]
async fn the_limits_of_a_storm_are_settable() {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "2/5")]).await;
    for number in 0..3 {
        desk.post(&number.to_string()).await;
    }
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 2);
    desk.wait(SignedDuration::from_mins(6));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
}

#[tokio::test]
async fn what_no_window_will_take_fails_and_says_so() {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "1/5")]).await;
    for number in 0..=MAX_WAITING {
        let posted = desk.post(&number.to_string()).await;
        let status = desk.delivery(&posted).await.status;
        assert_ne!(status, DeliveryStatus::Failed, "{number}");
    }
    let posted = desk.post("mais um").await;
    let delivery = desk.delivery(&posted).await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Failed, Some("TOO_MANY_WAITING"))
    );
    let technician = caller(Role::Technician);
    let explained = explain::message(&desk.app, &technician, &NUMBER, posted.id, Language::En)
        .await
        .unwrap();
    let report = explained.recipients[0].delivery.clone().unwrap();
    let words = report.reason_text.unwrap();
    assert!(words.contains("not sent"), "{words}");
    assert!(!words.contains("leaves when"), "{words}");
    // Who sends it again means it.
    desk.wait(SignedDuration::from_mins(2));
    let item = desk.items(&posted).await.remove(0);
    let mut again = delivery;
    again.resend("bia", desk.now()).unwrap();
    let queued = service::outgoing::deliveries::item(&again).unwrap();
    let write = Write::replace(queued, item.version);
    desk.store.commit(vec![write]).await.unwrap();
    desk.sender.sweep().await.unwrap();
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}

/// A desk whose kill switch was on while so many messages to Maria were written, six minutes apart.
async fn held_up(limits: &str, messages: usize) -> Desk {
    let desk = Desk::sending_with(&[("STORM_LIMITS", limits)]).await;
    desk.set(297, "S").await;
    for number in 0..messages {
        let (_, delivery) = desk.send(&number.to_string()).await;
        assert_eq!(delivery.reason_code(), Some("KILL_SWITCH"));
        desk.wait(SignedDuration::from_mins(6));
    }
    desk
}

#[tokio::test]
async fn what_was_held_up_together_does_not_leave_as_a_storm() {
    let desk = held_up("10/10,15/30,25/60", 50).await;
    desk.set(297, "N").await;
    // A sweep a minute, each of a process of its own that knows nothing of those before.
    let mut left = Vec::new();
    for _ in 0..150 {
        let report = desk.other_sender().sweep().await.unwrap();
        left.push(report.accepted);
        desk.wait(SignedDuration::from_mins(1));
    }
    assert_eq!(left.iter().sum::<usize>(), 50, "{left:?}");
    for (most, minutes) in [(10, 10), (15, 30), (25, 60)] {
        for window in left.windows(minutes) {
            assert!(window.iter().sum::<usize>() <= most, "{left:?}");
        }
    }
    // Nobody waits for longer than the windows ask for.
    assert_eq!(left[0], 10);
    assert!(left[..125].iter().sum::<usize>() == 50, "{left:?}");
    let mails = desk.transport.mails();
    let ids = |range: std::ops::Range<usize>| mails[range].iter().map(|mail| mail.message_id);
    assert!(ids(0..10).max() < ids(10..50).min(), "the oldest first");
}

#[tokio::test]
async fn one_who_is_written_to_too_much_keeps_nobody_else_waiting() {
    let desk = held_up("2/10", 5).await;
    desk.ticket_of("2", "rui@example.com").await;
    desk.post_on("2", "Olá").await;
    desk.set(297, "N").await;
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 3);
    // What is written now has windows of its own.
    let (_, delivery) = desk.send("agora").await;
    assert_eq!(delivery.status, DeliveryStatus::Accepted);
}

#[tokio::test]
async fn what_waits_longer_than_all_windows_take_stays_and_leaves_in_the_end() {
    let desk = held_up("3/1", MAX_WAITING + 20).await;
    desk.set(297, "N").await;
    for _ in 0..90 {
        desk.sender.sweep().await.unwrap();
        desk.wait(SignedDuration::from_secs(61));
    }
    assert_eq!(desk.transport.mails().len(), MAX_WAITING + 20);
}

#[tokio::test]
async fn what_the_stream_brings_late_keeps_the_windows_too() {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "2/10")]).await;
    let mut items = Vec::new();
    for number in 0..5 {
        let posted = desk.post(&number.to_string()).await;
        items.extend(desk.items(&posted).await);
        desk.wait(SignedDuration::from_mins(6));
    }
    // Two records at a time, as batches of a stream that stood still for half an hour.
    for batch in items.chunks(2) {
        desk.other_sender().send_queued(batch.to_vec()).await;
    }
    assert_eq!(desk.transport.mails().len(), 2);
    // What is written now is counted by its posting, whoever sends it.
    let now = desk.post("agora").await;
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.delivery(&now).await.status, DeliveryStatus::Accepted);
    for _ in 0..3 {
        desk.wait(SignedDuration::from_mins(11));
        desk.sender.sweep().await.unwrap();
    }
    assert_eq!(desk.transport.mails().len(), 6);
}

#[tokio::test]
async fn a_mail_that_did_not_leave_takes_no_moment() {
    let desk = held_up("2/10", 3).await;
    let refused = Outcome::Refused {
        code: Reason::Rejected,
        reason: "no such user".to_owned(),
    };
    desk.transport.to(MARIA, Some(refused));
    desk.set(297, "N").await;
    let report = desk.sender.sweep().await.unwrap();
    assert_eq!((report.failed, report.held), (2, 1));
    desk.transport.to(MARIA, None);
    let posted = desk.post("de novo").await;
    desk.wait(SignedDuration::from_mins(5));
    desk.sender.sweep().await.unwrap();
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}
