//! Helpers of the integration tests: servers started and ended, the corpus, requests.

pub mod emulator;
pub mod faults;
pub mod server;
