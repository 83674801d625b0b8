use super::*;

pub(super) async fn holds_what_says_so(backend: Backend) {
    let items = [
        backend.item("p", "1").indexed(backend.pk("i"), "c"),
        backend.item("p", "2"),
        backend.item("q", "3").indexed(backend.pk("i"), "a"),
        backend.item("q", "4").indexed(backend.pk("j"), "b"),
    ];
    backend.put_all(&items).await;
    assert_eq!(backend.all(&backend.of_index("i", 10)).await, ["3", "1"]);
    assert_eq!(
        backend.all(&backend.of_index("i", 10).descending()).await,
        ["1", "3"]
    );
    assert_eq!(backend.all(&backend.of_index("k", 10)).await, [""; 0]);
    // The items are whole.
    assert_eq!(
        backend.page(&backend.of_index("j", 10)).await.items,
        items[3..]
    );
    // A partition of the table is not one of the index, and the other way round.
    assert_eq!(backend.all(&backend.of_index("p", 10)).await, [""; 0]);
    assert_eq!(backend.all(&backend.of("i", 10)).await, [""; 0]);
}

pub(super) async fn follows_every_put(backend: Backend) {
    let query = |partition| backend.of_index(partition, 10);
    let put = |place: Option<(&str, &str)>| {
        let item = backend.item("p", "1");
        let item = match place {
            Some((partition, sort)) => item.indexed(backend.pk(partition), sort),
            None => item,
        };
        backend.commit([Write::put(item)])
    };
    let other = backend.item("p", "2").indexed(backend.pk("i"), "b");
    backend.put_all(&[other]).await;

    put(Some(("i", "a"))).await.unwrap();
    assert_eq!(backend.all(&query("i")).await, ["1", "2"]);
    put(Some(("i", "c"))).await.unwrap();
    assert_eq!(backend.all(&query("i")).await, ["2", "1"]);
    put(Some(("j", "c"))).await.unwrap();
    assert_eq!(backend.all(&query("i")).await, ["2"]);
    assert_eq!(backend.all(&query("j")).await, ["1"]);
    put(None).await.unwrap();
    assert_eq!(backend.all(&query("j")).await, [""; 0]);
    put(Some(("j", "c"))).await.unwrap();
    let gone = Write::delete(backend.key("p", "1"), Expect::Anything);
    backend.commit([gone]).await.unwrap();
    assert_eq!(backend.all(&query("j")).await, [""; 0]);
    // A commit that is refused moves nothing.
    let moved = backend.item("p", "2").indexed(backend.pk("j"), "b");
    let writes = [
        Write::put(moved.clone()),
        Write::replace(backend.item("p", "3"), moved.version),
    ];
    assert_eq!(lost(backend.commit(writes).await), [1]);
    assert_eq!(backend.all(&query("i")).await, ["2"]);
}

/// Items whose sort values tie, in the order in which the index has them.
fn ties(backend: &Backend) -> Vec<Item> {
    let mut items = Vec::new();
    for (sort, pk, sk) in [
        ("1", "p", "a"),
        ("1", "p", "b"),
        ("1", "p", "c"),
        ("1", "q", "a1"),
        ("1 ", "p", "d"),
        ("10", "p", "0"),
        ("2", "p", "e"),
        ("2", "q", "d1"),
    ] {
        items.push(backend.item(pk, sk).indexed(backend.pk("i"), sort));
    }
    items
}

pub(super) async fn orders_ties_by_key(backend: Backend) {
    let mut items = ties(&backend);
    let names: Vec<_> = items.iter().map(|item| item.key.sk.clone()).collect();
    fastrand::shuffle(&mut items);
    for item in items {
        backend.commit([Write::create(item)]).await.unwrap();
    }
    assert_eq!(backend.all(&backend.of_index("i", 100)).await, names);
    let exactly_one = Range::Between("1".to_owned(), "1".to_owned());
    let found = backend
        .all(&backend.of_index("i", 100).range(exactly_one))
        .await;
    assert_eq!(found, ["a", "b", "c", "a1"]);
}

pub(super) async fn takes_ranges(backend: Backend) {
    let items = pages::ranges()[0].1.iter();
    let items: Vec<_> = items
        .map(|&n| backend.item("p", n).indexed(backend.pk("i"), n))
        .collect();
    backend.put_all(&items).await;
    for (range, wanted) in pages::ranges() {
        for limit in [2, 100] {
            let query = backend.of_index("i", limit).range(range.clone());
            assert_eq!(backend.all(&query).await, wanted, "{range:?} by {limit}");
            let mut found = backend.all(&query.descending()).await;
            found.reverse();
            assert_eq!(found, wanted, "{range:?} backwards by {limit}");
        }
    }
}

pub(super) async fn pages_over_ties(backend: Backend) {
    let items = ties(&backend);
    backend.put_all(&items).await;
    let names: Vec<_> = items.iter().map(|item| item.key.sk.clone()).collect();
    for limit in [1, 2, 3, 7, 8, 9] {
        assert_eq!(
            backend.all(&backend.of_index("i", limit)).await,
            names,
            "{limit}"
        );
        let mut back = backend
            .all(&backend.of_index("i", limit).descending())
            .await;
        back.reverse();
        assert_eq!(back, names, "{limit}");
    }
    // The item at the position has moved on since: nothing is skipped and nothing comes twice.
    let first = backend.page(&backend.of_index("i", 2)).await;
    let moved = backend.item("p", "b").indexed(backend.pk("i"), "3");
    backend.commit([Write::put(moved)]).await.unwrap();
    let rest = backend
        .all(&backend.of_index("i", 2).after(first.next))
        .await;
    assert_eq!(rest, ["c", "a1", "d", "0", "e", "d1", "b"]);
}

/// A query that wants no more gets at least the key and the place of each item.
pub(super) async fn tells_keys_and_places_alone(backend: Backend) {
    let item = |sk: &str| {
        backend
            .item("p", sk)
            .indexed(backend.pk("i"), format!("at {sk}"))
    };
    backend.put_all(&[item("1"), item("2"), item("3")]).await;
    let page = backend.page(&backend.of_index("i", 2).places()).await;
    let places: Vec<_> = page
        .items
        .iter()
        .map(|item| {
            (
                item.key.sk.as_str(),
                item.index.as_ref().map(|entry| entry.sort.as_str()),
            )
        })
        .collect();
    assert_eq!(places, [("1", Some("at 1")), ("2", Some("at 2"))]);
    let rest = backend.of_index("i", 2).places().after(page.next);
    assert_eq!(backend.all(&rest).await, ["3"]);
}
