//! `demo`: one message in each direction, over HTTP, and both mails decoded.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use mail_parser::MessageParser;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{self, Instant},
};

use crate::{
    data::Data,
    error::Failure,
    outbox,
    seed::{BIA, MARIA, TICKET},
    serve::{Serve, Server},
    terminal::{say, worded},
    texts,
    tokens::Person,
};

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder that is gone when this is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the demo's folder stays in the system's temporary folder");
        }
    }
}

/// Runs the demo on a store of its own, which is gone afterwards.
pub(crate) async fn run() -> Result<(), Failure> {
    let scratch =
        Scratch(std::env::temp_dir().join(format!("mensageria-demo-{}", std::process::id())));
    let options = Serve {
        port: 0,
        smtp_port: None,
        console: None,
        data: scratch.0.clone(),
        host: IpAddr::from([127, 0, 0, 1]),
        send_due: false,
    };
    let server = Server::start(&Data::open(&scratch.0)?, &options).await?;
    let [requester, technician] =
        [&MARIA, &BIA].map(|person| server.tokens.sign(&Person::from(person)));
    let turns = [
        (
            texts::demo::THE_REQUESTER_WRITES,
            &requester,
            "Bom dia! A VPN não conecta desde hoje cedo. 😕",
        ),
        (
            texts::demo::THE_TECHNICIAN_ANSWERS,
            &technician,
            "Olá, Maria! Ajustamos o acesso. Pode testar, por favor?",
        ),
    ];
    let mut seen = 0;
    for (what, token, text) in turns {
        say(format_args!("━━ {}: {text}\n", worded(what)));
        let answer = post(&server, token, text).await?;
        let wanted = answer["deliveries"].as_array().map_or(0, Vec::len) + seen;
        for number in seen + 1..=wanted {
            say(format_args!("{}\n", mail(&server, number as u64).await?));
        }
        seen = wanted;
    }
    server.end().await;
    Ok(())
}

async fn post(server: &Server, token: &str, text: &str) -> Result<serde_json::Value, Failure> {
    let body = serde_json::json!({ "text": text }).to_string();
    let head = format!(
        "POST /tickets/{TICKET}/messages HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        server.address,
        body.len()
    );
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 202") => Ok(serde_json::from_str(body)?),
        _ => Err(texts::demo::NOT_ACCEPTED.with("answer", answer).into()),
    }
}

/// The mail of this number, as soon as it left, decoded for people.
async fn mail(server: &Server, number: u64) -> Result<String, Failure> {
    let until = Instant::now() + PATIENCE;
    let raw = loop {
        if let Some((raw, _)) = server.parts.outbox.read(number)? {
            break raw;
        }
        if Instant::now() > until {
            return Err(texts::demo::DID_NOT_LEAVE.into());
        }
        time::sleep(Duration::from_millis(10)).await;
    };
    let parsed = MessageParser::default()
        .parse(&raw)
        .ok_or(texts::demo::CANNOT_BE_READ)?;
    let mut shown = String::new();
    let headers = outbox::headers(&raw);
    let lines = [
        ("From", Some(headers.from)),
        ("To", Some(headers.to)),
        ("Reply-To", headers.reply_to),
        ("Subject", Some(headers.subject)),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            shown.push_str(&format!("  {name}: {value}\n"));
        }
    }
    shown.push('\n');
    for line in parsed.body_text(0).unwrap_or_default().lines() {
        shown.push_str(&format!("  {line}\n"));
    }
    Ok(shown)
}
