//! Commits: one write is a plain put or delete (a transaction costs double), several are a
//! transaction.
//!
//! An answer may be lost although the call was done. Then:
//! - a transaction is sent again under the same token, by which DynamoDB knows it;
//! - a write with an expectation is sent again: if it was done, it now meets the version that it
//!   left itself, which says so;
//! - a write that expects anything is not sent again, as it could undo what others wrote since; it
//!   is read back.
//!
//! What stays open is [`StorageError::Unknown`].
//!
//! Writes that stand alone come before the others or after them, several in one `BatchWriteItem`: side by
//! side, each but the first would open a connection. What fails after the commit is logged: the commit is
//! done.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::SdkError,
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError,
        transact_write_items::TransactWriteItemsError,
    },
    types::{
        CancellationReason, ConditionCheck, Delete, Put, PutRequest,
        ReturnValuesOnConditionCheckFailure as Old, TransactWriteItem, WriteRequest,
    },
};

use super::super::{Action, Expect, Item, Key, StorageError, Version, When, Write};
use super::DynamoDb;
use super::attributes::{Attributes, number, of_item, of_key, text, version};
use super::trouble::{ATTEMPTS, Trouble, wait};

/// How DynamoDB calls it that another write of the same item was under way, alone or in a transaction.
const CONFLICT: &str = "TransactionConflict";
/// Most puts of one `BatchWriteItem`.
const MAX_BATCH: usize = 25;

impl DynamoDb {
    pub(super) async fn apply(&self, writes: Vec<Write>, now: i64) -> Result<(), StorageError> {
        let (mut before, mut after, mut together) = (Vec::new(), Vec::new(), Vec::new());
        for (place, Write { action, expect }) in writes.into_iter().enumerate() {
            match (action, expect) {
                (Action::Put(item), Expect::Alone(When::Before)) => before.push(item),
                (Action::Put(item), Expect::Alone(When::After)) => after.push(item),
                // It holds always, and DynamoDB takes none.
                (Action::Check(_), Expect::Anything | Expect::Alone(_)) => {}
                (action, expect) => together.push((place, Write { action, expect })),
            }
        }
        self.put_each(&before, now).await?;
        self.all_or_nothing(together, now).await?;
        if let Err(error) = self.put_each(&after, now).await {
            tracing::warn!(%error, table = self.table, "what follows a commit was not written");
        }
        Ok(())
    }

    /// Puts what stands alone. All are tried, whatever becomes of one.
    async fn put_each(&self, items: &[Item], now: i64) -> Result<(), StorageError> {
        if let [item] = items {
            return self.put(item, &Expect::Anything, now).await.map(drop);
        }
        let mut outcome = Ok(());
        for items in items.chunks(MAX_BATCH) {
            outcome = outcome.and(self.put_batch(items).await);
        }
        outcome
    }

    /// Puts several items, none of which depends on another, in one call at the price of as many.
    async fn put_batch(&self, items: &[Item]) -> Result<(), StorageError> {
        let mut left = items
            .iter()
            .map(|item| {
                let put = PutRequest::builder().set_item(Some(of_item(item))).build();
                put.map(|put| WriteRequest::builder().put_request(put).build())
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| StorageError::Unusable(e.to_string()))?;
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tracing::warn!(table = self.table, attempt, why, "a write is tried again");
                wait(attempt).await;
            }
            let call = self.client.batch_write_item();
            match call.request_items(&self.table, left.clone()).send().await {
                Ok(answer) => {
                    let rest = answer.unprocessed_items.unwrap_or_default();
                    left = rest.into_values().flatten().collect();
                    if left.is_empty() {
                        return Ok(());
                    }
                    "items left unprocessed".clone_into(&mut why);
                }
                Err(error) => match Trouble::of(&error, &self.table) {
                    Trouble::Final(error) => return Err(error),
                    Trouble::Again(reason) => why = reason,
                    Trouble::Unseen(reason) => {
                        let ours = items.iter().map(|item| (&item.key, Some(&item.version)));
                        return self.read_back(ours, reason).await.map(drop);
                    }
                },
            }
        }
        Err(StorageError::Busy(why))
    }

    async fn all_or_nothing(
        &self,
        mut writes: Vec<(usize, Write)>,
        now: i64,
    ) -> Result<(), StorageError> {
        if writes.len() > 1 {
            return self.transact(&writes, now).await;
        }
        let Some((place, Write { action, expect })) = writes.pop() else {
            return Ok(());
        };
        let outcome = match action {
            Action::Put(item) => self.put(&item, &expect, now).await?,
            Action::Delete(key) => self.delete(&key, &expect, now).await?,
            Action::Check(key) => self.check(&key, &expect, now).await?,
        };
        match outcome {
            Outcome::Done => Ok(()),
            Outcome::Lost => Err(StorageError::Conflict {
                writes: vec![place],
            }),
        }
    }

    async fn put(&self, item: &Item, expect: &Expect, now: i64) -> Result<Outcome, StorageError> {
        let call = || async {
            let condition = Condition::of(expect, now);
            let call = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(of_item(item)))
                .return_values_on_condition_check_failure(Old::AllOld);
            let call = match condition {
                None => call,
                Some(condition) => call
                    .condition_expression(condition.expression)
                    .set_expression_attribute_names(Some(condition.names()))
                    .set_expression_attribute_values(Some(condition.values)),
            };
            let Err(error) = call.send().await else {
                return Ok(Outcome::Done);
            };
            match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Outcome::lost_to(failed.item(), item))
                }
                _ => Err(Trouble::of(&error, &self.table)),
            }
        };
        self.single(expect, &item.key, Some(&item.version), call)
            .await
    }

    async fn delete(&self, key: &Key, expect: &Expect, now: i64) -> Result<Outcome, StorageError> {
        let call = || async {
            let call = self
                .client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(of_key(key)));
            let call = match Condition::of(expect, now) {
                None => call,
                Some(condition) => call
                    .condition_expression(condition.expression)
                    .set_expression_attribute_names(Some(condition.names()))
                    .set_expression_attribute_values(Some(condition.values)),
            };
            let Err(error) = call.send().await else {
                return Ok(Outcome::Done);
            };
            match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(Outcome::Lost),
                _ => Err(Trouble::of(&error, &self.table)),
            }
        };
        self.single(expect, key, None, call).await
    }

    async fn check(&self, key: &Key, expect: &Expect, now: i64) -> Result<Outcome, StorageError> {
        let found = self.get_one(key, now).await?;
        Ok(match (expect, found) {
            (Expect::Anything | Expect::Alone(_), _) | (Expect::Absent, None) => Outcome::Done,
            (Expect::Version(version), Some(item)) if item.version == *version => Outcome::Done,
            _ => Outcome::Lost,
        })
    }

    /// Makes the call of one write until its outcome is seen; `ours` is the version that it leaves.
    async fn single<F>(
        &self,
        expect: &Expect,
        key: &Key,
        ours: Option<&Version>,
        call: impl Fn() -> F,
    ) -> Result<Outcome, StorageError>
    where
        F: Future<Output = Result<Outcome, Trouble>>,
    {
        let mut unseen = false;
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tracing::warn!(table = self.table, attempt, why, "a write is tried again");
                wait(attempt).await;
            }
            match call().await {
                // The item may be another's who came after us, or before.
                Ok(Outcome::Lost) if unseen => return Err(StorageError::Unknown(why)),
                Ok(outcome) => return Ok(outcome),
                Err(Trouble::Final(_)) if unseen => return Err(StorageError::Unknown(why)),
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Again(reason)) => why = reason,
                Err(Trouble::Unseen(reason)) if *expect == Expect::Anything => {
                    return self.read_back([(key, ours)], reason).await;
                }
                Err(Trouble::Unseen(reason)) => {
                    unseen = true;
                    why = reason;
                }
            }
        }
        Err(given_up(unseen, why))
    }

    /// Whether writes whose answer was lost were done: each key holds the version that its write leaves.
    async fn read_back<'a>(
        &self,
        ours: impl IntoIterator<Item = (&'a Key, Option<&'a Version>)>,
        why: String,
    ) -> Result<Outcome, StorageError> {
        let ours: Vec<_> = ours.into_iter().collect();
        let keys: Vec<&Key> = ours.iter().map(|(key, _)| *key).collect();
        let done = |found: &HashMap<Key, Item>| {
            let version = |key| found.get(key).map(|item| &item.version);
            ours.iter().all(|(key, ours)| version(*key) == *ours)
        };
        match self.get_many(&keys, i64::MIN).await {
            Ok(found) if done(&found) => Ok(Outcome::Done),
            _ => Err(StorageError::Unknown(why)),
        }
    }

    async fn transact(&self, writes: &[(usize, Write)], now: i64) -> Result<(), StorageError> {
        let token = Version::fresh().0;
        let items: Vec<_> = writes
            .iter()
            .map(|(_, write)| self.transact_item(write, now))
            .collect::<Result<_, _>>()?;
        let mut unseen = false;
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tracing::warn!(table = self.table, attempt, why, "a commit is tried again");
                wait(attempt).await;
            }
            let call = self
                .client
                .transact_write_items()
                .client_request_token(&token)
                .set_transact_items(Some(items.clone()));
            let Err(error) = call.send().await else {
                return Ok(());
            };
            match cancelled(&error, writes) {
                Some(Cancelled::Done) => return Ok(()),
                Some(Cancelled::Lost(writes)) => return Err(StorageError::Conflict { writes }),
                Some(Cancelled::Contention(reason)) => why = reason,
                None => match Trouble::of(&error, &self.table) {
                    Trouble::Final(_) if unseen => break,
                    Trouble::Final(error) => return Err(error),
                    Trouble::Again(reason) => why = reason,
                    Trouble::Unseen(reason) => {
                        unseen = true;
                        why = reason;
                    }
                },
            }
        }
        Err(given_up(unseen, why))
    }

    fn transact_item(&self, write: &Write, now: i64) -> Result<TransactWriteItem, StorageError> {
        let condition = Condition::of(&write.expect, now);
        let (expression, names, values) = match condition {
            None => (None, None, None),
            Some(condition) => (
                Some(condition.expression.to_owned()),
                Some(condition.names()),
                Some(condition.values),
            ),
        };
        let item = TransactWriteItem::builder();
        let item = match &write.action {
            Action::Put(put) => Put::builder()
                .table_name(&self.table)
                .set_item(Some(of_item(put)))
                .set_condition_expression(expression)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(Old::AllOld)
                .build()
                .map(|put| item.put(put)),
            Action::Delete(key) => Delete::builder()
                .table_name(&self.table)
                .set_key(Some(of_key(key)))
                .set_condition_expression(expression)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|delete| item.delete(delete)),
            Action::Check(key) => ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(of_key(key)))
                .set_condition_expression(expression)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .build()
                .map(|check| item.condition_check(check)),
        };
        item.map(aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder::build)
            .map_err(|e| StorageError::Unusable(e.to_string()))
    }
}

/// What is said after the last call, by why it was not done.
fn given_up(unseen: bool, why: String) -> StorageError {
    match why.starts_with(CONFLICT) {
        _ if unseen => StorageError::Unknown(why),
        true => StorageError::Contended(why),
        false => StorageError::Busy(why),
    }
}

/// What became of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Lost,
}

impl Outcome {
    /// A put whose expectation failed over `present`: lost, unless that is what it put itself.
    fn lost_to(present: Option<&Attributes>, put: &Item) -> Self {
        if present.and_then(version) == Some(put.version.0.as_str()) {
            Self::Done
        } else {
            Self::Lost
        }
    }
}

/// Why a transaction was cancelled.
enum Cancelled {
    /// It was done before, and its answer lost.
    Done,
    /// Expectations that failed, by their place in the commit.
    Lost(Vec<usize>),
    /// Others were at work on the same items, or too many calls were made.
    Contention(String),
}

fn cancelled(
    error: &SdkError<TransactWriteItemsError, HttpResponse>,
    writes: &[(usize, Write)],
) -> Option<Cancelled> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return None;
    };
    let mut lost = Vec::new();
    let mut contention = None;
    for (reason, (place, write)) in cancelled.cancellation_reasons().iter().zip(writes) {
        match reason.code() {
            Some("ConditionalCheckFailed") if left_by(reason, write) => {
                return Some(Cancelled::Done);
            }
            Some("ConditionalCheckFailed") => lost.push(*place),
            Some(
                code @ (CONFLICT
                | "ThrottlingError"
                | "ProvisionedThroughputExceeded"
                | "RequestLimitExceeded"),
            ) => contention = Some(code.to_owned()),
            _ => {}
        }
    }
    if !lost.is_empty() {
        return Some(Cancelled::Lost(lost));
    }
    contention.map(Cancelled::Contention)
}

fn left_by(reason: &CancellationReason, write: &Write) -> bool {
    match &write.action {
        Action::Put(item) => Outcome::lost_to(reason.item(), item) == Outcome::Done,
        Action::Delete(_) | Action::Check(_) => false,
    }
}

/// An expectation as a condition expression. An expired item counts as absent.
struct Condition {
    expression: &'static str,
    values: Attributes,
}

impl Condition {
    /// `None` when anything will do.
    fn of(expect: &Expect, now: i64) -> Option<Self> {
        let now = (":now".to_owned(), number(now));
        match expect {
            Expect::Anything | Expect::Alone(_) => None,
            Expect::Absent => Some(Self {
                expression: "attribute_not_exists(#v) OR #x <= :now",
                values: Attributes::from([now]),
            }),
            Expect::Version(version) => Some(Self {
                expression: "#v = :v AND (attribute_not_exists(#x) OR #x > :now)",
                values: Attributes::from([now, (":v".to_owned(), text(&version.0))]),
            }),
        }
    }

    fn names(&self) -> HashMap<String, String> {
        let name = |short: &str, long: &str| (short.to_owned(), long.to_owned());
        [name("#v", "version"), name("#x", "expires_at")].into()
    }
}
