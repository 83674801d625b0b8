#![doc = include_str!("../README.md")]

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod files;
pub mod keys;
pub mod limits;

mod error;
mod item;
mod query;
mod write;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

pub use self::{
    error::{Obstacle, StorageError},
    item::{IndexEntry, Item, Key, Version},
    query::{Order, Page, Position, Query, Range, Source},
    write::{Action, Expect, When, Write},
};

/// Most keys of one [`Storage::get`]. DynamoDB `BatchGetItem` takes no more.
pub const MAX_GET: usize = 100;
/// Most writes of one [`Storage::commit`]. DynamoDB `TransactWriteItems` takes no more.
pub const MAX_WRITES: usize = 100;
/// Largest item in bytes, names and values together. DynamoDB's limit, kept by every backend.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;
/// Most items of one page of [`Storage::query`].
pub const MAX_PAGE: usize = 1000;

/// A storage backend shared by the tasks of one process.
pub type SharedStorage = Arc<dyn Storage>;

/// A turn at a key, until it is dropped; see [`Storage::turn`].
#[derive(Default)]
#[must_use]
pub struct Turn(Option<Box<dyn Send + Sync>>);

impl Turn {
    /// One that lasts as long as `guard`.
    pub fn of(guard: impl Send + Sync + 'static) -> Self {
        Self(Some(Box::new(guard)))
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Turn").field(&self.0.is_some()).finish()
    }
}

/// Where records are stored: items by key, commits that hold together, and ordered reads.
#[async_trait]
pub trait Storage: Send + Sync + 'static {
    /// Reads up to [`MAX_GET`] items, strongly consistent, in the order of `keys`; a key may be
    /// there twice. Each item is whole, but two of them may be of different commits.
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError>;

    /// Reads a page of ordered items. It has [`Page::next`] only when more items were there.
    async fn query(&self, query: Query) -> Result<Page, StorageError>;

    /// Applies up to [`MAX_WRITES`] writes, all or nothing, but for those that stand
    /// [alone](Expect::Alone). No two may be about one key; none at all is not an error.
    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError>;

    /// Waits for the turn at `key` where the store is of this process alone: whoever reads, decides and
    /// writes there while holding it meets nobody else who holds it. Elsewhere everyone has a turn at
    /// once, and races are told by commits.
    async fn turn(&self, _key: &Key) -> Turn {
        Turn::default()
    }

    /// Whether the store held more when it was written last: a copy was brought back, and what is due
    /// in it may have been done since.
    fn is_older_copy(&self) -> bool {
        false
    }

    /// Why nothing can be written at present, where the backend knows without being asked to write.
    async fn fault(&self) -> Option<String> {
        None
    }
}
