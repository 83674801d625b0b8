//! The clock of a desk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Runs until it is set or moved, and stands still from then on.
#[derive(Clone)]
pub(super) struct Clock(Arc<Mutex<Option<Timestamp>>>);

impl Clock {
    pub(super) fn running() -> Self {
        Self(Arc::default())
    }

    pub(super) fn at(time: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Some(time))))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.set().unwrap_or_else(Timestamp::now)
    }

    pub(super) fn wait(&self, time: SignedDuration) {
        let mut set = self.set();
        *set = Some(set.unwrap_or_else(Timestamp::now) + time);
    }

    fn set(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
