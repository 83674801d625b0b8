//! A desk whose storage is an emulator and whose provider is a small SES: what is posted, what the
//! stream would bring of it, what events tell, and what became of everything.

use std::sync::Arc;

use domain::delivery::Delivery;
use fake_ses::FakeSes;
use serde_json::{Map, Value, json};
use service::{
    Error,
    access::Role,
    api::PersonFields,
    desk::{
        messages::{self, NewMessage, Posted},
        tickets::{self, TicketFields},
    },
    feedback,
    idempotency::Once,
    outgoing::resend,
    settings::Settings,
};
use storage::{Item, Key, MAX_GET, Storage, dynamodb::DynamoDb, keys};
use tests::emulator::{Emulator, TABLE};
use uuid::Uuid;

use crate::desk::{Desk, caller};

/// The settings of the functions, storage and mail aside.
pub(super) const SETTINGS: [(&str, &str); 5] = [
    ("TABLE_NAME", TABLE),
    ("MAIL_TRANSPORT", "ses"),
    ("MAIL_FROM", "desk@mensageria.example"),
    ("CONFIGURATION_SET", "mensageria"),
    ("STORM_LIMITS", "1000/1"),
];

/// The desk, and what stands for AWS.
pub(super) struct Emulated {
    pub(super) desk: Desk<DynamoDb>,
    pub(super) emulator: Emulator,
    pub(super) ses: FakeSes,
}

/// One mail: a delivery and how the stream brings it.
#[derive(Clone)]
pub(super) struct Mailed {
    pub(super) key: Key,
    pub(super) posted: Posted,
    pub(super) record: Value,
}

impl Emulated {
    pub(super) async fn open() -> Self {
        let emulator = Emulator::ministack();
        let settings = Settings::read(|name| {
            let found = SETTINGS.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let desk = Desk::shared(Arc::new(emulator.storage()), settings.unwrap());
        let ses = FakeSes::start().await.unwrap();
        let id = desk.template("mensageria", "<p>${COMMENTTEXT}</p>").await;
        desk.set(417, &id.to_string()).await;
        Self {
            desk,
            emulator,
            ses,
        }
    }

    /// Opens a ticket.
    pub(super) async fn ticket(&self, id: &str) {
        let person = |name: &str| PersonFields {
            name: name.to_owned(),
            email: format!("{name}@example.com").into(),
            ..PersonFields::default()
        };
        let ticket = TicketFields {
            id: id.to_owned(),
            requester: person("maria"),
            responsible: Some(person("bia")),
            ..TicketFields::default()
        };
        let integration = caller(Role::Integration);
        patiently(|| tickets::put(&self.desk.app, &integration, id, ticket.clone())).await;
    }

    /// Posts a message on a ticket; it makes one mail.
    pub(super) async fn post(&self, ticket: &str, text: &str) -> Mailed {
        let new = NewMessage {
            text: Some(text.to_owned()),
            ..NewMessage::default()
        };
        let bia = caller(Role::Technician);
        let once = Once::new(&bia, "post", &Uuid::now_v7().to_string(), b"").unwrap();
        let ticket = &ticket.parse().unwrap();
        let post = || messages::post(&self.desk.app, &bia, ticket, &new, Some(&once));
        let posted = patiently(post).await.into_parts().0;
        let key = keys::delivery(ticket, posted.id, posted.deliveries[0].id);
        let item = self.items(std::slice::from_ref(&key)).await.remove(0);
        let record = record(&item);
        Mailed {
            key,
            posted,
            record,
        }
    }

    async fn items(&self, keys: &[Key]) -> Vec<Item> {
        let found = patiently(|| async { Ok(self.desk.store.get(keys).await?) }).await;
        found.into_iter().map(Option::unwrap).collect()
    }

    /// The deliveries as they are now.
    pub(super) async fn deliveries(&self, mails: &[Mailed]) -> Vec<Delivery> {
        let mut deliveries = Vec::with_capacity(mails.len());
        for some in mails.chunks(MAX_GET) {
            let keys: Vec<Key> = some.iter().map(|mail| mail.key.clone()).collect();
            let items = self.items(&keys).await;
            deliveries.extend(items.iter().map(|item| item.decode::<Delivery>().unwrap()));
        }
        deliveries
    }

    /// Applies what SES told since `from`, some of it more than once; how far it came.
    pub(super) async fn apply_events(&self, from: usize) -> usize {
        let mut events = self.ses.events(from);
        let upto = from + events.len();
        let again: Vec<Value> = events
            .iter()
            .filter(|_| fastrand::u8(0..4) == 0)
            .cloned()
            .collect();
        events.extend(again);
        fastrand::shuffle(&mut events);
        for event in events {
            patiently(|| feedback::apply(&self.desk.app, &event)).await;
        }
        upto
    }

    /// A person sends it again.
    pub(super) async fn resend(&self, mail: &Mailed) {
        let (ticket, posted) = (&mail.posted.ticket_id, &mail.posted);
        let (message, delivery) = (posted.id, posted.deliveries[0].id);
        let bia = caller(Role::Technician);
        let once = Once::new(&bia, "resend", &delivery.to_string(), b"").unwrap();
        let once = Some(&once);
        patiently(|| resend::delivery(&self.desk.app, &bia, ticket, message, delivery, once)).await;
    }
}

/// Does it again while storage is busy: an emulator is not a table of AWS.
async fn patiently<T, F: Future<Output = Result<T, Error>>>(act: impl Fn() -> F) -> T {
    loop {
        match act().await {
            Ok(done) => return done,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
}

/// How the table's stream brings a new item.
fn record(item: &Item) -> Value {
    json!({
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": item.key.sk,
            "NewImage": {
                "pk": { "S": item.key.pk },
                "sk": { "S": item.key.sk },
                "entity": { "S": item.entity },
                "version": { "S": item.version.0 },
                "data": attribute(&item.data),
            },
        },
    })
}

/// A value as DynamoDB writes it.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(yes) => json!({ "BOOL": yes }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(list) => json!({ "L": list.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(map) => {
            let map: Map<_, _> = map.iter().map(|(k, v)| (k.clone(), attribute(v))).collect();
            json!({ "M": map })
        }
    }
}
