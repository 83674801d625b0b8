//! Escaping by place. Each function makes any value harmless in one kind of place.

use std::borrow::Cow;
use std::fmt::Write as _;

use domain::characters::ends_line;
use html::{escape, is_unwanted_control};

/// The text without unwanted control characters; those that end a line, as `\n`.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let stays = |c: char| matches!(c, '\n' | '\r') || !ends_line(c) && !is_unwanted_control(c);
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let cleaned = text.chars().filter_map(|c| match c {
        c if stays(c) => Some(c),
        c => ends_line(c).then_some('\n'),
    });
    Cow::Owned(cleaned.collect())
}

/// A template's source with unwanted control characters as spaces: taken out, they could join what
/// stood apart into a key.
pub(super) fn clean_source(source: &str) -> Cow<'_, str> {
    if !source.contains(is_unwanted_control) {
        return Cow::Borrowed(source);
    }
    Cow::Owned(source.replace(is_unwanted_control, " "))
}

/// Escaped text whose newlines are `<br>`.
pub(super) fn lines(value: &str) -> String {
    escape(&plain(value)).replace('\n', "<br>")
}

/// Escaped, hyphens too, so that no comment ends.
pub(super) fn comment(value: &str) -> String {
    escape(value).replace('-', "&#45;")
}

/// For an attribute value without quotes: everything that could end it is a reference.
pub(super) fn unquoted(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 16);
    for c in value.chars() {
        match c {
            c if is_unwanted_control(c) => {}
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// An http or https URL as it is, anything else as nothing.
pub(super) fn url(value: &str) -> &str {
    let value = value.trim();
    let lower = value.get(..8).unwrap_or(value).to_ascii_lowercase();
    let web = lower.starts_with("https://") || lower.starts_with("http://");
    let clean = !value.chars().any(|c| c.is_control() || c.is_whitespace());
    if web && clean { value } else { "" }
}

/// Percent-encoded, as one component of a URL (RFC 3986, 2.3); hyphens only where they may stand.
pub(super) fn url_part(value: &str, hyphens: bool) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            b'-' if hyphens => encoded.push('-'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Plain text: line ends as `\n`, no other control characters.
pub(super) fn plain(value: &str) -> Cow<'_, str> {
    // Controls are below a space, DEL, or begin with C2, and separators with E2; looking at all bytes
    // without stopping is what the compiler makes fast.
    let suspicious = |found: bool, byte: u8| {
        found | (byte < b' ') | (byte == 0x7f) | (byte == 0xc2) | (byte == 0xe2)
    };
    if !value.bytes().fold(false, suspicious) {
        return Cow::Borrowed(value);
    }
    if !value.contains(|c: char| c != '\n' && (ends_line(c) || is_unwanted_control(c))) {
        return Cow::Borrowed(value);
    }
    let value = value.replace("\r\n", "\n").replace(ends_line, "\n");
    Cow::Owned(value.replace(is_unwanted_control, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_its_own_escape() {
        let value = "a<b> \"c'&\u{0}\n-->";
        assert_eq!(escape(value), "a&lt;b&gt; &quot;c&#39;&amp;\n--&gt;");
        assert_eq!(lines(value), "a&lt;b&gt; &quot;c&#39;&amp;<br>--&gt;");
        assert_eq!(comment("-->"), "&#45;&#45;&gt;");
        assert_eq!(unquoted("a b=`"), "a&#32;b&#61;&#96;");
        assert_eq!(url_part("a b/ç-", true), "a%20b%2F%C3%A7-");
        let ends = "a\r\nb\u{7}\rc\u{b}d\u{85}e\u{2028}f";
        assert_eq!(plain(ends), "a\nb\nc\nd\ne\nf");
        assert_eq!(lines(ends), "a<br>b<br>c<br>d<br>e<br>f");
        assert_eq!(clean(ends), "a\r\nb\rc\nd\ne\nf");
        let mut written = Vec::new();
        html::write_escaped(value, &mut written).unwrap();
        assert_eq!(written, escape(value).as_bytes());
    }

    #[test]
    fn only_web_addresses_are_urls() {
        for good in [
            "https://a.example/?b=1",
            "HTTP://a.example",
            " https://a.example ",
        ] {
            assert_eq!(url(good), good.trim());
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript://https://a.example/%0aalert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "java&#115;cript:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://a.example",
            "mailto:a@b.example",
            "blob:https://a.example/x",
            "//a",
            "/a",
            "a.example",
            "https:a",
            "https:/a",
            "https://a b",
            "https://a\nb",
            "https://a\u{0}b",
            "çççççç",
            "",
        ] {
            assert!(url(bad).is_empty(), "{bad:?}: {}", url(bad));
        }
    }
}
