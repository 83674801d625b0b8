//! Undo: a message that was posted with a delay is taken back while none of its mails has left.

use jiff::Timestamp;
use uuid::Uuid;

use super::{StoredMessage, builder::TicketContext, posting::writable};
use crate::{
    App, Code, Error, Noun, Result, Retrying,
    access::{Caller, Role, View},
    desk::tickets::{LastMessage, ReadMark, TicketRecord},
    entity::{self, Entity as _},
    pages, texts,
};
use domain::{
    catalog::Phrase,
    delivery::{Delivery, DeliveryStatus},
    id::TicketId,
    message::{Message, Visibility},
};
use storage::{
    Expect, Item, MAX_PAGE, MAX_WRITES, Query, Range, Source, StorageError, Write, keys,
};

/// How many messages before it are looked at for the one that is the newest then.
const LOOKED_BACK: usize = 50;

/// Takes a message back: nobody gets it, and it counts for nothing that comes later. Only its author,
/// until its delay is over, and only the newest one that they see on its ticket. A message whose mails have left
/// stays: mail cannot be edited.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::StateConflict`] when it is too late, storage.
pub async fn withdraw(app: &App, caller: &Caller, ticket_id: &TicketId, id: Uuid) -> Result<()> {
    caller.require(&[Role::Requester, Role::Technician, Role::Integration])?;
    let mut retrying = Retrying::over(app, &keys::ticket(ticket_id)).await;
    loop {
        retrying.round().await?;
        let message = entity::Message(ticket_id, id);
        let (ticket, stored) = app.read((entity::Ticket(ticket_id), message)).await?;
        let context = writable(caller, ticket)?;
        let (stored, version) = stored
            .ok_or_else(|| Error::not_found(Noun::Message))?
            .into_parts();
        own(caller, context.view, &stored)?;
        let now = app.now();
        in_time(&stored, &context, now)?;
        let mut writes = vec![Write::delete(message.key(), Expect::Version(version))];
        let taken = &stored.message;
        let (mut after, place) = without(app, &context.record, taken).await?;
        for item in items(app, ticket_id, &keys::deliveries_of(id)).await? {
            let delivery: Delivery = item.decode()?;
            untouched(&delivery, now)?;
            forget(&mut after, &delivery);
            writes.push(Write::delete(item.key, Expect::Version(item.version)));
        }
        let ticket = entity::Ticket(ticket_id).item(&after)?;
        writes.push(Write::replace(ticket, context.version));
        let marks = marks(app, ticket_id, taken, place).await?;
        let (together, later) =
            marks.split_at(marks.len().min(MAX_WRITES.saturating_sub(writes.len())));
        writes.extend_from_slice(together);
        // Where a sender took one of its mails, or somebody wrote, the next round tells.
        if retrying.commit(writes).await? {
            for mark in later {
                // Whoever reads meanwhile sets a mark of their own.
                match app.store.commit(vec![mark.clone()]).await {
                    Err(StorageError::Conflict { .. }) => {}
                    done => done?,
                }
            }
            tracing::info!(%ticket_id, message_id = %id, "message taken back");
            return Ok(());
        }
    }
}

fn own(caller: &Caller, view: View, stored: &StoredMessage) -> Result<()> {
    if view == View::Requester && stored.message.visibility == Visibility::Internal {
        return Err(Error::not_found(Noun::Message));
    }
    let author = &stored.message.author.email;
    if caller.is(Role::Integration) || (author.is_some() && *author == caller.email) {
        return Ok(());
    }
    Err(Error::new(
        Code::Forbidden,
        texts::withdraw::ONLY_THE_AUTHOR_OF_A_MESSAGE_TAKES.phrase(),
    ))
}

fn in_time(stored: &StoredMessage, context: &TicketContext, now: Timestamp) -> Result<()> {
    if stored.undo_until.is_none_or(|until| until <= now) {
        return Err(too_late());
    }
    let newest = match context.view {
        View::Desk => &context.record.last_message,
        View::Requester => &context.record.last_public_message,
    };
    let newest = newest.as_ref().map(|last| last.id);
    if newest != Some(stored.message.id) {
        return Err(conflict(
            texts::withdraw::SOMEBODY_WROTE_AFTER_THIS_MESSAGE.phrase(),
        ));
    }
    Ok(())
}

fn untouched(delivery: &Delivery, now: Timestamp) -> Result<()> {
    let waits = match delivery.status {
        DeliveryStatus::Queued | DeliveryStatus::Held => {
            delivery.due_at.is_some_and(|due| due > now)
        }
        // Too many waited already: it was never tried.
        DeliveryStatus::Failed => true,
        _ => false,
    };
    match waits && delivery.attempts == 0 {
        true => Ok(()),
        false => Err(too_late()),
    }
}

fn too_late() -> Error {
    conflict(texts::withdraw::THE_TIME_TO_TAKE_IT_BACK_IS_OVER.phrase())
}

fn conflict(detail: Phrase) -> Error {
    Error::new(Code::StateConflict, detail)
}

/// Takes a mail that never left out of what the next ones are judged by: the storm rules, and the order
/// of mails to one person.
fn forget(record: &mut TicketRecord, delivery: &Delivery) {
    let address = delivery.to.key();
    if let Some(times) = record.mails.get_mut(&address) {
        // Nothing was written after it, so its moment is the last; what failed at once had none.
        if delivery.status != DeliveryStatus::Failed {
            times.pop();
        }
        if times.is_empty() {
            record.mails.remove(&address);
        }
    }
    if record
        .newest
        .get(&address)
        .is_some_and(|newest| newest.delivery == delivery.id)
    {
        match delivery.after {
            Some(earlier) => record.newest.insert(address, earlier),
            None => record.newest.remove(&address),
        };
    }
}

/// The ticket without a message, but for its place in the lists; and which of its messages it was, as
/// they are counted. Of those that came later, only what its author does not see can be there.
async fn without(
    app: &App,
    record: &TicketRecord,
    taken: &Message,
) -> Result<(TicketRecord, ReadMark)> {
    let source = Source::Partition(keys::ticket_partition(&record.ticket.id));
    let query = Query::of(source, LOOKED_BACK)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let mut left = Vec::new();
    for item in pages::items(app, query).await? {
        let StoredMessage { message, .. } = item.decode()?;
        if message.id != taken.id {
            left.push(message);
        }
    }
    let public = |message: &&Message| message.visibility == Visibility::Public;
    let later = || left.iter().take_while(|message| message.id > taken.id);
    let place = ReadMark {
        messages: record.messages.saturating_sub(later().count() as u64),
        public_messages: record
            .public_messages
            .saturating_sub(later().filter(public).count() as u64),
    };
    let mut after = record.clone();
    after.messages = record.messages.saturating_sub(1);
    after.last_message = left.first().map(LastMessage::of);
    if public(&taken) {
        after.public_messages = record.public_messages.saturating_sub(1);
        after.last_public_message = left.iter().find(public).map(LastMessage::of);
    }
    for mark in after.authors.values_mut() {
        *mark = ReadMark::from(*mark).without(place, public(&taken)).into();
    }
    Ok((after, place))
}

/// Whoever has read it has read what is left; their next message is a new one.
async fn marks(
    app: &App,
    ticket_id: &TicketId,
    taken: &Message,
    place: ReadMark,
) -> Result<Vec<Write>> {
    let public = taken.visibility == Visibility::Public;
    let mut writes = Vec::new();
    for item in items(app, ticket_id, keys::READ_MARKS).await? {
        let mark: ReadMark = item.decode()?;
        let kept = mark.without(place, public);
        if kept != mark {
            let reader = item.key.sk.strip_prefix(keys::READ_MARKS);
            let mark = entity::ReadUpTo(ticket_id, reader.unwrap_or_default());
            writes.push(mark.store(&kept, Expect::Version(item.version))?);
        }
    }
    Ok(writes)
}

async fn items(app: &App, ticket_id: &TicketId, prefix: &str) -> Result<Vec<Item>> {
    let source = Source::Partition(keys::ticket_partition(ticket_id));
    let query = Query::of(source, MAX_PAGE).range(Range::Prefix(prefix.to_owned()));
    pages::items(app, query).await
}
