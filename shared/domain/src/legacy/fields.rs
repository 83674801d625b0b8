//! Fields of a document by names that are compared without case.

use serde_json::{Map, Value};

/// Takes out of a document what has no value: exports write `null` for it.
pub fn without_nulls(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

/// Takes the object out of the one around it, whose other fields are kept. Where a field says one thing
/// within and another around, the object stays where it is, and is refused as a field that nobody knows:
/// neither of the two is taken for what was meant.
pub(super) fn unwrap(document: &mut Value, names: &[&str]) {
    let Value::Object(outer) = document else {
        return;
    };
    let mut outer = trimmed(std::mem::take(outer));
    let name = names.iter().find_map(|name| find(&outer, name));
    let inner = name.filter(|name| outer[name].is_object());
    if let Some((name, Value::Object(inner))) = inner.and_then(|name| outer.remove_entry(&name)) {
        let inner = trimmed(inner);
        let differs = |(name, value): (&String, &Value)| {
            let around = outer.get(name);
            around.is_some_and(|around| !around.is_null() && around != value)
        };
        if inner.iter().any(differs) {
            outer.insert(name, Value::Object(inner));
        } else {
            outer.extend(inner);
        }
    }
    *document = Value::Object(outer);
}

/// The same with names as they are meant: the published examples have blanks in them.
fn trimmed(fields: Map<String, Value>) -> Map<String, Value> {
    let meant = |value| match value {
        Value::Object(inner) => Value::Object(trimmed(inner)),
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| match item {
                    Value::Object(inner) => Value::Object(trimmed(inner)),
                    other => other,
                })
                .collect(),
        ),
        other => other,
    };
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.trim().to_owned(), meant(value)))
        .collect()
}

/// A number, or a code with its name, as the text that is shown. An object without a name, a code or an id
/// stays, and is refused for what it is.
pub(super) fn to_text(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Object(named) => {
            let empty = named.values().all(Value::is_null);
            let mut given: Vec<_> = ["name", "code"]
                .iter()
                .filter_map(|name| take(named, name))
                .collect();
            if given.is_empty() {
                given.extend(take(named, "id"));
            }
            if empty || !given.is_empty() {
                given.retain(|text| !text.is_null() && text != "");
                *value = given.into_iter().next().unwrap_or_default();
                to_text(value);
            }
        }
        _ => {}
    }
    if value.is_null() {
        *value = Value::String(String::new());
    }
}

/// The name as it stands there, whatever its case.
pub(super) fn find(fields: &Map<String, Value>, wanted: &str) -> Option<String> {
    let mut names = fields.keys();
    names
        .find(|name| name.eq_ignore_ascii_case(wanted))
        .cloned()
}

pub(super) fn take(fields: &mut Map<String, Value>, wanted: &str) -> Option<Value> {
    fields.remove(&find(fields, wanted)?)
}

pub(super) fn rename(fields: &mut Map<String, Value>, table: &[(&str, &[&str])]) {
    for (legacy, place) in table {
        let present = fields
            .keys()
            .find(|name| name.eq_ignore_ascii_case(legacy) && **name != place[0])
            .cloned();
        let Some(name) = present else { continue };
        // An object under a legacy name is the field of today (`responsible` written `responsavel`).
        if fields.get(&name).is_some_and(Value::is_object) {
            continue;
        }
        if let Some(value) = fields.remove(&name) {
            fill(fields, place, value);
        }
    }
}

pub(super) fn fill(fields: &mut Map<String, Value>, place: &[&str], value: Value) {
    match place {
        [name] => {
            let slot = fields.entry((*name).to_owned()).or_insert(Value::Null);
            if slot.is_null() {
                *slot = value;
            }
        }
        [name, rest @ ..] => {
            let slot = fields
                .entry((*name).to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if slot.is_null() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(inner) = slot {
                fill(inner, rest, value);
            }
        }
        [] => {}
    }
}
