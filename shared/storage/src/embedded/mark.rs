//! A mark beside the store: how many groups of commits it held when it was written last. A store
//! that holds fewer is an older copy, and what was due in it may have been done since.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The file. A write is not flushed: it outlives the process, and after a loss of power it is older
/// than the store at most.
pub(super) struct Mark {
    path: PathBuf,
    file: Mutex<File>,
    /// What it said when it was opened.
    pub(super) found: Option<u64>,
}

impl Mark {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            found: text.trim().parse().ok(),
        })
    }

    /// The store holds so many now.
    pub(super) fn set(&self, sequence: u64) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(format!("{sequence:020}\n").as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, path = %self.path.display(), "the mark beside the store is old now");
        }
    }
}
