//! Clients that are made when they are first used.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, LazyLock},
};

type Make<C> = Box<dyn FnOnce() -> C + Send>;

/// A client of the SDK, made at its first use: making one reads the SDK's list of partitions, which
/// costs a start as much as two calls of a service, and many a run needs only one of the
/// clients. Clones share it.
pub struct Lazy<C>(Arc<LazyLock<C, Make<C>>>);

impl<C> Lazy<C> {
    /// The client that `make` makes.
    pub fn new(make: impl FnOnce() -> C + Send + 'static) -> Self {
        let make: Make<C> = Box::new(make);
        Self(Arc::new(LazyLock::new(make)))
    }

    /// Makes it now, unless it is made.
    pub fn warm(&self) {
        LazyLock::force(&self.0);
    }
}

impl<C: Send + 'static> From<C> for Lazy<C> {
    fn from(client: C) -> Self {
        Self::new(|| client)
    }
}

impl<C> Deref for Lazy<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C> Clone for Lazy<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Lazy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lazy").finish_non_exhaustive()
    }
}
