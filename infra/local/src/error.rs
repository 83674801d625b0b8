//! Why a command ended, in words of every language. What has none does not become a [`Failure`]
//! without saying so here.

use std::io;

use domain::catalog::{Phrase, Texts};
use import::ReadError;
use mail::token::KeyringError;
use service::{outgoing::open_transport::OpenError, settings::SettingsError};
use storage::{Obstacle, StorageError};
use transport::{outbox::OutboxError, smtp::SmtpUrlError};

use crate::texts;

/// Why a command ended, in words for a person.
#[derive(Debug)]
pub(crate) struct Failure(Phrase);

impl Failure {
    /// What is wrong and what to do.
    pub(crate) fn into_phrase(self) -> Phrase {
        self.0
    }
}

impl From<Phrase> for Failure {
    fn from(phrase: Phrase) -> Self {
        Self(phrase)
    }
}

impl From<Texts> for Failure {
    fn from(texts: Texts) -> Self {
        Self(texts.phrase())
    }
}

/// What the system, a library or another program says, which is in English.
macro_rules! verbatim {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(Phrase::verbatim(error.to_string()))
            }
        })+
    };
}

verbatim!(io::Error, serde_json::Error, KeyringError);

impl From<service::Error> for Failure {
    fn from(error: service::Error) -> Self {
        let said = Texts::same("{code}: {detail}").with("code", error.code.as_str());
        Self(said.with_phrase("detail", error.detail))
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self(error.phrase())
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let said = Texts::same("{name}: {reason}").with("name", error.name);
        Self(said.with_phrase("reason", error.reason))
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let said = match error {
            OpenError::Elsewhere { found, takes } => texts::transport::ELSEWHERE
                .with("found", found)
                .with("takes", takes),
            OpenError::Smtp(error) => smtp_url(error).phrase(),
        };
        Self(said)
    }
}

fn smtp_url(error: SmtpUrlError) -> Texts {
    match error {
        SmtpUrlError::Url => texts::transport::SMTP_URL,
        SmtpUrlError::Scheme => texts::transport::SMTP_URL_SCHEME,
        SmtpUrlError::Parameter => texts::transport::SMTP_URL_PARAMETER,
        SmtpUrlError::Plain => texts::transport::SMTP_URL_PLAIN,
        SmtpUrlError::Credentials => texts::transport::SMTP_URL_CREDENTIALS,
        SmtpUrlError::Certificate => texts::transport::SMTP_URL_CERTIFICATE,
        SmtpUrlError::Tls => texts::transport::TLS,
    }
}

impl From<OutboxError> for Failure {
    fn from(error: OutboxError) -> Self {
        let said = match error {
            OutboxError::InUse(path) => texts::store::OUTBOX_IN_USE.with("path", path.display()),
            OutboxError::Io { path, source } => texts::store::SYSTEM
                .with("path", path.display())
                .with("reason", source),
        };
        Self(said)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unopened { path, obstacle } => {
                Self(unopened(obstacle).with("path", path.display()))
            }
            // Of a store that was open: what the disk says.
            error => Self(Phrase::verbatim(error.to_string())),
        }
    }
}

fn unopened(obstacle: Obstacle) -> Phrase {
    match obstacle {
        Obstacle::InUse => texts::store::IN_USE.phrase(),
        Obstacle::Missing => texts::store::MISSING.phrase(),
        Obstacle::Empty => texts::store::EMPTY.phrase(),
        Obstacle::Foreign => texts::store::FOREIGN.phrase(),
        Obstacle::Format { found, ours } => {
            texts::store::FORMAT.with("found", found).with("ours", ours)
        }
        Obstacle::CutShort => texts::store::CUT_SHORT.phrase(),
        Obstacle::Damaged(why) => texts::store::DAMAGED.with("why", why),
        Obstacle::System(reason) => texts::store::SYSTEM.with("reason", reason),
    }
}
