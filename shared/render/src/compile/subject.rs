//! The last touch to a subject.

use unicode_segmentation::UnicodeSegmentation;

use crate::check::TITLE_LIMIT;

/// One line without control characters, at most 255 characters, no character torn apart.
pub(super) fn one_line(text: String) -> String {
    let trimmed = text.trim();
    let printable = |byte: u8| matches!(byte, b' '..=b'~' | 0x80..=0xc1 | 0xc3..=0xe1 | 0xe3..);
    if trimmed.len() == text.len() && text.len() <= TITLE_LIMIT && text.bytes().all(printable) {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    for c in trimmed.chars() {
        let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        match c {
            _ if !breaks => line.push(c),
            _ if !line.ends_with(' ') => line.push(' '),
            _ => {}
        }
    }
    if line.len() <= TITLE_LIMIT || line.chars().count() <= TITLE_LIMIT {
        return line;
    }
    let mut left = TITLE_LIMIT;
    let end = line
        .grapheme_indices(true)
        .find(|(_, grapheme)| {
            let length = grapheme.chars().count();
            let fits = length <= left;
            left = left.saturating_sub(length);
            !fits
        })
        .map_or(line.len(), |(at, _)| at);
    line.truncate(end);
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(
            one_line("a\r\nBcc: x\u{0}\u{2028}b ".to_owned()),
            "a Bcc: x b"
        );
        assert_eq!(one_line("a  -  b".to_owned()), "a  -  b");
    }

    #[test]
    fn a_subject_is_cut_between_characters() {
        let family = "👨‍👩‍👧‍👦";
        let long = format!("{}{family}{family}", "é".repeat(250));
        assert_eq!(one_line(long), "é".repeat(250));
        assert_eq!(one_line("a".repeat(300)).len(), TITLE_LIMIT);
        // One endless cluster is cut to nothing rather than torn.
        assert_eq!(one_line(format!("a{}", "\u{301}".repeat(300))), "");
    }
}
