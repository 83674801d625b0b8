use super::*;

fn refused(outcome: Result<impl std::fmt::Debug, StorageError>) -> String {
    match outcome {
        Err(error @ StorageError::Limit(_)) if !error.is_retryable() => error.to_string(),
        other => panic!("no limit: {other:?}"),
    }
}

/// A text that makes an item with this key `bytes` large.
fn item_of(backend: &Backend, sk: &str, bytes: usize) -> Item {
    let make =
        |text: String| Item::new(backend.key("p", sk), "thing", &json!({ "t": text })).unwrap();
    let rest = storage::limits::item_bytes(&make(String::new()));
    make("x".repeat(bytes - rest))
}

pub(super) async fn are_clear_errors(backend: Backend) {
    let puts = |count: usize| (0..count).map(|n| Write::put(backend.item("p", &n.to_string())));
    let error = refused(backend.commit(puts(101)).await);
    assert!(error.contains("101 writes, the limit is 100"), "{error}");

    let twice = [
        Write::put(backend.item("p", "1")),
        Write::check(backend.key("p", "1"), Expect::Absent),
    ];
    let error = refused(backend.commit(twice).await);
    assert!(
        error.contains("write 1 is about the key of an earlier one"),
        "{error}"
    );

    let empty = refused(backend.commit([Write::put(backend.item("p", ""))]).await);
    assert!(empty.contains("empty sk"), "{empty}");
    let unreadable = Write::put(backend.item("p", "a\u{1f}b"));
    let error = refused(backend.commit([unreadable]).await);
    assert!(error.contains("sk with a control character"), "{error}");

    let keys: Vec<_> = (0..101).map(|n| backend.key("p", &n.to_string())).collect();
    let error = refused(backend.store.get(&keys).await);
    assert!(error.contains("101 keys, the limit is 100"), "{error}");
    refused(backend.store.get(&[Key::new("", "s")]).await);

    for limit in [0, 1001] {
        let error = refused(backend.store.query(backend.of("p", limit)).await);
        assert!(error.contains(&format!("page of {limit}")), "{error}");
    }
    let nowhere = Query::of(Source::Partition(String::new()), 1);
    let error = refused(backend.store.query(nowhere).await);
    assert!(error.contains("empty partition"), "{error}");

    let big = item_of(&backend, "big", MAX_ITEM_BYTES + 1);
    let outcome = backend
        .commit([Write::create(backend.item("p", "small")), Write::put(big)])
        .await;
    match outcome {
        Err(StorageError::TooLarge { key, bytes }) => {
            assert_eq!((key, bytes), (backend.key("p", "big"), 409_601));
        }
        other => panic!("{other:?}"),
    }
    // Nothing of all that was written.
    assert_eq!(backend.all(&backend.of("p", 1000)).await, [""; 0]);
}

pub(super) async fn reach_to_their_edge(backend: Backend) {
    let big = item_of(&backend, "big", backend.largest);
    backend.commit([Write::put(big.clone())]).await.unwrap();
    assert_eq!(backend.get(&big.key).await, Some(big));
    let long = backend.item("p", &"k".repeat(1024));
    backend.commit([Write::put(long.clone())]).await.unwrap();
    assert_eq!(backend.get(&long.key).await, Some(long));
    let several = (0..9).map(|n| Write::put(item_of(&backend, &n.to_string(), backend.largest)));
    backend.commit(several).await.unwrap();
    let keys: Vec<_> = (0..9).map(|n| backend.key("p", &n.to_string())).collect();
    let found = backend.store.get(&keys).await.unwrap();
    assert_eq!(found.into_iter().flatten().count(), 9);
}

pub(super) async fn refuse_positions_from_elsewhere(backend: Backend) {
    let position = |pk: &str, sk: &str, sort: Option<&str>| Position {
        key: backend.key(pk, sk),
        sort: sort.map(str::to_owned),
    };
    let prefix = Range::Prefix("M#".to_owned());
    let cases = [
        // Another partition, a place of an index, out of range, no place at all.
        (backend.of("p", 1), position("q", "1", None)),
        (backend.of("p", 1), position("p", "1", Some("1"))),
        (
            backend.of("p", 1).range(prefix.clone()),
            position("p", "N#1", None),
        ),
        (backend.of("p", 1), position("p", "", None)),
        (backend.of_index("i", 1), position("p", "1", None)),
        (
            backend.of_index("i", 1).range(prefix),
            position("p", "1", Some("N")),
        ),
        (
            backend.of_index("i", 1),
            position("p", "1", Some("a\u{1f}b")),
        ),
    ];
    for (query, position) in cases {
        let outcome = backend
            .store
            .query(query.after(Some(position.clone())))
            .await;
        assert!(
            matches!(outcome, Err(StorageError::Position)),
            "{position:?}: {outcome:?}"
        );
    }
}
