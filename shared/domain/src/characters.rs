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
}
