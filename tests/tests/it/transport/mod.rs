//! The transports against servers that are not ours, and against faults.

mod emulators;
mod fake_ses;
mod misbehaving;
mod outbox;
pub(crate) mod ses;
mod smtp;

use std::{net::SocketAddr, sync::Arc};

use domain::address::Address;
use service::outgoing::sending::{MARGIN, Options};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use transport::{
    OutgoingMail, SharedTransport,
    outbox::Outbox,
    simulator::Simulator,
    smtp::{Patience, Smtp},
};
use uuid::Uuid;

/// Where nobody listens.
async fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// A mail to this address; each has a delivery of its own.
fn mail(to: &str) -> OutgoingMail {
    OutgoingMail {
        from: Address::parse("desk@example.com").unwrap(),
        to: Address::parse(to).unwrap(),
        // A dot alone on its line ends an SMTP conversation when nobody doubles it.
        raw: b"From: desk@example.com\r\nTo: x\r\nSubject: 4211\r\n\r\na\r\n.\r\n..b\r\nend\r\n"
            .to_vec(),
        delivery_id: Uuid::now_v7(),
        attempt: 1,
        ticket_id: "INC.4211".parse().unwrap(),
        message_id: Uuid::nil(),
        kind: "message",
    }
}

/// Status and body of one request.
pub(crate) async fn call(url: &str, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let status = std::str::from_utf8(&answer[9..12])
        .unwrap()
        .parse()
        .unwrap();
    (status, answer.split_off(end + 4))
}

/// Whoever calls has the right to for as long as the call lasts, and its outcome is recorded.
#[tokio::test]
async fn a_claim_outlasts_the_longest_call_of_every_transport() {
    let folder = std::env::temp_dir().join(format!("mensageria-outbox-{}", Uuid::now_v7()));
    let smtp: SharedTransport =
        Arc::new(Smtp::from_url("smtps://mail.example.com", Patience::FUNCTION).unwrap());
    let (told, _) = tokio::sync::mpsc::unbounded_channel();
    let transports: [(&str, SharedTransport); 4] = [
        ("ses", Arc::new(ses::ses("http://127.0.0.1:1"))),
        ("smtp", Arc::clone(&smtp)),
        ("outbox", Arc::new(Outbox::open(&folder).unwrap())),
        ("simulator", Arc::new(Simulator::new(smtp, told))),
    ];
    for (name, transport) in transports {
        let longest = transport.longest_call();
        assert!(!longest.is_zero(), "{name}");
        assert!(Options::default().lease > longest + MARGIN, "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
