//! The walk through a store that is too large to be checked when it is opened.

use super::*;

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
    // What is written meanwhile is not damage.
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
    let error = store.verify().await.unwrap_err();
    assert!(matches!(error, StorageError::Unopened { .. }), "{error:?}");
    let why = error.to_string();
    assert!(
        why.contains("is damaged (") && why.contains("bring back a copy"),
        "{why}"
    );
    drop(store);
    assert_eq!(refused(dir.path()), why);
}
