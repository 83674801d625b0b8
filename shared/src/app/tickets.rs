//! Ticket snapshots: put, read, list by activity.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App, Code, Error, Findings, RACES, Result,
    access::{Caller, Role, View, address_key, group_name},
    parameters::busy,
};
use crate::{
    domain::{
        coalesce::Automatic,
        loops::Heard,
        ticket::{Group, Person, Ticket},
    },
    mail::mask::mask,
    store::{Action, Expect, Item, Position, Query, Source, StorageError, Write, keys},
};

/// Most followers of a ticket: a message and all its deliveries are one commit.
pub const MAX_FOLLOWERS: usize = 30;
/// Most addresses of one group.
pub const MAX_GROUP_ADDRESSES: usize = 20;
const MAX_SHORT: usize = 255;
const MAX_EXTRA: usize = 50;
const MAX_EXTRA_VALUE: usize = 4000;

/// A ticket as stored: the snapshot, and what the conversation adds to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The snapshot.
    pub ticket: Ticket,
    /// Time of the newest message or snapshot.
    pub activity_at: Timestamp,
    /// Messages on it.
    pub messages: u64,
    /// Those that a requester may read.
    pub public_messages: u64,
    /// `Message-ID` of the newest mail that came in, for `In-Reply-To`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_mail: Option<String>,
    /// Times of the newest mails by recipient, seconds since the epoch: for the storm rules.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub mails: BTreeMap<String, Vec<i64>>,
    /// The newest automatic mails by recipient: what follows soon is sent together.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub automatic: BTreeMap<String, Automatic>,
    /// What came by mail lately, by sender: loops end.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub heard: BTreeMap<String, Heard>,
}

/// How far a person has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadMark {
    /// Messages of the conversation that they have seen, as counted when they saw them.
    pub messages: u64,
    /// The public ones among them.
    pub public_messages: u64,
}

/// A ticket as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketView {
    /// The snapshot; a requester sees the addresses of others masked.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// Time of the newest message or snapshot.
    pub activity_at: Timestamp,
    /// Messages that the caller may read.
    pub messages: u64,
    /// Those that the caller has not read.
    pub unread: u64,
}

/// What a put did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// The ticket is new.
    Created(TicketView),
    /// The snapshot is the newest; or an older one came late and was left out.
    Updated(TicketView),
}

/// Whether this can be a ticket's number: `[A-Za-z0-9._-]{1,64}`.
pub fn is_ticket_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Stores a snapshot; one with an older `updated_at` never overwrites a newer one.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`] with every finding, storage.
pub async fn put(app: &App, caller: &Caller, id: &str, mut ticket: Ticket) -> Result<Put> {
    caller.require(&[Role::Integration, Role::Admin])?;
    check(id, &mut ticket)?;
    let now = app.now();
    let updated_at = *ticket.updated_at.get_or_insert(now);
    for _ in 0..RACES {
        let found = app.store.get(&[keys::ticket(id)]).await?;
        let old: Option<Record> = found[0].as_ref().map(Item::decode).transpose()?;
        if let Some(old) = &old
            && old.ticket.updated_at > Some(updated_at)
        {
            return Ok(Put::Updated(view(old, None, View::Desk, caller)));
        }
        let record = Record {
            ticket: ticket.clone(),
            activity_at: now,
            ..old.clone().unwrap_or_default()
        };
        let item = item(&record)?;
        let expect = found[0]
            .as_ref()
            .map_or(Expect::Absent, |i| Expect::Version(i.version.clone()));
        let mut writes = vec![Write {
            action: Action::Put(item),
            expect,
        }];
        writes.extend(memberships(&record)?);
        if let Some(old) = &old {
            let present = partitions(&record.ticket);
            let gone = partitions(&old.ticket)
                .into_iter()
                .filter(|p| !present.contains(p));
            writes.extend(gone.map(|p| Write::delete(keys::membership(&p, id), Expect::Anything)));
        }
        match app.store.commit(writes).await {
            Ok(()) => {
                let view = view(&record, None, View::Desk, caller);
                return Ok(if old.is_none() {
                    Put::Created(view)
                } else {
                    Put::Updated(view)
                });
            }
            Err(StorageError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}

/// One ticket, as the caller may see it.
///
/// # Errors
/// [`Code::NotFound`], storage.
pub async fn read(app: &App, caller: &Caller, id: &str) -> Result<TicketView> {
    if !is_ticket_id(id) {
        return Err(not_found());
    }
    let mut wanted = vec![keys::ticket(id)];
    wanted.extend(
        caller
            .email
            .as_deref()
            .map(|email| keys::read_mark(id, email)),
    );
    let found = app.store.get(&wanted).await?;
    let (record, seen) = visible(caller, found[0].as_ref())?;
    let mark = found
        .get(1)
        .and_then(Option::as_ref)
        .map(Item::decode)
        .transpose()?;
    Ok(view(&record, mark, seen, caller))
}

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
    let mut rows: BTreeMap<(String, String), Position> = BTreeMap::new();
    let mut more = false;
    for partition in listed(caller) {
        let from = after
            .clone()
            .map(|position| position_in(&partition, position));
        let query = Query::of(Source::Index(partition), limit)
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
            rows.insert((index.sort.clone(), ticket), position);
        }
    }
    more |= rows.len() > limit;
    let page: Vec<_> = rows.into_iter().rev().take(limit).collect();
    let next = page
        .last()
        .filter(|_| more)
        .map(|(_, position)| position.clone());
    let ids: Vec<_> = page.into_iter().map(|((_, id), _)| id).collect();
    Ok((read_many(app, caller, &ids).await?, next))
}

async fn read_many(app: &App, caller: &Caller, ids: &[String]) -> Result<Vec<TicketView>> {
    let mut views = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(50) {
        let mut wanted: Vec<_> = chunk.iter().map(|id| keys::ticket(id)).collect();
        if let Some(email) = &caller.email {
            wanted.extend(chunk.iter().map(|id| keys::read_mark(id, email)));
        }
        let found = app.store.get(&wanted).await?;
        for (at, item) in found.iter().take(chunk.len()).enumerate() {
            // The index may lag behind: what the caller may no longer see is left out.
            let Ok((record, seen)) = visible(caller, item.as_ref()) else {
                continue;
            };
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

/// The record of a ticket that the caller may see, and how.
///
/// # Errors
/// [`Code::NotFound`], the same for "not there" and "not yours".
pub(crate) fn visible(caller: &Caller, item: Option<&Item>) -> Result<(Record, View)> {
    caller.require(&[Role::Requester, Role::Technician, Role::Admin])?;
    let record: Record = item.ok_or_else(not_found)?.decode()?;
    let seen = caller.sees(&record.ticket).ok_or_else(not_found)?;
    Ok((record, seen))
}

/// The record of a ticket, for those who work on it.
///
/// # Errors
/// [`Code::NotFound`] as [`visible`]; [`Code::Forbidden`] for other roles, and for those who see the
/// requester's side.
pub(crate) fn visible_to_desk(caller: &Caller, item: Option<&Item>) -> Result<Record> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let (record, view) = visible(caller, item)?;
    match view {
        View::Desk => Ok(record),
        View::Requester => Err(Error::new(
            Code::Forbidden,
            "This is for the technicians of the ticket and for administrators.",
        )),
    }
}

pub(crate) fn not_found() -> Error {
    Error::not_found("ticket")
}

/// The item of a ticket, placed in the list of all tickets.
pub(crate) fn item(record: &Record) -> Result<Item> {
    let id = &record.ticket.id;
    let item = Item::new(keys::ticket(id), "ticket", record)?;
    Ok(item.indexed(
        keys::all_tickets(keys::shard(id)),
        keys::by_time(record.activity_at, id),
    ))
}

/// The writes that move a ticket to its place in the lists of everyone on it.
pub(crate) fn memberships(record: &Record) -> Result<Vec<Write>> {
    let id = &record.ticket.id;
    let mut writes = Vec::new();
    for partition in partitions(&record.ticket) {
        let item = Item::new(
            keys::membership(&partition, id),
            "membership",
            &serde_json::json!({}),
        )?;
        writes.push(Write::put(
            item.indexed(partition, keys::by_time(record.activity_at, id)),
        ));
    }
    Ok(writes)
}

fn partitions(ticket: &Ticket) -> BTreeSet<String> {
    let people = std::iter::once(&ticket.requester)
        .chain(&ticket.followers)
        .chain(&ticket.responsible);
    let group = ticket.assigned_group();
    let addresses = people.map(|p| p.email.as_str()).chain(
        group
            .iter()
            .flat_map(|g| g.addresses.iter().map(String::as_str)),
    );
    let mut partitions: BTreeSet<_> = addresses
        .filter_map(address_key)
        .map(|key| keys::person(&key))
        .collect();
    partitions.extend(
        group
            .map(|g| group_name(&g.name))
            .filter(|name| !name.is_empty())
            .map(|name| keys::group(&name)),
    );
    partitions
}

pub(crate) fn view(
    record: &Record,
    mark: Option<ReadMark>,
    seen: View,
    caller: &Caller,
) -> TicketView {
    let mark = mark.unwrap_or_default();
    let (messages, read) = match seen {
        View::Desk => (record.messages, mark.messages),
        View::Requester => (record.public_messages, mark.public_messages),
    };
    let mut ticket = record.ticket.clone();
    if seen == View::Requester {
        mask_others(&mut ticket, caller);
    }
    TicketView {
        ticket,
        activity_at: record.activity_at,
        messages,
        unread: messages.saturating_sub(read),
    }
}

fn mask_others(ticket: &mut Ticket, caller: &Caller) {
    let people = std::iter::once(&mut ticket.requester)
        .chain(&mut ticket.contact)
        .chain(&mut ticket.followers)
        .chain(&mut ticket.responsible)
        .chain(&mut ticket.owner);
    for person in people {
        if !person.email.is_empty() && address_key(&person.email) != caller.email {
            person.email = mask(&person.email);
            person.phone.clear();
        }
    }
    for group in [
        &mut ticket.group,
        &mut ticket.level1_group,
        &mut ticket.executor_group,
    ]
    .into_iter()
    .flatten()
    {
        group.addresses.clear();
    }
}

/// Holds a snapshot against every rule at once.
fn check(id: &str, ticket: &mut Ticket) -> Result<()> {
    let mut findings = Findings::default();
    if ticket.id.is_empty() {
        id.clone_into(&mut ticket.id);
    }
    if !is_ticket_id(id) {
        findings.add("TICKET_ID_INVALID", "id", "1 to 64 of A-Z a-z 0-9 . _ -");
    } else if ticket.id != id {
        findings.add(
            "TICKET_ID_MISMATCH",
            "id",
            "the id in the body differs from the one in the path",
        );
    }
    let short = [
        ("type", &ticket.kind),
        ("status", &ticket.status),
        ("priority", &ticket.priority),
        ("urgency", &ticket.urgency),
        ("impact", &ticket.impact),
        ("portfolio", &ticket.portfolio),
        ("service", &ticket.service),
        ("activity", &ticket.activity),
        ("demand", &ticket.demand),
        ("contract", &ticket.contract),
        ("phase", &ticket.phase),
        ("related_id", &ticket.related_id),
    ];
    for (field, text) in short {
        findings.max_chars(field, text, MAX_SHORT);
    }
    check_person(&mut findings, "requester", &ticket.requester);
    for (field, person) in [
        ("contact", &ticket.contact),
        ("responsible", &ticket.responsible),
        ("owner", &ticket.owner),
    ] {
        if let Some(person) = person {
            check_person(&mut findings, field, person);
        }
    }
    if ticket.followers.len() > MAX_FOLLOWERS {
        findings.add("TOO_MANY", "followers", format!("at most {MAX_FOLLOWERS}"));
    }
    for (at, follower) in ticket.followers.iter().enumerate().take(MAX_FOLLOWERS) {
        check_person(&mut findings, &format!("followers[{at}]"), follower);
    }
    let groups = [
        ("group", &ticket.group),
        ("level1_group", &ticket.level1_group),
        ("executor_group", &ticket.executor_group),
    ];
    for (field, group) in groups {
        if let Some(group) = group {
            check_group(&mut findings, field, group);
        }
    }
    check_extra(&mut findings, &ticket.extra);
    findings.finish(Code::Invalid)
}

fn check_person(findings: &mut Findings, field: &str, person: &Person) {
    findings.max_chars(&format!("{field}.name"), &person.name, MAX_SHORT);
    findings.max_chars(&format!("{field}.phone"), &person.phone, MAX_SHORT);
    findings.max_chars(
        &format!("{field}.department"),
        &person.department,
        MAX_SHORT,
    );
    if !person.email.trim().is_empty()
        && let Err(error) = crate::mail::address::Address::parse(&person.email)
    {
        findings.add(
            "ADDRESS_INVALID",
            &format!("{field}.email"),
            error.to_string(),
        );
    }
    if let Some(zone) = &person.time_zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        findings.add(
            "TIME_ZONE_UNKNOWN",
            &format!("{field}.time_zone"),
            "no IANA time zone such as America/Sao_Paulo",
        );
    }
}

fn check_group(findings: &mut Findings, field: &str, group: &Group) {
    findings.max_chars(&format!("{field}.name"), &group.name, MAX_SHORT);
    if group.addresses.len() > MAX_GROUP_ADDRESSES {
        findings.add(
            "TOO_MANY",
            &format!("{field}.addresses"),
            format!("at most {MAX_GROUP_ADDRESSES}"),
        );
    }
    for (at, address) in group.addresses.iter().enumerate().take(MAX_GROUP_ADDRESSES) {
        if let Err(error) = crate::mail::address::Address::parse(address) {
            findings.add(
                "ADDRESS_INVALID",
                &format!("{field}.addresses[{at}]"),
                error.to_string(),
            );
        }
    }
}

fn check_extra(findings: &mut Findings, extra: &BTreeMap<String, String>) {
    if extra.len() > MAX_EXTRA {
        findings.add("TOO_MANY", "extra", format!("at most {MAX_EXTRA} keys"));
    }
    for (key, value) in extra.iter().take(MAX_EXTRA) {
        let fits = (1..=64).contains(&key.len())
            && key.starts_with(|c: char| c.is_ascii_uppercase())
            && key
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            findings.add(
                "KEY_INVALID",
                "extra",
                "a key is 1 to 64 of A-Z 0-9 _ and starts with a letter",
            );
        }
        findings.max_chars("extra", value, MAX_EXTRA_VALUE);
    }
}
