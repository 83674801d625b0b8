//! Reading sanitised HTML: the sanitiser's own output, so a small reader is enough.

use crate::{entity, escape};

/// A piece of sanitised HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Escaped text.
    Text(&'a str),
    /// `<name …>`, whole, and its name.
    Start(&'a str, &'a str),
    /// `</name>`, its name.
    End(&'a str),
}

/// Reads sanitised HTML piece by piece. Attribute values are in double quotes.
pub(super) fn tokens(html: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if !rest.starts_with('<') {
            let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            rest = after;
            return Some(Token::Text(text));
        }
        let mut quoted = false;
        let end = rest
            .bytes()
            .position(|byte| {
                quoted ^= byte == b'"';
                byte == b'>' && !quoted
            })
            .map_or(rest.len(), |at| at + 1);
        let (tag, after) = rest.split_at(end);
        rest = after;
        let inside = tag.trim_start_matches('<').trim_end_matches('>');
        Some(match inside.strip_prefix('/') {
            Some(name) => Token::End(name),
            None => Token::Start(tag, inside.split([' ', '/']).next().unwrap_or_default()),
        })
    })
}

/// The value of an attribute in a whole tag, still escaped.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let opening = format!(" {name}=\"");
    let start = tag.find(&opening)? + opening.len();
    let length = tag[start..].find('"')?;
    Some(&tag[start..start + length])
}

pub(super) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "col")
}

/// Makes sure that the text is a closed whole: every element ends, nothing ends twice, and no
/// element stands where it could end one around the text (`<li>` outside a list).
pub(super) fn contain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<(&str, bool)> = Vec::new();
    for token in tokens(html) {
        match token {
            Token::Text(text) => out.push_str(text),
            Token::Start(tag, name) => {
                let parent = open
                    .iter()
                    .rev()
                    .find(|(_, kept)| *kept)
                    .map(|(name, _)| *name);
                let kept = belongs(tag, name, parent, &open);
                if !kept && matches!(name, "dt" | "dd" | "li") {
                    out.push_str("<br>");
                }
                if !kept && name == "img" {
                    let alt = attribute(tag, "alt").unwrap_or_default();
                    out.push_str(&escape::html(&entity::decode(alt)));
                }
                if kept {
                    out.push_str(tag);
                }
                if !is_void(name) {
                    open.push((name, kept));
                }
            }
            Token::End(name) => {
                if open.last().is_some_and(|(last, _)| *last == name)
                    && let Some((name, true)) = open.pop()
                {
                    close(&mut out, name);
                }
            }
        }
    }
    for (name, kept) in open.into_iter().rev() {
        if kept {
            close(&mut out, name);
        }
    }
    out
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Whether an element may stand in its parent without ending anything.
fn belongs(tag: &str, name: &str, parent: Option<&str>, open: &[(&str, bool)]) -> bool {
    let inside = |wanted: &str| open.iter().any(|(name, kept)| *kept && *name == wanted);
    match name {
        "li" => matches!(parent, Some("ul" | "ol")),
        // Definition lists are rare; as lines they need no guard of their own.
        "dl" | "dt" | "dd" => false,
        "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => parent == Some("table"),
        "col" => parent == Some("colgroup"),
        "tr" => matches!(parent, Some("tbody" | "thead" | "tfoot")),
        "td" | "th" => parent == Some("tr"),
        "table" => !matches!(
            parent,
            Some("table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup")
        ),
        "a" => !inside("a"),
        // Its address was taken out: there is nothing to show.
        "img" => tag.contains(" src="),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            !matches!(parent, Some("h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
        }
        _ => true,
    }
}
