//! A connection to a server: commands, replies, the text.

use std::{io, net::Ipv4Addr, sync::Arc};

use data_encoding::BASE64;
use domain::address::Address;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls};

use super::{
    account::{Account, Credentials, Security},
    reply::Reply,
};

/// What came in the way before the text was sent.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection could not be made, or broke, or what came is not a reply.
    Broken,
    /// TLS cannot be had: waiting does not help.
    Tls(&'static str),
    /// No way to sign in that both sides know.
    NoMechanism,
    /// The server said no in this step.
    Refused(Step, Reply),
}

/// Steps of a session that a server may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Its greeting, and the answer to ours.
    Greeting,
    /// `STARTTLS`, and the handshake after it.
    StartTls,
    /// `AUTH`, with whichever mechanism both know.
    Auth,
    /// `MAIL FROM`, the envelope sender.
    Mail,
    /// `RCPT TO`, the one recipient.
    Recipient,
    /// Leave to send the text.
    Data,
    /// The mail itself, up to the dot that ends it.
    Text,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(super) struct Connection {
    stream: BufReader<Box<dyn Duplex>>,
    /// What the server can do.
    greeting: Reply,
}

impl Connection {
    /// Connects, secures the connection and signs in, as the account wants it.
    pub(super) async fn open(account: &Account) -> Result<Self, Fault> {
        let server = (account.host.as_str(), account.port);
        let plain = tokio::time::timeout(super::CONNECT_TIMEOUT, TcpStream::connect(server));
        let plain = plain.await.map_err(|_| Fault::Broken)?;
        let plain = plain.map_err(|_| Fault::Broken)?;
        let _ = plain.set_nodelay(true);
        let stream: Box<dyn Duplex> = match (account.security, &account.tls) {
            (Security::Implicit, Some(tls)) => Box::new(secured(tls, &account.host, plain).await?),
            _ => Box::new(plain),
        };
        let mut connection = Self::greeted(stream).await?;
        if let (Security::StartTls, Some(tls)) = (account.security, &account.tls) {
            if connection.greeting.extension("STARTTLS").is_none() {
                return Err(Fault::Tls("the server does not offer STARTTLS"));
            }
            connection.step(Step::StartTls, "STARTTLS").await?;
            // What came before the handshake is nobody's word: it goes with the buffer.
            let plain = connection.stream.into_inner();
            let stream = Box::new(secured(tls, &account.host, plain).await?);
            connection = Self::over(stream);
            connection.greet().await?;
        }
        if let Some(credentials) = &account.credentials {
            connection.sign_in(credentials).await?;
        }
        Ok(connection)
    }

    /// Announces a mail, up to the server's leave to send its text. An address holds no character that
    /// would end the command.
    pub(super) async fn announce(
        &mut self,
        from: &Address,
        to: &Address,
        size: usize,
    ) -> Result<(), Fault> {
        // RFC 1870: one that is too large is refused before it is sent.
        let size = match self.greeting.extension("SIZE") {
            Some(_) => format!(" SIZE={size}"),
            None => String::new(),
        };
        self.step(Step::Mail, &format!("MAIL FROM:<{}>{size}", from.as_str()))
            .await?;
        self.step(Step::Recipient, &format!("RCPT TO:<{}>", to.as_str()))
            .await?;
        let reply = self.command("DATA").await.map_err(|_| Fault::Broken)?;
        match reply.wants_more() {
            true => Ok(()),
            false => Err(Fault::Refused(Step::Data, reply)),
        }
    }

    /// Sends the text, but for what ends it: until then the server cannot take it.
    pub(super) async fn text(&mut self, raw: &[u8]) -> io::Result<()> {
        let mut rest = raw;
        // A dot at the start of a line is doubled (RFC 5321, 4.5.2).
        let mut starts = true;
        while !rest.is_empty() {
            if starts && rest[0] == b'.' {
                self.stream.write_all(b".").await?;
            }
            let end = rest.iter().position(|byte| *byte == b'\n');
            let (line, next) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
            self.stream.write_all(line).await?;
            (starts, rest) = (end.is_some(), next);
        }
        if !raw.ends_with(b"\r\n") {
            self.stream.write_all(b"\r\n").await?;
        }
        self.stream.flush().await
    }

    /// Ends the text, and gives the server's answer to it.
    pub(super) async fn end(&mut self) -> io::Result<Reply> {
        self.command(".").await
    }

    /// The server's answer to a text that could not be sent to its end, if it said why.
    pub(super) async fn complaint(&mut self) -> Option<Reply> {
        Reply::read(&mut self.stream).await.ok()
    }

    pub(super) async fn quit(mut self) {
        let _ = self.command("QUIT").await;
    }

    fn over(stream: Box<dyn Duplex>) -> Self {
        let greeting = Reply {
            code: 220,
            lines: Vec::new(),
        };
        Self {
            stream: BufReader::new(stream),
            greeting,
        }
    }

    async fn greeted(stream: Box<dyn Duplex>) -> Result<Self, Fault> {
        let mut connection = Self::over(stream);
        let banner = Reply::read(&mut connection.stream).await;
        let banner = banner.map_err(|_| Fault::Broken)?;
        if !banner.is_positive() {
            return Err(Fault::Refused(Step::Greeting, banner));
        }
        connection.greet().await?;
        Ok(connection)
    }

    async fn greet(&mut self) -> Result<(), Fault> {
        let us = format!("[{}]", Ipv4Addr::LOCALHOST);
        let reply = self
            .command(&format!("EHLO {us}"))
            .await
            .map_err(|_| Fault::Broken)?;
        self.greeting = if reply.is_permanent() {
            // A server that knows no extensions (RFC 5321, 3.2).
            self.step(Step::Greeting, &format!("HELO {us}")).await?
        } else if reply.is_positive() {
            reply
        } else {
            return Err(Fault::Refused(Step::Greeting, reply));
        };
        Ok(())
    }

    /// RFC 4954; `LOGIN` is older and not in it.
    async fn sign_in(&mut self, credentials: &Credentials) -> Result<(), Fault> {
        let offered = self.greeting.extension("AUTH").unwrap_or_default();
        let offers = |name: &str| {
            offered
                .split_whitespace()
                .any(|one| one.eq_ignore_ascii_case(name))
        };
        let (first, then) = if offers("PLAIN") {
            let both = format!("\0{}\0{}", credentials.user, credentials.password);
            ("AUTH PLAIN", vec![BASE64.encode(both.as_bytes())])
        } else if offers("LOGIN") {
            let both = [&credentials.user, &credentials.password];
            (
                "AUTH LOGIN",
                both.map(|part| BASE64.encode(part.as_bytes())).to_vec(),
            )
        } else {
            return Err(Fault::NoMechanism);
        };
        let mut reply = self.command(first).await.map_err(|_| Fault::Broken)?;
        for answer in then {
            if !reply.wants_more() {
                return Err(Fault::Refused(Step::Auth, reply));
            }
            reply = self.command(&answer).await.map_err(|_| Fault::Broken)?;
        }
        match reply.is_positive() {
            true => Ok(()),
            false => Err(Fault::Refused(Step::Auth, reply)),
        }
    }

    /// A command that has to succeed.
    async fn step(&mut self, step: Step, command: &str) -> Result<Reply, Fault> {
        let reply = self.command(command).await.map_err(|_| Fault::Broken)?;
        match reply.is_positive() {
            true => Ok(reply),
            false => Err(Fault::Refused(step, reply)),
        }
    }

    async fn command(&mut self, command: &str) -> io::Result<Reply> {
        self.stream.write_all(command.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await?;
        Reply::read(&mut self.stream).await
    }
}

async fn secured<S: Duplex>(
    tls: &Arc<rustls::ClientConfig>,
    host: &str,
    stream: S,
) -> Result<tokio_rustls::client::TlsStream<S>, Fault> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| Fault::Tls("the server's name cannot be in a certificate"))?;
    let connector = TlsConnector::from(Arc::clone(tls));
    connector.connect(name, stream).await.map_err(|error| {
        // A connection that broke during the handshake says nothing of TLS.
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(rustls::Error::InvalidCertificate(_)) => {
                Fault::Tls("the server's certificate was not accepted")
            }
            Some(_) => Fault::Tls("the server and we have no form of TLS in common"),
            None => Fault::Broken,
        }
    })
}
