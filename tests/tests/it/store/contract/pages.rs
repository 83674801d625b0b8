use super::*;

pub(super) async fn go_forth_and_back(backend: Backend) {
    let names: Vec<_> = (0..23).map(|n| format!("{n:02}")).collect();
    let items: Vec<_> = names.iter().map(|sk| backend.item("p", sk)).collect();
    backend.put_all(&items).await;
    backend
        .put_all(&[backend.item("o", "00"), backend.item("q", "99")])
        .await;
    let back: Vec<_> = names.iter().rev().cloned().collect();
    for limit in [1, 2, 7, 22, 23, 24, 1000] {
        let query = backend.of("p", limit);
        assert_eq!(backend.all(&query).await, names, "{limit}");
        assert_eq!(backend.all(&query.descending()).await, back, "{limit}");
    }
}

pub(super) async fn end_where_the_items_end(backend: Backend) {
    let empty = backend.page(&backend.of("p", 10)).await;
    assert_eq!(empty, Page::default());
    let items: Vec<_> = ["a", "b", "c", "d"].map(|sk| backend.item("p", sk)).into();
    backend.put_all(&items).await;

    let page = backend.page(&backend.of("p", 4)).await;
    assert_eq!((page.items.as_slice(), page.next), (items.as_slice(), None));
    let page = backend.page(&backend.of("p", 2)).await;
    let end = Position {
        key: backend.key("p", "b"),
        sort: None,
    };
    assert_eq!(page.next, Some(end));
    let page = backend.page(&backend.of("p", 2).after(page.next)).await;
    assert_eq!((page.items.as_slice(), page.next), (&items[2..], None));
    // A position is where something was, whether it still is or not.
    let between = Position {
        key: backend.key("p", "bb"),
        sort: None,
    };
    let query = backend.of("p", 10).after(Some(between));
    assert_eq!(backend.all(&query).await, ["c", "d"]);
    assert_eq!(backend.all(&query.descending()).await, ["b", "a"]);
}

/// Ranges, and which of these names they take; in the order of the names.
const NAMES: [&str; 9] = ["D#1", "M", "M#", "M#1", "M#10", "M#2", "M#é", "M$", "T"];

pub(super) fn ranges() -> Vec<(Range, &'static [&'static str])> {
    let between = |a: &str, b: &str| Range::Between(a.to_owned(), b.to_owned());
    let prefix = |a: &str| Range::Prefix(a.to_owned());
    let at_most = |a: &str| Range::AtMost(a.to_owned());
    vec![
        (Range::All, &NAMES),
        (prefix(""), &NAMES),
        (prefix("M#"), &["M#", "M#1", "M#10", "M#2", "M#é"]),
        (prefix("M#1"), &["M#1", "M#10"]),
        (prefix("X"), &[]),
        (between("M#1", "M#2"), &["M#1", "M#10", "M#2"]),
        (between("M#1", "M#1"), &["M#1"]),
        (between("M#11", "M#19"), &[]),
        (between("", "M"), &["D#1", "M"]),
        (between("M#2", "M#1"), &[]),
        (between("M", ""), &[]),
        (at_most("M#1"), &["D#1", "M", "M#", "M#1"]),
        (at_most("C"), &[]),
        (at_most(""), &[]),
        (at_most("zzz"), &NAMES),
    ]
}

pub(super) async fn take_ranges(backend: Backend) {
    backend
        .put_all(&NAMES.map(|sk| backend.item("p", sk)))
        .await;
    for (range, wanted) in ranges() {
        for limit in [2, 100] {
            let query = backend.of("p", limit).range(range.clone());
            assert_eq!(backend.all(&query).await, wanted, "{range:?} by {limit}");
            let mut found = backend.all(&query.descending()).await;
            found.reverse();
            assert_eq!(found, wanted, "{range:?} backwards by {limit}");
        }
    }
}

pub(super) async fn stay_where_they_are_when_items_come_and_go(backend: Backend) {
    let items: Vec<_> = (0..20)
        .step_by(2)
        .map(|n| backend.item("p", &format!("{n:02}")))
        .collect();
    backend.put_all(&items).await;
    let first = backend.page(&backend.of("p", 4)).await;
    assert_eq!(first.items, items[..4]);
    // Before the position, behind it, and the item it names itself.
    backend
        .put_all(&[
            backend.item("p", "01"),
            backend.item("p", "07"),
            backend.item("p", "09"),
        ])
        .await;
    for sk in ["06", "08"] {
        let gone = Write::delete(backend.key("p", sk), Expect::Anything);
        backend.commit([gone]).await.unwrap();
    }
    let rest = backend.all(&backend.of("p", 4).after(first.next)).await;
    assert_eq!(rest, ["07", "09", "10", "12", "14", "16", "18"]);
}

pub(super) async fn end_by_size_and_go_on(backend: Backend) {
    let text = "x".repeat(300 * 1024);
    for n in 0..8 {
        let key = backend.key("p", &n.to_string());
        let big = Item::new(key, "thing", &json!({ "text": text })).unwrap();
        backend
            .commit([Write::create(big.indexed(backend.pk("i"), "s"))])
            .await
            .unwrap();
    }
    let names = ["0", "1", "2", "3", "4", "5", "6", "7"];
    for query in [backend.of("p", 1000), backend.of_index("i", 1000)] {
        assert!(backend.page(&query).await.items.len() < 8);
        let mut query = query;
        let mut found = Vec::new();
        loop {
            let page = backend.page(&query).await;
            found.extend(page.items.into_iter().map(|item| item.key.sk));
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        assert_eq!(found, names);
    }
}
