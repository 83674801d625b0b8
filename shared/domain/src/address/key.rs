//! By what people are compared.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Address, AddressError};
use crate::mask::mask;

/// An address as people are compared by it and as records are kept under it: all lower-case.
///
/// One that a record holds is taken as it stands: it was made of an [`Address`] when it was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressKey(pub(super) String);

impl AddressKey {
    /// One that was stored, in a record or as a part of its place.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is shown in its place to people who may not read it.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self(mask(&self.0))
    }
}

impl FromStr for AddressKey {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Address::parse(text).map(|address| address.key)
    }
}
impl fmt::Display for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
/// Masked: debug output ends in logs.
impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressKey({})", mask(&self.0))
    }
}
impl From<AddressKey> for String {
    fn from(key: AddressKey) -> Self {
        key.0
    }
}
