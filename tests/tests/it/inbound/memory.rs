//! The largest mails in a process of their own each, whose memory is watched (Linux alone tells it).

use std::{fs, process::Command};

use mail::inbound::MAX_MAIL;
use service::inbound::{Arrival, Trust, receive};

use crate::desk::{Desk, SEAL, accepted, mail};

/// Most memory that a mail of 40 MB may add, in KiB: itself, its files beside it, and room.
const MAX_ADDED: u64 = 128 * 1024;
const MARIA: &str = "maria@example.com";
/// What names the mail to the process that takes it in.
const WHICH: &str = "MAIL_OF_40_MB";

/// Fills a mail up to this size: the rest of its header, and its body.
type Fill = fn(&mut Vec<u8>, usize);

fn lines(raw: &mut Vec<u8>, header: &str, line: &str, size: usize) {
    raw.extend_from_slice(header.as_bytes());
    raw.extend_from_slice(b"\r\n");
    while raw.len() + line.len() <= size {
        raw.extend_from_slice(line.as_bytes());
    }
}

fn files(raw: &mut Vec<u8>, size: usize) {
    let line = format!("{}\r\n", "QUJD".repeat(19));
    raw.extend_from_slice(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSeguem os arquivos.\r\n",
    );
    while raw.len() + 1000 < size {
        let header = "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\
             Content-Transfer-Encoding: base64\r\n";
        let end = size.min(raw.len() + 6_000_000);
        lines(raw, header, &line, end);
    }
}

fn text(raw: &mut Vec<u8>, size: usize) {
    lines(raw, "", "Agora funciona, obrigada.\r\n", size);
}

fn html(raw: &mut Vec<u8>, size: usize) {
    let line = "<p>Agora <b>funciona</b>, obrigada.</p>\r\n";
    lines(raw, "Content-Type: text/html\r\n", line, size);
}

fn encoded(raw: &mut Vec<u8>, size: usize) {
    let line = format!("{}\r\n", "QWdvcmEg".repeat(9));
    lines(raw, "Content-Transfer-Encoding: base64\r\n", &line, size);
}

const MAILS: [(&str, Fill); 4] = [
    ("files", files),
    ("text", text),
    ("html", html),
    ("encoded", encoded),
];

#[tokio::test]
#[ignore = "the test beside it runs it, in a process of its own for each kind"]
async fn watched() {
    // Alone it takes the first kind.
    let which = std::env::var(WHICH).unwrap_or_else(|_| MAILS[0].0.to_owned());
    let (_, fill) = MAILS.iter().find(|(name, _)| *name == which).unwrap();
    let desk = Desk::receiving().await;
    let before = peak();
    let mut raw = Vec::with_capacity(MAX_MAIL);
    let head = mail(MARIA, &desk.reply_to(MARIA), "", "");
    raw.extend_from_slice(SEAL.as_bytes());
    raw.extend_from_slice(head.trim_end().as_bytes());
    raw.extend_from_slice(b"\r\n");
    fill(&mut raw, MAX_MAIL);
    assert!(raw.len() > MAX_MAIL - 1000 && raw.len() <= MAX_MAIL);
    let arrival = Arrival {
        id: "large".parse().unwrap(),
        raw,
        envelope: Vec::new(),
        trust: Trust::Ses,
    };
    accepted(receive(&desk.app, arrival).await.unwrap());
    println!("added {} KiB", peak() - before);
}

/// Most memory of this process so far, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_mail_of_40_mb_takes_a_bounded_memory() {
    for (which, _) in MAILS {
        let output = Command::new(crate::this_program())
            .args([
                "inbound::memory::watched",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(WHICH, which)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let added = said
            .split_once("added ")
            .and_then(|(_, rest)| rest.split_once(" KiB")?.0.parse::<u64>().ok());
        let errors = String::from_utf8_lossy(&output.stderr);
        let added = added.unwrap_or_else(|| panic!("{which}: {said}{errors}"));
        assert!(added <= MAX_ADDED, "{which}: {added} KiB");
    }
}
