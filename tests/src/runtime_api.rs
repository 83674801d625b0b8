//! The Lambda runtime API for tests: starts the binary of a function as Lambda does, hands it
//! events and takes its answers.
//!
//! Source of the protocol: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

mod server;

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs, io,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hyper::body::Bytes;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// What a function made of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What it answered, as it came.
    Response(Bytes),
    /// The error that it reported: `{errorType, errorMessage}`.
    Error(Bytes),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The process ended; a report of a failed start is in `report`.
    #[error("the function ended ({status}) without an answer: {report}")]
    Ended {
        /// Status with which the process ended.
        status: ExitStatus,
        /// What it said to `init/error`, if anything.
        report: String,
    },
    /// It could not be started or watched.
    #[error("the function cannot be run: {0}")]
    Io(#[from] io::Error),
}

/// An answer and when it was there.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What the function made of the event.
    pub answer: Answer,
    /// When its last byte had come.
    pub at: Instant,
}

/// What a process used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Time on a processor, of all threads that still are.
    pub cpu: Duration,
    /// Most memory resident at once, bytes (`VmHWM`).
    pub peak: u64,
    /// Page faults that were served without the disk.
    pub faults: u64,
}

/// Events on their way, and who waits for answers.
struct State {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, Bytes)>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Answered>>>,
    report: Mutex<String>,
}

/// A running function: its process, and the runtime API that it alone speaks to. Dropping it kills
/// the process.
pub struct Function {
    child: Child,
    started: Instant,
    events: mpsc::UnboundedSender<(String, Bytes)>,
    state: Arc<State>,
    server: JoinHandle<()>,
}

/// Variables that Lambda sets for every function. Credentials are not real ones.
const LAMBDA: [(&str, &str); 15] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_NAME", "function"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/function"),
    ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("LANG", "en_US.UTF-8"),
    ("TZ", ":UTC"),
    ("_HANDLER", "bootstrap"),
];

impl Function {
    /// Starts `program` with Lambda's variables and these; its output is thrown away.
    ///
    /// # Errors
    /// When no port can be had or the program cannot be started.
    pub async fn start(
        program: &Path,
        arguments: &[impl AsRef<OsStr>],
        environment: &[(&str, &str)],
    ) -> io::Result<Self> {
        Self::start_with(program, arguments, environment, Stdio::null()).await
    }

    /// The same, with its standard output (the logs) somewhere.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        program: &Path,
        arguments: &[impl AsRef<OsStr>],
        environment: &[(&str, &str)],
        output: Stdio,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            events: tokio::sync::Mutex::new(receiver),
            waiting: Mutex::default(),
            report: Mutex::default(),
        });
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state)));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(LAMBDA)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn()?;
        Ok(Self {
            child,
            started,
            events: sender,
            state,
            server,
        })
    }

    /// When the process was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The id of the process; `None` after its end was seen.
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Hands it an event and waits for what it makes of it.
    ///
    /// # Errors
    /// [`NoAnswer`] when the process ends first. It may have worked on the event.
    pub async fn invoke(&mut self, event: impl Into<Bytes>) -> Result<Answered, NoAnswer> {
        let answered = self.hand_over(event);
        tokio::select! {
            biased;
            Ok(answered) = answered => Ok(answered),
            status = self.child.wait() => {
                Err(NoAnswer::Ended { status: status?, report: locked(&self.state.report).clone() })
            }
        }
    }

    /// Hands it an event; the answer comes later, or never when the process ends.
    pub fn hand_over(&self, event: impl Into<Bytes>) -> oneshot::Receiver<Answered> {
        let id = uuid::Uuid::now_v7().to_string();
        let (answer, answered) = oneshot::channel();
        locked(&self.state.waiting).insert(id.clone(), answer);
        // Fails only when the server is gone, and then nobody answers, which the caller sees.
        let _ = self.events.send((id, event.into()));
        answered
    }

    /// What the process used so far.
    ///
    /// # Errors
    /// When it has ended, or the system has no `/proc`.
    pub fn usage(&self) -> io::Result<Usage> {
        let ended = || io::Error::other("the process has ended");
        let home = Path::new("/proc").join(self.process().ok_or_else(ended)?.to_string());
        let mut cpu = Duration::ZERO;
        for thread in fs::read_dir(home.join("task"))? {
            let times = fs::read_to_string(thread?.path().join("schedstat"))?;
            let on_cpu = times.split(' ').next().and_then(|text| text.parse().ok());
            cpu += Duration::from_nanos(on_cpu.ok_or_else(ended)?);
        }
        let peak = peak(&home)?;
        // The program's name, in parentheses, may hold spaces; of what follows it is the eighth.
        let stat = fs::read_to_string(home.join("stat"))?;
        let faults = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(7)?.parse().ok());
        Ok(Usage {
            cpu,
            peak,
            faults: faults.ok_or_else(ended)?,
        })
    }

    /// Kills it (`SIGKILL`) and waits for its end.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.child.kill().await
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }
}

/// Most memory that a process had resident at once, bytes. `home` is its folder in `/proc`.
///
/// # Errors
/// When it has ended, or the system has no `/proc`.
pub fn peak(home: &Path) -> io::Result<u64> {
    let status = fs::read_to_string(home.join("status"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    let ended = || io::Error::other("the process has ended");
    Ok(kilobytes.ok_or_else(ended)? * 1024)
}

impl Drop for Function {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
