//! Character references (`&ccedil;`): which ones exist, and what they stand for.

use std::borrow::Cow;

use html5ever::data::NAMED_ENTITIES;

use super::work::looked_at;

/// Longest name of a character reference is 31 characters.
pub(super) const NAME_LIMIT: usize = 32;

/// Longest name that needs no semicolon, such as `&Yacute`.
const LONGEST_OLD_NAME: usize = 6;

/// Whether HTML knows `&name;`.
fn exists(name: &str) -> bool {
    code_points(name).is_some()
}

fn code_points(name: &str) -> Option<(u32, u32)> {
    let key = format!("{name};");
    // Prefixes of names are in the table too, and stand for nothing.
    NAMED_ENTITIES
        .get(key.as_str())
        .copied()
        .filter(|(first, _)| *first != 0)
}

/// A reference in a text: `&name;`, `&#…;`, and without the semicolon where HTML reads it all the same
/// (HTML Standard, 13.2.5.72): a number, and the names that are older than the rule.
pub(super) struct Reference<'a> {
    /// Byte offset of the `&`.
    pub(super) start: usize,
    /// What stands between `&` and `;`.
    pub(super) name: &'a str,
    /// Whether the semicolon is there.
    pub(super) closed: bool,
}

impl Reference<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + 1 + self.name.len() + usize::from(self.closed)
    }

    /// The name that was meant, when the reference itself does not exist: upper-cased by
    /// some editor (`&CCEDIL;`, `&NBSP;`).
    pub(super) fn repaired(&self) -> Option<String> {
        if self.name.starts_with('#') || exists(self.name) {
            return None;
        }
        let lower = self.name.to_ascii_lowercase();
        let mut letters = lower.chars();
        let capital: String = letters
            .next()
            .map(|first| first.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect();
        // `&CCEDIL;` was a capital letter once its text was upper-cased.
        let upper_cased = self
            .name
            .chars()
            .nth(1)
            .is_some_and(|c| c.is_ascii_uppercase());
        let candidates = if upper_cased {
            [capital, lower]
        } else {
            [lower, capital]
        };
        candidates.into_iter().find(|name| exists(name))
    }

    /// Whether it is one at all: `&foo;` is not.
    pub(super) fn is_known(&self) -> bool {
        self.name.starts_with('#') || exists(self.name)
    }
}

/// The one character of the reference that a text begins with, and the reference's length. Where no
/// semicolon ends it, an old name ends by itself, as it does in a text.
pub(super) fn first(text: &str) -> Option<(char, usize)> {
    let reference = reference_at(text, 0).or_else(|| old_name_at(text))?;
    let characters = character(&reference)?;
    let mut characters = characters.chars();
    let only = characters.next().filter(|_| characters.next().is_none());
    Some((only?, reference.end()))
}

fn reference_at(text: &str, start: usize) -> Option<Reference<'_>> {
    let rest = text.as_bytes().get(start..)?.strip_prefix(b"&")?;
    let length = match rest {
        [b'#', b'x' | b'X', digits @ ..] => 2 + run(digits, u8::is_ascii_hexdigit, 2)?,
        [b'#', digits @ ..] => 1 + run(digits, u8::is_ascii_digit, 1)?,
        name => run(
            &name[..name.len().min(NAME_LIMIT + 1)],
            u8::is_ascii_alphanumeric,
            0,
        )?,
    };
    looked_at(length + 1);
    let name = &text[start + 1..start + 1 + length];
    let next = rest.get(length);
    let closed = next == Some(&b';');
    // In an address, `&copy=1` is a parameter.
    let ends = closed || name.starts_with('#') || next != Some(&b'=') && is_old(name);
    ends.then_some(Reference {
        start,
        name,
        closed,
    })
}

/// How many bytes at the beginning are such; `None` for none.
fn run(bytes: &[u8], such: fn(&u8) -> bool, before: usize) -> Option<usize> {
    let length = bytes.iter().take_while(|byte| such(byte)).count();
    looked_at(before + length);
    (length > 0).then_some(length)
}

/// The longest old name at the beginning of a text that no semicolon ends.
fn old_name_at(text: &str) -> Option<Reference<'_>> {
    let rest = text.strip_prefix('&')?;
    let lengths = (2..=LONGEST_OLD_NAME).rev();
    let mut names = lengths.filter_map(|length| rest.get(..length));
    let name = names.find(|name| is_old(name))?;
    Some(Reference {
        start: 0,
        name,
        closed: false,
    })
}

/// Whether a name stands for something without a semicolon.
fn is_old(name: &str) -> bool {
    name.len() <= LONGEST_OLD_NAME
        && !name.ends_with(';')
        && NAMED_ENTITIES
            .get(name)
            .is_some_and(|(first, _)| *first != 0)
}

pub(super) fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    looked_at(text.len());
    text.match_indices('&')
        .filter_map(|(start, _)| reference_at(text, start))
}

/// The text with its references decoded, upper-cased ones repaired, unknown ones as they are.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut at = 0;
    for reference in references(text) {
        if let Some(characters) = character(&reference) {
            decoded.push_str(&text[at..reference.start]);
            decoded.push_str(&characters);
            at = reference.end();
        }
    }
    decoded.push_str(&text[at..]);
    Cow::Owned(decoded)
}

/// The text with upper-cased references repaired and nothing else changed.
pub(super) fn repair(text: &str) -> Cow<'_, str> {
    let mut repaired = String::new();
    let mut at = 0;
    for reference in references(text) {
        if let Some(name) = reference.repaired() {
            repaired.push_str(&text[at..=reference.start]);
            repaired.push_str(&name);
            at = reference.start + 1 + reference.name.len();
        }
    }
    if at == 0 {
        return Cow::Borrowed(text);
    }
    repaired.push_str(&text[at..]);
    Cow::Owned(repaired)
}

fn character(reference: &Reference<'_>) -> Option<String> {
    let name = reference.name;
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).map(String::from);
    }
    let repaired = reference.repaired();
    let (first, second) = code_points(repaired.as_deref().unwrap_or(name))?;
    let characters = [first, second].into_iter().filter(|code| *code != 0);
    Some(characters.filter_map(char::from_u32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_cased_references_are_repaired() {
        for (text, repaired) in [
            ("EXCLUS&ATILDE;O", "EXCLUS&Atilde;O"),
            ("&CCEDIL;&NBSP;", "&Ccedil;&nbsp;"),
            ("&Nbsp;", "&nbsp;"),
            (
                "&ccedil; &AMP; &foo; & &#231;",
                "&ccedil; &AMP; &foo; & &#231;",
            ),
        ] {
            assert_eq!(repair(text), repaired);
        }
    }

    #[test]
    fn a_reference_needs_no_semicolon_where_html_needs_none() {
        for (text, decoded) in [
            ("&#36{NOTA&#125b", "${NOTA}b"),
            ("&#x24;&#X24{", "$${"),
            ("&#0000000000000000000000000000000000000000036;", "$"),
            ("R&#36 5 &copy 2026 &ccedil", "R$ 5 © 2026 ç"),
            ("?a=1&copy=2&notin=3&lcub", "?a=1&copy=2&notin=3&lcub"),
            ("&# &#; &#x &#xg;", "&# &#; &#x &#xg;"),
        ] {
            assert_eq!(decode(text), decoded);
        }
        assert_eq!(first("&shyTA}"), Some(('\u{ad}', 4)));
        assert_eq!(first("&nbspX"), Some(('\u{a0}', 5)));
        assert_eq!(first("&lcubX"), None);
    }

    #[test]
    fn references_are_decoded() {
        assert_eq!(
            decode("a &amp; &ccedil;&CCEDIL;&#x41;&#66;&foo;"),
            "a & çÇAB&foo;"
        );
        assert_eq!(decode("&#xD800;&#99999999;"), "&#xD800;&#99999999;");
    }
}
