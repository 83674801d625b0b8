//! Several partitions of the index read as one list, newest first: what would be too hot for one
//! partition is spread over many.

use std::collections::BTreeMap;

use super::{App, Result};
use storage::{Item, Position, Query, Source};

/// A row of the list.
pub(crate) struct Row {
    /// The item, as it was queried.
    pub(crate) item: Item,
    /// The partition that it was found in.
    pub(crate) partition: String,
    /// Where reading goes on after it.
    pub(crate) place: Position,
}

/// A part of the list.
#[derive(Default)]
pub(crate) struct Newest {
    /// The rows, newest first.
    pub(crate) rows: Vec<Row>,
    /// Where reading goes on; none at the end.
    pub(crate) next: Option<Position>,
}

/// The newest rows of these partitions, as many as `query` asks of each, from a place on; `within` says
/// what that place is in a partition. A sort value that stands in several of them is one row, of the
/// last of them.
///
/// # Errors
/// Storage.
pub(crate) async fn newest(
    app: &App,
    partitions: &[String],
    query: &Query,
    after: Option<Position>,
    within: impl Fn(&str, Position) -> Position,
) -> Result<Newest> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    // Where the first partition ends that was not read as far as the others: below it something may
    // be missing.
    let mut floor = String::new();
    let mut more = false;
    for partition in partitions {
        let from = after.clone().map(|place| within(partition, place));
        let source = Source::Index(partition.clone());
        let query = Query {
            source,
            ..query.clone()
        };
        let page = app.store.query(query.descending().after(from)).await?;
        let mut last = String::new();
        for item in page.items {
            let Some(sort) = item.index.as_ref().map(|entry| entry.sort.clone()) else {
                continue;
            };
            let place = Position {
                key: item.key.clone(),
                sort: Some(sort.clone()),
            };
            last.clone_from(&sort);
            let partition = partition.clone();
            rows.insert(
                sort,
                Row {
                    item,
                    partition,
                    place,
                },
            );
        }
        if page.next.is_some() {
            more = true;
            floor = floor.max(last);
        }
    }
    let found = rows.len();
    let kept = rows
        .into_iter()
        .rev()
        .take_while(|(sort, _)| *sort >= floor);
    let rows: Vec<Row> = kept.take(query.limit).map(|(_, row)| row).collect();
    more |= found > rows.len();
    let next = rows.last().filter(|_| more).map(|row| row.place.clone());
    Ok(Newest { rows, next })
}
