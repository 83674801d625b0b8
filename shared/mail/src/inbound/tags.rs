//! HTML whose tags hold no more attributes than mail programs write.
//!
//! The tokenizer compares every attribute of a tag with all that stand before it in the same tag: a
//! single tag of some hundred kilobytes would keep it busy for minutes. What is too much is left out
//! before it sees the HTML. Tags are found as the tokenizer finds them (HTML Standard, 13.2.5), or a
//! comment or a quoted `>` would hide one from this limit.

use std::borrow::Cow;

use html::Element;

/// Most attributes of a tag; Word and Outlook write some twenty.
const MAX_ATTRIBUTES: usize = 100;

/// Whether the content of an element is text up to its end tag, which nobody is shown, or what somebody
/// wrote into a form. What some readers show (`noembed`) is read as markup, so that no text is lost.
pub(super) fn is_raw(name: &str) -> bool {
    let element = Element::of(&name.to_ascii_lowercase());
    element.has_raw_text() && (element.is_hidden() || name.eq_ignore_ascii_case("textarea"))
}

/// The HTML without what is too much in its tags.
pub(super) fn with_few_attributes(html: &str) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    let mut kept = String::new();
    // Copied so far.
    let mut copied = 0;
    let mut at = 0;
    while let Some(open) = find(bytes, at, b"<") {
        let name = open + 1 + usize::from(bytes.get(open + 1) == Some(&b'/'));
        at = match bytes.get(name) {
            Some(first) if first.is_ascii_alphabetic() => {
                let tag = Tag::read(bytes, name);
                if let Some(surplus) = tag.surplus {
                    kept.push_str(&html[copied..surplus]);
                    copied = tag.close;
                }
                let name = &html[name..tag.name_end];
                if bytes[open + 1] != b'/' && is_raw(name) {
                    end_of_raw(bytes, tag.close, name)
                } else {
                    tag.close
                }
            }
            _ if bytes[open..].starts_with(b"<!--") => end_of_comment(bytes, open),
            _ if matches!(bytes.get(open + 1), Some(b'!' | b'?' | b'/')) => {
                find(bytes, open, b">").unwrap_or(bytes.len())
            }
            _ => open + 1,
        };
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    kept.push_str(&html[copied..]);
    Cow::Owned(kept)
}

/// Where a tag ends, and what in it is too much.
struct Tag {
    name_end: usize,
    /// Where the first attribute begins that is too many.
    surplus: Option<usize>,
    /// The `>` that closes it, or the end of the HTML.
    close: usize,
}

impl Tag {
    /// Reads a tag whose name begins here.
    fn read(bytes: &[u8], name: usize) -> Self {
        let skip = |at: usize, over: fn(u8) -> bool| {
            let rest = bytes[at..].iter();
            at + rest.take_while(|byte| over(**byte)).count()
        };
        let space = |byte: u8| byte.is_ascii_whitespace();
        let name_end = skip(name, |byte| !ends_name(byte));
        let mut surplus = None;
        let mut at = name_end;
        for number in 1.. {
            at = skip(at, |byte| byte.is_ascii_whitespace() || byte == b'/');
            if bytes.get(at).is_none_or(|byte| *byte == b'>') {
                break;
            }
            if number == MAX_ATTRIBUTES + 1 {
                surplus = Some(at);
            }
            // An attribute may begin with `=`, which is then part of its name.
            at = skip(at + 1, |byte| !ends_name(byte) && byte != b'=');
            let equals = skip(at, space);
            if bytes.get(equals) != Some(&b'=') {
                continue;
            }
            at = skip(equals + 1, space);
            at = match bytes.get(at) {
                Some(quote @ (b'"' | b'\'')) => {
                    find(bytes, at + 1, &[*quote]).map_or(bytes.len(), |end| end + 1)
                }
                _ => skip(at, |byte| !byte.is_ascii_whitespace() && byte != b'>'),
            };
        }
        Self {
            name_end,
            surplus,
            close: at,
        }
    }
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')
}

fn end_of_comment(bytes: &[u8], open: usize) -> usize {
    // "<!-->" is one, too.
    let plain = find(bytes, open + 2, b"-->").map(|at| at + 2);
    let limit = plain.unwrap_or(bytes.len());
    find(&bytes[..limit], open + 4, b"--!>").map_or(limit, |at| at + 3)
}

/// Where the end tag of an element begins whose content is text.
fn end_of_raw(bytes: &[u8], from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = find(bytes, at, b"</") {
        let rest = &bytes[found + 2..];
        let named = rest
            .get(..name.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()));
        if named && rest.get(name.len()).is_some_and(|byte| ends_name(*byte)) {
            return found;
        }
        at = found + 2;
    }
    bytes.len()
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let at = rest.windows(what.len()).position(|window| window == what)?;
    Some(from + at)
}

#[cfg(test)]
mod tests {
    use super::{MAX_ATTRIBUTES, with_few_attributes};

    fn many(value: &str) -> String {
        (0..MAX_ATTRIBUTES * 3)
            .map(|number| format!(" a{number}{value}"))
            .collect()
    }

    #[test]
    fn a_tag_keeps_no_more_attributes_than_programs_write() {
        for value in [
            "",
            "=1",
            "=\">\"",
            "='>'",
            " = \"x\"",
            "=\"\"",
            "='<a b=\"'",
        ] {
            for tag in ["div", "/div", "p/", "a-b"] {
                for around in [
                    ("", ""),
                    ("<!-->", "<!-- <p -->"),
                    ("<!-- <a \" -->", ""),
                    ("<!-- x --!>", ""),
                    ("<!--->", ""),
                    ("<!doctype html \">", ""),
                    ("<?xml '>", ""),
                    ("</ \">", ""),
                    ("<style>a<b \" </style >", ""),
                    ("<TITLE>\"</x></title>", ""),
                    ("1 < 2 \"", ""),
                    ("<p a=\"'\" b='\"'>", ""),
                    ("<p =\"x>", ""),
                ] {
                    let html = format!("{}<{tag}{}>Sim{}", around.0, many(value), around.1);
                    let left = with_few_attributes(&html);
                    let held = (0..MAX_ATTRIBUTES * 3)
                        .filter(|number| left.contains(&format!(" a{number}{value}")))
                        .count();
                    assert!(held <= MAX_ATTRIBUTES + 2, "{held} of {html:.80}");
                    assert!(left.starts_with(around.0), "{html:.80}");
                    assert!(left.ends_with(&format!(">Sim{}", around.1)), "{html:.80}");
                }
            }
        }
    }

    #[test]
    fn other_html_stays_as_it_is() {
        let long = format!("<a title=\"{}\">x</a>", "a b ".repeat(1000));
        for html in [
            "",
            "<",
            "</",
            "<!",
            "<!--",
            "<p",
            "<p a",
            "<p a=",
            "<p a=\"",
            "Sim",
            "<script>",
            "<p class=MsoNormal style='margin:0'>Sim<o:p></o:p></p>",
            &long,
        ] {
            assert_eq!(with_few_attributes(html), html);
        }
        let text = format!("<!--<p{}-->", many("=1"));
        assert_eq!(with_few_attributes(&text), text);
        let text = format!("<style><p{}</style>", many("=1"));
        assert_eq!(with_few_attributes(&text), text);
    }
}
