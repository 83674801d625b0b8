//! Everything about a delivery that is decided before it is claimed: whether it may go, and the
//! mail itself. Nothing is written here, so a process that ends here changes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::{batch::Batch, circuit::Open, templates::Loaded};
use crate::{
    desk::conversation::ThreadState,
    outgoing::{
        enclosures::Enclosures,
        mailing::{Draft, Mail, MailError, locale},
    },
    settings::Settings,
};
use domain::{
    address::Mailbox,
    delivery::{Delivery, DeliveryStatus, SentMail},
    message::{Channel, Message, Visibility},
    parameter,
    reason::Reason,
    template::{Status, Summary},
};
use mail::token::Keyring;

/// What is decided.
pub(super) enum Decision {
    /// It goes.
    Send(Box<Prepared>),
    /// It waits for something that people must fix.
    Hold(Obstacle),
    /// It waits in the queue: the account is stopped.
    Wait,
    /// It will not be sent.
    Fail(Reason, Option<String>),
}

/// What a delivery waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// Stable code.
    pub(super) reason: String,
    /// What makes two obstacles the same: the code, and what it is about.
    pub(super) name: String,
    /// Next look, where time alone may help.
    pub(super) recheck_at: Option<Timestamp>,
    /// More about it.
    pub(super) detail: Option<String>,
}

impl Obstacle {
    fn new(reason: Reason, about: &str) -> Self {
        let code = reason.code();
        let name = if about.is_empty() {
            code.to_owned()
        } else {
            format!("{code}/{about}")
        };
        Self {
            reason: code.to_owned(),
            name,
            recheck_at: None,
            detail: None,
        }
    }

    /// One that is over at some time.
    pub(super) fn of_time(reason: Reason, recheck_at: Option<Timestamp>) -> Self {
        Self {
            recheck_at,
            ..Self::new(reason, "")
        }
    }
}

/// A mail that only has to be claimed.
pub(super) struct Prepared {
    /// The mail.
    pub(super) mail: Mail,
    /// What is recorded of it.
    pub(super) sent: SentMail,
    /// Kind of mail, for the tag.
    pub(super) kind: &'static str,
    /// The mails before it.
    pub(super) earlier: ThreadState,
    /// When the message was written.
    pub(super) written_at: Timestamp,
}

/// What stays the same for every delivery of a process.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) settings: &'a Settings,
    pub(super) keys: Option<&'a Keyring>,
}

/// Decides about a delivery. `open` says why nothing may be sent at all.
pub(super) fn decide(
    desk: Desk<'_>,
    batch: &Batch,
    delivery: &Delivery,
    open: Option<&Open>,
    now: Timestamp,
) -> Decision {
    let side = side(delivery);
    let Some((ticket, message)) = batch.content(delivery) else {
        return Decision::Fail(Reason::MessageMissing, None);
    };
    if message.visibility == Visibility::Internal && delivery.to.capacity.is_requester_side() {
        return Decision::Fail(Reason::InternalMessage, None);
    }
    if message.is_automatic() && batch.is_muted(delivery) {
        return Decision::Fail(Reason::AutomaticUnwanted, None);
    }
    let (sender, (summary, loaded)) = match way(batch, delivery, side) {
        Ok(way) => way,
        Err(obstacle) => return Decision::Hold(obstacle),
    };
    if let Some(open) = open {
        return behind(open);
    }
    let invalid = |detail: &str| {
        let mut obstacle = Obstacle::new(Reason::TemplateInvalid, &version(side, summary));
        obstacle.detail = Some(detail.to_owned());
        Decision::Hold(obstacle)
    };
    let to = batch.recipient(delivery);
    let wanted = locale(desk.settings, to);
    let Some(template) = loaded.compiled(wanted) else {
        return invalid("the template does not compile");
    };
    let attempt = delivery.attempts + 1;
    let conversation = batch.conversation(delivery);
    let none = Enclosures::default();
    let draft = Draft {
        settings: desk.settings,
        parameters: &batch.parameters,
        keys: desk.keys,
        sender,
        ticket,
        message,
        to,
        delivery: (delivery.id, attempt),
        date: now,
        conversation: &conversation,
        enclosures: batch.enclosures(delivery).unwrap_or(&none),
        locale: loaded.tag_sent(wanted, &desk.settings.default_locale),
    };
    // One mail that cannot be made, for whatever reason, must not take its batch with it.
    match catch_unwind(AssertUnwindSafe(|| draft.mail(&template))) {
        Ok(Ok(mail)) => {
            let sent = SentMail {
                attempt,
                sha256: mail.composed.sha256.clone(),
                size: mail.composed.size,
                template: summary.id,
                template_version: summary.version,
                provider_id: None,
            };
            Decision::Send(Box::new(Prepared {
                mail,
                sent,
                kind: kind(message),
                earlier: batch.wire(delivery),
                written_at: message.created_at,
            }))
        }
        Ok(Err(MailError::Recipient(error))) => {
            Decision::Fail(Reason::AddressInvalid, Some(error.code().to_owned()))
        }
        Ok(Err(MailError::Render(error))) => invalid(error.code()),
        Ok(Err(MailError::Compose(error))) => {
            let reason = Reason::find(error.code()).unwrap_or(Reason::MailNotMade);
            Decision::Fail(reason, Some(error.to_string()))
        }
        Err(_) => Decision::Fail(Reason::MailNotMade, None),
    }
}

/// Whether nothing that people must fix is in the way of a delivery.
pub(super) fn may_go(batch: &Batch, delivery: &Delivery) -> bool {
    way(batch, delivery, side(delivery)).is_ok()
}

/// Whether what a held delivery waits for is still there, without making its mail.
pub(super) fn still_held(batch: &Batch, delivery: &Delivery) -> bool {
    let side = side(delivery);
    let obstacle = match way(batch, delivery, side) {
        Err(obstacle) => obstacle.name,
        // A version that could not be filled for this delivery will not be for the next look either.
        Ok((_, (summary, _))) => {
            Obstacle::new(Reason::TemplateInvalid, &version(side, summary)).name
        }
    };
    delivery.status == DeliveryStatus::Held && delivery.obstacle.as_ref() == Some(&obstacle)
}

/// The sender and the template of a delivery, or what is in the way.
fn way<'a>(
    batch: &'a Batch,
    delivery: &Delivery,
    side: &str,
) -> Result<(&'a Mailbox, (&'a Summary, &'a Loaded)), Obstacle> {
    if batch.parameters.is_on(parameter::KILL_SWITCH) {
        return Err(Obstacle::new(Reason::KillSwitch, ""));
    }
    if batch.suppression(delivery).is_some() {
        return Err(Obstacle::new(Reason::Suppressed, ""));
    }
    let automatic = |(_, message): (_, &Message)| message.is_automatic();
    if batch.at_risk && batch.content(delivery).is_some_and(automatic) {
        return Err(Obstacle::new(Reason::ReputationAtRisk, ""));
    }
    let sender = batch
        .sender_of(delivery)
        .ok_or_else(|| Obstacle::new(Reason::SenderNotSet, ""))?;
    let id = batch
        .template_of(delivery)
        .ok_or_else(|| Obstacle::new(Reason::TemplateNotSet, side))?;
    let missing = || Obstacle::new(Reason::TemplateMissing, &format!("{side}/{id}"));
    let (summary, loaded) = batch.template(id).ok_or_else(missing)?;
    if summary.status != Status::Active {
        return Err(Obstacle::new(
            Reason::TemplateInactive,
            &format!("{side}/{id}"),
        ));
    }
    if summary.errors > 0 {
        return Err(Obstacle::new(
            Reason::TemplateInvalid,
            &version(side, summary),
        ));
    }
    let loaded = loaded.as_deref().ok_or_else(missing)?;
    Ok((sender, (summary, loaded)))
}

fn behind(open: &Open) -> Decision {
    if open.keeps_queued() {
        return Decision::Wait;
    }
    Decision::Hold(Obstacle {
        reason: open.reason.clone(),
        name: open.reason.clone(),
        recheck_at: Some(open.until),
        detail: open.detail.clone(),
    })
}

/// Kind of the mail, for its tag.
fn kind(message: &Message) -> &'static str {
    match message.source {
        Channel::System => "bounce-notice",
        _ => "message",
    }
}

fn side(delivery: &Delivery) -> &'static str {
    if delivery.to.capacity.is_requester_side() {
        "requester"
    } else {
        "desk"
    }
}

fn version(side: &str, summary: &Summary) -> String {
    format!("{side}/{}.{}", summary.id, summary.version)
}
