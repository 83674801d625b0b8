//! An item as attributes of the table, and back.
//!
//! | attribute | what |
//! |---|---|
//! | `pk`, `sk` | the key |
//! | `entity`, `version` | as in [`Item`] |
//! | `data` | the document as a map, so that stream filters and people can read it |
//! | `index_pk`, `index_sk` | place in the sparse index, see [`limits::index_sort`] |
//! | `expires_at` | seconds since the epoch; the table's TTL attribute |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

use super::super::{IndexEntry, Item, Key, StorageError, Version, limits};

pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The attributes of a key.
pub(super) fn of_key(key: &Key) -> Attributes {
    HashMap::from([
        ("pk".to_owned(), text(&key.pk)),
        ("sk".to_owned(), text(&key.sk)),
    ])
}

/// The attributes of an item.
pub(super) fn of_item(item: &Item) -> Attributes {
    let mut attributes = of_key(&item.key);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    set("entity", text(&item.entity));
    set("version", text(&item.version.0));
    set("data", of_value(&item.data));
    if let Some(entry) = &item.index {
        set("index_pk", text(&entry.partition));
        set("index_sk", text(limits::index_sort(&entry.sort, &item.key)));
    }
    if let Some(at) = item.expires_at {
        set("expires_at", number(at));
    }
    attributes
}

/// The item that these attributes are.
///
/// # Errors
/// [`StorageError::Corrupt`] when it is not one of ours.
pub(super) fn to_item(mut attributes: Attributes) -> Result<Item, StorageError> {
    let mut take = |name: &str| match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    };
    let key = Key::new(
        take("pk").unwrap_or_default(),
        take("sk").unwrap_or_default(),
    );
    let missing = |name: &str| StorageError::corrupt(&key, &format!("no attribute {name}"));
    let entity = take("entity").ok_or_else(|| missing("entity"))?;
    let version = take("version").ok_or_else(|| missing("version"))?;
    let index = take("index_pk")
        .zip(take("index_sk"))
        .map(|(partition, sort)| IndexEntry {
            partition,
            sort: limits::entry_sort(&sort).to_owned(),
        });
    let expires_at = match attributes.remove("expires_at") {
        Some(AttributeValue::N(at)) => {
            Some(at.parse().map_err(|e| StorageError::corrupt(&key, &e))?)
        }
        _ => None,
    };
    let data = match attributes.remove("data") {
        Some(data @ AttributeValue::M(_)) => {
            to_value(data).ok_or_else(|| StorageError::corrupt(&key, &"data of another kind"))?
        }
        _ => return Err(missing("data")),
    };
    Ok(Item {
        key,
        entity,
        version: Version(version),
        data,
        index,
        expires_at,
    })
}

/// The version in these attributes, whatever else they are.
pub(super) fn version(attributes: &Attributes) -> Option<&str> {
    attributes
        .get("version")
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
}

fn of_value(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(value) => text(value),
        Value::Array(values) => AttributeValue::L(values.iter().map(of_value).collect()),
        Value::Object(fields) => AttributeValue::M(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), of_value(value)))
                .collect(),
        ),
    }
}

fn to_value(value: AttributeValue) -> Option<Value> {
    Some(match value {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(value) => Value::Bool(value),
        AttributeValue::N(number) => Value::Number(to_number(&number)?),
        AttributeValue::S(value) => Value::String(value),
        AttributeValue::L(values) => {
            Value::Array(values.into_iter().map(to_value).collect::<Option<_>>()?)
        }
        AttributeValue::M(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| Some((name, to_value(value)?)))
                .collect::<Option<Map<_, _>>>()?,
        ),
        // Sets and bytes: no document has them.
        _ => return None,
    })
}

/// A number of DynamoDB, which forgets whether it was written `1` or `1.0`.
pub(super) fn to_number(text: &str) -> Option<Number> {
    let whole = text.parse::<i64>().map(Number::from);
    let whole = whole.or_else(|_| text.parse::<u64>().map(Number::from));
    whole.ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_comes_back_as_it_went() {
        let data = json!({
            "text": "ação 🚀", "empty": "", "none": null, "yes": true,
            "numbers": [0, -1, u64::MAX, i64::MIN, 1.5, 1e100],
            "nested": {"list": [[], {}, ["x"]]},
        });
        let item = Item::new(Key::new("T#1", "M#2"), "message", &data).unwrap();
        for item in [item.clone(), item.indexed("DUE#Q#1", "2026").expiring(7)] {
            assert_eq!(to_item(of_item(&item)).unwrap(), item);
        }
    }

    #[test]
    fn what_is_not_ours_is_corrupt() {
        let item = Item::new(Key::new("T#1", "M#2"), "message", &json!({})).unwrap();
        for (name, value, part) in [
            ("entity", None, "no attribute entity"),
            ("version", Some(number(1)), "no attribute version"),
            ("data", Some(text("{}")), "no attribute data"),
            (
                "expires_at",
                Some(AttributeValue::N("1.5".to_owned())),
                "invalid digit",
            ),
        ] {
            let mut attributes = of_item(&item);
            match value {
                Some(value) => attributes.insert(name.to_owned(), value),
                None => attributes.remove(name),
            };
            let error = to_item(attributes).unwrap_err().to_string();
            assert!(error.contains("T#1/M#2") && error.contains(part), "{error}");
        }
    }
}
