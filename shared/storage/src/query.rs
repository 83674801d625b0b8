//! What is read in order, page by page.

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::MAX_PAGE;
use crate::{Item, Key};

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
