//! SMTP: one connection a mail, one mail a connection.
//!
//! The conversation is led step by step, because what a broken connection means depends on the
//! step: before the text was sent nothing was, after it nobody knows.

mod account;

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use lettre::transport::smtp::{
    Error,
    authentication::Mechanism,
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Rcpt},
    extension::ClientId,
    response::Response,
};

pub use self::account::SmtpUrlError;
use self::account::{Account, Security};
use super::{Outcome, OutgoingMail, Transport, causes};
use crate::{
    domain::reason::Reason,
    mail::{header::one_line, mask::mask_within},
};

/// Longest time to a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time of all steps up to `DATA`, connection and TLS included. RFC 5321, 4.5.3.2, allows
/// minutes to each; a lease has none, and what ends here is tried again.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time from the first byte of the text to the server's answer. It has the larger part:
/// what ends here may have been accepted.
const TEXT_TIMEOUT: Duration = Duration::from_secs(30);
/// Wait after an attempt that reached nobody.
const AFTER_CONNECT: Duration = Duration::from_secs(10);
/// Wait after a 4xx answer: greylisting servers want minutes (RFC 6647, 4.5).
const AFTER_TEMPORARY: Duration = Duration::from_secs(60);
/// Wait for what people mend: account, certificate.
const AFTER_HELD: Duration = Duration::from_secs(5 * 60);

/// Sends through an SMTP server.
#[derive(Clone, Debug)]
pub struct Smtp {
    account: Account,
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
    pub fn from_url(url: &str) -> Result<Self, SmtpUrlError> {
        Ok(Self {
            account: Account::parse(url)?,
        })
    }

    /// Everything up to the server's "go ahead" after `DATA`.
    async fn prepare(&self, mail: &OutgoingMail) -> Result<AsyncSmtpConnection, Fault> {
        let account = &self.account;
        let us = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
        let tls_if = |when| account.tls.clone().filter(|_| account.security == when);
        let implicit = tls_if(Security::Implicit);
        let server = (account.host.as_str(), account.port);
        let no_address = None::<IpAddr>;
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(CONNECT_TIMEOUT),
            &us,
            implicit,
            no_address,
        )
        .await
        .map_err(Fault::Connect)?;
        if let Some(tls) = tls_if(Security::StartTls) {
            if !connection.can_starttls() {
                return Err(Fault::NoStartTls);
            }
            connection
                .starttls(tls, &us)
                .await
                .map_err(Fault::Connect)?;
        }
        if let Some(credentials) = &account.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection
                .auth(&mechanisms, credentials)
                .await
                .map_err(Fault::Auth)?;
        }
        let from = mail.from.parse().map_err(|_| Fault::Address)?;
        let to = mail.to.parse().map_err(|_| Fault::Address)?;
        connection
            .command(Mail::new(Some(from), vec![]))
            .await
            .map_err(Fault::Command)?;
        connection
            .command(Rcpt::new(to, vec![]))
            .await
            .map_err(Fault::Command)?;
        connection.command(Data).await.map_err(Fault::Command)?;
        Ok(connection)
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        let prepared = tokio::time::timeout(PREPARE_TIMEOUT, self.prepare(mail)).await;
        let mut connection = match prepared {
            Ok(Ok(connection)) => connection,
            Ok(Err(fault)) => return fault.outcome(mail),
            Err(_) => return retry("the server took too long before the text", AFTER_CONNECT),
        };
        let answer = tokio::time::timeout(TEXT_TIMEOUT, connection.message(&mail.raw)).await;
        let outcome = match answer {
            Ok(Ok(response)) => Outcome::Accepted {
                id: queue_id(&response, mail),
            },
            Ok(Err(error)) => match answered(&error, mail) {
                Some(outcome) => outcome,
                None => unknown("the connection broke after the text was sent"),
            },
            Err(_) => return unknown("the server did not answer after the text was sent"),
        };
        // The mail's fate is known; the farewell has none. It may not hold up the answer.
        tokio::spawn(async move {
            let _ = tokio::time::timeout(CONNECT_TIMEOUT, connection.quit()).await;
        });
        outcome
    }

    fn longest_call(&self) -> Duration {
        PREPARE_TIMEOUT + TEXT_TIMEOUT
    }
}

/// What went wrong before the text was sent.
#[derive(Debug)]
enum Fault {
    NoStartTls,
    Connect(Error),
    Auth(Error),
    Address,
    Command(Error),
}

impl Fault {
    fn outcome(&self, mail: &OutgoingMail) -> Outcome {
        match self {
            Self::NoStartTls => held(Reason::SmtpTls, "the server does not offer STARTTLS"),
            Self::Connect(error) if is_certificate(error) => {
                held(Reason::SmtpTls, "the server's certificate was not accepted")
            }
            Self::Auth(error) if error.is_permanent() || error.is_client() => {
                held(Reason::SmtpAuth, "the server refused the account")
            }
            Self::Address => Outcome::Refused {
                code: Reason::AddressInvalid,
                reason: "an address that SMTP cannot carry".to_owned(),
            },
            Self::Connect(error) => answered(error, mail)
                .unwrap_or_else(|| retry("no connection; nothing was sent", AFTER_CONNECT)),
            Self::Auth(error) | Self::Command(error) => {
                answered(error, mail).unwrap_or_else(|| {
                    retry(
                        "the connection broke before the text was sent",
                        AFTER_CONNECT,
                    )
                })
            }
        }
    }
}

/// The outcome of a 4xx or 5xx answer; `None` when the server gave none.
fn answered(error: &Error, mail: &OutgoingMail) -> Option<Outcome> {
    let reason = reason(error, mail);
    if error.is_transient() {
        Some(Outcome::Retry {
            after: AFTER_TEMPORARY,
            counts: true,
            reason,
        })
    } else if error.is_permanent() {
        Some(Outcome::Refused {
            code: Reason::Rejected,
            reason,
        })
    } else {
        None
    }
}

/// Whether a TLS handshake failed over the certificate: waiting does not mend it.
fn is_certificate(error: &Error) -> bool {
    causes(error)
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::InvalidData)
}

/// The server's words on one line of at most 300 characters, addresses masked.
fn reason(error: &Error, mail: &OutgoingMail) -> String {
    let words = std::error::Error::source(error).map_or_else(String::new, ToString::to_string);
    let code = error
        .status()
        .map_or_else(String::new, |code| code.to_string());
    let line = one_line(&format!("{code} {words}"));
    mask_within(&line, &[&mail.from])
        .chars()
        .take(300)
        .collect()
}

/// Our own id of the attempt, then the server's answer, into which most put their queue's id: by
/// itself an answer (`OK`) tells no mail from another.
fn queue_id(response: &Response, mail: &OutgoingMail) -> String {
    let line = one_line(&response.message().collect::<Vec<_>>().join(" "));
    let answer: String = mask_within(&line, &[]).chars().take(200).collect();
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
fn held(code: Reason, reason: &str) -> Outcome {
    Outcome::Held {
        code,
        after: AFTER_HELD,
        reason: reason.to_owned(),
    }
}
fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown {
        reason: reason.to_owned(),
    }
}
