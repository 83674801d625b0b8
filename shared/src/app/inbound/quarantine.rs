//! What was not let in: people see it, and let in what belongs there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    MOST, Mail, MailStatus, evidence, is_mail_id,
    judging::Desk,
    posting::{Letter, Parcel, STRANGER, refusal, send, shown},
    raw_name, read,
};
use crate::{
    app::{
        App, Code, Error, RACES, Result,
        access::{Caller, Role},
        attachments,
        idempotency::{Once, Outcome},
        messages::Posted,
        parameters::{self, busy},
        tickets::{self, is_ticket_id},
    },
    domain::{
        message::{Author, Role as Side, Visibility},
        parameter::Parameters,
    },
    store::{Position, Query, Source, StorageError, Write, keys},
};

/// Why a mail was not let in: every reason that this system gives, with what it means.
pub const MAIL_REASONS: &[(&str, &str)] = &[
    ("MAIL_EMPTY", "There is nothing in it."),
    ("MAIL_TOO_LARGE", "It is larger than 40 MB."),
    (
        "MAIL_WITHOUT_HEADER",
        "It is no mail: it begins without a header.",
    ),
    ("MAIL_HEADER_TOO_LONG", "Its header is longer than 256 KiB."),
    ("MAIL_TOO_MANY_PARTS", "It has more than 1000 parts."),
    ("MAIL_TOO_DEEP", "Its parts are nested too deep."),
    ("MAIL_UNREADABLE", "It could not be read."),
    ("VIRUS", "SES found a virus in it. It cannot be accepted."),
    (
        "VIRUS_NOT_CHECKED",
        "It has files, and SES could not tell whether they are clean.",
    ),
    ("SPAM", "SES takes it for spam."),
    ("SENDER_UNCLEAR", "It names no sender, or more than one."),
    (
        "SENDER_NOT_KNOWN",
        "Its sender takes no part in the ticket, and the token is another person's.",
    ),
    (
        "DMARC_FAILED",
        "DMARC failed: somebody else may have sent it.",
    ),
    (
        "DMARC_NOT_PROVEN",
        "DMARC proves nothing: the sender's domain has no policy, or nobody looked.",
    ),
    (
        "TOKEN_MALFORMED",
        "The reply address holds no token, or a part of one.",
    ),
    (
        "TOKEN_FOREIGN",
        "The token was made with a key that is not in use here.",
    ),
    ("TOKEN_FORGED", "The token was not made here."),
    ("TOKEN_ALTERED", "The token was changed."),
    ("TOKEN_EXPIRED", "The token is too old."),
    ("TICKET_UNKNOWN", "The ticket that it names is not there."),
    ("NO_TICKET", "Nothing in it names a ticket."),
    (
        "MESSAGES_OFF",
        "Message exchange is switched off (parameter 299).",
    ),
    (
        "NOT_ACCEPTABLE",
        "The message could not be stored as it is.",
    ),
    ("OWN_MAIL", "Our own mail, come back."),
    ("BOUNCE", "A report on a mail that could not be delivered."),
    ("READ_RECEIPT", "A notice that a mail was read."),
    ("OUT_OF_OFFICE", "Somebody is away."),
    ("AUTO_REPLY", "A machine answered."),
    ("AUTO_GENERATED", "A machine wrote it."),
    ("LIST_MAIL", "A mailing list or newsletter."),
    (
        "NULL_RETURN_PATH",
        "An automatic mail: nobody wants an answer to it.",
    ),
    ("NOTHING_NEW", "A quotation and nothing else."),
    (
        "REPEATED",
        "The sender said the same on this ticket within four hours, and nobody wrote by hand since: a loop of two machines, or a mail sent twice.",
    ),
    (
        "LOOP_LIMIT",
        "The sender answered five times on this ticket by mail within ten minutes, and nobody wrote by hand in between.",
    ),
];

/// Most pages of the list that are read for one of an answer: what the caller may not see is passed
/// over, and the answer is short, or empty with a cursor, when that is much.
const MAX_PAGES: usize = 8;

/// Lets a mail in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accept {
    /// The ticket, when the mail names none or another.
    #[serde(default)]
    pub ticket_id: Option<String>,
}

/// A mail that was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// The mail.
    pub id: String,
    /// The ticket.
    pub ticket_id: String,
    /// The message that it became.
    pub message_id: Uuid,
}

/// Mails of one status, newest first. A technician sees those of their tickets.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    status: MailStatus,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Mail>, Option<Position>)> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let (mut mails, mut next) = (Vec::new(), after);
    for _ in 0..MAX_PAGES {
        let source = Source::Index(keys::inbound_of(status.name()));
        let query = Query::of(source, limit - mails.len())
            .descending()
            .after(next);
        let page = app.store.query(query).await?;
        for item in &page.items {
            let mail: Mail = item.decode()?;
            if mail.status == status && may_see(app, caller, &mail).await? {
                mails.push(mail);
            }
        }
        next = page.next;
        if next.is_none() || mails.len() >= limit {
            break;
        }
    }
    Ok((mails, next))
}

async fn may_see(app: &App, caller: &Caller, mail: &Mail) -> Result<bool> {
    if caller.is(Role::Admin) {
        return Ok(true);
    }
    let Some(ticket) = &mail.ticket_id else {
        return Ok(false);
    };
    let found = app.store.get(&[keys::ticket(ticket)]).await?;
    Ok(tickets::visible(caller, found[0].as_ref()).is_ok())
}

/// Lets a mail in as a message of its sender, on the ticket that it names or the one given. Whoever
/// takes no part in the ticket writes under their own name, as a person on the requester's side.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::Invalid`] without a ticket,
/// [`Code::StateConflict`] for a mail with a virus, one that cannot be read or whose raw bytes are
/// gone, the errors of a posted message, storage.
pub async fn accept(
    app: &App,
    caller: &Caller,
    id: &str,
    wanted: &Accept,
) -> Result<Outcome<Accepted>> {
    caller.require(&[Role::Technician, Role::Admin])?;
    if !is_mail_id(id) {
        return Err(not_found());
    }
    for _ in 0..RACES {
        let found = app
            .store
            .get(&[keys::inbound(id), keys::parameters()])
            .await?;
        let item = found[0].as_ref().ok_or_else(not_found)?;
        let seen: Mail = item.decode()?;
        if !may_see(app, caller, &seen).await? {
            return Err(not_found());
        }
        if let Some(accepted) = accepted(&seen) {
            return Ok(Outcome::Replayed(accepted));
        }
        let ticket_id = ticket(app, caller, &seen, wanted).await?;
        let (parameters, _) = parameters::decode(found[1].as_ref())?;
        let mut parcel = Parcel::new(id, reread(app, &seen).await?)?;
        let (letter, before) = letter(app, &parameters, &parcel, &ticket_id).await?;
        let writes = |message: Uuid| {
            let after = Mail {
                status: MailStatus::Accepted,
                ticket_id: Some(ticket_id.clone()),
                message_id: Some(message),
                accepted_by: Some(caller.sub.clone()),
                ..seen.clone()
            };
            Ok(vec![Write::replace(after.item()?, item.version.clone())])
        };
        let posted = match before {
            // A copy of it came in another way: this one leaves the list all the same.
            Some(before) => match app.store.commit(writes(before.id)?).await {
                Ok(()) => Ok(Some(before)),
                Err(StorageError::Conflict { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            },
            None => send(app, &parameters, &mut parcel, &letter, &writes).await,
        };
        match posted {
            Ok(Some(posted)) => {
                tracing::info!(mail_id = id, ticket_id, message_id = %posted.id, "mail let in");
                return Ok(Outcome::Fresh(Accepted {
                    id: id.to_owned(),
                    ticket_id: posted.ticket_id,
                    message_id: posted.id,
                }));
            }
            // Somebody else let it in meanwhile, or wrote on the ticket: the next round tells.
            Ok(None) => {}
            Err(mut error) => {
                if let (Some(reason), None) = (refusal(&error), error.cause.as_ref()) {
                    error.cause = Some(reason.to_owned());
                }
                return Err(error);
            }
        }
    }
    Err(busy())
}

/// What the mail becomes on this ticket, and the message that a copy of it is already.
async fn letter(
    app: &App,
    parameters: &Parameters,
    parcel: &Parcel,
    ticket_id: &str,
) -> Result<(Letter, Option<Posted>)> {
    let sender = parcel.mail.sender().ok_or_else(|| {
        conflict("Nobody can be named as its author: it has no sender, or more than one.")
    })?;
    let leads = Desk::new(app, parameters).leads(&parcel.mail, &[]);
    let once = parcel.once.as_ref();
    let also = evidence::of_ticket(ticket_id, &sender.address);
    let also = also.into_iter().chain(once.map(Once::key));
    let known = leads.follow(app, also).await?;
    let before = match once {
        Some(once) => once.earlier(known.item(&once.key()))?,
        None => None,
    };
    let ground = known.ground(ticket_id)?.ok_or_else(tickets::not_found)?;
    let part = evidence::part(&ground.record.ticket, parameters, &sender.address);
    // Internal messages go to the desk alone: whoever answers one, unless they stand on the other
    // side, belongs to it, and what they write stays there.
    let internal = leads.answer_internal(&known)?;
    let stranger = match internal {
        true => Side::Technician,
        false => STRANGER,
    };
    let (role, name) = part.unwrap_or((stranger, None));
    let visibility = match internal && role == Side::Technician {
        true => Visibility::Internal,
        false => Visibility::Public,
    };
    let letter = Letter {
        wire: known.wire(ticket_id, &sender.address)?,
        ground,
        author: Author {
            name: shown(name, sender),
            email: Some(sender.address.key().to_owned()),
            role,
        },
        visibility,
    };
    Ok((
        letter,
        before.map(|before: Outcome<Posted>| before.into_parts().0),
    ))
}

fn accepted(seen: &Mail) -> Option<Accepted> {
    let (ticket_id, message_id) = (seen.ticket_id.clone()?, seen.message_id?);
    Some(Accepted {
        id: seen.id.clone(),
        ticket_id,
        message_id,
    })
}

/// The ticket that it goes to: one that the caller works on.
async fn ticket(app: &App, caller: &Caller, seen: &Mail, wanted: &Accept) -> Result<String> {
    let id = wanted.ticket_id.as_ref().or(seen.ticket_id.as_ref());
    let Some(id) = id else {
        let mut findings = crate::app::Findings::default();
        findings.add(
            "TICKET_MISSING",
            "ticket_id",
            "the mail names no ticket: say on which one it is",
        );
        findings.finish(Code::Invalid)?;
        return Err(tickets::not_found());
    };
    if !is_ticket_id(id) {
        return Err(tickets::not_found());
    }
    let found = app.store.get(&[keys::ticket(id)]).await?;
    tickets::visible(caller, found[0].as_ref())?;
    Ok(id.clone())
}

/// The mail again, from its raw bytes.
async fn reread(app: &App, seen: &Mail) -> Result<crate::mail::inbound::InboundMail> {
    if seen.reason.as_deref() == Some("VIRUS") {
        return Err(conflict("SES found a virus in it: it cannot be accepted."));
    }
    if seen.size > MOST {
        return Err(conflict("It is too large to be read."));
    }
    let raw = attachments::storage(app)?
        .get(&raw_name(&seen.id), MOST)
        .await?;
    let raw = raw.ok_or_else(|| conflict("Its raw bytes are not kept any more."))?;
    read(&raw).map_err(|_| conflict("It cannot be read, so it cannot become a message."))
}

fn conflict(detail: &str) -> Error {
    Error::new(Code::StateConflict, detail)
}

fn not_found() -> Error {
    Error::not_found("mail")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::inbound::{InboundError, Reason};

    #[test]
    fn every_reason_is_explained_once() {
        let mut known: Vec<_> = MAIL_REASONS.iter().map(|(code, _)| *code).collect();
        let all = known.len();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), all);
        for reason in Reason::ALL {
            assert!(known.contains(&reason.code()), "{reason:?}");
        }
        for error in [
            InboundError::Empty,
            InboundError::TooLarge,
            InboundError::NotMail,
            InboundError::HeaderTooLong,
            InboundError::TooManyParts,
            InboundError::TooDeep,
        ] {
            assert!(known.contains(&error.code()), "{error:?}");
        }
    }
}
