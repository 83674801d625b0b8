//! What was not let in: people see it, and let in what belongs there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    MAX_RAW_MAIL, Mail, MailStatus, evidence,
    judging::Judge,
    posting::{PendingReply, ReplyPost, STRANGER, refusal, send, shown},
    read,
};
use crate::{
    App, Code, Error, Noun, Result, Retrying,
    access::{Caller, Role},
    api::MailView,
    desk::{attachments, messages::Posted, tickets},
    entity::{self, Entity as _},
    idempotency::{Once, Replayable},
    pages::{self, Rows},
    texts,
};
use domain::{
    catalog::Phrase,
    id::{MailId, TicketId},
    message::{Author, LetIn, Side, Visibility},
    parameter::Parameters,
    reason::Recorded,
};
use storage::{Position, Query, Source, Version, Write, keys};

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
    /// Id of the mail that was in quarantine.
    #[schema(value_type = String)]
    pub id: MailId,
    /// The ticket on which it is a message now.
    #[schema(value_type = String)]
    pub ticket_id: TicketId,
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
) -> Result<Rows<MailView>> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let lists: Vec<String> = keys::inbound_lists(status.name()).collect();
    let (mut rows, mut next) = (Vec::new(), after);
    for _ in 0..MAX_PAGES {
        let query = Query::of(Source::Index(String::new()), limit - rows.len()).after(next);
        let (found, further) = pages::newest(app, &lists, &query, |_, place| place).await?;
        next = further;
        for (list, item) in &found {
            let mail: Mail = item.decode()?;
            if mail.status == status && may_see(app, caller, &mail).await? {
                rows.push((mail.into(), Source::Index(list.clone()).position(item)));
            }
        }
        if next.is_none() || rows.len() >= limit {
            break;
        }
    }
    Ok(Rows { rows, next })
}

/// A mail that the caller may see, its version, and the parameters.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub(super) async fn found(
    app: &App,
    caller: &Caller,
    id: &MailId,
) -> Result<(Mail, Version, Parameters)> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let parameters = entity::Parameters.or_default();
    let (seen, parameters) = app.read((entity::Inbound(id), parameters)).await?;
    let seen = seen.ok_or_else(not_found)?;
    if !may_see(app, caller, &seen.value).await? {
        return Err(not_found());
    }
    Ok((seen.value, seen.version, parameters))
}

async fn may_see(app: &App, caller: &Caller, mail: &Mail) -> Result<bool> {
    if caller.is(Role::Admin) {
        return Ok(true);
    }
    let Some(ticket) = &mail.ticket_id else {
        return Ok(false);
    };
    let ticket = app.read(entity::Ticket(ticket).if_readable()).await?;
    // Neither the requester's side nor its guests: the mail may be a forged one of the desk, or an
    // answer to what was said inside it.
    Ok(tickets::visible_to_desk(caller, ticket).is_ok())
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
    id: &MailId,
    wanted: &Accept,
) -> Result<Replayable<Accepted>> {
    let mut retrying = Retrying::over(app, &keys::inbound(id)).await;
    loop {
        retrying.round().await?;
        let (seen, version, parameters) = found(app, caller, id).await?;
        if let Some(accepted) = accepted(&seen) {
            return Ok(Replayable::Replayed(accepted));
        }
        let ticket_id = ticket(app, caller, &seen, wanted).await?;
        let mut pending = PendingReply::new(id, reread(app, &seen).await?);
        let named = seen.ticket_id.as_ref();
        let (mut reply_post, before) =
            reply_post(app, &parameters, &pending, &ticket_id, named).await?;
        let ticket = &reply_post.context.record.ticket;
        pending.take_own_passages(app, &parameters, ticket).await?;
        reply_post.let_in = Some(LetIn {
            by: caller.name.clone(),
            at: app.now(),
            reason: seen
                .reason
                .clone()
                .unwrap_or(Recorded::Other(String::new())),
        });
        // Where a copy of it is a message already, the record leads to that one.
        let on = before
            .as_ref()
            .map_or(&ticket_id, |before| &before.ticket_id);
        let message = before
            .as_ref()
            .map_or_else(Uuid::now_v7, |before| before.id);
        let after = Mail {
            status: MailStatus::Accepted,
            ticket_id: Some(on.clone()),
            message_id: Some(message),
            accepted_by: Some(caller.sub.clone()),
            accepted_by_name: Some(caller.name.clone()),
            accepted_at: Some(app.now()),
            ..seen.clone()
        };
        let record = Write::replace(after.item()?, version.clone());
        let posted = match &before {
            // A copy of it came in another way: this one leaves the list all the same.
            Some(before) => {
                let left = retrying.commit(vec![record]).await?;
                Ok(left.then(|| before.clone()))
            }
            None => send(app, &parameters, &mut pending, &reply_post, message, record).await,
        };
        match posted {
            Ok(Some(posted)) => {
                tracing::info!(mail_id = %id, %ticket_id, message_id = %posted.id, "mail let in");
                return Ok(Replayable::Fresh(Accepted {
                    id: id.clone(),
                    ticket_id: posted.ticket_id,
                    message_id: posted.id,
                }));
            }
            // Somebody else let it in meanwhile, or wrote on the ticket: the next round tells.
            Ok(None) => retrying.turn(&keys::ticket(&ticket_id)).await,
            Err(error) => {
                return Err(match (refusal(&error), error.cause()) {
                    (Some(reason), None) => error.because(reason.code()),
                    _ => error,
                });
            }
        }
    }
}

/// What the mail becomes on this ticket, and the message that a copy of it is already.
pub(super) async fn reply_post(
    app: &App,
    parameters: &Parameters,
    pending: &PendingReply,
    ticket_id: &TicketId,
    named: Option<&TicketId>,
) -> Result<(ReplyPost, Option<Posted>)> {
    let sender = pending
        .mail
        .sender()
        .ok_or_else(|| conflict(texts::quarantine::NOBODY_CAN_BE_NAMED_AS_ITS_AUTHOR.phrase()))?;
    let leads = Judge::new(app, parameters).leads(&pending.mail, &[]);
    let also = evidence::of_ticket(ticket_id, &sender.address);
    let tickets = [Some(ticket_id), named.filter(|named| *named != ticket_id)];
    let mut marks = Vec::new();
    for ticket in tickets.into_iter().flatten() {
        marks.extend(pending.once(ticket)?);
    }
    let also = also.into_iter().chain(marks.iter().map(Once::key));
    let known = leads.follow(app, also, |_| None).await?;
    let mut before = None;
    for once in &marks {
        before = before.or(once.earlier(known.read(once.entity())?)?);
    }
    let context = known.context(ticket_id)?.ok_or_else(tickets::not_found)?;
    let part = evidence::part(&context.record.ticket, parameters, &sender.address);
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
    let reply_post = ReplyPost {
        thread: known.thread(ticket_id, &sender.address)?,
        context,
        author: Author {
            name: shown(name, sender),
            email: Some(sender.address.key().clone()),
            role,
        },
        visibility,
        let_in: None,
    };
    Ok((
        reply_post,
        before.map(|before: Replayable<Posted>| before.into_parts().0),
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
async fn ticket(app: &App, caller: &Caller, seen: &Mail, wanted: &Accept) -> Result<TicketId> {
    let wanted = wanted.ticket_id.as_deref().map(tickets::id).transpose()?;
    let Some(id) = wanted.or_else(|| seen.ticket_id.clone()) else {
        let mut findings = crate::Findings::default();
        findings.add(
            "TICKET_MISSING",
            "ticket_id",
            texts::quarantine::THE_MAIL_NAMES_NO_TICKET.phrase(),
        );
        findings.finish(Code::Invalid)?;
        return Err(tickets::not_found());
    };
    tickets::visible_to_desk(caller, app.read(entity::Ticket(&id)).await?)?;
    Ok(id)
}

/// The mail again, from its raw bytes.
pub(super) async fn reread(app: &App, seen: &Mail) -> Result<mail::inbound::InboundMail> {
    if seen.is_infected() {
        return Err(conflict(texts::quarantine::SES_FOUND_A_VIRUS.phrase()));
    }
    if seen.size > MAX_RAW_MAIL {
        return Err(conflict(
            texts::quarantine::IT_IS_TOO_LARGE_TO_BE_READ.phrase(),
        ));
    }
    let raw = attachments::storage(app)?
        .get(&seen.raw_name(), MAX_RAW_MAIL)
        .await?;
    let raw = raw
        .ok_or_else(|| conflict(texts::quarantine::ITS_RAW_BYTES_ARE_NOT_KEPT_ANY_MORE.phrase()))?;
    read(&raw)
        .map_err(|_| conflict(texts::quarantine::IT_CANNOT_BE_READ_SO_IT_CANNOT_BECOME.phrase()))
}

pub(super) fn conflict(detail: Phrase) -> Error {
    Error::new(Code::StateConflict, detail)
}

pub(super) fn not_found() -> Error {
    Error::not_found(Noun::Mail)
}
