//! The figures of mensageria, each measured beside what it is compared with, in one run.
//!
//! `make bench` builds the release binaries and the peers, and prints them. On a loaded machine
//! times are longer; the ratios hold, since everything compared runs in turn.

pub mod cold;
mod copies;
pub mod counted;
pub mod desk;
pub mod endpoint;
pub mod http;
pub mod local;
pub mod mail;
pub mod own;
pub mod program;
pub mod report;
pub mod sending;
pub mod start;
pub mod stats;
pub mod table;
pub mod warm;

/// Why there are no figures.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
