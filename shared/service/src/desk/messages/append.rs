//! Add a message to a ticket's conversation: everything that must be written, all or nothing.

use jiff::Timestamp;

use super::{
    StoredMessage,
    coalesce::{coalesce, join},
};
use crate::{
    App, Result,
    desk::tickets::{self, AuthorMark, LastMessage, ReadMark, TicketRecord},
    entity::{self, Entity as _, Loaded},
    outgoing::{deliveries, sending::when_posted},
};
use domain::{
    address::{Address, Mailbox},
    delivery::{Delivery, DeliveryStatus, Earlier, ORDER_KEPT},
    message::Visibility,
    parameter::{self as numbers, Parameters},
    recipients::RecipientRule,
    storm::Slot,
    system::Ours,
};
use platform::telemetry::{Metric, emit};
use storage::{Version, Write};

/// Most deliveries of a message that come into the list of those that need somebody at once: with the
/// lists of everyone on the ticket they are one commit.
const MAX_LISTED: usize = 8;
/// Of so many authors a ticket itself says how far they have read.
const MAX_AUTHORS: usize = 8;

/// A message on its way into a ticket's conversation.
pub(crate) struct Appended {
    /// Everything that must be written, all or nothing.
    pub(crate) writes: Vec<Write>,
    /// Its deliveries, as `writes` stores them.
    pub(crate) deliveries: Vec<Delivery>,
}

/// Adds a message, with what was decided about everyone, to the ticket that was read at `version`.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn append(
    app: &App,
    parameters: &Parameters,
    record: &TicketRecord,
    version: Version,
    mut stored: StoredMessage,
) -> Result<Appended> {
    let public = match stored.message.visibility {
        Visibility::Public => None,
        Visibility::Internal => record.public_activity_at.or(Some(record.activity_at)),
    };
    let last = LastMessage::of(&stored.message);
    let last_public_message = match stored.message.visibility {
        Visibility::Public => Some(last.clone()),
        Visibility::Internal => record.last_public_message.clone(),
    };
    let mut after = TicketRecord {
        last_message: Some(last),
        last_public_message,
        activity_at: stored.message.created_at,
        public_activity_at: public,
        messages: record.messages + 1,
        public_messages: record.public_messages
            + u64::from(stored.message.visibility == Visibility::Public),
        ..record.clone()
    };
    let mut joining = join(app, &mut after, &mut stored).await?;
    let mut deliveries = deliveries(app, parameters, &mut after, &stored);
    let counted = ReadMark {
        messages: after.messages,
        public_messages: after.public_messages,
    };
    stored.counted = Some(counted);
    let (id, message) = (&record.ticket.id, &stored.message);
    let mut marks = Vec::new();
    if let Some(email) = &message.author.email {
        after.authors.insert(email.to_string(), counted.into());
        marks.extend(one_less(app, &mut after).await?);
    }
    tickets::list_by_group(app, &mut after, true).await?;
    let ticket = entity::Ticket(id).item(&after)?;
    let mut writes = vec![Write::replace(ticket, version)];
    writes.extend(tickets::memberships(&after)?);
    writes.append(&mut marks);
    let mut item = entity::Message(id, message.id).item(&stored)?;
    let kept_until = app.settings.kept_until(message.created_at);
    item.expires_at = kept_until.map(Timestamp::as_second);
    writes.push(Write::create(item));
    let mut entries = Vec::new();
    for delivery in &mut deliveries {
        if entries.len() == MAX_LISTED {
            writes.push(Write::create(deliveries::item(delivery)?));
            continue;
        }
        let (item, entry) = deliveries::stored(delivery)?;
        writes.push(Write::create(item));
        entries.extend(entry);
    }
    writes.append(&mut entries);
    writes.append(&mut joining);
    Ok(Appended { writes, deliveries })
}

/// Beyond [`MAX_AUTHORS`], the write that keeps the mark of who wrote first in an item of its own.
async fn one_less(app: &App, after: &mut TicketRecord) -> Result<Option<Write>> {
    if after.authors.len() <= MAX_AUTHORS {
        return Ok(None);
    }
    let first = |(_, mark): &(&String, &AuthorMark)| ReadMark::from(**mark).messages;
    let Some((reader, _)) = after.authors.iter().min_by_key(first) else {
        return Ok(None);
    };
    let reader = reader.clone();
    let read_up_to = entity::ReadUpTo(&after.ticket.id, &reader);
    let (marked, expect) = Loaded::or_default(app.read(read_up_to).await?);
    let write = read_up_to.store(&after.mark_of(&reader, marked), expect)?;
    after.authors.remove(&reader);
    Ok(Some(write))
}

/// The deliveries of a message; those that would be a storm, or follow an automatic mail too soon,
/// are held for a moment of their own.
fn deliveries(
    app: &App,
    parameters: &Parameters,
    record: &mut TicketRecord,
    stored: &StoredMessage,
) -> Vec<Delivery> {
    let (message, now) = (&stored.message, stored.message.created_at);
    let mailed = stored
        .decisions
        .iter()
        .filter(|one| one.rule == RecipientRule::Mail);
    let mut made = Vec::new();
    for to in mailed.map(|decision| decision.to.clone()) {
        let address = to.key();
        let times = record.mails.entry(address.clone());
        let slot = app
            .settings
            .storm_limits
            .take(times.or_default(), now.as_second());
        let mut delivery = Delivery::queued(message.id, &message.ticket_id, to, now);
        delivery.kept_until = app.settings.kept_until(now);
        delivery.template = parameters.template_of(message, &delivery.to);
        let window_ends = coalesce(app, record, message, &address, &delivery);
        match when_posted(slot, window_ends) {
            // The sender looks at what is due alone: so long the message may be taken back.
            None => delivery.due_at = stored.undo_until,
            Some(stop) => {
                stop.record(&mut delivery, now);
                // What waits for a moment of its own waits for the end of the undo, too.
                if delivery.due_at.is_some() {
                    delivery.due_at = delivery.due_at.max(stored.undo_until);
                }
            }
        }
        delivery.after = record.newest.get(&address).copied();
        if delivery.status == DeliveryStatus::Queued {
            let newest = Earlier {
                message: message.id,
                delivery: delivery.id,
                at: now,
            };
            record.newest.insert(address.clone(), newest);
        }
        if slot != Slot::Now {
            tracing::error!(ticket_id = %message.ticket_id, delivery_id = %delivery.id, reason = delivery.reason_code(), "too much mail");
            emit(Metric::LoopLimited, 1.0, now);
        }
        made.push(delivery);
    }
    let counts = now.as_second() - app.settings.storm_limits.longest();
    record
        .mails
        .retain(|_, times| times.last().is_some_and(|last| *last > counts));
    // Beyond any wait for it, twice over.
    record
        .newest
        .retain(|_, one| now.duration_since(one.at) < ORDER_KEPT * 96);
    record
        .automatic
        .retain(|_, one| !one.is_over(app.settings.coalesce, now));
    made
}

/// Every address that this system sends from.
pub(crate) fn senders(app: &App, parameters: &Parameters) -> Vec<Address> {
    let desk = parameters.value(numbers::SENDER);
    let identities = parameters.identities.values();
    let own = identities.filter_map(|identity| identity.state.from.as_deref());
    let parsed = |sender: &str| Some(Mailbox::parse(sender).ok()?.address);
    let fallback = app.settings.mail_from.iter();
    let fallback = fallback.map(|sender| sender.address.clone());
    let known = desk.and_then(parsed).into_iter().chain(fallback);
    known.chain(own.filter_map(parsed)).collect()
}

/// What is ours among addresses.
pub(crate) fn ours<'a>(app: &'a App, senders: &'a [Address]) -> Ours<'a> {
    Ours {
        senders,
        reply_domain: app.settings.reply_domain.as_deref(),
        further_reply_domains: &app.settings.further_reply_domains,
    }
}
