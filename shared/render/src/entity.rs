//! Character references (`&ccedil;`): which ones exist, and what they stand for.

use std::borrow::Cow;

use html5ever::data::NAMED_ENTITIES;

use super::work::looked_at;

/// Longest name of a character reference is 31 characters.
pub(super) const NAME_LIMIT: usize = 32;

/// Whether `&name;` exists.
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

/// A reference in a text, `&name;` or `&#…;`.
pub(super) struct Reference<'a> {
    /// Byte offset of the `&`.
    pub(super) start: usize,
    /// What stands between `&` and `;`.
    pub(super) name: &'a str,
}

impl Reference<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.name.len() + 2
    }

    /// The name that was meant, when the reference itself does not exist: upper-cased by some
    /// editor (`&CCEDIL;`, `&NBSP;`).
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

/// The one character of the reference that a text begins with, and the reference's length.
pub(super) fn first(text: &str) -> Option<(char, usize)> {
    let reference = reference_at(text, 0)?;
    let characters = character(&reference)?;
    let mut characters = characters.chars();
    let only = characters.next().filter(|_| characters.next().is_none());
    Some((only?, reference.end()))
}

fn reference_at(text: &str, start: usize) -> Option<Reference<'_>> {
    let rest = text.as_bytes().get(start..)?.strip_prefix(b"&")?;
    let length = rest
        .iter()
        .take(NAME_LIMIT + 1)
        .position(|b| !(b.is_ascii_alphanumeric() || *b == b'#'))?;
    looked_at(length + 1);
    let ends = rest.get(length) == Some(&b';');
    (ends && length > 0).then(|| Reference {
        start,
        name: &text[start + 1..start + 1 + length],
    })
}

/// Every reference with a semicolon.
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
            at = reference.end() - 1;
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
    fn references_are_decoded() {
        assert_eq!(
            decode("a &amp; &ccedil;&CCEDIL;&#x41;&#66;&foo;"),
            "a & çÇAB&foo;"
        );
        assert_eq!(decode("&#xD800;&#99999999;"), "&#xD800;&#99999999;");
    }
}
