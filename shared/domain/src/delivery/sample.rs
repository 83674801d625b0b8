//! A delivery to test with.

use uuid::Uuid;

use crate::id::{TemplateId, TicketId};

use super::{Capacity, Delivery, Recipient, SentMail};

/// A mail to Maria that waits since then.
pub(super) fn queued(at: jiff::Timestamp) -> Delivery {
    let to = Recipient {
        name: String::new(),
        address: "maria@example.com".into(),
        capacity: Capacity::Requester,
        locale: None,
        time_zone: None,
    };
    Delivery::queued(Uuid::nil(), &TicketId::from_static("4711"), to, at)
}

/// What an attempt hands over.
pub(super) fn mail(attempt: u32) -> SentMail {
    SentMail {
        attempt,
        sha256: "0".repeat(64),
        size: 1,
        template: TemplateId::FIRST,
        template_version: 1,
        provider_id: None,
    }
}
