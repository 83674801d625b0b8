//! What comes in by mail.

mod corpus;
mod files;
mod loops;
mod malformed;
mod matching;
mod quarantine;
mod receiving;
mod replies;
mod world;
