//! A reason as records hold it.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Reasons;
use crate::catalog::Texts;

/// A reason as it is stored, by its code. A record may hold one that only another version of this program
/// knows: it is kept as it is, and has no words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Recorded<R> {
    /// One of the catalogue.
    Known(R),
    /// The code of another version.
    Other(String),
}

impl<R: Reasons> Recorded<R> {
    /// What is stored as this code.
    pub fn of(code: String) -> Self {
        R::find(&code).map_or(Self::Other(code), Self::Known)
    }

    /// The code as it was stored, also of a reason that this version does not know.
    pub fn code(&self) -> &str {
        match self {
            Self::Known(reason) => reason.code(),
            Self::Other(code) => code,
        }
    }

    /// The reason, when this version knows it.
    pub fn known(&self) -> Option<R> {
        match self {
            Self::Known(reason) => Some(*reason),
            Self::Other(_) => None,
        }
    }

    /// What it means and what to do, for people.
    pub fn words(&self) -> Option<Texts> {
        self.known().map(R::words)
    }
}

impl<R> From<R> for Recorded<R> {
    fn from(reason: R) -> Self {
        Self::Known(reason)
    }
}

impl<R: Reasons> PartialEq<R> for Recorded<R> {
    fn eq(&self, reason: &R) -> bool {
        self.known() == Some(*reason)
    }
}

impl<R: Reasons> Ord for Recorded<R> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl<R: Reasons> PartialOrd for Recorded<R> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<R: Reasons> Serialize for Recorded<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de, R: Reasons> Deserialize<'de> for Recorded<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::{MailReason, Reason};

    #[test]
    fn records_of_every_version_are_read_and_written_as_they_are() {
        let read = |code: &str| serde_json::from_value::<Recorded<Reason>>(code.into()).unwrap();
        for reason in Reason::ALL {
            let recorded = read(reason.code());
            assert_eq!(recorded, *reason);
            assert_eq!(serde_json::to_value(&recorded).unwrap(), reason.code());
        }
        for code in ["A_REASON_OF_TOMORROW", "", "held up"] {
            let recorded = read(code);
            assert_eq!((recorded.code(), recorded.words()), (code, None));
            assert_eq!(serde_json::to_value(&recorded).unwrap(), code);
        }
        let infected: Recorded<MailReason> = serde_json::from_value("VIRUS".into()).unwrap();
        assert_eq!(infected, MailReason::Virus);
    }
}
