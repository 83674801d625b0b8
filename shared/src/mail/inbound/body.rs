//! Which parts of a mail are its text and which are files.
//!
//! Only the parts of a `multipart/alternative` say the same (RFC 2046, section 5.1.4): one of them
//! is taken. All others stand one below the other: a gateway that puts a line of plain text under a
//! mail of HTML must not hide the mail.

use super::{
    attachment::{Attachment, safe_name},
    flowed::unflow,
    html::{self, MAX_HTML},
    mime::Part,
};
use crate::mail::reply::{self, MAX_TEXT, Marks, Reply};

/// Longest encoded text that is decoded: base64 and quoted-printable make it longer.
const MAX_ENCODED: usize = 3 * MAX_TEXT;

/// A part that is text.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Plain(&'a Part<'a>),
    Html(&'a Part<'a>),
}

/// The reply and the files of a mail.
pub(super) fn read(root: &Part<'_>) -> (Reply, Vec<Attachment>) {
    let mut files = Vec::new();
    let pieces = gather(root, &mut files);
    (join(&pieces), files.into_iter().map(file).collect())
}

/// The text of a part and the parts within, in its order; files are put aside.
fn gather<'a>(part: &'a Part<'a>, files: &mut Vec<&'a Part<'a>>) -> Vec<Piece<'a>> {
    let media_type = part.media_type();
    if !part.children.is_empty() {
        let within = part.children.iter().map(|child| gather(child, files));
        return if media_type == "multipart/alternative" {
            choose(within.collect())
        } else {
            within.flatten().collect()
        };
    }
    let attached = part
        .headers
        .disposition()
        .is_some_and(|d| d.ctype() == "attachment");
    let text = !attached && part.file_name().is_none();
    match media_type.as_str() {
        "text/html" if text => return vec![Piece::Html(part)],
        // A multipart whose boundary never comes is read as the text that it then is.
        "text/plain" | "text/enriched" if text => return vec![Piece::Plain(part)],
        other if other.starts_with("multipart/") => return vec![Piece::Plain(part)],
        // Seals of S/MIME and PGP tell a person nothing.
        "application/pkcs7-signature"
        | "application/x-pkcs7-signature"
        | "application/pgp-signature" => {}
        _ => files.push(part),
    }
    Vec::new()
}

/// One of several forms of the same text: plain text if something stands in it.
fn choose(mut forms: Vec<Vec<Piece<'_>>>) -> Vec<Piece<'_>> {
    let says_something = |piece: &Piece<'_>| match piece {
        Piece::Plain(part) => plain_text(part)
            .chars()
            .any(|c| !c.is_whitespace() && !c.is_control()),
        Piece::Html(_) => false,
    };
    let html = |form: &Vec<Piece<'_>>| form.iter().any(|piece| matches!(piece, Piece::Html(_)));
    let best = forms
        .iter()
        .position(|form| !html(form) && form.iter().any(says_something))
        .or_else(|| forms.iter().rposition(html))
        .unwrap_or(0);
    if forms.is_empty() {
        Vec::new()
    } else {
        forms.swap_remove(best)
    }
}

/// The reply in pieces of text that stand one below the other.
fn join(pieces: &[Piece<'_>]) -> Reply {
    let mut text = String::new();
    let mut marks = Marks::default();
    // Line ends in `text`.
    let mut lines = 0;
    for piece in pieces {
        // What is too long is cut, not left out: the reply stands on top.
        if text.len() >= MAX_TEXT {
            break;
        }
        let (more, found) = match piece {
            Piece::Plain(part) => (reply::clean(&plain_text(part)), Marks::default()),
            Piece::Html(part) => {
                let converted = html::to_text(&part.text(2 * MAX_HTML));
                (converted.text, converted.marks)
            }
        };
        if more.trim().is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
            lines += 2;
        }
        let signatures = found.signatures.into_iter();
        marks
            .signatures
            .extend(signatures.map(|s| s.start + lines..s.end + lines));
        marks.cut |= found.cut;
        text.push_str(&more);
        lines += more.matches('\n').count();
    }
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text.truncate(text.trim_end().len());
    reply::extract_marked(text, &marks)
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
