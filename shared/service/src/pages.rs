//! Pages of lists: bounded in items and in bytes, each item with the place where reading goes on
//! after it.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::{App, Result};
use storage::{Item, Page, Position, Query, Source, StorageError};

/// Largest page, bytes of JSON: an answer of Lambda is at most 6 MB, and a browser reads it at once.
pub const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// Most bytes of an answer of Lambda (6 MB of payload), less what its headers take.
const MAX_ANSWER: usize = 6 * 1024 * 1024 - 64 * 1024;

/// Whether Lambda can give this as an answer: JSON, which travels as a text within JSON.
pub fn fits_an_answer<T: Serialize>(answer: &T) -> bool {
    let body = serde_json::to_string(answer).unwrap_or_default();
    body.len() <= MAX_ANSWER && size(&body) <= MAX_ANSWER
}

/// Items of a page, in order.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The items, each with its place in the list.
    pub rows: Vec<(T, Position)>,
    /// Where reading goes on; none at the end.
    pub next: Option<Position>,
}

impl<T> Rows<T> {
    /// The items without their positions, for who needs no next page.
    pub fn into_items(self) -> Vec<T> {
        self.rows.into_iter().map(|(item, _)| item).collect()
    }

    /// The same page of what is made of each item.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Rows<U> {
        let rows = self.rows.into_iter();
        Rows {
            rows: rows.map(|(item, place)| (make(item), place)).collect(),
            next: self.next,
        }
    }
}

impl<T: Serialize> Rows<T> {
    /// The part of the page that fits into [`MAX_PAGE_BYTES`]: at least one item, and where to go on.
    #[must_use]
    pub fn fitting(self) -> Self {
        self.within(MAX_PAGE_BYTES)
    }

    fn within(mut self, most: usize) -> Self {
        let mut bytes = 0;
        let fits = self.rows.iter().take_while(|(item, _)| {
            bytes += size(item) + 1;
            bytes <= most
        });
        let fit = fits.count().max(1);
        if fit < self.rows.len() {
            self.rows.truncate(fit);
            self.next = self.rows.last().map(|(_, place)| place.clone());
        }
        self
    }
}

/// How much a page holds, and how much is read for it.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    items: usize,
    bytes: usize,
    calls: usize,
    to_the_last_shown: bool,
}

impl Bounds {
    /// So many items, in [`MAX_PAGE_BYTES`], of however many that have to be read for them.
    pub fn of(items: usize) -> Self {
        Self {
            items,
            bytes: MAX_PAGE_BYTES,
            calls: usize::MAX,
            to_the_last_shown: false,
        }
    }
    /// The same, with no next page where all that is left is left out: who asks must not learn that it
    /// is there.
    #[must_use]
    pub fn to_the_last_shown(self) -> Self {
        Self {
            to_the_last_shown: true,
            ..self
        }
    }
    /// The same in so many bytes.
    #[must_use]
    pub fn bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }
    /// The same of what so many queries give.
    #[must_use]
    pub fn calls(self, calls: usize) -> Self {
        Self { calls, ..self }
    }
}

/// Reads a page: items of the query that `show` lets through, within the bounds. What `show` leaves
/// out does not count.
///
/// # Errors
/// Storage; those of `show`.
pub async fn read<T: Serialize>(
    app: &App,
    mut query: Query,
    bounds: Bounds,
    mut show: impl FnMut(&Item) -> Result<Option<T>>,
) -> Result<Rows<T>> {
    let mut rows = Vec::new();
    let mut bytes = 0;
    for _ in 0..bounds.calls {
        let page = app.store.query(query.clone()).await?;
        let count = page.items.len();
        for (at, item) in page.items.iter().enumerate() {
            let Some(shown) = show(item)? else {
                continue;
            };
            bytes += size(&shown) + 1;
            let place = query.source.position(item);
            rows.push((shown, place.clone()));
            if rows.len() >= bounds.items || bytes > bounds.bytes {
                let next = if bounds.to_the_last_shown {
                    let rest = &page.items[at + 1..];
                    let more = shows_any(app, rest, query.after(page.next), show).await?;
                    more.then_some(place)
                } else if at + 1 == count {
                    page.next
                } else {
                    Some(place)
                };
                return Ok(Rows { rows, next }.within(bounds.bytes));
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let next = query.after;
    Ok(Rows { rows, next }.within(bounds.bytes))
}

/// Whether `show` lets through any of these items, or of the query that goes on after them.
async fn shows_any<T>(
    app: &App,
    items: &[Item],
    mut query: Query,
    mut show: impl FnMut(&Item) -> Result<Option<T>>,
) -> Result<bool> {
    let mut items = Cow::Borrowed(items);
    loop {
        for item in items.iter() {
            if show(item)?.is_some() {
                return Ok(true);
            }
        }
        if query.after.is_none() {
            return Ok(false);
        }
        let page = app.store.query(query.clone()).await?;
        query.after = page.next;
        items = Cow::Owned(page.items);
    }
}

/// The items of a query up to its limit: a page of the store ends at a megabyte, too.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn items(app: &App, mut query: Query) -> Result<Vec<Item>> {
    let most = query.limit;
    let mut items = Vec::new();
    loop {
        query.limit = most - items.len();
        let page = app.store.query(query.clone()).await?;
        items.extend(page.items);
        query.after = page.next;
        if items.len() >= most || query.after.is_none() {
            return Ok(items);
        }
    }
}

/// All pages of a query, one after the other: `while let Some(items) = pages.next().await? { … }`.
pub struct AllPages<'a> {
    app: &'a App,
    /// The query of the next page; none when all were read.
    query: Option<Query>,
}

/// Reads a query to its end.
pub fn all(app: &App, query: Query) -> AllPages<'_> {
    AllPages {
        app,
        query: Some(query),
    }
}

impl AllPages<'_> {
    /// The items of the next page; `None` after the last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<Item>>> {
        let Some(query) = &mut self.query else {
            return Ok(None);
        };
        let page = self.app.store.query(query.clone()).await?;
        query.after = page.next;
        if query.after.is_none() {
            self.query = None;
        }
        Ok(Some(page.items))
    }

    /// Whether there is another page.
    pub fn has_more(&self) -> bool {
        self.query.is_some()
    }
}

/// One page of each of these queries, made at the same time.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn each(app: &App, queries: Vec<Query>) -> Result<Vec<Page>> {
    let mut asked = JoinSet::new();
    for (at, query) in queries.into_iter().enumerate() {
        let store = app.store.clone();
        asked.spawn(async move { (at, store.query(query).await) });
    }
    let mut pages = Vec::new();
    while let Some(answer) = asked.join_next().await {
        let (at, page) = answer.map_err(|error| StorageError::Unusable(error.to_string()))?;
        pages.push((at, page?));
    }
    pages.sort_by_key(|(at, _)| *at);
    Ok(pages.into_iter().map(|(_, page)| page).collect())
}

/// The newest of these partitions of the index together, as many as `query` asks of each, from its place
/// on: what would be too hot for one partition is spread over many. Every sort value names what it is
/// about, so that one place serves all partitions: `place` says how it stands in one of them. What is in
/// several of them is there once.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn newest(
    app: &App,
    partitions: &[String],
    query: &Query,
    place: impl Fn(&str, Position) -> Position,
) -> Result<(Vec<(String, Item)>, Option<Position>)> {
    let of = |partition: &String| {
        let after = query.after.clone().map(|after| place(partition, after));
        Query {
            source: Source::Index(partition.clone()),
            after,
            ..query.clone()
        }
        .descending()
    };
    let pages = each(app, partitions.iter().map(of).collect()).await?;
    let mut more = pages.iter().any(|page| page.next.is_some());
    let mut found = BTreeMap::new();
    // Where a page ended early, by bytes or by number: below it something of its partition may be missing.
    let mut floor = String::new();
    for (partition, page) in partitions.iter().zip(pages) {
        let mut last = String::new();
        for item in page.items {
            if let Some(entry) = &item.index {
                last.clone_from(&entry.sort);
                found.insert(entry.sort.clone(), (partition.clone(), item));
            }
        }
        if page.next.is_some() {
            floor = floor.max(last);
        }
    }
    let count = found.len();
    let kept = found
        .into_iter()
        .rev()
        .take_while(|(sort, _)| *sort >= floor);
    let newest: Vec<_> = kept.take(query.limit).map(|(_, one)| one).collect();
    more |= count > newest.len();
    let last = newest.last().filter(|_| more);
    let next = last.map(|(partition, item)| Source::Index(partition.clone()).position(item));
    Ok((newest, next))
}

/// Length of the value as JSON, without making it.
pub(crate) fn size(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        // It will not be answered either.
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use std::sync::Arc;

    use proptest::prelude::*;
    use storage::{Key, Storage, Write, embedded::Embedded};

    fn rows(sizes: &[usize]) -> Rows<String> {
        let place = |at: usize| Position {
            key: Key::new("p", at.to_string()),
            sort: None,
        };
        let rows = sizes.iter().enumerate();
        Rows {
            rows: rows
                .map(|(at, size)| ("x".repeat(*size), place(at)))
                .collect(),
            next: None,
        }
    }

    #[test]
    fn a_page_ends_where_it_is_full_and_reading_goes_on_there() {
        let half = MAX_PAGE_BYTES / 2;
        let page = rows(&[half, half, 1]).fitting();
        assert_eq!(page.rows.len(), 1);
        assert_eq!(page.next, Some(page.rows[0].1.clone()));
        let page = rows(&[2 * MAX_PAGE_BYTES, 1]).fitting();
        assert_eq!(
            page.rows.len(),
            1,
            "never an empty page that goes on at itself"
        );
        let page = rows(&[1, 1]).fitting();
        assert_eq!((page.rows.len(), page.next), (2, None));
    }

    /// Reads all pages of so many rows.
    async fn read(app: &App, partitions: &[String], limit: usize) -> Vec<String> {
        let mut query = Query::of(Source::Index(String::new()), limit);
        let mut all = Vec::new();
        loop {
            let (rows, next) = newest(app, partitions, &query, |_, place| place)
                .await
                .unwrap();
            assert!(rows.len() <= limit);
            assert!(next.is_none() || !rows.is_empty(), "without end");
            all.extend(rows.into_iter().map(|(_, item)| item.key.sk));
            query.after = next;
            if query.after.is_none() {
                return all;
            }
        }
    }

    async fn app(items: impl IntoIterator<Item = Item>) -> App {
        let store = Embedded::in_memory().unwrap();
        for item in items {
            store.commit(vec![Write::put(item)]).await.unwrap();
        }
        App::new(Arc::new(store), Settings::read(|_| None).unwrap())
    }

    fn item(partition: usize, number: usize, bytes: usize) -> Item {
        let name = format!("{number:04}");
        let data = serde_json::json!({ "text": "x".repeat(bytes) });
        let item = Item::new(Key::new("p", &name), "thing", &data).unwrap();
        item.indexed(format!("i{partition}"), name)
    }

    fn partitions() -> Vec<String> {
        (0..4).map(|number| format!("i{number}")).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_pages_of_many_partitions_are_one_list(
            spread in prop::collection::vec(0usize..4, 0..40),
            limit in 1usize..12,
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(async {
                let items = spread.iter().enumerate();
                let app = app(items.map(|(number, partition)| item(*partition, number, 0))).await;
                read(&app, &partitions(), limit).await
            });
            let wanted: Vec<_> = (0..spread.len()).rev().map(|number| format!("{number:04}")).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    #[tokio::test]
    async fn a_partition_whose_page_ended_early_loses_nothing() {
        // The newest are large and all in one partition, so that its page ends by bytes.
        let large = MAX_PAGE_BYTES / 3;
        let items = (0..12).map(|number| match number {
            0..6 => item(1, number, 0),
            _ => item(0, number, large),
        });
        let found = read(&app(items).await, &partitions(), 100).await;
        let wanted: Vec<_> = (0..12).rev().map(|number| format!("{number:04}")).collect();
        assert_eq!(found, wanted);
    }
}
