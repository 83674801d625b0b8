//! Everything of one ticket that is about the person: their place among the participants, their
//! messages and files, mails to them.

use uuid::Uuid;

use super::{
    Counts,
    item::settle,
    scrub::{NOTHING, Subject, rewritten},
    walk::remove,
};
use crate::{
    App, Result,
    desk::{
        attachments,
        messages::StoredMessage,
        tickets::{LastMessage, TicketRecord},
    },
    entity::{self, Entity as _},
    outgoing::deliveries,
    texts,
};
use domain::{
    catalog::Language,
    delivery::{Delivery, DeliveryStatus, Recipient},
    id::TicketId,
    message::Message,
    reason::Reason,
    ticket::Person,
};
use storage::{Expect, Item, Position, Query, Source, Write, files, keys};

/// Items of a ticket that are looked at together.
const ITEMS: usize = 100;

/// What a part of a ticket came to.
pub(super) struct Page {
    /// Where to go on.
    pub(super) next: Option<Position>,
    /// Whether something of it was erased.
    pub(super) changed: bool,
    /// Whether a mail to the person is under way, which is to be looked at again.
    pub(super) under_way: bool,
}

/// Erases the person from a part of a ticket. Whatever somebody else writes meanwhile is read anew.
pub(super) async fn page(
    app: &App,
    subject: &Subject,
    id: &TicketId,
    after: Option<Position>,
    counts: &mut Counts,
) -> Result<Page> {
    let source = Source::Partition(keys::ticket_partition(id));
    let found = app
        .store
        .query(Query::of(source, ITEMS).after(after))
        .await?;
    let mut page = Page {
        next: found.next,
        changed: false,
        under_way: false,
    };
    for item in found.items {
        let settled = settle(app, subject, item, counts).await?;
        page.changed |= settled.changed;
        page.under_way |= settled.under_way;
    }
    Ok(page)
}

/// What to write of an item, and whether it is a mail under way.
pub(super) async fn left(
    app: &App,
    subject: &Subject,
    item: &Item,
    counts: &mut Counts,
) -> Result<(Vec<Write>, bool)> {
    let write = match item.key.sk.as_str() {
        "TICKET" => ticket(app, subject, item).await?,
        sk if sk.starts_with(keys::MESSAGES) => message(app, subject, item, counts).await?,
        sk if sk.starts_with(keys::DELIVERIES) => return delivery(app, subject, item, counts),
        _ => other(app, subject, item, counts).await?,
    };
    Ok((Vec::from_iter(write), false))
}

async fn ticket(app: &App, subject: &Subject, item: &Item) -> Result<Option<Write>> {
    let mut record: TicketRecord = item.decode()?;
    let ticket = &mut record.ticket;
    let is_requester = subject.has(&ticket.requester.email);
    let is_contact = subject.has(&ticket.contact().email);
    if is_requester {
        // Who opens a ticket describes it.
        ticket.description.clear();
        ticket.extra.clear();
    }
    if is_requester || is_contact {
        ticket.contact_details.clear();
    }
    ticket
        .followers
        .retain(|person| !subject.has(&person.email));
    for person in [
        &mut ticket.contact,
        &mut ticket.responsible,
        &mut ticket.owner,
    ] {
        if person
            .as_ref()
            .is_some_and(|person| subject.has(&person.email))
        {
            *person = None;
        }
    }
    if is_requester {
        ticket.requester = Person {
            name: NOTHING.to_owned(),
            ..Person::default()
        };
    }
    let last = [&mut record.last_message, &mut record.last_public_message];
    for last in last.into_iter().flatten() {
        if is_erased(app, &record.ticket.id, last.id).await? {
            forget(last);
        }
    }
    let stored = entity::Ticket(&record.ticket.id);
    let mut left = stored.item(&record)?;
    subject.scrub(&mut left.data);
    // As it is written otherwise: without what is empty now, so that once more changes nothing.
    let data = stored.item(&left.decode()?)?.data;
    Ok((data != item.data).then(|| rewritten(item, data)))
}

/// The list of tickets shows the beginning of the last message.
fn forget(last: &mut LastMessage) {
    NOTHING.clone_into(&mut last.author);
    NOTHING.clone_into(&mut last.excerpt);
    last.attachments = 0;
}

async fn is_erased(app: &App, ticket: &TicketId, message: Uuid) -> Result<bool> {
    let stored = app.read(entity::Message(ticket, message)).await?;
    Ok(stored.is_some_and(|stored| stored.value.erased))
}

async fn message(
    app: &App,
    subject: &Subject,
    item: &Item,
    counts: &mut Counts,
) -> Result<Option<Write>> {
    let mut stored: StoredMessage = item.decode()?;
    if stored.message.author.email.as_ref() == Some(&subject.key) {
        let taken = stored.message.attachments.iter();
        let names: Vec<String> = taken
            .filter(|file| file.refused.is_none())
            .map(attachments::name)
            .collect();
        // Files first: without their message nobody would find them.
        counts.files += remove(app, &names).await?;
        empty(&mut stored.message, &app.settings.default_locale);
        stored.erased = true;
        counts.messages += 1;
    }
    for decision in &mut stored.decisions {
        clear(subject, &mut decision.to);
    }
    let mut data = entity::Message(&stored.message.ticket_id, stored.message.id)
        .item(&stored)?
        .data;
    subject.scrub(&mut data);
    Ok((data != item.data).then(|| rewritten(item, data)))
}

fn empty(message: &mut Message, locale: &str) {
    let words = texts::ticket::ERASED_AT_THE_REQUEST_OF_ITS_AUTHOR;
    message.text = words.get(Language::of(locale)).to_owned();
    message.html = None;
    message.full_text = None;
    message.attachments.clear();
    message.author.email = None;
    NOTHING.clone_into(&mut message.author.name);
}

/// What to write of a delivery, and whether its mail is under way.
fn delivery(
    app: &App,
    subject: &Subject,
    item: &Item,
    counts: &mut Counts,
) -> Result<(Vec<Write>, bool)> {
    let mut delivery: Delivery = item.decode()?;
    if subject.has(&delivery.to.address) {
        use DeliveryStatus as S;
        match delivery.status {
            S::Sending => return Ok((Vec::new(), true)),
            S::Queued | S::Held => delivery.fail(Reason::Erased, None, app.now()),
            _ => {}
        }
        clear(subject, &mut delivery.to);
        delivery.to.address = subject.stand_in.as_str().into();
        delivery.detail = None;
        counts.deliveries += 1;
    }
    for entry in &mut delivery.timeline {
        if entry.by.as_deref().is_some_and(|by| subject.is(by)) {
            entry.by_name = None;
        }
    }
    if let Some(dismissed) = &mut delivery.dismissed
        && subject.is(&dismissed.by)
    {
        NOTHING.clone_into(&mut dismissed.by_name);
    }
    let (mut new, entry) = deliveries::stored(&mut delivery)?;
    subject.scrub(&mut new.data);
    if new.data == item.data {
        return Ok((Vec::new(), false));
    }
    let mut writes = vec![Write::replace(new, item.version.clone())];
    writes.extend(entry);
    Ok((writes, false))
}

fn clear(subject: &Subject, to: &mut Recipient) {
    if subject.has(&to.address) {
        to.name.clear();
        to.locale = None;
        to.time_zone = None;
    }
}

/// Read marks, ids of mails and files that wait, which are kept by address.
async fn other(
    app: &App,
    subject: &Subject,
    item: &Item,
    counts: &mut Counts,
) -> Result<Option<Write>> {
    let sk = &item.key.sk;
    let (kind, name) = sk.split_once('#').unwrap_or((sk, ""));
    let is_upload = kind == "U" && item.data["by"].as_str().is_some_and(|by| subject.is(by));
    if is_upload {
        let place = [format!("{}{name}", files::UPLOADS)];
        counts.files += remove(app, &place).await?;
    }
    if is_upload || subject.is(name) {
        return Ok(Some(Write::delete(
            item.key.clone(),
            Expect::Version(item.version.clone()),
        )));
    }
    let mut data = item.data.clone();
    Ok(subject.scrub(&mut data).then(|| rewritten(item, data)))
}
