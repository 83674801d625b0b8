//! A message on a ticket.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    address::AddressKey,
    id::TicketId,
    reason::{MailReason, Recorded},
    times,
};

/// On which side of the conversation somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Role)]
pub enum Side {
    /// Opens and follows the ticket in the portal.
    Requester,
    /// Works on it in the desktop.
    Technician,
}

/// Who may read a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everyone on the ticket.
    #[default]
    Public,
    /// Technicians and administrators only; never mailed to a requester or follower.
    Internal,
}

/// Where a message was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Smart Portal, by a requester.
    Portal,
    /// Ticket desktop, by a technician.
    Desk,
    /// A reply by mail, or what a link of a mail did.
    Email,
    /// An event of the ITSM system.
    Event,
    /// The integration, over the HTTP API.
    Api,
    /// This system: news about a mail.
    System,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Name as it is shown (key `REGISTRADOPOR`).
    pub name: String,
    /// Normalised address, when known: the author never gets their own message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<AddressKey>,
    /// Their side of the conversation: it decides who is told.
    pub role: Side,
}

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its place in storage; it tells nobody anything.
    pub id: String,
    /// Name as it may be stored and shown.
    pub name: String,
    /// What its sender called its type: never to be believed.
    pub media_type: String,
    /// Size in bytes, decoded.
    pub size: u64,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused: Option<FileRefusal>,
    /// Nobody looked at it for viruses: it was uploaded. Files of mails were looked at by SES.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub not_scanned: bool,
    /// Only its author and administrators take it: links stand in it that act in its author's name.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub withheld: bool,
}

/// Why a file was not taken. The message says so; the raw mail is kept for a while all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Refusal)]
pub enum FileRefusal {
    /// Larger than parameter 278 allows.
    TooLarge,
    /// An extension of parameter 318.
    ExtensionRefused,
    /// More files than a message may have.
    TooMany,
}

/// How a mail came in that was not let in on its own: nothing but a person's word says that
/// its sender wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetIn {
    /// Name of the person who let it in.
    pub by: String,
    /// When that person accepted the mail, not when it came.
    pub at: Timestamp,
    /// The proof that was missing: the code for which the quarantine held it.
    pub reason: Recorded<MailReason>,
}

/// Hours posted with a message ("horas postadas").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSpent {
    /// Day of the work, `YYYY-MM-DD`.
    #[serde(deserialize_with = "times::day")]
    pub date: jiff::civil::Date,
    /// How long the work took, `HH:MM`; the hours may have three digits.
    pub hours: String,
}

/// A message on a ticket, as stored. Immutable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// UUIDv7: the conversation reads in its order.
    pub id: Uuid,
    /// The ticket it is on.
    pub ticket_id: TicketId,
    /// The message as plain text.
    pub text: String,
    /// The message as sanitised HTML, when it was written as HTML.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub html: Option<String>,
    /// All of the text of a mail, quotation and signature included; only the desk reads it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub full_text: Option<String>,
    /// Who wrote it, as their token or the mail named them.
    pub author: Author,
    /// Who may read it.
    pub visibility: Visibility,
    /// The "Enviar e-mail" switch.
    pub notify: bool,
    /// Written by a system on its own, such as a change of status: its mails are sent together.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub automatic: bool,
    /// Category of the occurrence.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub category: String,
    /// Origin of the occurrence.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub origin: String,
    /// Hours posted with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_spent: Option<TimeSpent>,
    /// Files that came with it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attachments: Vec<File>,
    /// Where it was written.
    pub source: Channel,
    /// Who let it in, where it is a mail out of the quarantine; only the desk reads it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub let_in: Option<LetIn>,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Message {
    /// A public message without a text that its readers are told of, and nothing more: for those that no
    /// form was filled in for.
    pub fn new(
        id: Uuid,
        ticket_id: &TicketId,
        author: Author,
        source: Channel,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            ticket_id: ticket_id.clone(),
            text: String::new(),
            html: None,
            full_text: None,
            author,
            visibility: Visibility::Public,
            notify: true,
            automatic: false,
            category: String::new(),
            origin: String::new(),
            time_spent: None,
            attachments: Vec::new(),
            source,
            let_in: None,
            created_at,
        }
    }

    /// Whether no person wrote it.
    pub fn is_automatic(&self) -> bool {
        self.automatic || self.source == Channel::System
    }
}
