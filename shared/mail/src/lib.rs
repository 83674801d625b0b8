//! Mail: addresses, MIME, headers and threading, reply tokens, and what comes back. Pure
//! transformations.

pub mod compose;
pub mod header;
pub mod inbound;
pub mod redact;
pub mod reply;
pub mod ses_event;
pub mod thread;
pub mod token;
