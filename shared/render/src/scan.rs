//! The scanner of `${KEY}`: finds keys, tokens and what was meant to be one, with positions.
//!
//! One pass from left to right; what it does not report is literal text. Nothing is looked for
//! without an end to the search, so the time is that of the text's length.

use std::borrow::Cow;
use std::ops::Range;

use super::token::{self, TokenProblem, TokenSpec};
use super::work::looked_at;
use domain::catalog::keys;

mod spelling;

/// Longest name that is taken for a key.
const NAME_LIMIT: usize = 64;
/// How far a closing brace or bracket is looked for, in bytes.
const REACH: usize = 300;

/// What a template has in place of literal text, or what was meant as that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder<'a> {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    pub(super) what: What<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What<'a> {
    /// `${NAME}`, the name known or not.
    Key(&'a str),
    /// `$${NAME}`: stands for a literal `${NAME}`.
    Escaped,
    /// `{TOKEN(…)}`, with what its arguments say or what is wrong with them.
    Token(Result<TokenSpec, TokenProblem>),
    /// `\${NAME}`: an escape of other languages, which here is one.
    Backslash(&'a str),
    /// `$ {NAME}`, `${ NAME }`, `$(NAME)`, `$%7BNAME%7D`, or braces around something that
    /// is not a name.
    Malformed(Cow<'a, str>),
    /// `${NAME` without an end.
    Unclosed(&'a str),
    /// `${<b>NAME</b>}`: the name, and the markup inside.
    Split(String, Vec<Range<usize>>),
}

/// Finds everything in a text, in order and without overlap.
pub(super) fn scan(text: &str) -> Vec<Placeholder<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        looked_at(1);
        let hit = match bytes[at] {
            b'$' => at_dollar(text, at),
            b'\\' => at_backslash(text, at),
            b'{' => at_brace(text, at),
            // `&`, `%` and the first byte of the wide forms may begin an encoded one.
            b'&' | b'%' | 0xEF => match spelling::begins(&text[at..]) {
                Some('$') => spelling::key(text, at),
                Some(_) => spelling::token(text, at),
                None => None,
            },
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

/// Finds the keys of a template in Tera whose braces an editor encoded or took apart, so that they are
/// literal text: where each stands, and the key.
pub(super) fn scan_expressions(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        looked_at(1);
        let here = match text.as_bytes()[at] {
            b'{' => !text[at..].starts_with("{{"),
            b'&' | b'%' | 0xEF => spelling::begins(&text[at..]) == Some('{'),
            _ => false,
        };
        match here.then(|| spelling::expression(text, at)).flatten() {
            Some((range, key)) => {
                at = range.end;
                found.push((range, key));
            }
            None => at += 1,
        }
    }
    found
}

fn at_backslash(text: &str, at: usize) -> Option<Placeholder<'_>> {
    let name = closed_name(&text[at + 1..])?;
    Some(Placeholder {
        range: at..at + 1 + "${}".len() + name.len(),
        what: What::Backslash(name),
    })
}

fn at_brace(text: &str, at: usize) -> Option<Placeholder<'_>> {
    const OPENING: &str = "{TOKEN";
    let head = text.get(at..at + OPENING.len()).unwrap_or_default();
    if !head.eq_ignore_ascii_case(OPENING) {
        return spelling::token(text, at);
    }
    let rest = &text[at + OPENING.len()..];
    let arguments = rest.trim_start().strip_prefix('(')?;
    let start = text.len() - arguments.len();
    looked_at(start - at);
    let Some(end) = token_end(arguments) else {
        let odd = spelling::token(text, at);
        return Some(odd.unwrap_or(Placeholder {
            range: at..start,
            what: What::Token(Err(TokenProblem::Shape)),
        }));
    };
    let reach = arguments;
    let spec = if head == OPENING {
        token::parse(&reach[..end])
    } else {
        Err(TokenProblem::Shape)
    };
    Some(Placeholder {
        range: at..start + end + ")}".len(),
        what: What::Token(spec),
    })
}

/// Where the `)}` of a token is. It stands on one line and in one attribute: what ends either ends
/// the search, and so does another token.
fn token_end(arguments: &str) -> Option<usize> {
    let bytes = arguments.as_bytes();
    for at in 0..bytes.len().min(REACH) {
        looked_at(1);
        match bytes[at] {
            b'\n' | b'\r' | b'<' | b'>' | b'"' | b'\'' => return None,
            b'{' if at == 0 || bytes[at - 1] != b'$' => return None,
            b')' if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    None
}

fn at_dollar(text: &str, at: usize) -> Option<Placeholder<'_>> {
    let rest = &text[at + 1..];
    match rest.as_bytes().first()? {
        b'$' => {
            let name = closed_name(rest)?;
            Some(Placeholder {
                range: at..at + "$${}".len() + name.len(),
                what: What::Escaped,
            })
        }
        b'{' => Some(in_braces(text, at, at + 2)),
        b'(' => {
            let name = leading_name(&rest[1..]);
            let closed = rest[1 + name.len()..].starts_with(')');
            let direct = (closed && is_key_like(name)).then(|| Placeholder {
                range: at..at + "$()".len() + name.len(),
                what: What::Malformed(name.into()),
            });
            direct.or_else(|| spelling::key(text, at))
        }
        // The brace does not follow the dollar at once: `$ {NAME}`, `$<b>{NAME}`, `$%7BNAME%7D`.
        _ => spelling::key(text, at),
    }
}

/// What begins with `${`; `start` is the first byte after it.
fn in_braces(text: &str, at: usize, start: usize) -> Placeholder<'_> {
    let rest = &text[start..];
    let reach = &rest[..floor_char_boundary(rest, REACH)];
    let name = leading_name(rest);
    let unclosed = Placeholder {
        range: at..start + name.len(),
        what: What::Unclosed(name),
    };
    if rest[name.len()..].starts_with('}') && !name.is_empty() {
        return Placeholder {
            range: at..start + name.len() + 1,
            what: What::Key(name),
        };
    }
    if let Some(found) = spelling::key(text, at) {
        return found;
    }
    looked_at(reach.len());
    let Some(end) = reach.find('}') else {
        return unclosed;
    };
    let inside = &reach[..end];
    if inside.contains("${") || inside.contains('<') {
        return unclosed;
    }
    let range = at..start + end + 1;
    let trimmed = trim_blank(inside);
    let prose = inside.len() > NAME_LIMIT || inside.contains(['\n', '\r', '"', '>']);
    if prose {
        return match keys::find_in_any_case(name) {
            // With a default behind it, as other languages have (`${KEY!"none"}`).
            Some(_) => Placeholder {
                range,
                what: What::Malformed(name.into()),
            },
            None => unclosed,
        };
    }
    Placeholder {
        range,
        what: What::Malformed(trimmed.into()),
    }
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
    let text = &text[..floor_char_boundary(text, NAME_LIMIT)];
    let end = text
        .char_indices()
        .find(|(_, c)| !c.is_alphanumeric() && *c != '_')
        .map_or(text.len(), |(at, _)| at);
    looked_at(end);
    &text[..end]
}

/// Whether a name in an odd spelling is meant as a key: `$(NOME)` is, jQuery's `$(document)` not.
fn is_key_like(name: &str) -> bool {
    name.len() > 1 && (!name.contains(char::is_lowercase) || keys::find_in_any_case(name).is_some())
}

/// The text without white space and no-break spaces around it.
fn trim_blank(text: &str) -> &str {
    const ENTITY: &str = "&nbsp;";
    let mut rest = text;
    loop {
        let trimmed = rest.trim();
        let trimmed = trimmed.strip_prefix(ENTITY).unwrap_or(trimmed);
        let trimmed = trimmed.strip_suffix(ENTITY).unwrap_or(trimmed);
        if trimmed.len() == rest.len() {
            return trimmed;
        }
        rest = trimmed;
    }
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
