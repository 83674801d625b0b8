//! The open file. After a fault of the disk (it was full, say) redb takes no more work until the
//! file is opened again: the writing thread does that before its next work.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    thread,
    time::{Duration, Instant},
};

use redb::Database;

use super::{super::StorageError, REST};

/// How the file is opened.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, StorageError> + Send + Sync>;

pub(super) struct Disk {
    open: Opener,
    db: RwLock<Option<Arc<Database>>>,
    fault: Mutex<Option<Fault>>,
}

struct Fault {
    why: String,
    next_try: Instant,
}

impl Disk {
    /// Opens the file for the first time.
    pub(super) fn new(open: Opener) -> Result<Self, StorageError> {
        let db = open()?;
        Ok(Self {
            open,
            db: RwLock::new(Some(Arc::new(db))),
            fault: Mutex::new(None),
        })
    }

    /// The file for a read, as long as it is open.
    pub(super) fn database(&self) -> Result<Arc<Database>, StorageError> {
        let db = self.db.read().unwrap_or_else(PoisonError::into_inner);
        db.clone().ok_or_else(|| self.busy())
    }

    /// Why nothing can be written now.
    pub(super) fn fault(&self) -> Option<String> {
        self.state().as_ref().map(|fault| fault.why.clone())
    }

    /// The writing thread could not work.
    pub(super) fn failed(&self, why: &str) {
        let mut state = self.state();
        let next_try = state
            .as_ref()
            .map_or_else(Instant::now, |fault| fault.next_try);
        *state = Some(Fault {
            why: why.to_owned(),
            next_try,
        });
    }

    /// The writing thread wrote.
    pub(super) fn works(&self) {
        if self.state().take().is_some() {
            tracing::info!("the store can be written again");
        }
    }

    /// The file for the writing thread, opened again after a fault.
    pub(super) fn ready(&self) -> Result<Arc<Database>, StorageError> {
        match self.state().as_ref() {
            None => return self.database(),
            Some(fault) if Instant::now() < fault.next_try => return Err(self.busy_as(&fault.why)),
            Some(_) => {}
        }
        let began = Instant::now();
        let opened = self.open_again();
        if let Some(fault) = self.state().as_mut() {
            fault.next_try = Instant::now() + began.elapsed() * REST;
            if let Err(error) = &opened {
                fault.why = error.to_string();
            }
        }
        opened.map_err(|_| self.busy())
    }

    fn open_again(&self) -> Result<Arc<Database>, StorageError> {
        let mut slot = self.db.write().unwrap_or_else(PoisonError::into_inner);
        // One process opens it once: the reads under way end first.
        let mut old = slot.take();
        while let Some(db) = old.take() {
            if let Err(db) = Arc::try_unwrap(db) {
                old = Some(db);
                thread::sleep(Duration::from_millis(1));
            }
        }
        let db = Arc::new((self.open)()?);
        *slot = Some(db.clone());
        Ok(db)
    }

    fn busy(&self) -> StorageError {
        let why = self.fault().unwrap_or_default();
        self.busy_as(&why)
    }

    fn busy_as(&self, why: &str) -> StorageError {
        StorageError::Busy(format!("the disk does not take what is written: {why}"))
    }

    fn state(&self) -> MutexGuard<'_, Option<Fault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
