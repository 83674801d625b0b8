//! Storage in one DynamoDB table: on demand, one sparse index, TTL on `expires_at`, a stream.
//!
//! Every call is made once by the SDK and tried again here, because only so a first attempt whose
//! answer was lost can be told from a race that was lost; see [`commit`].

mod attributes;
mod commit;
mod query;
mod stream;
mod trouble;

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::{Client, config::retry::RetryConfig, types::KeysAndAttributes};
use jiff::Timestamp;

use self::attributes::{Attributes, of_key, to_item};
pub use self::stream::item_of_image;
use super::{Item, Key, Page, Query, Storage, StorageError, Write, limits};

/// Name of the table's index, over `index_pk` and `index_sk`, with keys alone.
pub const INDEX: &str = "by_index";

/// Storage in one DynamoDB table with one index.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    client: Client,
    table: String,
}

impl DynamoDb {
    /// Storage in `table`. The SDK's own retries are switched off on `client`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        let once = client
            .config()
            .retry_config()
            .map(RetryConfig::max_attempts)
            == Some(1);
        let client = if once {
            client
        } else {
            let config = client.config().to_builder();
            Client::from_conf(config.retry_config(RetryConfig::disabled()).build())
        };
        Self {
            client,
            table: table.into(),
        }
    }

    async fn get_one(&self, key: &Key, now: i64) -> Result<Option<Item>, StorageError> {
        Ok(self.get_many(&[key], now).await?.remove(key))
    }

    async fn get_many(&self, keys: &[&Key], now: i64) -> Result<HashMap<Key, Item>, StorageError> {
        let mut found = HashMap::with_capacity(keys.len());
        let mut asked: Vec<Attributes> = keys.iter().map(|&key| of_key(key)).collect();
        let mut idle = 0;
        while !asked.is_empty() {
            if idle == trouble::ATTEMPTS {
                return Err(StorageError::Busy("keys left unprocessed".to_owned()));
            }
            if idle > 0 {
                trouble::wait(idle).await;
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(asked.clone()))
                .consistent_read(true)
                .build()
                .map_err(|e| StorageError::Unusable(e.to_string()))?;
            let call = || {
                let call = self.client.batch_get_item();
                call.request_items(&self.table, request.clone()).send()
            };
            let answer = trouble::read(&self.table, call).await?;
            let items = answer.responses.unwrap_or_default().into_values().flatten();
            for attributes in items {
                let item = to_item(attributes)?;
                found.insert(item.key.clone(), item);
            }
            let rest = answer.unprocessed_keys.unwrap_or_default();
            let rest: Vec<_> = rest.into_values().flat_map(|rest| rest.keys).collect();
            idle = if rest.len() < asked.len() {
                1
            } else {
                idle + 1
            };
            asked = rest;
        }
        found.retain(|_, item| live(item, now));
        Ok(found)
    }
}

#[async_trait]
impl Storage for DynamoDb {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        limits::check_get(keys)?;
        let mut unique: Vec<&Key> = keys.iter().collect();
        unique.sort_unstable();
        unique.dedup();
        // One call for one key and for many: a process that starts has it to learn once.
        let found = self.get_many(&unique, now()).await?;
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    async fn query(&self, query: Query) -> Result<Page, StorageError> {
        limits::check_query(&query)?;
        self.page(&query, now()).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        limits::check_commit(&writes)?;
        self.apply(writes, now()).await
    }
}

/// Whether an item does not count as absent at `now`. DynamoDB removes expired items late.
fn live(item: &Item, now: i64) -> bool {
    item.expires_at.is_none_or(|at| at > now)
}

/// Seconds since the epoch.
fn now() -> i64 {
    Timestamp::now().as_second()
}
