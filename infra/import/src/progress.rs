//! How far a long file has been read.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How often to tell, in bytes.
const STEP: u64 = 1024 * 1024;

/// How far a file has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Path of the file, as the caller gave it.
    pub path: PathBuf,
    /// Bytes read so far.
    pub read: u64,
    /// Bytes in all, where the system knows.
    pub total: Option<u64>,
}

/// A stream that tells how far it has been read, every megabyte and at its end.
pub(crate) struct Watched<'a, R> {
    reader: R,
    progress: Progress,
    told: u64,
    tell: &'a mut dyn FnMut(&Progress),
}

impl<'a, R: Read> Watched<'a, R> {
    pub(crate) fn new(
        reader: R,
        path: &Path,
        total: Option<u64>,
        tell: &'a mut dyn FnMut(&Progress),
    ) -> Self {
        let progress = Progress {
            path: path.to_owned(),
            read: 0,
            total,
        };
        Self {
            reader,
            progress,
            told: 0,
            tell,
        }
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.progress.read += n as u64;
        if self.progress.read >= self.told + STEP || (n == 0 && self.progress.read > self.told) {
            self.told = self.progress.read;
            (self.tell)(&self.progress);
        }
        Ok(n)
    }
}
