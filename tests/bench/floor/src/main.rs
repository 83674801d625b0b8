//! The calls that a function makes for its first request, made by the SDK over our clients, and nothing
//! else: what of a cold start is not ours.
//!
//! `CALLS` names the function. What is read is thrown away, and what is written is the same each time.

use std::{collections::HashMap, env};

use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, PutRequest, TransactWriteItem, WriteRequest,
};
use aws_sdk_sesv2::{
    primitives::Blob,
    types::{EmailContent, RawMessage},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use platform::aws::Aws;
use serde_json::{Value, json};

/// A mail of a usual size, headers and two bodies.
const MAIL: &[u8] = &[b'x'; 8 * 1024];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = env::var("CALLS")?;
    let aws = Aws::load().await?;
    let table = &Table {
        client: aws.dynamodb(),
        name: env::var("TABLE_NAME")?,
    };
    let (calls, aws) = (&calls, &aws);
    run(service_fn(|event: LambdaEvent<Value>| async move {
        Box::pin(async {
            match calls.as_str() {
                "tickets" => tickets(table).await,
                "sender" => sender(table, aws).await,
                "inbound" => inbound(table, aws, &event.payload).await,
                other => Err(format!("no calls of {other} are known").into()),
            }
        })
        .await
        .map(|()| json!({}))
    }))
    .await
}

/// A message: its ticket and settings; rows of lists; the message and its mail together.
async fn tickets(table: &Table) -> Result<(), Error> {
    table.read(8).await?;
    table.put_alone(3).await?;
    table.put_together(3).await
}

/// A mail: what it is made of; its claim; the mail; what became of it; the two that follow.
async fn sender(table: &Table, aws: &Aws) -> Result<(), Error> {
    table.read(8).await?;
    table.put().await?;
    let raw = RawMessage::builder().data(Blob::new(MAIL)).build()?;
    let content = EmailContent::builder().raw(raw).build();
    aws.ses().send_email().content(content).send().await?;
    table.put().await?;
    table.put_alone(2).await
}

/// A reply: what its leads name, beside the mail itself; the rest; rows of lists; the message.
async fn inbound(table: &Table, aws: &Aws, event: &Value) -> Result<(), Error> {
    let object = &event["detail"]["object"]["key"];
    let bucket = event["detail"]["bucket"]["name"].as_str();
    let fetch = async {
        let call = aws.s3().get_object().set_bucket(bucket.map(str::to_owned));
        let got = call.key(object.as_str().unwrap_or_default()).send().await?;
        got.body.collect().await?;
        Ok::<_, Error>(())
    };
    let (read, fetched) = tokio::join!(table.read(4), fetch);
    read.and(fetched)?;
    table.read(8).await?;
    table.put_alone(3).await?;
    table.put_together(4).await
}

struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
}

type Attributes = HashMap<String, AttributeValue>;

impl Table {
    async fn read(&self, keys: usize) -> Result<(), Error> {
        let keys = (0..keys).map(key).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).build()?;
        let call = self.client.batch_get_item();
        call.request_items(&self.name, keys).send().await?;
        Ok(())
    }

    async fn put(&self) -> Result<(), Error> {
        let call = self.client.put_item().table_name(&self.name);
        call.set_item(Some(item(0))).send().await?;
        Ok(())
    }

    async fn put_alone(&self, items: usize) -> Result<(), Error> {
        let write = |n| -> Result<_, Error> {
            let put = PutRequest::builder().set_item(Some(item(n))).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        };
        let writes = (0..items).map(write).collect::<Result<Vec<_>, _>>()?;
        let call = self.client.batch_write_item();
        call.request_items(&self.name, writes).send().await?;
        Ok(())
    }

    async fn put_together(&self, items: usize) -> Result<(), Error> {
        let write = |n| -> Result<_, Error> {
            let put = Put::builder().table_name(&self.name);
            let put = put.set_item(Some(item(n))).build()?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        let writes = (0..items).map(write).collect::<Result<Vec<_>, _>>()?;
        let call = self.client.transact_write_items();
        call.set_transact_items(Some(writes)).send().await?;
        Ok(())
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn key(number: usize) -> Attributes {
    let sort = ("sk".to_owned(), text(number.to_string()));
    HashMap::from([("pk".to_owned(), text("FLOOR")), sort])
}

/// As large as a small message.
fn item(number: usize) -> Attributes {
    let mut item = key(number);
    let fields = (0..12).map(|n| (format!("field_{n}"), text("x".repeat(30))));
    item.insert("data".to_owned(), AttributeValue::M(fields.collect()));
    item
}
