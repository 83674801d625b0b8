//! Every kind of item: its key, its name, its document.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Entity;
use crate::{
    admin::{
        erasure::Stored,
        snippets::Snippet,
        statistics::Progress,
        templates::{Holder, Sequence},
    },
    desk::{
        conversation::ThreadState,
        messages::StoredMessage,
        tickets::{ReadMark, Record},
        uploads::Upload as WaitingFile,
    },
    idempotency::Record as Answered,
    inbound::Mail as InboundMail,
    outgoing::{
        deliveries::{self, Attention as Entry, MailRecord},
        sending::{SendingState as Sending, TicketReference as Referred},
    },
};
use domain::{
    account::Seen,
    delivery::Delivery as OneDelivery,
    pace::Pace as Schedule,
    parameter::{Change, Parameters as AllParameters},
    preferences::Preferences as Wishes,
    reputation::Counts,
    statistics::Figures,
    suppression::{Suppression as Suppressed, TransientBounces as Bounces},
    template::{Summary, Template as Version},
};
use storage::{
    IndexEntry, Key,
    keys::{self, Due},
};

/// A document that says nothing: that it is there is enough.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Nothing {}

macro_rules! entities {
    ($(
        $(#[$doc:meta])*
        $name:ident $(<$life:lifetime>)? $(($($field:ident: $type:ty),+))?
            = $entity:literal: $document:ty, $key:expr $(, by $place:expr)?;
    )*) => {
        /// Names of all kinds.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$($entity),*];

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(crate) struct $name $(<$life>)? $(($(pub(crate) $type),+))?;

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
    };
}

entities! {
    /// A ticket, in the list of all tickets.
    Ticket<'a>(id: &'a str) = "ticket": Record, keys::ticket(id), by |record| {
        let id = &record.ticket.id;
        by_time(keys::all_tickets(keys::shard(id)), record.activity_at, id)
    };
    /// A message of a ticket.
    Message<'a>(ticket: &'a str, id: Uuid) = "message": StoredMessage, keys::message(ticket, id);
    /// A delivery of a message, among what it waits for.
    Delivery<'a>(ticket: &'a str, message: Uuid, id: Uuid) = "delivery": OneDelivery,
        keys::delivery(ticket, message, id), by deliveries::place;
    /// A delivery among those that need somebody.
    Attention<'a>(ticket: &'a str, delivery: Uuid) = "attention": Entry,
        keys::attention(ticket, delivery);
    /// A ticket in the list of a person or group.
    Membership<'a>(partition: &'a str, ticket: &'a str) = "membership": Nothing,
        keys::membership(partition, ticket);
    /// How far somebody has read a ticket.
    ReadUpTo<'a>(ticket: &'a str, reader: &'a str) = "read_mark": ReadMark,
        keys::read_mark(ticket, reader);
    /// A file that waits for its message.
    Upload<'a>(ticket: &'a str, id: Uuid) = "upload": WaitingFile, keys::upload(ticket, id);
    /// The mails between us and a person on a ticket.
    Thread<'a>(ticket: &'a str, address: &'a str) = "wire": ThreadState,
        keys::wire(ticket, address);
    /// The ticket that a reference in a reply token stands for.
    TicketReference<'a>(reference: &'a str) = "ticket_reference": Referred,
        keys::ticket_reference(reference);
    /// A canned answer of a person, a group or everybody.
    CannedAnswer<'a>(partition: &'a str, id: Uuid) = "snippet": Snippet,
        keys::snippet(partition, id);
    /// What a request with an idempotency key was answered.
    Idempotency<'a>(hash: &'a str) = "idempotency": Answered, keys::idempotency(hash);
    /// All parameters and identities.
    Parameters = "parameters": AllParameters, keys::parameters();
    /// A change of a parameter.
    ParameterChange(number: u16, id: Uuid) = "parameter_change": Change,
        keys::parameter_history(number, id);
    /// The last template id that was given.
    TemplateSequence = "sequence": Sequence, keys::template_sequence();
    /// A template as it is now, without its body.
    Template(id: u64) = "template": Summary, keys::template(id);
    /// A version of a template.
    TemplateVersion(id: u64, version: u64) = "template_version": Version,
        keys::template_version(id, version);
    /// The published version of a template, once more.
    PublishedTemplate(id: u64) = "template_published": Version, keys::template_published(id);
    /// The template that has an identifier.
    TemplateIdentifier<'a>(identifier: &'a str) = "template_identifier": Holder,
        keys::template_identifier(identifier);
    /// What a person wishes of their mail.
    Preferences<'a>(address: &'a str) = "preferences": Wishes, keys::preferences(address);
    /// A suppressed address, found again when its suppression ends.
    Suppression<'a>(address: &'a str) = "suppression": Suppressed, keys::suppression(address),
        by |one| {
            let shard = keys::due_shard(&one.address);
            by_time(keys::due(Due::Suppression, shard), one.ends_at()?, &one.address)
        };
    /// A suppression as it was when it was lifted.
    LiftedSuppression<'a>(address: &'a str, id: Uuid) = "suppression_lifted": Suppressed,
        keys::suppression_lifted(address, id);
    /// The transient bounces of an address.
    TransientBounces<'a>(address: &'a str) = "transient_bounces": Bounces,
        keys::transient_bounces(address);
    /// That the bounce or complaint of a test mail was taken in.
    TestBounce<'a>(id: Uuid, kind: &'a str) = "test_bounce": Nothing, keys::test_bounce(id, kind);
    /// The delivery of a mail, by the mail's id.
    SentMail<'a>(id: &'a str) = "mail": MailRecord, keys::mail(id);
    /// A mail that came in, in the list of its status.
    Inbound<'a>(id: &'a str) = "inbound": InboundMail, keys::inbound(id), by |mail| {
        let list = keys::inbound_of(mail.status.name(), keys::shard(&mail.id));
        by_time(list, mail.received_at, &mail.id)
    };
    /// The record of an erasure, in the list of all.
    Erasure<'a>(digest: &'a str, id: Uuid) = "erasure": Stored, keys::erasure(digest, id),
        by |stored| {
            let erasure = &stored.erasure;
            by_time(keys::ERASURES.to_owned(), erasure.begun_at, &erasure.id.to_string())
        };
    /// The figures of an hour.
    Statistics(hour: i64) = "statistics": Figures, keys::statistics(hour);
    /// How far the counting of figures came.
    StatisticsState = "statistics_state": Progress, keys::statistics_state();
    /// What all senders share.
    SendingState = "sending_state": Sending, keys::sending_state();
    /// The schedule of the provider's rate.
    Pace = "pace": Schedule, keys::pace();
    /// What the mail provider says of the account.
    Account = "account": Seen, keys::account();
    /// What harms the account's reputation, of one hour, in part.
    Reputation(hour: i64, shard: u32) = "reputation": Counts, keys::reputation(hour, shard);
}

/// A place by time; ties by `tie`.
#[expect(clippy::unnecessary_wraps, reason = "places are optional")]
fn by_time(partition: String, at: Timestamp, tie: &str) -> Option<IndexEntry> {
    Some(IndexEntry {
        partition,
        sort: keys::by_time(at, tie),
    })
}
