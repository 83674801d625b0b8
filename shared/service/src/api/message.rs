//! Messages of a conversation.

use jiff::Timestamp;
use uuid::Uuid;

use super::{AuthorFields, each};
use domain::{
    id::TicketId,
    message::{self, Channel, FileRefusal, Visibility},
    reason::{MailReason, Recorded},
    times,
};

exchanged! {
    /// Hours posted with a message ("horas postadas").
    #[schema(as = TimeSpent)]
    pub struct TimeSpentFields = message::TimeSpent {
        /// Day of the work, `YYYY-MM-DD`.
        #[schema(value_type = String, format = Date)]
        #[serde(deserialize_with = "times::day")]
        pub date: jiff::civil::Date,
        /// How long the work took, `HH:MM`; the hours may have three digits.
        #[schema(pattern = "^[0-9]{1,3}:[0-5][0-9]$")]
        pub hours: String,
    }
}

shown! {
    /// A file that came with a message.
    #[schema(as = File)]
    pub struct FileView = message::File {
        /// Its place in storage; it tells nobody anything.
        pub id: String,
        /// Name as it may be stored and shown.
        pub name: String,
        /// What its sender called its type: never to be believed.
        pub media_type: String,
        /// Size in bytes, decoded.
        pub size: u64,
        /// Why it was not taken.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub refused: Option<FileRefusal>,
        /// Nobody looked at it for viruses: it was uploaded. Files of mails were looked at by SES.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pub not_scanned: bool,
        /// Only its author and administrators take it: links stand in it that act in its author's name.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pub withheld: bool,
    }

    /// How a mail came in that was not let in on its own: nothing but a person's word says that
    /// its sender wrote it.
    #[schema(as = LetIn)]
    pub struct LetInView = message::LetIn {
        /// Name of the person who let it in.
        pub by: String,
        /// When that person accepted the mail, not when it came.
        pub at: Timestamp,
        /// The proof that was missing: the code for which the quarantine held it.
        #[schema(value_type = String)]
        pub reason: Recorded<MailReason>,
    }

    /// A message on a ticket, as stored. Immutable.
    #[schema(as = Message)]
    pub struct MessageView = message::Message {
        /// UUIDv7: the conversation reads in its order.
        pub id: Uuid,
        /// The ticket it is on.
        #[schema(value_type = String)]
        pub ticket_id: TicketId,
        /// The message as plain text.
        pub text: String,
        /// The message as sanitised HTML, when it was written as HTML.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub html: Option<String>,
        /// All of the text of a mail, quotation and signature included; only the desk reads it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub full_text: Option<String>,
        /// Who wrote it, as their token or the mail named them.
        pub author: AuthorFields,
        /// Who may read it.
        pub visibility: Visibility,
        /// The "Enviar e-mail" switch.
        pub notify: bool,
        /// Written by a system on its own, such as a change of status: its mails are sent together.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pub automatic: bool,
        /// Category of the occurrence.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub category: String,
        /// Origin of the occurrence.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub origin: String,
        /// Hours posted with it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub time_spent: Option<TimeSpentFields> = time_spent.map(TimeSpentFields::from),
        /// Files that came with it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub attachments: Vec<FileView> = each(attachments),
        /// Where it was written.
        pub source: Channel,
        /// Who let it in, where it is a mail out of the quarantine; only the desk reads it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub let_in: Option<LetInView> = let_in.map(LetInView::from),
        /// When it was written.
        pub created_at: Timestamp,
    }
}
