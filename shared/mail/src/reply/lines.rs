//! A text as lines, and the folding that makes lines comparable.

/// Longest part of a line that is compared with the tables, in characters.
const FOLD_LIMIT: usize = 400;

/// One line of a mail's text.
#[derive(Clone)]
pub(super) struct Line<'a> {
    /// As written, without the line end.
    pub(super) raw: &'a str,
    /// Whether it carries a `>` in front.
    pub(super) quoted: bool,
    /// Whether nothing visible stands on it.
    pub(super) blank: bool,
}

/// The lines of a text whose line ends are `\n`.
pub(super) fn split(text: &str) -> Vec<Line<'_>> {
    text.split('\n').map(Line::of).collect()
}

impl<'a> Line<'a> {
    /// A line as written.
    pub(super) fn of(raw: &'a str) -> Self {
        Self {
            raw,
            quoted: is_quoted(raw),
            blank: !raw.chars().any(is_visible),
        }
    }
}

/// Whether a character shows on a screen: no space, no control, no zero-width mark.
pub(crate) fn is_visible(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_zero_width(c))
}

/// Emoji and their like, one of which may be all of an answer.
pub(super) fn is_symbol(c: char) -> bool {
    c >= '\u{2190}' && !c.is_alphanumeric() && is_visible(c)
}

/// How many characters of a text show on a screen.
pub(super) fn visible(text: &str) -> usize {
    text.chars().filter(|c| is_visible(*c)).count()
}

/// Marks that take no room: zero-width spaces and joiners, direction marks, soft
/// hyphen, BOM, variation selectors.
fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{34f}')
}

/// A `>` within the first four columns marks a quoted line (RFC 3676, section 4.5, with the room
/// that clients leave in front).
fn is_quoted(raw: &str) -> bool {
    let indent = raw.len() - raw.trim_start_matches([' ', '\u{a0}']).len();
    indent <= 6 && raw[indent..].starts_with('>')
}

/// A line for comparison: lower case, every run of white space one space, without `*` (how clients
/// write bold in plain text), zero-width marks and outer space; at most 400 characters.
pub(super) fn fold(raw: &str) -> String {
    let mut folded = String::with_capacity(raw.len().min(FOLD_LIMIT));
    for c in raw.trim_start().chars().take(FOLD_LIMIT) {
        // Most of a mail is this.
        if c.is_ascii_graphic() {
            if c != '*' {
                folded.push(c.to_ascii_lowercase());
            }
        } else if c.is_whitespace() {
            if !folded.ends_with(' ') && !folded.is_empty() {
                folded.push(' ');
            }
        } else if !c.is_control() && !is_zero_width(c) {
            folded.extend(c.to_lowercase());
        }
    }
    let end = folded.trim_end().len();
    folded.truncate(end);
    folded
}

/// Whether a folded line begins with these words, the last of them whole.
pub(super) fn starts_with_words(folded: &str, words: &str) -> bool {
    folded
        .strip_prefix(words)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Whether a line is a rule: nothing but three or more of `-_=*—–─~#` and spaces.
pub(super) fn is_rule(raw: &str) -> bool {
    let mut marks = 0;
    for c in raw.trim().chars() {
        match c {
            '-' | '_' | '=' | '*' | '—' | '–' | '─' | '━' | '~' => marks += 1,
            c if is_visible(c) => return false,
            _ => {}
        }
    }
    marks >= 3
}

/// Whether a line holds words between dashes: "-----Original Appointment-----".
pub(super) fn is_titled_rule(raw: &str) -> bool {
    let line = raw.trim();
    line.starts_with("--") && line.ends_with("--") && line.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_lines_comparable() {
        assert_eq!(
            fold("  *Enviada\u{a0}em:*\t 5\u{202f}PM \u{200b}"),
            "enviada em: 5 pm"
        );
        assert_eq!(fold("\u{feff}DE: Ana"), "de: ana");
    }

    #[test]
    fn quoted_and_blank_lines_are_told_apart() {
        let lines = split("> a\n >> b\n\u{a0}\u{200b}\nc > d\n        > code");
        let marks: Vec<_> = lines.iter().map(|l| (l.quoted, l.blank)).collect();
        assert_eq!(
            marks,
            [
                (true, false),
                (true, false),
                (false, true),
                (false, false),
                (false, false)
            ]
        );
    }

    #[test]
    fn rules_hold_nothing_but_marks() {
        assert!(is_rule("  ------ ") && is_rule("____") && is_rule("—————"));
        assert!(!is_rule("--") && !is_rule("-- a --") && !is_rule(""));
    }
}
