//! The programs that are measured, and the first thing that each is asked.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use shared::store::Key;
use tests::emulator::TABLE;

use crate::{
    Failure,
    desk::{self, TICKET},
    place::{MAIL_FROM, Place},
};

/// What a function is for. All but the first read storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Answers.
    Hello,
    /// `GET /parameters/417`.
    Parameters,
    /// `GET /templates/1`.
    Templates,
    /// `POST /tickets/{id}/messages`.
    Tickets,
    /// The event `MessageCreated`.
    Events,
    /// A queued delivery, from the stream: claimed, rendered, sent, recorded.
    Sender,
}

impl Job {
    /// The jobs of the functions.
    pub const FUNCTIONS: [Self; 5] = [
        Self::Parameters,
        Self::Templates,
        Self::Tickets,
        Self::Events,
        Self::Sender,
    ];

    /// Name of the function.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Parameters => "parameters",
            Self::Templates => "templates",
            Self::Tickets => "tickets",
            Self::Events => "events",
            Self::Sender => "sender",
        }
    }

    /// An event for it, with what tells afterwards whether it was done.
    ///
    /// # Errors
    /// When storage refuses what it is about.
    pub async fn ask(self, place: &Place) -> Result<(Value, Proof), Failure> {
        let gateway = |claims, method, path: &str, body: Option<&Value>| {
            (desk::gateway(&claims, method, path, body), Proof::Success)
        };
        Ok(match self {
            Self::Hello => (json!({}), Proof::Answer),
            Self::Parameters => gateway(desk::admin(), "GET", "/parameters/417", None),
            Self::Templates => gateway(desk::admin(), "GET", "/templates/1", None),
            Self::Tickets => {
                let path = format!("/tickets/{TICKET}/messages");
                gateway(desk::technician(), "POST", &path, Some(&desk::message()))
            }
            Self::Events => (desk::message_created(), Proof::Answer),
            Self::Sender => {
                let (delivery, event) = place.queue().await?;
                (event, Proof::Sent(delivery))
            }
        })
    }
}

/// What a right answer is.
#[derive(Clone, Debug)]
pub enum Proof {
    /// Any that is no error.
    Answer,
    /// A response of the API with a status of success.
    Success,
    /// The provider has the mail of this delivery.
    Sent(Key),
}

impl Proof {
    /// Whether the job was done.
    ///
    /// # Errors
    /// When storage refuses.
    pub async fn holds(&self, answer: &Value, place: &Place) -> Result<bool, Failure> {
        match self {
            Self::Answer => Ok(true),
            Self::Success => Ok(desk::succeeded(answer)),
            Self::Sent(delivery) => place.is_sent(delivery).await,
        }
    }
}

/// In what a program is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Ours.
    Rust,
    /// The peer.
    Python,
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it does.
    pub job: Job,
    /// In what it is written.
    pub language: Language,
    path: PathBuf,
    arguments: Vec<String>,
    modules: Option<PathBuf>,
}

impl Program {
    /// A release binary in this folder.
    pub fn ours(job: Job, binaries: &Path) -> Self {
        Self {
            job,
            language: Language::Rust,
            path: binaries.join(job.name()),
            arguments: Vec::new(),
            modules: None,
        }
    }

    /// The peer in Python: an interpreter with awslambdaric, and the folder of the handlers.
    pub fn python(job: Job, interpreter: &Path, handlers: &Path) -> Self {
        Self {
            job,
            language: Language::Python,
            path: interpreter.to_owned(),
            arguments: vec![
                "-m".to_owned(),
                "awslambdaric".to_owned(),
                format!("{}.handler", job.name()),
            ],
            modules: Some(handlers.to_owned()),
        }
    }

    /// What is started.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// With what arguments.
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
            ("MAIL_FROM", MAIL_FROM),
            ("MAIL_TRANSPORT", "ses"),
            ("METRICS", "emf"),
            ("REPLY_DOMAIN", "reply.mensageria.example"),
            (
                "REPLY_TOKEN_KEYS",
                "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            ),
            ("TABLE_NAME", TABLE),
        ];
        variables.extend(
            self.modules
                .as_deref()
                .and_then(Path::to_str)
                .map(|m| ("PYTHONPATH", m)),
        );
        variables
    }
}
