//! Reads over one snapshot of the file.

use std::ops::Bound;

use redb::{ReadTransaction, ReadableTable};

use super::super::{Item, Key, Order, Page, Query, Range, Source, StorageError, limits};
use super::file::unusable;
use super::records::{INDEX, ITEMS, decode};

/// Bounds of a sort value: from, and up to but without.
type Bounds = (Bound<String>, Bound<String>);

/// The items at `keys`, in their order.
pub(super) fn get(
    tx: &ReadTransaction,
    keys: &[Key],
    now: i64,
) -> Result<Vec<Option<Item>>, StorageError> {
    let items = tx.open_table(ITEMS).map_err(unusable)?;
    keys.iter()
        .map(|key| find(&items, key.clone(), now))
        .collect()
}

pub(super) fn query(tx: &ReadTransaction, query: &Query, now: i64) -> Result<Page, StorageError> {
    let Some(bounds) = bounds(&query.range) else {
        return Ok(Page::default());
    };
    match &query.source {
        Source::Partition(pk) => partition(tx, query, pk, bounds, now),
        Source::Index(partition) => index(tx, query, partition, bounds, now),
    }
}

fn partition(
    tx: &ReadTransaction,
    query: &Query,
    pk: &str,
    (low, high): Bounds,
    now: i64,
) -> Result<Page, StorageError> {
    let items = tx.open_table(ITEMS).map_err(unusable)?;
    let after = query.after.as_ref().map(|p| (pk, p.key.sk.as_str()));
    let end = end_of(pk);
    let low = low.as_ref().map(|low| (pk, low.as_str()));
    let high = match &high {
        Bound::Unbounded => Bound::Excluded((end.as_str(), "")),
        bound => bound.as_ref().map(|high| (pk, high.as_str())),
    };
    let mut found = items
        .range::<(&str, &str)>(after_in(low, high, after, query.order))
        .map_err(unusable)?;
    let next = || match query.order {
        Order::Ascending => found.next(),
        Order::Descending => found.next_back(),
    };
    let items = std::iter::from_fn(next).map(|row| {
        let (key, bytes) = row.map_err(unusable)?;
        let (pk, sk) = key.value();
        decode(Key::new(pk, sk), bytes.value(), now)
    });
    page(items, query)
}

fn index(
    tx: &ReadTransaction,
    query: &Query,
    partition: &str,
    (low, high): Bounds,
    now: i64,
) -> Result<Page, StorageError> {
    let items = tx.open_table(ITEMS).map_err(unusable)?;
    let index = tx.open_table(INDEX).map_err(unusable)?;
    let after = query.after.as_ref().map(|p| {
        let sort = p.sort.as_deref().unwrap_or_default();
        (partition, sort, p.key.pk.as_str(), p.key.sk.as_str())
    });
    let end = end_of(partition);
    let low = low.as_ref().map(|low| (partition, low.as_str(), "", ""));
    let high = match &high {
        Bound::Unbounded => Bound::Excluded((end.as_str(), "", "", "")),
        bound => bound
            .as_ref()
            .map(|high| (partition, high.as_str(), "", "")),
    };
    let mut found = index
        .range::<(&str, &str, &str, &str)>(after_in(low, high, after, query.order))
        .map_err(unusable)?;
    let next = || match query.order {
        Order::Ascending => found.next(),
        Order::Descending => found.next_back(),
    };
    let items = std::iter::from_fn(next).map(|row| {
        let (entry, _) = row.map_err(unusable)?;
        let (_, _, pk, sk) = entry.value();
        find(&items, Key::new(pk, sk), now)
    });
    page(items, query)
}

/// Takes live items until the page is full.
fn page(
    items: impl Iterator<Item = Result<Option<Item>, StorageError>>,
    query: &Query,
) -> Result<Page, StorageError> {
    let mut page = Page::default();
    let mut bytes = 0;
    for item in items {
        let Some(item) = item? else { continue };
        if page.items.len() == query.limit || bytes >= limits::MAX_PAGE_BYTES {
            page.next = page.items.last().map(|last| query.source.position(last));
            break;
        }
        bytes += limits::item_bytes(&item);
        page.items.push(item);
    }
    Ok(page)
}

fn find(
    items: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    key: Key,
    now: i64,
) -> Result<Option<Item>, StorageError> {
    match items
        .get((key.pk.as_str(), key.sk.as_str()))
        .map_err(unusable)?
    {
        Some(bytes) => decode(key, bytes.value(), now),
        None => Ok(None),
    }
}

/// Bounds of the sort values in `range`; `None` when it can hold none.
fn bounds(range: &Range) -> Option<Bounds> {
    let from = |low: &str| Bound::Included(low.to_owned());
    Some(match range {
        Range::All => (from(""), Bound::Unbounded),
        Range::Prefix(prefix) => (
            from(prefix),
            end_of_prefix(prefix).map_or(Bound::Unbounded, Bound::Excluded),
        ),
        Range::Between(low, high) if low > high => return None,
        Range::Between(low, high) => (from(low), Bound::Excluded(end_of(high))),
        Range::AtMost(high) => (from(""), Bound::Excluded(end_of(high))),
    })
}

/// Narrows the bounds to what lies behind `after` in this direction.
fn after_in<K>(
    low: Bound<K>,
    high: Bound<K>,
    after: Option<K>,
    order: Order,
) -> (Bound<K>, Bound<K>) {
    match (after, order) {
        (None, _) => (low, high),
        (Some(after), Order::Ascending) => (Bound::Excluded(after), high),
        (Some(after), Order::Descending) => (low, Bound::Excluded(after)),
    }
}

/// The smallest string greater than `text`.
fn end_of(text: &str) -> String {
    format!("{text}\0")
}

/// The smallest string greater than all that start with `prefix`, if there is one.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        // `..=` over characters steps over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::end_of_prefix;

    #[test]
    fn the_end_of_a_prefix_is_the_next_string() {
        let cases = [
            ("a", Some("b")),
            ("M#", Some("M$")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ];
        for (prefix, end) in cases {
            assert_eq!(end_of_prefix(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
