use super::*;

pub(super) async fn come_back_as_they_went(backend: Backend) {
    let data = json!({
        "text": "ação 🚀 \"quoted\"\n", "empty": "", "none": null, "yes": true, "no": false,
        "numbers": [0, -1, 1.5, 9_007_199_254_740_993_i64, u64::MAX],
        "nested": {"list": [[], {}, ["x", {"y": [1]}]]},
    });
    let plain = Item::new(backend.key("p", "1"), "thing", &data).unwrap();
    let full = Item::new(backend.key("p", "2"), "other", &data)
        .unwrap()
        .indexed(backend.pk("i"), "sort")
        .expiring(FUTURE);
    for item in [plain, full] {
        backend.commit([Write::create(item.clone())]).await.unwrap();
        assert_eq!(backend.get(&item.key).await, Some(item));
    }
}

pub(super) async fn come_in_the_order_of_their_keys(backend: Backend) {
    let items: Vec<_> = (0..100)
        .map(|n| backend.item("p", &format!("{n:03}")))
        .collect();
    backend.put_all(&items).await;
    assert_eq!(backend.store.get(&[]).await.unwrap(), []);

    let keys: Vec<_> = items.iter().rev().map(|item| item.key.clone()).collect();
    let found = backend.store.get(&keys).await.unwrap();
    let wanted: Vec<_> = items.iter().rev().cloned().map(Some).collect();
    assert_eq!(found, wanted);

    let absent = backend.key("p", "absent");
    let some = [&keys[7], &absent, &keys[7], &keys[3]].map(Clone::clone);
    let found = backend.store.get(&some).await.unwrap();
    let wanted = [&wanted[7], &None, &wanted[7], &wanted[3]].map(Clone::clone);
    assert_eq!(found, wanted);
}

pub(super) async fn have_keys_of_any_alphabet(backend: Backend) {
    // In the order of their UTF-8 bytes, which is not that of UTF-16.
    let keys = [
        "A b",
        "Zé",
        "a/b#c?d%20",
        "z",
        "ção",
        "日本語",
        "\u{ff5e}",
        "😀",
    ];
    let items = keys.map(|sk| backend.item("ção 😀", sk).indexed(backend.pk("ção"), sk));
    backend.put_all(&items).await;
    for item in &items {
        assert_eq!(backend.get(&item.key).await.as_ref(), Some(item));
    }
    assert_eq!(backend.all(&backend.of("ção 😀", 3)).await, keys);
    assert_eq!(backend.all(&backend.of_index("ção", 3)).await, keys);
}

pub(super) async fn are_replaced_whole(backend: Backend) {
    let first = Item::new(backend.key("p", "1"), "first", &json!({"a": 1}))
        .unwrap()
        .indexed(backend.pk("i"), "sort")
        .expiring(FUTURE);
    let second = Item::new(backend.key("p", "1"), "second", &json!({"b": 2})).unwrap();
    assert_ne!(first.version, second.version);
    backend.commit([Write::put(first.clone())]).await.unwrap();
    backend
        .commit([Write::replace(second.clone(), first.version)])
        .await
        .unwrap();
    assert_eq!(backend.get(&second.key).await, Some(second));
}

pub(super) async fn leave_when_deleted(backend: Backend) {
    let items = [
        backend.item("p", "1"),
        backend.item("p", "2"),
        backend.item("p", "3"),
    ];
    backend.put_all(&items).await;
    let delete = |n: usize, expect| Write::delete(items[n].key.clone(), expect);
    let version = Expect::Version(items[0].version.clone());
    backend.commit([delete(0, version)]).await.unwrap();
    // Alone and in a transaction, of what is there and of what is not.
    backend.commit([delete(0, Expect::Anything)]).await.unwrap();
    backend.commit([delete(0, Expect::Absent)]).await.unwrap();
    backend
        .commit([delete(0, Expect::Anything), delete(1, Expect::Anything)])
        .await
        .unwrap();
    assert_eq!(backend.all(&backend.of("p", 10)).await, ["3"]);
}
