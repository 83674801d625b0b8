//! Header lines: whatever the data, one header stays one header (RFC 5322, RFC 2047).

use data_encoding::BASE64;

use domain::address::Mailbox;

/// Longest line in characters without CRLF that we aim at (RFC 5322, 2.1.1). A single address or
/// message id that is longer stands alone on its line, well under the hard limit of 998.
const LINE: usize = 78;
/// Longest plain word; a longer one is encoded, so that it can be folded.
const PLAIN_WORD: usize = 60;
/// UTF-8 bytes in one encoded word: 42 → 56 of base64, 68 with its frame (RFC 2047 allows 75), so
/// that the first one fits behind the longest name of a header with text.
const ENCODED_BYTES: usize = 42;
/// Longest display name in characters; the rest is cut.
const NAME: usize = 120;

/// A header with free text, folded, CRLF at the end.
pub fn text(name: &str, value: &str) -> String {
    let value = one_line(value);
    if is_plain(&value) {
        fold(name, value.split(' '))
    } else {
        fold(name, encoded_words(&value).iter().map(String::as_str))
    }
}

/// A header with one mailbox, folded, CRLF at the end.
pub fn mailbox(name: &str, mailbox: &Mailbox) -> String {
    let address = mailbox.address.as_str();
    let display = display_name(&mailbox.name);
    if display.is_empty() {
        return fold(name, [address].into_iter());
    }
    let mut words = if !is_plain(&display) {
        encoded_words(&display)
    } else if display
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b" -_".contains(&b))
    {
        display.split(' ').map(str::to_owned).collect()
    } else {
        let quoted = display.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{quoted}\"")
            .split(' ')
            .map(str::to_owned)
            .collect()
    };
    words.push(format!("<{address}>"));
    fold(name, words.iter().map(String::as_str))
}

/// A header with words that are valid as they are (message ids, fixed tokens), folded between
/// them, CRLF at the end.
pub fn words<'a>(name: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    fold(name, words.into_iter())
}

/// The text on one line: each run of line breaks and other controls becomes one space.
pub fn one_line(value: &str) -> String {
    let mut line = String::with_capacity(value.len());
    let mut in_run = false;
    for c in value.chars() {
        let control = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if !control {
            line.push(c);
        } else if !in_run {
            line.push(' ');
        }
        in_run = control;
    }
    line.trim().to_owned()
}

/// A display name on one line, without the marks that turn the text around them (they make
/// `<moc.knab@x>` out of an address), cut to a sensible length.
fn display_name(name: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let line = one_line(&name.chars().filter(|c| !turns(c)).collect::<String>());
    let mut words = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
        .chars()
        .take(NAME)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Whether the text can stand as it is: printable ASCII that folds, and nothing that a reader
/// would take for an encoded word and decode.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|b| (0x20..0x7f).contains(&b))
        && !value.contains("=?")
        && !value.contains("  ")
        && value.split(' ').all(|word| word.len() <= PLAIN_WORD)
}

/// The text as encoded words, none of which ends within a character.
fn encoded_words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(rest.floor_char_boundary(ENCODED_BYTES));
        words.push(format!("=?utf-8?b?{}?=", BASE64.encode(head.as_bytes())));
        rest = tail;
    }
    words
}

/// `name: words`, a new line before each word that would pass [`LINE`].
fn fold<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> String {
    let mut header = format!("{name}:");
    let mut length = header.len();
    for (index, word) in words.enumerate() {
        if index > 0 && length + 1 + word.len() > LINE {
            header.push_str("\r\n");
            length = 0;
        }
        header.push(' ');
        header.push_str(word);
        length += 1 + word.len();
    }
    header.push_str("\r\n");
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use domain::address::Address;

    fn to(name: &str) -> String {
        mailbox(
            "To",
            &Mailbox::new(name, Address::parse("maria@example.com").unwrap()),
        )
    }

    #[test]
    fn texts() {
        for (value, expected) in [
            ("Ticket 42", "Subject: Ticket 42\r\n"),
            ("Olá", "Subject: =?utf-8?b?T2zDoQ==?=\r\n"),
            ("a\r\nBcc: x@y.z", "Subject: a Bcc: x@y.z\r\n"),
            ("a\u{2028}b\0\u{85}c", "Subject: a b c\r\n"),
            (
                "=?utf-8?q?=0D=0ABcc:_x?=",
                "Subject: =?utf-8?b?PT91dGYtOD9xPz0wRD0wQUJjYzpfeD89?=\r\n",
            ),
            ("", "Subject: \r\n"),
        ] {
            assert_eq!(text("Subject", value), expected, "{value:?}");
        }
    }

    #[test]
    fn names() {
        for (name, expected) in [
            ("", "To: maria@example.com\r\n"),
            ("Maria", "To: Maria <maria@example.com>\r\n"),
            ("Maria  Silva ", "To: Maria Silva <maria@example.com>\r\n"),
            (
                "Silva, Maria",
                "To: \"Silva, Maria\" <maria@example.com>\r\n",
            ),
            (
                "M\" <x@y.z>, \\",
                "To: \"M\\\" <x@y.z>, \\\\\" <maria@example.com>\r\n",
            ),
            ("João", "To: =?utf-8?b?Sm/Do28=?= <maria@example.com>\r\n"),
            (
                "Ana\r\nBcc: x@y.z",
                "To: \"Ana Bcc: x@y.z\" <maria@example.com>\r\n",
            ),
            ("a\u{202e}b", "To: ab <maria@example.com>\r\n"),
        ] {
            assert_eq!(to(name), expected, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn one_header_stays_one_header(value in "(\\PC|\r|\n|\0|\u{85}|\u{2028}|[ =?:\"<>@a-z]){0,300}") {
            for header in [text("Subject", &value), to(&value)] {
                let body = header.strip_suffix("\r\n").unwrap();
                for (index, line) in body.split("\r\n").enumerate() {
                    prop_assert!(line.bytes().all(|b| (0x20..0x7f).contains(&b)), "{line:?}");
                    prop_assert!(line.len() <= LINE, "{line:?}");
                    prop_assert!(index == 0 || line.starts_with(' '));
                    prop_assert!(index == 0 || !line.trim().is_empty());
                }
            }
        }
    }
}
