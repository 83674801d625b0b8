//! Read the conversation.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{DeliverySummary, ListedMessage, Marked, StoredMessage};
use crate::{
    App, Error, Noun, Result, Retrying,
    access::{Caller, View},
    desk::tickets::{self, ReadMark, TicketRecord},
    entity::{self, Entity as _, Loaded},
    pages::{self, Bounds, MAX_PAGE_BYTES, Rows},
};
use domain::{
    catalog::Language,
    delivery::Delivery,
    id::TicketId,
    mask::mask_within,
    message::{Message, Visibility},
};
use storage::{Item, MAX_PAGE, Order, Position, Query, Range, Source, keys};

/// How many of the last messages are looked at for public ones.
const RECENT: usize = 50;

/// Which part of a conversation is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All of it, in this order.
    All(Order),
    /// What was written after this message.
    After(Uuid),
    /// This message, and what was written around it.
    Around(Uuid),
}

/// A part of a conversation.
#[derive(Clone, Debug)]
pub struct Part {
    /// The messages, and where to go on.
    pub rows: Rows<ListedMessage>,
    /// Where to go on in the other direction, when the part starts in the middle.
    pub previous: Option<Position>,
}

/// A part of the conversation; a requester reads what is public. The desk sees what became of each
/// mail. Reading marks nothing as read.
///
/// # Errors
/// [`Code::NotFound`](crate::Code::NotFound), storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    reading: Reading,
    limit: usize,
    after: Option<Position>,
    language: Language,
) -> Result<Part> {
    let named = match reading {
        Reading::Around(id) | Reading::After(id) => Some(entity::Message(ticket_id, id)),
        Reading::All(_) => None,
    };
    let (ticket, message) = app.read((entity::Ticket(ticket_id), named)).await?;
    let (_, view) = tickets::visible(caller, ticket)?;
    if let Some(message) = message {
        message
            .and_then(|stored| shown(stored.value.message, view, caller))
            .ok_or_else(|| Error::not_found(Noun::Message))?;
    }
    let source = Source::Partition(keys::ticket_partition(ticket_id));
    // One more tells that there is another page.
    let query = Query::of(source, (limit + 1).min(MAX_PAGE))
        .range(Range::Prefix(keys::MESSAGES.to_owned()));
    let bounds = |items| Bounds::of(items).to_the_last_shown();
    let seen = |item: &Item| {
        let stored: StoredMessage = item.decode()?;
        Ok(shown(stored.message, view, caller))
    };
    let place = |id| Position {
        key: keys::message(ticket_id, id),
        sort: None,
    };
    let (rows, mut previous) = match (reading, after) {
        (Reading::All(order), after) => {
            let query = Query { order, ..query }.after(after);
            (pages::read(app, query, bounds(limit), seen).await?, None)
        }
        (Reading::After(id), after) => {
            let query = query.after(Some(after.unwrap_or_else(|| place(id))));
            (pages::read(app, query, bounds(limit), seen).await?, None)
        }
        (Reading::Around(_), Some(after)) => {
            let query = query.after(Some(after));
            (pages::read(app, query, bounds(limit), seen).await?, None)
        }
        (Reading::Around(id), None) => {
            let bytes = MAX_PAGE_BYTES / 2;
            let before = query.clone().descending().after(Some(place(id)));
            let half = bounds((limit / 2).max(1)).bytes(bytes);
            let before = pages::read(app, before, half, seen).await?;
            let from = Range::Between(place(id).key.sk, keys::MESSAGES_END.to_owned());
            let rest = bounds(limit.saturating_sub(before.rows.len()).max(1)).bytes(bytes);
            let mut rows = pages::read(app, query.range(from), rest, seen).await?;
            rows.rows.splice(0..0, before.rows.into_iter().rev());
            (rows, before.next)
        }
    };
    if previous.is_some() && rows.rows.is_empty() {
        previous = None;
    }
    let mut rows = rows.map(ListedMessage::new);
    if view == View::Desk {
        add_deliveries(app, ticket_id, &mut rows, language).await?;
    }
    Ok(Part {
        rows: rows.fitting(),
        previous,
    })
}

/// Adds what became of the mails of these messages: one range of the table.
async fn add_deliveries(
    app: &App,
    ticket_id: &TicketId,
    rows: &mut Rows<ListedMessage>,
    language: Language,
) -> Result<()> {
    let ids = || rows.rows.iter().map(|(listed, _)| listed.message.id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
        return Ok(());
    };
    let query = Query::of(
        Source::Partition(keys::ticket_partition(ticket_id)),
        MAX_PAGE,
    )
    .range(keys::deliveries_between(first, last));
    let mut found: BTreeMap<Uuid, Vec<DeliverySummary>> = BTreeMap::new();
    let mut pages = pages::all(app, query);
    while let Some(items) = pages.next().await? {
        for item in &items {
            let delivery: Delivery = item.decode()?;
            let summaries = found.entry(delivery.message_id).or_default();
            summaries.push(DeliverySummary::new(&delivery, language));
        }
    }
    for (listed, _) in &mut rows.rows {
        let mut deliveries = found.remove(&listed.message.id).unwrap_or_default();
        deliveries.sort_by_key(|one| one.status.rank());
        listed.deliveries = Some(deliveries);
    }
    Ok(())
}

/// One message; the desk sees its deliveries too.
///
/// # Errors
/// [`Code::NotFound`](crate::Code::NotFound), storage.
pub async fn read(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    id: Uuid,
) -> Result<(Message, Option<Vec<Delivery>>)> {
    let sees = |ticket| tickets::visible(caller, ticket);
    let ((_, view), stored) = stored(app, ticket_id, id, sees).await?;
    let message =
        shown(stored.message, view, caller).ok_or_else(|| Error::not_found(Noun::Message))?;
    let deliveries = match view {
        View::Requester => None,
        View::Desk => Some(deliveries_of(app, ticket_id, id).await?),
    };
    Ok((message, deliveries))
}

/// A message as it is stored, for whom `sees` lets see its ticket; what `sees` answers comes along.
///
/// # Errors
/// Those of `sees`, [`Code::NotFound`](crate::Code::NotFound), storage.
pub(crate) async fn stored<T>(
    app: &App,
    ticket_id: &TicketId,
    id: Uuid,
    sees: impl FnOnce(Option<Loaded<TicketRecord>>) -> Result<T>,
) -> Result<(T, StoredMessage)> {
    let wanted = (entity::Ticket(ticket_id), entity::Message(ticket_id, id));
    let (ticket, stored) = app.read(wanted).await?;
    let seen = sees(ticket)?;
    let stored = stored.ok_or_else(|| Error::not_found(Noun::Message))?;
    Ok((seen, stored.value))
}

/// The deliveries of a message, in the order they were made.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn deliveries_of(
    app: &App,
    ticket_id: &TicketId,
    message: Uuid,
) -> Result<Vec<Delivery>> {
    let query = Query::of(Source::Partition(keys::ticket_partition(ticket_id)), 100)
        .range(Range::Prefix(keys::deliveries_of(message)));
    let items = pages::items(app, query).await?;
    Ok(items
        .iter()
        .map(Item::decode)
        .collect::<std::result::Result<_, _>>()?)
}

/// The last public messages of a ticket, oldest first; of a long conversation the newest part.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn recent_public(app: &App, ticket_id: &TicketId) -> Result<Vec<Message>> {
    let source = Source::Partition(keys::ticket_partition(ticket_id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let mut messages = Vec::new();
    for item in pages::items(app, query).await? {
        let StoredMessage { message, .. } = item.decode()?;
        if message.visibility == Visibility::Public {
            messages.push(message);
        }
    }
    messages.reverse();
    Ok(messages)
}

fn shown(mut message: Message, view: View, caller: &Caller) -> Option<Message> {
    if view == View::Requester {
        if message.visibility == Visibility::Internal {
            return None;
        }
        // It may quote what was never meant for them.
        message.full_text = None;
        message.let_in = None;
        if let Some(email) = &mut message.author.email
            && caller.email.as_ref() != Some(email)
        {
            *email = email.masked();
            message.author.name = mask_within(&message.author.name, &[]);
        }
    }
    Some(message)
}

/// Marks a ticket as read by the caller, up to this message and with it. What was read stays read.
///
/// # Errors
/// [`Code::NotFound`](crate::Code::NotFound), storage.
pub async fn mark_read(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    id: Uuid,
) -> Result<Marked> {
    let reader = caller.reader();
    let read_up_to = entity::ReadUpTo(ticket_id, &reader);
    let mut retrying = Retrying::over(app, &read_up_to.key()).await;
    loop {
        retrying.round().await?;
        let wanted = (
            entity::Ticket(ticket_id),
            entity::Message(ticket_id, id),
            read_up_to,
        );
        let (ticket, stored, before) = app.read(wanted).await?;
        let (record, view) = tickets::visible(caller, ticket)?;
        let missing = || Error::not_found(Noun::Message);
        let stored = stored.ok_or_else(missing)?.value;
        let up_to = match stored.counted {
            Some(counted) => counted,
            None => counted(app, ticket_id, &record, id).await?,
        };
        shown(stored.message, view, caller).ok_or_else(missing)?;
        // What they wrote they have read; the ticket says so.
        let known = before.is_some() || record.authors.contains_key(&reader);
        let (before, expect) = Loaded::or_default(before);
        let before = record.mark_of(&reader, before);
        let mark = before.and(up_to);
        let marked = Marked {
            unread: mark.unread(&record, view),
        };
        if known && before == mark {
            return Ok(marked);
        }
        let write = read_up_to.store(&mark, expect)?;
        if retrying.commit(vec![write]).await? {
            return Ok(marked);
        }
    }
}

/// How many messages there were with this one, for one that was stored before that was counted.
async fn counted(
    app: &App,
    ticket_id: &TicketId,
    record: &TicketRecord,
    id: Uuid,
) -> Result<ReadMark> {
    let mut mark = ReadMark {
        messages: record.messages,
        public_messages: record.public_messages,
    };
    let query = Query::of(
        Source::Partition(keys::ticket_partition(ticket_id)),
        MAX_PAGE,
    )
    .range(Range::Prefix(keys::MESSAGES.to_owned()))
    .after(Some(Position {
        key: keys::message(ticket_id, id),
        sort: None,
    }));
    let mut pages = pages::all(app, query);
    while let Some(items) = pages.next().await? {
        for item in &items {
            let newer: StoredMessage = item.decode()?;
            let public = newer.message.visibility == Visibility::Public;
            mark.messages = mark.messages.saturating_sub(1);
            mark.public_messages = mark.public_messages.saturating_sub(u64::from(public));
        }
    }
    Ok(mark)
}
