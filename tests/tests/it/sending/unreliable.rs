//! A store that fails as it is told.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use storage::{Action, Item, Key, Page, Query, SharedStorage, Storage, StorageError, Write};

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Refused before anything was written.
    Busy,
    /// Written, and the answer lost.
    LostAnswer,
    /// Not written, and no answer.
    LostRequest,
}

/// The store. Faults are for commits that put a delivery of this status.
pub(crate) struct Unreliable {
    inner: SharedStorage,
    faults: Mutex<VecDeque<(String, Fault)>>,
    reads_fail: AtomicUsize,
    calls: AtomicUsize,
}

impl Unreliable {
    pub(crate) fn new(inner: SharedStorage) -> Self {
        Self {
            inner,
            faults: Mutex::default(),
            reads_fail: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
        }
    }

    /// The next commit of a delivery in this state fails so; called again, the one after it too.
    pub(crate) fn fail(&self, status: &str, fault: Fault) {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back((status.to_owned(), fault));
    }

    /// So many reads fail.
    pub(crate) fn fail_reads(&self, count: usize) {
        self.reads_fail.store(count, Ordering::SeqCst);
    }

    /// Calls since the last time this was asked.
    pub(crate) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    fn fault(&self, writes: &[Write]) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let at = faults.iter().position(|(status, _)| {
            writes.iter().any(|write| match &write.action {
                Action::Put(item) => {
                    item.entity == "delivery" && item.data["status"] == status.as_str()
                }
                _ => false,
            })
        })?;
        faults.remove(at).map(|(_, fault)| fault)
    }
}

#[async_trait]
impl Storage for Unreliable {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let left = self.reads_fail.load(Ordering::SeqCst);
        if left > 0 {
            self.reads_fail.store(left - 1, Ordering::SeqCst);
            return Err(StorageError::Busy("as told".to_owned()));
        }
        self.inner.get(keys).await
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.inner.query(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let lost = || StorageError::Unknown("as told".to_owned());
        match self.fault(&writes) {
            None => self.inner.commit(writes).await,
            Some(Fault::Busy) => Err(StorageError::Busy("as told".to_owned())),
            Some(Fault::LostRequest) => Err(lost()),
            Some(Fault::LostAnswer) => {
                self.inner.commit(writes).await?;
                Err(lost())
            }
        }
    }
}
