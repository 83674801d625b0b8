//! What requesters, technicians and the ITSM system ask: tickets and their conversation, canned
//! answers, figures.

pub mod attachments;
pub mod canned_answers;
pub mod events;
pub mod explain;
pub mod links;
pub mod me;
pub mod messages;
pub mod preferences;
pub mod statistics;
pub mod tickets;
pub mod uploads;
