//! An SMTP server that misbehaves as it is told, and keeps what it takes.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};

/// Steps of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Its greeting.
    Banner,
    /// `EHLO`.
    Hello,
    /// `MAIL`.
    Mail,
    /// `RCPT`.
    Recipient,
    /// `DATA`.
    Data,
    /// After the text.
    Text,
}

/// What it does in one session.
#[derive(Clone, Debug)]
pub enum Way {
    /// All as it should be.
    Well,
    /// It says this instead, bytes and all, and goes on; a refusal takes nothing.
    Say(At, Vec<u8>),
    /// It waits so long before it answers.
    Slow(At, Duration),
    /// It closes the connection instead of answering; after the text it has taken the mail.
    Cut(At),
    /// It closes the connection after so many lines of the text.
    CutWithin(usize),
}

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Recipient.
    pub to: String,
    /// The text, dots as they were meant.
    pub text: Vec<u8>,
}

type Mails = Arc<Mutex<Vec<Taken>>>;

/// A server that listens on this machine. It ends when it is dropped.
pub struct Server {
    /// `smtp://…`.
    pub url: String,
    mails: Mails,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts it: the way of each session follows from its number, from 0.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(way: impl Fn(usize) -> Way + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let mails = Mails::default();
        let kept = Arc::clone(&mails);
        let task = tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let session = session(stream, way(number), Arc::clone(&kept));
                tokio::spawn(async move { drop(session.await) });
                number += 1;
            }
        });
        Ok(Self { url, mails, task })
    }

    /// What it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.mails).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(mails: &Mails) -> std::sync::MutexGuard<'_, Vec<Taken>> {
    mails.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn session(stream: TcpStream, way: Way, mails: Mails) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut to = String::new();
    if !answer(&mut stream, &way, At::Banner, "220 mx.example.com ESMTP").await? {
        return Ok(());
    }
    loop {
        let line = line(&mut stream).await?;
        let words = String::from_utf8_lossy(&line).to_uppercase();
        let (at, reply) = match words.get(..4) {
            Some("EHLO") => (At::Hello, "250-mx.example.com\r\n250 SIZE 50000000"),
            Some("HELO") => (At::Hello, "250 mx.example.com"),
            Some("MAIL") => (At::Mail, "250 2.1.0 ok"),
            Some("RCPT") => {
                let text = String::from_utf8_lossy(&line).into_owned();
                let address = text.split(['<', '>']).nth(1).unwrap_or_default();
                address.clone_into(&mut to);
                (At::Recipient, "250 2.1.5 ok")
            }
            Some("DATA") => (At::Data, "354 go ahead"),
            _ => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
        };
        if !answer(&mut stream, &way, at, reply).await? {
            return Ok(());
        }
        let refused = matches!(&way, Way::Say(when, said) if *when == at && said.starts_with(b"5"));
        if at != At::Data || refused {
            continue;
        }
        let Some(text) = text(&mut stream, &way).await? else {
            return Ok(());
        };
        let refused = matches!(&way, Way::Say(At::Text, said) if !said.starts_with(b"2"));
        if !refused {
            let to = to.clone();
            lock(&mails).push(Taken { to, text });
        }
        if !answer(&mut stream, &way, At::Text, "250 2.0.0 queued as 4F3B1").await? {
            return Ok(());
        }
    }
}

/// Answers in this way; `false` when the session ends with it.
async fn answer(
    stream: &mut BufReader<TcpStream>,
    way: &Way,
    at: At,
    reply: &str,
) -> io::Result<bool> {
    match way {
        Way::Say(when, said) if *when == at => stream.write_all(said).await?,
        Way::Cut(when) if *when == at => return Ok(false),
        Way::Slow(when, time) if *when == at => {
            sleep(*time).await;
            stream.write_all(reply.as_bytes()).await?;
        }
        _ => stream.write_all(reply.as_bytes()).await?,
    }
    stream.write_all(b"\r\n").await?;
    Ok(true)
}

/// The text up to its dot; `None` when the connection is to end within it.
async fn text(stream: &mut BufReader<TcpStream>, way: &Way) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    let mut lines = 0;
    loop {
        let line = line(stream).await?;
        if line == b"." {
            return Ok(Some(text));
        }
        lines += 1;
        if matches!(way, Way::CutWithin(most) if lines >= *most) {
            return Ok(None);
        }
        text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        text.extend_from_slice(b"\r\n");
    }
}

async fn line(stream: &mut BufReader<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    while matches!(line.last(), Some(b'\r' | b'\n')) {
        line.pop();
    }
    Ok(line)
}
