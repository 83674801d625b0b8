//! What comes in by mail.

mod corpus;
mod files;
mod loops;
mod malformed;
mod matching;
mod memory;
mod quarantine;
mod receiving;
mod replies;
mod world;
