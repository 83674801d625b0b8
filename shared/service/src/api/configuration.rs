//! What an installation is set to, and its figures.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::admin::identities;
use domain::{delivery::DeliveryStatus, identity, parameter, statistics};

shown! {
    /// What an identity says.
    #[schema(as = IdentityState)]
    pub struct IdentityStateView = identity::IdentityState {
        /// Sender, maybe with a name: `Name <address>`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<String>,
        /// Domain of the reply addresses of its mail.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reply_domain: Option<String>,
        /// Value of the key `ASSINATURA`: plain text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub signature: Option<String>,
    }

    /// A change of an identity.
    #[schema(as = IdentityChange)]
    pub struct IdentityChangeView = identities::IdentityChange {
        /// What it said before; absent when there was none.
        pub before: Option<IdentityStateView> = before.map(IdentityStateView::from),
        /// What it says since; absent when it was removed.
        pub after: Option<IdentityStateView> = after.map(IdentityStateView::from),
        /// When it was changed, by the clock of the function.
        pub at: Timestamp,
        /// Who: the `sub` of their token.
        pub by: String,
        /// Name from their token, as it was then.
        pub by_name: String,
    }

    /// One change in a parameter's history.
    #[schema(as = Change)]
    pub struct ChangeView = parameter::Change {
        /// Number of the parameter.
        pub number: u16,
        /// Value before; absent when it had its default.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub before: Option<String>,
        /// Value after; absent when it went back to its default.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub after: Option<String>,
        /// When it was changed, by the clock of the function.
        pub at: Timestamp,
        /// Who: the `sub` of their token.
        pub by: String,
        /// Name from their token; empty in records that are older than this field.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub by_name: String,
    }

    /// What was counted, as it is told.
    #[derive(Default)]
    #[serde(default)]
    #[schema(as = Counts)]
    pub struct CountsView = statistics::Counts {
        /// Messages, all kinds together.
        pub messages: u64,
        /// Those of the requester's side.
        pub of_requesters: u64,
        /// Those that technicians wrote.
        pub of_technicians: u64,
        /// Those that no person wrote.
        pub automatic: u64,
        /// Those that only the desk reads.
        pub internal: u64,
        /// Those that came as replies by mail.
        pub replies: u64,
        /// Mails that came in, became no message by themselves, and had not been let in when
        /// their hour was counted.
        pub quarantined: u64,
        /// Mails of these messages by their state when the hour was counted, an hour or two after it.
        pub mails: BTreeMap<DeliveryStatus, u64>,
        /// Mails that were not sent because their recipient wants none that no person wrote, or was
        /// erased; not among `mails`.
        pub unwanted: u64,
    }
}
