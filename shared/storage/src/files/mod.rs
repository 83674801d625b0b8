//! The file port: raw mails that came in, and the files that came with them.
//!
//! A name is a path of plain segments, made by this system alone: `inbound/{id}` for a raw mail,
//! `attachments/{id}` for a file. What people call a file is kept elsewhere and is never a name here.
//! Backends: [`folder`] and `s3`.

#[cfg(feature = "embedded")]
pub mod folder;
#[cfg(feature = "s3")]
pub mod s3;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

/// File storage shared by the tasks of one process.
pub type SharedFiles = Arc<dyn Files>;

/// Folder of raw mails, as SES writes them: `inbound/{id}`. It ends with the mails' lifecycle.
pub const INBOUND: &str = "inbound/";
/// Folder of the files that came with mails.
pub const ATTACHMENTS: &str = "attachments/";
/// Folder of files of mails in the quarantine while somebody looks at them. It ends within days.
pub const QUARANTINE: &str = "quarantine/";

/// Folder of files that wait for their message; they end after a day.
pub const UPLOADS: &str = "uploads/";

/// Most files of one listing: S3 gives no more.
pub const MAX_LISTED: usize = 1000;

/// Largest file that is copied by hand: no mail is larger.
const LARGEST: u64 = 40 * 1000 * 1000;

/// Where somebody may put one file, without any other right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    /// Address that takes a `PUT` of these very bytes.
    pub url: String,
    /// Headers that have to be sent with it.
    pub headers: BTreeMap<String, String>,
}

/// A file of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Name, with its folder.
    pub name: String,
    /// Size in bytes, as stored.
    pub size: u64,
    /// When it was written.
    pub written_at: Timestamp,
}

/// A part of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files, by the bytes of their names.
    pub files: Vec<StoredFile>,
    /// Whether there are more after these.
    pub more: bool,
}

/// Why a file was not stored or read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A name that this system does not make.
    #[error("not a name of a stored file")]
    Name,
    /// More bytes than the reader takes.
    #[error("the file has {size} bytes, more than {most}")]
    TooLarge {
        /// How many bytes it has.
        size: u64,
        /// How many bytes were allowed.
        most: u64,
    },
    /// Out of reach or throttled: trying again later may succeed.
    #[error("file storage is busy: {0}")]
    Busy(String),
    /// It cannot be used at all: no such bucket, no permission, a full disk.
    #[error("file storage cannot be used: {0}")]
    Unusable(String),
}

impl FilesError {
    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

/// Where raw mails and attachments are stored: large, immutable, never searched.
#[async_trait]
pub trait Files: Send + Sync + 'static {
    /// Stores a file, replacing what is there. It is on disk when this returns.
    async fn put(&self, name: &str, content: Vec<u8>) -> Result<(), FilesError>;

    /// Reads a file of at most so many bytes; `None` when there is none.
    async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FilesError>;

    /// Removes a file; false when there was none.
    async fn remove(&self, name: &str) -> Result<bool, FilesError>;

    /// Files of a folder (as [`INBOUND`]) whose names come after this one, at most [`MAX_LISTED`].
    async fn list(&self, folder: &str, after: Option<&str>) -> Result<Listing, FilesError>;

    /// Copies a file, replacing what is there; false when there is none.
    async fn copy(&self, from: &str, to: &str) -> Result<bool, FilesError> {
        match self.get(from, LARGEST).await? {
            Some(content) => self.put(to, content).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Where anybody may put a file of this size and SHA-256, and no other, for this long; `None` from
    /// a backend that has no such places.
    async fn offer(
        &self,
        _name: &str,
        _size: u64,
        _sha256: &[u8; 32],
        _life: Duration,
    ) -> Result<Option<Presigned>, FilesError> {
        Ok(None)
    }

    /// A link from which anybody may take the file for this long, always as a download under
    /// `shown_as`; `None` from a backend that has no links: then the bytes are served.
    async fn link(
        &self,
        name: &str,
        shown_as: &str,
        life: Duration,
    ) -> Result<Option<String>, FilesError>;
}

/// Whether this is a name that the system makes: one to three segments of letters, digits, `-`,
/// `_` and `.`, none of which begins with a dot.
pub fn is_name(name: &str) -> bool {
    let segment = |text: &str| {
        (1..=200).contains(&text.len())
            && !text.starts_with('.')
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let segments: Vec<&str> = name.split('/').collect();
    (1..=3).contains(&segments.len()) && segments.into_iter().all(segment)
}

/// Value of `Content-Disposition` that makes every browser store the file under this name (RFC
/// 6266, RFC 8187): ASCII for the old ones, the whole name for the others.
pub fn disposition(shown_as: &str) -> String {
    let plain: String = shown_as
        .chars()
        .map(|c| match c {
            '"' | '\\' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut encoded = String::with_capacity(shown_as.len());
    for byte in shown_as.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_paths_of_plain_segments() {
        for good in ["inbound/0102abc-def", "attachments/0199.2", "a"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "", "/", "/a", "a/", "../a", "a/../b", "a/.b", "a b", "a\\b", "é", "a\0", "a/b/c/d",
        ] {
            assert!(!is_name(bad), "{bad:?}");
        }
        assert!(!is_name(&"a".repeat(201)));
    }

    #[test]
    fn downloads_keep_their_names() {
        assert_eq!(
            disposition("relatório \"1\".pdf"),
            "attachment; filename=\"relat_rio _1_.pdf\"; filename*=UTF-8''relat%C3%B3rio%20%221%22.pdf"
        );
        assert!(!disposition("a\r\nSet-Cookie: x").contains(['\r', '\n']));
    }
}
