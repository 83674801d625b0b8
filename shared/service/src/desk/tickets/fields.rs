//! A ticket as the API takes and shows it. What is stored is [`Ticket`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{GroupFields, PersonFields, each};
use domain::{id::TicketId, ticket::Ticket, times};

/// A ticket as the ITSM system told it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = Ticket)]
pub struct TicketFields {
    /// The number that people know it by: `[A-Za-z0-9._-]{1,64}`.
    pub id: String,
    /// Incident, request or what else the ITSM system calls it; only shown.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Status in the ITSM system's words (key `SITUACAO`); nothing here depends on it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Priority in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub priority: String,
    /// Urgency in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub urgency: String,
    /// Impact in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub impact: String,
    /// For whom it was opened: the other side of the conversation.
    pub requester: PersonFields,
    /// Whom to speak to; the requester when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<PersonFields>,
    /// Free text on how to reach the contact.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub contact_details: String,
    /// Who else gets public messages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub followers: Vec<PersonFields>,
    /// The technician to whom it is assigned; absent while it waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<PersonFields>,
    /// Who registered the ticket (key `RESPONSAVEL`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonFields>,
    /// The group that works on it now: its members are told with the responsible technician.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupFields>,
    /// The group of level 1, told when nobody nearer can be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level1_group: Option<GroupFields>,
    /// The group that carries it out, told when neither can be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor_group: Option<GroupFields>,
    /// Portfolio that the service belongs to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub portfolio: String,
    /// The service that it is about (key `SERVICORELACIONADO`: mind the name).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// Activity (key `SERVICO`: mind the name).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub activity: String,
    /// Activity type (key `DEMANDA`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub demand: String,
    /// The contract it falls under; it may have a sender and signature of its own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub contract: String,
    /// What the requester described, HTML: sanitised wherever it is shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The closing answer, HTML: sanitised wherever it is shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub response: String,
    /// Observation of the desk, as plain text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub observation: String,
    /// Current phase of the workflow.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// Number of the related ticket.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub related_id: String,
    /// Time spent on the ticket, minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_spent_minutes: Option<u64>,
    /// When it was requested.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time"
    )]
    pub requested_at: Option<Timestamp>,
    /// By when it is to be solved, RFC 3339.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time"
    )]
    pub deadline_at: Option<Timestamp>,
    /// When it was solved or closed, RFC 3339; absent while it is open.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time"
    )]
    pub finished_at: Option<Timestamp>,
    /// The site's own keys: upper-case name to value, escaped like the rest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
    /// When the ITSM system made this snapshot; an older one never overwrites a newer one.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time"
    )]
    pub updated_at: Option<Timestamp>,
}

/// Every field but the number, as it is.
macro_rules! moved {
    ($name:ident, $id:expr, $ticket:ident) => {
        $name {
            id: $id,
            kind: $ticket.kind,
            status: $ticket.status,
            priority: $ticket.priority,
            urgency: $ticket.urgency,
            impact: $ticket.impact,
            requester: $ticket.requester.into(),
            contact: $ticket.contact.map(Into::into),
            contact_details: $ticket.contact_details,
            followers: each($ticket.followers),
            responsible: $ticket.responsible.map(Into::into),
            owner: $ticket.owner.map(Into::into),
            group: $ticket.group.map(Into::into),
            level1_group: $ticket.level1_group.map(Into::into),
            executor_group: $ticket.executor_group.map(Into::into),
            portfolio: $ticket.portfolio,
            service: $ticket.service,
            activity: $ticket.activity,
            demand: $ticket.demand,
            contract: $ticket.contract,
            description: $ticket.description,
            response: $ticket.response,
            observation: $ticket.observation,
            phase: $ticket.phase,
            related_id: $ticket.related_id,
            time_spent_minutes: $ticket.time_spent_minutes,
            requested_at: $ticket.requested_at,
            deadline_at: $ticket.deadline_at,
            finished_at: $ticket.finished_at,
            extra: $ticket.extra,
            updated_at: $ticket.updated_at,
        }
    };
}

impl TicketFields {
    /// The ticket of this number; the one within was compared with it.
    pub(super) fn into_ticket(self, id: TicketId) -> Ticket {
        moved!(Ticket, id, self)
    }
}

impl From<Ticket> for TicketFields {
    fn from(ticket: Ticket) -> Self {
        moved!(Self, ticket.id.to_string(), ticket)
    }
}
