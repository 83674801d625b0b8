//! Request units of DynamoDB that a message takes, counted as DynamoDB bills them ("DynamoDB read and
//! write operations"): a written KiB is one unit, two within a transaction; an index takes its own,
//! two when an item changes its place there; a strongly consistent read is one unit for 4 KiB.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ::tests::memory::Memory;
use async_trait::async_trait;
use domain::delivery::Delivery;
use jiff::Timestamp;
use mail::ses_event::{
    Happening,
    build::{SentMail, event},
};
use service::{feedback, sending::Sender};
use storage::{
    Action, Item, Key, Page, Query, SharedStorage, Source, Storage, StorageError, Write,
    limits::item_bytes,
};

use super::{batch::MAILS, desk, float, items, post, shared_storage, slow::Accepting};
use crate::Failure;

/// Units of reads and writes, for one message with one mail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Units {
    /// Reads.
    pub read: f64,
    /// Writes.
    pub write: f64,
}

/// Units a message, by what is done.
#[derive(Clone, Debug)]
pub struct Spent {
    /// The message is posted, with an idempotency key left out.
    pub posted: Units,
    /// Its mail is sent, in a batch of ten.
    pub sent: Units,
    /// SES tells that it took the mail and that it was delivered.
    pub told: Units,
}

/// Posts, sends and hears of `messages` messages.
///
/// # Errors
/// When one is refused.
pub async fn measure(messages: usize) -> Result<Spent, Failure> {
    let meter = Arc::new(Meter::new(Arc::new(Memory::default())));
    let desk = desk(shared_storage(Shared(meter.clone()))).await?;
    let sender = Sender::new(
        desk.app.clone(),
        Arc::new(Accepting::new(std::time::Duration::ZERO, Some(100_000.0))),
    );
    sender.sweep().await?;
    // A conversation that is under way, so that what a first message makes is there.
    let keys = post(&desk, messages).await?;
    let tickets: Vec<String> = keys.iter().map(|key| key.pk[2..].to_owned()).collect();
    meter.take();
    for ticket in &tickets {
        desk.post(ticket, &crate::desk::message()).await?;
    }
    let posted = meter.take().of(messages);
    let mut sent = Units::default();
    let mut told = Units::default();
    for part in keys.chunks(MAILS) {
        let read = items(&desk.app, part).await?;
        meter.take();
        sender.send_queued(read).await;
        sent.add(meter.take());
        for item in items(&desk.app, part).await? {
            let delivery: Delivery = item.decode()?;
            meter.take();
            for happening in [
                Happening::Send,
                Happening::Delivery {
                    response: "250 ok".to_owned(),
                },
            ] {
                feedback::apply(&desk.app, &tell(&delivery, &happening)?).await?;
            }
            told.add(meter.take());
        }
    }
    Ok(Spent {
        posted,
        sent: sent.of(messages),
        told: told.of(messages),
    })
}

fn tell(delivery: &Delivery, happening: &Happening) -> Result<serde_json::Value, Failure> {
    let mail = delivery.mail.as_ref().ok_or("no mail")?;
    let tags = [
        ("delivery_id", delivery.id.to_string()),
        ("attempt", mail.attempt.to_string()),
        ("message_id", delivery.message_id.to_string()),
        ("ticket_id", delivery.ticket_id.clone()),
    ];
    let sent = SentMail {
        message_id: mail.provider_id.clone().ok_or("no id")?,
        from: "desk@mensageria.example".to_owned(),
        to: delivery.to.address.clone(),
        tags: tags.map(|(name, value)| (name.to_owned(), value)).into(),
        configuration_set: "events".to_owned(),
        at: Timestamp::now(),
    };
    Ok(event(&sent, happening, Timestamp::now()))
}

impl Units {
    fn add(&mut self, other: Self) {
        self.read += other.read;
        self.write += other.write;
    }

    fn of(self, messages: usize) -> Self {
        Self {
            read: self.read / float(messages),
            write: self.write / float(messages),
        }
    }
}

/// Storage that counts units.
pub(super) struct Meter {
    inner: SharedStorage,
    spent: Mutex<Units>,
    /// Where each item stands in the index.
    places: Mutex<BTreeMap<Key, (String, String)>>,
}

impl Meter {
    pub(super) fn new(inner: SharedStorage) -> Self {
        Self {
            inner,
            spent: Mutex::default(),
            places: Mutex::default(),
        }
    }

    pub(super) fn take(&self) -> Units {
        std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn spend(&self, units: Units) {
        self.spent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(units);
    }

    /// Units of a write in the table, and in the index.
    fn write(&self, write: &Write, factor: f64) -> f64 {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        match &write.action {
            Action::Put(item) => {
                let size = kibibytes(item, 1024);
                let place = item
                    .index
                    .as_ref()
                    .map(|index| (index.partition.clone(), index.sort.clone()));
                let before = match &place {
                    Some(place) => places.insert(item.key.clone(), place.clone()),
                    None => places.remove(&item.key),
                };
                let index = match (before, place) {
                    (None, None) => 0.0,
                    (Some(old), Some(new)) if old != new => 2.0,
                    _ => 1.0,
                };
                size * factor + index * size
            }
            Action::Delete(key) => {
                let index = if places.remove(key).is_some() {
                    1.0
                } else {
                    0.0
                };
                factor + index
            }
            Action::Check(_) => factor,
        }
    }
}

/// Storage with the meter of all.
pub(super) struct Shared(pub(super) Arc<Meter>);

#[async_trait]
impl Storage for Shared {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        let found = self.0.inner.get(keys).await?;
        let read = found
            .iter()
            .map(|item| item.as_ref().map_or(1.0, |item| kibibytes(item, 4096)))
            .sum();
        self.0.spend(Units { read, write: 0.0 });
        Ok(found)
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        let consistent = matches!(query.source, Source::Partition(_));
        let page = self.0.inner.query(query).await?;
        let bytes: usize = page.items.iter().map(item_bytes).sum();
        let units = float(bytes.div_ceil(4096).max(1));
        let read = if consistent { units } else { units / 2.0 };
        self.0.spend(Units { read, write: 0.0 });
        Ok(page)
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        let factor = if writes.len() > 1 { 2.0 } else { 1.0 };
        self.0.inner.commit(writes.clone()).await?;
        let write = writes.iter().map(|write| self.0.write(write, factor)).sum();
        self.0.spend(Units { read: 0.0, write });
        Ok(())
    }
}

fn kibibytes(item: &Item, unit: usize) -> f64 {
    float(item_bytes(item).div_ceil(unit).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_part_takes_units() {
        let spent = measure(20).await.unwrap();
        for part in [spent.posted, spent.sent, spent.told] {
            assert!(part.read > 0.0 && part.write >= 1.0, "{spent:?}");
        }
    }
}
