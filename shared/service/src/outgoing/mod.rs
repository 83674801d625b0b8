//! How a message becomes a mail, and what became of it: prepare, claim, send, record; again; to try out.

pub mod attention;
pub mod deliveries;
pub mod enclosures;
pub mod mailing;
pub mod open_transport;
pub mod previews;
pub mod resend;
pub mod resend_many;
pub mod sending;
pub mod test_mails;
pub mod thread;
