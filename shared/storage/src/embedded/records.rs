//! The tables of the file, and how an item is laid down in them.

use redb::TableDefinition;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{IndexEntry, Item, Key, StorageError, Version};

/// Items by `(pk, sk)`: a [`Stored`] as JSON.
pub(super) const ITEMS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("items");
/// The sparse index: `(partition, sort, pk, sk)` of every item that carries an entry.
pub(super) const INDEX: TableDefinition<'_, (&str, &str, &str, &str), ()> =
    TableDefinition::new("index");
/// What expires, soonest first: `(expires_at, pk, sk)`.
pub(super) const EXPIRY: TableDefinition<'_, (i64, &str, &str), ()> =
    TableDefinition::new("expiry");
/// About the file itself; see [`super::file`].
pub(super) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// Name in [`META`]: how many groups of commits the file holds.
pub(super) const SEQUENCE: &str = "sequence";

/// Name in [`META`]: what of the file is damaged, once that was seen.
pub(super) const DAMAGE: &str = "damage";

/// An item without its key.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored<D> {
    pub(super) entity: String,
    pub(super) version: Version,
    pub(super) data: D,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<IndexEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<i64>,
}

/// An item without its key and document: what conditions and the index need.
pub(super) type Header = Stored<serde::de::IgnoredAny>;

impl<D> Stored<D> {
    /// Whether it counts as absent at `now`, seconds since the epoch.
    pub(super) fn expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// Bytes of an item.
pub(super) fn encode(item: &Item) -> Result<Vec<u8>, StorageError> {
    serde_json::to_vec(&Stored {
        entity: item.entity.clone(),
        version: item.version.clone(),
        data: &item.data,
        index: item.index.clone(),
        expires_at: item.expires_at,
    })
    .map_err(|e| StorageError::corrupt(&item.key, &e))
}

/// An item from its key and bytes; `None` when it is expired.
pub(super) fn decode(key: Key, bytes: &[u8], now: i64) -> Result<Option<Item>, StorageError> {
    let stored: Stored<Value> =
        serde_json::from_slice(bytes).map_err(|e| StorageError::corrupt(&key, &e))?;
    if stored.expired(now) {
        return Ok(None);
    }
    Ok(Some(Item {
        key,
        entity: stored.entity,
        version: stored.version,
        data: stored.data,
        index: stored.index,
        expires_at: stored.expires_at,
    }))
}

/// What conditions and the index need of an item.
pub(super) fn header(key: &Key, bytes: &[u8]) -> Result<Header, StorageError> {
    serde_json::from_slice(bytes).map_err(|e| StorageError::corrupt(key, &e))
}
