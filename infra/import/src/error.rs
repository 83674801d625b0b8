//! Why a file could not be read at all. What is wrong inside a file is a finding instead.

use std::io;
use std::path::PathBuf;

use domain::catalog::Phrase;
use thiserror::Error;

use crate::texts;

/// A file that could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is not there, may not be read, or broke off.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file as the caller gave it.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is packed; it has to be unpacked first.
    #[error("{}: is a {kind} file; unpack it first", path.display())]
    Packed {
        /// The file as the caller gave it.
        path: PathBuf,
        /// What kind of archive.
        kind: &'static str,
    },
    /// The encoding that was asked for has no such name (WHATWG Encoding).
    #[error(
        "{name}: not an encoding that is known; try utf-8, iso-8859-1, windows-1252 or utf-16le"
    )]
    Encoding {
        /// The name that was given.
        name: String,
    },
    /// No such SQL dialect.
    #[error("{name}: not a dialect that is known; try mysql, postgresql, sqlserver or oracle")]
    Dialect {
        /// The name that was given.
        name: String,
    },
}

impl ReadError {
    /// The code of this error in reports, the same in every language.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "FILE_UNREADABLE",
            Self::Packed { .. } => "FILE_PACKED",
            Self::Encoding { .. } => "ENCODING_UNKNOWN",
            Self::Dialect { .. } => "DIALECT_UNKNOWN",
        }
    }

    /// What is wrong and what to do, for people.
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Io { path, error } => {
                let text = match error.kind() {
                    io::ErrorKind::NotFound => texts::errors::FILE_NOT_THERE,
                    io::ErrorKind::PermissionDenied => texts::errors::FILE_DENIED,
                    _ => texts::errors::FILE_UNREADABLE,
                };
                // Each text takes what it names.
                text.with("file", path.display()).with("error", error)
            }
            Self::Packed { path, kind } => texts::errors::FILE_PACKED
                .with("file", path.display())
                .with("kind", kind),
            Self::Encoding { name } => texts::errors::ENCODING_UNKNOWN.with("name", name),
            Self::Dialect { name } => texts::errors::DIALECT_UNKNOWN.with("name", name),
        }
    }
}
