//! Turns at keys: one writer of a key at a time, first come, first served.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use tokio::sync::Mutex;

use super::super::{Key, Turn};

/// Locks that all keys share: two keys at one lock only wait for each other without need.
const LOCKS: usize = 256;

pub(super) struct Turns(Vec<Arc<Mutex<()>>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Arc::default()).collect())
    }
}

impl Turns {
    pub(super) async fn take(&self, key: &Key) -> Turn {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % LOCKS as u64).unwrap_or_default();
        match self.0.get(place) {
            Some(lock) => Turn::of(Arc::clone(lock).lock_owned().await),
            None => Turn::default(),
        }
    }
}
