//! The mail of a delivery, made before its lease is taken. Nothing is written here, so a process that
//! ends here changes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::gate::{Facts, Stop};
use crate::{
    outgoing::thread::ThreadState,
    outgoing::{
        attachments::Attachments,
        mailing::{Mail, MailError, MailInput, locale},
    },
    settings::Settings,
};
use domain::{
    delivery::SentMail,
    message::{Channel, Message},
    reason::Reason,
};

/// A mail that needs nothing but its lease.
pub(super) struct Prepared {
    /// The mail, byte for byte as it would leave.
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

/// Makes the mail of a delivery, or says why it cannot be made.
pub(super) fn make(
    settings: &Settings,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<Prepared, Stop> {
    let (batch, delivery) = (facts.batch, facts.delivery);
    let (ticket, message) = facts.content()?;
    let sender = facts.sender()?;
    let (summary, loaded) = facts.template()?;
    let invalid = |detail: &str| {
        let mut obstacle = facts.invalid(summary);
        obstacle.detail = Some(detail.to_owned());
        Stop::Hold(obstacle)
    };
    let to = batch.recipient(delivery);
    let wanted = locale(settings, to);
    let Some(template) = loaded.compiled(wanted) else {
        return Err(invalid("the template does not compile"));
    };
    let attempt = delivery.attempts + 1;
    let thread_position = batch.thread_position(delivery);
    let none = Attachments::default();
    let input = MailInput {
        settings,
        parameters: &batch.parameters,
        keys: settings.reply_token_keys.as_ref(),
        link_keys: settings.reply_token_keys.as_ref(),
        sender,
        ticket,
        message,
        to,
        delivery: (delivery.id, attempt),
        date: now,
        thread_position: &thread_position,
        attachments: batch.attachments(delivery).unwrap_or(&none),
        locale: loaded.tag_sent(wanted, &settings.default_locale),
    };
    // One mail that cannot be made, for whatever reason, must not take its batch with it.
    let mail = match catch_unwind(AssertUnwindSafe(|| input.mail(&template))) {
        Ok(Ok(mail)) => mail,
        Ok(Err(MailError::Recipient(error))) => {
            let detail = Some(error.code().to_owned());
            return Err(Stop::Fail(Reason::AddressInvalid, detail));
        }
        Ok(Err(MailError::Render(error))) => return Err(invalid(error.code())),
        Ok(Err(MailError::Compose(error))) => {
            return Err(Stop::Fail(error.reason(), Some(error.to_string())));
        }
        Err(_) => return Err(Stop::Fail(Reason::MailNotMade, None)),
    };
    let sent = SentMail {
        attempt,
        sha256: mail.composed.sha256.clone(),
        size: mail.composed.size,
        template: summary.id,
        template_version: summary.version,
        provider_id: None,
    };
    Ok(Prepared {
        mail,
        sent,
        kind: kind(message),
        earlier: batch.thread(delivery),
        written_at: message.created_at,
    })
}

/// Kind of the mail, for its tag.
fn kind(message: &Message) -> &'static str {
    match message.source {
        Channel::System => "bounce-notice",
        _ => "message",
    }
}
