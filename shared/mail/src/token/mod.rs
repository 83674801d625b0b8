//! Signed tokens: who may answer by mail ([`reply`]), what a link in a mail may do ([`link`]), and
//! who may take a file ([`file`], [`mail_file`]).
//!
//! All are made with the keys of `REPLY_TOKEN_KEYS`: the first signs, every one verifies, so a
//! key is replaced by putting the new one in front and dropping the old one when the last token
//! made with it has expired. A token names its key by its first character. Each use has a key of
//! its own, derived with a label: a token of one kind never passes as the other.

pub mod file;
pub mod link;
pub mod mail_file;
pub mod reply;
pub mod upload;
mod url;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use domain::{address::AddressKey, id::TicketId, reason::MailReason};

type HmacSha256 = Hmac<Sha256>;

/// Least length of a secret in bytes.
pub const MIN_SECRET: usize = 16;

/// A key that signs reply tokens and links. Debug shows its id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey {
    /// One character that names the key in a token.
    pub id: char,
    /// At least 16 bytes.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The keys that are live, the signing one first.
#[derive(Clone, Debug)]
pub struct Keyring {
    keys: Vec<TokenKey>,
}

/// What is wrong with a set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// No key at all.
    #[error("there is no key")]
    Empty,
    /// An id that is not a letter or digit of ASCII.
    #[error("key id {0:?} is not an ASCII letter or digit")]
    Id(char),
    /// Two keys of one id; case does not count.
    #[error("key id {0:?} stands twice")]
    Twice(char),
    /// Less than [`MIN_SECRET`] bytes.
    #[error("key {0:?} has fewer than {MIN_SECRET} bytes")]
    Short(char),
}

/// Why a token is not accepted. Each is its own reason for quarantine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError<Claims> {
    /// Not of the form of a token: cut off, or a text that never was one.
    #[error("not a token")]
    Malformed,
    /// Made with a key that is not live here: of another installation, or of a dropped key.
    #[error("made with a key that is not in use here")]
    Foreign,
    /// Nothing in it was made here.
    #[error("forged")]
    Forged,
    /// Its seal was made here, but for other contents.
    #[error("altered")]
    Altered,
    /// Genuine, but too late.
    #[error("expired")]
    Expired(Claims),
}

impl<Claims> TokenError<Claims> {
    /// As the reason of the quarantine.
    pub fn reason(&self) -> MailReason {
        match self {
            Self::Malformed => MailReason::TokenMalformed,
            Self::Foreign => MailReason::TokenForeign,
            Self::Forged => MailReason::TokenForged,
            Self::Altered => MailReason::TokenAltered,
            Self::Expired(_) => MailReason::TokenExpired,
        }
    }
}

/// Labels of the derived keys.
#[derive(Clone, Copy, Debug)]
enum Use {
    Reply,
    ReplySeal,
    Link,
    LinkSeal,
    File,
    FileSeal,
    MailFile,
    MailFileSeal,
    Upload,
    UploadSeal,
    Recipient,
}

impl Use {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Reply => b"mensageria reply 1",
            Self::ReplySeal => b"mensageria reply seal 1",
            Self::Link => b"mensageria link 1",
            Self::LinkSeal => b"mensageria link seal 1",
            Self::File => b"mensageria file 1",
            Self::FileSeal => b"mensageria file seal 1",
            Self::MailFile => b"mensageria mail file 1",
            Self::MailFileSeal => b"mensageria mail file seal 1",
            Self::Upload => b"mensageria upload 1",
            Self::UploadSeal => b"mensageria upload seal 1",
            Self::Recipient => b"mensageria recipient 1",
        }
    }
}

/// Bytes of the second, short tag over the seal alone. It tells a seal that was cut from a token of
/// ours (altered) from one that was made up (forged); nothing is accepted because of it.
const MARK: usize = 2;
/// Bytes of a recipient's mark in a token: 48 bits, keyed, so nobody can look for
/// an address that collides.
pub const RECIPIENT: usize = 6;

impl Keyring {
    /// Takes the keys of the settings.
    ///
    /// # Errors
    /// [`KeyringError`] for keys that cannot be told apart or are too weak.
    pub fn new(keys: &[TokenKey]) -> Result<Self, KeyringError> {
        let mut live: Vec<TokenKey> = Vec::with_capacity(keys.len());
        for key in keys {
            let id = key.id.to_ascii_lowercase();
            if !id.is_ascii_alphanumeric() {
                return Err(KeyringError::Id(key.id));
            }
            if live.iter().any(|other| other.id == id) {
                return Err(KeyringError::Twice(key.id));
            }
            if key.secret.len() < MIN_SECRET {
                return Err(KeyringError::Short(key.id));
            }
            let secret = key.secret.clone();
            live.push(TokenKey { id, secret });
        }
        if live.is_empty() {
            return Err(KeyringError::Empty);
        }
        Ok(Self { keys: live })
    }

    /// The names of the keys, that of the signing one first.
    pub fn ids(&self) -> impl Iterator<Item = char> {
        self.keys.iter().map(|key| key.id)
    }

    fn signing(&self) -> &TokenKey {
        &self.keys[0]
    }

    fn live(&self, id: char) -> Option<&TokenKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

fn mac(key: &TokenKey, purpose: Use) -> HmacSha256 {
    let derived = hmac(&key.secret)
        .chain_update(purpose.label())
        .finalize()
        .into_bytes();
    hmac(&derived)
}

fn hmac(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// The mark of a recipient: the same for every case of their address.
fn recipient_mark(key: &TokenKey, address: &AddressKey) -> [u8; RECIPIENT] {
    let tag = mac(key, Use::Recipient)
        .chain_update(address.as_str())
        .finalize()
        .into_bytes();
    let mut mark = [0; RECIPIENT];
    mark.copy_from_slice(&tag[..RECIPIENT]);
    mark
}

/// Appends `length` bytes of seal over `payload`, and the mark over the seal.
fn seal(key: &TokenKey, purpose: (Use, Use), mut payload: Vec<u8>, length: usize) -> Vec<u8> {
    let tag = mac(key, purpose.0)
        .chain_update(&payload)
        .finalize()
        .into_bytes();
    let mark = mac(key, purpose.1)
        .chain_update(&tag[..length])
        .finalize()
        .into_bytes();
    payload.extend_from_slice(&tag[..length]);
    payload.extend_from_slice(&mark[..MARK]);
    payload
}

/// The payload of what [`seal`] made.
fn open<'a, C>(
    key: &TokenKey,
    purpose: (Use, Use),
    sealed: &'a [u8],
    length: usize,
) -> Result<&'a [u8], TokenError<C>> {
    let at = sealed
        .len()
        .checked_sub(length + MARK)
        .ok_or(TokenError::Malformed)?;
    let (payload, tags) = sealed.split_at(at);
    let (tag, mark) = tags.split_at(length);
    let ours = mac(key, purpose.1)
        .chain_update(tag)
        .verify_truncated_left(mark)
        .is_ok();
    let intact = mac(key, purpose.0)
        .chain_update(payload)
        .verify_truncated_left(tag)
        .is_ok();
    match (intact, ours) {
        (true, true) => Ok(payload),
        (false, false) => Err(TokenError::Forged),
        _ => Err(TokenError::Altered),
    }
}

/// The ticket that these bytes of a genuine token name.
fn ticket_id(bytes: &[u8]) -> Option<TicketId> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// A ring of made-up keys with these ids, the signing one first.
#[cfg(test)]
fn ring(ids: &str) -> Keyring {
    let key = |id| TokenKey {
        id,
        secret: vec![id as u8; 32],
    };
    let keys: Vec<TokenKey> = ids.chars().map(key).collect();
    Keyring::new(&keys).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: char, length: usize) -> TokenKey {
        let secret = vec![id as u8; length];
        TokenKey { id, secret }
    }

    #[test]
    fn weak_and_ambiguous_keys_are_refused() {
        for (keys, error) in [
            (vec![], KeyringError::Empty),
            (vec![key('é', 32)], KeyringError::Id('é')),
            (vec![key('-', 32)], KeyringError::Id('-')),
            (vec![key('a', 15)], KeyringError::Short('a')),
            (vec![key('a', 32), key('A', 32)], KeyringError::Twice('A')),
        ] {
            assert_eq!(Keyring::new(&keys).unwrap_err(), error);
        }
        assert!(Keyring::new(&[key('a', 16), key('7', 64)]).is_ok());
    }

    #[test]
    fn no_secret_in_debug_output() {
        let output = format!("{:?}", Keyring::new(&[key('a', 32)]).unwrap());
        assert!(!output.contains("97"), "{output}");
    }
}
