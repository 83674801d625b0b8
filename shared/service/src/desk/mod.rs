//! What requesters, technicians and the ITSM system ask: tickets and their conversation.

pub mod attachments;
pub mod events;
pub mod explain;
pub mod links;
pub mod me;
pub mod messages;
pub mod preferences;
pub mod tickets;
pub mod uploads;
