//! Addresses that no mail is sent to.

use jiff::Timestamp;
use uuid::Uuid;

use domain::{
    id::TicketId,
    suppression::{self, Cause},
};

shown! {
    /// The delivery that an address was suppressed for.
    pub struct SuppressionOrigin = suppression::Origin {
        /// The ticket whose mail bounced or was complained about.
        #[schema(value_type = String)]
        pub ticket_id: TicketId,
        /// The message that the mail carried.
        pub message_id: Uuid,
        /// The delivery that brought it about, with its timeline.
        pub delivery_id: Uuid,
    }

    /// That somebody suppressed an address.
    pub struct SuppressionAdded = suppression::Added {
        /// Who: the `sub` of their token.
        pub by: String,
        /// Name from their token, kept because directories forget people.
        pub by_name: String,
        /// Why, in their words.
        pub reason: String,
    }

    /// That somebody lifted a suppression.
    #[schema(as = Lifted)]
    pub struct LiftedView = suppression::Lifted {
        /// When mail to the address was allowed again.
        pub at: Timestamp,
        /// Who: the `sub` of their token.
        pub by: String,
        /// Name from their token; empty in records that are older than this field.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub by_name: String,
        /// Why, in their words.
        pub reason: String,
    }

    /// An address that gets no mail until it expires or is lifted.
    #[schema(as = Suppression)]
    pub struct SuppressionView = suppression::Suppression {
        /// The address, as addresses are compared.
        pub address: String,
        /// Other spellings that mail to it was sent to: the provider's own list tells them apart.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub spellings: Vec<String>,
        /// What it was suppressed for: that decides how long it lasts.
        pub cause: Cause,
        /// Since when no mail goes there.
        pub since: Timestamp,
        /// Until when; none, until it is lifted.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub until: Option<Timestamp>,
        /// What it was suppressed for; none for a test mail.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub origin: Option<SuppressionOrigin> = origin.map(SuppressionOrigin::from),
        /// What the server said.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub detail: Option<String>,
        /// Who suppressed it, where a person did.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub added: Option<SuppressionAdded> = added.map(SuppressionAdded::from),
        /// Whether the provider's own list holds it no more, once it is over.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pub in_step: bool,
        /// The first of what it held, once it is over: the rest follows after its outcome.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub first: Option<SuppressionOrigin> = first.map(SuppressionOrigin::from),
        /// That it was lifted: what it held is on its way.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub lifted: Option<LiftedView> = lifted.map(LiftedView::from),
    }
}
