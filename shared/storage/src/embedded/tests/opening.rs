//! The file: who may have it, and what is said of one that cannot be used.

use super::*;

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
    assert!(
        why.contains("cannot be made or read") && why.contains("choose another data folder"),
        "{why}"
    );

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
            Err(StorageError::Unopened { .. }) => refusals += 1,
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
async fn a_copy_that_was_brought_back_is_noticed_until_it_is_accepted() {
    let dir = TempDir::new().unwrap();
    let (folder, mark) = (dir.path().join("store"), dir.path().join("store.mark"));
    let open = |copy| Embedded::open_marked(&folder, &mark, copy);
    let (path, copy) = (folder.join(FILE_NAME), dir.path().join("copy"));
    let store = open(Copy::Report).unwrap();
    store.commit(vec![Write::create(item("1"))]).await.unwrap();
    drop(store);
    fs::copy(&path, &copy).unwrap();
    let store = open(Copy::Report).unwrap();
    assert!(!store.is_older_copy());
    store.commit(vec![Write::create(item("2"))]).await.unwrap();
    drop(store);
    fs::copy(&copy, &path).unwrap();
    // Whatever is written meanwhile, and however often it is opened.
    for n in 3..8 {
        let store = open(Copy::Report).unwrap();
        assert!(store.is_older_copy());
        let write = Write::create(item(&n.to_string()));
        store.commit(vec![write]).await.unwrap();
    }
    let store = open(Copy::Accept).unwrap();
    assert!(!store.is_older_copy());
    store.commit(vec![Write::create(item("9"))]).await.unwrap();
    drop(store);
    assert!(!open(Copy::Report).unwrap().is_older_copy());
}

#[test]
fn a_store_that_is_missing_or_cut_beside_its_mark_is_refused_with_advice() {
    let dir = TempDir::new().unwrap();
    let (folder, mark) = (dir.path().join("store"), dir.path().join("store.mark"));
    let open = || Embedded::open_marked(&folder, &mark, Copy::Report);
    drop(open().unwrap());
    let path = folder.join(FILE_NAME);
    let whole = fs::read(&path).unwrap();
    for cut in [None, Some(0), Some(1), Some(100), Some(whole.len() / 2)] {
        fs::remove_file(&path).unwrap_or_default();
        if let Some(length) = cut {
            fs::write(&path, &whole[..length]).unwrap();
        }
        let Err(error @ StorageError::Unopened { .. }) = open() else {
            panic!("{cut:?}: a store without a word");
        };
        let why = error.to_string();
        assert!(
            why.contains("ring back a copy") || why.contains("choose another"),
            "{why}"
        );
    }
    fs::remove_file(&path).unwrap();
    fs::remove_file(&mark).unwrap();
    open().unwrap();
}
