//! What every backend keeps. Each case runs on the embedded store, on moto and on ministack.

mod conditions;
mod expiry;
mod index;
mod items;
mod limits;
mod pages;
mod races;

use std::sync::Arc;

use serde_json::json;
use storage::{
    Action, Expect, Item, Key, MAX_ITEM_BYTES, Page, Position, Query, Range, SharedStorage, Source,
    Storage, StorageError, Version, When, Write, embedded::Embedded,
};
use tempfile::TempDir;
use uuid::Uuid;

/// Long ago and far ahead, in seconds since the epoch.
const PAST: i64 = 1_600_000_000;
const FUTURE: i64 = 4_000_000_000;

/// A backend, and keys that no other case uses.
#[derive(Clone)]
struct Backend {
    store: SharedStorage,
    name: String,
    /// The largest item that this backend takes, in bytes.
    largest: usize,
}

impl Backend {
    fn new(store: impl Storage) -> Self {
        Self {
            store: Arc::new(store),
            name: Uuid::now_v7().simple().to_string(),
            largest: MAX_ITEM_BYTES,
        }
    }

    /// A partition of this case.
    fn pk(&self, name: &str) -> String {
        format!("{}#{name}", self.name)
    }

    fn key(&self, pk: &str, sk: &str) -> Key {
        Key::new(self.pk(pk), sk)
    }

    /// A new item with a fresh version.
    fn item(&self, pk: &str, sk: &str) -> Item {
        Item::new(self.key(pk, sk), "thing", &json!({ "sk": sk })).unwrap()
    }

    async fn commit(&self, writes: impl IntoIterator<Item = Write>) -> Result<(), StorageError> {
        self.store.commit(writes.into_iter().collect()).await
    }

    /// Puts items, up to 25 at once.
    async fn put_all(&self, items: &[Item]) {
        for some in items.chunks(25) {
            self.commit(some.iter().cloned().map(Write::put))
                .await
                .unwrap();
        }
    }

    async fn get(&self, key: &Key) -> Option<Item> {
        let mut found = self.store.get(std::slice::from_ref(key)).await.unwrap();
        assert_eq!(found.len(), 1);
        found.pop().flatten()
    }

    async fn page(&self, query: &Query) -> Page {
        self.store.query(query.clone()).await.unwrap()
    }

    /// Sort keys of everything that the query finds, page by page.
    async fn all(&self, query: &Query) -> Vec<String> {
        let mut query = query.clone();
        let mut keys = Vec::new();
        loop {
            let page = self.page(&query).await;
            assert!(page.items.len() <= query.limit);
            assert!(
                page.next.is_none() || !page.items.is_empty(),
                "a page without end"
            );
            keys.extend(page.items.into_iter().map(|item| item.key.sk));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return keys,
            }
        }
    }

    fn of(&self, pk: &str, limit: usize) -> Query {
        Query::of(Source::Partition(self.pk(pk)), limit)
    }

    fn of_index(&self, partition: &str, limit: usize) -> Query {
        Query::of(Source::Index(self.pk(partition)), limit)
    }
}

fn lost(outcome: Result<(), StorageError>) -> Vec<usize> {
    match outcome {
        Err(StorageError::Conflict { writes }) => writes,
        other => panic!("no conflict: {other:?}"),
    }
}

/// A backend on each backend.
mod opened {
    use super::{super::backends, Backend, Embedded, TempDir};

    pub(super) fn embedded() -> Backend {
        let dir = TempDir::new().unwrap();
        Backend::new(Embedded::open(dir.path()).unwrap())
    }

    pub(super) fn moto() -> Backend {
        Backend {
            // moto counts otherwise than DynamoDB does, and draws the line elsewhere.
            largest: 404_000,
            ..Backend::new(backends::moto().storage())
        }
    }

    pub(super) fn ministack() -> Backend {
        Backend::new(backends::ministack().storage())
    }
}

/// Makes a test of one case on one backend.
macro_rules! case {
    (embedded $module:ident $case:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            $module::$case(opened::embedded()).await;
        }
    };
    ($emulator:ident $module:ident $case:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        #[ignore = "needs the emulators: make test"]
        async fn $case() {
            $module::$case(opened::$emulator()).await;
        }
    };
}

/// Makes a test of every case for every backend.
macro_rules! contract {
    (of $backend:ident: $($module:ident { $($case:ident),* $(,)? })*) => {
        mod $backend {
            $(mod $module {
                use super::super::{$module, opened};
                $(case!($backend $module $case);)*
            })*
        }
    };
    ($($cases:tt)*) => {
        contract!(of embedded: $($cases)*);
        contract!(of moto: $($cases)*);
        contract!(of ministack: $($cases)*);
    };
}

contract! {
    items {
        come_back_as_they_went,
        come_in_the_order_of_their_keys,
        have_keys_of_any_alphabet,
        are_replaced_whole,
        leave_when_deleted,
    }
    conditions {
        hold_or_not_as_they_say,
        hold_for_each_write_of_many,
        name_every_write_that_lost,
        refuse_all_or_nothing,
        are_checked_without_writing,
        leave_out_what_stands_alone,
    }
    pages {
        go_forth_and_back,
        end_where_the_items_end,
        take_ranges,
        stay_where_they_are_when_items_come_and_go,
        end_by_size_and_go_on,
    }
    index {
        holds_what_says_so,
        follows_every_put,
        tells_keys_and_places_alone,
        orders_ties_by_key,
        takes_ranges,
        pages_over_ties,
    }
    expiry {
        hides_items_from_reads,
        counts_as_absence,
        leaves_pages_full,
    }
    limits {
        are_clear_errors,
        reach_to_their_edge,
        refuse_positions_from_elsewhere,
    }
    races {
        lose_no_update,
        have_one_winner,
        tear_no_commit,
        lose_no_message_of_many_writers,
    }
}
