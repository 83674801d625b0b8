//! A mail comes in: it becomes a message, or it is kept for people to look at. Nothing is dropped.
//!
//! What must hold: only the one whom a token was made for, or who takes part in the ticket, writes,
//! and only under a `From` that DMARC proves; what machines write is not a message; the same mail twice
//! is one message; every mail ends in a record that people can see.

mod dismiss;
mod evidence;
mod inspect;
mod judging;
mod links;
mod notes;
mod overlooked;
mod posting;
mod quarantine;
mod quoted;
mod record;

use std::panic::{AssertUnwindSafe, catch_unwind};

use uuid::Uuid;

pub use dismiss::{Dismiss, dismiss};
pub use inspect::{
    AcceptPreview, MailCounts, MailDetails, PreviewedRecipient, counts, read as details,
};
pub(crate) use links::open;
pub(crate) use links::withheld;
pub use links::{MailFile, MailLink, link};
pub(crate) use overlooked::Reached;
pub use overlooked::{Age, Look, look};
pub use quarantine::{Accept, Accepted, accept, list};
pub use record::{KEPT_DAYS, Mail, MailSender, MailStatus, NamedFile};

use self::{
    evidence::{FoundLeads, Leads, Standing},
    judging::{Disposition, Judge, Judged, PROVEN, judge},
    posting::{PendingReply, post},
};
use crate::{
    App, Result, Retrying,
    desk::attachments,
    entity::{self, Entity as _},
};
use domain::{
    address::Address,
    id::{MailId, TicketId},
    parameter::Parameters,
    reason::MailReason,
};
use mail::inbound::{InboundError, InboundMail, MAX_MAIL, Verdicts, parse};
use platform::telemetry::{Metric, emit};
use storage::{
    StorageError, Write,
    files::{self, FilesError},
    keys,
};

/// An object that SES writes beside the mails when a rule is made, to see whether it may.
pub const SETUP: &str = "AMAZON_SES_SETUP_NOTIFICATION";

/// Who looked at a mail before us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// SES: what it found out stands in headers that it put on top.
    Ses,
    /// Nobody, on this machine: a mail without findings counts as proven.
    ThisMachine,
}

/// A mail as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Id: that of SES, or one of our own. The same mail under the same id is taken once.
    pub id: MailId,
    /// The mail byte for byte, as the server took it.
    pub raw: Vec<u8>,
    /// Recipients of the envelope, where they are known.
    pub envelope: Vec<Address>,
    /// Who looked at it.
    pub trust: Trust,
}

/// Debug output ends in logs: no address, no text.
impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival")
            .field("id", &self.id)
            .field("bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is a message now.
    Message {
        /// The ticket whose conversation it is in.
        ticket_id: TicketId,
        /// The message that it became.
        message_id: Uuid,
    },
    /// It was not let in, for this reason.
    Quarantined(MailReason),
    /// It is not a conversation, for this reason.
    Ignored(MailReason),
    /// It was here before.
    Duplicate,
}

/// Keeps the raw bytes of a mail for [`KEPT_DAYS`] and takes it in. SES keeps them itself: there
/// [`fetch_and_receive`] takes it in.
///
/// # Errors
/// Storage. The same call may follow: nothing is taken twice.
pub async fn keep_and_receive(app: &App, arrival: Arrival) -> Result<Received> {
    let raw = arrival.raw.clone();
    attachments::storage(app)?
        .put(&raw_name(&arrival.id), raw)
        .await?;
    receive(app, arrival).await
}

/// Takes in a mail that SES put into the bucket under this id. `None` when it is gone: its lifecycle
/// ended, or somebody took it away.
///
/// # Errors
/// Storage. The same call may follow: nothing is taken twice.
pub async fn fetch_and_receive(app: &App, id: &MailId) -> Result<Option<Received>> {
    let name = raw_name(id);
    let files = attachments::storage(app)?;
    // They do not wait for each other: a reply's way is as long as its longest wait.
    let (parameters, raw) = tokio::join!(beforehand(app, id), files.get(&name, MAX_RAW_MAIL));
    let Some(parameters) = parameters? else {
        return Ok(Some(duplicate(app, id)));
    };
    let raw = match raw {
        Ok(Some(raw)) => raw,
        Ok(None) => return Ok(None),
        Err(FilesError::TooLarge { size, .. }) => {
            return set_aside_unread(app, id, size).await.map(Some);
        }
        Err(error) => return Err(error.into()),
    };
    let arrival = Arrival {
        id: id.clone(),
        raw,
        envelope: Vec::new(),
        trust: Trust::Ses,
    };
    take_in(app, arrival, &parameters).await.map(Some)
}

/// Takes in a mail whose raw bytes are kept.
///
/// # Errors
/// Storage. The same call may follow: nothing is taken twice.
pub async fn receive(app: &App, arrival: Arrival) -> Result<Received> {
    match beforehand(app, &arrival.id).await? {
        Some(parameters) => take_in(app, arrival, &parameters).await,
        None => Ok(duplicate(app, &arrival.id)),
    }
}

/// Where the raw bytes of a mail are.
fn raw_name(id: &MailId) -> String {
    format!("{}{id}", files::INBOUND)
}

/// The parameters; `None` for a mail that is here already.
async fn beforehand(app: &App, id: &MailId) -> Result<Option<Parameters>> {
    let parameters = entity::Parameters.or_default();
    let (known, parameters) = app.read((entity::Inbound(id), parameters)).await?;
    Ok(known.is_none().then_some(parameters))
}

async fn take_in(app: &App, arrival: Arrival, parameters: &Parameters) -> Result<Received> {
    let (id, size) = (arrival.id, arrival.raw.len() as u64);
    let seen = Mail::unread(&id, size, app.now());
    let mail = match read(&arrival.raw) {
        Ok(mail) => mail,
        Err(reason) => return set_aside(app, seen, (MailStatus::Quarantined, reason)).await,
    };
    drop(arrival.raw);
    let verdicts = match arrival.trust {
        Trust::ThisMachine if mail.verdicts == Verdicts::default() => PROVEN,
        _ => mail.verdicts,
    };
    let judge = Judge::new(app, parameters);
    let leads = judge.leads(&mail, &arrival.envelope);
    let refused = judge.refuse(&mail, verdicts);
    let pending = PendingReply::new(&id, mail);
    let seen = seen.show(&pending.mail, verdicts);
    let known = leads
        .follow(app, None, |ticket| pending.once_key(ticket))
        .await?;
    let intake = Intake {
        app,
        parameters,
        leads,
        refused,
        verdicts,
    };
    // The mail that came is settled last: if this is interrupted, it is taken in again, and what was
    // posted is known.
    let further = match refused {
        None => intake.leads.further(&known, parameters)?,
        Some(_) => Vec::new(),
    };
    for (number, ticket) in (2..).zip(&further) {
        let copy = id.of_copy(number);
        let mut seen = seen.clone();
        seen.copy_of = Some(std::mem::replace(&mut seen.id, copy.clone()));
        intake
            .settle(pending.copy(&copy), seen, Some(ticket), None)
            .await?;
    }
    intake.settle(pending, seen, None, Some(known)).await
}

/// What is known of a mail that is taken in, and how it is judged.
struct Intake<'a> {
    app: &'a App,
    parameters: &'a Parameters,
    leads: Leads,
    refused: Option<Disposition>,
    verdicts: Verdicts,
}

impl Intake<'_> {
    /// Makes a message of the mail, on this ticket if one is given, or keeps it for people to look at.
    async fn settle(
        &self,
        mut pending: PendingReply,
        mut seen: Mail,
        on: Option<&TicketId>,
        mut known: Option<FoundLeads>,
    ) -> Result<Received> {
        let app = self.app;
        let mut retrying = Retrying::over(app, &keys::inbound(&seen.id)).await;
        loop {
            retrying.round().await?;
            let known = match known.take() {
                Some(known) => known,
                None => {
                    let once = |ticket: &TicketId| pending.once_key(ticket);
                    self.leads.follow(app, None, once).await?
                }
            };
            let standing = self.leads.weigh(&known, self.parameters, on)?;
            seen.ticket_id = match &standing {
                Standing::Granted(grant) => Some(grant.context.record.ticket.id.clone()),
                Standing::Refused { ticket, .. } => ticket.clone(),
            };
            let once = seen
                .ticket_id
                .as_ref()
                .and_then(|ticket| pending.once_key(ticket));
            if once.is_some_and(|key| known.item(&key).is_some()) {
                return Ok(duplicate(app, &seen.id));
            }
            let mut refused = self.refused;
            let nothing_new = (MailStatus::Quarantined, MailReason::NothingNew);
            if let Standing::Granted(grant) = &standing
                && refused.is_none_or(|refused| refused == nothing_new)
            {
                let ticket = &grant.context.record.ticket;
                if pending
                    .take_own_passages(app, self.parameters, ticket)
                    .await?
                {
                    seen = seen.show(&pending.mail, self.verdicts);
                    refused = None;
                } else {
                    let nothing = pending.mail.reply.nothing_new && !pending.has_files();
                    refused = nothing.then_some(nothing_new);
                }
            }
            let judged = match refused {
                Some(refused) => Judged::Refused(refused),
                None => judge(
                    &pending.mail,
                    &pending.reply_digest,
                    self.verdicts,
                    standing,
                    app.now(),
                ),
            };
            match judged {
                Judged::Refused(to) => return set_aside(app, seen, to).await,
                Judged::Granted(grant) => {
                    let posted = post(app, self.parameters, &mut pending, *grant, &seen).await?;
                    if let Some(received) = posted {
                        return Ok(received);
                    }
                    if let Some(ticket) = &seen.ticket_id {
                        retrying.turn(&keys::ticket(ticket)).await;
                    }
                }
            }
        }
    }
}

/// A mail that is larger than anything that is read: seen, and no more.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn too_large(app: &App, id: &MailId, size: u64) -> Result<Received> {
    let known = app.read(entity::Inbound(id)).await?;
    match known.is_some() {
        true => Ok(duplicate(app, id)),
        false => set_aside_unread(app, id, size).await,
    }
}

async fn set_aside_unread(app: &App, id: &MailId, size: u64) -> Result<Received> {
    let seen = Mail::unread(id, size, app.now());
    let reason = InboundError::TooLarge.reason();
    set_aside(app, seen, (MailStatus::Quarantined, reason)).await
}

/// Largest mail that is read, in bytes.
pub const MAX_RAW_MAIL: u64 = MAX_MAIL as u64;

/// Reads a raw mail; one that breaks the reader is one more that cannot be read.
fn read(raw: &[u8]) -> std::result::Result<InboundMail, MailReason> {
    match catch_unwind(AssertUnwindSafe(|| parse(raw))) {
        Ok(Ok(mail)) => Ok(mail),
        Ok(Err(error)) => Err(error.reason()),
        Err(_) => Err(MailReason::Unreadable),
    }
}

fn duplicate(app: &App, mail_id: &MailId) -> Received {
    tracing::info!(%mail_id, "mail known already");
    emit(Metric::MailsKnown, 1.0, app.now());
    Received::Duplicate
}

/// Keeps a mail for people to look at.
async fn set_aside(app: &App, mut seen: Mail, (status, reason): Disposition) -> Result<Received> {
    seen.status = status;
    seen.reason = Some(reason.into());
    match app.store.commit(vec![Write::create(seen.item()?)]).await {
        Ok(()) => {}
        // The same mail, taken in beside us.
        Err(StorageError::Conflict { .. }) => return Ok(duplicate(app, &seen.id)),
        Err(error) => return Err(error.into()),
    }
    tracing::warn!(
        mail_id = %seen.id,
        ticket_id = seen.ticket_id.as_ref().map(TicketId::as_str),
        reason = reason.code(),
        status = status.name(),
        "mail not let in"
    );
    let (metric, received) = match status {
        MailStatus::Ignored => (Metric::MailsIgnored, Received::Ignored(reason)),
        _ => (Metric::MailsQuarantined, Received::Quarantined(reason)),
    };
    emit(metric, 1.0, app.now());
    Ok(received)
}

/// The id of a mail that a caller names. One that no mail can have answers as a mail that is not there.
///
/// # Errors
/// [`Code::NotFound`](crate::Code::NotFound).
pub fn mail_id(text: &str) -> Result<MailId> {
    text.parse().map_err(|_| quarantine::not_found())
}
