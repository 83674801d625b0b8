//! Why a command ended.

/// The error of a command, in words for a person.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
