//! What a mail costs: `cargo bench -p shared --features embedded --bench inbound`.
//!
//! Prints our own time on the processor for a reply of 20 KB, from raw bytes to the stored message, and
//! the most memory that a process held that took in a mail of 25 or 40 MB with files. Memory is measured
//! in a process of its own each (Linux alone tells it).
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on ends there"
)]

use std::{env, fs, process::Command, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    id::{MailId, TicketId},
    ticket::Person,
};
use jiff::SignedDuration;
use mail::{inbound::parse, token::reply::ReplyAudience};
use mensageria_service::{
    App,
    access::{Caller, Role},
    desk::tickets::{self, TicketFields},
    inbound::{Arrival, Received, Trust, receive},
    settings::Settings,
};
use storage::{
    embedded::Embedded,
    files::{Files, FilesError, Listing},
};

const ROUNDS: u32 = 400;

/// Takes a file as S3 does: it is gone once it is sent.
struct Nowhere;

#[async_trait]
impl Files for Nowhere {
    async fn put(&self, _: &str, _: Vec<u8>) -> Result<(), FilesError> {
        Ok(())
    }
    async fn get(&self, _: &str, _: u64) -> Result<Option<Vec<u8>>, FilesError> {
        Ok(None)
    }
    async fn list(&self, _: &str, _: Option<&str>) -> Result<Listing, FilesError> {
        Ok(Listing::default())
    }

    async fn remove(&self, _: &str) -> Result<bool, FilesError> {
        Ok(false)
    }
    async fn link(&self, _: &str, _: &str, _: Duration) -> Result<Option<String>, FilesError> {
        Ok(None)
    }
}

fn main() {
    let asked =
        env::args().find_map(|argument| argument.strip_prefix("--memory=").map(str::to_owned));
    if let Some(megabytes) = asked {
        let before = status("VmRSS");
        let megabytes = megabytes.parse().unwrap();
        let received = take(|raw| large(megabytes, raw));
        assert!(matches!(received, Received::Message { .. }), "{received:?}");
        println!("{} {before}", status("VmHWM"));
        return;
    }
    let mut raw = b"From: Ana <ana@example.com>\r\n".to_vec();
    reply(&mut raw);
    let size = raw.len() / 1000;
    let start = processor();
    for _ in 0..ROUNDS {
        assert!(parse(&raw).unwrap().reply.quoted);
    }
    let reading = (processor() - start) / ROUNDS;
    println!("reply of {size} KB, read: {reading:.2?} on the processor");
    let runtime = runtime();
    let app = runtime.block_on(desk());
    let mut whole = Duration::ZERO;
    for _ in 0..ROUNDS {
        // A message each: another id, and the limit of a sender's messages is passed by.
        let app = app.clone().with_clock(clock());
        let arrival = arrival(&app, reply);
        let start = processor();
        let received = runtime.block_on(receive(&app, arrival)).unwrap();
        whole += processor() - start;
        assert!(matches!(received, Received::Message { .. }), "{received:?}");
    }
    println!(
        "reply of {size} KB, stored: {:.2?} on the processor, the store's own included",
        whole / ROUNDS
    );
    for megabytes in [25, 40] {
        let output = Command::new(env::current_exe().unwrap())
            .arg(format!("--memory={megabytes}"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<u64> = text
            .split_whitespace()
            .filter_map(|n| n.parse().ok())
            .collect();
        assert_eq!(
            figures.len(),
            2,
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        println!(
            "mail of {megabytes} MB with files: {} MiB at most ({} MiB before it)",
            figures[0] / 1024,
            figures[1] / 1024
        );
    }
}

/// A time of its own for every message, an hour apart.
fn clock() -> impl Fn() -> jiff::Timestamp {
    use std::sync::atomic::{AtomicI64, Ordering};
    static HOURS: AtomicI64 = AtomicI64::new(0);
    let now =
        jiff::Timestamp::now() + SignedDuration::from_hours(HOURS.fetch_add(1, Ordering::Relaxed));
    move || now
}

fn take(rest: impl FnOnce(&mut Vec<u8>)) -> Received {
    let runtime = runtime();
    runtime.block_on(async {
        let app = desk().await;
        let arrival = arrival(&app, rest);
        receive(&app, arrival).await.unwrap()
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn desk() -> App {
    let settings = Settings::read(|name| {
        let value = match name {
            "MAIL_FROM" => "desk@example.org",
            "REPLY_DOMAIN" => "reply.example.org",
            "REPLY_TOKEN_KEYS" => "a:AAAAAAAAAAAAAAAAAAAAAA==",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let store = Arc::new(Embedded::in_memory().unwrap());
    let app = App::new(store, settings.unwrap()).with_files(Arc::new(Nowhere));
    let person = |email: &str| Person {
        email: email.into(),
        ..Person::default()
    };
    let ticket = TicketFields {
        id: "4711".to_owned(),
        requester: person("ana@example.com").into(),
        responsible: Some(person("bia@example.com").into()),
        ..TicketFields::default()
    };
    let caller = Caller {
        sub: "itsm".to_owned(),
        email: None,
        name: "itsm".to_owned(),
        roles: vec![Role::Integration],
        groups: Vec::new(),
    };
    tickets::put(&app, &caller, "4711", ticket).await.unwrap();
    app
}

/// The mail with its addresses and an id of its own.
fn arrival(app: &App, rest: impl FnOnce(&mut Vec<u8>)) -> Arrival {
    let keys = app.settings.reply_token_keys.clone().unwrap();
    let until = app.now() + SignedDuration::from_hours(24);
    let token = keys.reply_token(
        &TicketId::from_static("4711"),
        &"ana@example.com".parse().unwrap(),
        until,
        ReplyAudience::Requester,
    );
    let id = MailId::fresh();
    let mut raw = format!(
        "From: Ana <ana@example.com>\r\nTo: reply+{}@reply.example.org\r\nMessage-ID: <{id}@example.com>\r\n",
        token.token
    )
    .into_bytes();
    rest(&mut raw);
    Arrival {
        id,
        raw,
        envelope: Vec::new(),
        trust: Trust::ThisMachine,
    }
}

/// A reply as Outlook writes it: text and HTML, a signature, a long quotation; 20 KB.
fn reply(raw: &mut Vec<u8>) {
    let stamp = MailId::fresh();
    let quoted = "Prezada Ana, a solicitação foi atendida pela equipe de suporte. ".repeat(9);
    let text = format!(
        "Bom dia,\r\n\r\nAgora funciona ({stamp}), obrigada!\r\n\r\nAtenciosamente,\r\nAna Souza\r\nFinanceiro\r\n\r\n\
         De: Central <desk@example.org>\r\nEnviada em: quinta-feira, 5 de junho de 2025 10:00\r\nPara: Ana\r\n\
         Assunto: Solicitação 4711\r\n\r\n{}\r\n",
        format!("{quoted}\r\n").repeat(17)
    );
    let html = format!(
        "<html><body><p>{}</p></body></html>",
        text.replace("\r\n", "<br>\r\n")
    );
    let html: String = html.chars().take(12_000).collect();
    let rest = format!(
        "Subject: RES: Impressora\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         {html}\r\n--b--\r\n"
    );
    raw.extend_from_slice(rest.as_bytes());
}

/// A mail of so many megabytes: a text, and files of about 5 MB in base64.
fn large(megabytes: usize, raw: &mut Vec<u8>) {
    let wanted = megabytes * 1_000_000 - 2_000;
    let line = format!("{}\r\n", "QUJD".repeat(19));
    raw.reserve_exact(wanted + 10_000);
    raw.extend_from_slice(
        b"Subject: Arquivos\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
          --b\r\nContent-Type: text/plain\r\n\r\nSeguem os arquivos.\r\n",
    );
    let mut number = 0;
    while raw.len() < wanted {
        number += 1;
        raw.extend_from_slice(
            format!("--b\r\nContent-Type: application/pdf; name=\"{number}.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n").as_bytes(),
        );
        let end = wanted.min(raw.len() + 6_500_000);
        while raw.len() < end {
            raw.extend_from_slice(line.as_bytes());
        }
    }
    raw.extend_from_slice(b"--b--\r\n");
}

/// Kilobytes of this process's memory, as Linux tells.
fn status(field: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or_default()
}

/// Time that this process has spent on the processor.
fn processor() -> Duration {
    let text = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = text.split_whitespace().next().and_then(|n| n.parse().ok());
    Duration::from_nanos(first.unwrap_or_default())
}
