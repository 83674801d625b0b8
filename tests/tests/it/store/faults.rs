//! The DynamoDB backend when the network or the service lets it down.

use std::sync::Arc;

use serde_json::json;
use storage::{
    Expect, Item, Key, Query, Source, Storage, StorageError, When, Write, dynamodb::DynamoDb,
};
use tests::{
    emulator::{TABLE, storage_at},
    faults::{Fate, Proxy},
    server::free_port,
};
use tokio::sync::Notify;
use uuid::Uuid;

use super::backends;

/// Calls that the backend makes for one answer.
const ATTEMPTS: usize = 5;

/// Storage through the proxy, and storage beside it.
struct Proxied {
    proxy: Proxy,
    store: DynamoDb,
    beside: DynamoDb,
    pk: String,
}

impl Proxied {
    async fn new() -> Self {
        let moto = backends::moto();
        let proxy = Proxy::before(&moto.endpoint()).await;
        Self {
            store: storage_at(&proxy.endpoint, TABLE),
            beside: moto.storage(),
            proxy,
            pk: Uuid::now_v7().to_string(),
        }
    }

    fn item(&self, sk: &str) -> Item {
        Item::new(Key::new(&self.pk, sk), "thing", &json!({ "sk": sk })).unwrap()
    }

    /// An item that is there.
    async fn there(&self, sk: &str) -> Item {
        let item = self.item(sk);
        self.beside
            .commit(vec![Write::put(item.clone())])
            .await
            .unwrap();
        item
    }

    async fn now(&self, key: &Key) -> Option<Item> {
        self.beside
            .get(std::slice::from_ref(key))
            .await
            .unwrap()
            .remove(0)
    }

    /// Commits with these fates, and tells which calls were made.
    async fn commit(
        &self,
        fates: impl IntoIterator<Item = Fate>,
        writes: Vec<Write>,
    ) -> (Result<(), StorageError>, Vec<String>) {
        self.proxy.plan(fates);
        (self.store.commit(writes).await, self.proxy.seen())
    }
}

fn throttled() -> Fate {
    Fate::dynamodb_error("ProvisionedThroughputExceededException")
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn a_lost_answer_or_request_of_a_put_is_made_good() {
    let proxied = Proxied::new().await;
    for fate in [
        Fate::LoseAnswer,
        Fate::LoseRequest,
        Fate::dynamodb_error("InternalServerError"),
    ] {
        let first = proxied.item(&format!("{fate:?}"));
        let create = vec![Write::create(first.clone())];
        let (outcome, calls) = proxied.commit([fate.clone()], create).await;
        outcome.unwrap();
        assert_eq!(calls, ["PutItem", "PutItem"]);
        assert_eq!(proxied.now(&first.key).await.as_ref(), Some(&first));

        let second = proxied.item(&first.key.sk);
        let replace = vec![Write::replace(second.clone(), first.version)];
        let (outcome, _) = proxied.commit([fate.clone(), fate], replace).await;
        outcome.unwrap();
        assert_eq!(proxied.now(&second.key).await, Some(second));
    }
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn an_answer_that_comes_too_late_is_made_good() {
    let proxied = Proxied::new().await;
    for forward in [true, false] {
        let stall = || Fate::Stall { forward };
        for writes in [1, 2] {
            let items: Vec<Item> = (0..writes)
                .map(|n| proxied.item(&format!("{forward} {writes} {n}")))
                .collect();
            let creates = items.iter().cloned().map(Write::create).collect();
            let (outcome, calls) = proxied.commit([stall()], creates).await;
            outcome.unwrap();
            assert!(calls.len() > 1, "{calls:?}");
            for item in items {
                assert_eq!(proxied.now(&item.key).await, Some(item));
            }
        }
        let item = proxied.there(&format!("{forward} read")).await;
        proxied.proxy.plan([stall()]);
        let found = proxied.store.get(std::slice::from_ref(&item.key)).await;
        assert_eq!(found.unwrap(), [Some(item)]);
    }
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn a_lost_answer_after_which_others_wrote_is_unknown() {
    let proxied = Proxied::new().await;
    let ours = proxied.item("1");
    let go = Arc::new(Notify::new());
    proxied
        .proxy
        .plan([Fate::LoseAnswer, Fate::Hold(Arc::clone(&go))]);
    let theirs = proxied.item("1");
    let replace = async {
        while proxied.proxy.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
        let replace = Write::replace(theirs.clone(), ours.version.clone());
        proxied.beside.commit(vec![replace]).await.unwrap();
        go.notify_one();
    };
    let create = proxied.store.commit(vec![Write::create(ours.clone())]);
    let (outcome, ()) = tokio::join!(create, replace);
    assert!(
        matches!(outcome, Err(StorageError::Unknown(_))),
        "{outcome:?}"
    );
    assert_eq!(proxied.now(&theirs.key).await, Some(theirs));
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn a_lost_race_is_a_conflict_when_every_answer_was_seen() {
    let proxied = Proxied::new().await;
    proxied.there("1").await;
    let create = vec![Write::create(proxied.item("1"))];
    let (outcome, calls) = proxied.commit([throttled()], create.clone()).await;
    assert!(outcome.unwrap_err().lost(0));
    assert_eq!(calls, ["PutItem", "PutItem"]);
    let (outcome, _) = proxied.commit([Fate::LoseRequest], create).await;
    assert!(
        matches!(outcome, Err(StorageError::Unknown(_))),
        "{outcome:?}"
    );
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn what_expects_anything_is_read_back_and_not_done_again() {
    let proxied = Proxied::new().await;
    let item = proxied.item("1");
    let put = vec![Write::put(item.clone())];
    let (outcome, calls) = proxied.commit([Fate::LoseRequest], put.clone()).await;
    assert!(
        matches!(outcome, Err(StorageError::Unknown(_))),
        "{outcome:?}"
    );
    assert_eq!(calls, ["PutItem", "BatchGetItem"]);
    let (outcome, calls) = proxied.commit([Fate::LoseAnswer], put).await;
    outcome.unwrap();
    assert_eq!(calls, ["PutItem", "BatchGetItem"]);

    let delete = || vec![Write::delete(item.key.clone(), Expect::Anything)];
    let (outcome, _) = proxied.commit([Fate::LoseRequest], delete()).await;
    assert!(
        matches!(outcome, Err(StorageError::Unknown(_))),
        "{outcome:?}"
    );
    let (outcome, _) = proxied.commit([Fate::LoseAnswer], delete()).await;
    outcome.unwrap();
    assert_eq!(proxied.now(&item.key).await, None);
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn a_delete_is_ours_only_when_it_was_seen() {
    let proxied = Proxied::new().await;
    for (fate, known) in [(Fate::LoseRequest, true), (Fate::LoseAnswer, false)] {
        let item = proxied.there("1").await;
        let expect = Expect::Version(item.version.clone());
        let delete = vec![Write::delete(item.key.clone(), expect)];
        let (outcome, calls) = proxied.commit([fate], delete).await;
        assert_eq!(calls, ["DeleteItem", "DeleteItem"]);
        assert_eq!(outcome.is_ok(), known);
        assert!(known || matches!(outcome, Err(StorageError::Unknown(_))));
        assert_eq!(proxied.now(&item.key).await, None);
    }
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn a_lost_answer_or_request_of_a_transaction_is_made_good() {
    let proxied = Proxied::new().await;
    for fate in [Fate::LoseAnswer, Fate::LoseRequest] {
        let gone = proxied.there("gone").await;
        let items = [
            proxied.item(&format!("1{fate:?}")),
            proxied.item(&format!("2{fate:?}")),
        ];
        let mut writes: Vec<_> = items.iter().cloned().map(Write::create).collect();
        let version = Expect::Version(gone.version.clone());
        writes.push(Write::delete(gone.key.clone(), version));
        let (outcome, calls) = proxied.commit([fate], writes).await;
        outcome.unwrap();
        assert_eq!(calls, ["TransactWriteItems"; 2]);
        for item in items {
            assert_eq!(proxied.now(&item.key).await, Some(item));
        }
        assert_eq!(proxied.now(&gone.key).await, None);
    }
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn what_stands_alone_is_written_around_the_commit() {
    let proxied = Proxied::new().await;
    let (before, after) = (proxied.item("before"), proxied.item("after"));
    let around = |sk: &str| {
        vec![
            Write::alone(after.clone(), When::After),
            Write::create(proxied.item(sk)),
            Write::alone(before.clone(), When::Before),
        ]
    };
    let (outcome, calls) = proxied.commit([], around("1")).await;
    outcome.unwrap();
    assert_eq!(calls, ["PutItem"; 3], "none costs twice");
    assert_eq!(proxied.now(&after.key).await.as_ref(), Some(&after));

    // Nothing is committed when what comes before it cannot be written.
    let (outcome, calls) = proxied
        .commit(vec![throttled(); ATTEMPTS], around("2"))
        .await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
    assert_eq!(calls.len(), ATTEMPTS);
    assert_eq!(proxied.now(&proxied.item("2").key).await, None);

    // What is committed is done, whatever becomes of what follows.
    let mut fates = vec![Fate::Pass; 2];
    fates.extend(vec![throttled(); ATTEMPTS]);
    let (outcome, _) = proxied.commit(fates, around("3")).await;
    outcome.unwrap();
    assert!(proxied.now(&proxied.item("3").key).await.is_some());
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn several_that_stand_alone_are_one_call() {
    let proxied = Proxied::new().await;
    let alone = |count: usize| -> (Vec<Item>, Vec<Write>) {
        let items: Vec<Item> = (0..count).map(|n| proxied.item(&n.to_string())).collect();
        let writes = items.iter().cloned();
        let writes = writes
            .map(|item| Write::alone(item, When::Before))
            .collect();
        (items, writes)
    };
    let all_there = async |items: &[Item]| {
        for item in items {
            assert_eq!(proxied.now(&item.key).await.as_ref(), Some(item));
        }
    };
    // One call carries 25.
    let (items, writes) = alone(26);
    let (outcome, calls) = proxied.commit([], writes).await;
    outcome.unwrap();
    assert_eq!(calls, ["BatchWriteItem"; 2]);
    all_there(&items).await;

    // What DynamoDB leaves out is written by another call.
    let (items, writes) = alone(3);
    let request = |item: &Item| {
        json!({ "PutRequest": { "Item": {
        "pk": { "S": item.key.pk }, "sk": { "S": item.key.sk }, "entity": { "S": "thing" },
        "data": { "M": { "sk": { "S": item.key.sk } } }, "version": { "S": item.version.0 },
    } } })
    };
    let left: Vec<_> = items.iter().map(request).collect();
    let body = json!({ "UnprocessedItems": { TABLE: left } }).to_string();
    let left = Fate::Answer(200, body);
    let (outcome, calls) = proxied.commit([left.clone(), throttled()], writes).await;
    outcome.unwrap();
    assert_eq!(calls, ["BatchWriteItem"; 3]);
    all_there(&items).await;
    let (_, writes) = alone(3);
    let (outcome, calls) = proxied.commit(vec![left; ATTEMPTS], writes).await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
    assert_eq!(calls.len(), ATTEMPTS);

    // It is not done twice: others may have written in between.
    for (fate, done) in [(Fate::LoseAnswer, true), (Fate::LoseRequest, false)] {
        let (items, writes) = alone(2);
        let (outcome, calls) = proxied.commit([fate], writes).await;
        assert_eq!(calls, ["BatchWriteItem", "BatchGetItem"]);
        match done {
            true => all_there(&items).await,
            false => assert!(
                matches!(outcome, Err(StorageError::Unknown(_))),
                "{outcome:?}"
            ),
        }
        assert_eq!(outcome.is_ok(), done);
    }
}

fn cancelled(reasons: &[&str]) -> Fate {
    let reasons: Vec<_> = reasons.iter().map(|code| json!({ "Code": code })).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled",
        "CancellationReasons": reasons,
    });
    Fate::Answer(400, body.to_string())
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn contention_and_throttling_are_waited_for_and_then_told_apart() {
    let proxied = Proxied::new().await;
    let writes = |sk: &str| ["a", "b"].map(|n| Write::create(proxied.item(&format!("{sk}{n}"))));
    let contention = || cancelled(&["None", "TransactionConflict"]);
    let alone = || Fate::dynamodb_error("TransactionConflictException");
    for (fate, writes, contended) in [
        (contention(), writes("1").to_vec(), true),
        (throttled(), writes("2").to_vec(), false),
        (throttled(), writes("3")[..1].to_vec(), false),
        (alone(), writes("4")[..1].to_vec(), true),
    ] {
        let always = vec![fate.clone(); ATTEMPTS];
        let (outcome, calls) = proxied.commit(always, writes.clone()).await;
        let told = match &outcome {
            Err(StorageError::Contended(_)) => contended,
            Err(StorageError::Busy(_)) => !contended,
            _ => false,
        };
        assert!(told, "{outcome:?}");
        // The SDK itself tried once each time.
        assert_eq!(calls.len(), ATTEMPTS);
        assert_eq!(proxied.now(writes[0].key()).await, None);
        let for_a_while = vec![fate; ATTEMPTS - 1];
        let (outcome, _) = proxied.commit(for_a_while, writes).await;
        outcome.unwrap();
    }
    let both = cancelled(&["TransactionConflict", "ConditionalCheckFailed"]);
    let (outcome, calls) = proxied.commit([both], writes("5").to_vec()).await;
    assert!(matches!(outcome, Err(StorageError::Conflict { writes }) if writes == [1]));
    assert_eq!(calls.len(), 1);
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn no_answer_at_all_is_unknown_for_a_write_and_busy_for_a_read() {
    let proxied = Proxied::new().await;
    let item = proxied.there("there").await;
    let down = || vec![Fate::dynamodb_error("InternalServerError"); ATTEMPTS];
    for writes in [1, 2] {
        let writes = (0..writes).map(|n| Write::create(proxied.item(&n.to_string())));
        let (outcome, calls) = proxied.commit(down(), writes.collect()).await;
        assert!(
            matches!(outcome, Err(StorageError::Unknown(_))),
            "{outcome:?}"
        );
        assert_eq!(calls.len(), ATTEMPTS);
    }
    proxied.proxy.plan(down());
    let outcome = proxied.store.get(std::slice::from_ref(&item.key)).await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
    proxied.proxy.plan(down());
    let query = Query::of(Source::Partition(proxied.pk.clone()), 10);
    let outcome = proxied.store.query(query.clone()).await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
    proxied.proxy.plan([Fate::LoseAnswer, throttled()]);
    assert_eq!(proxied.store.query(query).await.unwrap().items, [item]);
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn keys_left_unprocessed_are_asked_for_again() {
    let proxied = Proxied::new().await;
    let items = [proxied.there("1").await, proxied.there("2").await];
    let keys: Vec<_> = items.iter().map(|item| item.key.clone()).collect();
    let rest = |keys: &[Key]| {
        let keys: Vec<_> = keys
            .iter()
            .map(|key| json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}}))
            .collect();
        let body = json!({"Responses": {}, "UnprocessedKeys": {TABLE: {"Keys": keys}}});
        Fate::Answer(200, body.to_string())
    };
    proxied.proxy.plan([rest(&keys)]);
    let found = proxied.store.get(&keys).await.unwrap();
    assert_eq!(found, items.clone().map(Some));
    proxied.proxy.plan(vec![rest(&keys); 10]);
    let outcome = proxied.store.get(&keys).await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
    assert_eq!(proxied.proxy.seen().len(), ATTEMPTS);
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn what_cannot_be_used_says_so() {
    let proxied = Proxied::new().await;
    let unusable = |outcome: Result<(), StorageError>, part: &str| match outcome {
        Err(error @ StorageError::Unusable(_)) => {
            assert!(error.to_string().contains(part), "{error}");
        }
        other => panic!("{other:?}"),
    };
    let writes = |count: usize| (0..count).map(|n| Write::create(proxied.item(&n.to_string())));
    let nowhere = storage_at(&proxied.proxy.endpoint, "no-such-table");
    for count in [1, 2] {
        proxied.proxy.plan([]);
        let outcome = nowhere.commit(writes(count).collect()).await;
        unusable(outcome, "no table no-such-table with index by_index");
        assert_eq!(proxied.proxy.seen().len(), 1);
        let denied = Fate::dynamodb_error("AccessDeniedException");
        let (outcome, calls) = proxied.commit([denied], writes(count).collect()).await;
        unusable(
            outcome,
            "no permission for table mensageria: AccessDeniedException",
        );
        assert_eq!(calls.len(), 1);
    }
    let outcome = nowhere.get(&[Key::new("p", "s")]).await.map(drop);
    unusable(outcome, "no table no-such-table");
    let refused = Fate::dynamodb_error("ValidationException");
    let (outcome, _) = proxied.commit([refused], writes(1).collect()).await;
    unusable(
        outcome,
        "table mensageria refused the call: ValidationException",
    );
}

#[tokio::test]
async fn nothing_that_listens_is_busy_and_nothing_was_written() {
    let gone = storage_at(&format!("http://127.0.0.1:{}", free_port()), TABLE);
    let item = Item::new(Key::new("p", "s"), "thing", &json!({})).unwrap();
    let outcome = gone.commit(vec![Write::create(item)]).await;
    assert!(matches!(outcome, Err(StorageError::Busy(_))), "{outcome:?}");
}
