//! The thread that writes: conditions, group commit, the index and what expires.

use std::collections::{BTreeSet, HashMap};

use redb::{Database, ReadableTable, Table, WriteTransaction};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::{Action, Expect, Item, Key, StorageError, Write};
use super::changes::Counts;
use super::disk::Disk;
use super::file::unusable;
use super::mark::Mark;
use super::records::{DAMAGE, EXPIRY, Header, INDEX, ITEMS, META, SEQUENCE, encode, header};

/// Most commits that share one `fsync`.
const GROUP: usize = 64;
/// Most expired items that one purge removes.
pub(super) const PURGE_BATCH: usize = 256;

/// Work for the thread, with the way to answer.
pub(super) enum Job {
    /// Apply one commit, all of it or nothing.
    Commit {
        writes: Vec<Write>,
        done: oneshot::Sender<Result<(), StorageError>>,
    },
    /// Remove up to [`PURGE_BATCH`] expired items.
    Purge {
        done: oneshot::Sender<Result<usize, StorageError>>,
    },
    /// Write something, to see whether that works.
    Probe {
        done: oneshot::Sender<Result<usize, StorageError>>,
    },
    /// Write down which pages are free.
    Settle {
        done: oneshot::Sender<Result<usize, StorageError>>,
    },
    /// Write down that the file is damaged.
    Condemn {
        why: String,
        done: oneshot::Sender<Result<usize, StorageError>>,
    },
}

impl Job {
    /// Answers; a caller that is gone does not mind.
    fn answer(self, outcome: Result<usize, StorageError>) {
        match self {
            Self::Commit { done, .. } => drop(done.send(outcome.map(drop))),
            Self::Purge { done }
            | Self::Probe { done }
            | Self::Settle { done }
            | Self::Condemn { done, .. } => drop(done.send(outcome)),
        }
    }

    /// Whether the file has to be written for it, whatever it changed.
    fn must_write(&self) -> bool {
        !matches!(self, Self::Commit { .. } | Self::Purge { .. })
    }
}

/// Works until the queue is closed and empty.
pub(super) fn run(
    disk: &Disk,
    mark: Option<&Mark>,
    mut queue: mpsc::Receiver<Job>,
    written: &watch::Sender<Counts>,
) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(job) = queue.try_recv()
        {
            group.push(job);
        }
        group_commit(disk, mark, group, written);
    }
}

/// Applies jobs in one transaction of the file and answers each once it is on disk.
fn group_commit(
    disk: &Disk,
    mark: Option<&Mark>,
    group: Vec<Job>,
    written: &watch::Sender<Counts>,
) {
    let db = match disk.ready() {
        Ok(db) => db,
        Err(error) => {
            let why = error.to_string();
            for job in group {
                job.answer(Err(StorageError::Busy(why.clone())));
            }
            return;
        }
    };
    let (tx, outcomes) = match apply_all(&db, &group) {
        Ok(applied) => applied,
        Err(error) => {
            // Nothing of the group was written.
            let why = error.to_string();
            disk.failed(&why);
            for job in group {
                job.answer(Err(StorageError::Unusable(why.clone())));
            }
            return;
        }
    };
    let mut entities = BTreeSet::new();
    for outcome in outcomes.iter().flatten() {
        entities.extend(outcome.entities.iter().cloned());
    }
    let must_write = group.iter().any(Job::must_write);
    // A group that wrote nothing needs no fsync.
    let end = if entities.is_empty() && !must_write {
        tx.abort().map(|()| None).map_err(|e| e.to_string())
    } else {
        finish(tx, mark.is_some())
            .map(Some)
            .map_err(|e| e.to_string())
    };
    let sequence = match end {
        Ok(sequence) => sequence,
        Err(why) => {
            disk.failed(&why);
            for job in group {
                job.answer(Err(StorageError::Unknown(why.clone())));
            }
            return;
        }
    };
    if let Some(sequence) = sequence {
        disk.works();
        if let Some(mark) = mark {
            mark.set(sequence);
        }
    }
    if !entities.is_empty() {
        written.send_modify(|counts| {
            for entity in entities {
                *counts.entry(entity).or_default() += 1;
            }
        });
    }
    for (job, outcome) in group.into_iter().zip(outcomes) {
        job.answer(outcome.map(|applied| applied.items));
    }
}

/// Commits; how many groups the file holds then. An older copy that nobody
/// accepted yet counts none: it must not catch up with its mark.
fn finish(tx: WriteTransaction, counted: bool) -> Result<u64, redb::Error> {
    let sequence = {
        let mut meta = tx.open_table(META)?;
        let last = meta.get(SEQUENCE)?;
        let last: u64 = last.and_then(|text| text.value().parse().ok()).unwrap_or(0);
        let now = last.saturating_add(u64::from(counted));
        // Written in any case: a probe has to write something.
        meta.insert(SEQUENCE, now.to_string().as_str())?;
        now
    };
    tx.commit()?;
    Ok(sequence)
}

type Outcomes = Vec<Result<Applied, StorageError>>;

/// The transaction with every job in it that met its conditions.
///
/// # Errors
/// When the file cannot be worked on: then nothing is written.
fn apply_all(db: &Database, group: &[Job]) -> Result<(WriteTransaction, Outcomes), StorageError> {
    let mut tx = db.begin_write().map_err(unusable)?;
    let settles = group.iter().any(|job| matches!(job, Job::Settle { .. }));
    tx.set_quick_repair(settles);
    let now = super::now();
    for job in group {
        if let Job::Condemn { why, .. } = job {
            let mut meta = tx.open_table(META).map_err(unusable)?;
            meta.insert(DAMAGE, why.as_str()).map_err(unusable)?;
        }
    }
    let outcomes = {
        let mut tables = Tables::open(&tx)?;
        group
            .iter()
            .map(|job| match job {
                Job::Commit { writes, .. } => tables.commit(writes, now),
                Job::Purge { .. } => tables.purge(now),
                Job::Probe { .. } | Job::Settle { .. } | Job::Condemn { .. } => {
                    Ok(Applied::default())
                }
            })
            .map(|outcome| match outcome {
                Err(error @ StorageError::Unusable(_)) => Err(error),
                outcome => Ok(outcome),
            })
            .collect::<Result<Outcomes, _>>()?
    };
    Ok((tx, outcomes))
}

/// What one job changed.
#[derive(Default)]
struct Applied {
    items: usize,
    entities: BTreeSet<String>,
}

struct Tables<'tx> {
    items: Table<'tx, (&'static str, &'static str), &'static [u8]>,
    index: Table<'tx, (&'static str, &'static str, &'static str, &'static str), ()>,
    expiry: Table<'tx, (i64, &'static str, &'static str), ()>,
}

impl<'tx> Tables<'tx> {
    fn open(tx: &'tx WriteTransaction) -> Result<Self, StorageError> {
        Ok(Self {
            items: tx.open_table(ITEMS).map_err(unusable)?,
            index: tx.open_table(INDEX).map_err(unusable)?,
            expiry: tx.open_table(EXPIRY).map_err(unusable)?,
        })
    }

    /// Looks at every condition first, so that a refused commit touches nothing.
    fn commit(&mut self, writes: &[Write], now: i64) -> Result<Applied, StorageError> {
        let mut present = HashMap::with_capacity(writes.len());
        let mut lost = Vec::new();
        for (place, write) in writes.iter().enumerate() {
            let found = self.header(write.key())?;
            let live = found.as_ref().filter(|header| !header.expired(now));
            let holds = match &write.expect {
                Expect::Absent => live.is_none(),
                Expect::Version(version) => live.is_some_and(|h| h.version == *version),
                Expect::Anything | Expect::Alone(_) => true,
            };
            if !holds {
                lost.push(place);
            }
            present.extend(found.map(|header| (place, header)));
        }
        if !lost.is_empty() {
            return Err(StorageError::Conflict { writes: lost });
        }
        // What may still be refused is refused before the first change.
        let encoded = writes
            .iter()
            .map(|write| match &write.action {
                Action::Put(item) => encode(item).map(Some),
                Action::Delete(_) | Action::Check(_) => Ok(None),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut applied = Applied::default();
        for (place, (write, bytes)) in writes.iter().zip(encoded).enumerate() {
            let old = present.remove(&place);
            match (&write.action, bytes) {
                (Action::Put(item), Some(bytes)) => {
                    self.remove(&item.key, old)?;
                    self.insert(item, &bytes)?;
                    applied.items += 1;
                    applied.entities.insert(item.entity.clone());
                }
                (Action::Delete(key), _) => {
                    if let Some(entity) = self.remove(key, old)? {
                        applied.items += 1;
                        applied.entities.insert(entity);
                    }
                }
                (Action::Put(_) | Action::Check(_), _) => {}
            }
        }
        Ok(applied)
    }

    fn purge(&mut self, now: i64) -> Result<Applied, StorageError> {
        let due: Vec<(Key, Option<Header>)> = self
            .expiry
            .range::<(i64, &str, &str)>(..(now.saturating_add(1), "", ""))
            .map_err(unusable)?
            .take(PURGE_BATCH)
            .map(|row| {
                let (entry, _) = row.map_err(unusable)?;
                let (_, pk, sk) = entry.value();
                let key = Key::new(pk, sk);
                let old = self.header(&key)?;
                Ok((key, old))
            })
            .collect::<Result<_, StorageError>>()?;
        let mut applied = Applied::default();
        for (key, old) in due {
            if let Some(entity) = self.remove(&key, old)? {
                applied.items += 1;
                applied.entities.insert(entity);
            }
        }
        Ok(applied)
    }

    fn header(&self, key: &Key) -> Result<Option<Header>, StorageError> {
        let found = self
            .items
            .get((key.pk.as_str(), key.sk.as_str()))
            .map_err(unusable)?;
        found.map(|bytes| header(key, bytes.value())).transpose()
    }

    fn insert(&mut self, item: &Item, bytes: &[u8]) -> Result<(), StorageError> {
        let (pk, sk) = (item.key.pk.as_str(), item.key.sk.as_str());
        self.items.insert((pk, sk), bytes).map_err(unusable)?;
        if let Some(entry) = &item.index {
            self.index
                .insert((entry.partition.as_str(), entry.sort.as_str(), pk, sk), ())
                .map_err(unusable)?;
        }
        if let Some(at) = item.expires_at {
            self.expiry.insert((at, pk, sk), ()).map_err(unusable)?;
        }
        Ok(())
    }

    /// Removes an item and its places elsewhere; gives its entity if it was there.
    fn remove(&mut self, key: &Key, old: Option<Header>) -> Result<Option<String>, StorageError> {
        let Some(old) = old else { return Ok(None) };
        let (pk, sk) = (key.pk.as_str(), key.sk.as_str());
        self.items.remove((pk, sk)).map_err(unusable)?;
        if let Some(entry) = &old.index {
            self.index
                .remove((entry.partition.as_str(), entry.sort.as_str(), pk, sk))
                .map_err(unusable)?;
        }
        if let Some(at) = old.expires_at {
            self.expiry.remove((at, pk, sk)).map_err(unusable)?;
        }
        Ok(Some(old.entity))
    }
}
