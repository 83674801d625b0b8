//! Looks through a store that was too large to be checked when it was opened, a part at a time: each
//! reads a state of its own, so that nothing that was freed meanwhile has to be kept for it.

use std::ops::Bound;

use redb::ReadTransaction;

use super::super::{Key, StorageError};
use super::file::unusable;
use super::records::{EXPIRY, INDEX, ITEMS, decode, header};

/// Rows of a part.
const ROWS: usize = 256;

/// The last row that was looked at.
#[derive(Clone, Debug)]
pub(super) enum LastRow {
    /// Of the items. Each must be of its form, and stand where it says in the index
    /// and among what expires.
    Items(String, String),
    /// Of the index. Each entry must lead to an item that has it.
    Index(String, String, String, String),
    /// Of what expires, likewise.
    Expiry(i64, String, String),
}

impl LastRow {
    /// Before the first row of the first table.
    pub(super) fn start() -> Self {
        Self::Items(String::new(), String::new())
    }
}

/// Looks at the rows that follow, and gives the place of the last of them; `None` after
/// the last of all.
pub(super) fn part(tx: &ReadTransaction, after: &LastRow) -> Result<Option<LastRow>, StorageError> {
    let items = tx.open_table(ITEMS).map_err(unusable)?;
    let index = tx.open_table(INDEX).map_err(unusable)?;
    let expiry = tx.open_table(EXPIRY).map_err(unusable)?;
    let item = |key: &Key| {
        let found = items.get((key.pk.as_str(), key.sk.as_str()));
        let found = found.map_err(unusable)?;
        let found = found.map(|bytes| header(key, bytes.value())).transpose();
        found.map_err(|_| damaged(key))
    };
    let mut last = None;
    match after {
        LastRow::Items(pk, sk) => {
            let after = (
                Bound::Excluded((pk.as_str(), sk.as_str())),
                Bound::Unbounded,
            );
            for row in items
                .range::<(&str, &str)>(after)
                .map_err(unusable)?
                .take(ROWS)
            {
                let (key, bytes) = row.map_err(unusable)?;
                let (pk, sk) = key.value();
                let key = Key::new(pk, sk);
                let found = header(&key, bytes.value()).map_err(|_| damaged(&key))?;
                let indexed = match &found.index {
                    Some(at) => index
                        .get((at.partition.as_str(), at.sort.as_str(), pk, sk))
                        .map_err(unusable)?
                        .is_some(),
                    None => true,
                };
                let expiring = match found.expires_at {
                    Some(at) => expiry.get((at, pk, sk)).map_err(unusable)?.is_some(),
                    None => true,
                };
                let read = decode(key.clone(), bytes.value(), 0);
                if !indexed || !expiring || read.is_err() {
                    return Err(damaged(&key));
                }
                last = Some(LastRow::Items(key.pk, key.sk));
            }
            let next =
                || LastRow::Index(String::new(), String::new(), String::new(), String::new());
            Ok(Some(last.unwrap_or_else(next)))
        }
        LastRow::Index(partition, sort, pk, sk) => {
            let after = (partition.as_str(), sort.as_str(), pk.as_str(), sk.as_str());
            let after = (Bound::Excluded(after), Bound::Unbounded);
            let rows = index.range::<(&str, &str, &str, &str)>(after);
            for row in rows.map_err(unusable)?.take(ROWS) {
                let (entry, _) = row.map_err(unusable)?;
                let (partition, sort, pk, sk) = entry.value();
                let key = Key::new(pk, sk);
                let at = item(&key)?.and_then(|header| header.index);
                if at.is_none_or(|at| at.partition != partition || at.sort != sort) {
                    return Err(damaged(&key));
                }
                last = Some(LastRow::Index(
                    partition.to_owned(),
                    sort.to_owned(),
                    key.pk,
                    key.sk,
                ));
            }
            let next = || LastRow::Expiry(i64::MIN, String::new(), String::new());
            Ok(Some(last.unwrap_or_else(next)))
        }
        LastRow::Expiry(at, pk, sk) => {
            let after = Bound::Excluded((*at, pk.as_str(), sk.as_str()));
            let rows = expiry.range::<(i64, &str, &str)>((after, Bound::Unbounded));
            for row in rows.map_err(unusable)?.take(ROWS) {
                let (entry, _) = row.map_err(unusable)?;
                let (at, pk, sk) = entry.value();
                let key = Key::new(pk, sk);
                if item(&key)?.is_none_or(|header| header.expires_at != Some(at)) {
                    return Err(damaged(&key));
                }
                last = Some(LastRow::Expiry(at, key.pk, key.sk));
            }
            Ok(last)
        }
    }
}

fn damaged(key: &Key) -> StorageError {
    StorageError::Unusable(format!("the record {key} does not fit"))
}
