//! Which delivery an event is about.

use uuid::Uuid;

use crate::{App, Result, desk::tickets::is_ticket_id, outgoing::deliveries::MailRecord};
use mail::ses_event::SesEvent;
use storage::{
    Item, Key, Query, Range, Source,
    keys::{self, Due},
};

/// Most pages that are looked through in one place: an event waits for none of the others, and mails
/// of ours lead to their deliveries without.
const MOST_PAGES: usize = 20;

/// A delivery as it is stored.
pub(super) struct Found {
    /// Its item.
    pub(super) item: Item,
    /// The attempt, when the mail's id told it.
    pub(super) attempt: Option<u32>,
    /// Whether the mail's id leads to it already.
    pub(super) recorded: bool,
}

/// The delivery that an event is about. Its tags name it; without them the mail's own id does, once
/// it was recorded. What only names a delivery is one whose outcome was not recorded, or old: it is
/// looked for among those.
pub(super) async fn delivery(app: &App, event: &SesEvent) -> Result<Option<Found>> {
    let mail = keys::mail(&event.message_id);
    let tagged = tagged(event);
    let mut wanted = vec![mail];
    wanted.extend(tagged.clone());
    let mut found = app.store.get(&wanted).await?;
    let record: Option<MailRecord> = found[0].as_ref().map(Item::decode).transpose()?;
    let recorded = record.is_some();
    let attempt = record.as_ref().map(|record| record.attempt);
    if let Some(item) = found.get_mut(1).and_then(Option::take) {
        return Ok(Some(Found {
            item,
            attempt,
            recorded,
        }));
    }
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
    Ok(item.map(|item| Found {
        item,
        attempt,
        recorded,
    }))
}

/// Where the turn of an event is: at its ticket, where its tags name one.
pub(super) fn turn(event: &SesEvent) -> Key {
    let ticket = event.ticket_id.as_deref().filter(|id| is_ticket_id(id));
    ticket.map_or_else(|| keys::mail(&event.message_id), keys::ticket)
}

fn tagged(event: &SesEvent) -> Option<Key> {
    let ticket = event
        .ticket_id
        .as_deref()
        .filter(|ticket| is_ticket_id(ticket))?;
    Some(keys::delivery(
        ticket,
        event.message_tag?,
        event.delivery_id?,
    ))
}

/// The key of a delivery of which only the id is known, and perhaps the ticket.
async fn by_delivery_id(app: &App, event: &SesEvent, id: Uuid) -> Result<Option<Key>> {
    let ticket = event.ticket_id.as_deref().filter(|id| is_ticket_id(id));
    let of_ticket = ticket.map(|ticket| {
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
    for _ in 0..MOST_PAGES {
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
