//! Ids that others choose, and those of templates: what each may be, said once.
//!
//! An id is parsed at the door. Whoever holds one of these types need not ask again whether it may stand
//! in a key, a path or a header.

use std::{borrow::Cow, fmt, num::NonZeroU64, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an id. It never quotes the text, which anybody may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not {what}: it is made of {made_of}")]
pub struct IdError {
    what: &'static str,
    made_of: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $made_of:literal, $further:literal, $max:literal, stored $stored:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// Takes a text for an id.
            ///
            /// # Errors
            /// [`IdError`], when it holds other characters, none or too many.
            pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                match is_made_of(&text, $further, $max) {
                    true => Ok(Self(Cow::Owned(text))),
                    false => Err(IdError { what: $what, made_of: $made_of }),
                }
            }

            /// An id that stands in the code: as a constant, a text that is not one does not compile.
            ///
            /// # Panics
            /// When the text is not such an id.
            pub const fn from_static(text: &'static str) -> Self {
                assert!(is_made_of(text, $further, $max), "not an id");
                Self(Cow::Borrowed(text))
            }

            /// The id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }
        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                match is_made_of(&text, $further, $stored) {
                    true => Ok(Self(Cow::Owned(text))),
                    false => Err(serde::de::Error::custom(IdError { what: $what, made_of: $made_of })),
                }
            }
        }
    )*};
}

ids! {
    /// A ticket's number, as the ITSM system gives it: `[A-Za-z0-9._-]{1,64}`.
    TicketId: "a ticket's number", "1 to 64 letters, digits, dots, underscores and hyphens", b"._-", 64, stored 64;
    /// The id of a mail that came in, that of SES or one of our own: `[A-Za-z0-9_-]{1,100}`. A copy of a
    /// mail is stored under one that is longer by its number.
    MailId: "the id of a mail", "1 to 100 letters, digits, underscores and hyphens", b"_-", 100, stored 110;
}

impl MailId {
    /// An id that no other mail has.
    pub fn fresh() -> Self {
        Self(Cow::Owned(uuid::Uuid::now_v7().to_string()))
    }

    /// The id of a copy of this mail, which was addressed to several tickets.
    pub fn of_copy(&self, number: u32) -> Self {
        Self(Cow::Owned(format!("{self}_{number}")))
    }
}

/// A template's number, as parameters hold it: from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateId(NonZeroU64);

impl TemplateId {
    /// The first that is given.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// Takes a number for an id; 0 is not one.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0.get()
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl FromStr for TemplateId {
    type Err = IdError;

    /// As a person writes it: digits, zeros before them too, and no sign.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.and_then(Self::new).ok_or(IdError {
            what: "a template's number",
            made_of: "digits, and is at least 1",
        })
    }
}
impl PartialEq<u64> for TemplateId {
    fn eq(&self, other: &u64) -> bool {
        self.number() == *other
    }
}
impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl fmt::Debug for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Whether a text is of ASCII letters, digits and some further characters, and no longer than `max`.
pub const fn is_made_of(text: &str, further: &[u8], max: usize) -> bool {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > max {
        return false;
    }
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() && !contains(further, bytes[at]) {
            return false;
        }
        at += 1;
    }
    true
}

const fn contains(bytes: &[u8], byte: u8) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == byte {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_id_is_read_as_it_was_written_and_nothing_else_is() {
        let id = TicketId::from_static("INC-12.b_c");
        let stored = serde_json::to_string(&id).unwrap();
        assert_eq!(stored, r#""INC-12.b_c""#);
        assert_eq!(serde_json::from_str::<TicketId>(&stored).unwrap(), id);
        for other in [r#""a b""#, r#""""#, "4711"] {
            assert!(serde_json::from_str::<TicketId>(other).is_err(), "{other}");
        }
        assert_eq!(
            format!("{id}|{id:?}|{id:>12}"),
            r#"INC-12.b_c|"INC-12.b_c"|  INC-12.b_c"#
        );
    }

    #[test]
    fn the_copy_of_a_mail_with_the_longest_id_is_read_again() {
        let copy = MailId::parse("a".repeat(100)).unwrap().of_copy(5);
        let stored = serde_json::to_string(&copy).unwrap();
        assert_eq!(serde_json::from_str::<MailId>(&stored).unwrap(), copy);
        assert!(MailId::parse(copy.as_str()).is_err());
    }

    #[test]
    fn a_template_is_numbered_from_1_in_text_in_json_and_as_a_key() {
        for (text, number) in [("1", 1), ("007", 7), ("18446744073709551615", u64::MAX)] {
            let id: TemplateId = text.parse().unwrap();
            assert_eq!(id, number);
            let stored = serde_json::to_string(&id).unwrap();
            assert_eq!(stored, number.to_string());
            assert_eq!(serde_json::from_str::<TemplateId>(&stored).unwrap(), id);
        }
        for text in [
            "",
            "0",
            "000",
            "+7",
            "-7",
            " 7",
            "7.0",
            "seven",
            "18446744073709551616",
        ] {
            assert!(text.parse::<TemplateId>().is_err(), "{text}");
        }
        for stored in ["0", "-1", "1.5", r#""1""#, "null"] {
            assert!(
                serde_json::from_str::<TemplateId>(stored).is_err(),
                "{stored}"
            );
        }
        let counts = std::collections::BTreeMap::from([(TemplateId::FIRST.next(), 5)]);
        let stored = serde_json::to_string(&counts).unwrap();
        assert_eq!(stored, r#"{"2":5}"#);
        let read: std::collections::BTreeMap<TemplateId, u64> =
            serde_json::from_str(&stored).unwrap();
        assert_eq!(read, counts);
        assert_eq!(format!("{:020}", TemplateId::FIRST), "00000000000000000001");
    }

    #[test]
    fn an_id_is_short_and_of_plain_characters() {
        for id in ["4711", "INC-12.b_c", ".", &"a".repeat(64)] {
            assert_eq!(TicketId::parse(id).unwrap(), id);
        }
        for id in ["", "a b", "a/b", "a#b", "ção", "a\n", &"a".repeat(65)] {
            assert!(TicketId::parse(id).is_err(), "{id}");
        }
        for id in [&"a".repeat(100), "0100018f-aaaa_1"] {
            assert_eq!(MailId::parse(id).unwrap(), id);
        }
        for id in ["", "a.b", "../a", &"a".repeat(101)] {
            assert!(MailId::parse(id).is_err(), "{id}");
        }
    }
}
