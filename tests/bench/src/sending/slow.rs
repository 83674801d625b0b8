//! Storage and a mail service that take as long as they are told, and count.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use domain::account::{Account, Standing};
use storage::{Item, Key, Page, Query, SharedStorage, Storage, StorageError, Write, keys};
use tokio::time::sleep;
use transport::{Capabilities, MailTransport, Outcome, OutgoingMail, Transport};

/// How often each operation was called. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<[AtomicUsize; 4]>);

impl Counts {
    /// Reads, queries, commits, and commits of the rate's schedule since the last time this was asked.
    pub fn take(&self) -> [usize; 4] {
        [0, 1, 2, 3].map(|which: usize| self.0[which].swap(0, Ordering::Relaxed))
    }

    fn count(&self, which: usize) {
        self.0[which].fetch_add(1, Ordering::Relaxed);
    }
}

/// Storage behind a delay.
pub struct Slow {
    inner: SharedStorage,
    delay: Duration,
    counts: Counts,
}

impl Slow {
    /// Every call takes this much longer and is counted.
    pub fn new(inner: SharedStorage, delay: Duration, counts: Counts) -> Self {
        Self {
            inner,
            delay,
            counts,
        }
    }

    async fn wait(&self, which: usize) {
        self.counts.count(which);
        if !self.delay.is_zero() {
            sleep(self.delay).await;
        }
    }
}

#[async_trait]
impl Storage for Slow {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        self.wait(0).await;
        self.inner.get(keys).await
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        self.wait(1).await;
        self.inner.query(query).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        let schedule = writes.iter().any(|write| *write.key() == keys::pace());
        self.wait(if schedule { 3 } else { 2 }).await;
        self.inner.commit(writes).await
    }
}

/// A mail service that accepts everything after a while.
pub struct Accepting {
    delay: Duration,
    rate: Option<f64>,
    accepted: AtomicUsize,
}

impl Accepting {
    /// Each call takes this long; the account may send at this rate, mails a second.
    pub fn new(delay: Duration, rate: Option<f64>) -> Self {
        Self {
            delay,
            rate,
            accepted: AtomicUsize::new(0),
        }
    }

    /// Mails that were accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Transport for Accepting {
    async fn send(&self, _: &OutgoingMail) -> Outcome {
        if !self.delay.is_zero() {
            sleep(self.delay).await;
        }
        let number = self.accepted.fetch_add(1, Ordering::Relaxed);
        Outcome::Accepted {
            id: format!("0100{number:056}"),
        }
    }

    fn longest_call(&self) -> Duration {
        self.delay
    }

    /// Those of SES. The schedule of its rate is measured by the throttled run, not here.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            has_account: false,
            ..MailTransport::Ses.capabilities()
        }
    }

    async fn account(&self, _: Option<&str>) -> Option<Account> {
        self.rate.map(|rate| Account {
            rate: Some(rate),
            sending: true,
            production: true,
            identity: Standing::Ready,
            configuration_set: Standing::Ready,
        })
    }
}
