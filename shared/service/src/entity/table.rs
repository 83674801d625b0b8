//! Every kind of item: its key, its name, its document.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Entity,
    layout::{Row, Sample, shard},
};
use crate::{
    admin::{
        erasure::{Stored, Working},
        identities,
        templates::{Holder, Sequence},
    },
    desk::{
        canned_answers,
        messages::StoredMessage,
        statistics::Progress,
        tickets::{self, ReadMark, TicketRecord},
        uploads,
    },
    feedback::last_event,
    idempotency,
    inbound::{self, Reached},
    outgoing::{
        deliveries::{self, MailRecord},
        sending,
        thread::ThreadState,
    },
};
use domain::{
    account::Seen,
    address::AddressKey,
    delivery,
    id::{MailId, TemplateId, TicketId},
    pace, parameter, preferences,
    reputation::Counts,
    statistics::Figures,
    suppression,
    template::{self, Summary},
};
use storage::{
    IndexEntry, Key,
    keys::{self, Due},
};

/// A document that says nothing: that it is there is enough.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Nothing {}

/// A field's name in braces.
macro_rules! name {
    ($field:ident) => {
        concat!("{", stringify!($field), "}")
    };
}

/// The sample of a field.
macro_rules! named {
    ($field:ident) => {
        Sample::of(name!($field))
    };
}

/// What is given, or else the default.
macro_rules! either {
    ([] $default:expr) => {
        $default
    };
    ([$given:expr] $default:expr) => {
        $given
    };
}

macro_rules! entities {
    ($(
        $(#[$doc:meta])*
        $name:ident $(<$life:lifetime>)? $(($($field:ident: $type:ty),+))?
            = $entity:literal: $document:ty, $key:expr $(, by $place:expr)?
            => [$($what:literal $(of $at:expr)? $(=> $index:expr, $sort:literal)?),+];
    )*) => {
        /// Names of all kinds.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$($entity),*];

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(crate) struct $name $(<$life>)? $(($(pub(crate) $type),+))?;

            // What is stored and what is answered change apart from each other.
            const _: () = <$document as crate::api::Apart<_>>::APART;

            impl $(<$life>)? Entity for $name $(<$life>)? {
                type Document = $document;
                const NAME: &'static str = $entity;

                fn key(self) -> Key {
                    let Self $(($($field),+))? = self;
                    $key
                }

                $(
                    fn place(document: &$document) -> Option<IndexEntry> {
                        let place: fn(&$document) -> Option<IndexEntry> = $place;
                        place(document)
                    }
                )?
            }
        )*

        /// Every kind of item, in the order in which one reads about them.
        pub fn layout() -> Vec<Row> {
            let mut rows = Vec::new();
            $({
                let sample = || $name $(($(named!($field)),+))?;
                let named = |text: &str| {
                    let $name $(($($field),+))? = sample();
                    let text = text.replace('_', " ");
                    $($(let text = Sample::named($field, &text, name!($field));)+)?
                    text.replace('_', " ")
                };
                $(
                    let one = either!([$($at)?] sample());
                    let index = either!([$(Some(($index, $sort)))?] None);
                    rows.push(Row::of($what, one, named, index));
                )+
            })*
            rows
        }
    };
}

entities! {
    /// A ticket, in the list of all tickets.
    Ticket<'a>(ticket: &'a TicketId) = "ticket": TicketRecord, keys::ticket(ticket), by |record| {
        let id = record.ticket.id.as_str();
        by_time(keys::all_tickets(keys::shard(id)), record.activity_at, id)
    } => ["ticket" => keys::all_tickets(shard()), "latest activity"];
    /// A message of a ticket.
    Message<'a>(ticket: &'a TicketId, message: Uuid) = "message": StoredMessage,
        keys::message(ticket, message) => ["message"];
    /// A delivery of a message, among what it waits for.
    Delivery<'a>(ticket: &'a TicketId, message: Uuid, delivery: Uuid) = "delivery": delivery::Delivery,
        keys::delivery(ticket, message, delivery), by deliveries::place => [
            "delivery that waits to be sent" => due(Due::Queued), "when it may leave",
            "… that is being sent, or was accepted within its lease" => due(Due::Sending), "when its lease expires",
            "… that is held" => due(Due::Held), "obstacle, then the next check",
            "… held for a suppressed address" => keys::suppressed(named!(address)), "time",
            "… that waits for an event" => due(Due::Event), "until when",
            "… in any other state"
        ];
    /// A delivery among those that need somebody.
    Attention<'a>(ticket: &'a TicketId, delivery: Uuid) = "attention": deliveries::Attention,
        keys::attention(ticket, delivery) => [
            "entry of a delivery that needs somebody" => keys::all_attention(shard()), "since when"
        ];
    /// How far somebody has read a ticket.
    ReadUpTo<'a>(ticket: &'a TicketId, address: &'a str) = "read_mark": ReadMark,
        keys::read_mark(ticket, address) => ["read mark"];
    /// A file that waits for its message.
    Upload<'a>(ticket: &'a TicketId, upload: Uuid) = "upload": uploads::Upload,
        keys::upload(ticket, upload) => ["upload that waits for its message"];
    /// The mails between us and a person on a ticket.
    Thread<'a>(ticket: &'a TicketId, address: &'a AddressKey) = "wire": ThreadState,
        keys::thread(ticket, address) => ["thread between us and a person"];
    /// A ticket in the list of a person or group.
    Membership<'a>(partition: &'a str, ticket: &'a TicketId) = "membership": Nothing,
        keys::membership(partition, ticket) => [
            "ticket of a person" of Membership(&keys::person(named!(address)), named!(ticket))
                => keys::listed(&keys::person(named!(address)), shard()), "activity as that side sees it",
            "ticket of a group" of Membership(&keys::group("{group}"), named!(ticket))
                => keys::listed(&keys::group("{group}"), shard()), "activity as the desk sees it"
        ];
    /// That a group lists the address of a person.
    Listing<'a>(address: &'a AddressKey, group: &'a str) = "listing": Nothing,
        keys::listing(address, group) => [
            "group that lists a person's address" of Listing(named!(address), &keys::group("{group}"))
        ];
    /// The ticket that a reference in a reply token stands for.
    TicketReference<'a>(reference: &'a str) = "ticket_reference": tickets::TicketReference,
        keys::ticket_reference(reference) => ["ticket with a long id, by its reference in tokens"];
    /// A canned answer of a person, a group or everybody.
    CannedAnswer<'a>(partition: &'a str, answer: Uuid) = "snippet": canned_answers::CannedAnswer,
        keys::canned_answer(partition, answer) => [
            "canned answer of a person"
                of CannedAnswer(&keys::canned_answers_of_person("{address}"), named!(answer)),
            "canned answer of a group"
                of CannedAnswer(&keys::canned_answers_of_group("{group}"), named!(answer)),
            "canned answer of all" of CannedAnswer(keys::CANNED_ANSWERS_OF_ALL, named!(answer))
        ];
    /// What a request with an idempotency key was answered.
    Idempotency<'a>(hash: &'a str) = "idempotency": idempotency::IdempotencyRecord, keys::idempotency(hash)
        => ["idempotency record"];
    /// All parameters and identities.
    Parameters = "parameters": parameter::Parameters, keys::parameters() => ["parameters, all in one"];
    /// A change of a parameter.
    ParameterChange(number: u16, change: Uuid) = "parameter_change": parameter::Change,
        keys::parameter_history(number, change) => ["change of a parameter"];
    /// A change of the identity of a contract, by a digest of its name.
    IdentityChange<'a>(digest: &'a str, change: Uuid) = "identity_change": identities::IdentityChange,
        keys::identity_history(digest, change) => ["change of an identity"];
    /// The last template id that was given.
    TemplateSequence = "sequence": Sequence, keys::template_sequence() => ["last template id"];
    /// A template as it is now, without its body.
    Template(id: TemplateId) = "template": Summary, keys::template(id)
        => ["template, its current state"];
    /// A version of a template.
    TemplateVersion(id: TemplateId, version: u64) = "template_version": template::Template,
        keys::template_version(id, version) => ["template version"];
    /// The published version of a template, once more.
    PublishedTemplate(id: TemplateId) = "template_published": template::Template, keys::template_published(id)
        => ["published version of a template, once more"];
    /// The template that has an identifier.
    TemplateIdentifier<'a>(in_lower_case: &'a str) = "template_identifier": Holder,
        keys::template_identifier(in_lower_case) => ["template identifier"];
    /// What a person wishes of their mail.
    Preferences<'a>(address: &'a AddressKey) = "preferences": preferences::Preferences, keys::preferences(address)
        => ["preferences of a person"];
    /// A suppressed address, found again when its suppression ends.
    Suppression<'a>(address: &'a AddressKey) = "suppression": suppression::Suppression, keys::suppression(address),
        by |one| {
            let address = one.address.as_str();
            let list = keys::due(Due::Suppression, keys::due_shard(address));
            by_time(list, one.due_at()?, address)
        } => ["suppression" => due(Due::Suppression), "when it ends"];
    /// The transient bounces of an address.
    TransientBounces<'a>(address: &'a AddressKey) = "transient_bounces": suppression::TransientBounces,
        keys::transient_bounces(address) => ["transient bounces of an address"];
    /// A suppression as it was when it was lifted.
    LiftedSuppression<'a>(address: &'a AddressKey, change: Uuid) = "suppression_lifted": suppression::Suppression,
        keys::suppression_lifted(address, change) => ["record of a lifted suppression"];
    /// The record of an erasure, in the list of all.
    Erasure<'a>(digest_of_the_address: &'a str, id: Uuid) = "erasure": Stored,
        keys::erasure(digest_of_the_address, id), by |stored| {
            let erasure = &stored.erasure;
            by_time(keys::ERASURES.to_owned(), erasure.begun_at, &erasure.id.to_string())
        } => ["record of an erasure" => keys::ERASURES.to_owned(), "when it began"];
    /// That a call works on the erasure of a person.
    ErasureTurn<'a>(digest_of_the_address: &'a str) = "erasure_turn": Working,
        keys::erasure_turn(digest_of_the_address) => ["that a call works on an erasure"];
    /// That the bounce or complaint of a test mail was taken in.
    TestBounce<'a>(test_mail: Uuid, kind: &'a str) = "test_bounce": Nothing,
        keys::test_bounce(test_mail, kind) => ["bounce of a test mail"];
    /// The delivery of a mail, by the mail's id.
    SentMail<'a>(id: &'a str) = "mail": MailRecord, keys::mail(id)
        => ["delivery of a mail, by its header id"];
    /// A mail that came in, in the list of its status.
    Inbound<'a>(id: &'a MailId) = "inbound": inbound::Mail, keys::inbound(id), by |mail| {
        let id = mail.id.as_str();
        let list = keys::inbound_of(mail.status.name(), keys::shard(id));
        by_time(list, mail.received_at, id)
    } => ["mail that came in" => keys::inbound_of("{status}", shard()), "when it came"];
    /// Where a look for mails whose event never came goes on.
    InboundLook = "inbound_look": Reached, keys::inbound_look()
        => ["where the look for mails without an event goes on"];
    /// What all senders share.
    SendingState = "sending_state": sending::SendingState, keys::sending_state() => ["circuit of all senders"];
    /// The schedule of the provider's rate.
    Pace = "pace": pace::Pace, keys::pace()
        => ["schedule of the provider's rate, breaker of automatic mail"];
    /// What the mail provider says of the account.
    Account = "account": Seen, keys::account() => ["what the provider says of the account"];
    /// When an event came last that changed nothing else.
    LastEvent = "last_event": last_event::LastEvent, keys::last_event()
        => ["when an event came that changed nothing else"];
    /// What harms the account's reputation, of one hour, in part.
    Reputation(hour: i64, shard: u32) = "reputation": Counts, keys::reputation(hour, shard)
        => ["bounces and complaints of an hour"];
    /// The figures of an hour.
    Statistics(hour: i64) = "statistics": Figures, keys::statistics(hour)
        => ["figures of an hour"];
    /// How far the counting of figures came.
    StatisticsState = "statistics_state": Progress, keys::statistics_state()
        => ["how far the counting of figures came"];
}

/// What is due of one kind, in any shard.
fn due(kind: Due) -> String {
    keys::due(kind, shard())
}

/// A place by time; ties by `tie`.
#[expect(clippy::unnecessary_wraps, reason = "places are optional")]
fn by_time(partition: String, at: Timestamp, tie: &str) -> Option<IndexEntry> {
    Some(IndexEntry {
        partition,
        sort: keys::by_time(at, tie),
    })
}
