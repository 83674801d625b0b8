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

use super::{
    transport::Act,
    world::{MARIA, World},
};
use crate::transport::ses::ses;

const SES: &[(&str, &str)] = &[
    ("MAIL_TRANSPORT", "ses"),
    ("CONFIGURATION_SET", "events"),
    ("STORM_LIMITS", "1000/1"),
];

/// A sender over a provider that allows so many mails a second, with the clock of this machine.
async fn slow(world: &World, rate: f64, options: Options) -> (Sender, FakeSes) {
    let fake = FakeSes::start().await.unwrap();
    fake.settings(|settings| settings.max_send_rate = Some(rate));
    let app = world.app.clone().with_clock(Timestamp::now);
    let sender = Sender::with_options(app, Arc::new(ses(&fake.url())), options);
    sender.sweep().await.unwrap();
    (sender, fake)
}

async fn backlog(world: &World, mails: usize) {
    for number in 0..mails {
        // Of many tickets: mails of one to one person follow each other.
        let ticket = format!("T{}", number % 20);
        if number < 20 {
            world.ticket(&ticket, "rui@example.com").await;
        }
        world.post_on(&ticket, &number.to_string()).await;
    }
}

#[tokio::test]
async fn a_low_rate_is_used_for_as_long_as_the_sweep_lasts() {
    let world = World::with(SES).await;
    let options = Options {
        pace: Duration::from_millis(300),
        sweep: Duration::from_secs(3),
        ..Options::default()
    };
    let (sender, fake) = slow(&world, 10.0, options).await;
    backlog(&world, 200).await;
    sender.sweep().await.unwrap();
    // Not only for as long as one mail may wait for its place.
    let counts = fake.counts();
    assert!((18..=31).contains(&counts.accepted), "{counts:?}");
    assert_eq!(counts.throttled, 0);
}

#[tokio::test]
async fn what_is_freed_leaves_beside_a_backlog_that_lasts() {
    let world = World::with(SES).await;
    world.set(297, "S").await;
    let (held, delivery) = world.send("para depois").await;
    assert_eq!(delivery.status, DeliveryStatus::Held);
    world.set(297, "N").await;
    let options = Options {
        pace: Duration::from_millis(300),
        sweep: Duration::from_secs(2),
        ..Options::default()
    };
    let (sender, _fake) = slow(&world, 10.0, options).await;
    world.set(297, "S").await;
    let (held_again, _) = world.send("e mais um").await;
    world.set(297, "N").await;
    backlog(&world, 100).await;
    let report = sender.sweep().await.unwrap();
    assert!(report.cut_short);
    for posted in [held, held_again] {
        let status = world.delivery(&posted).await.status;
        assert_eq!(status, DeliveryStatus::Accepted);
    }
}

#[tokio::test]
async fn no_call_begins_when_the_time_of_a_sweep_is_over() {
    let world = World::with(&SES[2..]).await;
    backlog(&world, 60).await;
    let options = Options {
        concurrency: 1,
        sweep: Duration::from_millis(500),
        ..Options::default()
    };
    let fake = FakeSes::start().await.unwrap();
    fake.script(vec![fake_ses::Behaviour::Delay { ms: 100 }; 60]);
    let transport = Arc::new(ses(&fake.url()));
    let sender = Sender::with_options(world.app.clone(), transport, options);
    let started = Instant::now();
    let report = sender.sweep().await.unwrap();
    // One call that was under way, and no more.
    assert!(started.elapsed() < Duration::from_secs(3), "{report:?}");
    assert!((1..=10).contains(&report.accepted), "{report:?}");
    assert_eq!(report.unknown, 0);
}

async fn overwrite(world: &World, posted: &Posted) -> Item {
    let item = world.items(posted).await.remove(0);
    let mut broken = item.clone();
    broken.data = json!({ "status": "of a later version" });
    world.store.commit(vec![Write::put(broken)]).await.unwrap();
    item
}

#[tokio::test]
async fn one_that_cannot_be_read_keeps_no_other_from_leaving() {
    let world = World::new().await;
    world.set(297, "S").await;
    // The same shard for at least two of them.
    let mut posted = Vec::new();
    for number in 0..20 {
        posted.push(world.send(&number.to_string()).await.0);
    }
    // The first of each obstacle and shard is as likely among these as any other.
    let (broken, whole) = posted.split_at(10);
    for one in broken {
        overwrite(&world, one).await;
    }
    world.set(297, "N").await;
    let report = world.sender.sweep().await.unwrap();
    assert_eq!(report.accepted, whole.len(), "{report:?}");
    assert!(report.errors > 0);
    let again = world.sender.sweep().await.unwrap();
    assert_eq!(again.accepted, 0);
}

#[tokio::test]
async fn the_age_of_the_queue_counts_from_when_they_were_queued_last_and_over_tries() {
    let world = World::new().await;
    let oldest = |report: SweepReport| report.oldest.unwrap_or_default().as_secs();
    let refused = Outcome::Refused {
        code: Reason::Rejected,
        reason: "no".to_owned(),
    };
    world.transport.then(Act::Answer(refused));
    let (posted, failed) = world.send("Olá").await;
    assert_eq!(failed.status, DeliveryStatus::Failed);
    world.wait(SignedDuration::from_hours(24 * 90));
    // Sent again months later: it waits since now. Nobody is reached, and it waits on.
    let item = world.items(&posted).await.remove(0);
    let mut delivery = failed;
    delivery.resend("bia", world.now()).unwrap();
    let queued = service::outgoing::deliveries::item(&delivery).unwrap();
    let write = Write::replace(queued, item.version);
    world.store.commit(vec![write]).await.unwrap();
    let unreachable = Outcome::Retry {
        after: Duration::from_secs(3000),
        counts: true,
        reason: "refused".to_owned(),
    };
    world.transport.to(MARIA, Some(unreachable));
    assert_eq!(oldest(world.sender.sweep().await.unwrap()), 0);
    world.wait(SignedDuration::from_mins(10));
    assert_eq!(oldest(world.sender.sweep().await.unwrap()), 600);
}
