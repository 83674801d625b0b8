//! Events of SES about one mail, as EventBridge brings them: read ([`parse`]) and made
//! ([`build`], for the local runner's simulator and the fake SES of the tests).
//!
//! Shapes: SES developer guide, "Contents of event data that Amazon SES publishes" (the object in
//! `detail`) and EventBridge reference, "Amazon SES events" (the frame). An event is input like any
//! other: every text is cut and freed of controls, and addresses in what servers said are masked.

pub mod build;

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use domain::{
    address::Address,
    id::{TicketId, is_made_of},
    mask::mask_within,
};

use crate::header::one_line;

/// Longest text that is taken over from an event, in characters.
pub const MAX_TEXT: usize = 500;
/// Longest id that is taken for one of SES, in characters.
const MAX_ID: usize = 200;

/// Feedback that SES reports as complaints and in which nobody complained: the mail is not spam after all
/// (RFC 6430), or a server reports how it was authenticated (RFC 6591).
const NO_COMPLAINTS: [&str; 2] = ["not-spam", "auth-failure"];

/// What SES says about one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SesEvent {
    /// Id that `SendEmail` answered.
    pub provider_id: String,
    /// The tag `delivery_id`; none on mail that was sent without a configuration set, or by others.
    pub delivery_id: Option<Uuid>,
    /// The tag `attempt`: which attempt of the delivery the mail was.
    pub attempt: Option<u32>,
    /// The tag `message_id`: our message, not the mail's id.
    pub message_id: Option<Uuid>,
    /// The ticket, from the tag `ticket_ref` where the id is one that a tag cannot
    /// hold, else from `ticket_id`.
    pub ticket_id: Option<TicketId>,
    /// The tag `kind`, as it was sent: message, notice or test.
    pub kind_tag: Option<String>,
    /// Whom it is about, when that is exactly one valid address: our mails have one recipient.
    pub recipient: Option<Address>,
    /// When it happened, by the clock of SES.
    pub at: Timestamp,
    /// What the event tells, with what only it has.
    pub happening: Happening,
}

/// What happened to a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// SES took it and will try.
    Send,
    /// The recipient's server has it.
    Delivery {
        /// The last line of the server's answer, in its words.
        response: String,
    },
    /// SES is still trying.
    Delay {
        /// For example `MailboxFull`, `TransientCommunicationFailure`.
        kind: String,
        /// What the server said.
        diagnostic: String,
        /// When SES gives up.
        expires: Option<Timestamp>,
    },
    /// SES refused it after it had taken it.
    Reject {
        /// For example `Bad content` (a virus).
        reason: String,
    },
    /// The recipient's server refused it, or SES gave up.
    Bounce {
        /// How final it is.
        bounce: BounceType,
        /// For example `General`, `NoEmail`, `OnAccountSuppressionList`, `MailboxFull`.
        sub_type: String,
        /// Enhanced status code, for example `5.1.1`.
        status: String,
        /// What the server said.
        diagnostic: String,
    },
    /// The recipient called it spam.
    Complaint {
        /// For example `abuse`; empty when the feedback loop does not say.
        feedback: String,
        /// `OnAccountSuppressionList` for a mail that SES did not send at all; empty otherwise.
        sub_type: String,
    },
}

/// How final a bounce is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BounceType {
    /// The address will never take mail.
    Permanent,
    /// Another attempt later may succeed.
    Transient,
    /// SES could not tell; what it calls by a new name is this as well.
    Undetermined,
}

impl BounceType {
    /// All of them, by the names of SES.
    pub const ALL: [(&'static str, Self); 3] = [
        ("Permanent", Self::Permanent),
        ("Transient", Self::Transient),
        ("Undetermined", Self::Undetermined),
    ];

    /// The name that SES gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Permanent => "Permanent",
            Self::Transient => "Transient",
            Self::Undetermined => "Undetermined",
        }
    }
}

/// Why a document is not an event that we can act on. It belongs into the dead-letter queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SesEventError {
    /// No object with `eventType` and `mail`.
    #[error("not an event of SES about a mail")]
    NotAnEvent,
    /// A type that is not known.
    #[error("an event type that is not known")]
    UnknownType,
    /// No id of SES.
    #[error("the event names no mail")]
    NoMessageId,
    /// No time, or none that is one.
    #[error("the event has no valid time")]
    NoTime,
}

impl SesEventError {
    /// The code of this error, for the log.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAnEvent => "SES_EVENT_SHAPE",
            Self::UnknownType => "SES_EVENT_TYPE",
            Self::NoMessageId => "SES_EVENT_NO_ID",
            Self::NoTime => "SES_EVENT_NO_TIME",
        }
    }
}

/// Reads an event: the whole of EventBridge, or its `detail` alone. `None` for those that say
/// nothing about where the mail is (opens, clicks, subscriptions, templates of SES).
///
/// # Errors
/// [`SesEventError`].
pub fn parse(document: &Value) -> Result<Option<SesEvent>, SesEventError> {
    let detail = document.get("detail").unwrap_or(document);
    let event_type = detail
        .get("eventType")
        .or_else(|| detail.get("notificationType"));
    let event_type = event_type
        .and_then(Value::as_str)
        .ok_or(SesEventError::NotAnEvent)?;
    let mail = detail.get("mail").filter(|mail| mail.is_object());
    let mail = mail.ok_or(SesEventError::NotAnEvent)?;
    let Some((section, happening)) = happening(event_type, detail)? else {
        return Ok(None);
    };
    let provider_id = mail
        .get("messageId")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !is_id(provider_id) {
        return Err(SesEventError::NoMessageId);
    }
    let times = [
        time(section, "timestamp"),
        time(mail, "timestamp"),
        time(document, "time"),
    ];
    Ok(Some(SesEvent {
        provider_id: provider_id.to_owned(),
        delivery_id: tag(mail, "delivery_id").and_then(|id| id.parse().ok()),
        attempt: tag(mail, "attempt").and_then(|number| number.parse().ok()),
        message_id: tag(mail, "message_id").and_then(|id| id.parse().ok()),
        ticket_id: ticket(mail),
        kind_tag: tag(mail, "kind"),
        recipient: only_recipient(mail),
        at: times
            .into_iter()
            .flatten()
            .next()
            .ok_or(SesEventError::NoTime)?,
        happening,
    }))
}

/// The section of the event that its type names, and what it says.
fn happening<'a>(
    event_type: &str,
    detail: &'a Value,
) -> Result<Option<(&'a Value, Happening)>, SesEventError> {
    let section = |name: &str| detail.get(name).unwrap_or(&Value::Null);
    Ok(Some(match event_type {
        "Send" => (section("send"), Happening::Send),
        "Delivery" => {
            let delivery = section("delivery");
            let response = text(delivery, "smtpResponse");
            (delivery, Happening::Delivery { response })
        }
        "DeliveryDelay" => {
            let delay = section("deliveryDelay");
            let recipient = first(delay, "delayedRecipients");
            let happening = Happening::Delay {
                kind: text(delay, "delayType"),
                diagnostic: text(recipient, "diagnosticCode"),
                expires: time(delay, "expirationTime"),
            };
            (delay, happening)
        }
        "Reject" => {
            let reject = section("reject");
            let reason = text(reject, "reason");
            (reject, Happening::Reject { reason })
        }
        "Bounce" => {
            let bounce = section("bounce");
            let recipient = first(bounce, "bouncedRecipients");
            let name = text(bounce, "bounceType");
            let known = BounceType::ALL
                .into_iter()
                .find(|(known, _)| *known == name);
            let happening = Happening::Bounce {
                bounce: known.map_or(BounceType::Undetermined, |(_, bounce)| bounce),
                sub_type: text(bounce, "bounceSubType"),
                status: text(recipient, "status"),
                diagnostic: text(recipient, "diagnosticCode"),
            };
            (bounce, happening)
        }
        "Complaint" => {
            let complaint = section("complaint");
            let feedback = text(complaint, "complaintFeedbackType");
            if NO_COMPLAINTS
                .iter()
                .any(|kind| feedback.eq_ignore_ascii_case(kind))
            {
                return Ok(None);
            }
            let sub_type = text(complaint, "complaintSubType");
            (complaint, Happening::Complaint { feedback, sub_type })
        }
        "Open" | "Click" | "Subscription" | "Rendering Failure" => return Ok(None),
        _ => return Err(SesEventError::UnknownType),
    }))
}

/// A text on one line, cut, its addresses masked; empty when there is none.
fn text(object: &Value, name: &str) -> String {
    let text = object.get(name).and_then(Value::as_str).unwrap_or_default();
    // Cut twice: first what is looked at, then what masking and folding left.
    let looked_at: String = text.chars().take(4 * MAX_TEXT).collect();
    mask_within(&one_line(&looked_at), &[])
        .chars()
        .take(MAX_TEXT)
        .collect()
}

fn first<'a>(object: &'a Value, name: &str) -> &'a Value {
    object
        .get(name)
        .and_then(|list| list.get(0))
        .unwrap_or(&Value::Null)
}

fn time(object: &Value, name: &str) -> Option<Timestamp> {
    object.get(name)?.as_str()?.parse().ok()
}

/// The value of a tag of ours: `{"name": ["value"]}`.
fn tag(mail: &Value, name: &str) -> Option<String> {
    let value = mail.get("tags")?.get(name)?.get(0)?.as_str()?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (value.len() <= 256 && value.bytes().all(allowed)).then(|| value.to_owned())
}

fn ticket(mail: &Value) -> Option<TicketId> {
    let exact = tag(mail, "ticket_ref")
        .and_then(|reference| BASE64URL_NOPAD.decode(reference.as_bytes()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let named = exact.or_else(|| tag(mail, "ticket_id"))?;
    TicketId::parse(named).ok()
}

fn is_id(id: &str) -> bool {
    is_made_of(id, b"-_.", MAX_ID)
}

fn only_recipient(mail: &Value) -> Option<Address> {
    match mail.get("destination")?.as_array()?.as_slice() {
        [one] => Address::parse(one.as_str()?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
