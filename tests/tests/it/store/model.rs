//! Any sequence of operations does to a store what it does to a model of it.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::json;
use storage::{
    Action, Expect, Item, Key, Order, Page, Query, Range, Source, Storage, StorageError, Version,
    Write, embedded::Embedded,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::backends;

const PAST: i64 = 1_600_000_000;
const FUTURE: i64 = 4_000_000_000;

/// A store as a map: every rule of the port in the plainest way.
#[derive(Default)]
struct Model {
    items: BTreeMap<Key, Item>,
}

impl Model {
    fn live(&self, key: &Key) -> Option<&Item> {
        self.items
            .get(key)
            .filter(|item| item.expires_at != Some(PAST))
    }

    fn commit(&mut self, writes: &[Write]) -> Vec<usize> {
        let lost: Vec<_> = (0..writes.len())
            .filter(|&n| {
                let present = self.live(writes[n].key());
                !match &writes[n].expect {
                    Expect::Absent => present.is_none(),
                    Expect::Version(version) => present.is_some_and(|i| i.version == *version),
                    Expect::Anything | Expect::Alone(_) => true,
                }
            })
            .collect();
        if lost.is_empty() {
            for write in writes {
                match &write.action {
                    Action::Put(item) => drop(self.items.insert(item.key.clone(), item.clone())),
                    Action::Delete(key) => drop(self.items.remove(key)),
                    Action::Check(_) => {}
                }
            }
        }
        lost
    }

    fn query(&self, query: &Query) -> Page {
        let mut found: Vec<(String, &Item)> = self
            .items
            .keys()
            .filter_map(|key| self.live(key))
            .filter_map(|item| match &query.source {
                Source::Partition(pk) => (item.key.pk == *pk).then(|| (item.key.sk.clone(), item)),
                Source::Index(partition) => item
                    .index
                    .as_ref()
                    .filter(|entry| entry.partition == *partition)
                    .map(|entry| (entry.sort.clone(), item)),
            })
            .filter(|(sort, _)| match &query.range {
                Range::All => true,
                Range::Prefix(prefix) => sort.starts_with(prefix),
                Range::Between(low, high) => low <= sort && sort <= high,
                Range::AtMost(high) => sort <= high,
            })
            .collect();
        found.sort_by(|(a, x), (b, y)| (a, &x.key).cmp(&(b, &y.key)));
        if query.order == Order::Descending {
            found.reverse();
        }
        let items: Vec<_> = found.into_iter().map(|(_, item)| item.clone()).collect();
        let behind = query.after.as_ref().map_or(0, |after| {
            let place = items.iter().position(|item| item.key == after.key);
            place.expect("positions are of items that are there") + 1
        });
        let next = items
            .get(behind + query.limit - 1)
            .filter(|_| items.len() > behind + query.limit);
        Page {
            next: next.map(|last| storage::Position {
                key: last.key.clone(),
                sort: match query.source {
                    Source::Partition(_) => None,
                    Source::Index(_) => last.index.as_ref().map(|entry| entry.sort.clone()),
                },
            }),
            items: items.into_iter().skip(behind).take(query.limit).collect(),
        }
    }
}

/// One step. Keys and sort values are few, so that steps meet.
#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<PlannedWrite>),
    Get(Vec<Key>),
    /// All pages of a query.
    Query(Query),
    /// Close the store and open it again, where that can be.
    Reopen,
    /// Remove what is expired, where that is the caller's to do.
    Purge,
}

#[derive(Clone, Debug)]
struct PlannedWrite {
    key: Key,
    action: u8,
    /// 0 absent, 1 the present version, 2 another, else anything.
    expect: u8,
    index: Option<(String, String)>,
    expires_at: Option<i64>,
}

fn name() -> impl Strategy<Value = String> {
    select(vec!["a", "ab", "b", "b ", "é"]).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = Key> {
    (select(vec!["p", "q"]), name()).prop_map(|(pk, sk)| Key::new(pk, sk))
}

fn range() -> impl Strategy<Value = Range> {
    let bound = || select(vec!["", "a", "aa", "b", "z"]).prop_map(str::to_owned);
    prop_oneof![
        Just(Range::All),
        bound().prop_map(Range::Prefix),
        bound().prop_map(Range::AtMost),
        (bound(), bound()).prop_map(|(a, b)| Range::Between(a, b)),
    ]
}

fn write() -> impl Strategy<Value = PlannedWrite> {
    let expires = select(vec![None, None, Some(PAST), Some(FUTURE)]);
    let index = option::of((select(vec!["x", "y"]).prop_map(str::to_owned), name()));
    (key(), 0..5_u8, 0..6_u8, index, expires).prop_map(
        |(key, action, expect, index, expires_at)| PlannedWrite {
            key,
            action,
            expect,
            index,
            expires_at,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let source = select(vec![
        Source::Partition("p".to_owned()),
        Source::Partition("q".to_owned()),
        Source::Index("x".to_owned()),
        Source::Index("y".to_owned()),
    ]);
    let query =
        (source, range(), any::<bool>(), 1..5_usize).prop_map(|(source, range, back, n)| {
            let query = Query::of(source, n).range(range);
            Step::Query(if back { query.descending() } else { query })
        });
    prop_oneof![
        6 => vec(write(), 1..6).prop_map(Step::Commit),
        2 => vec(key(), 0..6).prop_map(Step::Get),
        6 => query,
        1 => Just(Step::Reopen),
        1 => Just(Step::Purge),
    ]
}

/// A store under test. Names of partitions are made its own.
struct Subject<S> {
    store: S,
    space: String,
    /// Closes and opens the store.
    reopen: fn(S, &TempDir) -> S,
    purge: fn(&Runtime, &S),
    dir: TempDir,
}

impl<S: Storage> Subject<S> {
    fn key(&self, key: &Key) -> Key {
        Key::new(format!("{}{}", self.space, key.pk), &key.sk)
    }

    fn writes(&self, model: &Model, planned: &[PlannedWrite]) -> Vec<Write> {
        let mut writes: Vec<Write> = Vec::new();
        for plan in planned {
            let key = self.key(&plan.key);
            if writes.iter().any(|write| *write.key() == key) {
                continue;
            }
            let present = model.items.get(&key).map(|item| item.version.clone());
            let expect = match plan.expect {
                0 => Expect::Absent,
                1 => Expect::Version(present.unwrap_or_else(Version::fresh)),
                2 => Expect::Version(Version::fresh()),
                _ => Expect::Anything,
            };
            let mut item = Item::new(key.clone(), "thing", &json!({ "é": [1] })).unwrap();
            if let Some((partition, sort)) = &plan.index {
                item = item.indexed(format!("{}{partition}", self.space), sort);
            }
            item.expires_at = plan.expires_at;
            let action = match plan.action {
                0 => Action::Check(key),
                1 => Action::Delete(key),
                _ => Action::Put(item),
            };
            writes.push(Write { action, expect });
        }
        writes
    }

    fn run(mut self, runtime: &Runtime, steps: Vec<Step>) -> Result<(), TestCaseError> {
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Commit(planned) => {
                    let writes = self.writes(&model, &planned);
                    let lost = model.commit(&writes);
                    match runtime.block_on(self.store.commit(writes)) {
                        Ok(()) => prop_assert_eq!(lost, [0; 0]),
                        Err(StorageError::Conflict { writes }) => prop_assert_eq!(writes, lost),
                        Err(other) => return Err(TestCaseError::fail(other.to_string())),
                    }
                }
                Step::Get(keys) => {
                    let keys: Vec<_> = keys.iter().map(|key| self.key(key)).collect();
                    let wanted: Vec<_> = keys.iter().map(|key| model.live(key).cloned()).collect();
                    prop_assert_eq!(runtime.block_on(self.store.get(&keys)).unwrap(), wanted);
                }
                Step::Query(mut query) => {
                    let (Source::Partition(name) | Source::Index(name)) = &mut query.source;
                    *name = format!("{}{name}", self.space);
                    loop {
                        let page = runtime.block_on(self.store.query(query.clone())).unwrap();
                        prop_assert_eq!(&page, &model.query(&query));
                        match page.next {
                            Some(next) => query.after = Some(next),
                            None => break,
                        }
                    }
                }
                Step::Reopen => self.store = (self.reopen)(self.store, &self.dir),
                Step::Purge => (self.purge)(runtime, &self.store),
            }
        }
        Ok(())
    }
}

fn check<S: Storage>(cases: u32, steps: usize, subject: impl Fn(String) -> Subject<S>) {
    let runtime = Runtime::new().unwrap();
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in vec(step(), 1..steps))| {
        subject(Uuid::now_v7().to_string()).run(&runtime, steps)?;
    });
}

#[test]
fn the_embedded_store_does_as_the_model() {
    check(64, 40, |space| {
        let dir = TempDir::new().unwrap();
        Subject {
            store: Embedded::open(dir.path()).unwrap(),
            space,
            reopen: |store, dir| {
                drop(store);
                Embedded::open(dir.path()).unwrap()
            },
            purge: |runtime, store| {
                runtime.block_on(store.purge_expired()).unwrap();
            },
            dir,
        }
    });
}

#[test]
#[ignore = "needs the emulators: make test"]
fn the_dynamodb_store_does_as_the_model() {
    for emulator in [backends::moto(), backends::ministack()] {
        check(8, 25, |space| Subject {
            store: emulator.storage(),
            space,
            reopen: |store, _| store,
            purge: |_, _| {},
            dir: TempDir::new().unwrap(),
        });
    }
}
