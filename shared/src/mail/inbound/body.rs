//! Which parts of a mail are its text and which are files.

use super::{
    attachment::{Attachment, safe_name},
    flowed::unflow,
    html::{self, MAX_HTML},
    mime::Part,
};
use crate::mail::reply::{self, MAX_TEXT, Marks, Reply};

/// Longest encoded text that is decoded: base64 and quoted-printable make it longer.
const MAX_ENCODED: usize = 3 * MAX_TEXT;

/// What was found in the parts.
#[derive(Default)]
struct Found<'a> {
    plain: Vec<&'a Part<'a>>,
    html: Vec<&'a Part<'a>>,
    files: Vec<&'a Part<'a>>,
}

/// The reply and the files of a mail.
pub(super) fn read(root: &Part<'_>) -> (Reply, Vec<Attachment>) {
    let mut found = Found::default();
    gather(root, &mut found);
    let plain = join(found.plain.iter().map(|part| plain_text(part)));
    let has_text = plain.chars().any(|c| !c.is_whitespace() && !c.is_control());
    let reply = if has_text || found.html.is_empty() {
        reply::extract(&plain)
    } else {
        from_html(&found.html)
    };
    let files = found.files.into_iter().map(file).collect();
    (reply, files)
}

/// Sorts a part and the parts within.
fn gather<'a>(part: &'a Part<'a>, found: &mut Found<'a>) {
    let media_type = part.media_type();
    if !part.children.is_empty() {
        for child in &part.children {
            gather(child, found);
        }
        return;
    }
    let attached = part
        .headers
        .disposition()
        .is_some_and(|d| d.ctype() == "attachment");
    let text = !attached && part.file_name().is_none();
    match media_type.as_str() {
        "text/html" if text => found.html.push(part),
        // A multipart whose boundary never comes is read as the text that it then is.
        "text/plain" | "text/enriched" if text => found.plain.push(part),
        other if other.starts_with("multipart/") => found.plain.push(part),
        // Seals of S/MIME and PGP tell a person nothing.
        "application/pkcs7-signature"
        | "application/x-pkcs7-signature"
        | "application/pgp-signature" => {}
        _ => found.files.push(part),
    }
}

fn join(texts: impl Iterator<Item = String>) -> String {
    let mut joined = String::new();
    for text in texts.filter(|text| !text.trim().is_empty()) {
        if joined.is_empty() {
            joined = text;
        } else {
            joined.truncate(joined.trim_end().len());
            joined.push_str("\n\n");
            joined.push_str(&text);
        }
    }
    joined
}

fn plain_text(part: &Part<'_>) -> String {
    let text = part.text(MAX_ENCODED);
    let parameter = |name: &str| part.headers.content_type().and_then(|t| t.attribute(name));
    if parameter("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
        unflow(
            &text,
            parameter("delsp").is_some_and(|v| v.eq_ignore_ascii_case("yes")),
        )
    } else {
        text
    }
}

fn from_html(parts: &[&Part<'_>]) -> Reply {
    let mut text = String::new();
    let mut marks = Marks::default();
    for part in parts {
        // What is too long is cut, not left out: the reply stands on top.
        if text.len() >= MAX_TEXT {
            break;
        }
        let converted = html::to_text(&part.text(2 * MAX_HTML));
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let line = text.matches('\n').count();
        marks.cut |= converted.marks.cut;
        marks.signatures.extend(
            converted
                .marks
                .signatures
                .iter()
                .map(|s| s.start + line..s.end + line),
        );
        text.push_str(&converted.text);
    }
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text.truncate(text.trim_end().len());
    reply::extract_marked(text, &marks)
}

fn file(part: &Part<'_>) -> Attachment {
    let media_type = part.media_type();
    let name = part
        .file_name()
        .map_or_else(|| name_of(&media_type), safe_name);
    Attachment {
        name,
        content_id: part
            .headers
            .text("Content-Id")
            .map(|id| id.trim_matches(['<', '>', ' ']).to_owned())
            .filter(|id| !id.is_empty()),
        content: part.decode().into_owned(),
        media_type,
    }
}

/// Name of a file that came without one.
fn name_of(media_type: &str) -> String {
    let extension = match media_type {
        "message/rfc822" | "message/global" => "eml",
        "text/calendar" => "ics",
        "text/html" => "html",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        other if other.starts_with("text/") || other.starts_with("message/") => "txt",
        _ => "bin",
    };
    format!("attachment.{extension}")
}
