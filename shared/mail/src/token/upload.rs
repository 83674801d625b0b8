//! Upload tokens: the link to which one file may be put on one machine. On AWS the bucket's own
//! presigned link does it.
//!
//! Its fields: expiry in seconds since 1970 (8 bytes), id (16), size (8), SHA-256 (32).

use jiff::Timestamp;
use uuid::Uuid;

use super::{Keyring, TokenError, Use, url::UrlClaims};

/// What a genuine link to a place says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadClaims {
    /// Id of the upload: the name under which the bytes are put.
    pub id: Uuid,
    /// Bytes of the file.
    pub size: u64,
    /// Digest of the file.
    pub sha256: [u8; 32],
    /// When it stops to be accepted.
    pub expires: Timestamp,
}

impl Keyring {
    /// Makes the token of a place.
    pub fn upload_token(&self, claims: &UploadClaims) -> String {
        self.url_token(claims)
    }

    /// Reads the token of a place.
    ///
    /// # Errors
    /// [`TokenError`]; an expired one still tells what it said.
    pub fn verify_upload(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<UploadClaims, TokenError<UploadClaims>> {
        self.verify_url(token, now)
    }
}

impl UrlClaims for UploadClaims {
    const PURPOSE: (Use, Use) = (Use::Upload, Use::UploadSeal);

    fn expires(&self) -> Timestamp {
        self.expires
    }

    fn write(&self, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&self.expires.as_second().to_be_bytes());
        payload.extend_from_slice(self.id.as_bytes());
        payload.extend_from_slice(&self.size.to_be_bytes());
        payload.extend_from_slice(&self.sha256);
    }

    fn read(_: char, fields: &[u8]) -> Option<Self> {
        let (expires, rest) = fields.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (size, sha256) = rest.split_first_chunk::<8>()?;
        Some(Self {
            id: Uuid::from_bytes(*id),
            size: u64::from_be_bytes(*size),
            sha256: sha256.try_into().ok()?,
            expires: Timestamp::from_second(i64::from_be_bytes(*expires)).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::file::FileClaims, *};
    use crate::token::TokenKey;

    #[test]
    fn a_place_takes_what_it_was_made_for_until_it_ends() {
        let secret = vec![7; 32];
        let ring = Keyring::new(&[TokenKey { id: 'a', secret }]).unwrap();
        let claims = UploadClaims {
            id: Uuid::now_v7(),
            size: u64::MAX,
            sha256: [9; 32],
            expires: Timestamp::from_second(1_800_000_000).unwrap(),
        };
        let token = ring.upload_token(&claims);
        let before = Timestamp::from_second(1_799_999_999).unwrap();
        let after = Timestamp::from_second(1_800_000_001).unwrap();
        assert_eq!(ring.verify_upload(&token, before), Ok(claims.clone()));
        assert!(ring.verify_upload(&token, after).is_err());
        assert!(ring.verify_file(&token, before).is_err(), "of another use");
        let file = ring.file_token(&FileClaims {
            ticket: "1".parse().unwrap(),
            message: Uuid::nil(),
            number: 0,
            holder: None,
            expires: claims.expires,
        });
        assert!(ring.verify_upload(&file, before).is_err());
    }
}
