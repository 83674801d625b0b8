//! The parts of a raw mail: walked by ourselves, headers and encodings read by `mail-parser`.
//!
//! The crate's own walk keeps every part of a hostile mail in memory and may look at all of it once
//! a part. This one has a budget: so many parts, so deep, so much header; nothing is decoded before
//! it is wanted; the work is the length of the mail times its depth.

use std::borrow::Cow;

use mail_parser::{Header, HeaderValue, MessageParser};

use super::{
    InboundError, charset,
    content::Content,
    encoding::{self, Encoding},
    fields::{self, Field},
};

/// Most parts of a mail.
const MAX_PARTS: usize = 1000;
/// Deepest nesting of multiparts.
const MAX_DEPTH: usize = 20;
/// Longest header of a part within, in bytes.
const MAX_PART_HEADER: usize = 32 * 1024;

/// Fields of which every mail has one: bytes with a colon somewhere are not a mail yet.
const USUAL: [&str; 8] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Received",
    "Return-Path",
    "Delivered-To",
];

/// One part: its headers, and its body still encoded.
pub(super) struct Part<'a> {
    pub(super) headers: Headers,
    pub(super) body: &'a [u8],
    /// Parts within, for a multipart whose boundary was found.
    pub(super) children: Vec<Part<'a>>,
}

/// Headers of a mail or a part, in their order.
pub(super) struct Headers {
    read: Vec<Header<'static>>,
    content: Content,
    disposition: Content,
}

/// Reads the structure of a mail from its header and its body.
pub(super) fn read<'a>(head: &[u8], body: &'a [u8]) -> Result<Part<'a>, InboundError> {
    let headers = Headers::read(head);
    let usual = |(name, _): (&str, _)| USUAL.iter().any(|u| u.eq_ignore_ascii_case(name));
    if !headers.fields().any(usual) {
        return Err(InboundError::NotMail);
    }
    let mut budget = MAX_PARTS;
    let children = children(&headers, body, &mut budget, 0)?;
    Ok(Part {
        headers,
        body,
        children,
    })
}

/// Where a mail's header ends and its body begins: at the first empty line. One of white space is not
/// the end where a header goes on below it. Some programs write no empty line: then the first line that
/// is no field, and no rest of one, begins the body.
pub(super) fn split_header(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    let mut text = None;
    // Whether the line above is a field that has not ended.
    let mut open = false;
    while at < raw.len() {
        let end = at + line_end(&raw[at..]);
        let line = raw[at..end].trim_ascii_end();
        let folded = matches!(raw[at], b' ' | b'\t');
        if line.is_empty() && !(folded && goes_on(&raw[end..])) {
            return raw.split_at(text.unwrap_or(end));
        }
        if !folded && goes_on(&raw[at..]) {
            text = None;
        } else if !folded && !open && !is_run(line) && !fields::is_field(line) {
            text.get_or_insert(at);
        }
        open = is_run(line) || line.ends_with(b";") || line.ends_with(b",") || line.ends_with(b"=");
        at = end;
    }
    raw.split_at(text.unwrap_or(raw.len()))
}

/// Whether a line is one run of letters that no word is as long as: part of a key or a signature.
fn is_run(line: &[u8]) -> bool {
    line.len() > encoding::LONGEST_WORD
        && line
            .iter()
            .all(|b| b.is_ascii() && !matches!(b, b' ' | b':'))
}

/// Whether a header goes on here: with a folded line, or a field that mails have.
fn goes_on(rest: &[u8]) -> bool {
    const PREFIXES: [&str; 12] = [
        "X-",
        "Content-",
        "MIME-",
        "In-Reply-To",
        "References",
        "List-",
        "Reply-To",
        "Cc",
        "Sender",
        "Thread-",
        "Importance",
        "Auto-Submitted",
    ];
    let line = &rest[..line_end(rest)];
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return !line.trim_ascii().is_empty();
    }
    let Some(colon) = line.iter().position(|b| *b == b':') else {
        return false;
    };
    let name = &line[..colon];
    let begins = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    USUAL
        .iter()
        .any(|usual| name.eq_ignore_ascii_case(usual.as_bytes()))
        || PREFIXES.into_iter().any(begins)
}

/// Length of the first line, its end included.
pub(super) fn line_end(raw: &[u8]) -> usize {
    raw.iter()
        .position(|b| *b == b'\n')
        .map_or(raw.len(), |at| at + 1)
}

/// The parts of a multipart; none if it is not one, or its boundary never comes.
fn children<'a>(
    headers: &Headers,
    body: &'a [u8],
    budget: &mut usize,
    depth: usize,
) -> Result<Vec<Part<'a>>, InboundError> {
    let content = headers.content();
    if !content.kind.starts_with("multipart") {
        return Ok(Vec::new());
    }
    let named = content.parameter("boundary").unwrap_or_default();
    let boundary = Some(named.trim_end().as_bytes()).filter(|b| !b.is_empty());
    let mut found = match boundary {
        Some(boundary) if depth < MAX_DEPTH => slices(body, boundary, budget)?,
        Some(_) => return Err(InboundError::TooDeep),
        None => Vec::new(),
    };
    // It names another one than it has, or none.
    if found.is_empty()
        && depth < MAX_DEPTH
        && let Some(boundary) = first_boundary(body)
    {
        found = slices(body, boundary, budget)?;
    }
    let mut parts = Vec::new();
    for slice in found {
        let (head, body) = match slice.starts_with(b"\r\n") || slice.starts_with(b"\n") {
            true => slice.split_at(line_end(slice)),
            false => split_header(slice),
        };
        // "Ramal: 4471" is no field of a part that has neither others nor a body.
        let (head, body) = match body.is_empty() && !goes_on(slice) {
            true => slice.split_at(0),
            false => (head, body),
        };
        let headers = Headers::read(&head[..head.len().min(MAX_PART_HEADER)]);
        let children = children(&headers, body, budget, depth + 1)?;
        parts.push(Part {
            headers,
            body,
            children,
        });
    }
    Ok(parts)
}

/// The boundary that a body has by its looks: behind two dashes, over a field of a part.
fn first_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    while at < body.len() {
        let end = at + line_end(&body[at..]);
        let below = &body[end..];
        let field = below
            .get(..CONTENT.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(CONTENT));
        if field && let Some(boundary) = body[at..end].trim_ascii_end().strip_prefix(b"--") {
            return Some(boundary).filter(|b| !b.is_empty());
        }
        at = end;
    }
    None
}

/// How the fields of a part begin.
const CONTENT: &[u8] = b"Content-";

/// What stands between the boundary lines; the last slice may lack its end.
fn slices<'a>(
    body: &'a [u8],
    boundary: &[u8],
    budget: &mut usize,
) -> Result<Vec<&'a [u8]>, InboundError> {
    let mut slices = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while at < body.len() {
        let end = at + line_end(&body[at..]);
        if let Some(rest) = body[at..end]
            .strip_prefix(b"--")
            .and_then(|rest| rest.strip_prefix(boundary))
        {
            let rest = rest.trim_ascii();
            if rest.is_empty() || rest == b"--" {
                if let Some(start) = open.take() {
                    slices.push(without_line_end(&body[start..at]));
                }
                if !rest.is_empty() {
                    return Ok(slices);
                }
                *budget = budget.checked_sub(1).ok_or(InboundError::TooManyParts)?;
                open = Some(end);
            }
        }
        at = end;
    }
    if let Some(start) = open {
        slices.push(&body[start..]);
    }
    Ok(slices)
}

/// The line end before a boundary belongs to the boundary (RFC 2046, section 5.1.1).
fn without_line_end(slice: &[u8]) -> &[u8] {
    let slice = slice.strip_suffix(b"\n").unwrap_or(slice);
    slice.strip_suffix(b"\r").unwrap_or(slice)
}

impl Headers {
    fn read(head: &[u8]) -> Self {
        let fields = fields::fields(head);
        let parser = MessageParser::new()
            .with_address_headers()
            .with_message_ids()
            .with_date_headers()
            .header_text(mail_parser::HeaderName::Subject)
            .default_header_raw();
        let written = fields::written(&fields);
        let headers = parser
            .parse_headers(&written)
            .and_then(|mut message| message.parts.pop())
            .map(|part| part.headers);
        let content = |name: &str| {
            let named = |field: &&Field| field.name.eq_ignore_ascii_case(name);
            let field = fields.iter().find(named);
            field
                .map(|field| Content::read(&field.value))
                .unwrap_or_default()
        };
        Self {
            content: content("Content-Type"),
            disposition: content("Content-Disposition"),
            read: headers
                .unwrap_or_default()
                .into_iter()
                .map(Header::into_owned)
                .collect(),
        }
    }

    /// All fields in their order: name and value.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &HeaderValue<'static>)> {
        self.read.iter().map(|h| (h.name.as_str(), &h.value))
    }

    /// Values of all fields of this name, case ignored.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &HeaderValue<'static>> {
        self.read
            .iter()
            .filter(move |h| h.name.as_str().eq_ignore_ascii_case(name))
            .map(|h| &h.value)
    }

    /// Text of the first field of this name, outer white space taken off.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name)
            .next()
            .and_then(HeaderValue::as_text)
            .map(str::trim)
    }

    /// `Content-Type`: what the part is, with its charset or boundary.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// `Content-Disposition`: whether the part is shown in place or is a file, and its name.
    pub(super) fn disposition(&self) -> &Content {
        &self.disposition
    }
}

impl Part<'_> {
    /// `type/subtype` in lower case; `text/plain` when there is none (RFC 2045, section 5.2), also where it
    /// is not written as one.
    pub(super) fn media_type(&self) -> String {
        match self.headers.content().kind.as_str() {
            "" | "text" | "text/" | "plain" | "plain/text" | "textplain" => "text/plain".to_owned(),
            "html" | "html/text" | "texthtml" => "text/html".to_owned(),
            "multipart" => "multipart/mixed".to_owned(),
            kind => kind.to_owned(),
        }
    }

    /// The file name that the sender gave it.
    pub(super) fn file_name(&self) -> Option<String> {
        let disposition = self.headers.disposition().parameter("filename");
        disposition.or_else(|| self.headers.content().parameter("name"))
    }

    /// The body without its transfer encoding; what is broken is read as far as it goes.
    pub(super) fn decode(&self) -> Cow<'_, [u8]> {
        self.decode_start(usize::MAX)
    }

    /// The same of at most so many encoded bytes.
    pub(super) fn decode_start(&self, limit: usize) -> Cow<'_, [u8]> {
        let body = &self.body[..self.body.len().min(limit)];
        let named = self.headers.text("Content-Transfer-Encoding");
        match Encoding::named(named.unwrap_or_default()) {
            Encoding::Plain => body.into(),
            Encoding::QuotedPrintable => encoding::quoted_printable(body).into(),
            Encoding::Base64
                if self.media_type().starts_with("text/") && !encoding::may_be_base64(body) =>
            {
                body.into()
            }
            Encoding::Base64 => {
                let (encoded, under) = body.split_at(encoding::end_of_base64(body));
                let mut decoded = encoding::base64(encoded);
                // What a gateway put under a text belongs to it, and under a file to nothing.
                if self.media_type().starts_with("text/") && !under.trim_ascii().is_empty() {
                    decoded.extend_from_slice(b"\n\n");
                    decoded.extend_from_slice(under);
                }
                decoded.into()
            }
        }
    }

    /// Its text, at most so many bytes of it looked at.
    pub(super) fn text(&self, limit: usize) -> String {
        let bytes = self.decode_start(limit);
        let declared = self.headers.content().parameter("charset");
        let charset = declared.or_else(|| {
            (self.media_type() == "text/html")
                .then(|| meta_charset(&bytes))
                .flatten()
        });
        charset::decode(&bytes, charset.as_deref())
    }
}

/// The charset that an HTML page declares of itself. Where that can be read, it is not UTF-16.
fn meta_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes[..bytes.len().min(2048)].to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")?;
    let value: Vec<u8> = head[at + 8..]
        .iter()
        .copied()
        .skip_while(|b| matches!(b, b'"' | b'\''))
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        .take(40)
        .collect();
    String::from_utf8(value)
        .ok()
        .filter(|name| !name.is_empty() && !charset::is_utf16(name))
}
