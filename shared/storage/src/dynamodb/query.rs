//! Pages of the table and of the index.

use serde_json::Value;

use super::super::{
    IndexEntry, Item, Key, MAX_GET, Order, Page, Position, Query, Range, Source, StorageError,
    Version, limits,
};
use super::attributes::{Attributes, of_key, text, to_item};
use super::{DynamoDb, INDEX, live, trouble};

impl DynamoDb {
    /// A page, read on until it is full: expired items are there, but do not count.
    pub(super) async fn page(&self, query: &Query, now: i64) -> Result<Page, StorageError> {
        let Some(condition) = Condition::of(query) else {
            return Ok(Page::default());
        };
        let mut page = Page::default();
        let mut start = query.after.as_ref().map(|p| start_key(&query.source, p));
        let mut bytes = 0;
        loop {
            // One more than asked for tells whether there is a next page.
            let wanted = query.limit + 1 - page.items.len();
            let (found, last) = self.read_page(query, &condition, wanted, start).await?;
            for item in self.whole(query, found, now).await? {
                if !live(&item, now) {
                    continue;
                }
                if page.items.len() == query.limit || bytes >= limits::MAX_PAGE_BYTES {
                    page.next = next_position(query, page.items.last());
                    return Ok(page);
                }
                bytes += limits::item_bytes(&item);
                page.items.push(item);
            }
            match last {
                None => return Ok(page),
                Some(_) if bytes >= limits::MAX_PAGE_BYTES => {
                    page.next = next_position(query, page.items.last());
                    return Ok(page);
                }
                Some(last) => start = Some(last),
            }
        }
    }

    /// The items of what a page holds: the index has keys and places alone, and what it does not know
    /// of yet has moved since.
    async fn whole(
        &self,
        query: &Query,
        found: Vec<Attributes>,
        now: i64,
    ) -> Result<Vec<Item>, StorageError> {
        if matches!(query.source, Source::Partition(_)) {
            return found.into_iter().map(to_item).collect();
        }
        let places = found.into_iter().filter_map(to_place);
        if query.places {
            return Ok(places.collect());
        }
        let places: Vec<Item> = places.collect();
        let mut items = Vec::with_capacity(places.len());
        for some in places.chunks(MAX_GET) {
            let keys: Vec<&Key> = some.iter().map(|place| &place.key).collect();
            let mut read = self.get_many(&keys, now).await?;
            let present = some.iter().filter_map(|place| {
                let item = read.remove(&place.key)?;
                (item.index == place.index).then_some(item)
            });
            items.extend(present);
        }
        Ok(items)
    }

    async fn read_page(
        &self,
        query: &Query,
        condition: &Condition,
        wanted: usize,
        start: Option<Attributes>,
    ) -> Result<(Vec<Attributes>, Option<Attributes>), StorageError> {
        let (index, partition, sort) = match query.source {
            Source::Partition(_) => (None, "pk", "sk"),
            Source::Index(_) => (Some(INDEX.to_owned()), "index_pk", "index_sk"),
        };
        let call = || {
            let mut call = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(index.is_none())
                .set_index_name(index.clone())
                .scan_index_forward(query.order == Order::Ascending)
                .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start.clone())
                .key_condition_expression(condition.expression)
                .expression_attribute_names("#p", partition);
            if condition.expression.contains("#s") {
                call = call.expression_attribute_names("#s", sort);
            }
            for (name, value) in &condition.values {
                call = call.expression_attribute_values(*name, text(value));
            }
            call.send()
        };
        let answer = trouble::read(&self.table, call).await?;
        let last = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), last))
    }
}

struct Condition {
    expression: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Condition {
    /// `None` when nothing can meet it: DynamoDB refuses empty bounds and reversed ones.
    fn of(query: &Query) -> Option<Self> {
        let (Source::Partition(partition) | Source::Index(partition)) = &query.source;
        let at_most = |high: &str| match query.source {
            Source::Partition(_) => high.to_owned(),
            Source::Index(_) => limits::index_sort_at_most(high),
        };
        let mut values = vec![(":p", partition.clone())];
        let expression = match &query.range {
            Range::Prefix(prefix) if !prefix.is_empty() => {
                values.push((":a", prefix.clone()));
                "#p = :p AND begins_with(#s, :a)"
            }
            Range::All | Range::Prefix(_) => "#p = :p",
            Range::Between(low, high) if low > high => return None,
            Range::Between(_, high) | Range::AtMost(high) if high.is_empty() => return None,
            Range::Between(low, high) if !low.is_empty() => {
                values.push((":a", low.clone()));
                values.push((":b", at_most(high)));
                "#p = :p AND #s BETWEEN :a AND :b"
            }
            Range::Between(_, high) | Range::AtMost(high) => {
                values.push((":b", at_most(high)));
                "#p = :p AND #s <= :b"
            }
        };
        Some(Self { expression, values })
    }
}

/// An item of the index: its key and its place there.
fn to_place(attributes: Attributes) -> Option<Item> {
    let text = |name: &str| attributes.get(name)?.as_s().ok().cloned();
    Some(Item {
        key: Key::new(text("pk")?, text("sk")?),
        entity: String::new(),
        version: Version(String::new()),
        data: Value::Object(serde_json::Map::new()),
        index: Some(IndexEntry {
            partition: text("index_pk")?,
            sort: limits::entry_sort(&text("index_sk")?).to_owned(),
        }),
        expires_at: None,
    })
}

fn next_position(query: &Query, last: Option<&Item>) -> Option<Position> {
    last.map(|last| query.source.position(last))
}

fn start_key(source: &Source, position: &Position) -> Attributes {
    let mut key = of_key(&position.key);
    if let (Source::Index(partition), Some(sort)) = (source, &position.sort) {
        key.insert("index_pk".to_owned(), text(partition));
        let sort = limits::index_sort(sort, &position.key);
        key.insert("index_sk".to_owned(), text(sort));
    }
    key
}
