//! Items in the records of the table's stream.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::super::{Item, Key, StorageError};
use super::attributes::to_item;

/// The item of a stream record: `image` is its `dynamodb.NewImage` (or `OldImage`), JSON as Lambda
/// gets it, for example `{"pk": {"S": "T#42"}, …}`. Expired items are items too.
///
/// # Errors
/// [`StorageError::Corrupt`] when it is not one of ours; it names the key, if there is one.
pub fn item_of_image(image: &Value) -> Result<Item, StorageError> {
    match attribute_map(image) {
        Some(attributes) => to_item(attributes),
        None => {
            let part = |name| image[name]["S"].as_str().unwrap_or_default();
            let key = Key::new(part("pk"), part("sk"));
            Err(StorageError::corrupt(&key, &"no image of an item"))
        }
    }
}

fn attribute_map(image: &Value) -> Option<HashMap<String, AttributeValue>> {
    image
        .as_object()?
        .iter()
        .map(|(name, value)| Some((name.clone(), attribute(value)?)))
        .collect()
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(match kind.as_str() {
        "S" => AttributeValue::S(text(value)?),
        "N" => AttributeValue::N(text(value)?),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(true),
        "L" => AttributeValue::L(
            value
                .as_array()?
                .iter()
                .map(attribute)
                .collect::<Option<_>>()?,
        ),
        "M" => AttributeValue::M(attribute_map(value)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::IndexEntry;

    #[test]
    fn reads_an_image_as_lambda_gets_it() {
        let image = json!({
            "pk": {"S": "T#42"}, "sk": {"S": "D#1#2"}, "entity": {"S": "delivery"},
            "version": {"S": "v1"}, "expires_at": {"N": "1700000000"},
            "index_pk": {"S": "DUE#QUEUED#3"}, "index_sk": {"S": "0001#x\u{1f}T#42\u{1f}D#1#2"},
            "data": {"M": {
                "n": {"N": "1"}, "f": {"N": "1.5"}, "s": {"S": "é"}, "none": {"NULL": true},
                "yes": {"BOOL": true}, "list": {"L": [{"M": {}}]},
            }},
        });
        let item = item_of_image(&image).unwrap();
        assert_eq!(item.key, Key::new("T#42", "D#1#2"));
        assert_eq!(
            (item.entity.as_str(), item.version.0.as_str()),
            ("delivery", "v1")
        );
        assert_eq!(item.expires_at, Some(1_700_000_000));
        let index = IndexEntry {
            partition: "DUE#QUEUED#3".to_owned(),
            sort: "0001#x".to_owned(),
        };
        assert_eq!(item.index, Some(index));
        assert_eq!(
            item.data,
            json!({"n": 1, "f": 1.5, "s": "é", "none": null, "yes": true, "list": [{}]})
        );
    }

    #[test]
    fn refuses_what_is_no_image() {
        for (image, part) in [
            (json!(null), "no image"),
            (
                json!({"pk": {"S": "T#42"}, "sk": "x"}),
                "T#42/ cannot be read: no image",
            ),
            (
                json!({"pk": {"S": "T#42"}, "data": {"B": "AA=="}}),
                "no image",
            ),
            (
                json!({"pk": {"S": "T#42"}, "sk": {"S": "X"}}),
                "no attribute entity",
            ),
        ] {
            let error = item_of_image(&image).unwrap_err().to_string();
            assert!(error.contains(part), "{error} / {part}");
        }
    }
}
