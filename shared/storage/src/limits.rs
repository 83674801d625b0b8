//! What storage takes, checked once for every backend before it does anything.
//!
//! The numbers are DynamoDB's ("Quotas and limits in Amazon DynamoDB", "DynamoDB item sizes and
//! formats"); the embedded backend keeps them too, so that nothing works on one machine alone.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Action, Expect, IndexEntry, Item, Key, MAX_GET, MAX_ITEM_BYTES, MAX_PAGE, MAX_WRITES, Query,
    Range, Source, StorageError, Write,
};

/// Longest partition in bytes, of the table and of the index.
pub const MAX_PARTITION_BYTES: usize = 2048;
/// Longest sort value in bytes; in the index, the item's key counts with it (see [`index_sort`]).
pub const MAX_SORT_BYTES: usize = 1024;
/// Largest commit in bytes: the items of its puts together.
pub const MAX_COMMIT_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting of a document. DynamoDB allows 32 levels, one of which is the item's own.
pub const MAX_DEPTH: usize = 31;
/// A page ends once its items have this many bytes, as DynamoDB's do.
pub const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// Between the parts of [`index_sort`]: smaller than every character that a key may have.
const SEPARATOR: char = '\u{1f}';

/// The sort value that the index really holds: the entry's, then the item's key, so that no two
/// are equal and ties come in the order of keys on every backend. (DynamoDB promises no order
/// among equal sort values of an index.)
pub fn index_sort(sort: &str, key: &Key) -> String {
    format!("{sort}{SEPARATOR}{}{SEPARATOR}{}", key.pk, key.sk)
}

/// The entry's own sort value in one made by [`index_sort`].
pub fn entry_sort(index_sort: &str) -> &str {
    index_sort
        .split_once(SEPARATOR)
        .map_or(index_sort, |(sort, _)| sort)
}

/// An upper bound, included, of every [`index_sort`] whose entry's sort value is at most `sort`.
pub fn index_sort_at_most(sort: &str) -> String {
    // A space follows the separator, and what starts with `sort` and a space is longer than this.
    format!("{sort} ")
}

/// Checks the keys of a get.
///
/// # Errors
/// [`StorageError::Limit`]: too many keys, a key that no item can have.
pub fn check_get(keys: &[Key]) -> Result<(), StorageError> {
    if keys.len() > MAX_GET {
        return limit(format!("{} keys, the limit is {MAX_GET}", keys.len()));
    }
    keys.iter().try_for_each(check_key)
}

/// Checks a query.
///
/// # Errors
/// [`StorageError::Limit`]: a page of no or too many items, an empty partition, bounds with
/// control characters; [`StorageError::Position`]: a position of another query.
pub fn check_query(query: &Query) -> Result<(), StorageError> {
    if query.limit == 0 || query.limit > MAX_PAGE {
        return limit(format!("page of {}, 1 to {MAX_PAGE}", query.limit));
    }
    let (Source::Partition(partition) | Source::Index(partition)) = &query.source;
    check_part("partition", partition, MAX_PARTITION_BYTES)?;
    let bounds: &[&String] = match &query.range {
        Range::All => &[],
        Range::Prefix(a) | Range::AtMost(a) => &[a],
        Range::Between(a, b) => &[a, b],
    };
    for bound in bounds {
        // An empty bound does not bound anything.
        if !bound.is_empty() {
            check_part("bound", bound, MAX_SORT_BYTES)?;
        }
    }
    let Some(after) = &query.after else {
        return Ok(());
    };
    let place = match (&query.source, &after.sort) {
        (Source::Partition(pk), None) if after.key.pk == *pk => &after.key.sk,
        (Source::Index(_), Some(sort)) => sort,
        _ => return Err(StorageError::Position),
    };
    if check_key(&after.key).is_err()
        || check_part("position", place, MAX_SORT_BYTES).is_err()
        || !query.range.contains(place)
    {
        return Err(StorageError::Position);
    }
    Ok(())
}

/// Checks the writes of a commit.
///
/// # Errors
/// [`StorageError::Limit`]: too many writes, two of one key, keys or documents that DynamoDB cannot
/// hold, a replacing item with the version it replaces, over [`MAX_COMMIT_BYTES`] together;
/// [`StorageError::TooLarge`]: an item over [`MAX_ITEM_BYTES`].
pub fn check_commit(writes: &[Write]) -> Result<(), StorageError> {
    let alone = |write: &&Write| matches!(write.expect, Expect::Alone(_));
    let together = writes.len() - writes.iter().filter(alone).count();
    if together > MAX_WRITES {
        return limit(format!("{together} writes, the limit is {MAX_WRITES}"));
    }
    let mut seen = HashSet::with_capacity(writes.len());
    let mut total = 0;
    for (place, write) in writes.iter().enumerate() {
        check_key(write.key())?;
        if !seen.insert(write.key()) {
            return limit(format!("write {place} is about the key of an earlier one"));
        }
        if matches!(write.expect, Expect::Alone(_)) && !matches!(write.action, Action::Put(_)) {
            return limit(format!("write {place} stands alone and is no put"));
        }
        if let Action::Put(item) = &write.action {
            if write.expect == Expect::Version(item.version.clone()) {
                return limit(format!("write {place} replaces a version by itself"));
            }
            total += check_item(item)?;
        }
    }
    if total > MAX_COMMIT_BYTES {
        return limit(format!("{total} bytes, the limit is {MAX_COMMIT_BYTES}"));
    }
    Ok(())
}

/// Checks an item and gives its size.
fn check_item(item: &Item) -> Result<usize, StorageError> {
    if item.entity.is_empty() || item.version.0.is_empty() {
        return limit("an item without entity or version".to_owned());
    }
    if !item.data.is_object() {
        return limit("a document that is not a JSON object".to_owned());
    }
    check_value(&item.data, 1)?;
    if let Some(IndexEntry { partition, sort }) = &item.index {
        check_part("index partition", partition, MAX_PARTITION_BYTES)?;
        check_part("index sort value", sort, MAX_SORT_BYTES)?;
        check_part_length(
            "index sort value",
            &index_sort(sort, &item.key),
            MAX_SORT_BYTES,
        )?;
    }
    let bytes = item_bytes(item);
    if bytes > MAX_ITEM_BYTES {
        return Err(StorageError::TooLarge {
            key: item.key.clone(),
            bytes,
        });
    }
    Ok(bytes)
}

fn check_key(key: &Key) -> Result<(), StorageError> {
    check_part("pk", &key.pk, MAX_PARTITION_BYTES)?;
    check_part("sk", &key.sk, MAX_SORT_BYTES)
}

fn check_part(what: &str, part: &str, most: usize) -> Result<(), StorageError> {
    if part.is_empty() {
        return limit(format!("empty {what}"));
    }
    if part.contains(char::is_control) {
        return limit(format!("{what} with a control character"));
    }
    check_part_length(what, part, most)
}

fn check_part_length(what: &str, part: &str, most: usize) -> Result<(), StorageError> {
    if part.len() > most {
        return limit(format!(
            "{what} of {} bytes, the limit is {most}",
            part.len()
        ));
    }
    Ok(())
}

/// Depth, names of fields, and numbers in DynamoDB's range (1E-130 to 9.9E125).
fn check_value(value: &Value, depth: usize) -> Result<(), StorageError> {
    if depth > MAX_DEPTH {
        return limit(format!("a document nested deeper than {MAX_DEPTH}"));
    }
    match value {
        Value::Array(values) => values.iter().try_for_each(|v| check_value(v, depth + 1)),
        Value::Object(fields) if fields.contains_key("") => {
            limit("a document with a field without a name".to_owned())
        }
        Value::Object(fields) => fields.values().try_for_each(|v| check_value(v, depth + 1)),
        Value::Number(number) => match number.as_f64().map(f64::abs) {
            Some(n) if n == 0.0 || (1e-130..9.9e125).contains(&n) => Ok(()),
            _ => limit("a number out of range".to_owned()),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Size of an item in bytes as DynamoDB counts it, attribute names included.
pub fn item_bytes(item: &Item) -> usize {
    let index = item.index.as_ref().map_or(0, |entry| {
        "index_pk".len()
            + entry.partition.len()
            + "index_sk".len()
            + index_sort(&entry.sort, &item.key).len()
    });
    let expires = item.expires_at.map_or(0, |_| "expires_at".len() + 8);
    "pk".len()
        + item.key.pk.len()
        + "sk".len()
        + item.key.sk.len()
        + "entity".len()
        + item.entity.len()
        + "version".len()
        + item.version.0.len()
        + "data".len()
        + value_bytes(&item.data)
        + index
        + expires
}

/// Size of a value within a document in bytes, as DynamoDB counts it.
pub fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        // About a byte for two digits and one more; never more than 21.
        Value::Number(number) => (number.to_string().len() / 2 + 2).min(21),
        Value::String(text) => text.len(),
        Value::Array(values) => 3 + values.iter().map(|v| 1 + value_bytes(v)).sum::<usize>(),
        Value::Object(fields) => {
            3 + fields
                .iter()
                .map(|(name, v)| 1 + name.len() + value_bytes(v))
                .sum::<usize>()
        }
    }
}

fn limit<T>(what: String) -> Result<T, StorageError> {
    Err(StorageError::Limit(what))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }))
    }

    fn put(data: Value) -> Write {
        Write::put(Item::new(Key::new("p", "s"), "thing", &data).unwrap())
    }

    #[test]
    fn counts_bytes_as_dynamodb_does() {
        let item = Item::new(
            Key::new("pp", "ss"),
            "thing",
            &json!({"a": "bc", "n": null}),
        )
        .unwrap();
        // pk 2+2, sk 2+2, entity 6+5, version 7+32, data 4 + (3 + (1+1+2) + (1+1+1))
        assert_eq!(item_bytes(&item), 4 + 4 + 11 + 39 + 4 + 10);
        let indexed = item.clone().indexed("part", "sort").expiring(1);
        assert_eq!(
            item_bytes(&indexed),
            item_bytes(&item) + 8 + 4 + 8 + "sort|pp|ss".len() + 18
        );
    }

    #[test]
    fn refuses_what_dynamodb_cannot_hold() {
        let long = "k".repeat(MAX_SORT_BYTES + 1);
        let cases = [
            (put(json!([1])), "not a JSON object"),
            (put(nested(MAX_DEPTH + 1)), "nested deeper"),
            (put(json!({"a": [{"": 1}]})), "field without a name"),
            (put(json!({"n": 1e126})), "number out of range"),
            (put(json!({"n": -1e-131})), "number out of range"),
            (
                Write::delete(Key::new("", "s"), Expect::Anything),
                "empty pk",
            ),
            (
                Write::delete(Key::new("p", ""), Expect::Anything),
                "empty sk",
            ),
            (
                Write::check(Key::new("p", "a\u{1f}b"), Expect::Absent),
                "control character",
            ),
            (
                Write::check(Key::new("p", long), Expect::Absent),
                "1025 bytes",
            ),
        ];
        for (write, part) in cases {
            let error = check_commit(&[write]).unwrap_err().to_string();
            assert!(error.contains(part), "{error} / {part}");
        }
        for fine in [
            nested(MAX_DEPTH),
            json!({"n": [0, -0.0, 1.5e100, u64::MAX, i64::MIN]}),
        ] {
            check_commit(&[put(fine)]).unwrap();
        }
    }

    #[test]
    fn a_replacement_has_a_version_of_its_own() {
        let item = Item::new(Key::new("p", "s"), "thing", &json!({})).unwrap();
        let version = item.version.clone();
        let error = check_commit(&[Write::replace(item, version)]).unwrap_err();
        assert!(error.to_string().contains("replaces a version by itself"));
    }

    #[test]
    fn a_commit_has_a_size_of_its_own() {
        let big = "x".repeat(399 * 1024);
        let writes: Vec<_> = (0..11)
            .map(|n| {
                let key = Key::new("p", n.to_string());
                Write::put(Item::new(key, "thing", &json!({ "d": big })).unwrap())
            })
            .collect();
        check_commit(&writes[..10]).unwrap();
        let error = check_commit(&writes).unwrap_err().to_string();
        assert!(error.contains("the limit is 4194304"), "{error}");
    }

    proptest! {
        #[test]
        fn the_sort_value_of_the_index_orders_as_its_parts(
            a in ("[ -~é]{1,6}", "[ -~é]{1,3}", "[ -~é]{1,3}"),
            b in ("[ -~é]{1,6}", "[ -~é]{1,3}", "[ -~é]{1,3}"),
        ) {
            let whole = |p: &(String, String, String)| index_sort(&p.0, &Key::new(&p.1, &p.2));
            prop_assert_eq!(whole(&a).cmp(&whole(&b)), a.cmp(&b));
            let stored = whole(&a);
            prop_assert_eq!(entry_sort(&stored), &a.0);
            prop_assert_eq!(whole(&a) <= index_sort_at_most(&b.0), a.0 <= b.0);
            prop_assert_eq!(whole(&a) >= b.0, a.0 >= b.0);
        }
    }
}
