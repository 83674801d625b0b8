//! The one integration binary; a module a subject.
#![allow(clippy::unwrap_used, reason = "everything here is a test")]

mod store;
