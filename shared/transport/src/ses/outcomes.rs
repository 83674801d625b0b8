//! What follows from an error of `SendEmail`: a table.
//!
//! Sources: SES API v2 reference, `SendEmail` and "Common errors"; SES developer guide, "Errors
//! related to the sending quotas". Refusals of the caller's identity are not particular to
//! `SendEmail`: nothing was sent, and people must fix the cause, so they are held and not unknown.

use std::time::Duration;

use crate::{Outcome, Scope};
use domain::{mask::mask_within, reason::Reason};

/// Wait after "too fast": the sender adds its back-off and jitter.
pub const AFTER_THROTTLE: Duration = Duration::from_secs(1);
/// Wait after an attempt that reached nobody.
pub const AFTER_CONNECT: Duration = Duration::from_secs(5);
/// Wait for what people must fix.
pub const AFTER_HELD: Duration = Duration::from_secs(5 * 60);
/// Wait for the daily quota, which is a moving window of 24 hours.
pub const AFTER_QUOTA: Duration = Duration::from_secs(10 * 60);

/// How one call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure<'a> {
    /// No connection, or nothing was written to it.
    NotWritten,
    /// Written, and no answer: a time-out, a reset, a cut connection.
    Unanswered,
    /// An answer that does not come from SES.
    Unreadable {
        /// The status of the HTTP answer.
        status: u16,
    },
    /// An error of SES.
    Refused {
        /// The status of the HTTP answer.
        status: u16,
        /// Error code, for example `MessageRejected`.
        code: &'a str,
        /// Its message; it may hold addresses.
        message: &'a str,
    },
}

/// What we do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Too fast: later, and not counted as an attempt.
    Throttled,
    /// Held for this reason until people fix it, or time does.
    Held(Reason, Duration),
    /// Refused for good, for this reason.
    Refused(Reason),
    /// The account may not send at all.
    Stop,
}

/// One row: the first one whose code is the error's and whose text is in its message counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Error code of SES.
    pub code: &'static str,
    /// Text within the message, in any case; none, every message.
    pub message: Option<&'static str>,
    /// What becomes of a mail that SES refuses with it.
    pub class: Class,
}

const fn row(code: &'static str, message: Option<&'static str>, class: Class) -> Row {
    Row {
        code,
        message,
        class,
    }
}

const QUOTA: Class = Class::Held(Reason::OverQuota, AFTER_QUOTA);
const SENDER: Class = Class::Held(Reason::SenderNotVerified, AFTER_HELD);
const SET: Class = Class::Held(Reason::ConfigurationSetMissing, AFTER_HELD);
const CALLER: Class = Class::Held(Reason::NotAuthorized, AFTER_HELD);

const LIMIT: Class = Class::Held(Reason::LimitExceeded, AFTER_QUOTA);

/// What a message says of the day's quota, and of the rate. Which code comes with it is not the same
/// in the API reference, in the developer guide and in what users of the API get.
const OF_QUOTA: &str = "quota exceeded";
const OF_RATE: &str = "rate exceeded";

/// The table. What is not in it is unknown.
pub const TABLE: &[Row] = &[
    row("ThrottlingException", Some(OF_QUOTA), QUOTA),
    row("ThrottlingException", None, Class::Throttled),
    row("TooManyRequestsException", Some(OF_QUOTA), QUOTA),
    row("TooManyRequestsException", None, Class::Throttled),
    row("LimitExceededException", Some(OF_QUOTA), QUOTA),
    row("LimitExceededException", Some(OF_RATE), Class::Throttled),
    row("LimitExceededException", None, LIMIT),
    row("AccountSuspendedException", None, Class::Stop),
    row("SendingPausedException", None, Class::Stop),
    row("MailFromDomainNotVerifiedException", None, SENDER),
    row(
        "MessageRejected",
        Some("email address is not verified"),
        SENDER,
    ),
    row("MessageRejected", None, Class::Refused(Reason::Rejected)),
    row(
        "BadRequestException",
        None,
        Class::Refused(Reason::BadRequest),
    ),
    row("NotFoundException", None, SET),
    row("AccessDeniedException", None, CALLER),
    row("ExpiredTokenException", None, CALLER),
    row("IncompleteSignature", None, CALLER),
    row("InvalidSignatureException", None, CALLER),
    row("MissingAuthenticationTokenException", None, CALLER),
    row("NotAuthorized", None, CALLER),
    row("UnrecognizedClientException", None, CALLER),
];

/// The row of an error, if it is listed.
pub fn find(code: &str, message: &str) -> Option<&'static Row> {
    let message = message.to_ascii_lowercase();
    TABLE
        .iter()
        .find(|row| row.code == code && row.message.is_none_or(|text| message.contains(text)))
}

/// The outcome of a failed call from the sender `from`, which reasons may name.
pub fn outcome(failure: &Failure<'_>, from: &str) -> Outcome {
    match *failure {
        Failure::NotWritten => Outcome::Retry {
            after: AFTER_CONNECT,
            counts: true,
            reason: "no connection to SES; nothing was sent".to_owned(),
        },
        Failure::Unanswered => unknown("SES was sent the mail and did not answer"),
        Failure::Unreadable { status } => {
            unknown(&format!("SES answered with status {status} and no result"))
        }
        Failure::Refused {
            status,
            code,
            message,
        } => {
            let reason = reason(code, message, from);
            // SES may have accepted before it failed.
            if status >= 500 {
                return unknown(&format!("status {status}: {reason}"));
            }
            match find(code, message).map(|row| row.class) {
                Some(Class::Throttled) => Outcome::Retry {
                    after: AFTER_THROTTLE,
                    counts: false,
                    reason,
                },
                Some(Class::Held(code, after)) => Outcome::Held {
                    code,
                    after,
                    // In the sandbox an identity that is not verified may be the recipient's.
                    scope: match code {
                        Reason::SenderNotVerified => Scope::Mail,
                        _ => Scope::Account,
                    },
                    reason,
                },
                Some(Class::Refused(code)) => Outcome::Refused { code, reason },
                Some(Class::Stop) => Outcome::Stop { reason },
                None => unknown(&format!("unlisted error with status {status}: {reason}")),
            }
        }
    }
}

fn unknown(reason: &str) -> Outcome {
    Outcome::Unknown {
        reason: reason.to_owned(),
    }
}

/// Code and message for the timeline: one line of at most 300 characters, addresses other than
/// our own sender masked.
fn reason(code: &str, message: &str, from: &str) -> String {
    let line = mail::header::one_line(&format!("{code}: {message}"));
    mask_within(&line, &[from]).chars().take(300).collect()
}

#[cfg(test)]
mod tests;
