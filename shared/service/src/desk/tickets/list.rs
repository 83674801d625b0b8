//! The tickets of a caller by activity.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ReadMark, TicketRecord, TicketRow, members, partitions, row::row, visible};
use crate::{
    App, Code, Error, Result,
    access::{Caller, Role, View},
    entity::{self, Entity as _},
    outgoing::attention::{self, TicketAttention},
    pages::{self, Rows},
    texts,
};
use domain::{address::AddressKey, characters::folded, id::TicketId, ticket::Ticket};
use storage::{Item, MAX_PAGE, Position, Query, Range, Source, keys};

/// Most tickets that a filtered list looks at in one call; a cursor goes on from there.
const SEARCH_WINDOW: usize = 500;
/// Tickets that a filtered list looks at together.
const LOOKED_AT: usize = 100;
/// How far back changes are told again: another process's clock may be behind, and its commit late.
const OVERLAP: SignedDuration = SignedDuration::from_secs(10);
/// Most changes that are told at once.
const MAX_CHANGES: usize = 100;

/// Whose tickets are listed, of those that the caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Those that the caller takes part in, by their address.
    Me,
    /// Those of the caller's groups.
    Group,
}

/// Which tickets a list takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A number, the beginning of one, the requester's address, or a part of their name, of the
    /// service or of the activity; whatever its case.
    pub q: Option<String>,
    /// Only those of this status, whatever its case.
    pub status: Option<String>,
    /// Only those with messages that the caller has not read, or has.
    pub unread: Option<bool>,
    /// Only those that are the caller's own in this sense.
    pub of: Option<Of>,
}

impl Filter {
    fn takes(&self, row: &TicketRow, seen: View, caller: &Caller) -> bool {
        let status = self
            .status
            .as_ref()
            .is_none_or(|status| folded(status) == folded(&row.status));
        let unread = self.unread.is_none_or(|unread| unread == (row.unread > 0));
        status && unread && self.q.as_ref().is_none_or(|q| found(q, row, seen, caller))
    }

    fn looks_for_something(&self) -> bool {
        self.q.is_some() || self.status.is_some() || self.unread.is_some()
    }
}

fn found(q: &str, row: &TicketRow, seen: View, caller: &Caller) -> bool {
    let q = folded(q);
    // What is masked cannot be asked for either.
    let email = &row.requester.email;
    let address = email
        .key()
        .filter(|_| seen == View::Desk || caller.is_at(email));
    row.id.as_str().to_lowercase().starts_with(&q)
        || address.is_some_and(|address| address.as_str() == q)
        || [&row.requester.name, &row.service, &row.activity]
            .iter()
            .any(|text| folded(text).contains(&q))
}

/// The tickets of the caller, newest activity first. With a filter a page may be short, or empty,
/// while there is a next one: it looks at a bounded number of tickets. Who gives the number of a
/// ticket gets that one, however old.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<TicketRow>> {
    caller.require(&[Role::Requester, Role::Technician, Role::Admin])?;
    let (mut rows, next) = match by_number(app, caller, filter, after.is_some()).await? {
        Some(row) => (vec![row], None),
        None => search(app, caller, filter, limit, after).await?,
    };
    attend(app, caller, &mut rows).await?;
    let rows = rows.into_iter().map(|(row, _, place)| (row, place));
    Ok(Rows {
        rows: rows.collect(),
        next,
    })
}

/// A ticket of a list: its row, the side from which the caller sees it, its place.
type Listed = (TicketRow, View, Position);

/// The tickets that the filter takes.
async fn search(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Listed>, Option<Position>)> {
    let partitions = listed(app, caller, filter.of).await?;
    let together = match filter.looks_for_something() {
        true => LOOKED_AT,
        false => limit,
    };
    let (mut rows, mut next, mut seen) = (Vec::new(), after, 0);
    while seen < SEARCH_WINDOW {
        let (found, further) = newest(app, &partitions, together, next).await?;
        seen += found.len();
        next = further;
        for (row, side, place) in read_many(app, caller, filter.of, &found).await? {
            if filter.takes(&row, side, caller) {
                rows.push((row, side, place.clone()));
                if rows.len() == limit {
                    let last = found.last().is_some_and(|last| last.place == place);
                    let next = if last { next } else { Some(place) };
                    return Ok((rows, next));
                }
            }
        }
        if next.is_none() {
            break;
        }
    }
    Ok((rows, next))
}

/// Tells of those that the caller works on which deliveries need somebody.
async fn attend(app: &App, caller: &Caller, rows: &mut [Listed]) -> Result<()> {
    let desk = rows.iter().filter(|(_, side, _)| *side == View::Desk);
    let ids: Vec<TicketId> = desk.map(|(row, ..)| row.id.clone()).collect();
    let found = attention::of_tickets(app, caller, &ids).await?;
    for (row, ..) in rows {
        row.attention = found.get(&row.id).copied();
    }
    Ok(())
}

/// The one ticket whose number is looked for.
async fn by_number(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    goes_on: bool,
) -> Result<Option<Listed>> {
    let Some(id) = filter.q.as_deref().and_then(|q| q.parse().ok()) else {
        return Ok(None);
    };
    let only = Filter {
        q: filter.q.clone(),
        ..Filter::default()
    };
    if goes_on || only != *filter {
        return Ok(None);
    }
    let reader = caller.reader();
    let mark = entity::ReadUpTo(&id, &reader).or_default();
    let (ticket, mark) = app.read((entity::Ticket(&id).if_readable(), mark)).await?;
    let Ok((record, seen)) = visible(caller, ticket) else {
        return Ok(None);
    };
    let mark = record.mark_of(&reader, mark);
    let place = Position {
        key: keys::ticket(&id),
        sort: None,
    };
    Ok(Some((shown(app, &record, mark, seen, caller), seen, place)))
}

/// A ticket as a row of the index names it.
struct IndexedTicket {
    id: TicketId,
    partition: String,
    place: Position,
}

/// The newest tickets of these partitions of the index, from a place on.
async fn newest(
    app: &App,
    partitions: &[String],
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<IndexedTicket>, Option<Position>)> {
    let query = Query::of(Source::Index(String::new()), limit)
        .places()
        .after(after);
    let (items, next) = pages::newest(app, partitions, &query, position_in).await?;
    let found = items.into_iter().filter_map(|(partition, item)| {
        let (sort, id) = place_of(&item)?;
        let place = Position {
            key: item.key,
            sort: Some(sort),
        };
        Some(IndexedTicket {
            id,
            partition: keys::list_of(&partition).to_owned(),
            place,
        })
    });
    Ok((found.collect(), next))
}

/// The sort value of a row of the index, and the ticket that it is about.
fn place_of(item: &Item) -> Option<(String, TicketId)> {
    let sort = &item.index.as_ref()?.sort;
    let (_, ticket) = sort.split_once('#')?;
    Some((sort.clone(), ticket.parse().ok()?))
}

/// The tickets, as the caller sees them.
async fn read_many(
    app: &App,
    caller: &Caller,
    of: Option<Of>,
    listed: &[IndexedTicket],
) -> Result<Vec<Listed>> {
    let mut rows = Vec::with_capacity(listed.len());
    let reader = caller.reader();
    for chunk in listed.chunks(50) {
        let tickets = chunk
            .iter()
            .map(|one| entity::Ticket(&one.id).if_readable());
        let marks = chunk
            .iter()
            .map(|one| entity::ReadUpTo(&one.id, &reader).or_default());
        let wanted: (Vec<_>, Vec<_>) = (tickets.collect(), marks.collect());
        let (tickets, marks) = app.read(wanted).await?;
        for ((one, ticket), mark) in chunk.iter().zip(tickets).zip(marks) {
            // The index may lag behind: what the caller may no longer see is left out.
            let Ok((record, seen)) = visible(caller, ticket) else {
                continue;
            };
            // The list of a group has what others of it work on, too.
            if of == Some(Of::Me) && !takes_part(caller, &record.ticket) {
                continue;
            }
            // Their group's list has it, too, in the place that internal messages give it.
            let side = partitions(&record.ticket).get(&one.partition).copied();
            if seen == View::Desk && side == Some(View::Requester) {
                continue;
            }
            let mark = record.mark_of(&reader, mark);
            let row = shown(app, &record, mark, seen, caller);
            rows.push((row, seen, one.place.clone()));
        }
    }
    Ok(rows)
}

/// The row of a ticket, without the beginning of a message that is not kept any more.
fn shown(
    app: &App,
    record: &TicketRecord,
    mark: ReadMark,
    seen: View,
    caller: &Caller,
) -> TicketRow {
    let mut row = row(record, mark, seen, caller);
    row.last_message = row.last_message.filter(|last| {
        let kept_until = app.settings.kept_until(last.at);
        kept_until.is_none_or(|until| until > app.now())
    });
    row
}

/// A ticket on which something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketChange {
    /// Number of the ticket.
    #[schema(value_type = String)]
    pub id: TicketId,
    /// Time of the newest message that the caller may read, or snapshot.
    pub activity_at: Timestamp,
    /// Messages that the caller has not read.
    pub unread: u64,
    /// Its deliveries that need somebody; technicians and administrators only, and
    /// absent when none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<TicketAttention>,
}

/// What happened since a list was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketChanges {
    /// The tickets, each once. The last seconds before `since` are told again, so a ticket may be
    /// there that was told already.
    pub items: Vec<TicketChange>,
    /// Give it as `since` the next time.
    pub next: String,
    /// Whether there is more: ask again at once. Who has been away for long reads the list anew.
    pub more: bool,
}

/// What happened on the caller's tickets since `since`; without it nothing, and where to start. Of
/// each list of the caller the rows after `since` alone are read.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::CursorInvalid`] for a `since` that this call did not give, storage.
pub async fn changes(app: &App, caller: &Caller, since: Option<&str>) -> Result<TicketChanges> {
    caller.require(&[Role::Requester, Role::Technician, Role::Admin])?;
    let start = keys::by_time(app.now() - OVERLAP, "");
    let Some(since) = since else {
        return Ok(TicketChanges {
            items: Vec::new(),
            next: BASE64URL_NOPAD.encode(start.as_bytes()),
            more: false,
        });
    };
    let since = &moment(since).ok_or_else(|| {
        Error::new(
            Code::CursorInvalid,
            texts::list::GIVE_AS_SINCE_THE_NEXT_OF_THE_ANSWER.phrase(),
        )
    })?;
    let mut newest: BTreeMap<TicketId, (String, IndexedTicket)> = BTreeMap::new();
    // Where a list holds more than was read, what was told of it ends.
    let mut end: Option<String> = None;
    let partitions = listed(app, caller, None).await?;
    let range = Range::Between(since.to_owned(), keys::LAST.to_owned());
    let query = |partition: &String| {
        Query::of(Source::Index(partition.clone()), MAX_CHANGES)
            .places()
            .range(range.clone())
    };
    let asked = pages::each(app, partitions.iter().map(query).collect()).await?;
    for (partition, page) in partitions.iter().zip(asked) {
        for item in &page.items {
            let Some((sort, id)) = place_of(item) else {
                continue;
            };
            let place = Position {
                key: item.key.clone(),
                sort: None,
            };
            let found = IndexedTicket {
                id: id.clone(),
                partition: keys::list_of(partition).to_owned(),
                place,
            };
            newest.insert(id, (sort, found));
        }
        if let (Some(_), Some(last)) = (&page.next, page.items.last().and_then(place_of)) {
            end = Some(end.map_or(last.0.clone(), |end| end.min(last.0.clone())));
        }
    }
    let told: Vec<IndexedTicket> = newest
        .into_values()
        .filter(|(sort, _)| end.as_ref().is_none_or(|end| sort <= end))
        .map(|(_, found)| found)
        .collect();
    let mut rows = read_many(app, caller, None, &told).await?;
    attend(app, caller, &mut rows).await?;
    let items = rows.into_iter().map(|(row, _, _)| TicketChange {
        id: row.id,
        activity_at: row.activity_at,
        unread: row.unread,
        attention: row.attention,
    });
    let more = end.is_some();
    let next = end.unwrap_or_else(|| start.max(since.to_owned()));
    Ok(TicketChanges {
        items: items.collect(),
        more,
        next: BASE64URL_NOPAD.encode(next.as_bytes()),
    })
}

/// The place in the lists that a `since` names, as [`keys::by_time`] writes it: in base64url, which a URL
/// carries as it is, or plainly, as earlier versions gave it.
fn moment(since: &str) -> Option<String> {
    let text = match since.contains('#') {
        true => since.to_owned(),
        false => String::from_utf8(BASE64URL_NOPAD.decode(since.as_bytes()).ok()?).ok()?,
    };
    let (time, ticket) = text.split_once('#')?;
    let is_time = time.len() == 20 && time.bytes().all(|byte| byte.is_ascii_digit());
    let is_ticket = ticket.is_empty() || ticket.parse::<TicketId>().is_ok();
    (is_time && is_ticket).then_some(text)
}

/// Whether the caller takes part in a ticket by their address, that of a group's member included.
fn takes_part(caller: &Caller, ticket: &Ticket) -> bool {
    caller.email.as_ref().is_some_and(|email| {
        partitions(ticket).contains_key(&keys::person(email)) || members(ticket).contains(email)
    })
}

/// The partitions of the index that a caller's tickets are in.
async fn listed(app: &App, caller: &Caller, of: Option<Of>) -> Result<Vec<String>> {
    if of.is_none() && caller.is(Role::Admin) {
        return Ok((0..keys::SHARDS).map(keys::all_tickets).collect());
    }
    let (mut own, mut groups) = (None, BTreeSet::new());
    if of != Some(Of::Group)
        && let Some(email) = &caller.email
    {
        own = Some(keys::person(email));
        if caller.is_desk() {
            groups.extend(groups_of(app, email).await?);
        }
    }
    if of != Some(Of::Me) && caller.is_desk() {
        groups.extend(caller.groups.iter().map(|name| keys::group(name)));
    }
    // Of what is in both in one place, the list of the group counts: it is that of the desk.
    let partitions = own.iter().chain(&groups);
    Ok(partitions.flat_map(|one| keys::lists(one)).collect())
}

/// The lists of the groups that list an address.
async fn groups_of(app: &App, email: &AddressKey) -> Result<Vec<String>> {
    let query = Query::of(Source::Partition(keys::person(email)), MAX_PAGE)
        .range(Range::Prefix(keys::LISTINGS.to_owned()));
    let found = app.store.query(query).await?.items;
    Ok(found.into_iter().map(|item| item.key.sk).collect())
}

/// The position of another partition, as it stands in this one.
fn position_in(partition: &str, position: Position) -> Position {
    let ticket = position
        .sort
        .as_deref()
        .and_then(|sort| sort.split_once('#'))
        .and_then(|(_, id)| id.parse().ok());
    let Some(ticket) = ticket else {
        return position;
    };
    let key = if partition.starts_with("TICKETS#") {
        keys::ticket(&ticket)
    } else {
        keys::membership(keys::list_of(partition), &ticket)
    };
    Position {
        key,
        sort: position.sort,
    }
}
