//! Edge of the sender: records of the table's stream, and the schedule.

#[cfg(feature = "lambda")]
mod event;

#[cfg(feature = "lambda")]
pub use event::{EventError, handle};
pub use service::outgoing::sending::{FILE_ATTEMPT, Options, Sender};
