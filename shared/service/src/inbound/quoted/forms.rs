//! Our mails about messages, made once more, to compare quotations with them.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    App, Result,
    entity::{self, Entity as _},
    outgoing::{
        attachments::Attachments,
        mailing::{self, MailInput},
        thread::ThreadPosition,
    },
};
use domain::{
    address::Mailbox,
    delivery::{Capacity, Recipient},
    message::Message,
    parameter::Parameters,
    preferences::Preferences,
    template::{Content, Template},
    ticket::Ticket,
};
use mail::reply::{CHANGING, Sent};
use render::{Compiled, Mode, compile};
use storage::{Item, keys};

/// How a message is sent to somebody: what the mails about it are made with.
pub(super) struct Forms<'a> {
    app: &'a App,
    parameters: &'a Parameters,
    ticket: Ticket,
    to: Recipient,
    /// Each with the language that it is sent in.
    templates: Vec<(Compiled, String)>,
    /// Since when they are as they are.
    since: Timestamp,
}

/// A ticket whose values may have been others when a mail about it left.
fn changing(mut ticket: Ticket) -> Ticket {
    for text in [
        &mut ticket.kind,
        &mut ticket.status,
        &mut ticket.priority,
        &mut ticket.urgency,
        &mut ticket.impact,
        &mut ticket.contact_details,
        &mut ticket.portfolio,
        &mut ticket.service,
        &mut ticket.activity,
        &mut ticket.demand,
        &mut ticket.description,
        &mut ticket.response,
        &mut ticket.observation,
        &mut ticket.phase,
        &mut ticket.related_id,
    ] {
        CHANGING.clone_into(text);
    }
    for text in ticket.extra.values_mut() {
        CHANGING.clone_into(text);
    }
    let people = [
        &mut ticket.contact,
        &mut ticket.responsible,
        &mut ticket.owner,
    ];
    for person in people {
        CHANGING.clone_into(&mut person.get_or_insert_default().name);
    }
    let groups = [
        &mut ticket.group,
        &mut ticket.level1_group,
        &mut ticket.executor_group,
    ];
    for group in groups {
        CHANGING.clone_into(&mut group.get_or_insert_default().name);
    }
    for at in [
        &mut ticket.requested_at,
        &mut ticket.deadline_at,
        &mut ticket.finished_at,
    ] {
        at.get_or_insert_default();
    }
    ticket.time_spent_minutes.get_or_insert_default();
    ticket
}

impl<'a> Forms<'a> {
    /// For the sender of a mail, who got ours.
    pub(super) async fn read(
        app: &'a App,
        parameters: &'a Parameters,
        ticket: &'a Ticket,
        sender: &Mailbox,
    ) -> Result<Self> {
        let address = sender.address.key();
        let mut ids: Vec<_> = [true, false]
            .into_iter()
            .filter_map(|side| parameters.messaging_template(side))
            .collect();
        ids.dedup();
        let mut wanted = vec![entity::Preferences(address).key()];
        wanted.extend(ids.iter().map(|id| keys::template_published(*id)));
        let mut found = app.store.get(&wanted).await?.into_iter();
        let wishes = found.next().flatten();
        let wishes = wishes.and_then(|item| item.decode::<Preferences>().ok());
        let to = ticket
            .participants()
            .find(|one| one.is(address))
            .map_or_else(
                || Recipient {
                    name: sender.name.clone(),
                    address: address.clone().into(),
                    capacity: Capacity::Requester,
                    locale: None,
                    time_zone: None,
                },
                Recipient::from,
            );
        let to = wishes.map_or_else(|| to.clone(), |wishes| wishes.applied_to(&to));
        let wanted = mailing::locale(&app.settings, &to);
        let mut since = Timestamp::MIN;
        let compiled = |item: Item| {
            let template = item.decode::<Template>().ok()?;
            since = since.max(template.updated_at);
            let content = Content::from(template);
            let template = compile(&content.in_locale(wanted), Mode::Lenient).ok()?;
            let tag = content.tag_sent(wanted, &app.settings.default_locale);
            Some((template, tag.to_owned()))
        };
        let templates = found.flatten().filter_map(compiled).collect();
        Ok(Self {
            app,
            parameters,
            ticket: changing(ticket.clone()),
            to,
            templates,
            since,
        })
    }

    /// Whether a message left in the form that its mail is made in now.
    pub(super) fn are_of(&self, message: &Message) -> bool {
        self.since <= message.created_at
    }

    /// What a message was sent as, by each of the templates.
    pub(super) fn sent(&self, message: &Message) -> Vec<Sent> {
        let settings = &self.app.settings;
        let sender = mailing::sender_of(settings, self.parameters, &self.ticket.contract);
        let Some(sender) = sender else {
            return Vec::new();
        };
        let made = |(template, locale): &(Compiled, String)| {
            let input = MailInput {
                settings,
                parameters: self.parameters,
                keys: None,
                link_keys: None,
                sender: &sender,
                ticket: &self.ticket,
                message,
                to: &self.to,
                delivery: (Uuid::nil(), 1),
                date: message.created_at,
                thread_position: &ThreadPosition::default(),
                attachments: &Attachments::default(),
                locale,
            };
            let mail = input.mail(template).ok()?;
            let rendered = &mail.rendered;
            Some(Sent::of(&rendered.text, &rendered.html, &message.text))
        };
        self.templates.iter().filter_map(made).collect()
    }
}
