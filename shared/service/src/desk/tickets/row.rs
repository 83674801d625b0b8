//! A ticket as a list shows it: what tells it from others, and none of its long texts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ReadMark, TicketRecord, visible::unsanitised};
use crate::{
    access::{Caller, View},
    api::PersonFields,
    outgoing::attention::TicketAttention,
};
use domain::{
    id::TicketId,
    message::{Channel, Message, Side, Visibility},
};

/// Longest beginning of a message that a list shows, in characters.
const EXCERPT: usize = 140;

/// The newest message of a ticket, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastMessage {
    /// Id of that message, to link to it.
    pub id: Uuid,
    /// Name of its author.
    pub author: String,
    /// Their side of the conversation.
    pub role: Side,
    /// Where it was written.
    pub source: Channel,
    /// Its beginning, as one line of plain text.
    pub excerpt: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who may read it.
    pub visibility: Visibility,
    /// Files that came with it.
    pub attachments: usize,
}

impl LastMessage {
    /// A message in short.
    pub(crate) fn of(message: &Message) -> Self {
        let words = message.text.split_whitespace();
        let mut excerpt = String::new();
        for word in words {
            if excerpt.chars().count() > EXCERPT {
                break;
            }
            if !excerpt.is_empty() {
                excerpt.push(' ');
            }
            excerpt.push_str(word);
        }
        if excerpt.chars().count() > EXCERPT {
            excerpt = excerpt.chars().take(EXCERPT - 1).collect();
            excerpt.push('…');
        }
        Self {
            id: message.id,
            author: message.author.name.clone(),
            role: message.author.role,
            source: message.source,
            excerpt,
            at: message.created_at,
            visibility: message.visibility,
            attachments: message.attachments.len(),
        }
    }
}

/// A ticket in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TicketRow {
    /// The number that people know it by.
    #[schema(value_type = String)]
    pub id: TicketId,
    /// Incident, request or what else the ITSM system calls it.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Status in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Priority in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub priority: String,
    /// Who opened it; a requester sees the addresses of others masked.
    pub requester: PersonFields,
    /// The technician to whom it is assigned; absent while it waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<PersonFields>,
    /// Name of the group that works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Portfolio that the service belongs to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub portfolio: String,
    /// The service that it is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The activity of that service.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub activity: String,
    /// The contract it falls under.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub contract: String,
    /// Current phase of the workflow.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// By when it is to be solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Timestamp>,
    /// When it was solved or closed; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Time of the newest message that the caller may read, or snapshot.
    pub activity_at: Timestamp,
    /// Messages that the caller may read.
    pub messages: u64,
    /// Those that the caller has not read.
    pub unread: u64,
    /// The newest message that the caller may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<LastMessage>,
    /// Its deliveries that need somebody; technicians and administrators only, and
    /// absent when none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<TicketAttention>,
}

/// The row of a ticket for a caller who has read so far.
pub(super) fn row(record: &TicketRecord, mark: ReadMark, seen: View, caller: &Caller) -> TicketRow {
    let last_message = match seen {
        View::Desk => record.last_message.clone(),
        View::Requester => record.last_public_message.clone(),
    };
    let group = record
        .ticket
        .assigned_group()
        .map(|group| group.name.clone());
    let shown = unsanitised(record, mark, seen, caller);
    let ticket = shown.ticket;
    TicketRow {
        id: record.ticket.id.clone(),
        kind: ticket.kind,
        status: ticket.status,
        priority: ticket.priority,
        requester: ticket.requester,
        responsible: ticket.responsible,
        group,
        portfolio: ticket.portfolio,
        service: ticket.service,
        activity: ticket.activity,
        contract: ticket.contract,
        phase: ticket.phase,
        deadline_at: ticket.deadline_at,
        finished_at: ticket.finished_at,
        activity_at: shown.activity_at,
        messages: shown.messages,
        unread: shown.unread,
        last_message,
        attention: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::message::Author;

    #[test]
    fn an_excerpt_is_one_short_line() {
        let maria = Author {
            name: "Maria".to_owned(),
            email: None,
            role: Side::Requester,
        };
        let mut message = Message {
            text: " Olá,\n\n  tudo\tbem? ".to_owned(),
            ..Message::new(
                Uuid::nil(),
                &TicketId::from_static("4711"),
                maria,
                Channel::Portal,
                Timestamp::UNIX_EPOCH,
            )
        };
        assert_eq!(LastMessage::of(&message).excerpt, "Olá, tudo bem?");
        message.text = "ç".repeat(100_000);
        let excerpt = LastMessage::of(&message).excerpt;
        assert_eq!(excerpt.chars().count(), EXCERPT);
        assert!(excerpt.ends_with('…'));
    }
}
