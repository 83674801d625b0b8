//! The parts of a raw mail: walked by ourselves, headers and encodings read by `mail-parser`.
//!
//! The crate's own walk keeps every part of a hostile mail in memory and may look at all of it once
//! a part. This one has a budget: so many parts, so deep, so much header; nothing is decoded before
//! it is wanted; the work is the length of the mail times its depth.

use std::borrow::Cow;

use mail_parser::{
    ContentType, Header, HeaderValue, MessageParser,
    decoders::{base64::base64_decode, charsets::map::charset_decoder},
};

use super::InboundError;

/// Most parts of a mail.
const MAX_PARTS: usize = 1000;
/// Deepest nesting of multiparts.
const MAX_DEPTH: usize = 20;
/// Longest header of a part within, in bytes.
const MAX_PART_HEADER: usize = 32 * 1024;

/// Fields of which every mail has one: bytes with a colon somewhere are no mail yet.
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
    pub(super) headers: Headers<'a>,
    pub(super) body: &'a [u8],
    /// Parts within, for a multipart whose boundary was found.
    pub(super) children: Vec<Part<'a>>,
}

/// Headers of a mail or a part, in their order.
pub(super) struct Headers<'a>(Vec<Header<'a>>);

/// Reads the structure of a mail from its header and its body.
pub(super) fn read<'a>(head: &'a [u8], body: &'a [u8]) -> Result<Part<'a>, InboundError> {
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

/// Where a mail's header ends and its body begins.
pub(super) fn split_header(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while at < raw.len() {
        let end = at + line_end(&raw[at..]);
        if raw[at..end].trim_ascii().is_empty() {
            return raw.split_at(end);
        }
        at = end;
    }
    (raw, &[])
}

/// Length of the first line, its end included.
pub(super) fn line_end(raw: &[u8]) -> usize {
    raw.iter()
        .position(|b| *b == b'\n')
        .map_or(raw.len(), |at| at + 1)
}

/// The parts of a multipart; none if it is not one, or its boundary never comes.
fn children<'a>(
    headers: &Headers<'a>,
    body: &'a [u8],
    budget: &mut usize,
    depth: usize,
) -> Result<Vec<Part<'a>>, InboundError> {
    let Some(boundary) = headers
        .content_type()
        .filter(|t| t.ctype() == "multipart")
        .and_then(|t| t.attribute("boundary"))
        .map(|b| b.trim_end().as_bytes().to_vec())
        .filter(|b| !b.is_empty())
    else {
        return Ok(Vec::new());
    };
    if depth >= MAX_DEPTH {
        return Err(InboundError::TooDeep);
    }
    let mut parts = Vec::new();
    for slice in slices(body, &boundary, budget)? {
        let (head, body) = if slice.starts_with(b"\r\n") || slice.starts_with(b"\n") {
            slice.split_at(line_end(slice))
        } else {
            split_header(slice)
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

impl<'a> Headers<'a> {
    fn read(head: &'a [u8]) -> Self {
        let parser = MessageParser::new()
            .with_mime_headers()
            .with_address_headers()
            .with_message_ids()
            .with_date_headers()
            .header_text(mail_parser::HeaderName::Subject)
            .default_header_raw();
        let headers = parser
            .parse_headers(head)
            .and_then(|mut message| message.parts.pop())
            .map(|part| part.headers);
        Self(headers.unwrap_or_default())
    }

    /// All fields in their order: name and value.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &HeaderValue<'a>)> {
        self.0.iter().map(|h| (h.name.as_str(), &h.value))
    }

    /// Values of all fields of this name, case ignored.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &HeaderValue<'a>> {
        self.0
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

    pub(super) fn content_type(&self) -> Option<&ContentType<'a>> {
        self.all("Content-Type")
            .next()
            .and_then(HeaderValue::as_content_type)
    }

    pub(super) fn disposition(&self) -> Option<&ContentType<'a>> {
        self.all("Content-Disposition")
            .next()
            .and_then(HeaderValue::as_content_type)
    }
}

impl Part<'_> {
    /// `type/subtype` in lower case; `text/plain` when there is none (RFC 2045, section 5.2).
    pub(super) fn media_type(&self) -> String {
        self.headers.content_type().map_or_else(
            || "text/plain".to_owned(),
            |t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("plain")).to_ascii_lowercase(),
        )
    }

    /// The file name that the sender gave it.
    pub(super) fn file_name(&self) -> Option<&str> {
        let disposition = self
            .headers
            .disposition()
            .and_then(|d| d.attribute("filename"));
        disposition.or_else(|| {
            self.headers
                .content_type()
                .and_then(|t| t.attribute("name"))
        })
    }

    /// The body without its transfer encoding; what is broken is read as far as it goes.
    pub(super) fn decode(&self) -> Cow<'_, [u8]> {
        self.decode_start(usize::MAX)
    }

    /// The same of at most so many encoded bytes.
    pub(super) fn decode_start(&self, limit: usize) -> Cow<'_, [u8]> {
        let body = &self.body[..self.body.len().min(limit)];
        let encoding = self
            .headers
            .text("Content-Transfer-Encoding")
            .unwrap_or_default();
        if encoding.eq_ignore_ascii_case("base64") {
            base64(body).into()
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            quoted_printable(body).into()
        } else {
            body.into()
        }
    }

    /// Its text, at most so many bytes of it looked at. Charsets that are wrong or not declared are
    /// read as UTF-8 if they are that, else as windows-1252.
    pub(super) fn text(&self, limit: usize) -> String {
        let bytes = self.decode_start(limit);
        let declared = self
            .headers
            .content_type()
            .and_then(|t| t.attribute("charset"));
        let charset = declared.map(str::to_owned).or_else(|| {
            (self.media_type() == "text/html")
                .then(|| meta_charset(&bytes))
                .flatten()
        });
        decode_charset(&bytes, charset.as_deref())
    }
}

fn decode_charset(bytes: &[u8], charset: Option<&str>) -> String {
    let charset = charset.unwrap_or_default().trim().to_ascii_lowercase();
    let unicode = matches!(
        charset.as_str(),
        "" | "utf-8" | "utf8" | "us-ascii" | "ascii"
    );
    if unicode && let Some(text) = utf8(bytes) {
        return text;
    }
    let charset = if unicode { "windows-1252" } else { &charset };
    let decoder = charset_decoder(charset.as_bytes());
    match decoder {
        Some(decode) => decode(bytes),
        None => utf8(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The bytes as UTF-8; a character that the limit cut in two is left out.
fn utf8(bytes: &[u8]) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()])
                .ok()
                .map(str::to_owned)
        }
        Err(_) => None,
    }
}

/// The charset that an HTML page declares of itself.
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
        .filter(|name| !name.is_empty())
}

/// Quoted-printable (RFC 2045, section 6.7); what is none of it stays as it is.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii_end();
        let (text, soft) = match text.strip_suffix(b"=") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let mut rest = text;
        while let [first, tail @ ..] = rest {
            let hex = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16));
            match (first, hex(0), hex(1)) {
                (b'=', Some(high), Some(low)) => {
                    decoded.push((high << 4 | low) as u8);
                    rest = &tail[2..];
                }
                _ => {
                    decoded.push(*first);
                    rest = tail;
                }
            }
        }
        if !soft && line.ends_with(b"\n") {
            let end: &[u8] = if line.ends_with(b"\r\n") {
                b"\r\n"
            } else {
                b"\n"
            };
            decoded.extend_from_slice(end);
        }
    }
    decoded
}

/// Base64, and what can be read of it when it is broken.
fn base64(body: &[u8]) -> Vec<u8> {
    if let Some(decoded) = base64_decode(body) {
        return decoded;
    }
    let mut decoded = Vec::with_capacity(body.len() / 4 * 3);
    let mut group = 0_u32;
    let mut count = 0;
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    for six in body.iter().filter_map(|b| value(*b)) {
        group = group << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            decoded.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, count) = (0, 0);
        }
    }
    match count {
        2 => decoded.push((group >> 4) as u8),
        3 => decoded.extend_from_slice(&[(group >> 10) as u8, (group >> 2) as u8]),
        _ => {}
    }
    decoded
}
