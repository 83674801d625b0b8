//! Canned answers.

use jiff::Timestamp;
use uuid::Uuid;

use crate::desk::canned_answers::{self, Owner};

shown! {
    /// A canned answer as it is stored.
    #[schema(as = Snippet)]
    pub struct CannedAnswerContent = canned_answers::CannedAnswer {
        /// UUIDv7, given when it is written.
        pub id: Uuid,
        /// What it is found by.
        pub title: String,
        /// Plain text, with `${KEY}`.
        pub text: String,
        /// Who may read and change it.
        pub of: Owner,
        /// The group, when it is of one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub group: Option<String>,
        /// When it was changed.
        pub updated_at: Timestamp,
        /// Who changed it: the `sub` of their token.
        pub updated_by: String,
        /// Name from their token, as it was then.
        pub updated_by_name: String,
    }
}
