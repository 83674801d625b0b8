//! The MIME message of one delivery: the bytes of a preview and of the mail that is sent.
//!
//! The same envelope and the same rendered template make the same bytes, always.

use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use lettre::message::{
    Attachment as MimeAttachment, Body, MultiPart, MultiPartKind, SinglePart,
    header::{ContentTransferEncoding, ContentType},
};
use sha2::{Digest, Sha256};

use super::{
    header, media_type,
    thread::{Thread, is_header_id},
};
use domain::{
    address::{Address, Mailbox},
    reason::Reason,
    source::Rendered,
};

/// Largest mail in bytes: SES v2 takes 40 MB, attachments and their encoding counted.
pub const MAX_MAIL: usize = 40 * 1000 * 1000;

/// What a mail says outside of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Sender, with display name.
    pub from: Mailbox,
    /// The recipient, always one: two would see each other's links.
    pub to: Mailbox,
    /// Reply address with the recipient's token, when a reply domain is set.
    pub reply_to: Option<Address>,
    /// Date of the mail; seconds count.
    pub date: Timestamp,
    /// Our message id, `<…@…>`: see [`super::thread::header_id`]. The boundaries come from it.
    pub header_id: String,
    /// Place in the ticket's conversation.
    pub thread: Thread,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name as the recipient sees it.
    pub name: String,
    /// MIME type; anything else becomes `application/octet-stream`.
    pub media_type: String,
    /// The bytes, not encoded.
    pub content: Vec<u8>,
    /// Its `Content-ID` without brackets, when the HTML shows it.
    pub content_id: Option<String>,
}

/// A mail that is ready for its transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The message, CRLF line ends, ASCII only.
    pub raw: Vec<u8>,
    /// SHA-256 of `raw`, 64 hexadecimal digits.
    pub sha256: String,
    /// Length of `raw` in bytes.
    pub size: usize,
    /// The subject as it stands in the mail, decoded.
    pub subject: String,
}

/// Why no mail could be made. Only a fault in what the caller made up can cause one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The message id is not valid.
    #[error("the message id is not valid")]
    MessageId,
    /// The mail would pass [`MAX_MAIL`].
    #[error("the mail has {size} bytes, more than {MAX_MAIL}")]
    TooLarge {
        /// What it would have.
        size: usize,
    },
}

impl ComposeError {
    /// As the reason of a delivery that failed.
    pub fn reason(self) -> Reason {
        match self {
            Self::MessageId => Reason::MailNotMade,
            Self::TooLarge { .. } => Reason::MailTooLarge,
        }
    }
}

/// Makes the mail.
///
/// # Errors
/// [`ComposeError`]; nothing that a template, a ticket or a person wrote causes one but sheer size.
pub fn compose(envelope: &Envelope, rendered: &Rendered) -> Result<Composed, ComposeError> {
    if !is_header_id(&envelope.header_id) {
        return Err(ComposeError::MessageId);
    }
    let attached: usize = envelope.attachments.iter().map(|a| a.content.len()).sum();
    let expected = rendered.html.len() + rendered.text.len() + attached / 3 * 4;
    if expected > MAX_MAIL {
        return Err(ComposeError::TooLarge { size: expected });
    }
    let subject = envelope
        .thread
        .tagged_subject(&header::one_line(&rendered.subject));
    let mut raw = headers(envelope, &subject).into_bytes();
    raw.extend_from_slice(&body(envelope, rendered).formatted());
    if raw.len() > MAX_MAIL {
        return Err(ComposeError::TooLarge { size: raw.len() });
    }
    Ok(Composed {
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(&raw)),
        size: raw.len(),
        raw,
        subject,
    })
}

/// The message's own headers, each once. The body's follow: `MIME-Version` is the last of ours.
fn headers(envelope: &Envelope, subject: &str) -> String {
    let thread = &envelope.thread;
    let references = thread.references();
    let list = format!("<tickets.{}>", thread.domain);
    let mut lines = vec![
        header::words("Date", [date(envelope.date).as_str()]),
        header::mailbox("From", &envelope.from),
        header::mailbox("To", &envelope.to),
    ];
    if let Some(reply_to) = &envelope.reply_to {
        lines.push(header::words("Reply-To", [reply_to.as_str()]));
    }
    lines.push(header::text("Subject", subject));
    lines.push(header::words("Message-ID", [envelope.header_id.as_str()]));
    if let Some(id) = thread.in_reply_to() {
        lines.push(header::words("In-Reply-To", [id]));
    }
    lines.extend([
        header::words("References", references.iter().map(String::as_str)),
        header::words("List-Id", [list.as_str()]),
        header::words("Auto-Submitted", ["auto-generated"]),
        header::words("X-Auto-Response-Suppress", ["All"]),
        header::words("MIME-Version", ["1.0"]),
    ]);
    lines.concat()
}

/// `Thu, 01 Jan 2026 12:00:00 +0000`.
fn date(at: Timestamp) -> String {
    let printer = rfc2822::DateTimePrinter::new();
    printer
        .zoned_to_string(&at.to_zoned(TimeZone::UTC))
        .expect("a year before 10000, which is all that a timestamp holds")
}

/// multipart/alternative of text and HTML, the HTML within multipart/related when it shows pictures (RFC
/// 2387), all within multipart/mixed when files go with it.
fn body(envelope: &Envelope, rendered: &Rendered) -> MultiPart {
    let boundary = |kind: &str| {
        let seed = Sha256::digest(format!("{kind} {}", envelope.header_id));
        // `=_` stands in no quoted-printable and no base64, so no text can hold a boundary.
        format!("=_{}", data_encoding::HEXLOWER.encode(&seed[..16]))
    };
    let alternative = MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(boundary("alternative"))
        .singlepart(text_part(ContentType::TEXT_PLAIN, &rendered.text));
    let html = text_part(ContentType::TEXT_HTML, &rendered.html);
    let (shown, files): (Vec<_>, Vec<_>) = envelope
        .attachments
        .iter()
        .partition(|file| file.content_id.is_some());
    let alternative = if shown.is_empty() {
        alternative.singlepart(html)
    } else {
        let related = MultiPart::builder()
            .kind(MultiPartKind::Related)
            .boundary(boundary("related"))
            .singlepart(html);
        let pictures = shown.into_iter();
        alternative
            .multipart(pictures.fold(related, |related, file| related.singlepart(file_part(file))))
    };
    if files.is_empty() {
        return alternative;
    }
    let mixed = MultiPart::builder()
        .kind(MultiPartKind::Mixed)
        .boundary(boundary("mixed"))
        .multipart(alternative);
    files
        .into_iter()
        .fold(mixed, |mixed, file| mixed.singlepart(file_part(file)))
}

/// A text in UTF-8: quoted-printable, or base64 where most of it is outside ASCII.
fn text_part(content_type: ContentType, text: &str) -> SinglePart {
    let text = crlf(text);
    let outside = text.bytes().filter(|b| !b.is_ascii()).count();
    let encoding = if outside * 6 > text.len() {
        ContentTransferEncoding::Base64
    } else {
        ContentTransferEncoding::QuotedPrintable
    };
    let body =
        Body::new_with_encoding(text, encoding).expect("quoted-printable and base64 hold any text");
    SinglePart::builder().header(content_type).body(body)
}

fn file_part(file: &Attachment) -> SinglePart {
    let media_type = media_type::bare(&file.media_type)
        .filter(|bare| !media_type::is_composite(bare))
        .and_then(|bare| ContentType::parse(&bare).ok());
    let media_type = media_type.unwrap_or_else(|| {
        ContentType::parse("application/octet-stream").expect("a fixed and valid type")
    });
    let body = Body::new_with_encoding(file.content.clone(), ContentTransferEncoding::Base64)
        .expect("base64 holds any bytes");
    let name = header::one_line(&file.name);
    let attachment = match &file.content_id {
        Some(id) => MimeAttachment::new_inline_with_name(id.clone(), name),
        None => MimeAttachment::new(name),
    };
    attachment.body(body, media_type)
}

/// Line ends as CRLF; other control characters left out, tabs kept.
fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control() && c != '\t') {
        let (line, end) = rest.split_at(at);
        out.push_str(line);
        let mut end = end.chars();
        match end.next() {
            Some('\r') => {
                out.push_str("\r\n");
                let behind = end.as_str();
                rest = behind.strip_prefix('\n').unwrap_or(behind);
            }
            Some('\n') => {
                out.push_str("\r\n");
                rest = end.as_str();
            }
            _ => rest = end.as_str(),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
