//! Files in a folder of this machine.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{ATTACHMENTS, Files, FilesError, Listing, MAX_LISTED, StoredFile, is_name};

/// Folder of what ends: for each file of a message that does, one of the same name with its days.
const ENDS: &str = "ends";

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Files in a folder of this machine.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    keep: Option<i64>,
}

impl Folder {
    /// Opens the folder, making it when absent.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FilesError> {
        let path = path.into();
        platform::folder::make_private(&path).map_err(|error| trouble(&error))?;
        Ok(Self { path, keep: None })
    }

    /// With files of messages, from now on, that end after so many days; none, never. Those of
    /// earlier messages are kept for the time that they were written under.
    #[must_use]
    pub fn keeping(mut self, time: Option<SignedDuration>) -> Self {
        self.keep = time.map(|time| time.as_hours() / 24);
        self
    }

    /// Removes the files of messages whose days are over, and says how many.
    ///
    /// # Errors
    /// [`FilesError::Unusable`]; what is there still can be removed by the same call later.
    pub async fn remove_ended(&self) -> Result<usize, FilesError> {
        let path = self.path.clone();
        in_background(move || remove_ended(&path)).await
    }

    /// Removes the files of one folder (as [`super::INBOUND`]) that were written longer ago than
    /// `age`, and says how many: what a lifecycle does in a bucket. What a killed process left
    /// unfinished goes with them.
    ///
    /// # Errors
    /// [`FilesError::Unusable`]; what is there still can be removed by the same call later.
    pub async fn remove_older(&self, folder: &str, age: Duration) -> Result<usize, FilesError> {
        let folder = self.path.join(folder);
        in_background(move || remove_older(&folder, age)).await
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
        let end = name.strip_prefix(ATTACHMENTS);
        let end = end.map(|id| (self.path.join(ENDS).join(id), self.keep));
        in_background(move || {
            // Before the file: one that should end and has no end would be kept for good.
            match end {
                Some((end, Some(days))) => write(&end, days.to_string().as_bytes())?,
                Some((end, None)) => remove(&end).map(drop)?,
                None => {}
            }
            write(&place, &content)
        })
        .await
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

    async fn remove(&self, name: &str) -> Result<bool, FilesError> {
        let place = self.place(name)?;
        in_background(move || remove(&place)).await
    }

    async fn list(&self, folder: &str, after: Option<&str>) -> Result<Listing, FilesError> {
        let (place, folder) = (self.path.join(folder), folder.to_owned());
        let after = after.unwrap_or_default().to_owned();
        in_background(move || list(&place, &folder, &after)).await
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

fn remove(place: &Path) -> io::Result<bool> {
    match fs::remove_file(place) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn list(place: &Path, folder: &str, after: &str) -> io::Result<Listing> {
    let entries = match fs::read_dir(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Listing::default()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = format!("{folder}{}", entry.file_name().to_string_lossy());
        let found = entry.metadata()?;
        // What a killed process left unfinished begins with a dot.
        if !found.is_file() || !is_name(&name) || name.as_str() <= after {
            continue;
        }
        files.push(StoredFile {
            name,
            size: found.len(),
            written_at: Timestamp::try_from(found.modified()?).unwrap_or_default(),
        });
    }
    files.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let more = files.len() > MAX_LISTED;
    files.truncate(MAX_LISTED);
    Ok(Listing { files, more })
}

fn remove_older(folder: &Path, age: Duration) -> io::Result<usize> {
    let mut removed = 0;
    for (file, is) in aged(folder)? {
        if is > age {
            fs::remove_file(file)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn remove_ended(path: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for (end, is) in aged(&path.join(ENDS))? {
        let days = fs::read_to_string(&end)?.parse();
        let ended = days.is_ok_and(|days| is > DAY.saturating_mul(days));
        if let Some(id) = end.file_name().filter(|_| ended) {
            removed += usize::from(remove(&path.join(ATTACHMENTS).join(id))?);
            fs::remove_file(&end)?;
        }
    }
    Ok(removed)
}

/// The files of a folder, each with its age. A clock that was set back makes no file old.
fn aged(folder: &Path) -> io::Result<Vec<(PathBuf, Duration)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let found = entry.metadata()?;
        if found.is_file() {
            let age = now.duration_since(found.modified()?).unwrap_or_default();
            files.push((entry.path(), age));
        }
    }
    Ok(files)
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

    #[tokio::test]
    async fn files_of_messages_end_by_the_days_that_they_were_written_under() {
        let scratch = tempfile::tempdir().unwrap();
        let files = Folder::open(scratch.path()).unwrap();
        let days = |days: i64| Some(SignedDuration::from_hours(24 * days));
        files
            .put("attachments/copied", b"x".to_vec())
            .await
            .unwrap();
        for (name, keep) in [
            ("attachments/for-good", None),
            ("attachments/long", days(3650)),
            ("attachments/short", days(30)),
            ("attachments/young", days(30)),
            ("attachments/erased", days(30)),
            ("attachments/once-short", days(30)),
            ("attachments/once-short", None),
            ("inbound/mail", days(30)),
        ] {
            let files = files.clone().keeping(keep);
            files.put(name, b"x".to_vec()).await.unwrap();
        }
        let short = files.clone().keeping(days(30));
        assert!(
            short
                .copy("inbound/mail", "attachments/copied")
                .await
                .unwrap()
        );
        assert!(files.remove("attachments/erased").await.unwrap());
        let past = SystemTime::now() - 31 * DAY;
        for folder in ["attachments", "inbound", ENDS] {
            for entry in fs::read_dir(scratch.path().join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_name() != "young" {
                    let file = fs::File::options().write(true).open(entry.path());
                    file.unwrap().set_modified(past).unwrap();
                }
            }
        }
        // Whatever is kept by now.
        assert_eq!(files.remove_ended().await.unwrap(), 2);
        for (name, stays) in [
            ("attachments/for-good", true),
            ("attachments/long", true),
            ("attachments/short", false),
            ("attachments/copied", false),
            ("attachments/young", true),
            ("attachments/once-short", true),
            ("inbound/mail", true),
        ] {
            let found = files.get(name, 1).await.unwrap();
            assert_eq!(found.is_some(), stays, "{name}");
        }
        assert_eq!(files.remove_ended().await.unwrap(), 0);
        let left = fs::read_dir(scratch.path().join(ENDS)).unwrap().count();
        assert_eq!(left, 2, "the ends of what is there");
    }

    #[tokio::test]
    async fn what_is_older_is_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let files = Folder::open(scratch.path()).unwrap();
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(files.remove_older("inbound/", day).await.unwrap(), 0);
        for (name, days) in [
            ("inbound/old", 91),
            ("inbound/.unfinished", 91),
            ("inbound/young", 89),
            ("inbound/tomorrow", -1),
            ("attachments/old", 91),
        ] {
            let place = scratch.path().join(name);
            write(&place, b"x").unwrap();
            let now = SystemTime::now();
            let written = match u32::try_from(days) {
                Ok(days) => now - days * day,
                Err(_) => now + day,
            };
            let file = fs::File::options().write(true).open(&place).unwrap();
            file.set_modified(written).unwrap();
        }
        assert_eq!(files.remove_older("inbound/", 90 * day).await.unwrap(), 2);
        for (name, stays) in [
            ("inbound/old", false),
            ("inbound/young", true),
            ("inbound/tomorrow", true),
            ("attachments/old", true),
        ] {
            let found = files.get(name, 1).await.unwrap();
            assert_eq!(found.is_some(), stays, "{name}");
        }
        assert_eq!(files.remove_older("inbound/", 90 * day).await.unwrap(), 0);
    }
}
