//! What comes in by mail.

mod answers;
mod calls;
mod corpus;
mod erasure;
mod faults;
mod files;
mod inspect;
mod internal;
mod loops;
mod malformed;
mod matching;
mod memory;
mod overlooked;
mod pasted;
mod quarantine;
mod receiving;
mod replies;
mod secrets;
mod within;
