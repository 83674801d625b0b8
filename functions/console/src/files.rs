//! The files of the console: embedded when this was built, or read from a folder at each request.

use std::{borrow::Cow, fs, io, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Where the files are.
#[derive(Clone, Debug)]
pub enum Files {
    /// In this binary, as they were when it was built.
    Embedded,
    /// In a folder, read at each request: what one changes there is seen at once.
    Folder(PathBuf),
}

/// A file of the console, ready to be answered.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Media type by its name.
    pub media_type: &'static str,
    /// What is in it.
    pub content: Cow<'static, [u8]>,
    /// The same compressed by brotli, where that was made.
    pub brotli: Option<&'static [u8]>,
}

impl Files {
    /// Part of the address of all files. A change of any file changes it.
    pub fn hash(&self) -> &'static str {
        match self {
            Self::Embedded => HASH,
            // Nothing of a folder is kept by the browser, so one name does.
            Self::Folder(_) => "0000000000000000",
        }
    }

    /// Whether what is served under the hash never changes.
    pub fn immutable(&self) -> bool {
        matches!(self, Self::Embedded)
    }

    /// The file of that name.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn get(&self, name: &str) -> io::Result<Option<File>> {
        match self {
            Self::Embedded => Ok(FILES.iter().find(|file| file.0 == name).map(|file| File {
                media_type: media_type(name),
                content: Cow::Borrowed(file.1),
                brotli: Some(file.2),
            })),
            Self::Folder(folder) => {
                // Only a name that the folder lists is opened: no path leads out of it.
                for entry in fs::read_dir(folder)? {
                    let entry = entry?;
                    if entry.file_name() == name && entry.file_type()?.is_file() {
                        return Ok(Some(File {
                            media_type: media_type(name),
                            content: Cow::Owned(fs::read(entry.path())?),
                            brotli: None,
                        }));
                    }
                }
                Ok(None)
            }
        }
    }
}

/// The source expressions of a Content-Security-Policy that let the inline scripts of a page run.
pub(crate) fn script_hashes(page: &str) -> String {
    page.split("<script>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</script>"))
        .map(|(script, _)| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect::<Vec<_>>()
        .join(" ")
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
