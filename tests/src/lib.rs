//! Helpers of the integration tests: servers started and ended, the corpus, requests.

pub mod emulator;
pub mod faults;
pub mod server;

use std::path::{Path, PathBuf};

/// The real inputs that are not part of the repository: `MENSAGERIA_CORPUS`, or `../shared/corpus`
/// beside it. A test that needs them ends early, and says so, where they are not.
pub fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("MENSAGERIA_CORPUS").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: corpus not found");
    None
}

/// A program of the virtual environment that `MENSAGERIA_VENV` names (`.venv` in the repository
/// otherwise); `None`, with a line that says so, when it is not there.
pub fn tool(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv");
    let venv = std::env::var_os("MENSAGERIA_VENV").map_or_else(beside, PathBuf::from);
    let program = venv.join("bin").join(name);
    if program.is_file() {
        return Some(program);
    }
    eprintln!("skipped: no {name} in {}", venv.display());
    None
}
