//! Whether what a mail marks as quotation stands in what we sent about its ticket, and whether somebody
//! wrote into it.

use uuid::Uuid;

use super::evidence::part;
use crate::{
    App, Result,
    desk::messages::{self, StoredMessage},
    entity::{self, Entity as _},
    outgoing::{
        attachments::Attachments,
        mailing::{self, MailInput},
        thread::ThreadPosition,
    },
    pages,
};
use domain::{
    address::Address,
    delivery::{Capacity, Recipient},
    message::Message,
    parameter::Parameters,
    preferences::Preferences,
    system::is_system,
    template::{Content, Template},
    ticket::Ticket,
};
use mail::{
    inbound::InboundMail,
    reply::{CHANGING, Passage, Sent, quotes},
};
use render::{Mode, compile};
use storage::{Item, Query, Range, Source, keys};

/// How many of the last messages are looked at.
const RECENT: usize = 50;
/// Of how many of them the mail is made once more.
const MADE: usize = 8;

/// What of a quotation is its author's.
#[derive(Default)]
pub(super) struct Own {
    /// One flag for each unproven passage: whether it quotes neither a mail of ours, nor the ticket, nor
    /// one of its last messages.
    pub(super) passages: Vec<bool>,
    /// Whether words stand within a mail of ours, or below it, that we did not send.
    pub(super) within: bool,
}

/// What of the quotation in this mail is its author's.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn own(
    app: &App,
    parameters: &Parameters,
    ticket: &Ticket,
    mail: &InboundMail,
) -> Result<Own> {
    let reply = &mail.reply;
    let senders = messages::senders(app, parameters);
    // A block of headers says who wrote what is below it, and so does an attribution. One of somebody
    // who takes part is of a mail beside ours.
    let sent = |passage: &Passage| match passage.from.as_deref().map(Address::parse) {
        Some(Ok(from)) => {
            is_system(&from, messages::ours(app, &senders)).is_some()
                || passage.attributed && part(ticket, parameters, &from).is_some()
        }
        Some(Err(_)) => passage.attributed,
        None => false,
    };
    let texts = [&ticket.description, &ticket.response, &ticket.observation];
    let unproven = reply.unproven.iter();
    let passages: Vec<&Passage> = unproven.flat_map(|unproven| &unproven.passages).collect();
    let of_author = |passage: &&Passage| {
        !sent(passage) && !texts.iter().any(|text| quotes(&passage.quoted, text))
    };
    let mut own = Own {
        passages: passages.iter().map(of_author).collect(),
        within: false,
    };
    // What shows all of itself has lost nothing.
    let quotation = match reply.text == reply.full && !reply.nothing_new {
        true => &[],
        false => reply.quotation.as_slice(),
    };
    if !own.passages.contains(&true) && quotation.is_empty() {
        return Ok(own);
    }
    let source = Source::Partition(keys::ticket_partition(&ticket.id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let (recent, forms) = tokio::try_join!(
        pages::items(app, query),
        Forms::read(app, parameters, ticket, mail, !quotation.is_empty()),
    )?;
    let mut made = 0;
    for item in recent {
        let StoredMessage { message, .. } = item.decode()?;
        for (own, passage) in own.passages.iter_mut().zip(&passages) {
            *own = *own && !quotes(&passage.quoted, &message.text);
        }
        let forms = forms.as_ref().filter(|forms| forms.went(&message));
        if let Some(forms) = forms.filter(|_| made < MADE) {
            made += 1;
            let sent = forms.sent(&message);
            for (own, passage) in own.passages.iter_mut().zip(&passages) {
                *own = *own && !sent.iter().any(|sent| sent.holds(&passage.quoted));
            }
            let added = |mail: &String| sent.iter().any(|sent| sent.is_added_to(mail));
            own.within = own.within || quotation.iter().any(added);
        }
    }
    Ok(own)
}

/// How a message is sent to somebody: what the mails about it are made with.
struct Forms<'a> {
    app: &'a App,
    parameters: &'a Parameters,
    ticket: Ticket,
    to: Recipient,
    templates: Vec<Content>,
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
    /// For the sender of a mail, who got ours; none where it is not wanted.
    async fn read(
        app: &'a App,
        parameters: &'a Parameters,
        ticket: &'a Ticket,
        mail: &InboundMail,
        wanted: bool,
    ) -> Result<Option<Self>> {
        let Some(sender) = mail.sender().filter(|_| wanted) else {
            return Ok(None);
        };
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
        let of_item = |item: Item| item.decode::<Template>().ok().map(Content::from);
        let to = ticket
            .participants()
            .find(|one| one.is(&sender.address))
            .map_or_else(
                || Recipient {
                    name: sender.name.clone(),
                    address: address.to_owned(),
                    capacity: Capacity::Requester,
                    locale: None,
                    time_zone: None,
                },
                Recipient::from,
            );
        Ok(Some(Self {
            app,
            parameters,
            ticket: changing(ticket.clone()),
            to: wishes.map_or_else(|| to.clone(), |wishes| wishes.applied_to(&to)),
            templates: found.flatten().filter_map(of_item).collect(),
        }))
    }

    /// Whether a message can have gone there: nobody is sent what they wrote.
    fn went(&self, message: &Message) -> bool {
        let author = message.author.email.as_deref().unwrap_or_default();
        !self.templates.is_empty() && !author.eq_ignore_ascii_case(&self.to.address)
    }

    /// What a message was sent as, by each of the templates.
    fn sent(&self, message: &Message) -> Vec<Sent> {
        let settings = &self.app.settings;
        let sender = mailing::sender_of(settings, self.parameters, &self.ticket.contract);
        let Some(sender) = sender else {
            return Vec::new();
        };
        let wanted = mailing::locale(settings, &self.to);
        let made = |content: &Content| {
            let template = compile(&content.in_locale(wanted), Mode::Lenient).ok()?;
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
                locale: content.tag_sent(wanted, &settings.default_locale),
            };
            let mail = input.mail(&template).ok()?;
            let rendered = &mail.rendered;
            Some(Sent::of(&rendered.text, &rendered.html, &message.text))
        };
        self.templates.iter().filter_map(made).collect()
    }
}
