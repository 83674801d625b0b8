//! Tickets: what the ITSM system says of them, read, listed by activity.

mod check;
mod fields;
mod list;
mod row;
mod snapshot;
mod visible;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::fields::TicketFields;
pub use self::list::{Filter, Of, TicketChange, TicketChanges, changes, list};
pub use self::row::{LastMessage, TicketRow};
pub(crate) use self::snapshot::update;
pub use self::snapshot::{Put, put};
pub(crate) use self::visible::{not_found, view, visible, visible_to_desk};
use crate::{
    App, Result,
    access::{Caller, View, group_name},
    admin::suppressions::{self, Blocked},
    entity::{self, Entity as _, Nothing},
};
use domain::{
    address::{AddressKey, WrittenAddress},
    coalesce::Automatic,
    delivery::Earlier,
    id::TicketId,
    loops::ReplyHistory,
    ticket::{Participant, Ticket},
};
use storage::{Expect, When, Write, keys};

/// Most followers of a ticket: a message and all its deliveries are one commit.
pub const MAX_FOLLOWERS: usize = 30;
/// Most addresses of one group.
pub const MAX_GROUP_ADDRESSES: usize = 20;
/// Which ticket a reference in a reply token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketReference {
    /// The ticket, whose id is too long for the token.
    pub ticket_id: TicketId,
}

/// A ticket as stored: the snapshot, and what the conversation adds to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRecord {
    /// The snapshot that was taken last.
    pub ticket: Ticket,
    /// Time of the newest message or snapshot.
    pub activity_at: Timestamp,
    /// The same without internal messages, as the requester's side sees it; none, it is the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub public_activity_at: Option<Timestamp>,
    /// How many messages there are on it, internal ones included.
    pub messages: u64,
    /// Those that a requester may read.
    pub public_messages: u64,
    /// The newest message, internal or not, in short.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_message: Option<LastMessage>,
    /// The newest message that the requester's side may read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_public_message: Option<LastMessage>,
    /// `Message-ID` of the newest mail that came in, for `In-Reply-To`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_mail: Option<String>,
    /// Times of the newest mails by recipient, seconds since the epoch: for the storm rules.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub mails: BTreeMap<AddressKey, Vec<i64>>,
    /// The newest automatic mails by recipient: what follows soon is sent together.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub automatic: BTreeMap<AddressKey, Automatic>,
    /// The newest mail by recipient: the next one leaves after it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub newest: BTreeMap<AddressKey, Earlier>,
    /// What came by mail lately, by sender: loops end.
    #[serde(rename = "heard", skip_serializing_if = "BTreeMap::is_empty", default)]
    pub reply_history: BTreeMap<AddressKey, ReplyHistory>,
    /// How far those who wrote last have read: their own message, and all before it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub authors: BTreeMap<String, AuthorMark>,
    /// Whether the people of the group find the ticket by the group's list, and not by a row of their own.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub group_listed: bool,
}

impl TicketRecord {
    /// A ticket on which nobody has written yet.
    fn new(ticket: Ticket, at: Timestamp) -> Self {
        Self {
            ticket,
            activity_at: at,
            public_activity_at: None,
            messages: 0,
            public_messages: 0,
            last_message: None,
            last_public_message: None,
            last_mail: None,
            mails: BTreeMap::new(),
            automatic: BTreeMap::new(),
            newest: BTreeMap::new(),
            reply_history: BTreeMap::new(),
            authors: BTreeMap::new(),
            group_listed: false,
        }
    }

    /// How far a person has read, who marked so much as read.
    pub(crate) fn mark_of(&self, reader: &str, marked: ReadMark) -> ReadMark {
        let written = self.authors.get(reader).copied();
        written.map_or(marked, |written| marked.and(written.into()))
    }

    /// Time of the newest snapshot, or message that this side may read.
    fn activity(&self, side: View) -> Timestamp {
        match side {
            View::Desk => self.activity_at,
            View::Requester => self.public_activity_at.unwrap_or(self.activity_at),
        }
    }
}

/// How far a person has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadMark {
    /// Messages of the conversation that they have seen, as counted when they saw them.
    pub messages: u64,
    /// The public ones among them.
    pub public_messages: u64,
}

/// The mark of a person who wrote: the counts of [`ReadMark`] without their names, since a ticket is
/// written with each of its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorMark(u64, u64);

impl From<ReadMark> for AuthorMark {
    fn from(mark: ReadMark) -> Self {
        Self(mark.messages, mark.public_messages)
    }
}

impl From<AuthorMark> for ReadMark {
    fn from(AuthorMark(messages, public_messages): AuthorMark) -> Self {
        Self {
            messages,
            public_messages,
        }
    }
}

impl ReadMark {
    /// The same once a message is taken away, which was this one of all as they are counted.
    pub(crate) fn without(self, place: Self, public: bool) -> Self {
        let less = |read: u64, place: u64| read - u64::from(read > 0 && read >= place);
        Self {
            messages: less(self.messages, place.messages),
            public_messages: match public {
                true => less(self.public_messages, place.public_messages),
                false => self.public_messages,
            },
        }
    }

    /// The further of two marks.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            messages: self.messages.max(other.messages),
            public_messages: self.public_messages.max(other.public_messages),
        }
    }

    /// Messages of the ticket that this side may read and has not.
    pub(crate) fn unread(self, record: &TicketRecord, side: View) -> u64 {
        match side {
            View::Desk => record.messages.saturating_sub(self.messages),
            View::Requester => record.public_messages.saturating_sub(self.public_messages),
        }
    }
}

/// A ticket as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketView {
    /// The snapshot, its HTML sanitised; a requester sees the addresses of others masked.
    #[serde(flatten)]
    pub ticket: TicketFields,
    /// The description as HTML that is safe to show.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub description_html: String,
    /// The description as plain text.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub description_text: String,
    /// Time of the newest message that the caller may read, or snapshot.
    pub activity_at: Timestamp,
    /// Messages that the caller may read.
    pub messages: u64,
    /// Those that the caller has not read.
    pub unread: u64,
    /// Addresses on it that no mail goes to; technicians and administrators only, who read one ticket.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub blocked: Vec<Blocked>,
}

/// The number that a caller names. One that no ticket can have answers as a ticket that is not there.
///
/// # Errors
/// [`Code::NotFound`].
pub fn id(text: &str) -> Result<TicketId> {
    text.parse().map_err(|_| not_found())
}

/// One ticket, as the caller may see it.
///
/// # Errors
/// [`Code::NotFound`], storage.
pub async fn read(app: &App, caller: &Caller, id: &TicketId) -> Result<TicketView> {
    let reader = caller.reader();
    let mark = entity::ReadUpTo(id, &reader).or_default();
    let (ticket, mark) = app.read((entity::Ticket(id), mark)).await?;
    let (record, seen) = visible(caller, ticket)?;
    let mark = record.mark_of(&reader, mark);
    let mut view = view(&record, mark, seen, caller);
    if seen == View::Desk {
        view.blocked = suppressions::blocked(app, &addresses(&record.ticket)).await?;
    }
    Ok(view)
}

/// Every address that mail about a ticket may go to.
fn addresses(ticket: &Ticket) -> BTreeSet<AddressKey> {
    let all = ticket.participants();
    all.filter_map(|one| one.address.key().cloned()).collect()
}

/// The writes that move a ticket to its place in the lists of everyone on it. They stand alone: a row
/// only tells where a ticket is listed, and who reads the list reads the ticket.
pub(crate) fn memberships(record: &TicketRecord) -> Result<Vec<Write>> {
    let id = &record.ticket.id;
    let mut writes = Vec::new();
    for (partition, side) in partitions(&record.ticket) {
        let item = entity::Membership(&partition, id).item(&Nothing {})?;
        let list = keys::listed(&partition, keys::list_shard(id));
        let item = item.indexed(list, keys::by_time(record.activity(side), id.as_str()));
        writes.push(Write::alone(item, When::Before));
    }
    Ok(writes)
}

/// Lets the people of a ticket's group find it by the group's list: one write for each of them, whatever
/// the number of tickets. The ticket is to be stored with what this says of it. `had_rows`: it is of an
/// earlier release, which gave each of them a row of their own; these go.
pub(crate) async fn list_by_group(
    app: &App,
    record: &mut TicketRecord,
    had_rows: bool,
) -> Result<()> {
    if std::mem::replace(&mut record.group_listed, true) {
        return Ok(());
    }
    let ticket = &record.ticket;
    let Some(group) = list_of_group(ticket) else {
        return Ok(());
    };
    let own = partitions(ticket);
    let mut writes = Vec::new();
    for address in members(ticket) {
        let person = keys::person(address);
        let listing = entity::Listing(address, &group).item(&Nothing {})?;
        writes.push(Write::alone(listing, When::Before));
        if had_rows && !own.contains_key(&person) {
            let row = keys::membership(&person, &ticket.id);
            writes.push(Write::delete(row, Expect::Anything));
        }
    }
    app.store.commit(writes).await?;
    Ok(())
}

/// The addresses of a ticket's group.
fn members(ticket: &Ticket) -> BTreeSet<&AddressKey> {
    let group = ticket.assigned_group();
    let addresses = group.into_iter().flat_map(|group| &group.addresses);
    addresses.filter_map(WrittenAddress::key).collect()
}

/// The list of a ticket's group; `None` for one without a name.
fn list_of_group(ticket: &Ticket) -> Option<String> {
    let name = group_name(&ticket.assigned_group()?.name);
    (!name.is_empty()).then(|| keys::group(&name))
}

/// The lists that a ticket is in, and from which side; who stands on both is of the desk. The people of a
/// group find it by the group's list.
fn partitions(ticket: &Ticket) -> BTreeMap<String, View> {
    let group = list_of_group(ticket);
    let by_themselves = |one: &Participant<'_>| group.is_none() || one.person.is_some();
    let all = ticket.assigned().filter(by_themselves).filter_map(|one| {
        let side = match one.capacity.is_requester_side() {
            true => View::Requester,
            false => View::Desk,
        };
        Some((keys::person(one.address.key()?), side))
    });
    let mut partitions: BTreeMap<_, _> = all.collect();
    partitions.extend(group.map(|group| (group, View::Desk)));
    partitions
}
