//! What administrators ask: parameters, identities, templates, imports, suppressions, erasures, and
//! whether a message would arrive.

pub mod erasure;
pub mod identities;
pub mod imports;
pub mod parameters;
pub mod readiness;
pub mod suppressions;
pub mod templates;
