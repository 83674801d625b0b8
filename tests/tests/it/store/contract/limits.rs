use super::*;

fn refused(outcome: Result<impl std::fmt::Debug, StorageError>) -> String {
    match outcome {
        Err(error @ StorageError::Limit(_)) if !error.is_retryable() => error.to_string(),
        other => panic!("no limit: {other:?}"),
    }
}

/// A text that makes an item with this key `bytes` large.
fn item_of(world: &World, sk: &str, bytes: usize) -> Item {
    let make =
        |text: String| Item::new(world.key("p", sk), "thing", &json!({ "t": text })).unwrap();
    let rest = storage::limits::item_bytes(&make(String::new()));
    make("x".repeat(bytes - rest))
}

pub(super) async fn are_clear_errors(world: World) {
    let puts = |count: usize| (0..count).map(|n| Write::put(world.item("p", &n.to_string())));
    let error = refused(world.commit(puts(101)).await);
    assert!(error.contains("101 writes, the limit is 100"), "{error}");

    let twice = [
        Write::put(world.item("p", "1")),
        Write::check(world.key("p", "1"), Expect::Absent),
    ];
    let error = refused(world.commit(twice).await);
    assert!(
        error.contains("write 1 is about the key of an earlier one"),
        "{error}"
    );

    let empty = refused(world.commit([Write::put(world.item("p", ""))]).await);
    assert!(empty.contains("empty sk"), "{empty}");
    let unreadable = Write::put(world.item("p", "a\u{1f}b"));
    let error = refused(world.commit([unreadable]).await);
    assert!(error.contains("sk with a control character"), "{error}");

    let keys: Vec<_> = (0..101).map(|n| world.key("p", &n.to_string())).collect();
    let error = refused(world.store.get(&keys).await);
    assert!(error.contains("101 keys, the limit is 100"), "{error}");
    refused(world.store.get(&[Key::new("", "s")]).await);

    for limit in [0, 1001] {
        let error = refused(world.store.query(world.of("p", limit)).await);
        assert!(error.contains(&format!("page of {limit}")), "{error}");
    }
    let nowhere = Query::of(Source::Partition(String::new()), 1);
    let error = refused(world.store.query(nowhere).await);
    assert!(error.contains("empty partition"), "{error}");

    let big = item_of(&world, "big", MAX_ITEM_BYTES + 1);
    let outcome = world
        .commit([Write::create(world.item("p", "small")), Write::put(big)])
        .await;
    match outcome {
        Err(StorageError::TooLarge { key, bytes }) => {
            assert_eq!((key, bytes), (world.key("p", "big"), 409_601));
        }
        other => panic!("{other:?}"),
    }
    // Nothing of all that was written.
    assert_eq!(world.all(&world.of("p", 1000)).await, [""; 0]);
}

pub(super) async fn reach_to_their_edge(world: World) {
    let big = item_of(&world, "big", world.largest);
    world.commit([Write::put(big.clone())]).await.unwrap();
    assert_eq!(world.get(&big.key).await, Some(big));
    let long = world.item("p", &"k".repeat(1024));
    world.commit([Write::put(long.clone())]).await.unwrap();
    assert_eq!(world.get(&long.key).await, Some(long));
    let several = (0..9).map(|n| Write::put(item_of(&world, &n.to_string(), world.largest)));
    world.commit(several).await.unwrap();
    let keys: Vec<_> = (0..9).map(|n| world.key("p", &n.to_string())).collect();
    let found = world.store.get(&keys).await.unwrap();
    assert_eq!(found.into_iter().flatten().count(), 9);
}

pub(super) async fn refuse_positions_from_elsewhere(world: World) {
    let position = |pk: &str, sk: &str, sort: Option<&str>| Position {
        key: world.key(pk, sk),
        sort: sort.map(str::to_owned),
    };
    let prefix = Range::Prefix("M#".to_owned());
    let cases = [
        // Another partition, a place of an index, out of range, no place at all.
        (world.of("p", 1), position("q", "1", None)),
        (world.of("p", 1), position("p", "1", Some("1"))),
        (
            world.of("p", 1).range(prefix.clone()),
            position("p", "N#1", None),
        ),
        (world.of("p", 1), position("p", "", None)),
        (world.of_index("i", 1), position("p", "1", None)),
        (
            world.of_index("i", 1).range(prefix),
            position("p", "1", Some("N")),
        ),
        (world.of_index("i", 1), position("p", "1", Some("a\u{1f}b"))),
    ];
    for (query, position) in cases {
        let outcome = world.store.query(query.after(Some(position.clone()))).await;
        assert!(
            matches!(outcome, Err(StorageError::Position)),
            "{position:?}: {outcome:?}"
        );
    }
}
