//! Request units of DynamoDB that a message takes, counted as DynamoDB bills them ("DynamoDB read and
//! write operations"): a written KiB is one unit, two within a transaction; an index takes its own,
//! one when an item comes or goes, two when it changes its place there; a strongly consistent read is one unit for 4 KiB.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use ::tests::memory::Memory;
use async_trait::async_trait;
use domain::delivery::Delivery;
use jiff::Timestamp;
use mail::ses_event::{
    Happening,
    build::{SentMail, event},
};
use service::{App, feedback, outgoing::sending::Sender, settings::Settings};
use storage::{
    Action, Expect, IndexEntry, Item, Key, Page, Query, SharedStorage, Source, Storage,
    StorageError, Write, limits::item_bytes,
};

use super::{batch::MAILS, float, items, post, shared_storage, slow::Accepting};
use crate::{Failure, desk::SeededDesk, mail::MAIL_FROM};

/// Bytes of a row of the index: four keys.
const PLACE_BYTES: usize = 250;

/// Units of reads and writes, for one message with one mail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Units {
    /// Read units, as DynamoDB bills them.
    pub read: f64,
    /// Write units, as DynamoDB bills them.
    pub write: f64,
}

/// Written units by the kind of item: of the table, and of the index.
pub type ByEntity = BTreeMap<String, [f64; 2]>;

/// Units a message, by what is done.
#[derive(Clone, Debug)]
pub struct Spent {
    /// Where the written ones go, by what is done.
    pub written: [(&'static str, ByEntity); 3],
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
    let settings = Settings::read(|name| match name {
        "MAIL_FROM" => Some(MAIL_FROM.to_owned()),
        "MAIL_TRANSPORT" => Some("ses".to_owned()),
        "CONFIGURATION_SET" => Some("events".to_owned()),
        _ => None,
    })?;
    // Each moment is another one: what moves by time does move, however fast this machine is.
    let time = AtomicI64::new(Timestamp::now().as_millisecond());
    let clock = move || {
        let now = time.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_millisecond(now).unwrap_or_default()
    };
    let app = App::new(shared_storage(Shared(meter.clone())), settings).with_clock(clock);
    let desk = SeededDesk::over(app).await?;
    let sender = Sender::new(
        desk.app.clone(),
        Arc::new(Accepting::new(std::time::Duration::ZERO, Some(100_000.0))),
    );
    sender.sweep().await?;
    // A conversation that is under way, so that what a first message makes is there, and what each process
    // writes every few minutes.
    let first = post(&desk, 1).await?;
    sender.send_queued(items(&desk.app, &first).await?).await;
    tell_of(&desk.app, &first).await?;
    let keys = post(&desk, messages).await?;
    let tickets: Vec<String> = keys.iter().map(|key| key.pk[2..].to_owned()).collect();
    meter.take();
    for ticket in &tickets {
        desk.post(ticket, &crate::desk::message()).await?;
    }
    let posted = meter.take();
    let (mut sent, mut told) = (Counted::default(), Counted::default());
    for part in keys.chunks(MAILS) {
        let read = items(&desk.app, part).await?;
        meter.take();
        sender.send_queued(read).await;
        sent.add(meter.take());
        for key in part {
            meter.take();
            tell_of(&desk.app, std::slice::from_ref(key)).await?;
            let mut counted = meter.take();
            // The delivery is read here alone, to know what the provider tells of it.
            counted.read -= 1.0;
            told.add(counted);
        }
    }
    let [posted, sent, told] = [posted, sent, told].map(|counted| counted.of(messages));
    Ok(Spent {
        posted: posted.units(),
        sent: sent.units(),
        told: told.units(),
        written: [
            ("posted", posted.written),
            ("sent", sent.written),
            ("told", told.written),
        ],
    })
}

/// Tells what the provider does of a mail that arrives: that it has it, and that it was delivered.
async fn tell_of(app: &App, keys: &[Key]) -> Result<(), Failure> {
    for item in items(app, keys).await? {
        let delivery: Delivery = item.decode()?;
        for happening in [
            Happening::Send,
            Happening::Delivery {
                response: "250 ok".to_owned(),
            },
        ] {
            feedback::apply(app, &tell(&delivery, &happening)?).await?;
        }
    }
    Ok(())
}

fn tell(delivery: &Delivery, happening: &Happening) -> Result<serde_json::Value, Failure> {
    let mail = delivery.mail.as_ref().ok_or("no mail")?;
    let tags = [
        ("delivery_id", delivery.id.to_string()),
        ("attempt", mail.attempt.to_string()),
        ("message_id", delivery.message_id.to_string()),
        ("ticket_id", delivery.ticket_id.to_string()),
    ];
    let sent = SentMail {
        provider_id: mail.provider_id.clone().ok_or("no id")?,
        from: "desk@mensageria.example".to_owned(),
        to: delivery.to.address.to_string(),
        tags: tags.map(|(name, value)| (name.to_owned(), value)).into(),
        configuration_set: "events".to_owned(),
        at: Timestamp::now(),
    };
    Ok(event(&sent, happening, Timestamp::now()))
}

/// Units that a storage counted since they were last taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) read: f64,
    written: ByEntity,
}

impl Counted {
    fn add(&mut self, other: Self) {
        self.read += other.read;
        for (entity, units) in other.written {
            self.write(&entity, units);
        }
    }

    fn write(&mut self, entity: &str, [table, index]: [f64; 2]) {
        let counted = self.written.entry(entity.to_owned()).or_default();
        counted[0] += table;
        counted[1] += index;
    }

    fn of(mut self, messages: usize) -> Self {
        self.read /= float(messages);
        for units in self.written.values_mut().flatten() {
            *units /= float(messages);
        }
        self
    }

    fn units(&self) -> Units {
        Units {
            read: self.read,
            write: self.written.values().flatten().sum(),
        }
    }
}

/// Storage that counts units.
pub(super) struct Meter {
    inner: SharedStorage,
    spent: Mutex<Counted>,
    /// What each item is, and where it stands in the index.
    places: Mutex<BTreeMap<Key, (String, Option<IndexEntry>)>>,
}

impl Meter {
    pub(super) fn new(inner: SharedStorage) -> Self {
        Self {
            inner,
            spent: Mutex::default(),
            places: Mutex::default(),
        }
    }

    pub(super) fn take(&self) -> Counted {
        std::mem::take(&mut *self.spent())
    }

    fn spent(&self) -> MutexGuard<'_, Counted> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a write in the table, and in the index.
    fn write(&self, write: &Write, factor: f64) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (entity, units) = match &write.action {
            Action::Put(item) => {
                let size = kibibytes(item, 1024);
                let place = (item.entity.clone(), item.index.clone());
                let before = places.insert(item.key.clone(), place);
                // The index holds keys alone: what stays in its place is not written there.
                let index = match (before.and_then(|(_, index)| index), &item.index) {
                    (Some(old), Some(new)) if old != *new => 2.0,
                    (None, Some(_)) | (Some(_), None) => 1.0,
                    _ => 0.0,
                };
                (item.entity.clone(), [size * factor, index])
            }
            Action::Delete(key) => {
                let (entity, place) = places
                    .remove(key)
                    .unwrap_or_else(|| ("nothing".to_owned(), None));
                let index = if place.is_some() { 1.0 } else { 0.0 };
                (entity, [factor, index])
            }
            Action::Check(_) => ("check".to_owned(), [factor, 0.0]),
        };
        self.spent().write(&entity, units);
    }
}

/// Storage with the meter of all.
pub(super) struct Shared(pub(super) Arc<Meter>);

#[async_trait]
impl Storage for Shared {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        let found = self.0.inner.get(keys).await?;
        let read: f64 = found
            .iter()
            .map(|item| item.as_ref().map_or(1.0, |item| kibibytes(item, 4096)))
            .sum();
        self.0.spent().read += read;
        Ok(found)
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        let (of_index, places) = (matches!(query.source, Source::Index(_)), query.places);
        let page = self.0.inner.query(query).await?;
        let read = if of_index {
            // Keys of the index, eventually consistent, and each item of the table.
            let bytes = page.items.len() * PLACE_BYTES;
            let whole = page.items.iter().filter(|_| !places);
            float(bytes.div_ceil(4096).max(1)) / 2.0
                + whole.map(|item| kibibytes(item, 4096)).sum::<f64>()
        } else {
            let bytes: usize = page.items.iter().map(item_bytes).sum();
            float(bytes.div_ceil(4096).max(1))
        };
        self.0.spent().read += read;
        Ok(page)
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        let alone = |write: &Write| matches!(write.expect, Expect::Alone(_));
        let together = writes.iter().filter(|write| !alone(write)).count();
        self.0.inner.commit(writes.clone()).await?;
        for write in &writes {
            let doubled = together > 1 && !alone(write);
            self.0.write(write, if doubled { 2.0 } else { 1.0 });
        }
        Ok(())
    }
}

fn kibibytes(item: &Item, unit: usize) -> f64 {
    float(item_bytes(item).div_ceil(unit).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units that a message may write, from its post to its delivery.
    const MAX_WRITTEN: f64 = 28.0;

    #[tokio::test]
    async fn every_part_takes_units() {
        let spent = measure(20).await.unwrap();
        println!("{spent:#?}");
        let parts = [spent.posted, spent.sent, spent.told];
        for part in parts {
            assert!(part.read > 0.0 && part.write >= 1.0, "{spent:?}");
        }
        let written: f64 = parts.iter().map(|part| part.write).sum();
        assert!(written <= MAX_WRITTEN, "{written} {spent:?}");
    }
}
