//! The programs that are measured, and the first thing that each is asked.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use storage::{Key, keys};
use tests::emulator::TABLE;

use crate::{
    Failure,
    copies::FileCopy,
    desk,
    endpoint::Endpoint,
    mail::{FILES_BUCKET, MAIL_FROM, REPLY_DOMAIN, REPLY_TOKEN_KEYS},
};

/// What a function is for. All but the first two read storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Answers, and does nothing else: a bare `lambda_runtime` program.
    Hello,
    /// `GET /app/`: the page of the console.
    Console,
    /// `GET /parameters/417`.
    Parameters,
    /// `GET /templates/1`.
    Templates,
    /// `POST /tickets/{id}/messages`.
    Tickets,
    /// The event `MessageCreated`.
    Events,
    /// A queued delivery, from the stream: leased, rendered, sent, recorded.
    Sender,
    /// The event of SES that a mail arrived: found, recorded.
    Feedback,
    /// A reply of 20 KB in the bucket: read, judged, stored as a message.
    Inbound,
}

impl Job {
    /// The jobs of the functions.
    pub const FUNCTIONS: [Self; 8] = [
        Self::Console,
        Self::Parameters,
        Self::Templates,
        Self::Tickets,
        Self::Events,
        Self::Sender,
        Self::Feedback,
        Self::Inbound,
    ];

    /// Name of the function.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Console => "console",
            Self::Parameters => "parameters",
            Self::Templates => "templates",
            Self::Tickets => "tickets",
            Self::Events => "events",
            Self::Sender => "sender",
            Self::Feedback => "feedback",
            Self::Inbound => "inbound",
        }
    }

    async fn ask(self, endpoint: &Endpoint) -> Result<(Value, Proof), Failure> {
        let gateway = |claims, method, path: &str, body: Option<&Value>| {
            (desk::gateway(&claims, method, path, body), Proof::Success)
        };
        Ok(match self {
            Self::Hello => (json!({}), Proof::Answer),
            Self::Console => gateway(Value::Null, "GET", "/app/", None),
            Self::Parameters => gateway(desk::admin(), "GET", "/parameters/417", None),
            Self::Templates => gateway(desk::admin(), "GET", "/templates/1", None),
            Self::Tickets => {
                let path = format!("/tickets/{}/messages", endpoint.ticket().await?);
                gateway(desk::technician(), "POST", &path, Some(&desk::message()))
            }
            Self::Events => {
                let ticket = endpoint.ticket().await?;
                (desk::message_created(&ticket), Proof::Answer)
            }
            Self::Sender => {
                let (delivery, event) = endpoint.queue().await?;
                (event, Proof::State(delivery, "accepted"))
            }
            Self::Feedback => {
                let (delivery, event) = endpoint.send().await?;
                (event, Proof::State(delivery, "delivered"))
            }
            Self::Inbound => {
                let (mail, event) = endpoint.receive().await?;
                (
                    event,
                    Proof::State(keys::inbound(&mail.parse()?), "accepted"),
                )
            }
        })
    }
}

/// What a right answer is.
#[derive(Clone, Debug)]
pub enum Proof {
    /// Any that is not an error.
    Answer,
    /// A response of the API with a status of success.
    Success,
    /// This delivery, or this mail that came in, is in this state.
    State(Key, &'static str),
}

impl Proof {
    /// Whether the job was done.
    ///
    /// # Errors
    /// When storage refuses.
    pub async fn holds(&self, answer: &Value, endpoint: &Endpoint) -> Result<bool, Failure> {
        match self {
            Self::Answer => Ok(true),
            Self::Success => Ok(desk::succeeded(answer)),
            Self::State(key, status) => endpoint.is_in(key, status).await,
        }
    }
}

/// Whose a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A function of this commit.
    Ours,
    /// Ours, of another commit.
    Before,
    /// The peer's, in Python.
    Python,
    /// The same calls, made by the SDK alone.
    Sdk,
}

/// The program that makes the calls of a function, and nothing else.
const FLOOR: &str = "floor";

/// A program to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// The job that it is started for.
    pub job: Job,
    /// Whose it is.
    pub side: Side,
    path: PathBuf,
    arguments: Vec<String>,
    modules: Option<PathBuf>,
}

impl Program {
    /// A release binary in this folder.
    pub fn ours(job: Job, binaries: &Path) -> Self {
        Self::binary(job, Side::Ours, binaries)
    }

    /// The same of another commit.
    pub fn before(job: Job, binaries: &Path) -> Self {
        Self::binary(job, Side::Before, binaries)
    }

    /// The calls of the same function, made by the SDK alone; of those that write or send.
    pub fn sdk(job: Job, binaries: &Path) -> Option<Self> {
        let known = matches!(job, Job::Tickets | Job::Sender | Job::Inbound);
        known.then(|| Self {
            path: binaries.join(FLOOR),
            ..Self::binary(job, Side::Sdk, binaries)
        })
    }

    fn binary(job: Job, side: Side, binaries: &Path) -> Self {
        Self {
            job,
            side,
            path: binaries.join(job.name()),
            arguments: Vec::new(),
            modules: None,
        }
    }

    /// The peer in Python: an interpreter with awslambdaric, and the folder of the handlers.
    pub fn python(job: Job, interpreter: &Path, handlers: &Path) -> Self {
        Self {
            job,
            side: Side::Python,
            path: interpreter.to_owned(),
            arguments: vec![
                "-m".to_owned(),
                "awslambdaric".to_owned(),
                format!("{}.handler", job.name()),
            ],
            modules: Some(handlers.to_owned()),
        }
    }

    /// The same, started from a copy of its file; an interpreter stays where it is.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub fn copied(&self) -> io::Result<(Self, Option<FileCopy>)> {
        let mut copied = self.clone();
        let binary = self.side != Side::Python;
        let copy = binary.then(|| FileCopy::of(&self.path)).transpose()?;
        if let Some(copy) = &copy {
            copy.path().clone_into(&mut copied.path);
        }
        Ok((copied, copy))
    }

    /// Path of the program, or of its interpreter.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An event for it, with what tells afterwards whether it was done.
    ///
    /// # Errors
    /// When storage refuses what it is about.
    pub async fn ask(&self, endpoint: &Endpoint) -> Result<(Value, Proof), Failure> {
        let (event, proof) = self.job.ask(endpoint).await?;
        Ok((
            event,
            if self.side == Side::Sdk {
                Proof::Answer
            } else {
                proof
            },
        ))
    }

    /// Arguments that the program is started with.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Variables as `template.yaml` sets them, with storage and mail at `url`.
    pub fn environment<'a>(&'a self, url: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", url),
            ("CONFIGURATION_SET", "mensageria"),
            ("DEFAULT_LOCALE", "pt-BR"),
            ("DEFAULT_TIME_ZONE", "America/Sao_Paulo"),
            ("LOGIN_CLIENT_ID", "client"),
            ("LOGIN_DOMAIN", "login.example.com"),
            ("LOGIN_ISSUER", "https://issuer.example.com"),
            ("MAIL_FROM", MAIL_FROM),
            ("MAIL_TRANSPORT", "ses"),
            ("STACK_NAME", "mensageria"),
            ("REPLY_DOMAIN", REPLY_DOMAIN),
            ("REPLY_TOKEN_KEYS", REPLY_TOKEN_KEYS),
            ("TABLE_NAME", TABLE),
        ];
        if self.side == Side::Sdk {
            variables.push(("CALLS", self.job.name()));
        }
        if self.job == Job::Inbound {
            variables.push(("FILES_BUCKET", FILES_BUCKET));
        }
        variables.extend(
            self.modules
                .as_deref()
                .and_then(Path::to_str)
                .map(|m| ("PYTHONPATH", m)),
        );
        variables
    }
}
