//! Opening the file: whose it is, which format it has, who holds it.

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process,
    time::Instant,
};

use redb::{
    AccessGuard, Builder, Database, DatabaseError, ReadableDatabase, RepairSession, StorageBackend,
};

use super::super::{Obstacle, StorageError};
use super::records::{DAMAGE, EXPIRY, INDEX, ITEMS, META, SEQUENCE};
use platform::folder::make_private;

/// Name of the file in its folder.
pub const FILE_NAME: &str = "mensageria.redb";
/// Format of the file. A file of another one is refused.
pub const FORMAT: &str = "1";
/// Memory for pages of the file. With what the allocator holds beside them it takes up to twice as much.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// Largest file that is checked whole at every opening, bytes. A larger one is checked when its last
/// end was not clean (redb does that by itself), and otherwise beside the work.
const CHECKED_AT_OPENING: u64 = 16 * 1024 * 1024;

/// Whether the file in `dir` is too large to be checked whole at every opening.
pub(super) fn is_large(dir: &Path) -> bool {
    fs::metadata(dir.join(FILE_NAME)).is_ok_and(|file| file.len() > CHECKED_AT_OPENING)
}

/// Opens the file in `dir`, or makes it where there was none; `had_one` says that there was.
pub(super) fn open(dir: &Path, had_one: bool) -> Result<Database, StorageError> {
    make_private(dir).map_err(|e| refused_by_system(dir, &e))?;
    let path = dir.join(FILE_NAME);
    match fs::metadata(&path) {
        Ok(file) if file.len() == 0 => return Err(unopened(&path, Obstacle::Empty)),
        Err(e) if e.kind() == io::ErrorKind::NotFound && had_one => {
            return Err(unopened(&path, Obstacle::Missing));
        }
        _ => {}
    }
    let check = !is_large(dir);
    // redb says that opening a file which something else damaged may panic.
    catch_unwind(AssertUnwindSafe(|| {
        if !path.exists() {
            make(dir, &path)?;
        }
        let mut builder = builder(check);
        if !check {
            builder.set_repair_callback(tell_of_check(&path));
        }
        let db = builder.create(&path).map_err(|e| refused(&path, e))?;
        claim(db, &path)
    }))
    .unwrap_or_else(|_| {
        Err(unopened(
            &path,
            Obstacle::Damaged("it cannot be read".to_owned()),
        ))
    })
}

/// Makes the file whole under another name first: one whose making is interrupted is never
/// found under its own.
fn make(dir: &Path, path: &Path) -> Result<(), StorageError> {
    let new = dir.join(format!("{FILE_NAME}.{}.new", process::id()));
    let failed = |e: io::Error| refused_by_system(path, &e);
    remove_if_there(&new).map_err(failed)?;
    let db = builder(false).create(&new).map_err(|e| refused(&new, e))?;
    lay_out(&db)?;
    drop(db);
    // A link, not a move: it never replaces the file that another process made meanwhile.
    match fs::hard_link(&new, path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
            // File systems without links: here the file appears by a move.
            fs::rename(&new, path).map_err(failed)
        }
        _ => remove_if_there(&new).map_err(failed),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// The same over something else than a file.
pub(super) fn over(backend: impl StorageBackend) -> Result<Database, StorageError> {
    over_with(backend, true)
}

/// The same, checked whole or not.
pub(super) fn over_with(
    backend: impl StorageBackend,
    check: bool,
) -> Result<Database, StorageError> {
    let db = builder(check)
        .create_with_backend(backend)
        .map_err(unusable)?;
    claim(db, Path::new("memory"))
}

fn builder(check: bool) -> Builder {
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_check_integrity_on_open(check);
    builder
}

/// Says that somebody has to wait, and for what.
fn tell_of_check(path: &Path) -> impl Fn(&mut RepairSession) + 'static {
    let path = path.display().to_string();
    let size = fs::metadata(&path).map_or(0, |file| file.len() / (1024 * 1024));
    let began = Instant::now();
    move |session| {
        let seconds = began.elapsed().as_secs();
        if session.progress() == 0.0 {
            tracing::warn!(
                "{path} was not closed in order, as after a kill or a loss of power: all {size} MiB of it are checked before the start goes on"
            );
        } else {
            let percent = session.progress() * 100.0;
            tracing::warn!("{percent:.0} % checked after {seconds} s");
        }
    }
}

/// Checks the format mark; a file without any table is new, and gets it.
fn claim(db: Database, path: &Path) -> Result<Database, StorageError> {
    let read = db.begin_read().map_err(unusable)?;
    if read.list_tables().map_err(unusable)?.next().is_none() {
        drop(read);
        lay_out(&db)?;
        return Ok(db);
    }
    let format = match read.open_table(META) {
        Ok(meta) => meta.get("format").map_err(unusable)?,
        Err(_) => None,
    };
    match format.as_ref().map(AccessGuard::value) {
        Some(FORMAT) => {}
        Some(other) => {
            let found = other.to_owned();
            let ours = FORMAT;
            return Err(unopened(path, Obstacle::Format { found, ours }));
        }
        None => return Err(unopened(path, Obstacle::Foreign)),
    }
    let meta = read.open_table(META).map_err(unusable)?;
    if let Some(why) = meta.get(DAMAGE).map_err(unusable)? {
        return Err(unopened(path, Obstacle::Damaged(why.value().to_owned())));
    }
    drop((format, meta, read));
    Ok(db)
}

fn lay_out(db: &Database) -> Result<(), StorageError> {
    let tx = db.begin_write().map_err(unusable)?;
    tx.open_table(ITEMS).map_err(unusable)?;
    tx.open_table(INDEX).map_err(unusable)?;
    tx.open_table(EXPIRY).map_err(unusable)?;
    tx.open_table(META)
        .map_err(unusable)?
        .insert("format", FORMAT)
        .map_err(unusable)?;
    tx.commit().map_err(unusable)
}

fn refused(path: &Path, error: DatabaseError) -> StorageError {
    let obstacle = match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => Obstacle::InUse,
        DatabaseError::UpgradeRequired(_) => Obstacle::Foreign,
        DatabaseError::Storage(redb::StorageError::Io(e)) => match e.kind() {
            io::ErrorKind::InvalidData => Obstacle::Foreign,
            io::ErrorKind::UnexpectedEof => Obstacle::CutShort,
            _ => return refused_by_system(path, &e),
        },
        e => Obstacle::Damaged(e.to_string()),
    };
    unopened(path, obstacle)
}

pub(super) fn refused_by_system(path: &Path, error: &io::Error) -> StorageError {
    unopened(path, Obstacle::System(error.to_string()))
}

pub(super) fn unopened(path: &Path, obstacle: Obstacle) -> StorageError {
    let path = path.to_owned();
    StorageError::Unopened { path, obstacle }
}

/// How many groups of commits the file holds.
pub(super) fn sequence(db: &Database) -> Result<u64, StorageError> {
    let read = db.begin_read().map_err(unusable)?;
    let meta = read.open_table(META).map_err(unusable)?;
    let found = meta.get(SEQUENCE).map_err(unusable)?;
    Ok(found
        .and_then(|text| text.value().parse().ok())
        .unwrap_or_default())
}

/// An error of the file at work: the disk is full or broken.
pub(super) fn unusable(error: impl Into<redb::Error>) -> StorageError {
    StorageError::Unusable(error.into().to_string())
}
