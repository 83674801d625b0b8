//! The keys of the table as a table, made by the entities themselves: `docs/ARCHITECTURE.md` shows it,
//! and a test compares the two.

use std::sync::LazyLock;

use serde::Serialize;
use uuid::Uuid;

use super::Entity;
use domain::{
    address::AddressKey,
    id::{MailId, TemplateId, TicketId},
};

/// One kind of item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Name of the kind, as items carry it.
    pub entity: &'static str,
    /// Its partition key, with the names of what varies in braces.
    pub pk: String,
    /// Its sort key, likewise.
    pub sk: String,
    /// Its partition in the index, where it has one.
    pub index_pk: Option<String>,
    /// What it is sorted by there.
    pub index_sk: Option<&'static str>,
}

impl Row {
    /// The row of an entity, whose samples `named` finds again.
    pub(super) fn of<E: Entity>(
        what: &'static str,
        one: E,
        named: impl Fn(&str) -> String,
        index: Option<(String, &'static str)>,
    ) -> Self {
        let key = one.key();
        let (partition, sort) = index.unzip();
        Self {
            entity: what,
            pk: named(&key.pk),
            sk: named(&key.sk),
            index_pk: partition.map(|partition| shard().named(&partition, SHARD)),
            index_sk: sort,
        }
    }
}

const SHARD: &str = "{shard}";

/// The sample of a shard.
pub(super) fn shard() -> u32 {
    Sample::of(SHARD)
}

/// A part of a key that stands for any value, and is known again in what is made of it.
pub(super) trait Sample {
    /// The sample of this name, which is in braces.
    fn of(name: &'static str) -> Self;

    /// The text with the name in the place of the sample.
    fn named(self, text: &str, name: &str) -> String;
}

impl Sample for &str {
    fn of(name: &'static str) -> Self {
        name
    }

    fn named(self, text: &str, _: &str) -> String {
        text.to_owned()
    }
}

macro_rules! ids {
    ($($id:ident = $sample:literal)*) => {$(
        impl Sample for &$id {
            fn of(_: &'static str) -> Self {
                static SAMPLE: $id = $id::from_static($sample);
                &SAMPLE
            }

            fn named(self, text: &str, name: &str) -> String {
                text.replace(self.as_str(), name)
            }
        }
    )*};
}
// Letters that no key holds otherwise.
ids!(TicketId = "SAMPLE-OF-A-TICKET" MailId = "SAMPLE-OF-A-MAIL");

impl Sample for &AddressKey {
    fn of(_: &'static str) -> Self {
        static SAMPLE: LazyLock<AddressKey> = LazyLock::new(|| AddressKey::stored("{address}"));
        &SAMPLE
    }

    fn named(self, text: &str, name: &str) -> String {
        text.replace(self.as_str(), name)
    }
}

impl Sample for Uuid {
    fn of(name: &'static str) -> Self {
        let number = |all: u128, byte| all.wrapping_mul(251).wrapping_add(u128::from(byte));
        Self::from_u128(name.bytes().fold(u128::MAX / 3, number))
    }

    fn named(self, text: &str, name: &str) -> String {
        text.replace(&self.to_string(), name)
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Sample for $number {
            fn of(name: &'static str) -> Self {
                name.bytes().fold(7000, |all, byte| all + Self::from(byte))
            }

            fn named(self, text: &str, name: &str) -> String {
                let mut text = text.to_owned();
                for width in [20, 10] {
                    let wide = name.replace('}', &format!(", {width} digits}}"));
                    text = text.replace(&format!("{self:0width$}"), &wide);
                }
                text.replace(&self.to_string(), name)
            }
        }
    )*};
}
numbers!(u16 u32 u64 i64);

impl Sample for TemplateId {
    fn of(name: &'static str) -> Self {
        Self::new(u64::of(name)).unwrap_or(Self::FIRST)
    }

    fn named(self, text: &str, name: &str) -> String {
        self.number().named(text, name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::layout;

    #[test]
    fn what_varies_has_its_name_and_no_key_is_there_twice() {
        let mut known = BTreeSet::new();
        for row in layout() {
            for text in [&row.pk, &row.sk] {
                let mut plain = text.split('{').map(|part| part.rsplit('}').next());
                let digit = |part: &str| part.contains(|c: char| c.is_ascii_digit());
                assert!(!plain.any(|part| part.is_some_and(digit)), "{row:?}");
            }
            let place = (row.pk.clone(), row.sk.clone(), row.index_pk.clone());
            assert!(known.insert(place), "{row:?}");
        }
    }
}
