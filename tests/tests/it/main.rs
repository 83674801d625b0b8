//! The one integration binary; a module a subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod desk;
mod documents;
mod files;
mod http;
mod import;
mod inbound;
mod kills;
mod logged;
mod mail;
mod render;
mod schemas;
mod sending;
mod sources;
mod store;
mod transport;

/// This program, for tests that start it once more. Its file may be another one by then: the fault
/// harness builds beside it.
fn this_program() -> std::path::PathBuf {
    match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(),
        false => std::env::current_exe().unwrap(),
    }
}
