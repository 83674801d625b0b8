//! Helpers of the integration tests: servers started and ended, the corpus, requests.

pub mod cpu;
pub mod emulator;
pub mod faults;
pub mod memory;
pub mod nowhere;
pub mod runtime_api;
pub mod server;
pub mod smtp;

use std::path::{Path, PathBuf};

/// The real inputs that are not part of the repository: `MENSAGERIA_CORPUS`, or `../shared/corpus`
/// beside it. A test that needs them says so in its `ignore`.
///
/// # Panics
/// When they are not there.
pub fn corpus() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("MENSAGERIA_CORPUS").map_or_else(beside, PathBuf::from);
    assert!(folder.is_dir(), "no corpus in {}", folder.display());
    folder
}
