//! Characters that nobody sees, and one spelling for texts that look alike.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// Characters that show nothing or turn the direction of what follows (`\u{202e}fdp.exe`).
pub fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters that show nothing by themselves: beside those of [`is_format`] the fillers of Hangul and
/// Braille, and what only chooses the form of its neighbour.
pub fn is_unseen(c: char) -> bool {
    is_format(c)
        || matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a text shows nothing: no character, white space, or characters that nobody sees.
pub fn is_blank(text: &str) -> bool {
    let shows = |c: char| !c.is_whitespace() && !c.is_control() && !is_unseen(c);
    !text.contains(shows)
}

/// Whether a character ends a line for some program: beside CR and LF the vertical tab, the form feed, the
/// next line of EBCDIC and Unicode's separators.
pub fn ends_line(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a text may stand on one line: it has nothing that ends a line, and no other control character.
pub fn is_one_line(text: &str) -> bool {
    !text.contains(breaks_line)
}

/// The text on one line: a space for each line end and each other character that may not stand there.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    match is_one_line(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.replace("\r\n", "\n").replace(breaks_line, " ")),
    }
}

fn breaks_line(c: char) -> bool {
    c.is_control() || ends_line(c)
}

/// A text that somebody wrote, with `\n` line ends, without other control characters but tab, and
/// without blank lines around it. Its first line keeps its indentation.
pub fn written_text(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    let stays = |c: char| match c {
        '\n' | '\t' => true,
        '\u{feff}' => false,
        c => !c.is_control() && !ends_line(c),
    };
    while let Some(at) = rest.find(|c| !stays(c)) {
        let (kept, behind) = rest.split_at(at);
        out.push_str(kept);
        let mut behind = behind.chars();
        let breaks = match behind.next() {
            Some('\r') => !behind.as_str().starts_with('\n'),
            c => c.is_some_and(ends_line),
        };
        if breaks {
            out.push('\n');
        }
        rest = behind.as_str();
    }
    out.push_str(rest);
    let end = out.trim_end().len();
    out.truncate(end);
    let start = out
        .find(|c: char| !c.is_whitespace())
        .and_then(|first| out[..first].rfind('\n'))
        .map_or(0, |line_end| line_end + 1);
    out.drain(..start);
    out
}

/// The text with each letter and its accents as one character where there is one (Unicode's form NFC):
/// `é` may be written as `e` and an accent, and looks the same.
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The text as names are compared: composed, and without case.
pub fn folded(text: &str) -> String {
    composed(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_characters_that_nobody_sees_is_blank() {
        for text in [
            "",
            " \t\r\n\u{a0}\u{3000}",
            "\u{200b}",
            "\u{2060}\u{feff}",
            "\u{2063} \u{ad}",
            "\u{3164}",
            "\u{2800}\u{fe0f}",
            "\u{7f}\0",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", "\u{200b}a", ".", "日", "\u{2764}\u{fe0f}", "\u{301}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn what_looks_alike_is_one_text() {
        assert_eq!(composed("Acao"), "Acao");
        assert_eq!(composed("Ac\u{327}a\u{303}o"), "A\u{e7}\u{e3}o");
        assert_eq!(folded("AC\u{327}A\u{303}O"), folded("a\u{e7}\u{e3}o"));
    }

    #[test]
    fn a_line_has_neither_line_ends_nor_control_characters() {
        for text in [
            "a\nb",
            "a\rb",
            "a\u{85}b",
            "a\u{2028}b",
            "a\tb",
            "a\0b",
            "a\u{7f}b",
        ] {
            assert!(!is_one_line(text), "{text:?}");
            assert_eq!(on_one_line(text), "a b", "{text:?}");
        }
        assert!(is_one_line("") && is_one_line("Ação – \u{a0}日"));
        assert_eq!(on_one_line(" a\r\nb  c "), " a b  c ");
    }

    #[test]
    fn whatever_ends_a_line_parts_the_words_around_it() {
        let text =
            "\u{feff}\r\n \n  a\rb\r\nc\u{b}d\u{c}e\u{85}f\u{2028}g\u{2029}h\ti\u{7}j\n\rk \n\n";
        assert_eq!(written_text(text), "  a\nb\nc\nd\ne\nf\ng\nh\tij\n\nk");
        assert_eq!(written_text(" \r\u{2028}"), "");
    }
}
