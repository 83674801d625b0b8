//! The tickets of a caller by activity.

use std::collections::BTreeMap;

use super::{TicketView, partitions, view, visible};
use crate::{
    app::{
        App, Result,
        access::{Caller, Role, View},
    },
    store::{Item, Position, Query, Source, keys},
};

/// The tickets of the caller, newest activity first.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<TicketView>, Option<Position>)> {
    caller.require(&[Role::Requester, Role::Technician, Role::Admin])?;
    // Every partition is read from the same place on, and the newest of all are taken: the order
    // by (activity, ticket) is total, so one position serves all partitions.
    let mut rows: BTreeMap<(String, String), (Position, String)> = BTreeMap::new();
    let mut more = false;
    for partition in listed(caller) {
        let from = after
            .clone()
            .map(|position| position_in(&partition, position));
        let query = Query::of(Source::Index(partition.clone()), limit)
            .descending()
            .after(from);
        let page = app.store.query(query).await?;
        more |= page.next.is_some();
        for item in page.items {
            let Some(index) = &item.index else { continue };
            let ticket = index
                .sort
                .split_once('#')
                .map_or("", |(_, id)| id)
                .to_owned();
            let position = Position {
                key: item.key.clone(),
                sort: Some(index.sort.clone()),
            };
            rows.insert((index.sort.clone(), ticket), (position, partition.clone()));
        }
    }
    more |= rows.len() > limit;
    let page: Vec<_> = rows.into_iter().rev().take(limit).collect();
    let next = page
        .last()
        .filter(|_| more)
        .map(|(_, (position, _))| position.clone());
    let found: Vec<_> = page
        .into_iter()
        .map(|((_, id), (_, partition))| (id, partition))
        .collect();
    Ok((read_many(app, caller, &found).await?, next))
}

/// The tickets, each with the list that it was found in.
async fn read_many(
    app: &App,
    caller: &Caller,
    listed: &[(String, String)],
) -> Result<Vec<TicketView>> {
    let mut views = Vec::with_capacity(listed.len());
    for chunk in listed.chunks(50) {
        let mut wanted: Vec<_> = chunk.iter().map(|(id, _)| keys::ticket(id)).collect();
        if let Some(email) = &caller.email {
            wanted.extend(chunk.iter().map(|(id, _)| keys::read_mark(id, email)));
        }
        let found = app.store.get(&wanted).await?;
        for (at, item) in found.iter().take(chunk.len()).enumerate() {
            // The index may lag behind: what the caller may no longer see is left out.
            let Ok((record, seen)) = visible(caller, item.as_ref()) else {
                continue;
            };
            // Their group's list has it, too, in the place that internal messages give it.
            let side = partitions(&record.ticket).get(&chunk[at].1).copied();
            if seen == View::Desk && side == Some(View::Requester) {
                continue;
            }
            let mark = found
                .get(chunk.len() + at)
                .and_then(Option::as_ref)
                .map(Item::decode)
                .transpose()?;
            views.push(view(&record, mark, seen, caller));
        }
    }
    Ok(views)
}

fn listed(caller: &Caller) -> Vec<String> {
    if caller.is(Role::Admin) {
        return (0..keys::SHARDS).map(keys::all_tickets).collect();
    }
    let mut partitions: Vec<_> = caller
        .email
        .iter()
        .map(|email| keys::person(email))
        .collect();
    if caller.is(Role::Technician) {
        partitions.extend(caller.groups.iter().map(|name| keys::group(name)));
    }
    partitions
}

/// The position of another partition, as it stands in this one.
fn position_in(partition: &str, position: Position) -> Position {
    let ticket = position
        .sort
        .as_deref()
        .and_then(|sort| sort.split_once('#'))
        .map_or("", |(_, id)| id);
    let key = if partition.starts_with("TICKETS#") {
        keys::ticket(ticket)
    } else {
        keys::membership(partition, ticket)
    };
    Position {
        key,
        sort: position.sort,
    }
}
