//! Storage on one machine: an ACID file (redb) in a folder, for the local runner and for tests.
//!
//! One thread writes. It takes the commits that wait together into one transaction of the file, so
//! that concurrent callers share one `fsync`; each is still all or nothing of its own. Reads see a
//! snapshot and run beside it. What a commit answered `Ok` to is on disk.

mod changes;
mod disk;
mod file;
mod mark;
mod read;
mod records;
mod turns;
mod verify;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableDatabase, backends::InMemoryBackend};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::changes::Changes;
pub use self::file::{FILE_NAME, FORMAT};
use self::{
    disk::{Disk, Opener},
    mark::Mark,
    turns::Turns,
    writer::Job,
};
use super::{Item, Key, Obstacle, Page, Query, Storage, StorageError, Turn, Write, limits};

/// Commits that may wait for the writing thread before callers wait for a place.
const QUEUE: usize = 128;

/// What reads the whole file (a look through a large store, opening it again after a fault) rests four
/// times as long as it took, so that the work goes on.
const REST: u32 = 4;
/// Wait before something is read again that could not be read.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// What to do with a store that is older than its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// Report it, at every opening.
    Report,
    /// Take it as the store from now on.
    Accept,
}

/// The embedded backend. Dropping it ends the writing thread and lets go of the file, once what
/// was handed over is written.
pub struct Embedded {
    disk: Arc<Disk>,
    jobs: Option<mpsc::Sender<Job>>,
    written: watch::Sender<changes::Counts>,
    writer: Option<JoinHandle<()>>,
    turns: Turns,
    /// The file, where it was too large to be checked when it was opened.
    unchecked: Option<PathBuf>,
    is_older: bool,
}

impl Embedded {
    /// Opens the store in the folder `dir`, both made if they are not there. After a crash the
    /// file is checked and repaired first, unless it was settled.
    ///
    /// # Errors
    /// [`StorageError::Unopened`]: another process has it, it is of another format, emptied, damaged
    /// or not ours, the folder cannot be made or written.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, StorageError> {
        Self::open_with(dir.as_ref(), None)
    }

    /// The same with a file beside it that tells an older copy of the store from the
    /// store itself: see [`Storage::is_older_copy`].
    ///
    /// # Errors
    /// Those of [`Embedded::open`], and a store that is missing where its mark is there.
    pub fn open_marked(
        dir: impl AsRef<Path>,
        mark: impl AsRef<Path>,
        copy: Copy,
    ) -> Result<Self, StorageError> {
        Self::open_with(dir.as_ref(), Some((mark.as_ref(), copy)))
    }

    /// What is said of a store that is missing in the folder `dir`, though something beside it tells
    /// that there was one.
    pub fn missing(dir: impl AsRef<Path>) -> StorageError {
        file::unopened(&dir.as_ref().join(FILE_NAME), Obstacle::Missing)
    }

    fn open_with(dir: &Path, mark: Option<(&Path, Copy)>) -> Result<Self, StorageError> {
        let had_one = mark.is_some_and(|(path, _)| path.exists());
        let unchecked = file::is_large(dir).then(|| dir.join(FILE_NAME));
        let folder = dir.to_owned();
        let disk = Disk::new(Box::new(move || file::open(&folder, had_one)))?;
        let mark = mark.map(|(path, copy)| {
            let opened = Mark::open(path).map_err(|error| file::refused_by_system(path, &error));
            opened.map(|mark| (mark, copy))
        });
        let mark = mark.transpose()?;
        let mut store = Self::over(disk, mark)?;
        store.unchecked = unchecked;
        Ok(store)
    }

    /// A store in memory, for tests: gone when dropped.
    ///
    /// # Errors
    /// [`StorageError::Unusable`] when the system gives no thread.
    pub fn in_memory() -> Result<Self, StorageError> {
        let open: Opener = Box::new(|| file::over(InMemoryBackend::new()));
        Self::over(Disk::new(open)?, None)
    }

    fn over(disk: Disk, mark: Option<(Mark, Copy)>) -> Result<Self, StorageError> {
        let held = file::sequence(&*disk.database()?)?;
        let is_older = mark.as_ref().is_some_and(|(mark, copy)| {
            *copy == Copy::Report && mark.found.is_some_and(|found| found > held)
        });
        // The mark of a later state stays until somebody accepts this one.
        let mark = mark.map(|(mark, _)| mark).filter(|_| !is_older);
        let disk = Arc::new(disk);
        let (jobs, queue) = mpsc::channel(QUEUE);
        let written = watch::Sender::new(changes::Counts::new());
        let writer = std::thread::Builder::new()
            .name("storage".to_owned())
            .spawn({
                let (disk, written) = (Arc::clone(&disk), written.clone());
                move || writer::run(&disk, mark.as_ref(), queue, &written)
            })
            .map_err(|e| StorageError::Unusable(format!("no thread to write: {e}")))?;
        Ok(Self {
            disk,
            jobs: Some(jobs),
            written,
            writer: Some(writer),
            turns: Turns::default(),
            unchecked: None,
            is_older,
        })
    }

    /// Looks through a store that was too large to be checked when it was opened; the others were.
    /// Takes its time beside the work. A store in which something does not fit is not opened again.
    ///
    /// # Errors
    /// [`StorageError::Unopened`] for a damaged file.
    pub async fn verify(&self) -> Result<(), StorageError> {
        let Some(path) = &self.unchecked else {
            return Ok(());
        };
        let mut place = verify::LastRow::start();
        let mut failed = false;
        loop {
            let began = Instant::now();
            let after = place.clone();
            match self.read(move |tx| verify::part(tx, &after)).await {
                Ok(None) => return Ok(()),
                Ok(Some(next)) => (place, failed) = (next, false),
                // The disk may have had a fault; what is damaged stays so.
                Err(_) if !failed || self.disk.fault().is_some() => {
                    failed = true;
                    tokio::time::sleep(SECOND_LOOK).await;
                }
                Err(error) => {
                    let why = match error {
                        StorageError::Unusable(why) => why,
                        error => error.to_string(),
                    };
                    let (done, answer) = oneshot::channel();
                    let condemned = Job::Condemn {
                        why: why.clone(),
                        done,
                    };
                    self.submit(condemned, answer).await?;
                    return Err(file::unopened(path, Obstacle::Damaged(why)));
                }
            }
            tokio::time::sleep(began.elapsed() * REST).await;
        }
    }

    /// Writes down which pages of the file are free, as its end does: a process that is killed before
    /// the next commit leaves a store that need not be checked whole when it is opened. Costs many
    /// times what a commit does, so it is for a pause of the work.
    ///
    /// # Errors
    /// As a commit.
    pub async fn settle(&self) -> Result<(), StorageError> {
        let (done, answer) = oneshot::channel();
        self.submit(Job::Settle { done }, answer).await.map(drop)
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
        self.try_to_heal().await;
        let disk = Arc::clone(&self.disk);
        let read = move || work(&disk.database()?.begin_read().map_err(file::unusable)?);
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|e| StorageError::Unusable(format!("a read ended early: {e}")))?
    }

    /// After a fault, writes something to see whether that works again.
    async fn try_to_heal(&self) {
        if self.disk.fault().is_some() {
            let (done, answer) = oneshot::channel();
            // What it says is what the next call will find.
            let _ = self.submit(Job::Probe { done }, answer).await;
        }
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

    async fn turn(&self, key: &Key) -> Turn {
        self.turns.take(key).await
    }

    fn is_older_copy(&self) -> bool {
        self.is_older
    }

    async fn fault(&self) -> Option<String> {
        self.try_to_heal().await;
        self.disk.fault()
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
