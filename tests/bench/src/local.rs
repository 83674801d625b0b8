//! The local runner: messages posted over HTTP to mails in the outbox, every one on disk.

use std::{
    fs, io,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::Method;
use serde_json::Value;
use tests::runtime_api::peak;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
    time,
};

use crate::{Failure, desk, http::Client};

/// How long the runner may take for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Messages and mails a second of one local runner.
#[derive(Clone, Copy, Debug)]
pub struct Throughput {
    /// Clients that post at once.
    pub clients: usize,
    /// Messages stored a second.
    pub stored: f64,
    /// Mails in the outbox a second, from the first post to the last mail.
    pub mailed: f64,
}

/// Posts `messages` by each number of `clients` in turn, on a fresh runner each.
///
/// # Errors
/// When the runner does not start, refuses a message or loses a mail.
pub async fn measure(
    binary: &Path,
    clients: &[usize],
    messages: usize,
) -> Result<Vec<Throughput>, Failure> {
    let mut measured = Vec::new();
    for &clients in clients {
        let data = tempfile::tempdir()?;
        let mut runner = Runner::start(binary, data.path()).await?;
        measured.push(runner.load(data.path(), clients, messages).await?);
        runner.process.child.kill().await?;
    }
    Ok(measured)
}

/// A runner that listens.
pub(crate) struct Process {
    /// The process.
    pub(crate) child: Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Process {
    /// Starts it over this data folder.
    ///
    /// # Errors
    /// When it does not listen in time.
    pub(crate) async fn start(binary: &Path, data: &Path, log: Stdio) -> Result<Self, Failure> {
        let mut child = Command::new(binary)
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("no output of the runner")?;
        let mut lines = BufReader::new(output).lines();
        let mut url = None;
        while url.is_none() {
            let line = time::timeout(PATIENCE, lines.next_line()).await??;
            let line = line.ok_or("the runner ended before it listened")?;
            url = line
                .split_whitespace()
                .find(|word| word.starts_with("http://"))
                .map(str::to_owned);
        }
        // What it prints later must find a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let url = url.ok_or("the runner does not say where it listens")?;
        Ok(Self { child, url })
    }

    /// Most memory that it had resident at once, bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn memory(&self) -> Result<u64, Failure> {
        let id = self.child.id().ok_or("the runner has ended")?;
        Ok(peak(&Path::new("/proc").join(id.to_string()))?)
    }

    /// Ends it by SIGTERM.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(crate) async fn end(&mut self) -> Result<(), Failure> {
        let id = self.child.id().ok_or("the runner has ended")?.to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        time::timeout(PATIENCE, self.child.wait()).await??;
        Ok(())
    }
}

/// A header with a token for somebody of this role.
///
/// # Errors
/// When the runner gives none.
pub(crate) async fn token(binary: &Path, data: &Path, role: &str) -> Result<String, Failure> {
    let person = ["--email", "bia@example.com", "--groups", "N1"];
    let printed = Command::new(binary)
        .args(["token", "--role", role])
        .args(person)
        .arg("--data")
        .arg(data)
        .output()
        .await?;
    let token = String::from_utf8(printed.stdout)?;
    Ok(format!("Bearer {}", token.trim()))
}

struct Runner {
    process: Process,
    technician: String,
    integration: String,
}

impl Runner {
    async fn start(binary: &Path, data: &Path) -> Result<Self, Failure> {
        Ok(Self {
            process: Process::start(binary, data, Stdio::null()).await?,
            technician: token(binary, data, "technician").await?,
            integration: token(binary, data, "integration").await?,
        })
    }

    async fn load(
        &self,
        data: &Path,
        clients: usize,
        messages: usize,
    ) -> Result<Throughput, Failure> {
        let tickets = messages.div_ceil(desk::MESSAGES_OF_TICKET);
        self.each(clients, tickets, Method::PUT, |n| {
            (format!("t{n}"), desk::ticket(&format!("t{n}")))
        })
        .await?;
        let before = mails(data)?;
        let started = Instant::now();
        // One message a ticket, then the next round: two at once on one ticket would race.
        let message = move |n| (format!("t{}/messages", n % tickets), desk::message());
        self.each(clients, messages, Method::POST, message).await?;
        let stored = started.elapsed();
        while mails(data)? < before + messages {
            if started.elapsed() > PATIENCE {
                return Err(format!("{} of {messages} mails came", mails(data)? - before).into());
            }
            time::sleep(Duration::from_millis(5)).await;
        }
        let mailed = started.elapsed();
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let a_second = |time: Duration| messages as f64 / time.as_secs_f64();
        Ok(Throughput {
            clients,
            stored: a_second(stored),
            mailed: a_second(mailed),
        })
    }

    /// Sends `count` requests by some clients at once.
    async fn each(
        &self,
        clients: usize,
        count: usize,
        method: Method,
        request: impl Fn(usize) -> (String, Value) + Clone + Send + 'static,
    ) -> Result<(), Failure> {
        let next = Arc::new(AtomicUsize::new(0));
        let token = if method == Method::PUT {
            &self.integration
        } else {
            &self.technician
        };
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let (next, method, request) = (Arc::clone(&next), method.clone(), request.clone());
            let (url, token) = (self.process.url.clone(), token.clone());
            tasks.spawn(async move {
                let client = Client::default();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return Ok::<_, Failure>(());
                    }
                    let (path, body) = request(n);
                    let headers = [
                        ("authorization", token.as_str()),
                        ("content-type", "application/json"),
                    ];
                    let url = format!("{url}/tickets/{path}");
                    let (status, answer) =
                        client.send(method.clone(), &url, &headers, &body).await?;
                    if !status.is_success() {
                        return Err(format!("{method} {path}: {status} {answer}").into());
                    }
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    }
}

/// Mails in the outbox of a data folder.
fn mails(data: &Path) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(data.join("outbox"))? {
        let name = entry?.file_name();
        count += usize::from(
            Path::new(&name)
                .extension()
                .is_some_and(|ending| ending == "eml"),
        );
    }
    Ok(count)
}
