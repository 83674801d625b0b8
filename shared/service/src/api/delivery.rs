//! Mails of messages.

use jiff::Timestamp;

use domain::{delivery, id::TemplateId};

shown! {
    /// The mail of an attempt.
    #[schema(as = SentMail)]
    pub struct SentMailView = delivery::SentMail {
        /// Number of the attempt, from 1; a resend continues the count.
        pub attempt: u32,
        /// SHA-256 of the MIME message, 64 hexadecimal digits.
        pub sha256: String,
        /// Its size in bytes.
        pub size: usize,
        /// Template that it was made from.
        #[schema(value_type = u64)]
        pub template: TemplateId,
        /// Version of the template.
        pub template_version: u64,
        /// Id at the provider, once it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub provider_id: Option<String>,
    }

    /// Who decided that nothing more is to be done about a delivery.
    #[schema(as = Dismissed)]
    pub struct DismissedView = delivery::Dismissed {
        /// When they decided, by the clock of the function.
        pub at: Timestamp,
        /// The `sub` of their token.
        pub by: String,
        /// Name from their token, kept because directories forget people.
        pub by_name: String,
        /// Why; may be empty.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub reason: String,
    }
}
