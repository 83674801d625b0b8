//! From text to pieces of a template, and from tags to tokens, as Tera 2 reads them.

use crate::texts;
use std::ops::Range;

use super::Fault;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Literal text, trimmed where a tag beside it asks for that.
    Text(Range<usize>),
    /// `{{ … }}`, whole, and its tokens.
    Output(Range<usize>, Vec<Token>),
    /// `{% … %}`, whole, and its tokens.
    Tag(Range<usize>, Vec<Token>),
}

/// A token of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: TokenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Name,
    Text,
    Number,
    Sign,
}

const SIGNS: [&str; 33] = [
    "...", "//", "**", "==", "!=", ">=", "<=", "?.", "?[", "+", "-", "*", "/", "%", "!", ".", ",",
    ":", "~", "|", "=", ">", "<", "(", ")", "[", "]", "{", "}", "@", "?", "&", ";",
];

/// Reads a whole template.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut trim_next = false;
    while at < text.len() {
        let rest = &text[at..];
        let start = next_tag(rest).map_or(text.len(), |offset| at + offset);
        if start > at || trim_next {
            let trims_end = text.as_bytes().get(start + 2) == Some(&b'-');
            push_text(&mut pieces, text, at..start, trim_next, trims_end);
        }
        if start == text.len() {
            break;
        }
        let tag = &text[start..];
        let inside = start
            + if tag.as_bytes().get(2) == Some(&b'-') {
                3
            } else {
                2
            };
        let (end, trims) = match &tag[..2] {
            "{#" => comment(text, start, inside)?,
            "{{" => {
                let (tokens, end, trims) = tokens(text, start, inside, "}}")?;
                pieces.push(Piece::Output(start..end, tokens));
                (end, trims)
            }
            _ => match raw(text, start, inside)? {
                Some(raw) => {
                    push_text(&mut pieces, text, raw.body, raw.trims_start, raw.trims_end);
                    (raw.end, raw.trims)
                }
                None => {
                    let (tokens, end, trims) = tokens(text, start, inside, "%}")?;
                    pieces.push(Piece::Tag(start..end, tokens));
                    (end, trims)
                }
            },
        };
        at = end;
        trim_next = trims;
    }
    Ok(pieces)
}

fn next_tag(text: &str) -> Option<usize> {
    text.as_bytes()
        .windows(2)
        .position(|pair| matches!(pair, b"{{" | b"{%" | b"{#"))
}

fn push_text(
    pieces: &mut Vec<Piece>,
    text: &str,
    range: Range<usize>,
    trim_start: bool,
    trim_end: bool,
) {
    let mut range = range;
    if trim_start {
        let part = &text[range.clone()];
        range.start += part.len() - part.trim_start().len();
    }
    if trim_end {
        range.end = range.start + text[range.clone()].trim_end().len();
    }
    if !range.is_empty() {
        pieces.push(Piece::Text(range));
    }
}

fn comment(text: &str, start: usize, inside: usize) -> Result<(usize, bool), Fault> {
    let Some(length) = text[inside..].find("#}") else {
        return Err(Fault::syntax(
            start..start + 2,
            texts::script::COMMENT_UNCLOSED.phrase(),
        ));
    };
    let trims = text[inside..inside + length].ends_with('-');
    Ok((inside + length + 2, trims))
}

/// A `{% raw %}` block.
struct Raw {
    body: Range<usize>,
    end: usize,
    trims_start: bool,
    trims_end: bool,
    trims: bool,
}

fn raw(text: &str, start: usize, inside: usize) -> Result<Option<Raw>, Fault> {
    let Some((from, trims_start)) = named_tag(text, inside, "raw") else {
        return Ok(None);
    };
    let mut at = from;
    while let Some(offset) = text[at..].find("{%") {
        let tag = at + offset;
        let trims_end = text[tag + 2..].starts_with('-');
        let inside = tag + if trims_end { 3 } else { 2 };
        if let Some((end, trims)) = named_tag(text, inside, "endraw") {
            return Ok(Some(Raw {
                body: from..tag,
                end,
                trims_start,
                trims_end,
                trims,
            }));
        }
        at = tag + 2;
    }
    Err(Fault::syntax(
        start..from,
        texts::script::RAW_UNCLOSED.phrase(),
    ))
}

/// Where a tag of this name alone ends, and whether it trims.
fn named_tag(text: &str, inside: usize, name: &str) -> Option<(usize, bool)> {
    let rest = text[inside..]
        .trim_ascii_start()
        .strip_prefix(name)?
        .trim_ascii_start();
    let (rest, trims) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let rest = rest.strip_prefix("%}")?;
    Some((text.len() - rest.len(), trims))
}

fn tokens(
    text: &str,
    start: usize,
    inside: usize,
    end: &str,
) -> Result<(Vec<Token>, usize, bool), Fault> {
    let mut tokens = Vec::new();
    let mut at = inside;
    loop {
        let rest = &text[at..];
        let Some(byte) = rest.bytes().next() else {
            return Err(Fault::syntax(
                start..start + 2,
                texts::script::NO_CLOSING.phrase().with("end", end),
            ));
        };
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if rest.starts_with(end) {
            return Ok((tokens, at + 2, false));
        }
        if rest
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(end))
        {
            return Ok((tokens, at + 3, true));
        }
        let (kind, length) = match byte {
            b'"' | b'\'' | b'`' => (TokenKind::Text, quoted(rest, at)?),
            b'0'..=b'9' => (TokenKind::Number, number(rest)),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => (TokenKind::Name, word(rest)),
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (TokenKind::Sign, sign.len()),
                None => {
                    let length = rest.chars().next().map_or(1, char::len_utf8);
                    return Err(Fault::syntax(
                        at..at + length,
                        texts::script::CHARACTER_UNKNOWN.phrase(),
                    ));
                }
            },
        };
        tokens.push(Token {
            range: at..at + length,
            kind,
        });
        at += length;
    }
}

fn quoted(rest: &str, at: usize) -> Result<usize, Fault> {
    let quote = rest.as_bytes()[0];
    let mut escaped = false;
    for (index, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => {
                if !matches!(byte, b'"' | b'\'' | b'/' | b'\\' | b'n' | b't' | b'r') {
                    let range = at + index - 1..at + index;
                    return Err(Fault::syntax(range, texts::script::ESCAPE_UNKNOWN.phrase()));
                }
                escaped = false;
            }
            b'\\' => escaped = true,
            byte if byte == quote => return Ok(index + 1),
            _ => {}
        }
    }
    Err(Fault::syntax(
        at..at + 1,
        texts::script::QUOTE_UNCLOSED.phrase(),
    ))
}

fn number(rest: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    match rest[whole..].strip_prefix('.') {
        Some(fraction) => whole + 1 + digits(fraction),
        None => whole,
    }
}

fn word(rest: &str) -> usize {
    rest.bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count()
}
