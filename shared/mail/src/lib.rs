#![doc = include_str!("../README.md")]

pub mod compose;
pub mod header;
pub mod inbound;
pub mod media_type;
pub mod redact;
pub mod reply;
pub mod ses_event;
pub mod thread;
pub mod token;
