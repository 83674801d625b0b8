//! What the contract suite (`tests/`) does not reach: the file, its owner, faults, its news.

use std::{
    fs, io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use redb::{Database, StorageBackend, TableDefinition, backends::InMemoryBackend};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{Expect, Range, Source};

fn item(sk: &str) -> Item {
    Item::new(Key::new("p", sk), "thing", &json!({ "sk": sk })).unwrap()
}

fn refused(dir: &Path) -> String {
    match Embedded::open(dir).map(drop) {
        Err(StorageError::Unusable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn is_there_again_when_opened_again() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("a/b");
    let first = item("1");
    for opening in 0..3 {
        let store = Embedded::open(&folder).unwrap();
        if opening == 0 {
            store
                .commit(vec![Write::create(first.clone())])
                .await
                .unwrap();
        }
        let found = store.get(std::slice::from_ref(&first.key)).await.unwrap();
        assert_eq!(found, [Some(first.clone())]);
    }
}

#[tokio::test]
async fn what_is_left_of_an_interrupted_making_is_no_obstacle() {
    let dir = TempDir::new().unwrap();
    let left = dir
        .path()
        .join(format!("{FILE_NAME}.{}.new", std::process::id()));
    fs::write(&left, [0; 4096]).unwrap();
    let store = Embedded::open(dir.path()).unwrap();
    store.commit(vec![Write::create(item("1"))]).await.unwrap();
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, [FILE_NAME]);
}

#[cfg(unix)]
#[tokio::test]
async fn others_cannot_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("data");
    drop(Embedded::open(&folder).unwrap());
    let mode = fs::metadata(folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn says_why_a_folder_cannot_be_used() {
    let dir = TempDir::new().unwrap();
    let held = dir.path().join("held");
    let _holder = Embedded::open(&held).unwrap();
    let why = refused(&held);
    assert!(
        why.contains("in use by another process, such as a running server: end it, or choose"),
        "{why}"
    );

    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let why = refused(&file);
    assert!(why.contains("cannot be made"), "{why}");

    let stranger = |name: &str, bytes: &[u8]| {
        let folder = dir.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(FILE_NAME), bytes).unwrap();
        folder
    };
    let why = refused(&stranger("text", b"INSERT INTO mails VALUES (1)"));
    assert!(
        why.contains("is not a data file of mensageria: move it away"),
        "{why}"
    );
    let why = refused(&stranger("zeros", &[0; 8192]));
    assert!(why.contains("is not a data file of mensageria"), "{why}");
    let why = refused(&stranger("empty", b""));
    assert!(
        why.contains("is empty") && why.contains("bring back a copy"),
        "{why}"
    );
}

#[test]
fn knows_files_of_other_programs_and_formats() {
    const OTHER: TableDefinition<'_, u64, u64> = TableDefinition::new("other");
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(FILE_NAME);
    let db = Database::create(&path).unwrap();
    let tx = db.begin_write().unwrap();
    tx.open_table(OTHER).unwrap();
    tx.commit().unwrap();
    drop(db);
    let why = refused(dir.path());
    assert!(why.contains("is not a data file of mensageria"), "{why}");
    fs::remove_file(&path).unwrap();

    drop(Embedded::open(dir.path()).unwrap());
    let db = Database::create(&path).unwrap();
    let tx = db.begin_write().unwrap();
    tx.open_table(records::META)
        .unwrap()
        .insert("format", "2")
        .unwrap();
    tx.commit().unwrap();
    drop(db);
    let why = refused(dir.path());
    assert!(
        why.contains("has format 2, this program reads format 1: start the program"),
        "{why}"
    );
}

#[tokio::test]
async fn a_damaged_file_is_refused_whatever_is_damaged() {
    let dir = TempDir::new().unwrap();
    let store = Embedded::open(dir.path()).unwrap();
    let many = (0..100)
        .map(|n| Write::create(item(&n.to_string())))
        .collect();
    store.commit(many).await.unwrap();
    drop(store);
    let path = dir.path().join(FILE_NAME);
    let whole = fs::read(&path).unwrap();
    let mut refusals = 0;
    for cut in [100, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        refused(dir.path());
    }
    for place in (0..whole.len()).step_by(1021) {
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(place).take(16) {
            *byte ^= 0xff;
        }
        fs::write(&path, &bytes).unwrap();
        // Damage in a free page harms nothing; any other must be noticed.
        match Embedded::open(dir.path()) {
            Err(StorageError::Unusable(_)) => refusals += 1,
            Err(other) => panic!("{other}"),
            Ok(store) => {
                let query = Query::of(Source::Partition("p".to_owned()), 1000);
                assert_eq!(
                    store.query(query).await.unwrap().items.len(),
                    100,
                    "{place}"
                );
            }
        }
    }
    assert!(refusals > 5, "{refusals}");
}

#[tokio::test]
async fn tells_what_was_written() {
    let store = Embedded::in_memory().unwrap();
    store
        .commit(vec![Write::create(item("before"))])
        .await
        .unwrap();
    let mut news = store.changes();
    let quiet = tokio::time::timeout(Duration::from_millis(20), news.next()).await;
    assert!(quiet.is_err());

    let other = Item::new(Key::new("p", "o"), "other", &json!({})).unwrap();
    store.commit(vec![Write::create(item("1"))]).await.unwrap();
    store.commit(vec![Write::create(other)]).await.unwrap();
    let names: Vec<_> = news.next().await.unwrap().into_iter().collect();
    assert_eq!(names, ["other", "thing"]);

    let lost = store.commit(vec![Write::create(item("1"))]).await;
    assert!(lost.unwrap_err().lost(0));
    let check = Write::check(Key::new("p", "1"), Expect::Anything);
    store.commit(vec![check]).await.unwrap();
    let quiet = tokio::time::timeout(Duration::from_millis(20), news.next()).await;
    assert!(quiet.is_err());

    let key = Key::new("p", "1");
    store
        .commit(vec![Write::delete(key, Expect::Anything)])
        .await
        .unwrap();
    drop(store);
    assert_eq!(
        news.next().await.unwrap().into_iter().next().unwrap(),
        "thing"
    );
    assert_eq!(news.next().await, None);
}

#[tokio::test]
async fn purges_what_is_expired_and_nothing_else() {
    let store = Embedded::in_memory().unwrap();
    let soon = now() + 3600;
    let expired = 2 * writer::PURGE_BATCH + 7;
    for from in (0..expired).step_by(100) {
        let old = (from..expired.min(from + 100))
            .map(|n| Write::create(item(&format!("old{n}")).expiring(1).indexed("i", "s")));
        store.commit(old.collect()).await.unwrap();
    }
    let kept = [item("a").expiring(soon), item("b")];
    // Once expiring, then not any more.
    let repaired = [item("a").expiring(1), item("b").expiring(1)];
    for item in repaired.into_iter().chain(kept.clone()) {
        store.commit(vec![Write::put(item)]).await.unwrap();
    }
    assert_eq!(store.purge_expired().await.unwrap(), expired);
    assert_eq!(store.purge_expired().await.unwrap(), 0);
    let query = Query::of(Source::Partition("p".to_owned()), 10);
    assert_eq!(store.query(query).await.unwrap().items, kept);
    let rows = store
        .read(|tx| {
            let items = tx.open_table(records::ITEMS).map_err(file::unusable)?;
            let index = tx.open_table(records::INDEX).map_err(file::unusable)?;
            use redb::ReadableTableMetadata;
            Ok((items.len().unwrap(), index.len().unwrap()))
        })
        .await
        .unwrap();
    assert_eq!(rows, (2, 0));
}

#[tokio::test]
async fn a_page_is_bounded_in_bytes() {
    let store = Embedded::in_memory().unwrap();
    let text = "x".repeat(300 * 1024);
    for n in 0..8 {
        let big = Item::new(Key::new("p", n.to_string()), "thing", &json!({ "t": text })).unwrap();
        store.commit(vec![Write::create(big)]).await.unwrap();
    }
    let mut query = Query::of(Source::Partition("p".to_owned()), 1000).range(Range::All);
    let mut pages = Vec::new();
    loop {
        let page = store.query(query.clone()).await.unwrap();
        pages.push(page.items.len());
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(pages, [4, 4]);
}

/// A disk that becomes full on command.
#[derive(Debug, Clone)]
struct Disk {
    memory: Arc<InMemoryBackend>,
    full: Arc<AtomicBool>,
}

impl Disk {
    fn check(&self) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.memory.read(offset, out)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check()?;
        self.memory.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.check()?;
        self.memory.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        self.memory.write(offset, data)
    }
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_tears_nothing() {
    let disk = Disk {
        memory: Arc::new(InMemoryBackend::new()),
        full: Arc::default(),
    };
    let open = || {
        let disk = disk.clone();
        let opened = disk::Disk::new(Box::new(move || file::over(disk.clone())));
        opened.and_then(|opened| Embedded::over(opened, None))
    };
    let store = open().unwrap();
    store.commit(vec![Write::create(item("1"))]).await.unwrap();
    assert_eq!(store.fault().await, None);
    disk.full.store(true, Ordering::SeqCst);
    let outcome = store.commit(vec![Write::create(item("2"))]).await;
    assert!(
        matches!(outcome, Err(StorageError::Unknown(_))),
        "{outcome:?}"
    );
    let outcome = store.commit(vec![Write::create(item("3"))]).await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
    assert!(store.fault().await.is_some(), "it is told");
    disk.full.store(false, Ordering::SeqCst);
    // Without another opening by anybody.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while store.fault().await.is_some() {
        assert!(std::time::Instant::now() < end, "it works again");
    }
    let read_all = async |store: &Embedded| {
        let query = Query::of(Source::Partition("p".to_owned()), 10);
        store.query(query).await.unwrap().items
    };
    let found = read_all(&store).await;
    assert_eq!(found.first().map(|i| i.key.sk.as_str()), Some("1"));
    assert!(!found.iter().any(|i| i.key.sk == "3"));
    store.commit(vec![Write::create(item("4"))]).await.unwrap();
    drop(store);
    let found = read_all(&open().unwrap()).await;
    assert_eq!(found.last().map(|i| i.key.sk.as_str()), Some("4"));
}

#[tokio::test]
async fn a_copy_that_was_brought_back_is_noticed_until_it_is_accepted() {
    let dir = TempDir::new().unwrap();
    let (folder, mark) = (dir.path().join("store"), dir.path().join("store.mark"));
    let open = |copy| Embedded::open_marked(&folder, &mark, copy);
    let (path, copy) = (folder.join(FILE_NAME), dir.path().join("copy"));
    let store = open(Copy::Tell).unwrap();
    store.commit(vec![Write::create(item("1"))]).await.unwrap();
    drop(store);
    fs::copy(&path, &copy).unwrap();
    let store = open(Copy::Tell).unwrap();
    assert!(!store.is_older_copy());
    store.commit(vec![Write::create(item("2"))]).await.unwrap();
    drop(store);
    fs::copy(&copy, &path).unwrap();
    // Whatever is written meanwhile, and however often it is opened.
    for n in 3..8 {
        let store = open(Copy::Tell).unwrap();
        assert!(store.is_older_copy());
        let write = Write::create(item(&n.to_string()));
        store.commit(vec![write]).await.unwrap();
    }
    let store = open(Copy::Accept).unwrap();
    assert!(!store.is_older_copy());
    store.commit(vec![Write::create(item("9"))]).await.unwrap();
    drop(store);
    assert!(!open(Copy::Tell).unwrap().is_older_copy());
}

#[test]
fn a_store_that_is_missing_or_cut_beside_its_mark_is_refused_with_advice() {
    let dir = TempDir::new().unwrap();
    let (folder, mark) = (dir.path().join("store"), dir.path().join("store.mark"));
    let open = || Embedded::open_marked(&folder, &mark, Copy::Tell);
    drop(open().unwrap());
    let path = folder.join(FILE_NAME);
    let whole = fs::read(&path).unwrap();
    for cut in [None, Some(0), Some(1), Some(100), Some(whole.len() / 2)] {
        fs::remove_file(&path).unwrap_or_default();
        if let Some(length) = cut {
            fs::write(&path, &whole[..length]).unwrap();
        }
        let Err(StorageError::Unusable(why)) = open() else {
            panic!("{cut:?}: a store without a word");
        };
        assert!(
            why.contains("ring back a copy") || why.contains("choose another"),
            "{why}"
        );
    }
    fs::remove_file(&path).unwrap();
    fs::remove_file(&mark).unwrap();
    open().unwrap();
}

/// Looks through the store as one that was too large to be checked when it was opened, in steps;
/// gives how many there were.
async fn look_through(store: &Embedded) -> Result<usize, StorageError> {
    let mut place = verify::LastRow::start();
    for step in 1.. {
        let after = place.clone();
        match store.read(move |tx| verify::part(tx, &after)).await? {
            Some(next) => place = next,
            None => return Ok(step),
        }
    }
    unreachable!("it has an end")
}

/// Changes the file behind the back of the store.
fn tamper(store: &Embedded, change: impl FnOnce(&redb::WriteTransaction)) {
    let db = store.disk.database().unwrap();
    let tx = db.begin_write().unwrap();
    change(&tx);
    tx.commit().unwrap();
}

#[tokio::test]
async fn the_walk_through_a_large_store_finds_what_does_not_fit() {
    type Change = fn(&redb::WriteTransaction);
    let changes: [Change; 6] = [
        |tx| {
            let mut index = tx.open_table(records::INDEX).unwrap();
            index.remove(("i", "1", "p", "1")).unwrap();
        },
        |tx| {
            let mut index = tx.open_table(records::INDEX).unwrap();
            index.insert(("i", "2", "p", "1"), ()).unwrap();
        },
        |tx| {
            let mut expiry = tx.open_table(records::EXPIRY).unwrap();
            expiry.remove((i64::MAX, "p", "1")).unwrap();
        },
        |tx| {
            let mut expiry = tx.open_table(records::EXPIRY).unwrap();
            expiry.insert((7, "p", "1"), ()).unwrap();
        },
        |tx| {
            let mut items = tx.open_table(records::ITEMS).unwrap();
            items.insert(("p", "1"), b"\xff{}".as_slice()).unwrap();
        },
        |tx| {
            let mut items = tx.open_table(records::ITEMS).unwrap();
            items.remove(("p", "1")).unwrap();
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let store = Embedded::in_memory().unwrap();
        let entry = item("1").indexed("i", "1").expiring(i64::MAX);
        store.commit(vec![Write::create(entry)]).await.unwrap();
        look_through(&store).await.unwrap();
        tamper(&store, change);
        let found = look_through(&store).await;
        assert!(
            matches!(found, Err(StorageError::Unusable(_))),
            "{number}: {found:?}"
        );
    }
}

#[tokio::test]
async fn the_walk_is_made_of_small_steps_and_lets_others_write_between_them() {
    let store = Embedded::in_memory().unwrap();
    let add = async |from: usize, to: usize| {
        for from in (from..to).step_by(100) {
            let items = from..from + 100;
            let writes = items
                .map(|n| Write::create(item(&format!("{n:05}")).indexed("i", n.to_string())))
                .collect();
            store.commit(writes).await.unwrap();
        }
    };
    add(0, 1000).await;
    let steps = look_through(&store).await.unwrap();
    assert!(steps > 2 * 1000 / 256, "{steps}");
    // What is written meanwhile is no damage.
    let (walk, ()) = tokio::join!(look_through(&store), add(1000, 3000));
    walk.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_large_store_in_which_something_does_not_fit_is_not_opened_again() {
    let dir = TempDir::new().unwrap();
    let mut store = Embedded::open(dir.path()).unwrap();
    let write = Write::create(item("1").indexed("i", "1"));
    store.commit(vec![write]).await.unwrap();
    // As if it had been too large.
    store.unchecked = Some(dir.path().join(FILE_NAME));
    store.verify().await.unwrap();
    tamper(&store, |tx| {
        let mut index = tx.open_table(records::INDEX).unwrap();
        index.remove(("i", "1", "p", "1")).unwrap();
    });
    let StorageError::Unusable(why) = store.verify().await.unwrap_err() else {
        panic!("damage is no other error");
    };
    assert!(
        why.contains("is damaged (") && why.contains("bring back a copy"),
        "{why}"
    );
    drop(store);
    assert_eq!(refused(dir.path()), why);
}

/// A file in memory that counts what is read, and of which a copy can be taken at any time, as
/// a kill leaves it.
#[derive(Debug, Clone, Default)]
struct Counted {
    bytes: Arc<std::sync::Mutex<Vec<u8>>>,
    read: Arc<std::sync::atomic::AtomicU64>,
}

impl Counted {
    fn copy(&self) -> Self {
        let bytes = self.bytes.lock().unwrap().clone();
        Self {
            bytes: Arc::new(std::sync::Mutex::new(bytes)),
            read: Arc::default(),
        }
    }

    fn size(&self) -> u64 {
        self.bytes.lock().unwrap().len() as u64
    }

    /// Opens a store that is too large to be checked at each opening; how much of it was read.
    fn open(&self) -> (Embedded, u64) {
        let file = self.clone();
        let disk = disk::Disk::new(Box::new(move || file::over_with(file.clone(), false)));
        let store = Embedded::over(disk.unwrap(), None).unwrap();
        (store, self.read.load(Ordering::SeqCst))
    }
}

impl StorageBackend for Counted {
    fn len(&self) -> io::Result<u64> {
        Ok(self.size())
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(out.len() as u64, Ordering::SeqCst);
        let bytes = self.bytes.lock().unwrap();
        let from = usize::try_from(offset).unwrap();
        let part = bytes.get(from..from + out.len());
        out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).unwrap();
        self.bytes.lock().unwrap().resize(len, 0);
        Ok(())
    }
    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        self.bytes.lock().unwrap()[from..from + data.len()].copy_from_slice(data);
        Ok(())
    }
}

async fn filled(items: usize) -> (Counted, Embedded) {
    let file = Counted::default();
    let (store, _) = file.open();
    for from in (0..items).step_by(100) {
        let text = "x".repeat(1000);
        let new = (from..from + 100).map(|n| {
            let key = Key::new("p", n.to_string());
            let item = Item::new(key, "thing", &json!({ "text": text })).unwrap();
            Write::create(item.indexed("i", n.to_string()))
        });
        store.commit(new.collect()).await.unwrap();
    }
    (file, store)
}

/// What may be read to open a store: the header, the state of free pages, the tables' roots.
const READ_AT_OPENING: u64 = 256 * 1024;

#[tokio::test]
async fn what_is_read_at_opening_does_not_grow_with_the_store() {
    for items in [100, 1_000, 5_000] {
        let (file, store) = filled(items).await;
        drop(store);
        let closed = file.copy();
        let (_store, read) = closed.open();
        assert!(read < READ_AT_OPENING, "{read} of {}", closed.size());
    }
}

#[tokio::test]
async fn a_killed_store_is_read_whole_unless_it_was_settled_and_loses_nothing() {
    let (file, store) = filled(2_000).await;
    let count = async |store: &Embedded| {
        let mut query = Query::of(Source::Partition("p".to_owned()), 1000);
        let mut found = 0;
        loop {
            let page = store.query(query.clone()).await.unwrap();
            found += page.items.len();
            match page.next {
                Some(next) => query.after = Some(next),
                None => return found,
            }
        }
    };
    let killed = file.copy();
    let (opened, read) = killed.open();
    assert!(read > 2_000 * 1000, "{read}");
    assert_eq!(count(&opened).await, 2_000);

    store.settle().await.unwrap();
    let settled = file.copy();
    let (opened, read) = settled.open();
    assert!(read < READ_AT_OPENING, "{read} of {}", settled.size());
    assert_eq!(count(&opened).await, 2_000);
    // One that was killed again before anything was written.
    let (opened, read) = settled.copy().open();
    assert!(read < READ_AT_OPENING, "{read}");
    drop(opened);

    // A commit after it counts, and is found by a check.
    store.commit(vec![Write::create(item("x"))]).await.unwrap();
    let (opened, read) = file.copy().open();
    assert!(read > 2_000 * 1000, "{read}");
    assert_eq!(count(&opened).await, 2_001);
}
