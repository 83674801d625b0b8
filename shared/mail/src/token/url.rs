//! What the tokens of links have in common: a key id (one character) and base64url of version
//! (1 byte), the fields of their kind, seal (16) and mark (2).

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;

use super::{Keyring, TokenError, Use, open, seal};

const SEAL: usize = 16;
const VERSION: u8 = 1;
/// Longest token that is looked at, in characters.
pub(super) const MAX_TOKEN: usize = 200;

/// What a token of a link says.
pub(super) trait UrlClaims: Sized {
    /// The keys of its kind: of the seal and of the mark.
    const PURPOSE: (Use, Use);

    /// Until when it is accepted.
    fn expires(&self) -> Timestamp;
    /// Appends its fields to a payload, in the order in which [`UrlClaims::read`] takes them.
    fn write(&self, payload: &mut Vec<u8>);
    /// Reads the fields of a payload whose seal was intact.
    fn read(key: char, fields: &[u8]) -> Option<Self>;
}

impl Keyring {
    pub(super) fn url_token<Claims: UrlClaims>(&self, claims: &Claims) -> String {
        let key = self.signing();
        let mut payload = vec![key.id as u8, VERSION];
        claims.write(&mut payload);
        let sealed = seal(key, Claims::PURPOSE, payload, SEAL);
        format!("{}{}", key.id, BASE64URL_NOPAD.encode(&sealed[1..]))
    }

    /// Reads a token; an expired one still tells what it said.
    pub(super) fn verify_url<Claims: UrlClaims>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, TokenError<Claims>> {
        let mut chars = token.chars();
        let id = chars.next().ok_or(TokenError::Malformed)?;
        if token.len() > MAX_TOKEN || !id.is_ascii_alphanumeric() {
            return Err(TokenError::Malformed);
        }
        let decoded = BASE64URL_NOPAD
            .decode(chars.as_str().as_bytes())
            .map_err(|_| TokenError::Malformed)?;
        let key = self.live(id).ok_or(TokenError::Foreign)?;
        let sealed = [&[id as u8], decoded.as_slice()].concat();
        let payload = open(key, Claims::PURPOSE, &sealed, SEAL)?;
        // After an intact seal only a newer version of ours can be unreadable.
        let claims = match payload {
            [_, VERSION, fields @ ..] => Claims::read(id, fields),
            _ => None,
        };
        let claims = claims.ok_or(TokenError::Malformed)?;
        if now > claims.expires() {
            return Err(TokenError::Expired(claims));
        }
        Ok(claims)
    }
}
