//! The one integration binary; a module a subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod files;
mod http;
mod import;
mod inbound;
mod kills;
mod mail;
mod render;
mod sending;
mod store;
mod transport;
