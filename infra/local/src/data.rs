//! The data folder: the store, the outbox, the keys. What is secret is readable by its owner alone.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the data folder {} cannot be used: {reason}. Choose another with --data.", path.display())]
pub(crate) struct DataError {
    path: PathBuf,
    reason: io::Error,
}

/// An open data folder.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    path: PathBuf,
}

impl Data {
    /// Opens the folder, making it when absent.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        make_or_look_at(path).map_err(|reason| DataError {
            path: path.to_owned(),
            reason,
        })?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Folder of the store.
    pub(crate) fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// File beside the store that tells an older copy of it.
    pub(crate) fn mark(&self) -> PathBuf {
        self.path.join("store.mark")
    }

    /// Folder of the mails that left.
    pub(crate) fn outbox(&self) -> PathBuf {
        self.path.join("outbox")
    }

    /// Whether a mail left from here.
    pub(crate) fn has_mails(&self) -> bool {
        let files = fs::read_dir(self.outbox()).into_iter().flatten();
        files
            .flatten()
            .any(|file| file.path().extension().is_some_and(|kind| kind == "eml"))
    }

    /// Folder of the raw mails that came in, and of their files.
    pub(crate) fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// 32 random bytes kept under this name, made the first time. Two processes that start at once
    /// end with the same bytes.
    pub(crate) fn secret(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let path = self.path.join(name);
        self.read_or_make(&path)
            .map_err(|reason| DataError { path, reason })
    }

    fn read_or_make(&self, path: &Path) -> io::Result<Vec<u8>> {
        if !path.exists() {
            let mut bytes = [0u8; 32];
            getrandom::fill(&mut bytes).map_err(io::Error::other)?;
            let scratch = self.path.join(format!(
                ".{}.{}",
                std::process::id(),
                data_encoding::HEXLOWER.encode(&bytes[..4])
            ));
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&scratch)?;
            private(&scratch, 0o600)?;
            file.write_all(data_encoding::HEXLOWER.encode(&bytes).as_bytes())?;
            file.sync_all()?;
            match fs::hard_link(&scratch, path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => fs::remove_file(&scratch)?,
            }
        }
        let text = fs::read_to_string(path)?;
        let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes());
        let wrong = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "it holds no key of 32 bytes; delete it to make a new one",
            )
        };
        bytes
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or_else(wrong)
    }
}

/// Makes the folder for its owner alone. One that is there belongs to somebody: its mode stays, and
/// is told when others can read what will be in it.
fn make_or_look_at(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        return folder.create(path);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            eprintln!(
                "Others on this machine can look into {}: chmod 700 keeps its mails from them.",
                path.display()
            );
        }
    }
    Ok(())
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
