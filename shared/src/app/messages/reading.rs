//! Read the conversation.

use uuid::Uuid;

use super::StoredMessage;
use crate::{
    app::{
        App, Error, Result,
        access::{Caller, View, address_key},
        tickets::{self, ReadMark, Record, is_ticket_id},
    },
    domain::{
        delivery::Delivery,
        message::{Message, Visibility},
    },
    mail::mask::mask,
    store::{Item, Position, Query, Range, Source, Write, keys},
};

/// How many of the last messages are looked at for public ones.
const RECENT: usize = 50;

/// The conversation in the order it was written; a requester reads what is public. Reading to the
/// end marks it as read.
///
/// # Errors
/// [`Code::NotFound`](crate::app::Code::NotFound), storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Message>, Option<Position>)> {
    if !is_ticket_id(ticket_id) {
        return Err(tickets::not_found());
    }
    let found = app.store.get(&[keys::ticket(ticket_id)]).await?;
    let (record, view) = tickets::visible(caller, found[0].as_ref())?;
    let mut messages = Vec::new();
    let mut next = after;
    loop {
        let query = Query::of(
            Source::Partition(keys::ticket_partition(ticket_id)),
            limit - messages.len(),
        )
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .after(next);
        let page = app.store.query(query).await?;
        for item in &page.items {
            let stored: StoredMessage = item.decode()?;
            messages.extend(shown(stored.message, view, caller));
        }
        next = page.next;
        if next.is_none() || messages.len() >= limit {
            break;
        }
    }
    if next.is_none() {
        mark_read(app, caller, ticket_id, &record).await?;
    }
    Ok((messages, next))
}

/// One message; the desk sees its deliveries too.
///
/// # Errors
/// [`Code::NotFound`](crate::app::Code::NotFound), storage.
pub async fn read(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    id: Uuid,
) -> Result<(Message, Option<Vec<Delivery>>)> {
    let sees = |ticket: Option<&Item>| tickets::visible(caller, ticket);
    let ((_, view), stored) = stored(app, ticket_id, id, sees).await?;
    let message = shown(stored.message, view, caller).ok_or_else(|| Error::not_found("message"))?;
    let deliveries = match view {
        View::Requester => None,
        View::Desk => Some(deliveries_of(app, ticket_id, id).await?),
    };
    Ok((message, deliveries))
}

/// A message as it is stored, for whom `sees` lets see its ticket; what `sees` answers comes along.
///
/// # Errors
/// Those of `sees`, [`Code::NotFound`](crate::app::Code::NotFound), storage.
pub(crate) async fn stored<T>(
    app: &App,
    ticket_id: &str,
    id: Uuid,
    sees: impl FnOnce(Option<&Item>) -> Result<T>,
) -> Result<(T, StoredMessage)> {
    if !is_ticket_id(ticket_id) {
        return Err(tickets::not_found());
    }
    let found = app
        .store
        .get(&[keys::ticket(ticket_id), keys::message(ticket_id, id)])
        .await?;
    let seen = sees(found[0].as_ref())?;
    let stored = found[1]
        .as_ref()
        .ok_or_else(|| Error::not_found("message"))?
        .decode()?;
    Ok((seen, stored))
}

/// The deliveries of a message, in the order they were made.
///
/// # Errors
/// Storage.
pub async fn deliveries_of(app: &App, ticket_id: &str, message: Uuid) -> Result<Vec<Delivery>> {
    let query = Query::of(Source::Partition(keys::ticket_partition(ticket_id)), 100)
        .range(Range::Prefix(keys::deliveries_of(message)));
    let page = app.store.query(query).await?;
    Ok(page
        .items
        .iter()
        .map(Item::decode)
        .collect::<std::result::Result<_, _>>()?)
}

/// The last public messages of a ticket, oldest first; of a long conversation the newest part.
///
/// # Errors
/// Storage.
pub(crate) async fn recent_public(app: &App, ticket_id: &str) -> Result<Vec<Message>> {
    let source = Source::Partition(keys::ticket_partition(ticket_id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let mut messages = Vec::new();
    for item in app.store.query(query).await?.items {
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
        if let Some(email) = &mut message.author.email
            && address_key(email) != caller.email
        {
            *email = mask(email);
        }
    }
    Some(message)
}

async fn mark_read(app: &App, caller: &Caller, ticket_id: &str, record: &Record) -> Result<()> {
    let Some(email) = &caller.email else {
        return Ok(());
    };
    let key = keys::read_mark(ticket_id, email);
    let mark = ReadMark {
        messages: record.messages,
        public_messages: record.public_messages,
    };
    let found = app.store.get(std::slice::from_ref(&key)).await?;
    let before: Option<ReadMark> = found[0].as_ref().map(Item::decode).transpose()?;
    if before != Some(mark) && record.messages > 0 {
        app.store
            .commit(vec![Write::put(Item::new(key, "read_mark", &mark)?)])
            .await?;
    }
    Ok(())
}
