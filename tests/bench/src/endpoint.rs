//! Where functions find storage and mail: the same for every program of one run.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::Method;
use serde_json::{Value, json};
use storage::{Key, SharedStorage, files, keys};
use tests::emulator::{self, Emulator, TABLE, storage_at};
use uuid::Uuid;

use crate::{
    Failure,
    desk::{self, MESSAGES_OF_TICKET, SeededDesk},
    http::Client,
    mail::{self, FILES_BUCKET, MAIL_FROM},
    table::Table,
};

/// An endpoint with a seeded table behind it.
pub struct Endpoint {
    /// Short name.
    pub name: &'static str,
    /// `AWS_ENDPOINT_URL` of the functions.
    pub url: String,
    desk: SeededDesk,
    storage: SharedStorage,
    client: Client,
    asked: AtomicUsize,
    _server: Server,
}

/// What ends with the endpoint.
enum Server {
    Instant(#[expect(dead_code, reason = "held until the end")] Table),
    Emulator(#[expect(dead_code, reason = "held until the end")] Emulator),
}

impl Endpoint {
    /// The table of this package, which answers at once.
    ///
    /// # Errors
    /// When it cannot be started or seeded.
    pub async fn instant() -> Result<Self, Failure> {
        let table = Table::start().await?;
        Self::over(
            "instant table",
            table.url().to_owned(),
            Server::Instant(table),
        )
        .await
    }

    /// moto. `None` when it is not installed.
    ///
    /// # Errors
    /// When it cannot be seeded.
    pub async fn moto() -> Result<Option<Self>, Failure> {
        if !emulator::is_installed() {
            return Ok(None);
        }
        let emulator = tokio::task::spawn_blocking(Emulator::moto).await?;
        let endpoint = Self::over("moto", emulator.endpoint(), Server::Emulator(emulator)).await?;
        let identity = json!({ "EmailIdentity": MAIL_FROM });
        let url = format!("{}/v2/email/identities", endpoint.url);
        let (status, answer) = endpoint
            .client
            .send(Method::POST, &url, &signed("ses"), &identity)
            .await?;
        if !status.is_success() {
            return Err(format!("moto takes no identity: {status} {answer}").into());
        }
        Ok(Some(endpoint))
    }

    async fn over(name: &'static str, url: String, server: Server) -> Result<Self, Failure> {
        let storage: SharedStorage = Arc::new(storage_at(&url, TABLE));
        let desk = SeededDesk::seed(Arc::clone(&storage)).await?;
        let client = Client::default();
        let bucket = format!("{url}/{FILES_BUCKET}");
        client.put(&bucket, &signed("s3"), Vec::new()).await?;
        Ok(Self {
            name,
            url,
            desk,
            storage,
            client,
            asked: AtomicUsize::new(0),
            _server: server,
        })
    }

    /// A ticket with few messages: a storm of them on one is held back.
    ///
    /// # Errors
    /// When storage refuses.
    pub async fn ticket(&self) -> Result<String, Failure> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let id = format!("B{}", asked / MESSAGES_OF_TICKET);
        self.desk.put_ticket(&id).await?;
        Ok(id)
    }

    /// Queues a delivery: its key, and the stream's record of it. On a ticket of its own: behind a mail
    /// that nobody sends, it would wait.
    ///
    /// # Errors
    /// When storage refuses.
    pub async fn queue(&self) -> Result<(Key, Value), Failure> {
        let ticket = format!("Q{}", self.asked.fetch_add(1, Ordering::Relaxed));
        self.desk.put_ticket(&ticket).await?;
        let posted = self.desk.post_message(&ticket).await?;
        let id = |value: &Value| Uuid::parse_str(value.as_str().unwrap_or_default());
        let key = keys::delivery(
            &ticket.parse()?,
            id(&posted["id"])?,
            id(&posted["deliveries"][0]["id"])?,
        );
        let asked = json!({
            "TableName": TABLE, "Key": { "pk": { "S": key.pk }, "sk": { "S": key.sk } },
        });
        let mut headers = signed("dynamodb").to_vec();
        headers.push(("x-amz-target", "DynamoDB_20120810.GetItem"));
        headers.push(("content-type", "application/x-amz-json-1.0"));
        let (_, answer) = self
            .client
            .send(Method::POST, &self.url, &headers, &asked)
            .await?;
        let record = json!({
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/mensageria/stream/1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_792_324_800, "Keys": asked["Key"],
                "NewImage": answer["Item"], "SequenceNumber": "1", "SizeBytes": 1,
                "StreamViewType": "NEW_IMAGE",
            },
        });
        Ok((key, json!({ "Records": [record] })))
    }

    /// Sends a delivery: its key, and the event with which SES tells that it arrived.
    ///
    /// # Errors
    /// When storage refuses.
    pub async fn send(&self) -> Result<(Key, Value), Failure> {
        let (delivery, _) = self.queue().await?;
        let event = mail::arrived(&self.storage, &delivery).await?;
        Ok((delivery, event))
    }

    /// Puts a reply into the bucket: its id, and the bucket's event.
    ///
    /// # Errors
    /// When storage or the bucket refuses.
    pub async fn receive(&self) -> Result<(String, Value), Failure> {
        let ticket = self.ticket().await?;
        let raw = mail::reply(&ticket, &desk::requester(&ticket))?;
        let id = Uuid::now_v7().simple().to_string();
        let key = format!("{}{id}", files::INBOUND);
        let event = mail::object_created(&key, raw.len());
        let url = format!("{}/{FILES_BUCKET}/{key}", self.url);
        self.client.put(&url, &signed("s3"), raw).await?;
        Ok((id, event))
    }

    /// Whether what is kept under a key is in this state.
    ///
    /// # Errors
    /// When storage refuses.
    pub async fn is_in(&self, key: &Key, status: &str) -> Result<bool, Failure> {
        let found = self.storage.get(std::slice::from_ref(key)).await?;
        Ok(found[0]
            .as_ref()
            .is_some_and(|item| item.data["status"] == status))
    }
}

/// Emulators tell services apart by the signature; they do not check it.
fn signed(service: &str) -> [(&'static str, &'static str); 1] {
    let value = match service {
        "ses" => {
            "AWS4-HMAC-SHA256 Credential=test/20261018/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0"
        }
        "s3" => {
            "AWS4-HMAC-SHA256 Credential=test/20261018/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        }
        _ => {
            "AWS4-HMAC-SHA256 Credential=test/20261018/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
        }
    };
    [("authorization", value)]
}
