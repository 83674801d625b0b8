//! A plain SMTP server on this machine alone (RFC 5321): what any mail program sends to it comes in
//! as a mail. It relays nothing: recipients elsewhere are taken and forgotten.

use std::{io, time::Duration};

use domain::address::Address;
use service::{
    App,
    inbound::{MAX_RAW_MAIL, Received},
};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use crate::{
    connection_slots::{ConnectionSlot, ConnectionSlots},
    inbox,
    listen::accept,
    shutdown::stopped,
};

/// Longest command, in bytes (RFC 5321, 4.5.3.1.4 asks for 512).
const MAX_COMMAND: u64 = 2048;
/// Most recipients of a mail (RFC 5321, 4.5.3.1.8 asks for 100).
const MAX_RECIPIENTS: usize = 100;
/// Most programs at once.
const MAX_SESSIONS: usize = 16;
/// Most commands of a session that make no sense.
const MAX_ERRORS: usize = 20;
/// What a program is told whose mail is larger than anything that is read.
const TOO_LARGE: &str = "552 5.3.4 A mail has at most 40 MB";
/// How long a program is given to hear that it has to go.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a program may be silent.
const SILENCE: Duration = Duration::from_secs(120);

/// Serves until the server ends.
pub(crate) async fn serve(listener: TcpListener, app: App, mut stop: watch::Receiver<bool>) {
    let slots = ConnectionSlots::new(MAX_SESSIONS);
    loop {
        let next = async {
            let (stream, peer) = accept(&listener).await;
            (stream, slots.take(peer).await)
        };
        let (stream, slot) = tokio::select! {
            () = stopped(&mut stop) => return,
            next = next => next,
        };
        tokio::spawn(guarded(stream, slot, app.clone(), stop.clone()));
    }
}

/// A session that ends with the server, or when it has to make room for another one.
async fn guarded(
    stream: TcpStream,
    slot: ConnectionSlot,
    app: App,
    mut stop: watch::Receiver<bool>,
) {
    let (read, mut write) = stream.into_split();
    let farewell = tokio::select! {
        () = stopped(&mut stop) => "421 4.3.2 The server ends",
        () = slot.lost() => "421 4.4.2 Silent for too long while others wait",
        ended = session(BufReader::new(read), &mut write, &slot, &app) => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a mail program went away");
            }
            return;
        }
    };
    // Whoever does not listen any more does not need to know.
    let _ = timeout(FAREWELL, say(&mut write, farewell)).await;
}

/// The envelope so far.
#[derive(Default)]
struct Envelope {
    /// The sender's address; empty for what no answer is wanted to.
    from: Option<String>,
    to: Vec<Address>,
    recipients: usize,
}

async fn session(
    mut read: impl AsyncBufRead + Unpin,
    mut write: impl AsyncWrite + Unpin,
    slot: &ConnectionSlot,
    app: &App,
) -> io::Result<()> {
    let mut envelope = Envelope::default();
    let mut errors = 0;
    say(&mut write, "220 mensageria ESMTP on this machine alone").await?;
    while let Some(line) = line(&mut read).await? {
        slot.progress();
        if is_another_protocol(&line) {
            tracing::warn!("a program that does not speak SMTP was sent away");
            return say(&mut write, "421 4.7.0 This is SMTP: good bye").await;
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "HELO" => say(&mut write, "250 mensageria").await?,
            "EHLO" => {
                let size = format!(
                    "250-mensageria\r\n250-SIZE {MAX_RAW_MAIL}\r\n250-8BITMIME\r\n250 PIPELINING"
                );
                say(&mut write, &size).await?;
            }
            "MAIL" => {
                envelope = Envelope::default();
                let answer = match path(rest, "FROM:") {
                    Some(_) if size(rest) > MAX_RAW_MAIL => TOO_LARGE,
                    Some(sender) => {
                        envelope.from = Some(sender.to_owned());
                        "250 2.1.0 Ok"
                    }
                    None => "501 5.5.4 MAIL FROM:<address>",
                };
                say(&mut write, answer).await?;
            }
            "RCPT" => {
                let answer = envelope.add(rest);
                say(&mut write, answer).await?;
            }
            "DATA" if envelope.recipients == 0 => {
                say(&mut write, "503 5.5.1 MAIL and RCPT come first").await?
            }
            "DATA" => {
                say(&mut write, "354 End with a line of one dot").await?;
                let raw = data(&mut read, || slot.progress()).await?;
                slot.working(true);
                let answer = match raw {
                    Some(raw) => deliver(app, raw, std::mem::take(&mut envelope)).await,
                    None => TOO_LARGE.to_owned(),
                };
                slot.working(false);
                envelope = Envelope::default();
                say(&mut write, &answer).await?;
            }
            "RSET" => {
                envelope = Envelope::default();
                say(&mut write, "250 2.0.0 Ok").await?;
            }
            "NOOP" => say(&mut write, "250 2.0.0 Ok").await?,
            "VRFY" => say(&mut write, "252 2.5.0 Send and see").await?,
            "QUIT" => return say(&mut write, "221 2.0.0 Bye").await,
            _ if errors >= MAX_ERRORS => {
                return say(&mut write, "421 4.7.0 Too many errors").await;
            }
            _ => {
                errors += 1;
                say(
                    &mut write,
                    "502 5.5.2 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY QUIT",
                )
                .await?
            }
        }
    }
    Ok(())
}

/// Whether a line is what a program of another protocol sends: a browser that a page was made to
/// post here (`POST / HTTP/1.1`, then headers), or one that begins with TLS. Further lines of such a
/// program may be commands that its page wrote.
fn is_another_protocol(line: &str) -> bool {
    const HTTP: [&str; 10] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI",
    ];
    let verb = line.split([' ', '\t']).next().unwrap_or_default();
    let is_command = !verb.is_empty() && verb.bytes().all(|byte| byte.is_ascii_alphabetic());
    !is_command
        || HTTP.iter().any(|method| verb.eq_ignore_ascii_case(method))
        || line
            .rsplit(' ')
            .next()
            .is_some_and(|last| last.starts_with("HTTP/"))
}

impl Envelope {
    fn add(&mut self, rest: &str) -> &'static str {
        let Some(path) = path(rest, "TO:") else {
            return "501 5.5.4 RCPT TO:<address>";
        };
        if self.from.is_none() {
            return "503 5.5.1 MAIL comes first";
        }
        if self.recipients >= MAX_RECIPIENTS {
            return "452 4.5.3 Too many recipients";
        }
        self.recipients += 1;
        self.to.extend(Address::parse(path).ok());
        "250 2.1.5 Ok"
    }

    /// The header that whoever delivers a mail puts on top of it (RFC 5321, 4.4): what comes back
    /// from a mail server has none.
    fn return_path(&self) -> String {
        let from = self.from.as_deref().unwrap_or_default();
        match from.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => format!("Return-Path: <{from}>\r\n"),
            false => String::new(),
        }
    }
}

/// The address in `FROM:<address> SIZE=1`, without its brackets.
fn path<'a>(rest: &'a str, prefix: &str) -> Option<&'a str> {
    let head = rest.get(..prefix.len())?;
    let path = rest[prefix.len()..].trim_start();
    let path = path.split(' ').next()?;
    (head.eq_ignore_ascii_case(prefix) && !path.is_empty())
        .then(|| path.trim_start_matches('<').trim_end_matches('>'))
}

/// The size that a program announces (RFC 1870); 0 when it says none.
fn size(rest: &str) -> u64 {
    rest.split(' ')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("SIZE"))
        .map_or(0, |(_, size)| size.parse().unwrap_or(u64::MAX))
}

async fn deliver(app: &App, raw: Vec<u8>, envelope: Envelope) -> String {
    let raw = [envelope.return_path().into_bytes(), raw].concat();
    match inbox::take(app, raw, envelope.to).await {
        Ok((_, Received::Message { message_id, .. })) => format!("250 2.0.0 Message {message_id}"),
        Ok((id, Received::Quarantined(reason))) => {
            format!("250 2.0.0 Quarantined {id}: {}", reason.code())
        }
        Ok((id, Received::Ignored(reason))) => {
            format!("250 2.0.0 Not a conversation {id}: {}", reason.code())
        }
        Ok((_, Received::Duplicate)) => "250 2.0.0 Known already".to_owned(),
        Err(error) => {
            tracing::error!(
                code = error.code.as_str(),
                cause = error.cause(),
                "a mail could not be taken"
            );
            "451 4.3.0 Try again later".to_owned()
        }
    }
}

async fn say(write: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
    let line = format!("{text}\r\n");
    timeout(SILENCE, write.write_all(line.as_bytes())).await?
}

/// The next command without its line end; `None` at the end. One that is too long ends it too.
async fn line(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut limited = read.take(MAX_COMMAND);
    timeout(SILENCE, limited.read_until(b'\n', &mut bytes)).await??;
    if !bytes.ends_with(b"\n") {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The mail up to its dot; `None` for one that is too large, read to its end all the same. Only CRLF
/// ends a line (RFC 5321, 2.3.8): to whoever reads a lone LF as an end, a text could hold commands.
async fn data(
    read: &mut (impl AsyncBufRead + Unpin),
    progress: impl Fn(),
) -> io::Result<Option<Vec<u8>>> {
    let mut raw: Vec<u8> = Vec::new();
    let mut fits = true;
    let mut begins = true;
    loop {
        let mut part = Vec::new();
        // A line of any length comes in pieces.
        let mut limited = (&mut *read).take(64 * 1024);
        timeout(SILENCE, limited.read_until(b'\n', &mut part)).await??;
        if part.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        progress();
        if begins && part == b".\r\n" {
            return Ok(fits.then_some(raw));
        }
        let stuffed = begins && part.starts_with(b".");
        begins = part.ends_with(b"\r\n");
        fits &= (raw.len() + part.len()) as u64 <= MAX_RAW_MAIL;
        if fits {
            raw.extend_from_slice(&part[usize::from(stuffed)..]);
        } else {
            raw = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_programs_write_them() {
        for (rest, expected) in [
            ("TO:<a@example.com>", Some("a@example.com")),
            ("to: <a@example.com> NOTIFY=NEVER", Some("a@example.com")),
            ("TO:a@example.com", Some("a@example.com")),
            ("TO:<>", Some("")),
            ("TO:", None),
            ("FROM:<a@example.com>", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(path(rest, "TO:"), expected, "{rest}");
        }
    }

    #[test]
    fn a_size_that_is_announced_is_read() {
        for (rest, expected) in [
            ("FROM:<a@example.com> SIZE=1000", 1000),
            ("FROM:<a@example.com> BODY=8BITMIME size=7", 7),
            ("FROM:<a@example.com>", 0),
            ("FROM:<a@example.com> SIZE=x", u64::MAX),
        ] {
            assert_eq!(size(rest), expected, "{rest}");
        }
    }

    #[test]
    fn another_protocol_is_known_by_its_first_line() {
        for line in [
            "POST / HTTP/1.1",
            "GET /x",
            "options * http/1.1",
            "EHLO / HTTP/1.1",
            "X /local HTTP/1.0",
            "PRI * HTTP/2.0",
            "Host: 127.0.0.1:2525",
            "Content-Type: text/plain",
            "\u{16}\u{3}\u{1}",
            "é",
            "",
            " EHLO x",
            "<stream>",
            "{\"jsonrpc\": 2}",
        ] {
            assert!(is_another_protocol(line), "{line}");
        }
        for line in [
            "EHLO example.com",
            "mail from:<a@example.com>",
            "RCPT TO:<HTTP/1.1@example.com>",
            "NOOP",
            "STARTTLS",
            "XCLIENT NAME=x",
        ] {
            assert!(!is_another_protocol(line), "{line}");
        }
    }

    #[tokio::test]
    async fn dots_are_taken_out_again() {
        let sent = b"a\r\n..b\r\nc.d\r\n.\r\nQUIT\r\n";
        let mut read = BufReader::new(&sent[..]);
        assert_eq!(
            data(&mut read, || ()).await.unwrap().unwrap(),
            b"a\r\n.b\r\nc.d\r\n"
        );
        assert_eq!(line(&mut read).await.unwrap().unwrap(), "QUIT");
        assert!(line(&mut read).await.unwrap().is_none());
        assert!(
            data(&mut BufReader::new(&b"a\r\n"[..]), || ())
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn a_lone_line_feed_ends_neither_line_nor_mail() {
        let sent = b"a\n.\nQUIT\n.\r\n.\n\r\n.\r\n";
        let raw = data(&mut BufReader::new(&sent[..]), || ()).await.unwrap();
        assert_eq!(raw.unwrap(), b"a\n.\nQUIT\n.\r\n\n\r\n");
    }
}
