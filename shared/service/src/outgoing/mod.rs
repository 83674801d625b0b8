//! How a message becomes a mail, and what became of it: prepare, take the lease, send, record; again;
//! to try out.

pub mod attachments;
pub mod attention;
pub mod deliveries;
pub mod mailing;
pub mod open_transport;
pub mod previews;
pub mod resend;
pub mod resend_many;
pub mod sending;
pub mod test_mails;
pub mod thread;
