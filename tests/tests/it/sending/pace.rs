//! The provider's rate, kept by all senders together.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{delivery::DeliveryStatus, pace::Pace};
use fake_ses::FakeSes;
use jiff::Timestamp;
use service::outgoing::sending::{Options, Sender};
use storage::{Item, Storage, keys};

use crate::desk::{Desk, MARIA};
use crate::transport::ses::ses;

const SES: &[(&str, &str)] = &[("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")];
/// Mails a second.
const RATE: f64 = 100.0;
const MAILS: usize = 300;

/// A sender as another process would be, with the clock of this machine.
fn sender(desk: &Desk, fake: &FakeSes, options: Options) -> Sender {
    let app = desk.app.clone().with_clock(Timestamp::now);
    Sender::with_options(app, Arc::new(ses(&fake.url())), options)
}

async fn pace(desk: &Desk) -> Pace {
    let found = desk.store.get(&[keys::pace()]).await.unwrap();
    found[0]
        .as_ref()
        .map(|item| item.decode().unwrap())
        .unwrap_or_default()
}

async fn written(desk: &Desk, number: usize) -> Vec<Vec<Item>> {
    let mut items = Vec::new();
    for n in 0..number {
        // Mails of one ticket to one person follow each other.
        let ticket = format!("T{}", n / 15);
        if n % 15 == 0 {
            desk.ticket_of(&ticket, MARIA).await;
        }
        let posted = desk.post_on(&ticket, &n.to_string()).await;
        items.extend(desk.items(&posted).await);
    }
    items.chunks(10).map(<[Item]>::to_vec).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_senders_keep_the_rate_that_the_provider_says() {
    let desk = Desk::sending_with(SES).await;
    let fake = FakeSes::start().await.unwrap();
    fake.settings(|settings| settings.max_send_rate = Some(RATE));
    let senders = [(); 2].map(|()| sender(&desk, &fake, Options::default()));
    senders[0].sweep().await.unwrap();
    assert_eq!(pace(&desk).await.limit, Some(RATE));
    let batches = written(&desk, MAILS).await;
    let started = Instant::now();
    let halves = batches.split_at(batches.len() / 2);
    let work = async |sender: &Sender, batches: &[Vec<Item>]| {
        for batch in batches {
            sender.send_queued(batch.clone()).await;
        }
    };
    tokio::join!(work(&senders[0], halves.0), work(&senders[1], halves.1));
    let took = started.elapsed();
    let counts = fake.counts();
    assert!(counts.throttled * 20 <= MAILS as u64, "{counts:?}");
    assert_eq!(counts.accepted + counts.throttled, MAILS as u64);
    let ideal = Duration::from_secs_f64(MAILS as f64 / RATE);
    assert!(
        took > ideal.mul_f64(0.9),
        "{took:?} is faster than the rate"
    );
}

#[tokio::test]
async fn throttling_slows_all_senders_down_and_loses_nothing() {
    let desk = Desk::sending_with(SES).await;
    let fake = FakeSes::start().await.unwrap();
    let one = sender(&desk, &fake, Options::default());
    one.sweep().await.unwrap();
    let before = pace(&desk).await.rate();
    fake.script([fake_ses::Behaviour::Throttle]);
    let batches = written(&desk, 1).await;
    one.send_queued(batches[0].clone()).await;
    let after = pace(&desk).await.rate();
    assert!(
        after.is_some() && (before.is_none() || after < before),
        "{before:?} {after:?}"
    );
    let delivery: domain::delivery::Delivery = {
        let key = batches[0][0].key.clone();
        let found = desk.store.get(&[key]).await.unwrap();
        found[0].as_ref().unwrap().decode().unwrap()
    };
    assert_eq!(delivery.status, DeliveryStatus::Queued);
}

#[tokio::test]
async fn what_does_not_fit_into_a_run_stays_in_the_queue() {
    let desk = Desk::sending_with(SES).await;
    let fake = FakeSes::start().await.unwrap();
    fake.settings(|settings| settings.max_send_rate = Some(2.0));
    let options = Options {
        pace: Duration::from_millis(600),
        ..Options::default()
    };
    let hurried = sender(&desk, &fake, options);
    hurried.sweep().await.unwrap();
    let batches = written(&desk, 10).await;
    hurried.send_queued(batches[0].clone()).await;
    let accepted = fake.counts().accepted;
    assert!((1..=3).contains(&accepted), "{accepted}");
    assert_eq!(fake.counts().throttled, 0);
}
