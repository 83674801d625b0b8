//! Lines of a text body.

use crate::work::looked_at;

/// Longest line in characters (RFC 5322, 2.1.1, recommends it); a longer word stays whole.
const WIDTH: usize = 78;

/// `address <address>` said once, no space at a line's end, no two empty lines.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.push_str(&say_once(line));
    }
    out
}

/// `https://a <https://a>` is said once.
fn say_once(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(" <") {
        let (before, address) = rest.split_at(at);
        out.push_str(before);
        let address = &address[" <".len()..];
        // Another bracket begins before this one ends: this one holds no address.
        let end = address.find(['<', '>']).unwrap_or(address.len());
        looked_at(at + end);
        let (address, after) = address.split_at(end);
        let bare = address.trim_end_matches('/');
        match after.strip_prefix('>') {
            Some(after) if !bare.is_empty() && ends_with_either(&out, address, bare) => {
                rest = after;
            }
            _ => {
                out.push_str(" <");
                rest = &rest[at + " <".len()..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn ends_with_either(text: &str, address: &str, bare: &str) -> bool {
    text.ends_with(address) || text.ends_with(bare)
}

/// Breaks long lines between words. An address is a word, so it stays whole. What quotes or
/// indents a line does so for its continuation.
pub(in super::super) fn wrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / WIDTH + 1);
    let mut rest = text;
    while !rest.is_empty() {
        // Lines are short: a byte at a time is faster than a search made for long texts.
        let end = rest
            .bytes()
            .position(|byte| byte == b'\n')
            .unwrap_or(rest.len());
        let line = rest[..end].trim_end();
        rest = rest.get(end + 1..).unwrap_or_default();
        if line.len() <= WIDTH || line.chars().count() <= WIDTH {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let body = line.trim_start_matches([' ', '>']);
        let prefix = &line[..line.len() - body.len()];
        let prefix = if prefix.len() > WIDTH / 2 { "" } else { prefix };
        let mut width = 0;
        for word in body.split(' ') {
            let length = word.chars().count();
            if width == 0 {
                out.push_str(prefix);
                width = prefix.len();
            } else if width + 1 + length > WIDTH {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                out.push_str(prefix);
                width = prefix.len();
            } else {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
        }
        out.push('\n');
    }
    let end = out.trim_end().len();
    out.truncate(end);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_between_words_only() {
        let address = format!("https://x.example/{}", "a".repeat(100));
        let text = format!("> {}{address} end", "word ".repeat(30));
        let wrapped = wrap(&text);
        assert!(wrapped.contains(&address));
        assert!(wrapped.lines().all(|line| line.starts_with("> ")));
        assert!(
            wrapped
                .lines()
                .all(|line| line.chars().count() <= WIDTH || line.contains(&address))
        );
        assert_eq!(
            wrapped
                .split_whitespace()
                .filter(|w| *w != ">")
                .collect::<Vec<_>>(),
            text.split_whitespace()
                .filter(|w| *w != ">")
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn tidied_text_is_short() {
        assert_eq!(
            tidy("\n\na  \n\n\n\nb\nhttps://x.example <https://x.example> c"),
            "a\n\nb\nhttps://x.example c"
        );
    }
}
