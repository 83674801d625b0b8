//! The outbox: a folder with one `.eml` file a mail, which any mail reader opens.
//!
//! A file is named `{number}_{delivery}_{attempt}_{kind}_{ticket}.eml`: what the outbox knows of a
//! mail stands in its name, so a mail and its record are one rename and cannot come apart.
//! A mail is written beside its place, flushed to the disk, then renamed into it, and the folder is
//! flushed before the mail counts as accepted. What a killed process leaves is a `.tmp` file at
//! most, removed when the folder is opened again.
//!
//! The names of many mails are kept in an index beside them. What it lacks after a kill is read from
//! the folder.

mod index;
mod name;
mod names;

use std::{
    fmt,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

use self::{name::FileName, names::Names};
use super::{Capabilities, MailTransport, Outcome, OutgoingMail, Trace, Transport};
use platform::folder::make_private;

/// Wait after a fault of the disk.
const AFTER_FAULT: Duration = Duration::from_secs(5);
/// Longest time of a write: what takes longer may still end well, so nobody knows.
const LONGEST_WRITE: Duration = Duration::from_secs(10);

/// Why a folder cannot be an outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// Another process has it open.
    #[error("the outbox {0} is in use by another process")]
    InUse(PathBuf),
    /// The folder cannot be made, read or written.
    #[error("the outbox {path} cannot be used: {source}")]
    Io {
        /// The folder of the outbox, or the file in it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What the outbox knows of a mail without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1, in the order of acceptance; the transport's id.
    pub number: u64,
    /// Delivery it belongs to.
    pub delivery_id: Uuid,
    /// Which attempt of it.
    pub attempt: u32,
    /// Kind of mail, as in [`OutgoingMail::kind`].
    pub kind: String,
    /// Number of the ticket, as the mail's tag has it.
    pub ticket_id: String,
}

/// A folder of mails. Clones share it.
#[derive(Clone, Debug)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    folder: File,
    names: Mutex<Names>,
    /// Held while the outbox lives: two processes would give one number twice. Dropped last.
    _lock: File,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("dir", &self.dir).finish()
    }
}

impl Outbox {
    /// Opens the folder, and makes it when it is not there. Other files in it are left alone.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, OutboxError> {
        let dir = dir.as_ref().to_path_buf();
        let failed = |source| OutboxError::Io {
            path: dir.clone(),
            source,
        };
        make_private(&dir).map_err(failed)?;
        let lock = File::create(dir.join(".lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(OutboxError::InUse(dir)),
            Err(fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        let names = Names::open(&dir).map_err(failed)?;
        tracing::debug!(read = names.read, "names of the outbox's folder read");
        let folder = File::open(&dir).map_err(failed)?;
        let inner = Inner {
            dir,
            folder,
            names: Mutex::new(names),
            _lock: lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The folder in which each mail is one file.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// How many mails there are.
    pub fn len(&self) -> usize {
        self.names().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to `limit` mails after number `after` (0: from the start), in order.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn list(&self, after: u64, limit: usize) -> io::Result<Vec<Entry>> {
        let names = self.names().after(after, limit)?;
        Ok(names.into_iter().map(Entry::from).collect())
    }

    /// Up to `limit` mails before number `before` (none: from the newest), the newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn list_before(&self, before: Option<u64>, limit: usize) -> io::Result<Vec<Entry>> {
        let names = self.names().before(before.unwrap_or(u64::MAX), limit)?;
        Ok(names.into_iter().map(Entry::from).collect())
    }

    /// One mail.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn entry(&self, number: u64) -> io::Result<Option<Entry>> {
        Ok(self.names().name(number)?.map(Entry::from))
    }

    /// Where a mail lies.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn path(&self, number: u64) -> io::Result<Option<PathBuf>> {
        let name = self.names().name(number)?;
        Ok(name.map(|name| self.inner.dir.join(name.to_string())))
    }

    /// A mail as it was sent, byte for byte, and when it was accepted. `None` when there is no such
    /// mail; somebody may have moved the file away.
    ///
    /// # Errors
    /// What the system says of a file that is there and cannot be read.
    pub fn read(&self, number: u64) -> io::Result<Option<(Vec<u8>, Timestamp)>> {
        let Some(path) = self.path(number)? else {
            return Ok(None);
        };
        let read = || -> io::Result<_> {
            let raw = fs::read(&path)?;
            let modified = fs::metadata(&path)?.modified()?;
            let at = Timestamp::try_from(modified).map_err(io::Error::other)?;
            Ok(Some((raw, at)))
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other,
        }
    }

    /// Brings the index up to the folder, for a pause of the work: a process that is killed before the
    /// next mail leaves an outbox whose names need not be read.
    pub async fn settle(&self) {
        let outbox = self.clone();
        let settled = tokio::task::spawn_blocking(move || outbox.names().settle());
        if let Err(error) = settled.await {
            tracing::warn!(%error, "the outbox is looked through at the next start");
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        // Changed by whole steps only, so a panic elsewhere cannot have broken it.
        let names = self.inner.names.lock();
        names.unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the mail into its place, or finds that this attempt is there already.
    fn place(&self, mail: &OutgoingMail) -> io::Result<u64> {
        let attempt = (mail.delivery_id, mail.attempt);
        if let Some(number) = self.names().number(attempt)? {
            return Ok(number);
        }
        let temporary = self.inner.dir.join(name::temporary());
        let placed = self.write(&temporary, mail);
        if placed.is_err() {
            // Whatever it was: the next opening removes what this cannot.
            let _ = fs::remove_file(&temporary);
        }
        placed
    }

    fn write(&self, temporary: &Path, mail: &OutgoingMail) -> io::Result<u64> {
        let mut file = File::create_new(temporary)?;
        file.write_all(&mail.raw)?;
        file.sync_all()?;
        let mut names = self.names();
        if let Some(number) = names.number((mail.delivery_id, mail.attempt))? {
            fs::remove_file(temporary)?;
            return Ok(number);
        }
        let name = FileName::new(names.next(), mail);
        names.expect_more()?;
        fs::rename(temporary, self.inner.dir.join(name.to_string()))?;
        let number = name.number;
        names.add(name);
        Ok(number)
    }
}

#[async_trait]
impl Transport for Outbox {
    /// A number is the id. An attempt that is there already is answered with its number; a mail
    /// that cannot be written was not sent.
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        let (outbox, mail) = (self.clone(), mail.clone());
        let placed = tokio::task::spawn_blocking(move || {
            let number = outbox.place(&mail)?;
            Ok((number, outbox.inner.folder.sync_all()))
        });
        match tokio::time::timeout(LONGEST_WRITE, placed).await {
            Ok(Ok(Ok((number, Ok(()))))) => Outcome::Accepted {
                id: number.to_string(),
            },
            Ok(Ok(Ok((_, Err(error))))) => unknown(&error.kind().to_string()),
            Ok(Ok(Err(error))) => not_written(&error),
            Ok(Err(_)) => unknown("stopped while it wrote"),
            Err(_) => unknown("it still writes"),
        }
    }

    fn longest_call(&self) -> Duration {
        LONGEST_WRITE
    }

    fn capabilities(&self) -> Capabilities {
        MailTransport::Outbox.capabilities()
    }

    async fn trace(&self, delivery_id: Uuid, attempt: u32) -> Trace {
        match self.names().number((delivery_id, attempt)) {
            Ok(Some(number)) => Trace::Accepted {
                id: number.to_string(),
            },
            Ok(None) => Trace::NotAccepted,
            Err(_) => Trace::CannotTell,
        }
    }
}

fn not_written(error: &io::Error) -> Outcome {
    Outcome::Retry {
        after: AFTER_FAULT,
        counts: true,
        reason: format!("the outbox could not be written: {}", error.kind()),
    }
}

fn unknown(what: &str) -> Outcome {
    Outcome::Unknown {
        reason: format!("the outbox has the mail, perhaps not for good: {what}"),
    }
}

#[cfg(test)]
mod tests;
