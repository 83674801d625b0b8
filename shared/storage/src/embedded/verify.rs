//! Reads the whole file, as a check of what opening it did not look at.

use redb::{ReadTransaction, ReadableTable};

use super::super::{Key, StorageError};
use super::file::unusable;
use super::records::{EXPIRY, INDEX, ITEMS, decode, header};

/// Every item is of the form that it should have, and every entry of the index and of what expires
/// leads to the item that has it.
pub(super) fn all(tx: &ReadTransaction) -> Result<(), StorageError> {
    let items = tx.open_table(ITEMS).map_err(unusable)?;
    let (mut indexed, mut expiring) = (0_u64, 0_u64);
    for row in items.iter().map_err(unusable)? {
        let (key, bytes) = row.map_err(unusable)?;
        let (pk, sk) = key.value();
        let key = Key::new(pk, sk);
        let found = header(&key, bytes.value())?;
        indexed += u64::from(found.index.is_some());
        expiring += u64::from(found.expires_at.is_some());
        decode(key, bytes.value(), 0)?;
    }
    let index = tx.open_table(INDEX).map_err(unusable)?;
    for row in index.iter().map_err(unusable)? {
        let (entry, ()) = row.map(|(entry, _)| (entry, ())).map_err(unusable)?;
        let (partition, sort, pk, sk) = entry.value();
        let key = Key::new(pk, sk);
        let item = items.get((pk, sk)).map_err(unusable)?;
        let found = item.map(|bytes| header(&key, bytes.value())).transpose()?;
        let place = found.and_then(|header| header.index);
        if place.is_none_or(|place| place.partition != partition || place.sort != sort) {
            return Err(damaged(&key));
        }
        indexed = indexed.wrapping_sub(1);
    }
    let expiry = tx.open_table(EXPIRY).map_err(unusable)?;
    for row in expiry.iter().map_err(unusable)? {
        let (entry, _) = row.map_err(unusable)?;
        let (at, pk, sk) = entry.value();
        let key = Key::new(pk, sk);
        let item = items.get((pk, sk)).map_err(unusable)?;
        let found = item.map(|bytes| header(&key, bytes.value())).transpose()?;
        if found.is_none_or(|header| header.expires_at != Some(at)) {
            return Err(damaged(&key));
        }
        expiring = expiring.wrapping_sub(1);
    }
    match (indexed, expiring) {
        (0, 0) => Ok(()),
        _ => Err(StorageError::Unusable(
            "the store is damaged (an index does not fit the items): end the server and bring back a copy".to_owned(),
        )),
    }
}

fn damaged(key: &Key) -> StorageError {
    StorageError::Unusable(format!(
        "the store is damaged (at {key}): end the server and bring back a copy"
    ))
}
