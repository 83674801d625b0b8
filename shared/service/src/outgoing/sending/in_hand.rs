//! What this process works on: a run that goes on without waiting for a slow server must not take the
//! same deliveries again.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

/// Ids of the deliveries that this process works on: the stream and the sweep may name one twice.
#[derive(Debug, Default)]
pub(super) struct InHand(Mutex<HashSet<Uuid>>);

/// The right to work on one, until it is dropped.
#[derive(Debug)]
pub(super) struct Hold {
    all: Arc<InHand>,
    id: Uuid,
}

impl InHand {
    fn ids(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one; `None` when it is taken.
    pub(super) fn take(self: &Arc<Self>, id: Uuid) -> Option<Hold> {
        let free = self.ids().insert(id);
        free.then(|| Hold {
            all: Arc::clone(self),
            id,
        })
    }

    /// Whether this process works on one.
    pub(super) fn holds(&self, id: Uuid) -> bool {
        self.ids().contains(&id)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ids().len()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.all.ids().remove(&self.id);
    }
}
