//! What wakes the sender.

use serde::Deserialize;
use serde_json::{Value, json};
use service::{
    Error,
    outgoing::{
        deliveries::ENTITY,
        sending::{Sender, Sent},
    },
};
use storage::{Item, StorageError, dynamodb::item_of_image};

/// Why an event could not be worked on. Lambda brings a stream's records again; what the schedule
/// could not do, its next run does.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It is neither a batch of the stream nor the schedule's.
    #[error("this is neither a batch of stream records nor the schedule's event")]
    Unreadable,
    /// The sweep failed: the schedule's next one does what it left.
    #[error("the sweep failed: {}", .0.cause().unwrap_or_default())]
    Sweep(#[source] Error),
}

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Deserialize)]
struct Change {
    #[serde(rename = "SequenceNumber")]
    sequence_number: String,
    #[serde(rename = "NewImage")]
    new_image: Option<Value>,
}

/// Sends the deliveries of a stream batch, or does what is due when the schedule asks. Answers a
/// stream batch with the records that failed, so that only those come again.
///
/// # Errors
/// [`EventError`].
pub async fn handle(sender: &Sender, payload: Value) -> Result<Value, EventError> {
    if payload.get("Records").is_some() {
        let batch = Batch::deserialize(payload).map_err(|_| EventError::Unreadable)?;
        return Ok(stream(sender, batch).await);
    }
    if payload.get("source").and_then(Value::as_str).is_none() {
        return Err(EventError::Unreadable);
    }
    let report = sender.sweep().await.map_err(EventError::Sweep)?;
    report.log();
    Ok(Value::Null)
}

async fn stream(sender: &Sender, batch: Batch) -> Value {
    let mut numbers = Vec::new();
    let mut items = Vec::new();
    let mut failed = Vec::new();
    for Record { dynamodb } in batch.records {
        match dynamodb.new_image.as_ref().map(delivery) {
            Some(Ok(Some(item))) => {
                numbers.push(dynamodb.sequence_number);
                items.push(item);
            }
            // A removed item, or one of another kind: the filter lets none through.
            Some(Ok(None)) | None => {}
            Some(Err(error)) => {
                tracing::error!(%error, "a stream record cannot be read");
                failed.push(dynamodb.sequence_number);
            }
        }
    }
    let results = sender.send_queued(items).await;
    for (number, sent) in numbers.into_iter().zip(results) {
        if let Sent::Error(error) = sent {
            tracing::error!(
                code = error.code.as_str(),
                cause = error.cause(),
                "a delivery comes again"
            );
            failed.push(number);
        }
    }
    let failures: Vec<Value> = failed
        .iter()
        .map(|number| json!({ "itemIdentifier": number }))
        .collect();
    json!({ "batchItemFailures": failures })
}

fn delivery(image: &Value) -> Result<Option<Item>, StorageError> {
    let item = item_of_image(image)?;
    Ok((item.entity == ENTITY).then_some(item))
}
