//! Mail file tokens: the link under which a mail of the quarantine, or one file in it, may be taken for
//! a while.
//!
//! Its fields: expiry in seconds since 1970 (8 bytes), number of the file (2; all ones for the mail as
//! it came), the mail's id (1–100).

use jiff::Timestamp;

use super::{Keyring, TokenError, Use, url::UrlClaims};
use domain::id::MailId;

/// Stands for the mail as it came.
const WHOLE: u16 = u16::MAX;

/// What a genuine link to a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFileClaims {
    /// Id of the mail, by which its raw bytes are stored.
    pub mail: MailId,
    /// Which of its files, from 0; none for the mail as it came.
    pub number: Option<u16>,
    /// When it stops to be accepted.
    pub expires: Timestamp,
}

impl Keyring {
    /// Makes the token of a link to a mail.
    pub fn mail_file_token(&self, claims: &MailFileClaims) -> String {
        self.url_token(claims)
    }

    /// Reads the token of a link to a mail.
    ///
    /// # Errors
    /// [`TokenError`]; an expired one still tells what it said.
    pub fn verify_mail_file(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<MailFileClaims, TokenError<MailFileClaims>> {
        self.verify_url(token, now)
    }
}

impl UrlClaims for MailFileClaims {
    const PURPOSE: (Use, Use) = (Use::MailFile, Use::MailFileSeal);

    fn expires(&self) -> Timestamp {
        self.expires
    }

    fn write(&self, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&self.expires.as_second().to_be_bytes());
        payload.extend_from_slice(&self.number.unwrap_or(WHOLE).to_be_bytes());
        payload.extend_from_slice(self.mail.as_str().as_bytes());
    }

    fn read(_: char, fields: &[u8]) -> Option<Self> {
        let (expires, rest) = fields.split_first_chunk::<8>()?;
        let (number, mail) = rest.split_first_chunk::<2>()?;
        let number = u16::from_be_bytes(*number);
        Some(Self {
            mail: std::str::from_utf8(mail).ok()?.parse().ok()?,
            number: (number != WHOLE).then_some(number),
            expires: Timestamp::from_second(i64::from_be_bytes(*expires)).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{super::url::MAX_TOKEN, *};
    use crate::token::{TokenKey, file::FileClaims};

    #[test]
    fn a_link_says_what_it_was_made_for_until_it_ends() {
        let secret = vec![7; 32];
        let ring = Keyring::new(&[TokenKey { id: 'a', secret }]).unwrap();
        for number in [None, Some(0), Some(7)] {
            let claims = MailFileClaims {
                mail: "x".repeat(100).parse().unwrap(),
                number,
                expires: Timestamp::from_second(1_800_000_000).unwrap(),
            };
            let token = ring.mail_file_token(&claims);
            assert!(token.len() <= MAX_TOKEN, "{}", token.len());
            assert_eq!(
                ring.verify_mail_file(&token, claims.expires).as_ref(),
                Ok(&claims)
            );
            let late = claims.expires + SignedDuration::from_secs(1);
            assert_eq!(
                ring.verify_mail_file(&token, late),
                Err(TokenError::Expired(claims.clone()))
            );
            assert!(ring.verify_file(&token, claims.expires).is_err());
            let file = FileClaims {
                ticket: "1".parse().unwrap(),
                message: uuid::Uuid::now_v7(),
                number: 1,
                holder: None,
                expires: claims.expires,
            };
            let other = ring.file_token(&file);
            assert!(ring.verify_mail_file(&other, claims.expires).is_err());
        }
    }
}
