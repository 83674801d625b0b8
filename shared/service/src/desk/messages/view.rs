//! Messages as a conversation shows them: with what became of each mail, in short.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api;
use domain::{
    catalog::Language,
    delivery::{Capacity, Delivery, DeliveryStatus},
    message::Message,
    reason::{Reason, Recorded},
};

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedMessage {
    /// The message, as this caller may read it; its fields stand beside the others.
    #[serde(flatten)]
    pub message: api::MessageView,
    /// What became of its mails, the worst first; technicians and administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<Vec<DeliverySummary>>,
}

impl ListedMessage {
    /// A message whose deliveries are not shown.
    pub(super) fn new(message: Message) -> Self {
        Self {
            message: message.into(),
            deliveries: None,
        }
    }
}

/// What became of one mail, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliverySummary {
    /// Id of the delivery, half of its path in the API.
    pub id: Uuid,
    /// Address of the recipient, whole: requesters get no deliveries.
    pub to: String,
    /// Name of the recipient; empty when it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// As whom they get it.
    pub capacity: Capacity,
    /// Where it is in the state machine.
    pub status: DeliveryStatus,
    /// The state in words.
    pub status_text: &'static str,
    /// Stable code of why it waits, is held, failed, bounced or unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Recorded<Reason>>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<&'static str>,
    /// Whether it is time for people to send it again.
    pub send_again: bool,
    /// Who decided that nothing more is to be done about this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<api::DismissedView>,
    /// When the state changed last.
    pub updated_at: Timestamp,
}

impl DeliverySummary {
    /// The summary in this language.
    pub fn new(delivery: &Delivery, language: Language) -> Self {
        let reason = delivery.known_reason();
        Self {
            id: delivery.id,
            to: delivery.to.address.to_string(),
            name: delivery.to.name.clone(),
            capacity: delivery.to.capacity,
            status: delivery.status,
            status_text: delivery.status.words().get(language),
            reason: delivery.reason.clone(),
            reason_text: reason.map(|reason| reason.words().get(language)),
            send_again: delivery.wants_sending_again(),
            dismissed: delivery.dismissed.clone().map(Into::into),
            updated_at: delivery.updated_at,
        }
    }
}

/// What is left to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Marked {
    /// Messages of the ticket that the caller has not read.
    pub unread: u64,
}
