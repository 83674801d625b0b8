//! Exports in forms that were once misread: nothing of them is lost without a word.

mod findings;
mod folders;
mod scripts;
mod tables;

use std::path::Path;

use domain::{diagnostic::Severity, import::FindingCode};
use import::{Gathered, Options};

fn read(name: &str, bytes: &[u8]) -> Gathered {
    import::read_bytes(bytes, Path::new(name), &Options::default()).unwrap()
}

/// Id and identifier of each template.
fn ids(gathered: &Gathered) -> Vec<(u64, &str)> {
    gathered
        .templates
        .iter()
        .map(|t| (t.id.unwrap_or(0), t.identifier.as_str()))
        .collect()
}

fn codes(gathered: &Gathered) -> Vec<(Severity, FindingCode)> {
    gathered
        .findings
        .iter()
        .map(|f| (f.severity, f.code))
        .collect()
}
