//! What the contract suite (`tests/`) does not reach: the file, its owner, faults, its news.

mod opening;
mod size;
mod walk;

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
        Err(error @ StorageError::Unopened { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
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
