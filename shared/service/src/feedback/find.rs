//! Which delivery an event is about.

use uuid::Uuid;

use super::{
    notice::{self, News},
    suppressing,
};
use crate::{
    App, Result,
    entity::{self, Loaded},
    outgoing::deliveries::MailRecord,
};
use domain::delivery::Delivery;
use mail::ses_event::SesEvent;
use storage::{
    Key, Query, Range, Source,
    keys::{self, Due},
};

/// Most pages that are looked through in one place: an event waits for none of the others, and mails
/// of ours lead to their deliveries without.
const MAX_PAGES: usize = 20;

/// A delivery as it is stored.
pub(super) struct StoredDelivery {
    /// The delivery, with the version that a write of it expects.
    pub(super) delivery: Loaded<Delivery>,
    /// The attempt, when the mail's id told it.
    pub(super) attempt: Option<u32>,
    /// Whether the mail's id leads to it already.
    pub(super) recorded: bool,
    /// What is known of the address that the event names, where it tells of harm to it.
    pub(super) suppressing: Option<suppressing::SuppressionFacts>,
    /// What a notice counts on, where the event is news.
    pub(super) notice: Option<notice::NoticeFacts>,
}

/// The delivery that an event is about. Its tags name it; without them the mail's own id does, once
/// it was recorded. What only names a delivery is one whose outcome was not recorded, or old: it is
/// looked for among those. What the event changes besides is read along, where its tags say what.
pub(super) async fn delivery(app: &App, event: &SesEvent) -> Result<Option<StoredDelivery>> {
    let tagged = tagged(event);
    let address = event.recipient.as_ref();
    let address = address.filter(|_| suppressing::is_harm(&event.happening));
    let news = tagged.filter(|_| News::of(&event.happening).is_some());
    let (record, delivery, suppressing, notice) = app
        .read((
            entity::SentMail(&event.provider_id),
            tagged,
            address.map(|address| suppressing::wanted(app, event, address.key())),
            news.map(|entity::Delivery(ticket, message, _)| notice::wanted(ticket, message)),
        ))
        .await?;
    let record = record.map(|record| record.value);
    let (attempt, recorded) = (record.as_ref().map(|one| one.attempt), record.is_some());
    let (delivery, notice) = match delivery.flatten() {
        Some(delivery) => (Some(delivery), notice),
        // It is not where its tags say, so its message may not be either.
        None => (elsewhere(app, event, record).await?, None),
    };
    Ok(delivery.map(|delivery| StoredDelivery {
        delivery,
        attempt,
        recorded,
        suppressing,
        notice,
    }))
}

/// The delivery that the record of its mail leads to, or that has the id of the event's tag.
async fn elsewhere(
    app: &App,
    event: &SesEvent,
    record: Option<MailRecord>,
) -> Result<Option<Loaded<Delivery>>> {
    let key = match (record, event.delivery_id) {
        (Some(record), _) => Some(keys::delivery(
            &record.ticket_id,
            record.message_id,
            record.delivery_id,
        )),
        (None, Some(id)) => by_delivery_id(app, event, id).await?,
        (None, None) => None,
    };
    let Some(key) = key else { return Ok(None) };
    let item = app.store.get(&[key]).await?.pop().flatten();
    Ok(item.as_ref().map(Loaded::of).transpose()?)
}

/// Where the turn of an event is: at its ticket, where its tags name one.
pub(super) fn turn(event: &SesEvent) -> Key {
    let ticket = event.ticket_id.as_ref();
    ticket.map_or_else(|| keys::mail(&event.provider_id), keys::ticket)
}

fn tagged(event: &SesEvent) -> Option<entity::Delivery<'_>> {
    Some(entity::Delivery(
        event.ticket_id.as_ref()?,
        event.message_id?,
        event.delivery_id?,
    ))
}

/// The key of a delivery of which only the id is known, and perhaps the ticket.
async fn by_delivery_id(app: &App, event: &SesEvent, id: Uuid) -> Result<Option<Key>> {
    let of_ticket = event.ticket_id.as_ref().map(|ticket| {
        let source = Source::Partition(keys::ticket_partition(ticket));
        (source, Range::Prefix(keys::DELIVERIES.to_owned()))
    });
    let name = id.to_string();
    let waiting = keys::due_shards(&name).flat_map(|shard| {
        let kinds = [Due::Sending, Due::Event];
        kinds.map(|kind| (Source::Index(keys::due(kind, shard)), Range::All))
    });
    let ends = format!("#{id}");
    for (source, range) in of_ticket.into_iter().chain(waiting) {
        let found = search(app, &source, &range, &ends).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The first key there whose sort value ends so.
async fn search(app: &App, source: &Source, range: &Range, ends: &str) -> Result<Option<Key>> {
    let mut after = None;
    for _ in 0..MAX_PAGES {
        let query = Query::of(source.clone(), 1000)
            .places()
            .range(range.clone())
            .after(after);
        let page = app.store.query(query).await?;
        let mut keys = page.items.into_iter().map(|item| item.key);
        let found = keys.find(|key| key.sk.ends_with(ends));
        if found.is_some() || page.next.is_none() {
            return Ok(found);
        }
        after = page.next;
    }
    tracing::warn!("an event's delivery was looked for and not found among so many");
    Ok(None)
}
