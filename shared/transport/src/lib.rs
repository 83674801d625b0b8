#![doc = include_str!("../README.md")]

#[cfg(feature = "outbox")]
pub mod outbox;
#[cfg(feature = "ses")]
pub mod ses;
pub mod simulator;
#[cfg(feature = "smtp")]
pub mod smtp;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use domain::{account::Account, address::Address, id::TicketId, reason::Reason};

/// The transport that the setting `MAIL_TRANSPORT` chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTransport {
    /// Amazon SES v2, whose events tell what became of a mail.
    Ses,
    /// An SMTP server (`SMTP_URL`).
    Smtp,
    /// Files on this machine.
    Outbox,
}

impl MailTransport {
    /// What mail that goes there can count on. The transports themselves say the same; processes
    /// that have none (those that take in events or answer questions) ask here.
    pub const fn capabilities(self) -> Capabilities {
        let ses = matches!(self, Self::Ses);
        Capabilities {
            name: match self {
                Self::Ses => "SES",
                Self::Smtp => "SMTP",
                Self::Outbox => "outbox",
            },
            delivers: !matches!(self, Self::Outbox),
            signs_in: matches!(self, Self::Smtp),
            confirms: ses,
            assigns_ids: ses,
            has_account: ses,
        }
    }
}

/// A transport shared by the tasks of one process.
pub type SharedTransport = Arc<dyn Transport>;

/// A composed mail on its way out: exactly one recipient, exactly these bytes.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Envelope sender: where bounces go.
    pub from: Address,
    /// The one envelope recipient.
    pub to: Address,
    /// The whole MIME message, CRLF line ends.
    pub raw: Vec<u8>,
    /// Delivery this mail belongs to: SES events carry it back as the tag `delivery_id`.
    pub delivery_id: Uuid,
    /// Which attempt of the delivery this is, from 1. A transport that can (the outbox) takes one
    /// attempt once, however often it is handed over.
    pub attempt: u32,
    /// Ticket, for the tag `ticket_id`.
    pub ticket_id: TicketId,
    /// Message, for the tag `message_id`.
    pub message_id: Uuid,
    /// `message`, `test`, `bounce-notice`, …: the tag `kind`.
    pub kind: &'static str,
}

/// What became of one attempt to send. The errors of SES are in the table of `ses::outcomes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has it, under this id.
    Accepted {
        /// Id at the provider (SES message id, SMTP queue answer, outbox number).
        id: String,
    },
    /// Nothing was sent; try again after the delay (jitter is the caller's).
    Retry {
        /// Least time to wait.
        after: Duration,
        /// Whether it counts as an attempt (throttling does not).
        counts: bool,
        /// For the timeline; holds no address.
        reason: String,
    },
    /// Nothing was sent, and it waits for something that people repair.
    Held {
        /// Why, for example [`Reason::SenderNotVerified`]; one that holds.
        code: Reason,
        /// Least time to the next look.
        after: Duration,
        /// Whom it is about.
        scope: Scope,
        /// What the provider said, for the timeline: without addresses.
        reason: String,
    },
    /// Refused, and no further attempt would change it.
    Refused {
        /// Why, for example [`Reason::Rejected`]; one that fails.
        code: Reason,
        /// What the provider said, for the timeline: without addresses.
        reason: String,
    },
    /// The account may not send at all: everything waits, nothing fails.
    Stop {
        /// For the timeline and the alarm.
        reason: String,
    },
    /// The call may or may not have been accepted: another attempt may arrive twice.
    Unknown {
        /// For the timeline and the alarm.
        reason: String,
    },
}

/// Whether what holds one mail holds the others, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every mail of the account: the others need not try.
    Account,
    /// Perhaps this one alone: the others find out for themselves.
    Mail,
}

/// What a transport can do, for those who use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// What people call it.
    pub name: &'static str,
    /// Mail leaves this machine.
    pub delivers: bool,
    /// It signs in with a password that the server may refuse.
    pub signs_in: bool,
    /// Events tell what became of an accepted mail.
    pub confirms: bool,
    /// It gives each mail an id of its own, which replaces ours on the wire.
    pub assigns_ids: bool,
    /// There is an account that can be asked how it stands.
    pub has_account: bool,
}

/// What a transport still knows of an attempt whose sender died before it recorded the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It was accepted, under this id.
    Accepted {
        /// Id at the provider, as in [`Outcome::Accepted`].
        id: String,
    },
    /// It was not, and no part of it is under way: the same attempt may be made again.
    NotAccepted,
    /// Nobody can tell: the delivery is `unknown`.
    CannotTell,
}

/// What became of an address on the provider's own list of those that it sends nothing to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsuppressed {
    /// It was on the list and is not any more.
    Removed,
    /// It was not on the list.
    NotListed,
    /// The provider keeps no list.
    NoList,
}

/// Carries mails to their provider: one attempt a call.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends once. Never retries by itself, and bounds its own time.
    async fn send(&self, mail: &OutgoingMail) -> Outcome;

    /// The longest that [`Transport::send`] takes, connection included, whatever the other side does.
    /// A sender's lease lasts longer, so that no call outlives the right to make it.
    fn longest_call(&self) -> Duration;

    /// What it can do; by itself nothing but send.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// The process ends: a call that has not handed over its mail yet gives up, the others finish.
    fn end(&self) {}

    /// Makes what the first mail needs. Called while something else is waited for.
    fn warm(&self) {}

    /// Looks for an attempt of an earlier process. Only a transport that keeps its mails itself
    /// (the outbox) can answer.
    async fn trace(&self, delivery_id: Uuid, attempt: u32) -> Trace {
        let _ = (delivery_id, attempt);
        Trace::CannotTell
    }

    /// Takes an address off the provider's own suppression list, so that mail to it goes out again.
    ///
    /// # Errors
    /// Why it may be on the list still, for the log; holds no address.
    async fn unsuppress(&self, address: &str) -> Result<Unsuppressed, String> {
        let _ = address;
        Ok(Unsuppressed::NoList)
    }

    /// What the provider says of the account, and of the identity that mail is sent as; `None`
    /// when there is no such account, or no answer.
    async fn account(&self, identity: Option<&str>) -> Option<Account> {
        let _ = identity;
        None
    }
}

/// Longest value of a tag (SES API reference, `MessageTag`).
const MAX_TAG: usize = 256;

/// The tags of a mail, by name: what SES events carry back. A ticket whose id a tag cannot hold
/// travels in `ticket_ref` too, as base64url.
fn tags(mail: &OutgoingMail) -> Vec<(&'static str, String)> {
    let ticket = tag(mail.ticket_id.as_str());
    let reference = (mail.ticket_id != *ticket).then(|| {
        (
            "ticket_ref",
            BASE64URL_NOPAD.encode(mail.ticket_id.as_str().as_bytes()),
        )
    });
    let tags = [
        ("delivery_id", mail.delivery_id.to_string()),
        ("attempt", mail.attempt.to_string()),
        ("message_id", mail.message_id.to_string()),
        ("ticket_id", ticket),
        ("kind", tag(mail.kind)),
    ];
    tags.into_iter().chain(reference).collect()
}

/// A tag's value: ASCII letters, digits, `_` and `-` (SES API reference); the rest becomes `_`.
pub fn tag(value: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    value
        .chars()
        .take(MAX_TAG)
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}

/// An error and what is behind it, outermost first.
#[cfg(feature = "ses")]
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(
        Some(error),
        |error: &&'a (dyn std::error::Error + 'static)| (*error).source(),
    )
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn tags_hold_what_ses_allows() {
        for (value, expected) in [
            ("INC-2024_1", "INC-2024_1"),
            ("INC.1 é@x", "INC_1___x"),
            ("", ""),
        ] {
            assert_eq!(tag(value), expected);
        }
        assert_eq!(tag(&"é".repeat(1000)), "_".repeat(256));
    }
}
