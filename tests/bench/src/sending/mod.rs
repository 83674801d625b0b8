//! Figures of sending: the application's own code over storage and a mail service whose times are
//! given, the fake SES with a rate, and the embedded store as it grows.

pub mod batch;
pub mod burst;
pub mod cpu;
pub mod growth;
pub mod polling;
pub mod report;
pub mod slow;
pub mod throttled;
pub mod units;

use std::sync::Arc;

use domain::delivery::{Delivery, DeliveryStatus};
use serde_json::Value;
use service::App;
use storage::{Item, Key, SharedStorage, keys};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    Failure,
    desk::{SeededDesk, message},
};

/// Messages on one ticket: no more than the storm rules let go at once.
const MESSAGES_OF_TICKET: usize = 10;
/// Posts under way at once: the embedded store commits them together.
const POSTERS: usize = 32;

/// A desk that sends through SES.
async fn desk(store: SharedStorage) -> Result<SeededDesk, Failure> {
    SeededDesk::seed_with(store, |name| match name {
        "MAIL_TRANSPORT" => Some("ses".to_owned()),
        "CONFIGURATION_SET" => Some("events".to_owned()),
        _ => None,
    })
    .await
}

/// Posts so many messages on as many tickets as they need, and gives the keys of their deliveries.
async fn post(desk: &SeededDesk, messages: usize) -> Result<Vec<Key>, Failure> {
    let tickets = messages.div_ceil(MESSAGES_OF_TICKET);
    let run = Uuid::now_v7().simple().to_string();
    let mut tasks = JoinSet::new();
    for poster in 0..POSTERS {
        let (desk, run) = (desk.clone(), run.clone());
        tasks.spawn(async move {
            let mut posted = Vec::new();
            for number in (poster..tickets).step_by(POSTERS) {
                let ticket = format!("{run}-{number}");
                desk.put_ticket(&ticket).await?;
                let left = messages - number * MESSAGES_OF_TICKET;
                for _ in 0..left.min(MESSAGES_OF_TICKET) {
                    posted.extend(deliveries(&desk.post(&ticket, &message()).await?)?);
                }
            }
            Ok::<_, Failure>(posted)
        });
    }
    let mut of_posters = Vec::with_capacity(POSTERS);
    while let Some(ended) = tasks.join_next().await {
        of_posters.push(ended??.into_iter());
    }
    // One of each ticket in turn: those that leave together go to many people, as they do in a desk.
    let mut all = Vec::with_capacity(messages);
    while all.len() < messages {
        let before = all.len();
        all.extend(of_posters.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return Err(format!("{before} deliveries of {messages} messages").into());
        }
    }
    Ok(all)
}

/// The keys of a posted message's deliveries.
fn deliveries(posted: &Value) -> Result<Vec<Key>, Failure> {
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("no id");
    let (ticket, message) = (
        text(&posted["ticket_id"])?.parse()?,
        text(&posted["id"])?.parse()?,
    );
    let made = posted["deliveries"].as_array().into_iter().flatten();
    made.map(|one| Ok(keys::delivery(&ticket, message, text(&one["id"])?.parse()?)))
        .collect()
}

/// Deliveries as the stream would bring them.
async fn items(app: &App, keys: &[Key]) -> Result<Vec<Item>, Failure> {
    let found = app.store.get(keys).await?;
    let found: Option<Vec<Item>> = found.into_iter().collect();
    found.ok_or_else(|| "a delivery is gone".into())
}

/// How many of these deliveries the provider has, and how many will not be sent.
async fn outcomes(app: &App, keys: &[Key]) -> Result<(usize, usize), Failure> {
    let (mut accepted, mut failed) = (0, 0);
    for part in keys.chunks(storage::MAX_GET) {
        for item in items(app, part).await? {
            match item.decode::<Delivery>()?.status {
                DeliveryStatus::Accepted => accepted += 1,
                DeliveryStatus::Failed | DeliveryStatus::Unknown => failed += 1,
                _ => {}
            }
        }
    }
    Ok((accepted, failed))
}

/// A number for a ratio.
fn float(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "millions at most")]
    let float = number as f64;
    float
}

/// Storage that is shared.
fn shared_storage(store: impl storage::Storage + 'static) -> SharedStorage {
    Arc::new(store)
}
