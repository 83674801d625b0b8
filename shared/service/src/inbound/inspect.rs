//! One mail of the quarantine as a whole: what it says, what is in it, and what letting it in would do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Mail, MailStatus,
    posting::{PendingReply, ReplyPost},
    quarantine::{found, reply_post, reread},
};
use crate::{
    App, Result,
    access::{Caller, Role},
    api::MailView,
    desk::{messages, tickets},
    entity::{self, Entity as _},
    pages,
};
use domain::{
    delivery::Capacity,
    id::{MailId, TicketId},
    message::{Channel, Message, Visibility},
    parameter::Parameters,
    reason::{MailReason, Recorded},
    recipients::{self, RecipientRule},
};
use storage::{Query, Source, keys};

/// Most mails of one status that are counted.
const MAX_COUNTED: usize = 1000;
/// Mails that are read at a time.
const PAGE: usize = 100;

/// A mail with everything that helps to decide about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailDetails {
    /// The mail; its `text` is whole here.
    #[serde(flatten)]
    pub mail: MailView,
    /// All of its text, quotation and signature included, where that is more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub full_text: Option<String>,
    /// Whether it can be let in: its bytes are kept and can be read, it has a sender, and no virus.
    pub acceptable: bool,
    /// Who would get mail about it on the ticket that it names, if it were let in now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub would_tell: Option<AcceptPreview>,
}

/// What letting a mail in would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WouldTell)]
pub struct AcceptPreview {
    /// Who could read it.
    pub visibility: Visibility,
    /// Who would get mail.
    pub recipients: Vec<PreviewedRecipient>,
}

/// Somebody who would get mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Told)]
pub struct PreviewedRecipient {
    /// Name, may be empty.
    pub name: String,
    /// Address of the recipient; the caller is of the desk and sees it whole.
    pub address: String,
    /// Why they would get it.
    pub capacity: Capacity,
}

/// How many mails wait, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailCounts {
    /// Mails that were not let in, of those that the caller may see.
    pub quarantined: u64,
    /// The same by reason.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub reasons: BTreeMap<Recorded<MailReason>, u64>,
    /// Whether there are more than were counted.
    pub more: bool,
}

/// One mail, whole.
///
/// # Errors
/// [`Code::NotFound`](crate::Code::NotFound), also for one that the caller may not see; storage.
pub async fn read(app: &App, caller: &Caller, id: &MailId) -> Result<MailDetails> {
    let (mut mail, _, parameters) = found(app, caller, id).await?;
    let Ok(again) = reread(app, &mail).await else {
        return Ok(MailDetails {
            mail: mail.into(),
            full_text: None,
            acceptable: false,
            would_tell: None,
        });
    };
    let mut pending = PendingReply::new(id, again);
    let ticket = mail.ticket_id.clone();
    let mut would_tell = None;
    if let Some(ticket) = ticket
        && pending.mail.sender().is_some()
        && mail.message_id.is_none()
        && let Ok((reply_post, _)) = reply_post(app, &parameters, &pending, &ticket, None).await
    {
        let ticket = &reply_post.context.record.ticket;
        pending.take_own_passages(app, &parameters, ticket).await?;
        would_tell = Some(preview_recipients(app, &parameters, &reply_post));
    }
    let reply = &pending.mail.reply;
    mail.text.clone_from(&reply.text);
    Ok(MailDetails {
        acceptable: mail.message_id.is_none() && pending.mail.sender().is_some(),
        full_text: (reply.full.trim() != reply.text.trim()).then(|| reply.full.clone()),
        mail: mail.into(),
        would_tell,
    })
}

/// Who would get mail about a message that this mail becomes.
fn preview_recipients(app: &App, parameters: &Parameters, reply_post: &ReplyPost) -> AcceptPreview {
    let ticket = &reply_post.context.record.ticket;
    let author = reply_post.author.clone();
    let message = Message {
        visibility: reply_post.visibility,
        ..Message::new(Uuid::nil(), &ticket.id, author, Channel::Email, app.now())
    };
    let senders = messages::senders(app, parameters);
    let ours = messages::ours(app, &senders);
    let decisions = recipients::decide(ticket, &message, parameters, ours);
    let mailed = decisions
        .into_iter()
        .filter(|one| one.rule == RecipientRule::Mail);
    AcceptPreview {
        visibility: reply_post.visibility,
        recipients: mailed
            .map(|one| PreviewedRecipient {
                name: one.to.name,
                address: one.to.address.into(),
                capacity: one.to.capacity,
            })
            .collect(),
    }
}

/// How many mails wait for somebody, of those that the caller may see.
///
/// # Errors
/// [`Code::Forbidden`](crate::Code::Forbidden), storage.
pub async fn counts(app: &App, caller: &Caller) -> Result<MailCounts> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let lists: Vec<String> = keys::inbound_lists(MailStatus::Quarantined.name()).collect();
    let mut query = Query::of(Source::Index(String::new()), PAGE);
    let mut counts = MailCounts {
        quarantined: 0,
        reasons: BTreeMap::new(),
        more: false,
    };
    let mut seen: BTreeMap<TicketId, bool> = BTreeMap::new();
    for _ in 0..MAX_COUNTED / PAGE {
        let (found, next) = pages::newest(app, &lists, &query, |_, place| place).await?;
        let mails: Vec<Mail> = found
            .iter()
            .map(|(_, item)| item.decode())
            .collect::<std::result::Result<_, _>>()?;
        let mails = mails
            .iter()
            .filter(|mail| mail.status == MailStatus::Quarantined);
        let named: BTreeSet<&TicketId> = mails
            .clone()
            .filter_map(|mail| mail.ticket_id.as_ref())
            .collect();
        let unknown: Vec<&TicketId> = named
            .into_iter()
            .filter(|id| !seen.contains_key(*id))
            .collect();
        if !caller.is(Role::Admin) && !unknown.is_empty() {
            let wanted = unknown.iter().map(|id| entity::Ticket(id).if_readable());
            let found = app.read(wanted.collect::<Vec<_>>()).await?;
            for (id, ticket) in unknown.into_iter().zip(found) {
                let visible = tickets::visible_to_desk(caller, ticket).is_ok();
                seen.insert(id.clone(), visible);
            }
        }
        for mail in mails {
            let visible = |id: &TicketId| seen.get(id).copied().unwrap_or_default();
            if caller.is(Role::Admin) || mail.ticket_id.as_ref().is_some_and(visible) {
                counts.quarantined += 1;
                let unsaid = || Recorded::Other(String::new());
                let reason = mail.reason.clone().unwrap_or_else(unsaid);
                *counts.reasons.entry(reason).or_default() += 1;
            }
        }
        query.after = next;
        if query.after.is_none() {
            return Ok(counts);
        }
    }
    counts.more = true;
    Ok(counts)
}
