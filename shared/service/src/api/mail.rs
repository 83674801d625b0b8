//! Mails that came in.

use jiff::Timestamp;
use uuid::Uuid;

use super::each;
use crate::inbound::{self, MailStatus};
use domain::{
    catalog::Texts,
    id::{MailId, TicketId},
    reason::{MailReason, Recorded},
};
use mail::inbound as read;

shown! {
    /// All findings on a mail.
    #[schema(as = Verdicts)]
    pub struct VerdictsView = read::Verdicts {
        /// The spam filter's, which errs in both directions.
        pub spam: read::Verdict,
        /// The virus filter's: a mail that fails it is not let in.
        pub virus: read::Verdict,
        /// SPF: the server may send for the envelope's domain.
        pub spf: read::Verdict,
        /// DKIM: a signature is valid, of whatever domain.
        pub dkim: read::Verdict,
        /// DMARC: the domain of `From` stands behind the mail. The one that proves who wrote it.
        pub dmarc: read::Verdict,
    }

    /// Who a mail says that it is from.
    #[schema(as = From)]
    pub struct MailSenderView = inbound::MailSender {
        /// Name beside the address in `From`; empty when there is none. Anybody
        /// can write anything there.
        pub name: String,
        /// Address in `From`, which proves nothing by itself.
        pub email: String,
    }

    /// A file of a mail.
    #[schema(as = NamedFile)]
    pub struct NamedFileView = inbound::NamedFile {
        /// Name without anything that a file system or a shell would read as more than a name.
        pub name: String,
        /// Size in bytes, decoded.
        pub size: u64,
    }

    /// A mail that came in.
    #[schema(as = Mail)]
    pub struct MailView = inbound::Mail {
        /// Id: that of SES, or a UUID where there is none.
        #[schema(value_type = String)]
        pub id: MailId,
        /// What became of it.
        pub status: MailStatus,
        /// Stable code of why it was not let in.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        pub reason: Option<Recorded<MailReason>>,
        /// When it came in, whatever the date in its header.
        pub received_at: Timestamp,
        /// Bytes of the raw mail.
        pub size: u64,
        /// Who it says that it is from; none when that is nobody, or more than one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<MailSenderView> = from.map(MailSenderView::from),
        /// Its subject, decoded; may be empty.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub subject: String,
        /// The beginning of its text.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub text: String,
        /// Names and sizes of its files.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub files: Vec<NamedFileView> = each(files),
        /// What the receiving server found out.
        #[serde(default)]
        pub verdicts: VerdictsView,
        /// The ticket that it is on, or that it names.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        pub ticket_id: Option<TicketId>,
        /// The message that it became.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message_id: Option<Uuid>,
        /// The mail of which this is a copy: it was addressed to several tickets, and this is what became
        /// of it on another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        pub copy_of: Option<MailId>,
        /// Who let it in: the `sub` of their token.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub accepted_by: Option<String>,
        /// Name from their token, where it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub accepted_by_name: Option<String>,
        /// When it was let in by a person; none otherwise.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub accepted_at: Option<Timestamp>,
        /// Who dismissed it: the `sub` of their token.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub dismissed_by: Option<String>,
        /// Name from their token, where it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub dismissed_by_name: Option<String>,
        /// When it was dismissed; it may still be accepted afterwards.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub dismissed_at: Option<Timestamp>,
        /// Why, in the words of who did.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub dismissed_because: Option<String>,
    }
}

impl MailView {
    /// What the reason means and what to do; none where no reason of this version is given.
    pub fn reason_words(&self) -> Option<Texts> {
        self.reason.as_ref().and_then(Recorded::words)
    }
}
