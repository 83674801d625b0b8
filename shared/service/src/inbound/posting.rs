//! A mail becomes a message: its files are kept, its text is posted, and it is known when it comes
//! again.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Mail, MailStatus, Received,
    evidence::{Grant, ThreadLead},
    notes, quoted,
    record::cut,
    set_aside,
};
use crate::{
    App, Code, Error, Result,
    access::{Caller, Role, shown_name},
    desk::{
        attachments,
        messages::{self, ByMail, MAX_MESSAGE, NewMessage, Posted, TicketContext},
    },
    idempotency::Once,
};
use domain::{
    address::Mailbox,
    catalog::Language,
    id::{MailId, TicketId},
    loops::ReplyDigest,
    message::{Author, File, LetIn, Side, Visibility},
    parameter::Parameters,
    reason::MailReason,
    ticket::Ticket,
};
use mail::{
    inbound::InboundMail,
    reply::{shortened, shortened_to_chars},
};
use platform::telemetry::{Metric, emit};
use storage::{Key, Write};

/// Stands for a mail without text, files and subject.
const NO_TEXT: &str = "(…)";
/// How long the same mail is known again, seconds: a year, longer than any mail is under way.
const KNOWN: i64 = 365 * 24 * 3600;
/// Longest full text that is kept beside the reply, in bytes: a message is one item of 400 KB.
const MAX_FULL: usize = 100_000;

/// Posts a mail as a message like every other; one that is refused for good is set aside. `None` when
/// the ticket changed meanwhile.
pub(super) async fn post(
    app: &App,
    parameters: &Parameters,
    pending: &mut PendingReply,
    grant: Grant,
    seen: &Mail,
) -> Result<Option<Received>> {
    if pending.is_empty() {
        let empty = (MailStatus::Quarantined, MailReason::NoText);
        return set_aside(app, seen.clone(), empty).await.map(Some);
    }
    let mut seen = seen.clone();
    seen.status = MailStatus::Accepted;
    let reply_post = ReplyPost {
        author: author(&pending.mail, &grant),
        visibility: match grant.internal {
            true => Visibility::Internal,
            false => Visibility::Public,
        },
        context: grant.context,
        thread: grant.thread,
        let_in: None,
    };
    let message = Uuid::now_v7();
    let record = Mail {
        message_id: Some(message),
        ..seen.clone()
    };
    let record = Write::create(record.item()?);
    match send(app, parameters, pending, &reply_post, message, record).await {
        Ok(None) => Ok(None),
        Ok(Some(posted)) => {
            emit(Metric::MailsAccepted, 1.0, posted.created_at);
            tracing::info!(mail_id = %seen.id, ticket_id = %posted.ticket_id, message_id = %posted.id, "mail is a message");
            Ok(Some(Received::Message {
                ticket_id: posted.ticket_id,
                message_id: posted.id,
            }))
        }
        Err(error) => match refusal(&error) {
            Some(reason) => set_aside(app, seen, (MailStatus::Quarantined, reason))
                .await
                .map(Some),
            None => Err(error),
        },
    }
}

/// Why a message was refused for good, as a reason of the quarantine.
pub(super) fn refusal(error: &Error) -> Option<MailReason> {
    match error.code {
        Code::MessagesOff | Code::PortalWritingOff => Some(MailReason::MessagesOff),
        Code::NotFound => Some(MailReason::TicketUnknown),
        Code::Invalid => Some(MailReason::NotAcceptable),
        _ => None,
    }
}

/// A mail on its way to be a message. Its files are kept once, however often it is tried.
pub(super) struct PendingReply {
    /// The mail as it was read, without the files that were kept.
    pub(super) mail: InboundMail,
    /// Its id: the key of its record and the name of its raw bytes.
    pub(super) id: MailId,
    /// By what the same mail is known again, on whichever ticket.
    fingerprint: Option<String>,
    /// What it says, as loops are told by it.
    pub(super) reply_digest: ReplyDigest,
    files: Option<Vec<File>>,
}

/// What a mail becomes.
pub(super) struct ReplyPost {
    /// The ticket it belongs on, as it was read.
    pub(super) context: TicketContext,
    /// The mails between us and its sender, as they were read.
    pub(super) thread: ThreadLead,
    /// Whose message it is: the sender of the mail.
    pub(super) author: Author,
    /// Internal when it answers an internal message.
    pub(super) visibility: Visibility,
    /// Who let it in, where it did not come in on its own.
    pub(super) let_in: Option<LetIn>,
}

impl PendingReply {
    /// A mail, as it was read. What is kept of it holds no secret of ours.
    pub(super) fn new(id: &MailId, mut mail: InboundMail) -> Self {
        let fingerprint = fingerprint(&mail);
        mail.redact();
        Self {
            fingerprint,
            reply_digest: digest_of(&mail),
            id: id.clone(),
            mail,
            files: None,
        }
    }

    /// The same mail once more, to be kept under an id of its own.
    pub(super) fn copy(&self, id: &MailId) -> Self {
        Self {
            mail: self.mail.clone(),
            id: id.clone(),
            fingerprint: self.fingerprint.clone(),
            reply_digest: self.reply_digest.clone(),
            files: None,
        }
    }

    /// By what the same mail is known again on this ticket.
    pub(super) fn once(&self, ticket: &TicketId) -> Result<Option<Once>> {
        let Some(fingerprint) = &self.fingerprint else {
            return Ok(None);
        };
        let mut hash = Sha256::new_with_prefix(b"mensageria mail 3 ");
        hash.update(fingerprint);
        hash.update(ticket.as_str());
        let key = data_encoding::HEXLOWER.encode(&hash.finalize());
        Ok(Some(
            Once::new(&caller(), "inbound", &key, b"")?.kept(KNOWN),
        ))
    }

    /// Where the record is by which the same mail is known again on this ticket.
    pub(super) fn once_key(&self, ticket: &TicketId) -> Option<Key> {
        self.once(ticket).ok().flatten().map(|once| once.key())
    }

    /// Takes what looks like quotation and quotes nothing of ours, or more than what we sent, for the
    /// words of its author; whether there is any.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) async fn take_own_passages(
        &mut self,
        app: &App,
        parameters: &Parameters,
        ticket: &Ticket,
    ) -> Result<bool> {
        let own = quoted::own(app, parameters, ticket, &self.mail).await?;
        let reply = &mut self.mail.reply;
        reply.text = match (own.passages.contains(&true), own.before_name) {
            _ if own.within => reply.full.clone(),
            (true, Some(_)) => reply.full.clone(),
            (true, None) => reply.if_own(&own.passages).to_owned(),
            (false, Some(text)) => text,
            (false, None) => return Ok(false),
        };
        reply.unproven = None;
        reply.quotation.clear();
        reply.nothing_new = false;
        reply.by_programs = false;
        self.reply_digest = digest_of(&self.mail);
        Ok(true)
    }

    /// Whether files came with it. An earlier round may have taken them out of the mail.
    pub(super) fn has_files(&self) -> bool {
        let kept = self.files.as_ref().is_some_and(|files| !files.is_empty());
        kept || !self.mail.attachments.is_empty()
    }

    /// Whether it says nothing: no text and no file.
    fn is_empty(&self) -> bool {
        self.mail.reply.text.trim().is_empty() && !self.has_files()
    }

    /// Stores the mail's files, the first time; what is answered then is repeated.
    async fn files(&mut self, app: &App, parameters: &Parameters) -> Result<&[File]> {
        if self.files.is_none() {
            let limits = attachments::Limits::of(parameters);
            let found = std::mem::take(&mut self.mail.attachments);
            self.files = Some(attachments::keep(app, &limits, self.id.as_str(), found).await?);
        }
        Ok(self.files.as_deref().unwrap_or_default())
    }
}

/// Posts a mail on a ticket as the message of this id: its files are kept first, everything else, the
/// record of the mail too, is one commit. `None` when the ticket changed since it was read.
pub(super) async fn send(
    app: &App,
    parameters: &Parameters,
    pending: &mut PendingReply,
    reply_post: &ReplyPost,
    message: Uuid,
    record: Write,
) -> Result<Option<Posted>> {
    // Before its files are kept: what is refused must leave none.
    messages::exchange_is_on(parameters)?;
    let files = pending.files(app, parameters).await?.to_vec();
    let mail = &pending.mail;
    let mut text = shortened_to_chars(&mail.reply.text, MAX_MESSAGE).into_owned();
    // "Enviado do meu iPhone" under a picture is not what somebody says.
    if text.trim().is_empty() || mail.reply.by_programs && !files.is_empty() {
        text = match only_invitations(&files) {
            true => String::new(),
            false => names_of(&files),
        };
    }
    // The answer to an invitation, and what people let in although it says nothing: who answers in the
    // subject says it there.
    if text.is_empty() {
        text = cut(mail.subject.trim(), MAX_MESSAGE);
    }
    if text.is_empty() {
        text = names_of(&files);
    }
    if text.is_empty() {
        text = NO_TEXT.to_owned();
    }
    if let Some(unreadable) = mail.unreadable {
        let language = Language::of(&app.settings.default_locale);
        let note = notes::words(unreadable).get(language);
        let text_of_mail = shortened_to_chars(&text, MAX_MESSAGE - note.chars().count() - 2);
        text = format!("{text_of_mail}\n\n{note}");
    }
    let ticket_id = &reply_post.context.record.ticket.id;
    let mut writes = vec![record];
    if let Some(address) = &reply_post.author.email {
        // The sender's own mail is one of the thread, too.
        let ThreadLead { state, expect } = &reply_post.thread;
        let thread = state.with(app, ticket_id, address, mail.header_id.clone())?;
        writes.push(Write::store(thread, expect.clone()));
    }
    let full = shortened(&mail.reply.full, MAX_FULL);
    let by_mail = ByMail {
        id: message,
        attachments: &files,
        full_text: (full.trim() != text.trim()).then_some(&*full),
        header_id: mail.header_id.as_deref(),
        reply_digest: &pending.reply_digest,
        let_in: reply_post.let_in.as_ref(),
        writes: &writes,
    };
    let new = NewMessage {
        text: Some(text),
        visibility: reply_post.visibility,
        author: Some(reply_post.author.clone().into()),
        ..NewMessage::default()
    };
    let once = pending.once(ticket_id)?;
    messages::post_mail(
        app,
        &caller(),
        &reply_post.context,
        parameters,
        &new,
        once.as_ref(),
        &by_mail,
    )
    .await
}

/// Whether nothing but invitations came along, or answers to one.
fn only_invitations(files: &[File]) -> bool {
    let is_invitation = |file: &File| file.media_type.eq_ignore_ascii_case("text/calendar");
    !files.is_empty() && files.iter().all(is_invitation)
}

/// The files' names, where they stand for the text of a message.
fn names_of(files: &[File]) -> String {
    let names: Vec<_> = files
        .iter()
        .map(|file| format!("[{}]", file.name))
        .collect();
    names.join("\n")
}

/// The sender under the name that the ticket knows them by, else under their own.
fn author(mail: &InboundMail, grant: &Grant) -> Author {
    let sender = mail.sender();
    let address = sender.map(|sender| sender.address.key().clone());
    Author {
        name: sender.map_or_else(String::new, |sender| shown(grant.name.clone(), sender)),
        email: address,
        role: grant.side,
    }
}

/// The name under which a sender is shown, to both sides: that of the ticket, else their own, else as
/// much of the address as the other side may see.
pub(super) fn shown(known: Option<String>, sender: &Mailbox) -> String {
    shown_name(known.as_deref(), &sender.name, sender.address.as_str())
}

/// On which side somebody stands who takes no part: that of the requester.
pub(super) const STRANGER: Side = Side::Requester;

/// What a mail says, as loops are told by it.
fn digest_of(mail: &InboundMail) -> ReplyDigest {
    let files = mail.attachments.iter();
    let files = files.map(|file| (file.name.as_str(), file.content.len() as u64));
    ReplyDigest::of(&mail.reply.text, files)
}

/// By what the same mail is known again: its sender, its `Message-ID` and what it says, or without an
/// id its date and its body. Some scanners and scripts give every mail the same id.
fn fingerprint(mail: &InboundMail) -> Option<String> {
    let sender = mail.sender()?;
    let mut hash = Sha256::new();
    hash.update(sender.address.key().as_str());
    match &mail.header_id {
        Some(id) => {
            hash.update(id);
            for word in mail.reply.text.split_whitespace() {
                hash.update([0]);
                hash.update(word);
            }
            for file in &mail.attachments {
                hash.update([1]);
                hash.update(Sha256::digest(&file.content));
            }
        }
        None => {
            let date = mail.date.map(|date| date.as_second()).unwrap_or_default();
            hash.update(date.to_be_bytes());
            hash.update(mail.body_sha256.unwrap_or_default());
        }
    }
    Some(data_encoding::HEXLOWER.encode(&hash.finalize()))
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
