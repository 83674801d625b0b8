#![doc = include_str!("../README.md")]

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "embedded")]
pub mod embedded;
pub mod files;
pub mod keys;
pub mod limits;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

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

/// What a write expects to find; otherwise the whole commit is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No item, or an expired one.
    Absent,
    /// The item as this write left it.
    Version(Version),
    /// Whatever is there, or nothing: the last write wins.
    Anything,
    /// Whatever is there, and the rest of the commit does not count on it: a backend may make the write
    /// on its own, which costs half of one that is held together with others.
    Alone(When),
}

/// When a write that stands alone is made, where it is not made with its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before it: when the commit is done, the write is. It stays when the commit is refused.
    Before,
    /// After it: it may be missing when the process ends or storage fails in between.
    After,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Store the item, replacing what is there.
    Put(Item),
    /// Remove the item at this key; removing an absent one is no error.
    Delete(Key),
    /// Change nothing, only hold the expectation.
    Check(Key),
}

/// One write of a commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What becomes of the item.
    pub action: Action,
    /// The state of the item without which the whole commit fails.
    pub expect: Expect,
}

impl Write {
    /// Store `item` if nothing is there.
    pub fn create(item: Item) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Absent,
        }
    }
    /// Store `item` if the present one has this version.
    pub fn replace(item: Item, version: Version) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Version(version),
        }
    }
    /// Store `item` whatever is there.
    pub fn put(item: Item) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Anything,
        }
    }
    /// Store `item` if the present one meets `expect`.
    pub fn store(item: Item, expect: Expect) -> Self {
        let action = Action::Put(item);
        Self { action, expect }
    }
    /// Store `item` on its own, before the rest of the commit or after it.
    pub fn alone(item: Item, when: When) -> Self {
        Self {
            action: Action::Put(item),
            expect: Expect::Alone(when),
        }
    }
    /// Remove what is at `key` if it meets `expect`.
    pub fn delete(key: Key, expect: Expect) -> Self {
        Self {
            action: Action::Delete(key),
            expect,
        }
    }
    /// Hold `expect` at `key` without writing.
    pub fn check(key: Key, expect: Expect) -> Self {
        Self {
            action: Action::Check(key),
            expect,
        }
    }
    /// The key it is about.
    pub fn key(&self) -> &Key {
        match &self.action {
            Action::Put(item) => &item.key,
            Action::Delete(key) | Action::Check(key) => key,
        }
    }
}

/// What a query reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The items of one `pk`, ordered by `sk`; strongly consistent.
    Partition(String),
    /// The items of one partition of the sparse index, ordered by `sort`. On DynamoDB the index is
    /// eventually consistent: an item that came or moved just now may be missing. The items themselves
    /// are read from the table.
    Index(String),
}

/// Which sort values a query takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// Every sort value of the partition.
    All,
    /// Those that start with this.
    Prefix(String),
    /// From the first to the second, both included.
    Between(String, String),
    /// Up to this one, included.
    AtMost(String),
}

impl Range {
    /// Whether a sort value is in it.
    pub fn contains(&self, sort: &str) -> bool {
        match self {
            Self::All => true,
            Self::Prefix(prefix) => sort.starts_with(prefix.as_str()),
            Self::Between(low, high) => low.as_str() <= sort && sort <= high.as_str(),
            Self::AtMost(high) => sort <= high.as_str(),
        }
    }
}

/// Direction of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The smallest sort value first.
    Ascending,
    /// The largest sort value first: the newest, where it is a time.
    Descending,
}

/// A position between two pages: the last item read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Key of the last item.
    pub key: Key,
    /// Its sort value in the index, when an index is read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sort: Option<String>,
}

/// A read of ordered items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// A partition of the table or of its index.
    pub source: Source,
    /// Which sort values of it are taken.
    pub range: Range,
    /// In which direction they are read.
    pub order: Order,
    /// Most items of the page, 1 to [`MAX_PAGE`]. Backends may return fewer with a `next`.
    pub limit: usize,
    /// Where to go on.
    pub after: Option<Position>,
    /// Whether keys and places in the index are enough: a backend may leave out the rest of each item,
    /// and may give items that expired.
    pub places: bool,
}

impl Query {
    /// All of `source`, ascending, up to `limit` items.
    pub fn of(source: Source, limit: usize) -> Self {
        Self {
            source,
            range: Range::All,
            order: Order::Ascending,
            limit,
            after: None,
            places: false,
        }
    }
    /// Keys and places in the index alone.
    #[must_use]
    pub fn places(mut self) -> Self {
        self.places = true;
        self
    }
    /// Takes only sort values in this range.
    #[must_use]
    pub fn range(mut self, range: Range) -> Self {
        self.range = range;
        self
    }
    /// Reads the largest sort value first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.order = Order::Descending;
        self
    }
    /// Go on after `position`.
    #[must_use]
    pub fn after(mut self, position: Option<Position>) -> Self {
        self.after = position;
        self
    }
}

impl Source {
    /// Where a page that ends with `last` goes on.
    pub fn position(&self, last: &Item) -> Position {
        let sort = match self {
            Self::Partition(_) => None,
            Self::Index(_) => last.index.as_ref().map(|entry| entry.sort.clone()),
        };
        Position {
            key: last.key.clone(),
            sort,
        }
    }
}

/// A page of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The items, in order.
    pub items: Vec<Item>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Position>,
}

/// Why storage did not do what was asked. After any error of a commit but
/// [`StorageError::Unknown`] nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Expectations that did not hold: indexes into the writes of the commit, at least one.
    #[error("lost a race on write {writes:?}")]
    Conflict {
        /// Which writes lost, by their place in the commit.
        writes: Vec<usize>,
    },
    /// More than [`MAX_WRITES`] writes, more than [`MAX_GET`] keys, two writes of one key, an empty
    /// key, a limit of zero and the rest of [`limits`]: the caller's mistake, named.
    #[error("request outside the limits of storage: {0}")]
    Limit(String),
    /// A [`Query::after`] that is no position of this query, for example a cursor from elsewhere.
    #[error("the position does not belong to this query")]
    Position,
    /// An item over [`MAX_ITEM_BYTES`].
    #[error("item {key} is {bytes} bytes, the limit is {MAX_ITEM_BYTES}")]
    TooLarge {
        /// Key of the item that was to be written.
        key: Key,
        /// Its size in bytes.
        bytes: usize,
    },
    /// A stored document that is not of the expected shape.
    #[error("stored item {key} cannot be read: {reason}")]
    Corrupt {
        /// Key of the item that was read.
        key: Key,
        /// What is wrong, without values of the document.
        reason: String,
    },
    /// Others were at work on the same items each time: nobody was faster for certain,
    /// and nothing was written.
    #[error("storage is busy: others write the same items: {0}")]
    Contended(String),
    /// Throttled or out of reach before the write: asking again later may succeed.
    #[error("storage is busy: {0}")]
    Busy(String),
    /// The outcome of a commit could not be seen.
    #[error("storage did not answer: {0}")]
    Unknown(String),
    /// The store cannot be used at all: no such table, no permission, a data folder of another
    /// version, a full disk.
    #[error("storage cannot be used: {0}")]
    Unusable(String),
}

impl StorageError {
    fn corrupt(key: &Key, reason: &impl fmt::Display) -> Self {
        // serde quotes the value it did not expect, which may be an address.
        let reason = reason.to_string();
        let reason = match (reason.find('"'), reason.rfind('"')) {
            (Some(from), Some(to)) if from < to => {
                format!("{}…{}", &reason[..=from], &reason[to..])
            }
            _ => reason,
        };
        Self::Corrupt {
            key: key.clone(),
            reason,
        }
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Contended(_) | Self::Unknown(_))
    }

    /// Whether the write at this place of the commit lost a race.
    pub fn lost(&self, write: usize) -> bool {
        matches!(self, Self::Conflict { writes } if writes.contains(&write))
    }
}

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
    /// [alone](Expect::Alone). No two may be about one key; none at all is no error.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_hold_no_address_and_no_value() {
        let key = Key::new("P#ana@example.com", "T#42");
        let item = Item::new(key, "membership", &json!({"n": "ana@example.com \"x\""})).unwrap();
        #[derive(Debug, Deserialize)]
        struct Numbered {
            #[expect(dead_code, reason = "only its type matters")]
            n: u64,
        }
        assert_eq!(
            item.decode::<Numbered>().unwrap_err().to_string(),
            "stored item P#…/T#42 cannot be read: invalid type: string \"…\", expected u64"
        );
        let big = StorageError::TooLarge {
            key: keys::suppression("ana@example.com"),
            bytes: 500_000,
        };
        assert_eq!(
            big.to_string(),
            "item SUPPRESSIONS/… is 500000 bytes, the limit is 409600"
        );
    }
}
