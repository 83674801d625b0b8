//! Storage on one machine: an ACID file (redb) in a folder, for the local runner and for tests.
//!
//! One thread writes. It takes the commits that wait together into one transaction of the file, so
//! that concurrent callers share one `fsync`; each is still all or nothing of its own. Reads see a
//! snapshot and run beside it. What a commit answered `Ok` to is on disk.

mod changes;
mod file;
mod read;
mod records;
mod writer;

use std::{path::Path, sync::Arc, thread::JoinHandle};

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{Database, ReadTransaction, ReadableDatabase, backends::InMemoryBackend};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::changes::Changes;
pub use self::file::{FILE_NAME, FORMAT};
use self::writer::Job;
use super::{Item, Key, Page, Query, Storage, StorageError, Write, limits};

/// Commits that may wait for the writing thread before callers wait for a place.
const QUEUE: usize = 128;

/// The embedded backend. Dropping it ends the writing thread and lets go of the file, once what
/// was handed over is written.
pub struct Embedded {
    db: Arc<Database>,
    jobs: Option<mpsc::Sender<Job>>,
    written: watch::Sender<changes::Counts>,
    writer: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Opens the store in the folder `dir`, both made if they are not there. After a crash the
    /// file is checked and repaired first.
    ///
    /// # Errors
    /// [`StorageError::Unusable`], saying what to do: another process has it, it is of another
    /// format, damaged or not ours, the folder cannot be made or written.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, StorageError> {
        Self::over(file::open(dir.as_ref())?)
    }

    /// A store in memory, for tests: gone when dropped.
    ///
    /// # Errors
    /// [`StorageError::Unusable`] when the system gives no thread.
    pub fn in_memory() -> Result<Self, StorageError> {
        Self::over(file::over(InMemoryBackend::new())?)
    }

    fn over(db: Database) -> Result<Self, StorageError> {
        let db = Arc::new(db);
        let (jobs, queue) = mpsc::channel(QUEUE);
        let written = watch::Sender::new(changes::Counts::new());
        let writer = std::thread::Builder::new()
            .name("storage".to_owned())
            .spawn({
                let (db, written) = (Arc::clone(&db), written.clone());
                move || writer::run(&db, queue, &written)
            })
            .map_err(|e| StorageError::Unusable(format!("no thread to write: {e}")))?;
        Ok(Self {
            db,
            jobs: Some(jobs),
            written,
            writer: Some(writer),
        })
    }

    /// Tells which entities are written from now on, as the stream of the table does on AWS.
    pub fn changes(&self) -> Changes {
        Changes::new(self.written.subscribe())
    }

    /// Removes expired items, which reads hide already, and gives their number.
    ///
    /// # Errors
    /// As a commit.
    pub async fn purge_expired(&self) -> Result<usize, StorageError> {
        let mut removed = 0;
        loop {
            let (done, answer) = oneshot::channel();
            let batch = self.submit(Job::Purge { done }, answer).await?;
            removed += batch;
            if batch < writer::PURGE_BATCH {
                return Ok(removed);
            }
        }
    }

    async fn submit<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        let ended = || StorageError::Unusable("the writing thread has ended".to_owned());
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        jobs.send(job).await.map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| {
            Err(StorageError::Unknown(
                "the writing thread ended during the commit".to_owned(),
            ))
        })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let db = Arc::clone(&self.db);
        let read = move || work(&db.begin_read().map_err(file::unusable)?);
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|e| StorageError::Unusable(format!("a read ended early: {e}")))?
    }
}

#[async_trait]
impl Storage for Embedded {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        limits::check_get(keys)?;
        let keys = keys.to_vec();
        self.read(move |tx| read::get(tx, &keys, now())).await
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        limits::check_query(&query)?;
        self.read(move |tx| read::query(tx, &query, now())).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        limits::check_commit(&writes)?;
        if writes.is_empty() {
            return Ok(());
        }
        let (done, answer) = oneshot::channel();
        self.submit(Job::Commit { writes, done }, answer).await
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // A panic there was reported by its callers' answers.
            let _ = writer.join();
        }
    }
}

/// Seconds since the epoch.
fn now() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
mod tests;
