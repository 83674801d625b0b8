//! What people and systems do at a desk that sends: templates, parameters, messages, and their mails.

use domain::{
    catalog::Language,
    delivery::Delivery,
    id::{TemplateId, TicketId},
    message::Side,
    source::Source,
};
use service::{
    Precondition,
    access::Role,
    admin::{
        parameters,
        templates::{self, Draft, Strictness},
    },
    api::{AuthorFields, GroupFields, PersonFields},
    desk::{
        messages::{self, NewMessage, Posted},
        tickets::{self, TicketFields},
    },
};
use storage::{Item, Storage, keys};
use uuid::Uuid;

use super::{Clock, Desk, MARIA, NUMBER, TICKET, caller, embedded, read};
use crate::sending::unreliable::Unreliable;

impl Desk {
    /// Everything is set: a message that is posted now would arrive. The clock stands still.
    pub(crate) async fn sending() -> Self {
        Self::sending_with(&[]).await
    }

    /// The same with these settings.
    pub(crate) async fn sending_with(settings: &[(&str, &str)]) -> Self {
        let desk = Self::unconfigured(settings).await;
        let id = desk.template("mensageria", "${COMMENTTEXT}").await;
        desk.set(417, &id.to_string()).await;
        desk
    }

    /// A ticket of Maria, no template and no parameter.
    pub(crate) async fn unconfigured(settings: &[(&str, &str)]) -> Self {
        let defaults = [
            ("MAIL_FROM", "Central <desk@mensageria.example>"),
            // Tests of other things write more than people do.
            ("STORM_LIMITS", "1000/1"),
        ];
        let store = std::sync::Arc::new(Unreliable::new(embedded()));
        let clock = Clock::at(jiff::Timestamp::now());
        let desk = Self::build(store, read(settings, &defaults), clock, None);
        desk.ticket_of(TICKET, MARIA).await;
        desk
    }
}

impl<S: Storage> Desk<S> {
    /// Stores a ticket of somebody that Bia works on, in group N1; nobody follows it.
    pub(crate) async fn ticket_of(&self, id: &str, requester: &str) {
        let person = |name: &str, email: &str| PersonFields {
            name: name.to_owned(),
            email: email.into(),
            ..PersonFields::default()
        };
        let ticket = TicketFields {
            id: id.to_owned(),
            requester: person("Maria", requester),
            responsible: Some(person("Bia", "bia@example.com")),
            group: Some(GroupFields {
                name: "N1".to_owned(),
                addresses: vec!["n1@example.com".into()],
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
            author: Some(AuthorFields {
                name: "Maria".to_owned(),
                email: Some(MARIA.into()),
                role: Side::Requester,
            }),
            ..NewMessage::default()
        };
        let integration = caller(Role::Integration);
        let posted = messages::post(&self.app, &integration, &NUMBER, &new, None).await;
        posted.unwrap().into_parts().0
    }

    /// What the ITSM system writes as one of the technicians, or as its own doing.
    pub(crate) async fn post_by_system(&self, text: &str, automatic: bool) -> Posted {
        self.post_by("Sistema", &NUMBER, text, automatic).await
    }

    /// The same under this name, on any ticket.
    pub(crate) async fn post_by(
        &self,
        name: &str,
        ticket: &TicketId,
        text: &str,
        automatic: bool,
    ) -> Posted {
        let new = NewMessage {
            text: Some(text.to_owned()),
            automatic,
            author: Some(AuthorFields {
                name: name.to_owned(),
                email: None,
                role: Side::Technician,
            }),
            ..NewMessage::default()
        };
        let integration = caller(Role::Integration);
        let posted = messages::post(&self.app, &integration, ticket, &new, None).await;
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
