//! SMTP: one connection a mail, one mail a connection, several at once.
//!
//! The client is our own, over `tokio` and `rustls`: what a broken connection means depends on the
//! step, and servers send replies that clients made for correct ones do not read. Before the dot that
//! ends the text the server cannot have taken the mail; after it nobody knows without its answer.

mod account;
mod connection;
mod reply;
mod verdict;

use std::time::Duration;

use async_trait::async_trait;
use tokio::{sync::watch, time::timeout};

pub use self::account::SmtpUrlError;
use self::{
    account::Account,
    connection::{Connection, Fault, Step},
    reply::Reply,
    verdict::refused,
};
use super::{Capabilities, Outcome, OutgoingMail, Scope, Transport};
use crate::MailTransport;
use domain::{mask::mask_within, reason::Reason};
use mail::header::one_line;

/// Longest time to a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest time for the good-bye.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
/// Wait after an attempt that reached nobody.
const AFTER_CONNECT: Duration = Duration::from_secs(10);
/// Wait after a 4xx answer: greylisting servers want minutes (RFC 6647, 4.5).
const AFTER_TEMPORARY: Duration = Duration::from_secs(60);
/// Wait for what people repair: account, certificate.
const AFTER_HELD: Duration = Duration::from_secs(5 * 60);

/// How long a server may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// All steps before the text, connection and TLS included. What ends here is tried again.
    pub prepare: Duration,
    /// The text, and the server's answer to it.
    pub text: Duration,
}

impl Patience {
    /// What RFC 5321, 4.5.3.2, allows the slowest single step before the text, and the answer to it.
    pub const STANDARD: Self = Self {
        prepare: Duration::from_secs(5 * 60),
        text: Duration::from_secs(10 * 60),
    };
    /// For a function that lives for 90 seconds, its sweep included.
    pub const FUNCTION: Self = Self {
        prepare: Duration::from_secs(20),
        text: Duration::from_secs(30),
    };
}

/// Sends through an SMTP server.
#[derive(Clone, Debug)]
pub struct Smtp {
    account: Account,
    patience: Patience,
    /// Whether this process ends.
    ending: watch::Sender<bool>,
}

impl Smtp {
    /// Reads `SMTP_URL`:
    ///
    /// - `smtps://user:password@host` — TLS from the first byte, port 465;
    /// - `smtp://user:password@host` — STARTTLS, required, port 587; `?tls=required` says the same;
    /// - `smtp://localhost:1025?tls=none` — no TLS, only to this machine (for hosts of a loopback
    ///   name or address it is also what no `tls` means).
    ///
    /// `ca=FILE` adds a root certificate in PEM, for a server with a certificate of its own
    /// authority. User and password are percent-encoded.
    ///
    /// # Errors
    /// [`SmtpUrlError`], which never quotes the URL: it holds a password.
    pub fn from_url(url: &str, patience: Patience) -> Result<Self, SmtpUrlError> {
        Ok(Self {
            account: Account::parse(url)?,
            patience,
            ending: watch::Sender::new(false),
        })
    }

    /// Everything up to the server's "go ahead" after `DATA`.
    async fn prepare(&self, mail: &OutgoingMail) -> Result<Connection, Fault> {
        let mut connection = Connection::open(&self.account).await?;
        connection
            .announce(&mail.from, &mail.to, mail.raw.len())
            .await?;
        Ok(connection)
    }

    /// The text, and what the server answers.
    async fn hand_over(
        connection: &mut Connection,
        mail: &OutgoingMail,
        ended: &mut bool,
    ) -> Outcome {
        if connection.text(&mail.raw).await.is_err() {
            return match connection.complaint().await {
                Some(reply) if !reply.is_positive() => {
                    refused(Step::Text, &reply, mail.from.as_str())
                }
                _ => retry("the connection broke within the text", AFTER_CONNECT),
            };
        }
        *ended = true;
        match connection.end().await {
            Ok(reply) if reply.is_positive() => Outcome::Accepted {
                id: queue_id(&reply, mail),
            },
            Ok(reply) if reply.is_transient() || reply.is_permanent() => {
                refused(Step::Text, &reply, mail.from.as_str())
            }
            Ok(_) => unknown("the server's answer to the text is neither yes nor no"),
            Err(_) => unknown("the connection broke after the text was sent"),
        }
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        let mut ending = self.ending.subscribe();
        let prepared = tokio::select! {
            prepared = timeout(self.patience.prepare, self.prepare(mail)) => prepared,
            // Nothing was sent, and the next process does it.
            _ = ending.wait_for(|ending| *ending) => {
                return retry("the sender ended before the text was sent", Duration::ZERO);
            }
        };
        let mut connection = match prepared {
            Ok(Ok(connection)) => connection,
            Ok(Err(fault)) => return outcome(&fault, mail),
            Err(_) => return retry("the server took too long before the text", AFTER_CONNECT),
        };
        let mut ended = false;
        let handed_over = Self::hand_over(&mut connection, mail, &mut ended);
        let outcome = match timeout(self.patience.text, handed_over).await {
            Ok(outcome) => outcome,
            Err(_) if ended => {
                return unknown("the server did not answer after the text was sent");
            }
            Err(_) => return retry("the server did not take the whole text", AFTER_CONNECT),
        };
        // The mail's fate is known; the farewell has none. It may not hold up the answer.
        tokio::spawn(async move {
            let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
        });
        outcome
    }

    fn longest_call(&self) -> Duration {
        self.patience.prepare + self.patience.text
    }

    fn capabilities(&self) -> Capabilities {
        MailTransport::Smtp.capabilities()
    }

    fn end(&self) {
        self.ending.send_replace(true);
    }
}

fn outcome(fault: &Fault, mail: &OutgoingMail) -> Outcome {
    let held = |code, reason: &str| Outcome::Held {
        code,
        after: AFTER_HELD,
        scope: Scope::Account,
        reason: reason.to_owned(),
    };
    match fault {
        Fault::Broken => retry(
            "no connection, or it broke; nothing was sent",
            AFTER_CONNECT,
        ),
        Fault::Tls(reason) => held(Reason::SmtpTls, reason),
        Fault::NoMechanism => held(
            Reason::SmtpAuth,
            "the server offers neither AUTH PLAIN nor AUTH LOGIN",
        ),
        Fault::Refused(step, reply) => refused(*step, reply, mail.from.as_str()),
    }
}

/// Our own id of the attempt, then the server's answer, into which most put their queue's id: by
/// itself an answer (`OK`) tells no mail from another.
fn queue_id(reply: &Reply, mail: &OutgoingMail) -> String {
    let answer: String = mask_within(&one_line(&reply.text()), &[])
        .chars()
        .take(200)
        .collect();
    format!("{}.{} {answer}", mail.delivery_id.simple(), mail.attempt)
        .trim_end()
        .to_owned()
}

fn retry(reason: &str, after: Duration) -> Outcome {
    Outcome::Retry {
        after,
        counts: true,
        reason: reason.to_owned(),
    }
}

fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown {
        reason: reason.to_owned(),
    }
}
