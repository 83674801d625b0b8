use super::*;

pub(super) async fn hides_items_from_reads(world: World) {
    let old = world
        .item("p", "1")
        .indexed(world.pk("i"), "1")
        .expiring(PAST);
    let new = world
        .item("p", "2")
        .indexed(world.pk("i"), "2")
        .expiring(FUTURE);
    let ever = world.item("p", "3").indexed(world.pk("i"), "3");
    world
        .put_all(&[old.clone(), new.clone(), ever.clone()])
        .await;
    assert_eq!(world.get(&old.key).await, None);
    let keys = [&old, &new, &ever].map(|item| item.key.clone());
    let found = world.store.get(&keys).await.unwrap();
    assert_eq!(found, [None, Some(new), Some(ever)]);
    assert_eq!(world.all(&world.of("p", 10)).await, ["2", "3"]);
    assert_eq!(world.all(&world.of_index("i", 10)).await, ["2", "3"]);
}

pub(super) async fn counts_as_absence(world: World) {
    let old = world
        .item("p", "1")
        .indexed(world.pk("i"), "1")
        .expiring(PAST);
    world.put_all(std::slice::from_ref(&old)).await;
    let late = Write::replace(world.item("p", "1"), old.version.clone());
    assert_eq!(lost(world.commit([late]).await), [0]);
    let new = world.item("p", "1");
    world.commit([Write::create(new.clone())]).await.unwrap();
    assert_eq!(world.get(&new.key).await, Some(new.clone()));
    assert_eq!(world.all(&world.of_index("i", 10)).await, [""; 0]);
    // It expires again, and may be created again in a commit of many.
    let old = world.item("p", "1").expiring(PAST);
    world
        .commit([Write::replace(old, new.version)])
        .await
        .unwrap();
    let writes = ["1", "2"].map(|sk| Write::create(world.item("p", sk)));
    world.commit(writes).await.unwrap();
    assert_eq!(world.all(&world.of("p", 10)).await, ["1", "2"]);
}

pub(super) async fn leaves_pages_full(world: World) {
    let items: Vec<_> = (0..30)
        .map(|n| {
            let item = world
                .item("p", &format!("{n:02}"))
                .indexed(world.pk("i"), "s");
            // The last ones are expired too: the page before them is the last.
            if n % 3 == 0 || n > 24 {
                item.expiring(PAST)
            } else {
                item
            }
        })
        .collect();
    world.put_all(&items).await;
    let live: Vec<_> = items
        .into_iter()
        .filter(|item| item.expires_at.is_none())
        .collect();
    assert_eq!(live.len(), 16);
    for query in [world.of("p", 4), world.of_index("i", 4)] {
        let mut query = query;
        for wanted in live.chunks(4) {
            let page = world.page(&query).await;
            assert_eq!(page.items, wanted);
            query.after = page.next;
        }
        assert_eq!(query.after, None);
    }
}
