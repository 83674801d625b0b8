//! Copies of a program's file, as a function finds its own.
//!
//! Where the pages of a file lie in memory is chance, and moves every start from them by up to a fifth: what
//! is compared starts from several copies. Each is read from the disk, once, before it is started: pages that
//! were written piece by piece cost an eighth more.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{Advice, fadvise};
use uuid::Uuid;

/// A copy; it is removed when this is dropped.
#[derive(Debug)]
pub struct FileCopy(PathBuf);

impl FileCopy {
    /// Makes one beside the file, so on the same disk.
    ///
    /// # Errors
    /// When it cannot be written or read.
    pub fn of(file: &Path) -> io::Result<Self> {
        let copy = Self(file.with_extension(Uuid::now_v7().simple().to_string()));
        fs::copy(file, &copy.0)?;
        let opened = File::open(&copy.0)?;
        opened.sync_all()?;
        fadvise(&opened, 0, None, Advice::DontNeed)?;
        fs::read(&copy.0)?;
        Ok(copy)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for FileCopy {
    fn drop(&mut self) {
        // What is left over is in a folder of binaries.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_removed_after_use() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hello");
        fs::write(&file, "x").unwrap();
        let copy = FileCopy::of(&file).unwrap();
        assert_eq!(fs::read(copy.path()).unwrap(), b"x");
        drop(copy);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
