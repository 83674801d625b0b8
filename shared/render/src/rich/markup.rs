//! Reading sanitised HTML: the sanitiser's own output, so a small reader is enough.

use html::Element;

use crate::entity;

/// A piece of sanitised HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text between tags, still escaped.
    Text(&'a str),
    /// `<name …>`, whole, and its name.
    Start(&'a str, &'a str),
    /// `</name>`, by its name.
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

/// Makes sure that the text is a closed whole: every element ends, nothing ends twice, and no
/// element stands where it could end one around the text (`<li>` outside a list).
pub(super) fn contain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<(&str, bool)> = Vec::new();
    // For each open element, whether line ends and spaces within count as they stand.
    let mut kept_lines: Vec<bool> = Vec::new();
    for token in tokens(html) {
        match token {
            Token::Text(text) if kept_lines.last() == Some(&true) => lines(&mut out, text),
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
                    out.push_str(&html::escape(&entity::decode(alt)));
                }
                if kept {
                    let attributes = &tag[1 + name.len()..];
                    out.push('<');
                    out.push_str(shown_as(name));
                    out.push_str(attributes);
                }
                if !Element::of(name).is_void() {
                    open.push((name, kept));
                    let outer = kept_lines.last() == Some(&true);
                    let inner = keeps_lines(tag).unwrap_or(outer);
                    kept_lines.push(inner && name != "pre");
                }
            }
            Token::End(name) => {
                if open.last().is_some_and(|(last, _)| *last == name) {
                    kept_lines.pop();
                    if let Some((name, true)) = open.pop() {
                        close(&mut out, name);
                    }
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

/// Whether the style of an element keeps line ends, as editors write what was pasted as text; none if
/// it says nothing. Outlook knows no such style.
fn keeps_lines(tag: &str) -> Option<bool> {
    let style = attribute(tag, "style")?;
    let (_, value) = style.split_once("white-space:")?;
    Some(value.starts_with("pre") || value.starts_with("break-spaces"))
}

/// A text whose line ends and spaces count. The spaces are characters and no references, which parsers
/// bear fewer of.
fn lines(out: &mut String, text: &str) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push_str("<br>");
        }
        let line = line.trim_end_matches('\r');
        let words = line.trim_start_matches([' ', '\t']);
        for space in line[..line.len() - words.len()].chars() {
            out.push_str(&"\u{a0}".repeat(if space == '\t' { 4 } else { 1 }));
        }
        out.push_str(&words.replace("  ", " \u{a0}"));
    }
}

/// The numbers of an ordered list.
pub(super) struct Numbers {
    next: u32,
    /// `1`, `a`, `A`, `i` or `I`.
    kind: char,
}

impl Numbers {
    /// Those of a list by its tag.
    pub(super) fn of(tag: &str) -> Self {
        let start = attribute(tag, "start").and_then(|start| start.trim().parse().ok());
        let kind = attribute(tag, "type").and_then(|kind| kind.chars().next());
        Self {
            next: start.unwrap_or(1),
            kind: kind.filter(|kind| "aAiI".contains(*kind)).unwrap_or('1'),
        }
    }

    /// What stands before an item.
    pub(super) fn take(&mut self, item: &str) -> String {
        let given = attribute(item, "value").and_then(|value| value.trim().parse().ok());
        let number = given.unwrap_or(self.next);
        self.next = number.saturating_add(1);
        let written = match self.kind {
            'a' | 'A' if (1..=702).contains(&number) => letters(number),
            'i' | 'I' if (1..=3999).contains(&number) => roman(number),
            _ => number.to_string(),
        };
        match self.kind {
            'A' | 'I' => written.to_uppercase(),
            _ => written,
        }
    }
}

/// 1 is `a`, 27 is `aa`.
fn letters(number: u32) -> String {
    let letter = |at: u32| char::from(b'a' + (at % 26) as u8);
    match number.checked_sub(27) {
        Some(beyond) => [letter(beyond / 26), letter(beyond)].iter().collect(),
        None => letter(number - 1).to_string(),
    }
}

fn roman(mut number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while number >= value {
            out.push_str(sign);
            number -= value;
        }
    }
    out
}

/// The element as which one is shown: the one that it is, or a plain block.
fn shown_as(name: &str) -> &str {
    let is_block = super::BLOCKS
        .split_ascii_whitespace()
        .any(|block| block == name);
    if is_block { "div" } else { name }
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(shown_as(name));
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
