//! What is kept of a mail that came in, beside its raw bytes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Result,
    entity::{self, Entity as _},
};
use domain::{
    id::{MailId, TicketId},
    reason::{MailReason, Recorded},
};
use mail::inbound::{InboundMail, Verdict, Verdicts};
use storage::Item;

/// How long a mail is kept, days: its record, and by the bucket's lifecycle its raw bytes.
pub const KEPT_DAYS: i64 = 90;
/// Longest text of a mail that a list shows, in characters.
const MAX_SHOWN: usize = 2000;
/// Longest subject and name, in characters.
const MAX_SHORT: usize = 255;
/// Most files that are named.
const MAX_FILES: usize = 50;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailStatus {
    /// It is a message.
    Accepted,
    /// It was not let in: somebody may accept it.
    Quarantined,
    /// It is not a conversation. Somebody may accept it all the same.
    Ignored,
    /// Somebody decided that it does not become a message. It may still be accepted.
    Dismissed,
}

impl MailStatus {
    /// Every state, in the order of the enum.
    pub const ALL: [Self; 4] = [
        Self::Accepted,
        Self::Quarantined,
        Self::Ignored,
        Self::Dismissed,
    ];

    /// Name, as in the key of its list.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Quarantined => "quarantined",
            Self::Ignored => "ignored",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Who a mail says that it is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSender {
    /// Name beside the address in `From`; empty when there is none. Anybody
    /// can write anything there.
    pub name: String,
    /// Address in `From`, which proves nothing by itself.
    pub email: String,
}

/// A file of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFile {
    /// Name without anything that a file system or a shell would read as more than a name.
    pub name: String,
    /// Size in bytes, decoded.
    pub size: u64,
}

/// A mail that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Id: that of SES, or a UUID where there is none.
    pub id: MailId,
    /// What became of it.
    pub status: MailStatus,
    /// Stable code of why it was not let in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Recorded<MailReason>>,
    /// When it came in, whatever the date in its header.
    pub received_at: Timestamp,
    /// Bytes of the raw mail.
    pub size: u64,
    /// Who it says that it is from; none when that is nobody, or more than one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<MailSender>,
    /// Its subject, decoded; may be empty.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub subject: String,
    /// The beginning of its text.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
    /// Names and sizes of its files.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub files: Vec<NamedFile>,
    /// What the receiving server found out.
    #[serde(default)]
    pub verdicts: Verdicts,
    /// The ticket that it is on, or that it names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticket_id: Option<TicketId>,
    /// The message that it became.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message_id: Option<Uuid>,
    /// The mail of which this is a copy: it was addressed to several tickets, and this is what became
    /// of it on another one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copy_of: Option<MailId>,
    /// Who let it in: the `sub` of their token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepted_by: Option<String>,
    /// Name from their token, where it had one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepted_by_name: Option<String>,
    /// When it was let in by a person; none otherwise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepted_at: Option<Timestamp>,
    /// Who dismissed it: the `sub` of their token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dismissed_by: Option<String>,
    /// Name from their token, where it had one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dismissed_by_name: Option<String>,
    /// When it was dismissed; it may still be accepted afterwards.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dismissed_at: Option<Timestamp>,
    /// Why, in the words of who did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dismissed_because: Option<String>,
}

impl Mail {
    /// A mail of which nothing is known but its size.
    pub(super) fn unread(id: &MailId, size: u64, received_at: Timestamp) -> Self {
        Self {
            id: id.clone(),
            status: MailStatus::Quarantined,
            reason: None,
            received_at,
            size,
            from: None,
            subject: String::new(),
            text: String::new(),
            files: Vec::new(),
            verdicts: Verdicts::default(),
            ticket_id: None,
            message_id: None,
            copy_of: None,
            accepted_by: None,
            accepted_by_name: None,
            accepted_at: None,
            dismissed_by: None,
            dismissed_by_name: None,
            dismissed_at: None,
            dismissed_because: None,
        }
    }

    /// The same with what a list shows of the mail.
    pub(super) fn show(mut self, mail: &InboundMail, verdicts: Verdicts) -> Self {
        self.from = mail.sender().map(|sender| MailSender {
            name: cut(&sender.name, MAX_SHORT),
            email: sender.address.as_str().to_owned(),
        });
        self.subject = cut(&mail.subject, MAX_SHORT);
        self.text = cut(&mail.reply.text, MAX_SHOWN);
        self.files = mail
            .attachments
            .iter()
            .take(MAX_FILES)
            .map(|file| NamedFile {
                name: file.name.clone(),
                size: file.content.len() as u64,
            })
            .collect();
        self.verdicts = verdicts;
        self
    }

    /// Whether this is why it was not let in.
    pub(super) fn is_because(&self, reason: MailReason) -> bool {
        self.reason.as_ref().is_some_and(|known| *known == reason)
    }

    /// Whether SES found a virus in it, whatever else kept it out.
    pub(super) fn is_infected(&self) -> bool {
        self.is_because(MailReason::Virus) || self.verdicts.virus == Verdict::Fail
    }

    /// Where its raw bytes are.
    pub(crate) fn raw_name(&self) -> String {
        super::raw_name(self.copy_of.as_ref().unwrap_or(&self.id))
    }

    /// The item, placed in the list of its status.
    pub(super) fn item(&self) -> Result<Item> {
        let ends = self.received_at.as_second() + KEPT_DAYS * 24 * 3600;
        Ok(entity::Inbound(&self.id).item(self)?.expiring(ends))
    }
}

/// At most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text[..at].to_owned(),
        None => text.to_owned(),
    }
}
