use super::*;

pub(super) async fn hides_items_from_reads(backend: Backend) {
    let old = backend
        .item("p", "1")
        .indexed(backend.pk("i"), "1")
        .expiring(PAST);
    let new = backend
        .item("p", "2")
        .indexed(backend.pk("i"), "2")
        .expiring(FUTURE);
    let ever = backend.item("p", "3").indexed(backend.pk("i"), "3");
    backend
        .put_all(&[old.clone(), new.clone(), ever.clone()])
        .await;
    assert_eq!(backend.get(&old.key).await, None);
    let keys = [&old, &new, &ever].map(|item| item.key.clone());
    let found = backend.store.get(&keys).await.unwrap();
    assert_eq!(found, [None, Some(new), Some(ever)]);
    assert_eq!(backend.all(&backend.of("p", 10)).await, ["2", "3"]);
    assert_eq!(backend.all(&backend.of_index("i", 10)).await, ["2", "3"]);
}

pub(super) async fn counts_as_absence(backend: Backend) {
    let old = backend
        .item("p", "1")
        .indexed(backend.pk("i"), "1")
        .expiring(PAST);
    backend.put_all(std::slice::from_ref(&old)).await;
    let late = Write::replace(backend.item("p", "1"), old.version.clone());
    assert_eq!(lost(backend.commit([late]).await), [0]);
    let new = backend.item("p", "1");
    backend.commit([Write::create(new.clone())]).await.unwrap();
    assert_eq!(backend.get(&new.key).await, Some(new.clone()));
    assert_eq!(backend.all(&backend.of_index("i", 10)).await, [""; 0]);
    // It expires again, and may be created again in a commit of many.
    let old = backend.item("p", "1").expiring(PAST);
    backend
        .commit([Write::replace(old, new.version)])
        .await
        .unwrap();
    let writes = ["1", "2"].map(|sk| Write::create(backend.item("p", sk)));
    backend.commit(writes).await.unwrap();
    assert_eq!(backend.all(&backend.of("p", 10)).await, ["1", "2"]);
}

pub(super) async fn leaves_pages_full(backend: Backend) {
    let items: Vec<_> = (0..30)
        .map(|n| {
            let item = backend
                .item("p", &format!("{n:02}"))
                .indexed(backend.pk("i"), "s");
            // The last ones are expired too: the page before them is the last.
            if n % 3 == 0 || n > 24 {
                item.expiring(PAST)
            } else {
                item
            }
        })
        .collect();
    backend.put_all(&items).await;
    let live: Vec<_> = items
        .into_iter()
        .filter(|item| item.expires_at.is_none())
        .collect();
    assert_eq!(live.len(), 16);
    for query in [backend.of("p", 4), backend.of_index("i", 4)] {
        let mut query = query;
        for wanted in live.chunks(4) {
            let page = backend.page(&query).await;
            assert_eq!(page.items, wanted);
            query.after = page.next;
        }
        assert_eq!(query.after, None);
    }
}
