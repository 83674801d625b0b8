//! Files in a folder of this machine.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{Files, FilesError, is_name};

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder, making it when absent.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FilesError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(|error| trouble(&error))?;
        Ok(Self { path })
    }

    fn place(&self, name: &str) -> Result<PathBuf, FilesError> {
        is_name(name)
            .then(|| self.path.join(name))
            .ok_or(FilesError::Name)
    }
}

#[async_trait]
impl Files for Folder {
    async fn put(&self, name: &str, content: Vec<u8>) -> Result<(), FilesError> {
        let place = self.place(name)?;
        in_background(move || write(&place, &content)).await
    }

    async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FilesError> {
        let place = self.place(name)?;
        in_background(move || read(&place))
            .await
            .and_then(|found| match found {
                Some(content) if content.len() as u64 > most => Err(FilesError::TooLarge {
                    size: content.len() as u64,
                    most,
                }),
                found => Ok(found),
            })
    }

    async fn link(&self, _: &str, _: &str, _: Duration) -> Result<Option<String>, FilesError> {
        Ok(None)
    }
}

/// Written beside its place and moved there whole: a killed process leaves no half file.
fn write(place: &Path, content: &[u8]) -> io::Result<()> {
    let folder = place.parent().unwrap_or(place);
    fs::create_dir_all(folder)?;
    let scratch = folder.join(format!(".{}", Uuid::now_v7().simple()));
    let mut file = fs::File::create_new(&scratch)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&scratch, place)
}

fn read(place: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(place) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, FilesError> {
    match spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| trouble(&error)),
        Err(error) => Err(FilesError::Busy(error.to_string())),
    }
}

fn trouble(error: &io::Error) -> FilesError {
    FilesError::Unusable(error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_come_back_and_stay_in_their_folder() {
        let scratch = tempfile::tempdir().unwrap();
        let files = Folder::open(scratch.path().join("files")).unwrap();
        assert!(files.get("inbound/a", 10).await.unwrap().is_none());
        for content in [&b"one"[..], b"three"] {
            files.put("inbound/a", content.to_vec()).await.unwrap();
            assert_eq!(files.get("inbound/a", 10).await.unwrap().unwrap(), content);
        }
        assert!(matches!(
            files.get("inbound/a", 4).await,
            Err(FilesError::TooLarge { size: 5, most: 4 })
        ));
        for outside in ["../a", "/etc/passwd", "inbound/../../a"] {
            assert!(matches!(
                files.put(outside, Vec::new()).await,
                Err(FilesError::Name)
            ));
            assert!(matches!(files.get(outside, 1).await, Err(FilesError::Name)));
        }
        let left: Vec<_> = fs::read_dir(scratch.path().join("files/inbound"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["a"]);
    }
}
