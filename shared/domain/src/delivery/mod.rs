//! A delivery: one message on its way to one recipient. The states and what may follow what.

mod attempt;
mod attention;
#[cfg(test)]
mod diagram;
mod events;
mod order;
#[cfg(test)]
mod sample;
mod status;
mod timeline;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    address::{AddressKey, WrittenAddress},
    id::{TemplateId, TicketId},
    reason::{Reason, Recorded},
};

pub use attempt::{LOOK_MAX, Lease, Overdue, SentMail, Verdict, WAIT_MAX};
pub use attention::Dismissed;
pub use events::Observation;
pub use order::ORDER_KEPT;
pub use status::{DeliveryStatus, EVENT_LATE, Step, UNCONFIRMED};
pub use timeline::{Actor, Entry};

/// Why somebody gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Capacity {
    /// The ticket is theirs: the person for whom it was opened.
    Requester,
    /// A follower of the ticket.
    Follower,
    /// The technician to whom the ticket is assigned.
    Responsible,
    /// An address of a group.
    Group,
}

impl Capacity {
    /// Whether they stand on the requester's side: internal messages never reach it.
    pub fn is_requester_side(self) -> bool {
        matches!(self, Self::Requester | Self::Follower)
    }
}

/// Whom a delivery goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name, may be empty.
    pub name: String,
    /// As [`Address`](crate::address::Address) normalises it, of somebody who gets mail; otherwise as the
    /// ticket has it.
    pub address: WrittenAddress,
    /// Why they get it.
    pub capacity: Capacity,
    /// Language of their mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// Time zone of their mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
}

impl Recipient {
    /// By what windows and suppressions know somebody who gets mail.
    pub fn key(&self) -> AddressKey {
        self.address.key_or_text()
    }
}

/// A delivery of another message of the same ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The message that it carries.
    pub message: Uuid,
    /// Id of the delivery, which tells it from others of that message.
    pub delivery: Uuid,
    /// When it was posted.
    pub at: Timestamp,
}

/// One message to one recipient, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// UUIDv7; travels as the tag `delivery_id`.
    pub id: Uuid,
    /// The message that it carries; half of its key with the ticket.
    pub message_id: Uuid,
    /// The ticket of that message, in whose partition it is stored.
    pub ticket_id: TicketId,
    /// Whom it goes to.
    pub to: Recipient,
    /// The template that the parameters named for it when it was queued: read with the rest by a
    /// process that knows no template yet. What counts is what they name when the mail is made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<TemplateId>,
    /// Where it is in the state machine; only this module's transitions change it.
    pub status: DeliveryStatus,
    /// Why it waits, is held, failed or unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Recorded<Reason>>,
    /// What the provider or server said; holds no address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Number of the last attempt: each lease is one.
    #[serde(default)]
    pub attempts: u32,
    /// Attempts in a row that reached nobody; throttling does not count.
    #[serde(default)]
    pub tries: u32,
    /// Since when attempts reach nobody.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trying_since: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// Until when it is kept, with its message; none, for good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kept_until: Option<Timestamp>,
    /// When it was put back into the queue: sent again on request, or no longer held.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub queued_at: Option<Timestamp>,
    /// When the state changed last.
    pub updated_at: Timestamp,
    /// When it is looked at again: queued, when it may go; sending, when the lease expires; held,
    /// the next look; unknown or accepted, when the missing event is noticed (accepted, first when its
    /// lease would have expired).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// What a held one waits for: all with the same obstacle are released together.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub obstacle: Option<String>,
    /// The mail before it to the same person on the same ticket: it leaves first. Kept
    /// until an attempt begins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Earlier>,
    /// Messages that came after its own and travel in the same mail, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub joined: Vec<Uuid>,
    /// Who is sending it, and until when.
    #[serde(rename = "claim", skip_serializing_if = "Option::is_none", default)]
    pub lease: Option<Lease>,
    /// The mail of the last attempt that came as far as the provider.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mail: Option<SentMail>,
    /// Who decided that nothing more is to be done about its state.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dismissed: Option<Dismissed>,
    /// Whether it was stored with an entry among those that need somebody.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub listed: bool,
    /// What happened, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub timeline: Vec<Entry>,
}

impl Delivery {
    /// A delivery that waits to be sent.
    pub fn queued(message_id: Uuid, ticket_id: &TicketId, to: Recipient, now: Timestamp) -> Self {
        Self {
            id: Uuid::now_v7(),
            message_id,
            ticket_id: ticket_id.clone(),
            to,
            template: None,
            status: DeliveryStatus::Queued,
            reason: None,
            detail: None,
            attempts: 0,
            tries: 0,
            trying_since: None,
            created_at: now,
            kept_until: None,
            queued_at: None,
            updated_at: now,
            due_at: None,
            obstacle: None,
            after: None,
            joined: Vec::new(),
            lease: None,
            mail: None,
            dismissed: None,
            listed: false,
            timeline: Vec::new(),
        }
    }

    /// Whether this is why it is in its state.
    pub fn is_because(&self, reason: Reason) -> bool {
        self.known_reason() == Some(reason)
    }

    /// Why it is in its state, when this version knows the reason.
    pub fn known_reason(&self) -> Option<Reason> {
        self.reason.as_ref().and_then(Recorded::known)
    }

    /// Stable code of why it is in its state.
    pub fn reason_code(&self) -> Option<&str> {
        self.reason.as_ref().map(Recorded::code)
    }

    /// Since when it waits to be sent, tries that reached nobody included.
    pub fn waits_since(&self) -> Timestamp {
        self.queued_at.unwrap_or(self.created_at)
    }
}
