//! A mail comes in: it becomes a message, or it is kept for people to look at. Nothing is dropped.
//!
//! What must hold: only the one whom a token was made for, or who takes part in the ticket, writes,
//! and only under a `From` that DMARC proves; what machines write is no message; the same mail twice
//! is one message; every mail ends in a record that people can see.

mod evidence;
mod loops;
mod quarantine;
mod record;

use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use quarantine::{Accept, Accepted, MAIL_REASONS, accept, list};
pub use record::{From as MailFrom, KEPT_DAYS, Mail, MailStatus, NamedFile};

use self::{
    evidence::{Grant, Standing},
    record::cut,
};
use super::{
    App, Code, Error, Result,
    access::{Caller, Role},
    attachments,
    conversation::Wire,
    idempotency::{Once, Outcome},
    messages::{self, ByMail, MAX_MESSAGE, NewMessage},
    parameters,
};
use crate::{
    domain::{
        message::{Author, Role as Side, Visibility},
        parameter::Parameters,
    },
    files,
    mail::{
        address::Address,
        inbound::{
            Domains, InboundError, InboundMail, MAX_MAIL, Verdict, Verdicts, not_conversation,
            parse,
        },
        token::Keyring,
    },
    store::{Item, StorageError, Write, keys},
    telemetry::{Metric, emit},
};

/// How long the same mail is known again, seconds: a year, longer than any mail is under way.
const KNOWN: i64 = 365 * 24 * 3600;
/// Longest full text that is kept beside the reply, in bytes: a message is one item of 400 KB.
const MAX_FULL: usize = 100_000;

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
    pub id: String,
    /// The raw mail.
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
        /// On this ticket.
        ticket_id: String,
        /// The message.
        message_id: Uuid,
    },
    /// It was not let in, for this reason.
    Quarantined(String),
    /// It is no conversation, for this reason.
    Ignored(String),
    /// It was here before.
    Duplicate,
}

/// Whether this can be the id of a mail: `[A-Za-z0-9_-]{1,100}`.
pub fn is_mail_id(id: &str) -> bool {
    (1..=100).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Keeps the raw bytes of a mail for [`KEPT_DAYS`] and takes it in. SES keeps them itself: there
/// [`receive`] follows.
///
/// # Errors
/// Storage. The same call may follow: nothing is taken twice.
pub async fn keep_and_receive(app: &App, arrival: Arrival) -> Result<Received> {
    let name = format!("{}{}", files::INBOUND, arrival.id);
    attachments::storage(app)?
        .put(&name, arrival.raw.clone())
        .await?;
    receive(app, arrival).await
}

/// Takes in a mail whose raw bytes are kept.
///
/// # Errors
/// Storage. The same call may follow: nothing is taken twice.
pub async fn receive(app: &App, arrival: Arrival) -> Result<Received> {
    let (id, size) = (arrival.id.clone(), arrival.raw.len() as u64);
    let known = app
        .store
        .get(&[keys::inbound(&id), keys::parameters()])
        .await?;
    if known[0].is_some() {
        return Ok(duplicate(app, &id));
    }
    let (parameters, _) = parameters::decode(known[1].as_ref())?;
    let seen = Mail::unread(&id, size, app.now());
    let mail = match read(&arrival.raw) {
        Ok(mail) => mail,
        Err(reason) => return aside(app, seen, MailStatus::Quarantined, reason).await,
    };
    drop(arrival.raw);
    let verdicts = match arrival.trust {
        Trust::ThisMachine if mail.verdicts == Verdicts::default() => PROVEN,
        _ => mail.verdicts,
    };
    let mut seen = seen.show(&mail, verdicts);
    let once = once(&mail)?;
    if let Some(once) = &once
        && app.store.get(&[once.key()]).await?[0].is_some()
    {
        return Ok(duplicate(app, &id));
    }
    let desk = Desk::new(app, &parameters);
    let standing = desk.weigh(&mail, &arrival.envelope).await?;
    seen.ticket_id = match &standing {
        Standing::Granted(grant) => Some(grant.ticket.id.clone()),
        Standing::Refused { ticket, .. } => ticket.clone(),
    };
    match desk.judge(&mail, verdicts, standing).await? {
        Judged::In(grant) => desk.post(mail, *grant, seen, once).await,
        Judged::Aside(status, reason) => aside(app, seen, status, reason).await,
    }
}

/// A mail that is larger than anything that is read: seen, and no more.
///
/// # Errors
/// Storage.
pub async fn too_large(app: &App, id: &str, size: u64) -> Result<Received> {
    let known = app.store.get(&[keys::inbound(id)]).await?;
    if known[0].is_some() {
        return Ok(duplicate(app, id));
    }
    let seen = Mail::unread(id, size, app.now());
    let reason = InboundError::TooLarge.code();
    aside(app, seen, MailStatus::Quarantined, reason).await
}

/// Largest mail that is read, in bytes.
pub const MOST: u64 = MAX_MAIL as u64;

/// On this machine nobody checks who sends.
const PROVEN: Verdicts = Verdicts {
    spam: Verdict::Pass,
    virus: Verdict::Pass,
    spf: Verdict::Pass,
    dkim: Verdict::Pass,
    dmarc: Verdict::Pass,
};

/// Reads a raw mail; one that breaks the reader is one more that cannot be read.
fn read(raw: &[u8]) -> std::result::Result<InboundMail, &'static str> {
    match catch_unwind(AssertUnwindSafe(|| parse(raw))) {
        Ok(Ok(mail)) => Ok(mail),
        Ok(Err(error)) => Err(error.code()),
        Err(_) => Err("MAIL_UNREADABLE"),
    }
}

/// By what the same mail is known again: its sender and `Message-ID`, or without one its body.
fn once(mail: &InboundMail) -> Result<Option<Once>> {
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

fn duplicate(app: &App, mail_id: &str) -> Received {
    tracing::info!(mail_id, "mail known already");
    emit(Metric::MailsKnown, 1.0, app.now());
    Received::Duplicate
}

/// Keeps a mail for people to look at.
async fn aside(app: &App, mut seen: Mail, status: MailStatus, reason: &str) -> Result<Received> {
    seen.status = status;
    seen.reason = Some(reason.to_owned());
    match app.store.commit(vec![Write::create(seen.item()?)]).await {
        Ok(()) => {}
        // The same mail, taken in beside us.
        Err(StorageError::Conflict { .. }) => return Ok(duplicate(app, &seen.id)),
        Err(error) => return Err(error.into()),
    }
    tracing::warn!(
        mail_id = seen.id,
        ticket_id = seen.ticket_id,
        reason,
        status = status.name(),
        "mail not let in"
    );
    let (metric, received) = match status {
        MailStatus::Ignored => (Metric::MailsIgnored, Received::Ignored(reason.to_owned())),
        _ => (
            Metric::MailsQuarantined,
            Received::Quarantined(reason.to_owned()),
        ),
    };
    emit(metric, 1.0, app.now());
    Ok(received)
}

/// What follows from all that is known of a mail.
enum Judged {
    In(Box<Grant>),
    Aside(MailStatus, &'static str),
}

/// What stays the same for every mail of a process.
struct Desk<'a> {
    app: &'a App,
    parameters: &'a Parameters,
    keys: Option<Keyring>,
    senders: Vec<Address>,
    domain: String,
}

impl<'a> Desk<'a> {
    fn new(app: &'a App, parameters: &'a Parameters) -> Self {
        let senders = messages::senders(app, parameters);
        let own = app.settings.reply_domain.clone();
        let domain = own.or_else(|| senders.first().map(|sender| sender.domain().to_owned()));
        Self {
            app,
            parameters,
            keys: Keyring::new(&app.settings.reply_token_keys).ok(),
            senders,
            domain: domain.unwrap_or_default(),
        }
    }

    async fn weigh(&self, mail: &InboundMail, envelope: &[Address]) -> Result<Standing> {
        let domains = Domains {
            reply: &self.domain,
            anchor: &self.domain,
        };
        let keys = self.keys.as_ref();
        evidence::weigh(self.app, keys, self.parameters, domains, mail, envelope).await
    }

    async fn judge(
        &self,
        mail: &InboundMail,
        verdicts: Verdicts,
        standing: Standing,
    ) -> Result<Judged> {
        let quarantine = |reason| Ok(Judged::Aside(MailStatus::Quarantined, reason));
        if verdicts.virus == Verdict::Fail {
            return quarantine("VIRUS");
        }
        if verdicts.spam == Verdict::Fail {
            return quarantine("SPAM");
        }
        if let Some(reason) = not_conversation(mail, messages::ours(self.app, &self.senders)) {
            return Ok(Judged::Aside(MailStatus::Ignored, reason.code()));
        }
        let grant = match standing {
            Standing::Granted(grant) => grant,
            Standing::Refused { reason, .. } => return quarantine(reason),
        };
        match verdicts.dmarc {
            Verdict::Pass => {}
            Verdict::Fail => return quarantine("DMARC_FAILED"),
            _ => return quarantine("DMARC_NOT_PROVEN"),
        }
        let Some(sender) = mail.sender() else {
            return quarantine("SENDER_UNCLEAR");
        };
        match loops::check(self.app, &grant.ticket.id, &sender.address, mail).await? {
            None => Ok(Judged::In(grant)),
            Some(reason) => Ok(Judged::Aside(MailStatus::Ignored, reason)),
        }
    }

    /// Posts it as a message like every other.
    async fn post(
        &self,
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
        match send(
            self.app,
            self.parameters,
            mail,
            &seen.id,
            new,
            once.as_ref(),
            &writes,
        )
        .await
        {
            Ok(Outcome::Fresh(posted)) => {
                emit(Metric::MailsAccepted, 1.0, posted.created_at);
                tracing::info!(mail_id = seen.id, ticket_id = posted.ticket_id, message_id = %posted.id, "mail is a message");
                Ok(Received::Message {
                    ticket_id: posted.ticket_id,
                    message_id: posted.id,
                })
            }
            Ok(Outcome::Replayed(_)) => Ok(duplicate(self.app, &seen.id)),
            Err(error) => match refusal(&error) {
                Some(reason) => aside(self.app, seen, MailStatus::Quarantined, reason).await,
                None => Err(error),
            },
        }
    }
}

/// Why a message was refused for good, as a reason of the quarantine.
fn refusal(error: &Error) -> Option<&'static str> {
    match error.code {
        Code::MessagesOff | Code::PortalWritingOff => Some("MESSAGES_OFF"),
        Code::NotFound => Some("TICKET_UNKNOWN"),
        Code::Invalid => Some("NOT_ACCEPTABLE"),
        _ => None,
    }
}

/// What a mail becomes.
struct Letter {
    ticket_id: String,
    author: Author,
    visibility: Visibility,
}

/// Posts a mail on a ticket: its files are kept first, everything else is one commit.
async fn send(
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
const STRANGER: Side = Side::Requester;

/// An id for a mail that comes without one.
pub fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}
