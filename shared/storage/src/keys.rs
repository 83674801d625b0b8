//! Key layout of the one table: every key of the system is made here.
//! `docs/ARCHITECTURE.md` lists them.
//!
//! What waits to be sent and what is held is in the shard of its ticket, so that it leaves in the order
//! of the conversation; what is under way and what waits for an event in that of its own id.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Key, Range};
use domain::{
    address::AddressKey,
    id::{MailId, TemplateId, TicketId},
};

/// Partitions that the list of all tickets and the counts of an hour are spread over.
pub const SHARDS: u32 = 8;

/// Partitions that what is due of one kind is spread over: one takes a thousand writes a second, and
/// each mail moves through several kinds. What was written when there were eight is in the first
/// eight, so that readers of all find it.
pub const DUE_SHARDS: u32 = 32;

/// Partitions that the list of one person's or one group's tickets is spread over: each message moves a
/// row in each list of its ticket.
pub const LIST_SHARDS: u32 = 4;

/// Beginning of the partition of a ticket.
const TICKETS: &str = "T#";
/// Partition of everything of one ticket.
pub fn ticket_partition(ticket: &TicketId) -> String {
    format!("{TICKETS}{ticket}")
}
/// The ticket whose partition this is.
pub fn ticket_of(partition: &str) -> Option<TicketId> {
    TicketId::parse(partition.strip_prefix(TICKETS)?).ok()
}
/// The snapshot of a ticket, with the counters of its conversation.
pub fn ticket(ticket: &TicketId) -> Key {
    Key::new(ticket_partition(ticket), "TICKET")
}
/// Prefix of a ticket's messages in the order they were written.
pub const MESSAGES: &str = "M#";
/// What sorts behind every message: their ids are hexadecimal.
pub const MESSAGES_END: &str = "M#~";
/// A message; they sort by their ids, which begin with their time (UUIDv7).
pub fn message(ticket: &TicketId, message: Uuid) -> Key {
    Key::new(ticket_partition(ticket), format!("{MESSAGES}{message}"))
}
/// Prefix of a ticket's deliveries.
pub const DELIVERIES: &str = "D#";
/// Prefix of the deliveries of one message.
pub fn deliveries_of(message: Uuid) -> String {
    format!("{DELIVERIES}{message}#")
}
/// The deliveries of the messages from the first to the last, both included.
pub fn deliveries_between(first: Uuid, last: Uuid) -> Range {
    Range::Between(deliveries_of(first), format!("{}~", deliveries_of(last)))
}
/// A delivery; those of a message stand together.
pub fn delivery(ticket: &TicketId, message: Uuid, delivery: Uuid) -> Key {
    Key::new(
        ticket_partition(ticket),
        format!("{}{delivery}", deliveries_of(message)),
    )
}
/// Prefix of a ticket's deliveries that need somebody.
pub const ATTENTION: &str = "A#";
/// A delivery among those that need somebody.
pub fn attention(ticket: &TicketId, delivery: Uuid) -> Key {
    Key::new(ticket_partition(ticket), format!("{ATTENTION}{delivery}"))
}
/// Index partition of the deliveries that need somebody, one of [`SHARDS`].
pub fn all_attention(shard: u32) -> String {
    format!("ATTENTION#{shard}")
}
/// A file that waits for its message.
pub fn upload(ticket: &TicketId, upload: Uuid) -> Key {
    Key::new(ticket_partition(ticket), format!("U#{upload}"))
}
/// Prefix of how far each person has read a ticket.
pub const READ_MARKS: &str = "R#";
/// How far a person has read a ticket.
pub fn read_mark(ticket: &TicketId, address: &str) -> Key {
    Key::new(ticket_partition(ticket), format!("{READ_MARKS}{address}"))
}
/// Partition of the tickets of a person: in the table, and in the index before it was spread over
/// [`LIST_SHARDS`].
pub fn person(address: &AddressKey) -> String {
    format!("P#{address}")
}
/// Partition of the tickets of a group, as that of a person.
pub fn group(name: &str) -> String {
    format!("G#{name}")
}
/// That a group lists the address of a person, who finds its tickets by the list of the group.
pub fn listing(address: &AddressKey, group: &str) -> Key {
    Key::new(person(address), group)
}
/// Prefix of the groups that list a person's address.
pub const LISTINGS: &str = "G#";
/// A ticket in the list of a person or group.
pub fn membership(partition: &str, ticket: &TicketId) -> Key {
    Key::new(partition, ticket_partition(ticket))
}
/// Index partition of the tickets of a person or group, one of [`LIST_SHARDS`].
pub fn listed(partition: &str, shard: u32) -> String {
    format!("LIST#{shard}#{partition}")
}
/// Every index partition of the tickets of a person or group, that of an earlier release first: what
/// moves goes to the others.
pub fn lists(partition: &str) -> impl Iterator<Item = String> {
    let spread = (0..LIST_SHARDS).map(|shard| listed(partition, shard));
    std::iter::once(partition.to_owned()).chain(spread)
}
/// The person or group whose tickets are in this index partition.
pub fn list_of(index_partition: &str) -> &str {
    index_partition
        .strip_prefix("LIST#")
        .and_then(|rest| rest.split_once('#'))
        .map_or(index_partition, |(_, partition)| partition)
}
/// Shard of a ticket in [`LIST_SHARDS`].
pub fn list_shard(ticket: &TicketId) -> u32 {
    hash(ticket.as_str()) % LIST_SHARDS
}
/// Index partition of all tickets, one of [`SHARDS`].
pub fn all_tickets(shard: u32) -> String {
    format!("TICKETS#{shard}")
}
/// Record of an idempotent request; `hash` covers caller, route and key.
pub fn idempotency(hash: &str) -> Key {
    Key::new(format!("I#{hash}"), "IDEMPOTENCY")
}
/// All parameters: one item, so that one read has them.
pub fn parameters() -> Key {
    Key::new("CONFIG", "PARAMETERS")
}
/// Prefix of a parameter's history.
pub fn parameter_history_of(number: u16) -> String {
    format!("H#{number}#")
}
/// One change of a parameter.
pub fn parameter_history(number: u16, change: Uuid) -> Key {
    Key::new(
        "CONFIG",
        format!("{}{change}", parameter_history_of(number)),
    )
}
/// Prefix of the history of a contract's identity, by a digest of its name.
pub fn identity_history_of(digest: &str) -> String {
    format!("HI#{digest}#")
}
/// One change of the identity of a contract.
pub fn identity_history(digest: &str, change: Uuid) -> Key {
    Key::new("CONFIG", format!("{}{change}", identity_history_of(digest)))
}
/// The last template id given.
pub fn template_sequence() -> Key {
    Key::new("CONFIG", "SEQUENCE#TEMPLATE")
}
/// Partition of the current templates, ordered by id.
pub const TEMPLATES: &str = "TEMPLATES";
/// The current state of a template.
pub fn template(id: TemplateId) -> Key {
    Key::new(TEMPLATES, format!("{id:020}"))
}
/// Partition of a template's versions.
pub fn template_versions(id: TemplateId) -> String {
    format!("TEMPLATE#{id}")
}
/// One version of a template.
pub fn template_version(id: TemplateId, version: u64) -> Key {
    Key::new(template_versions(id), format!("V#{version:010}"))
}
/// The published version of a template once more, where it can be read without knowing its number.
pub fn template_published(id: TemplateId) -> Key {
    Key::new(format!("TEMPLATE-PUBLISHED#{id}"), "PUBLISHED")
}
/// Who has a template identifier; compared without case.
pub fn template_identifier(identifier: &str) -> Key {
    Key::new(
        format!("TEMPLATE-NAME#{}", identifier.to_lowercase()),
        "NAME",
    )
}
/// Partition of the canned answers of everybody.
pub const CANNED_ANSWERS_OF_ALL: &str = "SNIPPETS#ALL";
/// Partition of a person's canned answers.
pub fn canned_answers_of_person(reader: &str) -> String {
    format!("SNIPPETS#P#{reader}")
}
/// Partition of a group's canned answers.
pub fn canned_answers_of_group(name: &str) -> String {
    format!("SNIPPETS#G#{name}")
}
/// A canned answer of one of these partitions.
pub fn canned_answer(partition: &str, id: Uuid) -> Key {
    Key::new(partition, id.to_string())
}
/// What a person wishes of their mail.
pub fn preferences(address: &AddressKey) -> Key {
    Key::new(format!("PREFERENCES#{address}"), "PREFERENCES")
}
/// Partition of the suppressed addresses.
pub const SUPPRESSIONS: &str = "SUPPRESSIONS";
/// A suppressed address.
pub fn suppression(address: &AddressKey) -> Key {
    Key::new(SUPPRESSIONS, address.as_str())
}
/// The transient bounces of an address.
pub fn transient_bounces(address: &AddressKey) -> Key {
    Key::new(format!("BOUNCES#{address}"), "BOUNCES")
}
/// That the bounce or complaint of a test mail was taken in.
pub fn test_bounce(id: Uuid, kind: &str) -> Key {
    Key::new(format!("TEST-BOUNCE#{id}"), kind)
}
/// Partition of the records of lifted suppressions of an address.
pub fn lifted(address: &AddressKey) -> String {
    format!("LIFTED#{address}")
}
/// Record of a lifted suppression.
pub fn suppression_lifted(address: &AddressKey, change: Uuid) -> Key {
    Key::new(lifted(address), change.to_string())
}
/// Beginning of the partition of a header id.
pub const MAILS: &str = "MAIL#";
/// Which delivery the mail with this id is of: the provider's own id, or the left side and domain
/// of our message id where the provider keeps it.
pub fn mail(id: &str) -> Key {
    Key::new(format!("{MAILS}{id}"), "MAIL")
}
/// A mail that came in.
pub fn inbound(id: &MailId) -> Key {
    Key::new(format!("INBOUND#{id}"), "INBOUND")
}
/// Index partition of the mails that came in and have this status, one of [`SHARDS`].
pub fn inbound_of(status: &str, shard: u32) -> String {
    format!("INBOUND#{status}#{shard}")
}
/// Every index partition of the mails of this status, that of an earlier release first.
pub fn inbound_lists(status: &str) -> impl Iterator<Item = String> {
    let spread = (0..SHARDS).map(|shard| inbound_of(status, shard));
    std::iter::once(format!("INBOUND#{status}")).chain(spread)
}
/// The thread of mails between us and a person on a ticket.
pub fn thread(ticket: &TicketId, address: &AddressKey) -> Key {
    Key::new(ticket_partition(ticket), format!("W#{address}"))
}
/// Beginning of the partition of a ticket's reference.
pub const REFERENCES: &str = "REFERENCE#";
/// Which ticket a reference in a reply token stands for.
pub fn ticket_reference(reference: &str) -> Key {
    Key::new(format!("{REFERENCES}{reference}"), "TICKET")
}
/// Partition of the records of erasures, in the table and in the index.
pub const ERASURES: &str = "ERASURES";
/// Prefix of the erasures of one person, by the digest of their address.
pub fn erasures_of(digest: &str) -> String {
    format!("{digest}#")
}
/// Record of an erasure.
pub fn erasure(digest: &str, id: Uuid) -> Key {
    Key::new(ERASURES, format!("{}{id}", erasures_of(digest)))
}
/// That a call works on the erasure of a person, by the digest of their address.
pub fn erasure_turn(digest: &str) -> Key {
    Key::new(ERASURES, digest)
}
/// What all senders share.
pub fn sending_state() -> Key {
    Key::new("SENDING", "STATE")
}
/// Partition of what harms the account's reputation.
pub const REPUTATION: &str = "REPUTATION";
/// What was told in an hour (counted from the epoch), one of [`SHARDS`].
pub fn reputation(hour: i64, shard: u32) -> Key {
    Key::new(REPUTATION, format!("{}{shard}", reputation_from(hour)))
}
/// Where the items of an hour begin.
pub fn reputation_from(hour: i64) -> String {
    format!("{hour:020}#")
}
/// Partition of the figures by the hour.
pub const STATISTICS: &str = "STATISTICS";
/// The figures of an hour (counted from the epoch).
pub fn statistics(hour: i64) -> Key {
    Key::new(STATISTICS, format!("{hour:020}"))
}
/// How far the counting of them came.
pub fn statistics_state() -> Key {
    Key::new(STATISTICS, "STATE")
}
/// The schedule that all senders take their places from.
pub fn pace() -> Key {
    Key::new("SENDING", "PACE")
}
/// What the mail provider says of the account.
pub fn account() -> Key {
    Key::new("SENDING", "ACCOUNT")
}
/// Where the last look for mails whose event never came ended, when it had no time left.
pub fn inbound_look() -> Key {
    Key::new("INBOUND-LOOK", "REACHED")
}
/// When an event of the mail provider came last that changed nothing else.
pub fn last_event() -> Key {
    Key::new("SENDING", "EVENTS")
}
/// Larger than every character of a sort value: the end of a range that has no other.
pub const LAST: &str = "~";

/// A sort value that orders by time, then by `tie`: fixed width, so bytes order as times do.
pub fn by_time(at: Timestamp, tie: &str) -> String {
    format!("{:020}#{tie}", at.as_millisecond().max(0))
}
/// Shard of an id in [`SHARDS`]: the same for the same id.
pub fn shard(id: &str) -> u32 {
    hash(id) % SHARDS
}
/// Shard of an id in [`DUE_SHARDS`]: the same for the same id.
pub fn due_shard(id: &str) -> u32 {
    hash(id) % DUE_SHARDS
}
/// Shards where what is due of this id may be: that of today, and that of a system with [`SHARDS`].
pub fn due_shards(id: &str) -> impl Iterator<Item = u32> {
    let (now, before) = (due_shard(id), shard(id));
    std::iter::once(now).chain((before != now).then_some(before))
}
fn hash(id: &str) -> u32 {
    id.bytes().fold(0u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    })
}
/// Kinds of what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Deliveries that wait to be sent.
    Queued,
    /// Deliveries whose lease a sender holds.
    Sending,
    /// Deliveries that wait for something that people must fix.
    Held,
    /// Deliveries that an event must come for.
    Event,
    /// Suppressions, by when they end.
    Suppression,
}

impl Due {
    /// All of them: a sweep asks for each.
    pub const ALL: [Self; Self::Suppression as usize + 1] = [
        Self::Queued,
        Self::Sending,
        Self::Held,
        Self::Event,
        Self::Suppression,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sending => "SENDING",
            Self::Held => "HELD",
            Self::Event => "EVENT",
            Self::Suppression => "SUPPRESSION",
        }
    }
}

/// Index partition of what is due of one kind, one of [`DUE_SHARDS`].
pub fn due(kind: Due, shard: u32) -> String {
    format!("DUE#{}#{shard}", kind.name())
}
/// Index partition of the deliveries that a suppressed address holds.
pub fn suppressed(address: &AddressKey) -> String {
    format!("DUE#SUPPRESSED#{address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_due_when_there_were_fewer_shards_is_found() {
        for number in 0..1000 {
            let id = format!("0199-{number}");
            let shards: Vec<u32> = due_shards(&id).collect();
            assert!(shards.contains(&due_shard(&id)) && shards.contains(&shard(&id)));
            assert!(shards.iter().all(|shard| *shard < DUE_SHARDS), "{shards:?}");
        }
    }

    #[test]
    fn ids_are_spread_over_all_shards() {
        let mut counts = [0_u32; DUE_SHARDS as usize];
        for number in 0..32_000 {
            let id = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number);
            counts[due_shard(&id.to_string()) as usize] += 1;
        }
        // A thousand each, were they spread evenly.
        assert!(
            counts.iter().all(|count| (600..1500).contains(count)),
            "{counts:?}"
        );
    }
}
