//! The scanner of `${KEY}`: finds keys, tokens and what was meant to be one, with positions.
//!
//! One pass from left to right; what it does not report is literal text.

use std::ops::Range;

use super::token::{self, TokenProblem, TokenSpec};
use crate::catalog::keys;

/// Longest name that is taken for a key.
const NAME_LIMIT: usize = 64;
/// How far a closing brace or bracket is looked for, in bytes.
const REACH: usize = 300;

/// Something that is not literal text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) what: What<'a>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What<'a> {
    /// `${NAME}`, the name known or not.
    Key(&'a str),
    /// `$${NAME}`: stands for a literal `${NAME}`.
    Escaped,
    /// `{TOKEN(…)}`.
    Token(Result<TokenSpec, TokenProblem>),
    /// `\${NAME}`.
    Backslash(&'a str),
    /// `$ {NAME}`, `${ NAME }`, `$(NAME)` or braces around something that is no name.
    Malformed(&'a str),
    /// `${NAME` without an end.
    Unclosed(&'a str),
    /// `${<b>NAME</b>}`: the name, and the markup inside.
    Split(String, Vec<Range<usize>>),
}

/// Finds everything in a text, in order and without overlap.
pub(super) fn scan(text: &str) -> Vec<Found<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hit = match bytes[at] {
            b'$' => at_dollar(text, at),
            b'\\' => at_backslash(text, at),
            b'{' => at_brace(text, at),
            _ => None,
        };
        match hit {
            Some(hit) => {
                at = hit.range.end;
                found.push(hit);
            }
            None => at += 1,
        }
    }
    found
}

fn at_backslash(text: &str, at: usize) -> Option<Found<'_>> {
    let name = closed_name(&text[at + 1..])?;
    Some(Found {
        range: at..at + 1 + "${}".len() + name.len(),
        what: What::Backslash(name),
    })
}

fn at_brace(text: &str, at: usize) -> Option<Found<'_>> {
    const OPENING: &str = "{TOKEN";
    let head = text.get(at..at + OPENING.len())?;
    if !head.eq_ignore_ascii_case(OPENING) {
        return None;
    }
    let rest = &text[at + OPENING.len()..];
    let arguments = rest.trim_start().strip_prefix('(')?;
    let start = text.len() - arguments.len();
    // A token stands on one line and in one attribute: what ends either ends it.
    let reach = arguments
        .find(['\n', '\r', '<', '>', '"', '\''])
        .unwrap_or(arguments.len())
        .min(floor_char_boundary(arguments, REACH));
    let reach = &arguments[..reach];
    let Some(end) = reach.find(")}") else {
        return Some(Found {
            range: at..start,
            what: What::Token(Err(TokenProblem::Shape)),
        });
    };
    let spec = if head == OPENING {
        token::parse(&reach[..end])
    } else {
        Err(TokenProblem::Shape)
    };
    Some(Found {
        range: at..start + end + ")}".len(),
        what: What::Token(spec),
    })
}

fn at_dollar(text: &str, at: usize) -> Option<Found<'_>> {
    let rest = &text[at + 1..];
    match rest.as_bytes().first()? {
        b'$' => {
            let name = closed_name(rest)?;
            Some(Found {
                range: at..at + "$${}".len() + name.len(),
                what: What::Escaped,
            })
        }
        b'{' => Some(in_braces(text, at, at + 2)),
        b'(' => {
            let name = leading_name(&rest[1..]);
            let closed = rest[1 + name.len()..].starts_with(')');
            (closed && is_key_like(name)).then(|| Found {
                range: at..at + "$()".len() + name.len(),
                what: What::Malformed(name),
            })
        }
        _ => apart(text, at, rest),
    }
}

/// `$ {NAME}` and `$<b>{NAME}`: the brace does not follow the dollar at once.
fn apart<'a>(text: &'a str, at: usize, rest: &'a str) -> Option<Found<'a>> {
    let spaces = blank_len(rest);
    let tags = tags_len(&rest[spaces..]);
    let gap = spaces + tags;
    if gap == 0 || !rest[gap..].starts_with('{') {
        return None;
    }
    let inside = &rest[gap + 1..];
    let before = blank_len(inside);
    let name = leading_name(&inside[before..]);
    let after = &inside[before + name.len()..];
    let closing = blank_len(after);
    if !after[closing..].starts_with('}') || !is_key_like(name) {
        return None;
    }
    let end = text.len() - after.len() + closing + 1;
    let what = if tags == 0 {
        What::Malformed(name)
    } else {
        let markup = at + 1 + spaces..at + 1 + gap;
        What::Split(name.to_owned(), vec![markup])
    };
    Some(Found {
        range: at..end,
        what,
    })
}

/// What begins with `${`; `start` is the first byte after it.
fn in_braces(text: &str, at: usize, start: usize) -> Found<'_> {
    let rest = &text[start..];
    let reach = &rest[..floor_char_boundary(rest, REACH)];
    let name = leading_name(rest);
    let unclosed = Found {
        range: at..start + name.len(),
        what: What::Unclosed(name),
    };
    if rest[name.len()..].starts_with('}') && !name.is_empty() {
        return Found {
            range: at..start + name.len() + 1,
            what: What::Key(name),
        };
    }
    let Some(end) = reach.find('}') else {
        return unclosed;
    };
    let inside = &reach[..end];
    if inside.contains("${") {
        return unclosed;
    }
    let range = at..start + end + 1;
    let trimmed = trim_blank(inside);
    if is_name(trimmed) {
        return Found {
            range,
            what: What::Malformed(trimmed),
        };
    }
    if inside.contains('<') {
        return match split_by_markup(inside, start) {
            Some((name, markup)) => Found {
                range,
                what: What::Split(name, markup),
            },
            None => unclosed,
        };
    }
    let prose = inside.len() > NAME_LIMIT || inside.contains(['\n', '\r', '"', '>']);
    if prose {
        return unclosed;
    }
    Found {
        range,
        what: What::Malformed(trimmed),
    }
}

/// The name that is left when tags are taken out, and where they stand.
fn split_by_markup(inside: &str, start: usize) -> Option<(String, Vec<Range<usize>>)> {
    let mut name = String::new();
    let mut markup = Vec::new();
    let mut at = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        let tag = tags_len(rest);
        if tag > 0 {
            markup.push(start + at..start + at + tag);
            at += tag;
        } else {
            let next = rest.char_indices().skip(1).find(|(_, c)| *c == '<');
            let text = next.map_or(rest.len(), |(at, _)| at);
            name.push_str(trim_blank(&rest[..text]));
            at += text;
        }
    }
    (is_name(&name) && !markup.is_empty()).then_some((name, markup))
}

/// The name in `${NAME}` when the text begins with one.
fn closed_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("${")?;
    let name = leading_name(rest);
    (!name.is_empty() && rest[name.len()..].starts_with('}')).then_some(name)
}

/// The longest name that the text begins with, maybe empty.
fn leading_name(text: &str) -> &str {
    if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return "";
    }
    let end = text
        .char_indices()
        .find(|(_, c)| !c.is_alphanumeric() && *c != '_')
        .map_or(text.len(), |(at, _)| at);
    &text[..end.min(floor_char_boundary(text, NAME_LIMIT))]
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && leading_name(text).len() == text.len()
}

/// Whether a name in an odd spelling is meant as a key: `$(NOME)` is, jQuery's `$(document)` not.
fn is_key_like(name: &str) -> bool {
    name.len() > 1 && (!name.contains(char::is_lowercase) || keys::find_in_any_case(name).is_some())
}

const ENTITY: &str = "&nbsp;";

/// Length of white space, no-break spaces included, at the start.
fn blank_len(text: &str) -> usize {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let trimmed = trimmed.strip_prefix(ENTITY).unwrap_or(trimmed);
        if trimmed.len() == rest.len() || text.len() - trimmed.len() > REACH {
            return text.len() - trimmed.len();
        }
        rest = trimmed;
    }
}

fn trim_blank(text: &str) -> &str {
    let mut rest = &text[blank_len(text)..];
    loop {
        let trimmed = rest.trim_end();
        let trimmed = trimmed.strip_suffix(ENTITY).unwrap_or(trimmed);
        if trimmed.len() == rest.len() {
            return trimmed;
        }
        rest = trimmed;
    }
}

/// Length of the tags at the start: `<b>`, `</span><i>`.
fn tags_len(text: &str) -> usize {
    let mut length = 0;
    while let Some(rest) = text[length..].strip_prefix('<') {
        let name = rest.strip_prefix('/').unwrap_or(rest);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            break;
        }
        match rest.find(['>', '<', '{', '}']) {
            Some(end) if rest[end..].starts_with('>') && end < REACH => length += end + 2,
            _ => break,
        }
    }
    length
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests;
