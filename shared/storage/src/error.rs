//! Why storage did not do what was asked.

use std::{fmt, path::PathBuf};

use crate::{Key, MAX_ITEM_BYTES};
#[cfg(doc)]
use crate::{MAX_GET, MAX_WRITES, Query, limits};

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
    /// A [`Query::after`] that is not a position of this query, for example a cursor from elsewhere.
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
    /// The store cannot be used at all: no such table, no permission, a full disk.
    #[error("storage cannot be used: {0}")]
    Unusable(String),
    /// The file of the embedded store cannot be opened.
    #[error("storage cannot be used: {} {obstacle}", path.display())]
    Unopened {
        /// The file, or the folder that it would be in.
        path: PathBuf,
        /// What is in the way.
        obstacle: Obstacle,
    },
}

/// What keeps the file of a store from being opened. Its text follows the path, and says what to do;
/// the local runner has words of its own for each, in the language of the terminal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// Another process has it.
    #[error(
        "is in use by another process, such as a running server: end it, or choose another data folder"
    )]
    InUse,
    /// It is not there, though something beside it tells that there was one.
    #[error(
        "is missing, though this data folder was used: bring back a copy, or choose another data folder to start empty"
    )]
    Missing,
    /// It has no bytes.
    #[error(
        "is empty, as after a full disk or a copy that was cut short: bring back a copy, or remove it to start empty"
    )]
    Empty,
    /// Something else made it.
    #[error("is not a data file of mensageria: move it away, or choose another data folder")]
    Foreign,
    /// Another version of this program made it.
    #[error(
        "has format {found}, this program reads format {ours}: start the program that wrote it, or choose another data folder"
    )]
    Format {
        /// Its format.
        found: String,
        /// The format that is read.
        ours: &'static str,
    },
    /// It ends before its end.
    #[error("is damaged (it was cut short): bring back a copy, or move it away to start empty")]
    CutShort,
    /// Something in it does not fit, as what looked at it says.
    #[error("is damaged ({0}): bring back a copy, or move it away to start empty")]
    Damaged(String),
    /// The folder, the file or the mark beside it cannot be made or read, as the system says.
    #[error("cannot be made or read: {0}; choose another data folder")]
    System(String),
}

impl StorageError {
    pub(crate) fn corrupt(key: &Key, reason: &impl fmt::Display) -> Self {
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

#[cfg(test)]
mod tests {
    use domain::address::AddressKey;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::{Item, keys};

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
            key: keys::suppression(&AddressKey::stored("ana@example.com")),
            bytes: 500_000,
        };
        assert_eq!(
            big.to_string(),
            "item SUPPRESSIONS/… is 500000 bytes, the limit is 409600"
        );
    }
}
