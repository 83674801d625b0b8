//! What comes in by mail.

mod corpus;
mod malformed;
mod matching;
mod replies;
