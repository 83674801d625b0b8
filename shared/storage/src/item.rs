//! What is stored: a document with its key, its version and its place in the index.

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::StorageError;

/// Where an item lives. Items of one `pk` are kept together, ordered by the bytes of `sk`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Partition: all items of one thing, for example of one ticket.
    pub pk: String,
    /// Place in the partition.
    pub sk: String,
}

impl Key {
    /// A key of these two parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// For logs and errors: parts that are an address are left out.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = |part: &str| {
            let parts = part.split('#');
            let shown: Vec<_> = parts
                .map(|p| if p.contains('@') { "…" } else { p })
                .collect();
            shown.join("#")
        };
        write!(f, "{}/{}", masked(&self.pk), masked(&self.sk))
    }
}

/// Opaque mark of one write of one item: every put makes a new one, so equal versions mean the
/// very same write. It serves as the `ETag` of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub String);

impl Version {
    /// A version that no other write has.
    pub fn fresh() -> Self {
        Self(uuid::Uuid::now_v7().simple().to_string())
    }
}

/// A place in the sparse index: an item that carries one is found by
/// [`Range`]-queries on `partition`, ordered by `sort`, until a put without one takes it out.
///
/// It serves what is due (deliveries by time) and what is listed by activity (tickets of a person).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IndexEntry {
    /// Partition of the index.
    pub partition: String,
    /// Place in it; ties are ordered by the item's key.
    pub sort: String,
}

/// A document as it is stored, with its key and its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where it is stored, unique in the table.
    pub key: Key,
    /// What it is (`delivery`, `ticket`, …): the stream's filter and people in the console read it.
    pub entity: String,
    /// Mark of the write that made it.
    pub version: Version,
    /// The document, a JSON object.
    pub data: Value,
    /// Place in the sparse index, if any.
    pub index: Option<IndexEntry>,
    /// When it may be removed, seconds since the epoch. Backends hide expired items from reads
    /// (DynamoDB removes them up to days late), and count them as absent in conditions.
    pub expires_at: Option<i64>,
}

impl Item {
    /// A new item with a fresh version.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] when `data` does not serialise to a JSON object.
    pub fn new(key: Key, entity: &str, data: &impl Serialize) -> Result<Self, StorageError> {
        let data = serde_json::to_value(data).map_err(|e| StorageError::corrupt(&key, &e))?;
        Ok(Self {
            key,
            entity: entity.to_owned(),
            version: Version::fresh(),
            data,
            index: None,
            expires_at: None,
        })
    }

    /// The same item, placed in the sparse index.
    #[must_use]
    pub fn indexed(mut self, partition: impl Into<String>, sort: impl Into<String>) -> Self {
        self.index = Some(IndexEntry {
            partition: partition.into(),
            sort: sort.into(),
        });
        self
    }

    /// The same item, removable after `at` (seconds since the epoch).
    #[must_use]
    pub fn expiring(mut self, at: i64) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// The document as a domain type.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] when the stored document is not of this shape.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        T::deserialize(&self.data).map_err(|e| StorageError::corrupt(&self.key, &e))
    }
}
