//! What administrators ask: parameters, templates, imports, suppressions, and whether a message would arrive.

pub mod erasure;
pub mod identities;
pub mod imports;
pub mod parameters;
pub mod readiness;
pub mod snippets;
pub mod statistics;
pub mod suppressions;
pub mod templates;
