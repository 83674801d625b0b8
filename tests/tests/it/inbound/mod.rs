//! What comes in by mail.

mod calls;
mod corpus;
mod files;
mod internal;
mod loops;
mod malformed;
mod matching;
mod memory;
mod quarantine;
mod receiving;
mod replies;
mod world;
