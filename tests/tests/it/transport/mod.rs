//! The transports against servers that are not ours, and against faults.

mod emulators;
mod fake_ses;
mod outbox;
pub(crate) mod ses;
mod smtp;

use shared::transport::OutgoingMail;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

/// A mail to this address; each has a delivery of its own.
fn mail(to: &str) -> OutgoingMail {
    OutgoingMail {
        from: "desk@example.com".into(),
        to: to.into(),
        // A dot alone on its line ends an SMTP conversation when nobody doubles it.
        raw: b"From: desk@example.com\r\nTo: x\r\nSubject: 4211\r\n\r\na\r\n.\r\n..b\r\nend\r\n"
            .to_vec(),
        delivery_id: Uuid::now_v7(),
        attempt: 1,
        ticket_id: "INC.4211".into(),
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
