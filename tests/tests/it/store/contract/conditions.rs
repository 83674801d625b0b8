use super::*;

/// What a write finds.
#[derive(Clone, Copy, Debug)]
enum ItemState {
    Nothing,
    Present,
    Expired,
}

/// What a write expects.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Absent,
    ThisVersion,
    OtherVersion,
    Anything,
}

/// Every expectation over everything that may be found, and whether it holds.
const TABLE: [(Expected, ItemState, bool); 12] = [
    (Expected::Absent, ItemState::Nothing, true),
    (Expected::Absent, ItemState::Present, false),
    (Expected::Absent, ItemState::Expired, true),
    (Expected::ThisVersion, ItemState::Nothing, false),
    (Expected::ThisVersion, ItemState::Present, true),
    (Expected::ThisVersion, ItemState::Expired, false),
    (Expected::OtherVersion, ItemState::Nothing, false),
    (Expected::OtherVersion, ItemState::Present, false),
    (Expected::OtherVersion, ItemState::Expired, false),
    (Expected::Anything, ItemState::Nothing, true),
    (Expected::Anything, ItemState::Present, true),
    (Expected::Anything, ItemState::Expired, true),
];

const ACTIONS: [&str; 3] = ["put", "delete", "check"];

/// The write of one row of the table, over what it finds, and the item that it puts.
async fn write(
    backend: &Backend,
    row: (Expected, ItemState),
    action: &str,
    sk: &str,
) -> (Write, Item) {
    let before = match row.1 {
        ItemState::Expired => backend.item("p", sk).expiring(PAST),
        ItemState::Nothing | ItemState::Present => backend.item("p", sk),
    };
    if !matches!(row.1, ItemState::Nothing) {
        backend.commit([Write::put(before.clone())]).await.unwrap();
    }
    let expect = match row.0 {
        Expected::Absent => Expect::Absent,
        Expected::ThisVersion => Expect::Version(before.version.clone()),
        Expected::OtherVersion => Expect::Version(Version::fresh()),
        Expected::Anything => Expect::Anything,
    };
    let after = backend.item("p", sk);
    let action = match action {
        "put" => Action::Put(after.clone()),
        "delete" => Action::Delete(after.key.clone()),
        _ => Action::Check(after.key.clone()),
    };
    (Write { action, expect }, after)
}

async fn try_all(backend: &Backend, together: bool) {
    for (number, (expected, found, holds)) in TABLE.into_iter().enumerate() {
        for action in ACTIONS {
            let sk = format!("{action}{number}{together}");
            let (write, put) = write(backend, (expected, found), action, &sk).await;
            let key = put.key.clone();
            let before = backend.get(&key).await;
            let beside = backend.item("beside", &sk);
            let writes: Vec<_> = if together {
                vec![Write::create(beside.clone()), write]
            } else {
                vec![write]
            };
            let place = writes.len() - 1;
            let outcome = backend.commit(writes).await;
            let what = format!("{action} that expects {expected:?} and finds {found:?}");
            let after = match (holds, action) {
                (false, _) | (true, "check") => before,
                (true, "delete") => None,
                _ => Some(put),
            };
            match (holds, outcome) {
                (true, Ok(())) => {}
                (false, Err(error)) if error.lost(place) && !error.lost(place + 1) => {
                    assert!(!error.is_retryable());
                }
                (_, outcome) => panic!("{what}: {outcome:?}"),
            }
            assert_eq!(backend.get(&key).await, after, "{what}");
            let beside_is_there = backend.get(&beside.key).await.is_some();
            assert_eq!(beside_is_there, together && holds, "{what}");
        }
    }
}

pub(super) async fn hold_or_not_as_they_say(backend: Backend) {
    try_all(&backend, false).await;
}

pub(super) async fn hold_for_each_write_of_many(backend: Backend) {
    try_all(&backend, true).await;
}

pub(super) async fn name_every_write_that_lost(backend: Backend) {
    let there = backend.item("p", "there");
    backend
        .commit([Write::create(there.clone())])
        .await
        .unwrap();
    let writes = [
        Write::check(backend.key("p", "any"), Expect::Anything),
        Write::create(backend.item("p", "new")),
        Write::create(backend.item("p", "there")),
        Write::check(backend.key("p", "gone"), Expect::Version(Version::fresh())),
        Write::delete(backend.key("p", "also gone"), Expect::Anything),
        Write::delete(
            backend.key("p", "absent"),
            Expect::Version(Version::fresh()),
        ),
        Write::put(backend.item("p", "any way")),
    ];
    assert_eq!(lost(backend.commit(writes).await), [2, 3, 5]);
    assert_eq!(backend.all(&backend.of("p", 10)).await, ["there"]);
    assert_eq!(backend.get(&there.key).await, Some(there));
}

pub(super) async fn refuse_all_or_nothing(backend: Backend) {
    let there = backend.item("p", "050");
    backend.commit([Write::create(there)]).await.unwrap();
    let hundred = || (0..100).map(|n| Write::create(backend.item("p", &format!("{n:03}"))));
    assert_eq!(lost(backend.commit(hundred()).await), [50]);
    assert_eq!(backend.all(&backend.of("p", 1000)).await, ["050"]);

    let key = backend.key("p", "050");
    backend
        .commit([Write::delete(key, Expect::Anything)])
        .await
        .unwrap();
    backend.commit(hundred()).await.unwrap();
    assert_eq!(backend.all(&backend.of("p", 1000)).await.len(), 100);
    assert_eq!(lost(backend.commit(hundred()).await).len(), 100);
}

pub(super) async fn are_checked_without_writing(backend: Backend) {
    let item = backend.item("p", "1");
    backend.commit([Write::create(item.clone())]).await.unwrap();
    backend.commit([]).await.unwrap();
    let version = || Expect::Version(item.version.clone());
    let checks = [
        Write::check(item.key.clone(), version()),
        Write::check(backend.key("p", "2"), Expect::Absent),
        Write::check(backend.key("p", "3"), Expect::Anything),
    ];
    backend.commit(checks.clone()).await.unwrap();
    for check in checks {
        backend.commit([check]).await.unwrap();
    }
    assert_eq!(backend.all(&backend.of("p", 10)).await, ["1"]);
}

/// What stands alone beside a commit is written with it, and decides nothing.
pub(super) async fn leave_out_what_stands_alone(backend: Backend) {
    let there = backend.item("p", "there");
    backend
        .commit([Write::create(there.clone())])
        .await
        .unwrap();
    let (before, after) = (backend.item("p", "before"), backend.item("p", "after"));
    let around = || {
        [
            Write::alone(after.clone(), When::After),
            Write::alone(before.clone(), When::Before),
        ]
    };
    let taken = Write::create(backend.item("p", "there"));
    let outcome = backend.commit(around().into_iter().chain([taken])).await;
    assert_eq!(lost(outcome), [2], "by its place among all");
    assert_eq!(backend.get(&after.key).await, None);

    let more = backend.item("p", "more");
    let one = Write::create(more.clone());
    backend
        .commit(around().into_iter().chain([one]))
        .await
        .unwrap();
    for item in [&before, &after, &more] {
        assert_eq!(backend.get(&item.key).await.as_ref(), Some(item));
    }
    // Over whatever is there, and without any others.
    let again = backend.item("p", "before");
    backend
        .commit([Write::alone(again.clone(), When::Before)])
        .await
        .unwrap();
    assert_eq!(backend.get(&again.key).await, Some(again));
    let delete = Write {
        action: Action::Delete(more.key.clone()),
        expect: Expect::Alone(When::After),
    };
    let outcome = backend.commit([delete]).await;
    assert!(
        matches!(outcome, Err(StorageError::Limit(_))),
        "{outcome:?}"
    );
}
