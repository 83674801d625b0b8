//! Python's `email` package.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde::Deserialize;

/// A mail as Python reads it.
#[derive(Debug, Deserialize)]
pub(super) struct Parsed {
    pub(super) headers: Vec<(String, String)>,
    pub(super) from: Vec<(String, String)>,
    pub(super) to: Vec<(String, String)>,
    pub(super) structure: Vec<String>,
    pub(super) parts: Vec<Part>,
    pub(super) defects: Vec<String>,
}

/// A part of it that holds no further ones.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    #[serde(rename = "type")]
    pub(super) media_type: String,
    pub(super) charset: Option<String>,
    pub(super) disposition: Option<String>,
    pub(super) filename: Option<String>,
    pub(super) content: String,
}

impl Parsed {
    /// The one value of a header.
    pub(super) fn header(&self, name: &str) -> &str {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(values.len(), 1, "{name} in {:?}", self.headers);
        values[0]
    }
}

/// Reads all mails in one go.
pub(super) fn parse(mails: &[Vec<u8>]) -> Vec<Parsed> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail/parse.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is on the PATH");
    let mut input = python.stdin.take().unwrap();
    let lines: String = mails
        .iter()
        .map(|raw| data_encoding::BASE64.encode(raw) + "\n")
        .collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}
