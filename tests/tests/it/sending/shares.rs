//! What a sweep gives to each of its parts: a backlog, one that cannot be read, and a low rate keep
//! nobody else waiting.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{delivery::DeliveryStatus, reason::Reason};
use fake_ses::FakeSes;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use service::{
    desk::messages::Posted,
    outgoing::sending::{Options, Sender, SweepReport},
};
use storage::{Item, Storage, Write};
use transport::Outcome;

use super::transport::Act;
use crate::desk::{Desk, MARIA};
use crate::transport::ses::ses;

const SES: &[(&str, &str)] = &[
    ("MAIL_TRANSPORT", "ses"),
    ("CONFIGURATION_SET", "events"),
    ("STORM_LIMITS", "1000/1"),
];

/// A sender over a provider that allows so many mails a second, with the clock of this machine.
async fn slow(desk: &Desk, rate: f64, options: Options) -> (Sender, FakeSes) {
    let fake = FakeSes::start().await.unwrap();
    fake.settings(|settings| settings.max_send_rate = Some(rate));
    let app = desk.app.clone().with_clock(Timestamp::now);
    let sender = Sender::with_options(app, Arc::new(ses(&fake.url())), options);
    sender.sweep().await.unwrap();
    (sender, fake)
}

async fn backlog(desk: &Desk, mails: usize) {
    for number in 0..mails {
        // Of many tickets: mails of one to one person follow each other.
        let ticket = format!("T{}", number % 20);
        if number < 20 {
            desk.ticket_of(&ticket, "rui@example.com").await;
        }
        desk.post_on(&ticket, &number.to_string()).await;
    }
}

#[tokio::test]
async fn a_low_rate_is_used_for_as_long_as_the_sweep_lasts() {
    let desk = Desk::sending_with(SES).await;
    let options = Options {
        pace: Duration::from_millis(300),
        sweep: Duration::from_secs(3),
        ..Options::default()
    };
    let (sender, fake) = slow(&desk, 10.0, options).await;
    backlog(&desk, 200).await;
    sender.sweep().await.unwrap();
    // Not only for as long as one mail may wait for its place.
    let counts = fake.counts();
    assert!((18..=31).contains(&counts.accepted), "{counts:?}");
    assert_eq!(counts.throttled, 0);
}

#[tokio::test]
async fn what_is_freed_leaves_beside_a_backlog_that_lasts() {
    let desk = Desk::sending_with(SES).await;
    desk.set(297, "S").await;
    let (held, delivery) = desk.send("para depois").await;
    assert_eq!(delivery.status, DeliveryStatus::Held);
    desk.set(297, "N").await;
    let options = Options {
        pace: Duration::from_millis(300),
        sweep: Duration::from_secs(2),
        ..Options::default()
    };
    let (sender, _fake) = slow(&desk, 10.0, options).await;
    desk.set(297, "S").await;
    let (held_again, _) = desk.send("e mais um").await;
    desk.set(297, "N").await;
    backlog(&desk, 100).await;
    let report = sender.sweep().await.unwrap();
    assert!(report.cut_short);
    for posted in [held, held_again] {
        let status = desk.delivery(&posted).await.status;
        assert_eq!(status, DeliveryStatus::Accepted);
    }
}

#[tokio::test]
async fn no_call_begins_when_the_time_of_a_sweep_is_over() {
    let desk = Desk::sending_with(&SES[2..]).await;
    backlog(&desk, 60).await;
    let options = Options {
        concurrency: 1,
        sweep: Duration::from_millis(500),
        ..Options::default()
    };
    let fake = FakeSes::start().await.unwrap();
    fake.script(vec![fake_ses::Behaviour::Delay { ms: 100 }; 60]);
    let transport = Arc::new(ses(&fake.url()));
    let sender = Sender::with_options(desk.app.clone(), transport, options);
    let started = Instant::now();
    let report = sender.sweep().await.unwrap();
    // One call that was under way, and no more.
    assert!(started.elapsed() < Duration::from_secs(3), "{report:?}");
    assert!((1..=10).contains(&report.accepted), "{report:?}");
    assert_eq!(report.unknown, 0);
}

async fn overwrite(desk: &Desk, posted: &Posted) -> Item {
    let item = desk.items(posted).await.remove(0);
    let mut broken = item.clone();
    broken.data = json!({ "status": "of a later version" });
    desk.store.commit(vec![Write::put(broken)]).await.unwrap();
    item
}

#[tokio::test]
async fn one_that_cannot_be_read_keeps_no_other_from_leaving() {
    let desk = Desk::sending().await;
    desk.set(297, "S").await;
    // The same shard for at least two of them.
    let mut posted = Vec::new();
    for number in 0..20 {
        posted.push(desk.send(&number.to_string()).await.0);
    }
    // The first of each obstacle and shard is as likely among these as any other.
    let (broken, whole) = posted.split_at(10);
    for one in broken {
        overwrite(&desk, one).await;
    }
    desk.set(297, "N").await;
    let report = desk.sender.sweep().await.unwrap();
    assert_eq!(report.accepted, whole.len(), "{report:?}");
    assert!(report.errors > 0);
    let again = desk.sender.sweep().await.unwrap();
    assert_eq!(again.accepted, 0);
}

#[tokio::test]
async fn the_age_of_the_queue_counts_from_when_they_were_queued_last_and_over_tries() {
    let desk = Desk::sending().await;
    let oldest = |report: SweepReport| report.oldest.unwrap_or_default().as_secs();
    let refused = Outcome::Refused {
        code: Reason::Rejected,
        reason: "no".to_owned(),
    };
    desk.transport.then(Act::Answer(refused));
    let (posted, failed) = desk.send("Olá").await;
    assert_eq!(failed.status, DeliveryStatus::Failed);
    desk.wait(SignedDuration::from_hours(24 * 90));
    // Sent again months later: it waits since now. Nobody is reached, and it waits on.
    let item = desk.items(&posted).await.remove(0);
    let mut delivery = failed;
    delivery.resend("bia", desk.now()).unwrap();
    let queued = service::outgoing::deliveries::item(&delivery).unwrap();
    let write = Write::replace(queued, item.version);
    desk.store.commit(vec![write]).await.unwrap();
    let unreachable = Outcome::Retry {
        after: Duration::from_secs(3000),
        counts: true,
        reason: "refused".to_owned(),
    };
    desk.transport.to(MARIA, Some(unreachable));
    assert_eq!(oldest(desk.sender.sweep().await.unwrap()), 0);
    desk.wait(SignedDuration::from_mins(10));
    assert_eq!(oldest(desk.sender.sweep().await.unwrap()), 600);
}
