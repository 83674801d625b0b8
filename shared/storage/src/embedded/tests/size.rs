//! What opening reads of a store, however large it is.

use super::*;

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
