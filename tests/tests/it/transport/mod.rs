//! The transports against servers that are not ours, and against faults.

mod outbox;
mod ses;
mod smtp;

use shared::transport::OutgoingMail;
use uuid::Uuid;

/// A mail to this address; each has a delivery of its own.
fn mail(to: &str) -> OutgoingMail {
    OutgoingMail {
        from: "desk@example.com".into(),
        to: to.into(),
        // A dot alone on its line ends an SMTP conversation when nobody doubles it.
        raw: b"From: desk@example.com\r\nTo: x\r\nSubject: 4211\r\n\r\na\r\n.\r\n..b\r\nend\r\n"
            .to_vec(),
        delivery_id: Uuid::now_v7(),
        attempt: 1,
        ticket_id: "INC.4211".into(),
        kind: "message",
    }
}
