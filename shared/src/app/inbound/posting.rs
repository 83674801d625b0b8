//! A mail becomes a message: its files are kept, its text is posted, and it is known when it comes
//! again.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Mail, MailStatus, Received, aside, duplicate, evidence::Grant, record::cut};
use crate::{
    app::{
        App, Code, Error, Result,
        access::{Caller, Role},
        attachments,
        conversation::Wire,
        idempotency::{Once, Outcome},
        messages::{self, ByMail, MAX_MESSAGE, NewMessage},
    },
    domain::{
        message::{Author, Role as Side, Visibility},
        parameter::Parameters,
    },
    mail::inbound::InboundMail,
    store::{Item, Write, keys},
    telemetry::{Metric, emit},
};

/// How long the same mail is known again, seconds: a year, longer than any mail is under way.
const KNOWN: i64 = 365 * 24 * 3600;
/// Longest full text that is kept beside the reply, in bytes: a message is one item of 400 KB.
const MAX_FULL: usize = 100_000;

/// Posts a mail as a message like every other; one that is refused for good is set aside.
pub(super) async fn post(
    app: &App,
    parameters: &Parameters,
    mail: InboundMail,
    grant: Grant,
    mut seen: Mail,
    once: Option<Once>,
) -> Result<Received> {
    seen.status = MailStatus::Accepted;
    let new = Letter {
        author: author(&mail, &grant),
        visibility: match grant.internal {
            true => Visibility::Internal,
            false => Visibility::Public,
        },
        ticket_id: grant.ticket.id,
    };
    let kept = seen.clone();
    let writes = |message: Uuid| {
        let mut seen = kept.clone();
        seen.message_id = Some(message);
        Ok(vec![Write::create(seen.item()?)])
    };
    match send(app, parameters, mail, &seen.id, new, once.as_ref(), &writes).await {
        Ok(Outcome::Fresh(posted)) => {
            emit(Metric::MailsAccepted, 1.0, posted.created_at);
            tracing::info!(mail_id = seen.id, ticket_id = posted.ticket_id, message_id = %posted.id, "mail is a message");
            Ok(Received::Message {
                ticket_id: posted.ticket_id,
                message_id: posted.id,
            })
        }
        Ok(Outcome::Replayed(_)) => Ok(duplicate(app, &seen.id)),
        Err(error) => match refusal(&error) {
            Some(reason) => aside(app, seen, MailStatus::Quarantined, reason).await,
            None => Err(error),
        },
    }
}

/// Why a message was refused for good, as a reason of the quarantine.
pub(super) fn refusal(error: &Error) -> Option<&'static str> {
    match error.code {
        Code::MessagesOff | Code::PortalWritingOff => Some("MESSAGES_OFF"),
        Code::NotFound => Some("TICKET_UNKNOWN"),
        Code::Invalid => Some("NOT_ACCEPTABLE"),
        _ => None,
    }
}

/// What a mail becomes.
pub(super) struct Letter {
    /// On which ticket.
    pub(super) ticket_id: String,
    /// Whose.
    pub(super) author: Author,
    /// Who sees it.
    pub(super) visibility: Visibility,
}

/// Posts a mail on a ticket: its files are kept first, everything else is one commit.
pub(super) async fn send(
    app: &App,
    parameters: &Parameters,
    mut mail: InboundMail,
    mail_id: &str,
    letter: Letter,
    once: Option<&Once>,
    writes: &(dyn Fn(Uuid) -> Result<Vec<Write>> + Send + Sync),
) -> Result<Outcome<messages::Posted>> {
    let limits = attachments::Limits::of(parameters);
    let found = std::mem::take(&mut mail.attachments);
    let files = attachments::keep(app, &limits, mail_id, found).await?;
    let mut text = cut(&mail.reply.text, MAX_MESSAGE);
    if text.trim().is_empty() {
        let names: Vec<_> = files
            .iter()
            .map(|file| format!("[{}]", file.name))
            .collect();
        text = names.join("\n");
    }
    // The sender's own mail is one of the thread, too.
    let address = letter.author.email.clone().unwrap_or_default();
    let found = app
        .store
        .get(&[keys::wire(&letter.ticket_id, &address)])
        .await?;
    let wire: Option<Wire> = found[0].as_ref().map(Item::decode).transpose()?;
    let wire = wire.unwrap_or_default();
    let (ticket_id, id) = (&letter.ticket_id, mail.message_id.clone());
    let writes = |message: Uuid| {
        let mut all = writes(message)?;
        all.push(wire.with(app, ticket_id, &address, id.clone())?);
        Ok(all)
    };
    let full = &mail.reply.full;
    let by_mail = ByMail {
        attachments: &files,
        full_text: (full.trim() != text.trim())
            .then(|| &full[..full.floor_char_boundary(MAX_FULL)]),
        wire_id: mail.message_id.as_deref(),
        writes: &writes,
    };
    let new = NewMessage {
        text: Some(text),
        visibility: letter.visibility,
        author: Some(letter.author),
        ..NewMessage::default()
    };
    messages::post_mail(app, &caller(), &letter.ticket_id, &new, once, &by_mail).await
}

/// The sender under the name that the ticket knows them by, else under their own.
fn author(mail: &InboundMail, grant: &Grant) -> Author {
    let sender = mail.sender();
    let address = sender.map(|sender| sender.address.key().to_owned());
    let own = sender.map(|sender| cut(&sender.name, 255));
    let own = own.filter(|name| !name.is_empty());
    let name = grant.name.clone().or(own).or_else(|| address.clone());
    Author {
        name: name.unwrap_or_default(),
        email: address,
        role: grant.side,
    }
}

/// On which side somebody stands who takes no part: that of the requester.
pub(super) const STRANGER: Side = Side::Requester;

/// By what the same mail is known again: its sender and `Message-ID`, or without one its body.
pub(super) fn once(mail: &InboundMail) -> Result<Option<Once>> {
    let Some(sender) = mail.sender() else {
        return Ok(None);
    };
    let mut hash = Sha256::new_with_prefix(b"mensageria mail 1 ");
    hash.update(sender.address.key());
    match &mail.message_id {
        Some(id) => hash.update(id),
        None => hash.update(mail.body_sha256),
    }
    let key = data_encoding::HEXLOWER.encode(&hash.finalize());
    Ok(Some(
        Once::new(&caller(), "inbound", &key, b"")?.kept(KNOWN),
    ))
}

/// Who posts for the senders of mails.
fn caller() -> Caller {
    Caller {
        sub: "inbound".to_owned(),
        email: None,
        name: "inbound".to_owned(),
        roles: vec![Role::Integration],
        groups: Vec::new(),
    }
}
