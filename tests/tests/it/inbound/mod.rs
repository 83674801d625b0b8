//! What comes in by mail.

mod corpus;
