//! How long the local runner takes from its start to its first answer, and how much memory it has
//! then, beside a store of many messages and the outbox with their mails.

mod fill;

use std::{
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use http::Method;
use serde_json::Value;
use tokio::time;
use transport::outbox::Outbox;

use crate::{
    Failure,
    desk::{TICKET, message},
    http::Client,
    local::{Process, token},
    stats::Sample,
};

/// Starts after each kind of end.
const STARTS: usize = 5;
/// Requests after which memory is looked at again: a third each posts, reads and lists.
const REQUESTS: usize = 300;
/// Time without work after which the store is at rest.
const REST: Duration = Duration::from_secs(4);

/// How the process before ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By SIGTERM.
    Clean,
    /// By SIGKILL, a few seconds after its last work.
    KilledAtRest,
    /// By SIGKILL, right after it answered a post.
    KilledAtWork,
}

impl End {
    /// Every end, in the order of the report.
    pub const ALL: [Self; 3] = [Self::Clean, Self::KilledAtRest, Self::KilledAtWork];

    /// Name of the end in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "SIGTERM",
            Self::KilledAtRest => "SIGKILL at rest",
            Self::KilledAtWork => "SIGKILL at work",
        }
    }
}

/// What was measured after one kind of end.
#[derive(Clone, Debug)]
pub struct Start {
    /// How the process before ended.
    pub end: End,
    /// Start of the process to its first answer.
    pub time: Sample,
    /// Most memory resident at the first answer, bytes.
    pub memory: u64,
    /// Most memory resident after [`REQUESTS`] requests, bytes.
    pub memory_later: u64,
}

/// What was measured, and beside how much.
#[derive(Clone, Debug)]
pub struct Starts {
    /// Messages, each with its mail.
    pub messages: usize,
    /// Bytes of the store.
    pub store: u64,
    /// After each kind of end.
    pub starts: Vec<Start>,
}

/// Fills a folder, unless this one is filled already, and starts the runner in it.
///
/// # Errors
/// When a message is refused, a mail is lost or the runner does not answer.
pub async fn measure(
    binary: &Path,
    messages: usize,
    folder: Option<&Path>,
) -> Result<Starts, Failure> {
    let scratch = tempfile::tempdir()?;
    let data = folder.unwrap_or(scratch.path());
    if !data.join("store").exists() {
        fill::fill(data, messages).await?;
    }
    let messages = Outbox::open(data.join("outbox"))?.len();
    let file = data.join("store").join(storage::embedded::FILE_NAME);
    let store = fs::metadata(file)?.len();
    let technician = token(binary, data, "technician").await?;
    // One start more: the first one warms the page cache.
    let (process, _) = first_answer(binary, data, &technician).await?;
    let mut runner = Runner {
        process,
        technician,
    };
    let mut starts = Vec::new();
    for end in End::ALL {
        let mut times = Vec::with_capacity(STARTS);
        let (mut at_first, mut later) = (0, 0);
        for _ in 0..STARTS {
            runner.end(end).await?;
            let (process, time) = first_answer(binary, data, &runner.technician).await?;
            runner.process = process;
            times.push(time);
            at_first = at_first.max(runner.process.memory()?);
            runner.work(REQUESTS).await?;
            later = later.max(runner.process.memory()?);
        }
        starts.push(Start {
            end,
            time: times.into_iter().collect(),
            memory: at_first,
            memory_later: later,
        });
    }
    runner.end(End::Clean).await?;
    Ok(Starts {
        messages,
        store,
        starts,
    })
}

/// Starts the runner and asks it for a page of messages.
async fn first_answer(
    binary: &Path,
    data: &Path,
    technician: &str,
) -> Result<(Process, Duration), Failure> {
    let started = Instant::now();
    let process = Process::start(binary, data, Stdio::inherit()).await?;
    let path = format!("/tickets/{TICKET}/messages");
    ask(&process.url, technician, Method::GET, &path, &Value::Null).await?;
    Ok((process, started.elapsed()))
}

async fn ask(
    url: &str,
    technician: &str,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<Value, Failure> {
    let headers = [
        ("authorization", technician),
        ("content-type", "application/json"),
    ];
    let url = format!("{url}{path}");
    let client = Client::default();
    let (status, answer) = client.send(method, &url, &headers, body).await?;
    if !status.is_success() {
        return Err(format!("{url}: {status} {answer}").into());
    }
    Ok(answer)
}

struct Runner {
    process: Process,
    technician: String,
}

impl Runner {
    /// Requests of people: a message is posted, a conversation read, the outbox listed.
    async fn work(&self, requests: usize) -> Result<(), Failure> {
        let messages = format!("/tickets/{TICKET}/messages");
        let mut quiet = message();
        quiet["notify"] = false.into();
        for n in 0..requests {
            let (method, path, body) = match n % 3 {
                0 => (Method::POST, messages.as_str(), &quiet),
                1 => (Method::GET, messages.as_str(), &Value::Null),
                _ => (Method::GET, "/local/outbox?order=desc", &Value::Null),
            };
            ask(&self.process.url, &self.technician, method, path, body).await?;
        }
        Ok(())
    }

    async fn end(&mut self, end: End) -> Result<(), Failure> {
        if end == End::Clean {
            return self.process.end().await;
        }
        self.work(1).await?;
        if end == End::KilledAtRest {
            time::sleep(REST).await;
        }
        Ok(self.process.child.kill().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_folder_is_filled_with_messages_and_their_mails() {
        let data = tempfile::tempdir().unwrap();
        fill::fill(data.path(), 300).await.unwrap();
        let outbox = Outbox::open(data.path().join("outbox")).unwrap();
        assert_eq!(outbox.len(), 300);
    }
}
