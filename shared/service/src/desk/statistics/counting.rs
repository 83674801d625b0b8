//! Counts what was written between two moments, from the tickets on which something happened since.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{App, Result, desk::messages::StoredMessage, inbound::MailStatus, pages};
use domain::{delivery::Delivery, id::TicketId, statistics::Figures};
use storage::{Query, Range, Source, StorageError, keys};

/// Tickets that are read at once.
const AT_ONCE: usize = 16;
/// Items of one query.
const ITEMS: usize = 100;
/// Places of one query.
const PLACES: usize = 1000;

/// From one moment to another, which is not in it.
pub(super) type Span = (Timestamp, Timestamp);

/// The tickets of a shard on which something happened since a moment; `None` when there are more than
/// `most`. A ticket that moves meanwhile goes to the end of what is read, and is there once.
pub(super) async fn tickets(
    app: &App,
    shard: u32,
    from: Timestamp,
    most: Option<usize>,
) -> Result<Option<BTreeSet<TicketId>>> {
    let since = Range::Between(keys::by_time(from, ""), keys::LAST.to_owned());
    let limit = most.map_or(PLACES, |most| (most + 1).min(PLACES));
    let query = Query::of(Source::Index(keys::all_tickets(shard)), limit)
        .range(since)
        .places();
    let mut tickets = BTreeSet::new();
    let mut pages = pages::all(app, query);
    while let Some(items) = pages.next().await? {
        let ids = items.iter();
        tickets.extend(ids.filter_map(|item| keys::ticket_of(&item.key.pk)));
        if most.is_some_and(|most| tickets.len() > most) {
            return Ok(None);
        }
    }
    Ok(Some(tickets))
}

/// What was written on these tickets, and what has become of it by now.
pub(super) async fn written(
    app: &App,
    tickets: impl IntoIterator<Item = TicketId>,
    span: Span,
) -> Result<Figures> {
    let mut figures = Figures::default();
    let mut waiting = tickets.into_iter();
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(ticket) = waiting.next()
        {
            let app = app.clone();
            under_way.spawn(async move { on_ticket(&app, &ticket, span).await });
        }
        let Some(counted) = under_way.join_next().await else {
            return Ok(figures);
        };
        let counted = counted.map_err(|error| StorageError::Unusable(error.to_string()))?;
        figures.add(&counted?);
    }
}

async fn on_ticket(app: &App, ticket: &TicketId, (from, to): Span) -> Result<Figures> {
    let partition = || Source::Partition(keys::ticket_partition(ticket));
    let key = |at| keys::message(ticket, first_id(at)).sk;
    let mut figures = Figures::default();
    let between = Range::Between(key(from), key(to));
    let (mut first, mut last) = (None, None);
    let mut pages = pages::all(app, Query::of(partition(), ITEMS).range(between));
    while let Some(items) = pages.next().await? {
        for item in &items {
            let message = item.decode::<StoredMessage>()?.message;
            first = first.or(Some(message.id));
            last = Some(message.id);
            figures.message(&message);
        }
    }
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(figures);
    };
    let between = keys::deliveries_between(first, last);
    let mut pages = pages::all(app, Query::of(partition(), ITEMS).range(between));
    while let Some(items) = pages.next().await? {
        for item in &items {
            figures.delivery(&item.decode::<Delivery>()?);
        }
    }
    Ok(figures)
}

/// How many mails that came in became no message by themselves, and have not been let in since.
pub(super) async fn quarantined(app: &App, (from, to): Span) -> Result<u64> {
    let between = Range::Between(keys::by_time(from, ""), keys::by_time(to, ""));
    let statuses = [MailStatus::Quarantined, MailStatus::Dismissed];
    let lists = statuses
        .iter()
        .flat_map(|status| keys::inbound_lists(status.name()));
    let mut queries: Vec<Query> = lists
        .map(|name| {
            let query = Query::of(Source::Index(name), PLACES);
            query.range(between.clone()).places()
        })
        .collect();
    let mut count = 0;
    while !queries.is_empty() {
        let pages = pages::each(app, queries.clone()).await?;
        let read = pages.into_iter().zip(std::mem::take(&mut queries));
        for (page, query) in read {
            count += page.items.len() as u64;
            if page.next.is_some() {
                queries.push(query.after(page.next));
            }
        }
    }
    Ok(count)
}

/// What sorts before every id that is made from this moment on, and behind every one from before it.
fn first_id(at: Timestamp) -> Uuid {
    let millis = u128::try_from(at.as_millisecond()).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}
