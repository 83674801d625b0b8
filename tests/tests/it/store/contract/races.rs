use domain::{catalog::Language, id::TicketId};
use service::{
    App,
    access::{Caller, Role},
    desk::{
        messages::{self, NewMessage, Reading},
        tickets,
    },
    settings::Settings,
};
use storage::Order;
use tokio::task::JoinSet;

use super::*;

const WRITERS: usize = 8;

/// Reads, changes and writes until it meets nobody.
async fn count_one(backend: &Backend, key: &Key) {
    loop {
        let item = backend.get(key).await.unwrap();
        let count = item.data["count"].as_u64().unwrap();
        let next = Item::new(key.clone(), "counter", &json!({ "count": count + 1 })).unwrap();
        match backend.commit([Write::replace(next, item.version)]).await {
            Ok(()) => return,
            Err(StorageError::Conflict { writes }) => assert_eq!(writes, [0]),
            Err(StorageError::Busy(_) | StorageError::Contended(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

pub(super) async fn lose_no_update(backend: Backend) {
    const EACH: usize = 12;
    let key = backend.key("p", "counter");
    let zero = Item::new(key.clone(), "counter", &json!({ "count": 0 })).unwrap();
    backend.commit([Write::create(zero)]).await.unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (backend, key) = (backend.clone(), key.clone());
        writers.spawn(async move {
            for _ in 0..EACH {
                count_one(&backend, &key).await;
            }
        });
    }
    writers.join_all().await;
    let count = backend.get(&key).await.unwrap().data["count"].as_u64();
    assert_eq!(count, Some((WRITERS * EACH) as u64));
}

pub(super) async fn have_one_winner(backend: Backend) {
    for round in 0..10 {
        let sk = format!("{round:02}");
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (backend, sk) = (backend.clone(), sk.clone());
            // Half of them alone, half beside a write of their own.
            writers.spawn(async move {
                let mut writes = vec![Write::create(backend.item("p", &sk))];
                if writer % 2 == 0 {
                    let own = format!("{sk}#{writer}");
                    writes.insert(0, Write::create(backend.item("own", &own)));
                }
                let place = writes.len() - 1;
                loop {
                    match backend.commit(writes.clone()).await {
                        Ok(()) => return true,
                        Err(StorageError::Busy(_) | StorageError::Contended(_)) => {}
                        Err(error) if error.lost(place) => return false,
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
        let winners = writers
            .join_all()
            .await
            .into_iter()
            .filter(|&won| won)
            .count();
        assert_eq!(winners, 1);
    }
    let own = backend.all(&backend.of("own", 1000)).await.len();
    assert!(own <= 10, "losers left {own} items");
}

/// Moves between accounts: their sum never changes, in any commit.
pub(super) async fn tear_no_commit(backend: Backend) {
    const ACCOUNTS: usize = 4;
    const MOVES: usize = 6;
    let key = |n: usize| backend.key("p", &n.to_string());
    let account = |key: Key, sum: i64| Item::new(key, "account", &json!({ "sum": sum })).unwrap();
    let new: Vec<_> = (0..ACCOUNTS).map(|n| account(key(n), 100)).collect();
    backend.put_all(&new).await;
    let mut movers = JoinSet::new();
    for mover in 0..WRITERS {
        let backend = backend.clone();
        movers.spawn(async move {
            let mut done = 0;
            while done < MOVES {
                let from = (mover + done) % ACCOUNTS;
                let to = (from + 1 + mover % 3) % ACCOUNTS;
                let keys = [from, to].map(|n| backend.key("p", &n.to_string()));
                let found = backend.store.get(&keys).await.unwrap();
                let moved: Vec<_> = found
                    .into_iter()
                    .flatten()
                    .zip([-1, 1])
                    .map(|(item, change)| {
                        let sum = item.data["sum"].as_i64().unwrap() + change;
                        let next = Item::new(item.key, "account", &json!({ "sum": sum })).unwrap();
                        Write::replace(next, item.version)
                    })
                    .collect();
                assert_eq!(moved.len(), 2);
                match backend.commit(moved).await {
                    Ok(()) => done += 1,
                    Err(StorageError::Conflict { writes }) => assert!(!writes.is_empty()),
                    Err(StorageError::Busy(_) | StorageError::Contended(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    movers.join_all().await;
    let sums: Vec<_> = backend
        .page(&backend.of("p", 10))
        .await
        .items
        .iter()
        .map(|item| item.data["sum"].as_i64().unwrap())
        .collect();
    assert_eq!(sums.iter().sum::<i64>(), 400, "{sums:?}");
}

/// As many as write on one ticket when a system falls behind: each waits for its turn, none is refused.
pub(super) async fn lose_no_message_of_many_writers(backend: Backend) {
    const MANY: usize = 64;
    let settings = Settings::read(|_| None).unwrap();
    // An emulator that other tests use takes a hundred times as long as the store that it stands for.
    let app = App::new(backend.store.clone(), settings)
        .with_slow_storage(std::time::Duration::from_secs(1));
    let desk = Caller {
        sub: "desk".to_owned(),
        email: None,
        name: "Integration".to_owned(),
        roles: vec![Role::Integration, Role::Admin],
        groups: Vec::new(),
    };
    let ticket: TicketId = backend.name.parse().unwrap();
    let snapshot = serde_json::from_value(json!({
        "id": ticket, "requester": { "name": "Ana", "email": "ana@example.com" },
    }))
    .unwrap();
    tickets::put(&app, &desk, ticket.as_str(), snapshot)
        .await
        .unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..MANY {
        let (app, desk, ticket) = (app.clone(), desk.clone(), ticket.clone());
        let new: NewMessage = serde_json::from_value(json!({
            "text": format!("{writer}"), "notify": false,
            "author": { "name": "Bia", "role": "technician" },
        }))
        .unwrap();
        writers.spawn(async move { messages::post(&app, &desk, &ticket, &new, None).await });
    }
    for posted in writers.join_all().await {
        posted.unwrap();
    }
    let part = messages::list(
        &app,
        &desk,
        &ticket,
        Reading::All(Order::Ascending),
        MANY + 1,
        None,
        Language::En,
    )
    .await
    .unwrap();
    let texts: std::collections::BTreeSet<_> = part
        .rows
        .rows
        .iter()
        .map(|(listed, _)| listed.message.text.clone())
        .collect();
    assert_eq!(texts.len(), MANY);
    let view = tickets::read(&app, &desk, &ticket).await.unwrap();
    assert_eq!(view.messages, MANY as u64);
}
