//! Takes an address out of stored documents, wherever in them it stands.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use domain::address::{Address, AddressKey, WrittenAddress};
use storage::{Item, Version, Write};

/// What stands in a text in place of the address, and in place of a name.
pub(super) const NOTHING: &str = "***";

/// The person who is erased, in each form in which records may have them.
pub(super) struct Subject {
    /// The address, as addresses are compared.
    pub(super) key: AddressKey,
    /// SHA-256 of the address, by which the record of the erasure is found.
    pub(super) digest: String,
    /// What stands where an address has to be: nobody can have it (RFC 2606).
    pub(super) stand_in: String,
}

impl Subject {
    pub(super) fn new(address: &Address) -> Self {
        let key = address.key().clone();
        let digest = HEXLOWER.encode(&Sha256::digest(key.as_str()));
        Self {
            stand_in: format!("erased-{}@erased.invalid", &digest[..12]),
            key,
            digest,
        }
    }

    /// Whether this is the address.
    pub(super) fn is(&self, text: &str) -> bool {
        text.eq_ignore_ascii_case(self.key.as_str())
            || text.parse().is_ok_and(|key: AddressKey| key == self.key)
    }

    /// Whether this is an address of theirs.
    pub(super) fn has(&self, address: &WrittenAddress) -> bool {
        address.key() == Some(&self.key)
    }

    /// Takes the address out of a document: as a whole text, within one, in a list, and as a name of a
    /// field. Whether it was there.
    pub(super) fn scrub(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.scrubbed(text) {
                Some(other) => {
                    *text = other;
                    true
                }
                None => false,
            },
            Value::Array(items) => {
                let before = items.len();
                items.retain(|item| !item.as_str().is_some_and(|text| self.is(text)));
                let mut changed = items.len() != before;
                for item in items {
                    changed |= self.scrub(item);
                }
                changed
            }
            Value::Object(fields) => {
                let before = fields.len();
                fields.retain(|name, _| !(name.contains('@') && self.is(name)));
                let mut changed = fields.len() != before;
                for (_, field) in fields.iter_mut() {
                    changed |= self.scrub(field);
                }
                changed
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn scrubbed(&self, text: &str) -> Option<String> {
        if !text.contains('@') {
            return None;
        }
        if self.is(text) {
            return Some(self.stand_in.clone());
        }
        let lower = text.to_ascii_lowercase();
        let is_part = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
        let (mut other, mut from) = (String::new(), 0);
        for (at, found) in lower.match_indices(self.key.as_str()) {
            let end = at + found.len();
            let mut rest = lower[end..].chars();
            let follows = match rest.next() {
                // The end of a sentence, or of a longer domain.
                Some('.') => rest.next().is_some_and(char::is_alphanumeric),
                Some(c) => c.is_alphanumeric() || c == '-',
                None => false,
            };
            if lower[..at].ends_with(is_part) || follows {
                continue;
            }
            other.push_str(&text[from..at]);
            other.push_str(NOTHING);
            from = end;
        }
        other.push_str(&text[from..]);
        (from > 0).then_some(other)
    }
}

/// The write of another document at the place of this item.
pub(super) fn rewritten(item: &Item, data: Value) -> Write {
    let new = Item {
        version: Version::fresh(),
        data,
        ..item.clone()
    };
    Write::replace(new, item.version.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_taken_out_wherever_it_stands() {
        let subject = Subject::new(&"maria@example.com".parse().unwrap());
        let gone = subject.stand_in.clone();
        for (before, after) in [
            (json!("Maria@Example.com"), json!(gone)),
            (
                json!("de maria@example.com, para ana.maria@example.com."),
                json!("de ***, para ana.maria@example.com."),
            ),
            (
                json!("<a href=\"mailto:MARIA@example.com\">maria@example.com.</a>"),
                json!("<a href=\"mailto:***\">***.</a>"),
            ),
            (json!("maria@example.com.br"), json!("maria@example.com.br")),
            (
                json!(["a@example.com", "maria@example.com", { "x": "maria@example.com" }]),
                json!(["a@example.com", { "x": gone }]),
            ),
            (
                json!({ "maria@example.com": 1, "n1@example.com": 2, "to": { "address": "maria@example.com" } }),
                json!({ "n1@example.com": 2, "to": { "address": gone } }),
            ),
            (
                json!([1, null, true, "maria"]),
                json!([1, null, true, "maria"]),
            ),
        ] {
            let mut value = before.clone();
            assert_eq!(subject.scrub(&mut value), before != after, "{before}");
            assert_eq!(value, after);
            assert!(!subject.scrub(&mut value), "twice: {value}");
        }
    }
}
