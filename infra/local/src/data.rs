//! The data folder: the store, the outbox, the keys. What is secret is readable by its owner alone.

use std::{
    fmt, fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    error::Failure,
    terminal::{tell, worded},
    texts,
};

/// An open data folder.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    path: PathBuf,
}

impl Data {
    /// Opens the folder, making it when absent.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        make_or_look_at(path).map_err(|reason| unusable(path, reason))?;
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
    pub(crate) fn secret(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path.join(name);
        let text = self.read_or_make(&path);
        let text = text.map_err(|reason| unusable(&path, reason))?;
        let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes());
        bytes
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or_else(|| texts::data::NO_KEY.with("path", path.display()).into())
    }

    fn read_or_make(&self, path: &Path) -> io::Result<String> {
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
        fs::read_to_string(path)
    }
}

/// What is said of the folder, or of a file in it, that the system does not give.
pub(crate) fn unusable(path: &Path, reason: impl fmt::Display) -> Failure {
    let unusable = texts::data::UNUSABLE.with("path", path.display());
    unusable.with("reason", reason).into()
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
            let others = texts::data::OTHERS_CAN_LOOK.with("path", path.display());
            tell(worded(others));
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
