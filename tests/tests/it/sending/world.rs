//! A desk with one ticket, a messaging template and a clock that is moved by hand.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    catalog::Language,
    delivery::Delivery,
    id::{TemplateId, TicketId},
    message::{Author, Role as Side},
    source::Source,
    ticket::{Group, Person},
};
use jiff::{SignedDuration, Timestamp};
use service::{
    App,
    access::{Caller, Role},
    admin::{
        parameters::{self, Precondition},
        templates::{self, Draft, Strictness},
    },
    desk::{
        messages::{self, NewMessage, Posted},
        tickets::{self, TicketFields},
    },
    outgoing::sending::{Options, Sender},
    settings::Settings,
};
use storage::{Item, SharedStorage, Storage, embedded::Embedded, keys};
use uuid::Uuid;

use super::{transport::Scripted, unreliable::Unreliable};

/// The ticket of the tests.
pub(crate) const TICKET: &str = "4711";
/// The same, as use cases take it.
pub(crate) static NUMBER: TicketId = TicketId::from_static(TICKET);
/// Its requester.
pub(crate) const MARIA: &str = "maria@example.com";

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) store: Arc<Unreliable>,
    pub(crate) transport: Arc<Scripted>,
    pub(crate) sender: Sender,
    clock: Arc<Mutex<Timestamp>>,
}

impl World {
    /// Everything is set: a message posted now would arrive.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same with these settings on top.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let world = Self::bare(settings).await;
        let id = world.template("mensageria", "${COMMENTTEXT}").await;
        world.set(417, &id.to_string()).await;
        world
    }

    /// No template and no parameter.
    pub(crate) async fn bare(settings: &[(&str, &str)]) -> Self {
        let settings = Settings::read(|name| {
            let own = settings.iter().find(|(known, _)| *known == name);
            let default = match name {
                "MAIL_FROM" => Some("Central <desk@mensageria.example>"),
                // Tests of other things write more than people do.
                "STORM_LIMITS" => Some("1000/1"),
                _ => None,
            };
            own.map(|(_, value)| *value).or(default).map(str::to_owned)
        });
        let embedded: SharedStorage = Arc::new(Embedded::in_memory().unwrap());
        let store = Arc::new(Unreliable::new(embedded));
        let clock = Arc::new(Mutex::new(Timestamp::now()));
        let hands = clock.clone();
        let app = App::new(store.clone(), settings.unwrap())
            .with_clock(move || *hands.lock().unwrap_or_else(PoisonError::into_inner));
        let transport = Arc::new(Scripted::like(app.settings.mail_transport));
        let sender = Sender::new(app.clone(), transport.clone());
        let world = Self {
            app,
            store,
            transport,
            sender,
            clock,
        };
        world.ticket(TICKET, MARIA).await;
        world
    }

    /// Another sender over the same store and transport, as another process would be.
    pub(crate) fn other_sender(&self) -> Sender {
        Sender::with_options(self.app.clone(), self.transport.clone(), Options::default())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.app.now()
    }

    pub(crate) fn wait(&self, time: SignedDuration) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    pub(crate) async fn ticket(&self, id: &str, requester: &str) {
        let person = |name: &str, email: &str| Person {
            name: name.to_owned(),
            email: email.to_owned(),
            ..Person::default()
        };
        let ticket = TicketFields {
            id: id.to_owned(),
            requester: person("Maria", requester),
            responsible: Some(person("Bia", "bia@example.com")),
            group: Some(Group {
                name: "N1".to_owned(),
                addresses: vec!["n1@example.com".to_owned()],
            }),
            activity: "Senha".to_owned(),
            ..TicketFields::default()
        };
        tickets::put(&self.app, &caller(Role::Integration), id, ticket)
            .await
            .unwrap();
    }

    /// Creates a template with this body and gives its id.
    pub(crate) async fn template(&self, identifier: &str, html: &str) -> TemplateId {
        let draft = draft(identifier, html);
        let created = templates::create(
            &self.app,
            &caller(Role::Admin),
            draft,
            None,
            Strictness::Strict,
            None,
        )
        .await
        .unwrap();
        created.into_parts().0.template.id
    }

    /// Publishes a new version of a template.
    pub(crate) async fn publish(&self, id: TemplateId, identifier: &str, html: &str) {
        let (admin, draft) = (caller(Role::Admin), draft(identifier, html));
        templates::update(&self.app, &admin, id, draft, &Precondition::Any)
            .await
            .unwrap();
    }

    pub(crate) async fn set(&self, number: u16, value: &str) {
        let admin = caller(Role::Admin);
        let any = Precondition::Any;
        parameters::set(&self.app, &admin, number, value, &any, Language::Pt)
            .await
            .unwrap();
    }

    /// A message of the technician, which makes one mail to Maria.
    pub(crate) async fn post(&self, text: &str) -> Posted {
        self.post_on(TICKET, text).await
    }

    pub(crate) async fn post_on(&self, ticket: &str, text: &str) -> Posted {
        let new = NewMessage {
            text: Some(text.to_owned()),
            ..NewMessage::default()
        };
        let posted = messages::post(
            &self.app,
            &caller(Role::Technician),
            &ticket.parse().unwrap(),
            &new,
            None,
        )
        .await
        .unwrap();
        posted.into_parts().0
    }

    /// A message of Maria, which makes a mail to Bia and one to her group.
    pub(crate) async fn post_as_requester(&self, text: &str) -> Posted {
        let new = NewMessage {
            text: Some(text.to_owned()),
            author: Some(Author {
                name: "Maria".to_owned(),
                email: Some(MARIA.to_owned()),
                role: Side::Requester,
            }),
            ..NewMessage::default()
        };
        let integration = caller(Role::Integration);
        let posted = messages::post(&self.app, &integration, &NUMBER, &new, None).await;
        posted.unwrap().into_parts().0
    }

    /// The deliveries of a message as they are stored, as the stream brings them.
    pub(crate) async fn items(&self, posted: &Posted) -> Vec<Item> {
        let key = |delivery: Uuid| keys::delivery(&posted.ticket_id, posted.id, delivery);
        let keys: Vec<_> = posted
            .deliveries
            .iter()
            .map(|delivery| key(delivery.id))
            .collect();
        let found = self.store.get(&keys).await.unwrap();
        found.into_iter().map(Option::unwrap).collect()
    }

    /// The first delivery of a message.
    pub(crate) async fn delivery(&self, posted: &Posted) -> Delivery {
        self.items(posted).await[0].decode().unwrap()
    }

    /// Posts and sends, as the stream does; gives the delivery afterwards.
    pub(crate) async fn send(&self, text: &str) -> (Posted, Delivery) {
        let posted = self.post(text).await;
        self.sender.send_queued(self.items(&posted).await).await;
        let delivery = self.delivery(&posted).await;
        (posted, delivery)
    }
}

pub(crate) fn caller(role: Role) -> Caller {
    let email = (role == Role::Technician).then(|| "bia@example.com".to_owned());
    Caller {
        sub: "somebody".to_owned(),
        email,
        name: "Bia".to_owned(),
        roles: vec![role],
        groups: Vec::new(),
    }
}

fn draft(identifier: &str, html: &str) -> Draft {
    let source = Source {
        title: "[${IDSOLICITACAOSERVICO}] ${SERVICO}".to_owned(),
        html: html.to_owned(),
        ..Source::default()
    };
    Draft {
        identifier: identifier.to_owned(),
        source,
        ..Draft::default()
    }
}
