//! Mail that comes in: from raw bytes to a typed mail, what it is, and where it may belong.
//!
//! Everything here is pure and takes hostile input: no panic, time and memory bounded by the size
//! of the mail (figures beside each limit). Who may write is for `app` to decide.

mod address_list;
mod attachment;
mod away;
mod body;
mod charset;
mod classify;
mod content;
mod encoding;
mod enriched;
mod fields;
mod flowed;
mod html;
mod marks;
mod matching;
mod mime;
mod pgp;
mod pictures;
mod secrets;
mod subject;
mod tags;
mod verdict;

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::HeaderValue;
use sha2::{Digest, Sha256};

use domain::{
    address::{Address, Mailbox},
    reason::MailReason,
};

use super::{redact::redact, reply::Reply, thread::is_header_id};
pub use attachment::{Attachment, extension, safe_name};
use body::Body;
pub use body::Unreadable;
pub use classify::{not_conversation, says_so_in_its_subject_alone};
pub use matching::{Candidate, Domains, RecipientField, candidates, may_be_ours, ses_id};
use mime::Headers;
pub use pictures::{Pasted, mark, pasted};
pub use secrets::holds_links;
pub use subject::ticket_tag;
pub use verdict::{Verdict, Verdicts};

/// Largest mail that is read, in bytes: SES takes in no more than 40 MB.
pub const MAX_MAIL: usize = 40 * 1000 * 1000;
/// Longest header of a mail, in bytes (servers refuse from 64 KiB to 256 KiB).
const MAX_HEADER: usize = 256 * 1024;
/// Most message ids that are kept of `References`.
const MAX_REFERENCES: usize = 100;

/// Why raw bytes are not a mail that can be read. Such mail goes to quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    /// There is not one byte in it.
    #[error("the mail is empty")]
    Empty,
    /// It has more bytes than [`MAX_MAIL`].
    #[error("the mail is larger than 40 MB")]
    TooLarge,
    /// None of the header fields that a mail has, at its beginning.
    #[error("this is not a mail: it begins without a header")]
    NotMail,
    /// A header of more than 256 KiB.
    #[error("the header of the mail is too long")]
    HeaderTooLong,
    /// More than 1000 parts.
    #[error("the mail has too many parts")]
    TooManyParts,
    /// Parts within parts, more than 20 deep.
    #[error("the parts of the mail are nested too deep")]
    TooDeep,
}

impl InboundError {
    /// As the reason of the quarantine.
    pub fn reason(self) -> MailReason {
        match self {
            Self::Empty => MailReason::Empty,
            Self::TooLarge => MailReason::TooLarge,
            Self::NotMail => MailReason::WithoutHeader,
            Self::HeaderTooLong => MailReason::HeaderTooLong,
            Self::TooManyParts => MailReason::TooManyParts,
            Self::TooDeep => MailReason::TooDeep,
        }
    }
}

/// A mail that came in.
#[derive(Clone, PartialEq, Eq)]
pub struct InboundMail {
    /// `Message-ID` as on the wire, `<…>`, when it is one.
    pub header_id: Option<String>,
    /// SHA-256 of what the mail says, where it has no `Message-ID`: its subject, the words of its text and its
    /// files. The same mail over two ways has the same, though servers end lines and encode in their own way.
    pub body_sha256: Option<[u8; 32]>,
    /// Everyone whom `From` names; empty if one of them cannot be read. A mail of a person has one: see [`Self::sender`].
    pub from: Vec<Mailbox>,
    /// Every address of `Reply-To` that can be read.
    pub reply_to: Vec<Address>,
    /// Every address of `To` that can be read.
    pub to: Vec<Address>,
    /// Every address of `Cc` that can be read.
    pub cc: Vec<Address>,
    /// `Delivered-To`, `X-Original-To`, `Envelope-To` and `X-Forwarded-To`.
    pub delivered_to: Vec<Address>,
    /// Recipient that the receiving server named in its `Received` ("for …").
    pub received_for: Option<Address>,
    /// `Return-Path`, the sender of the envelope.
    pub return_path: ReturnPath,
    /// Decoded subject, one line.
    pub subject: String,
    /// `Date`, when it is one.
    pub date: Option<Timestamp>,
    /// Ids of `In-Reply-To`, `<…>`.
    pub in_reply_to: Vec<String>,
    /// Ids of `References`, `<…>`, oldest first; the newest hundred.
    pub references: Vec<String>,
    /// What its author wrote, and all of it.
    pub reply: Reply,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
    /// What of it cannot be read here.
    pub unreadable: Option<Unreadable>,
    /// What the receiving server found out.
    pub verdicts: Verdicts,
    /// What machines say of themselves.
    traits: classify::Traits,
}

/// The sender of the envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReturnPath {
    /// No such header, or nothing readable in it.
    #[default]
    Unknown,
    /// `<>`: nobody wants an answer (RFC 5321, section 4.5.5).
    Null,
    /// The address to which a report would go.
    Address(Address),
}

/// Debug output ends in logs: no address, no subject, no text.
impl std::fmt::Debug for InboundMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundMail")
            .field("from", &self.from.len())
            .field("recipients", &(self.to.len() + self.cc.len()))
            .field("text_bytes", &self.reply.text.len())
            .field("attachments", &self.attachments.len())
            .field("verdicts", &self.verdicts)
            .finish_non_exhaustive()
    }
}

impl InboundMail {
    /// Takes the secrets of our own mails out of everything that is kept and shown: see
    /// [`redact`](super::redact).
    pub fn redact(&mut self) {
        let reply = &mut self.reply;
        let mut texts = vec![&mut self.subject, &mut reply.text, &mut reply.full];
        texts.extend(&mut reply.signature);
        texts.extend(self.attachments.iter_mut().map(|file| &mut file.name));
        texts.extend(self.from.iter_mut().map(|from| &mut from.name));
        if let Some(unproven) = &mut reply.unproven {
            texts.extend(unproven.texts_mut());
        }
        for text in texts {
            if let Cow::Owned(clean) = redact(text) {
                *text = clean;
            }
        }
    }

    /// The one person who wrote it; nobody when `From` names none or several (RFC 7489, section
    /// 6.6.1: such mail proves nothing about its sender).
    pub fn sender(&self) -> Option<&Mailbox> {
        match self.from.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// Reads a raw mail.
///
/// # Errors
/// [`InboundError`] when it is not a mail or beyond the limits. Whatever is only ill-formed is read
/// as far as it goes.
pub fn parse(raw: &[u8]) -> Result<InboundMail, InboundError> {
    if raw.len() > MAX_MAIL {
        return Err(InboundError::TooLarge);
    }
    if raw.trim_ascii().is_empty() {
        return Err(InboundError::Empty);
    }
    let raw = &line_ends(raw);
    // The line that mbox files and some gateways put in front is not a header.
    let raw = raw.trim_ascii_start();
    let raw = match raw.strip_prefix(b"From ") {
        Some(rest) => &rest[mime::line_end(rest)..],
        None => raw,
    };
    let (head, body) = mime::split_header(raw);
    if head.len() > MAX_HEADER {
        return Err(InboundError::HeaderTooLong);
    }
    let root = mime::read(head, body)?;
    let headers = &root.headers;
    let Body {
        mut reply,
        attachments,
        unreadable,
    } = body::read(&root);
    let ids = |name| message_ids(headers, name);
    let subject = super::header::one_line(headers.text("Subject").unwrap_or_default());
    if !ids("In-Reply-To").is_empty() {
        reply.take_answered(&subject);
    }
    let mut references = ids("References");
    references.drain(..references.len().saturating_sub(MAX_REFERENCES));
    let from = address_list::authors(headers);
    let domain = from.first().map(|from| from.address.domain());
    let header_id = ids("Message-Id").pop();
    let unnamed = header_id.is_none();
    Ok(InboundMail {
        header_id,
        body_sha256: unnamed.then(|| sum(&subject, &reply.full, &attachments)),
        reply_to: address_list::addresses(headers, "Reply-To"),
        to: address_list::addresses(headers, "To"),
        cc: address_list::addresses(headers, "Cc"),
        delivered_to: DELIVERED_TO
            .iter()
            .flat_map(|name| address_list::raw_addresses(headers, name))
            .collect(),
        received_for: address_list::received_for(headers),
        return_path: return_path(headers),
        subject,
        date: date(headers),
        in_reply_to: ids("In-Reply-To"),
        references,
        verdicts: verdict::read(headers, domain),
        traits: classify::traits(headers),
        from,
        reply,
        attachments,
        unreadable,
    })
}

/// What a mail says, as a sum.
fn sum(subject: &str, text: &str, files: &[Attachment]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for word in subject
        .split_whitespace()
        .chain(["\n"])
        .chain(text.split_whitespace())
    {
        hash.update(word);
        hash.update([0]);
    }
    for file in files {
        hash.update(Sha256::digest(&file.content));
    }
    hash.finalize().into()
}

/// Some programs end lines with CR alone, and a server may put lines of its own below.
fn line_ends(raw: &[u8]) -> Cow<'_, [u8]> {
    let first = raw.iter().position(|b| matches!(b, b'\r' | b'\n'));
    if first.is_none_or(|at| raw[at] == b'\n' || raw.get(at + 1) == Some(&b'\n')) {
        return Cow::Borrowed(raw);
    }
    let mut lines = Vec::with_capacity(raw.len() + raw.len() / 16);
    for (at, byte) in raw.iter().enumerate() {
        lines.push(*byte);
        if *byte == b'\r' && raw.get(at + 1) != Some(&b'\n') {
            lines.push(b'\n');
        }
    }
    Cow::Owned(lines)
}

/// Headers in which servers name the recipient of the envelope.
const DELIVERED_TO: [&str; 4] = [
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Forwarded-To",
];

fn message_ids(headers: &Headers, name: &str) -> Vec<String> {
    headers
        .all(name)
        .filter_map(HeaderValue::as_text_list)
        .flatten()
        .map(|id| format!("<{}>", id.trim().trim_matches(['<', '>'])))
        .filter(|id| is_header_id(id))
        .collect()
}

fn return_path(headers: &Headers) -> ReturnPath {
    let Some(value) = headers.text("Return-Path") else {
        return ReturnPath::Unknown;
    };
    let bare = value.trim_matches(['<', '>', ' ', '\t']);
    if bare.is_empty() && value.contains('<') {
        return ReturnPath::Null;
    }
    Address::parse(bare).map_or(ReturnPath::Unknown, ReturnPath::Address)
}

fn date(headers: &Headers) -> Option<Timestamp> {
    let date = headers.all("Date").next()?.as_datetime()?;
    date.is_valid()
        .then(|| Timestamp::from_second(date.to_timestamp()).ok())
        .flatten()
}

/// What a page shows as text.
pub(crate) fn text_of_html(page: &str) -> String {
    html::to_text(page).text
}

#[cfg(test)]
mod tests;
