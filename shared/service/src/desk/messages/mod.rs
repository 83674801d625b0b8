//! Post and read messages. A message, its deliveries and its place in every list are one commit:
//! when the call is answered, the mail cannot be lost.

mod append;
mod builder;
mod coalesce;
mod pasted;
mod posting;
mod preview;
mod reading;
mod view;
mod withdraw;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use self::{
    append::{append, ours, senders},
    builder::{
        ByMail, TicketContext, channel_of, exchange_is_on, reject_misspelled_fields, switched_on,
    },
    posting::{post_mail, writable},
    reading::{recent_public, stored},
};
pub use self::{
    builder::{MAX_MESSAGE, given},
    pasted::PostWarning,
    posting::{post, post_from},
    preview::{MessagePreview, preview},
    reading::{Part, Reading, deliveries_of, list, mark_read, read},
    view::{DeliverySummary, ListedMessage, Marked},
    withdraw::withdraw,
};
use crate::{access::View, api, desk::tickets::ReadMark};
use domain::{
    delivery::{Delivery, DeliveryStatus},
    id::TicketId,
    mask::mask,
    message::{Message, Visibility},
    reason::{Reason, Recorded},
    recipients::Decision,
};

/// What somebody writes on a ticket, as the request has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewMessage {
    /// The message as plain text. Either this or `html`.
    #[serde(default)]
    pub text: Option<String>,
    /// The message as HTML; it is sanitised. Either this or `text`.
    #[serde(default)]
    pub html: Option<String>,
    /// Who may read it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Whether mail is sent; yes when absent.
    #[serde(default)]
    pub notify: Option<bool>,
    /// Written by the ITSM system on its own (a change of status, a deadline) and by no person:
    /// mails of such messages to one recipient are sent together. Only the integration says so.
    #[serde(default)]
    pub automatic: bool,
    /// Category of the occurrence; parameter 262 for a portal message without one.
    #[serde(default)]
    pub category: Option<String>,
    /// Origin of the occurrence; parameter 263 for a portal message without one.
    #[serde(default)]
    pub origin: Option<String>,
    /// Hours posted with it.
    #[serde(default)]
    pub time_spent: Option<api::TimeSpentFields>,
    /// Who wrote it: needed from the integration, refused from everyone else.
    #[serde(default)]
    pub author: Option<api::AuthorFields>,
    /// Files that were put before, by the ids of their uploads.
    #[serde(default)]
    pub attachments: Vec<Uuid>,
    /// The newest message that its author has seen: when there is a newer one, nothing is posted.
    #[serde(default)]
    pub if_seen: Option<Uuid>,
    /// Seconds for which its mails wait, 60 at most: so long it may be taken back.
    #[serde(default)]
    pub delay_s: Option<u32>,
}

/// What became of one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryView {
    /// Id of the delivery, half of its path in the API.
    pub id: Uuid,
    /// Address; masked for requesters.
    pub to: String,
    /// Where it is in the state machine.
    pub status: DeliveryStatus,
    /// Why it is held, failed or unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Recorded<Reason>>,
}

/// Answer to a posted message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Posted {
    /// UUIDv7 of the message, by which it is read again.
    pub id: Uuid,
    /// The ticket on which it was written.
    #[schema(value_type = String)]
    pub ticket_id: TicketId,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Until when it may be taken back, when it was posted with a delay.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undo_until: Option<Timestamp>,
    /// The mails it makes, one a recipient.
    pub deliveries: Vec<DeliveryView>,
    /// What of it is not as it was written: pictures that cannot be shown or kept.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<PostWarning>,
}

/// A message as stored, with what was decided about everyone whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// The message itself; its fields stand beside the others.
    #[serde(flatten)]
    pub message: Message,
    /// Who was considered, in order.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// How many messages there were with this one: whoever has read it has read so many.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counted: Option<ReadMark>,
    /// Until when its author may take it back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undo_until: Option<Timestamp>,
    /// Its text is gone, on the order of its author.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub erased: bool,
}

impl StoredMessage {
    /// A message that is not counted yet.
    pub(crate) fn new(message: Message, decisions: Vec<Decision>) -> Self {
        Self {
            message,
            decisions,
            counted: None,
            undo_until: None,
            erased: false,
        }
    }
}

/// A delivery as it is answered to this side.
pub fn delivery_view(delivery: &Delivery, view: View) -> DeliveryView {
    let to = match view {
        View::Desk => delivery.to.address.to_string(),
        View::Requester => mask(delivery.to.address.as_str()),
    };
    DeliveryView {
        id: delivery.id,
        to,
        status: delivery.status,
        reason: delivery.reason.clone(),
    }
}
