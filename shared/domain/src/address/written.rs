//! What may be no address at all.

use std::{fmt, sync::OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, AddressError, AddressKey};
use crate::mask::mask;

/// What somebody wrote where an address belongs. The text is kept, shown and compared as it is, whether
/// mail can go there or not; it is parsed once, when it is first asked for its address.
#[derive(Clone, Default)]
pub struct WrittenAddress {
    text: String,
    parsed: OnceLock<Result<Address, AddressError>>,
}

impl WrittenAddress {
    /// The text, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether nothing was written, not even white space.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The address that it is.
    ///
    /// # Errors
    /// [`AddressError`], when it is none.
    pub fn parsed(&self) -> Result<&Address, AddressError> {
        let parsed = self.parsed.get_or_init(|| Address::parse(&self.text));
        parsed.as_ref().map_err(|error| *error)
    }

    /// The address, when it is one.
    pub fn address(&self) -> Option<&Address> {
        self.parsed().ok()
    }

    /// By what its holder is compared with others; nobody holds what is not an address.
    pub fn key(&self) -> Option<&AddressKey> {
        self.address().map(Address::key)
    }

    /// The same of what was decided to get mail: should a record hold no address there, its text.
    pub(crate) fn key_or_text(&self) -> AddressKey {
        let text = || AddressKey(self.text.to_ascii_lowercase());
        self.key().cloned().unwrap_or_else(text)
    }
}

impl From<String> for WrittenAddress {
    fn from(text: String) -> Self {
        let parsed = OnceLock::new();
        Self { text, parsed }
    }
}
impl From<&str> for WrittenAddress {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
impl From<AddressKey> for WrittenAddress {
    fn from(key: AddressKey) -> Self {
        key.0.into()
    }
}
impl From<Address> for WrittenAddress {
    fn from(address: Address) -> Self {
        Self {
            text: address.text.clone(),
            parsed: Ok(address).into(),
        }
    }
}
impl From<WrittenAddress> for String {
    fn from(written: WrittenAddress) -> Self {
        written.text
    }
}
impl PartialEq for WrittenAddress {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl Eq for WrittenAddress {}
impl fmt::Display for WrittenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
/// Masked: debug output ends in logs.
impl fmt::Debug for WrittenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrittenAddress({})", mask(&self.text))
    }
}
impl Serialize for WrittenAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de> Deserialize<'de> for WrittenAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_address_is_kept_as_it_was_written() {
        for (text, key) in [
            (" Maria@Example.com ", Some("maria@example.com")),
            ("não é um endereço", None),
            (" ", None),
            ("", None),
        ] {
            let stored = serde_json::json!(text);
            let written: WrittenAddress = serde_json::from_value(stored.clone()).unwrap();
            assert_eq!(written.key().map(AddressKey::as_str), key, "{text:?}");
            let again = written.address().zip(written.address());
            assert!(again.is_none_or(|(one, same)| std::ptr::eq(one, same)));
            assert_eq!(serde_json::to_value(&written).unwrap(), stored);
            assert_eq!(written.as_str(), text);
        }
    }
}
