//! One mail address: parsed, checked and normalised at the door, so that nothing behind it has to.
//!
//! Mail goes to an [`Address`], people are compared by its [`AddressKey`], and what may be no address at
//! all but must be kept and shown is a [`WrittenAddress`].

mod key;
mod mailbox;
mod written;

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use idna::AsciiDenyList;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::{key::AddressKey, mailbox::Mailbox, written::WrittenAddress};
use crate::{catalog::Texts, texts};

/// Longest address in bytes: a path of 256 less its angle brackets (RFC 5321, 4.5.3.1.3).
pub const MAX_ADDRESS: usize = 254;
/// Longest local part in bytes (RFC 5321, 4.5.3.1.1).
pub const MAX_LOCAL: usize = 64;

/// A valid address: ASCII local part as it was written, domain in lower-case punycode.
///
/// Two addresses are equal when they differ in case alone: servers that tell `Maria@` from
/// `maria@` exist on paper only, and a person who gets everything twice is real.
#[derive(Clone)]
pub struct Address {
    text: String,
    key: AddressKey,
    at: usize,
}

/// Why a text is not an address we can send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing but white space.
    #[error("the address is empty")]
    Empty,
    /// More than [`MAX_ADDRESS`] bytes, or a local part of more than [`MAX_LOCAL`].
    #[error("the address is too long")]
    TooLong,
    /// A line break, another control character or white space within.
    #[error("the address contains a control character or white space")]
    Control,
    /// No `@` between two parts.
    #[error("the address has no @ between a name and a domain")]
    NoAt,
    /// A local part outside ASCII: SES refuses it, and so do we.
    #[error("the part before @ has characters outside ASCII")]
    NonAsciiLocal,
    /// A local part that is not a dot-atom (RFC 5322, 3.2.3). Quoted ones are not taken.
    #[error("the part before @ is not valid")]
    Local,
    /// A domain that DNS cannot hold, an address literal or a single label.
    #[error("the domain is not valid")]
    Domain,
}

impl AddressError {
    /// The code of this error in answers and logs; part of the API's contract.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "ADDRESS_EMPTY",
            Self::TooLong => "ADDRESS_TOO_LONG",
            Self::Control => "ADDRESS_CONTROL_CHARACTER",
            Self::NoAt => "ADDRESS_NO_AT",
            Self::NonAsciiLocal => "ADDRESS_LOCAL_NOT_ASCII",
            Self::Local => "ADDRESS_LOCAL_INVALID",
            Self::Domain => "ADDRESS_DOMAIN_INVALID",
        }
    }

    /// What is wrong, for people.
    pub fn words(self) -> Texts {
        match self {
            Self::Empty => texts::addresses::EMPTY,
            Self::TooLong => texts::addresses::TOO_LONG,
            Self::Control => texts::addresses::CONTROL_CHARACTER,
            Self::NoAt => texts::addresses::NO_AT,
            Self::NonAsciiLocal => texts::addresses::LOCAL_NOT_ASCII,
            Self::Local => texts::addresses::LOCAL_INVALID,
            Self::Domain => texts::addresses::DOMAIN_INVALID,
        }
    }
}

impl Address {
    /// Reads one bare address (no display name), white space around it ignored.
    ///
    /// # Errors
    /// [`AddressError`], which never quotes the text: it may be somebody's address after all.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        // Four bytes a character at most, before punycode: what is longer is not looked at.
        if text.len() > 4 * MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(AddressError::Control);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::NoAt);
        }
        if !local.is_ascii() {
            return Err(AddressError::NonAsciiLocal);
        }
        if local.len() > MAX_LOCAL {
            return Err(AddressError::TooLong);
        }
        if !local.split('.').all(is_atom) {
            return Err(AddressError::Local);
        }
        let domain = normalise_domain(domain)?;
        let at = local.len();
        let text = format!("{local}@{domain}");
        if text.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        let key = AddressKey(text.to_ascii_lowercase());
        Ok(Self { text, key, at })
    }

    /// The address to send to: ASCII, local part as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// The address to compare and to store by: all lower-case.
    pub fn key(&self) -> &AddressKey {
        &self.key
    }
    /// What stands before `@`, as it was written.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }
    /// What stands after `@`, in lower-case punycode.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

/// A domain in lower-case punycode.
///
/// # Errors
/// [`AddressError::Domain`] for what DNS cannot hold, address literals, addresses in numbers, and
/// single labels other than `localhost` (`maria@gmail` is a typo, not a host).
pub fn normalise_domain(domain: &str) -> Result<String, AddressError> {
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::STD3)
        .map_err(|_| AddressError::Domain)?;
    let labels: Vec<&str> = ascii.split('.').collect();
    let well_formed = labels.iter().all(|label| {
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    });
    let top = labels.last().copied().unwrap_or_default();
    let numeric = top.bytes().all(|b| b.is_ascii_digit());
    if !well_formed || numeric || ascii.len() > 253 || (labels.len() < 2 && ascii != "localhost") {
        return Err(AddressError::Domain);
    }
    Ok(ascii.into_owned())
}

/// `atext` of RFC 5322, 3.2.3, at least one character.
fn is_atom(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Address {}
impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
/// Masked: debug output ends in logs.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", super::mask::mask(&self.text))
    }
}
impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn normalises() {
        for (input, text, key) in [
            (
                "maria@example.com",
                "maria@example.com",
                "maria@example.com",
            ),
            (
                "  Maria.Silva@EXAMPLE.com\n",
                "Maria.Silva@example.com",
                "maria.silva@example.com",
            ),
            (
                "ana+tag@münchen.de",
                "ana+tag@xn--mnchen-3ya.de",
                "ana+tag@xn--mnchen-3ya.de",
            ),
            (
                "ze@instituição.com.br",
                "ze@xn--instituio-s2a7b.com.br",
                "ze@xn--instituio-s2a7b.com.br",
            ),
            ("o'neil@b.co", "o'neil@b.co", "o'neil@b.co"),
            ("dev@localhost", "dev@localhost", "dev@localhost"),
        ] {
            let address = Address::parse(input).unwrap();
            let read = (address.as_str(), address.key().as_str());
            assert_eq!(read, (text, key), "{input}");
        }
    }

    #[test]
    fn refuses() {
        use AddressError as E;
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_both = format!("{}@{}com", "a".repeat(64), "abcdefgh.".repeat(21));
        let long_label = format!("a@{}.com", "a".repeat(64));
        let huge = "a".repeat(100_000);
        for (input, error) in [
            ("", E::Empty),
            (" \t\r\n ", E::Empty),
            ("maria", E::NoAt),
            ("@example.com", E::NoAt),
            ("maria@", E::NoAt),
            ("maria@gmail", E::Domain),
            ("maria@example..com", E::Domain),
            ("maria@.example.com", E::Domain),
            ("maria@example.com.", E::Domain),
            ("maria@-example.com", E::Domain),
            ("maria@exam_ple.com", E::Domain),
            ("maria@[127.0.0.1]", E::Domain),
            ("maria@127.0.0.1", E::Domain),
            ("maria@example.com>", E::Domain),
            ("maria@xn--a.com", E::Domain),
            ("a@b@example.com", E::Local),
            (".maria@example.com", E::Local),
            ("ma..ria@example.com", E::Local),
            ("\"maria\"@example.com", E::Local),
            ("<maria@example.com", E::Local),
            ("ma,ria@example.com", E::Local),
            ("joão@example.com", E::NonAsciiLocal),
            ("maria@example.com\r\nBcc: x@y.com", E::Control),
            // What would end a command of SMTP.
            ("maria@example.com>\r\nDATA", E::Control),
            ("ma ria@example.com", E::Control),
            ("maria@exam\u{a0}ple.com", E::Control),
            ("maria\0@example.com", E::Control),
            ("maria@example.com\u{7f}", E::Control),
            (&long_local, E::TooLong),
            (&long_both, E::TooLong),
            (&long_label, E::Domain),
            (&huge, E::TooLong),
        ] {
            assert_eq!(Address::parse(input).unwrap_err(), error, "{input:?}");
        }
    }

    #[test]
    fn compares_without_case() {
        let a = Address::parse("Maria@Example.com").unwrap();
        let b = Address::parse("maria@example.COM").unwrap();
        assert_eq!(a, b);
        assert_eq!(std::collections::HashSet::from([a, b]).len(), 1);
    }

    #[test]
    fn debug_output_is_masked() {
        let address = Address::parse("maria@example.com").unwrap();
        assert_eq!(format!("{address:?}"), "Address(m***@example.com)");
    }

    proptest! {
        #[test]
        fn what_passes_is_safe_in_any_header(text in "\\PC{0,40}|[a-z@.\r\n <>\"]{0,30}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|b| (0x21..0x7f).contains(&b)));
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                let again = Address::parse(address.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), address.as_str());
                prop_assert_eq!(Address::parse(address.key().as_str()).unwrap(), address);
            }
        }
    }
}
