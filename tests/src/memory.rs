//! Storage that answers at once and counts what it is asked: for measuring and counting, not for
//! keeping.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use storage::{
    Action, Expect, Item, Key, Order, Page, Query, Source, Storage, StorageError, Write,
};

/// Storage in memory.
#[derive(Debug, Default)]
pub struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    items: BTreeMap<Key, Item>,
    calls: Calls,
    /// Commits to come that are lost.
    losing: usize,
}

/// How often each operation was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// [`Storage::get`].
    pub get: usize,
    /// [`Storage::query`].
    pub query: usize,
    /// [`Storage::commit`].
    pub commit: usize,
}

impl Calls {
    /// Calls of any operation.
    pub fn total(self) -> usize {
        self.get + self.query + self.commit
    }
}

impl Memory {
    /// The calls since the last time this was asked.
    pub fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.lock().calls)
    }

    /// Lets the next commits that replace something lose a race, as if somebody else had written first.
    pub fn lose_commits(&self, count: usize) {
        self.lock().losing = count;
    }

    /// Every item that is there now.
    pub fn items(&self) -> Vec<Item> {
        self.lock().items.values().cloned().collect()
    }

    /// Replaces all that is there.
    pub fn restore(&self, items: &[Item]) {
        let items = items.iter().map(|item| (item.key.clone(), item.clone()));
        self.lock().items = items.collect();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Storage for Memory {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        let mut inner = self.lock();
        inner.calls.get += 1;
        Ok(keys
            .iter()
            .map(|key| inner.items.get(key).cloned())
            .collect())
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        let mut inner = self.lock();
        inner.calls.query += 1;
        let place = |item: &Item| match &query.source {
            Source::Partition(partition) => {
                (item.key.pk == *partition).then(|| item.key.sk.clone())
            }
            Source::Index(partition) => {
                let entry = item.index.as_ref()?;
                (entry.partition == *partition).then(|| entry.sort.clone())
            }
        };
        let mut found: Vec<_> = inner
            .items
            .values()
            .filter_map(|item| Some((place(item)?, item)))
            .filter(|(sort, _)| query.range.contains(sort))
            .collect();
        found.sort_by(|(a, x), (b, y)| (a, &x.key).cmp(&(b, &y.key)));
        if query.order == Order::Descending {
            found.reverse();
        }
        let items = found.into_iter().map(|(_, item)| item.clone());
        Ok(Page {
            items: items.take(query.limit).collect(),
            next: None,
        })
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        let mut inner = self.lock();
        inner.calls.commit += 1;
        let raced = |write: &Write| matches!(write.expect, Expect::Version(_));
        if let Some(at) = writes.iter().position(raced)
            && inner.losing > 0
        {
            inner.losing -= 1;
            return Err(StorageError::Conflict { writes: vec![at] });
        }
        let holds = |write: &Write| match (&write.expect, inner.items.get(write.key())) {
            (Expect::Anything | Expect::Alone(_), _) | (Expect::Absent, None) => true,
            (Expect::Version(version), Some(item)) => item.version == *version,
            _ => false,
        };
        let lost: Vec<_> = (0..writes.len())
            .filter(|&at| !holds(&writes[at]))
            .collect();
        if !lost.is_empty() {
            return Err(StorageError::Conflict { writes: lost });
        }
        for write in writes {
            match write.action {
                Action::Put(item) => drop(inner.items.insert(item.key.clone(), item)),
                Action::Delete(key) => drop(inner.items.remove(&key)),
                Action::Check(_) => {}
            }
        }
        Ok(())
    }
}
