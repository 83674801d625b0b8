//! From bytes to text, by the charset that a mail names and by what the bytes are.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;

/// The text. Bytes that are said to be UTF-8 and are not are windows-1252, unless most of what is not
/// ASCII is good UTF-8: then the bad bytes alone are lost. So is what names no charset,
/// or an unknown one.
pub(super) fn decode(bytes: &[u8], named: Option<&str>) -> String {
    let name = canonical(named.unwrap_or_default());
    if name != "utf_8"
        && let Some(decode) = charset_decoder(name.as_bytes())
    {
        // Programs that write UTF-8 and name what they wrote ten years ago. No text of a Western
        // language is good UTF-8 by chance.
        let western = matches!(name.as_str(), "windows_1252" | "iso_8859_1" | "iso_8859_15");
        return match std::str::from_utf8(bytes) {
            Ok(text) if western && !text.is_ascii() => text.to_owned(),
            _ => decode(bytes),
        };
    }
    utf8(bytes).unwrap_or_else(|| match charset_decoder(b"windows-1252") {
        Some(decode) => decode(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    })
}

/// A name in the form in which the table of the parser has it: `windows1252`, `cp-1252` and
/// `x-cp1252` are one charset.
fn canonical(named: &str) -> String {
    let named = named.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    let squeezed: String = named.chars().filter(char::is_ascii_alphanumeric).collect();
    let squeezed = squeezed.strip_prefix('x').unwrap_or(&squeezed);
    let numbered = |prefix: &str| {
        let rest = squeezed.strip_prefix(prefix)?;
        (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())).then(|| rest.to_owned())
    };
    let windows = ["windows", "win", "cp", "ms", "ansi"];
    if let Some(page) = windows.iter().find_map(|prefix| numbered(prefix))
        && page.starts_with("125")
    {
        return format!("windows_{page}");
    }
    if let Some(part) = numbered("iso8859").or_else(|| numbered("8859")) {
        return format!("iso_8859_{part}");
    }
    match squeezed {
        "" | "utf8" | "utf8mb4" | "unicode11utf8" | "usascii" | "ascii" | "unknown"
        | "unknown8bit" | "default" | "none" | "us" | "8bit" | "binary" => "utf_8".to_owned(),
        "latin1" | "isolatin1" | "ansi" | "windows" | "western" => "windows_1252".to_owned(),
        _ => named,
    }
}

/// The bytes as UTF-8, if they are that but for a few; a character that was cut off at the
/// end is left out.
fn utf8(bytes: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut end = bytes.len();
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        if chunk.invalid().is_empty() {
            continue;
        }
        let cut = chunks.peek().is_none()
            && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        match cut {
            true => end -= chunk.invalid().len(),
            false => bad += 1,
        }
    }
    (bad <= good).then(|| match String::from_utf8_lossy(&bytes[..end]) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn bytes_are_read_by_what_they_are() {
        for (bytes, named, text) in [
            ("ação".as_bytes(), Some("utf-8"), "ação"),
            ("ação".as_bytes(), None, "ação"),
            ("ação".as_bytes(), Some("us-ascii"), "ação"),
            ("ação".as_bytes(), Some("nonsense"), "ação"),
            (b"a\xe7\xe3o", Some("utf-8"), "ação"),
            (b"a\xe7\xe3o", Some("UTF8"), "ação"),
            (b"a\xe7\xe3o \x96 \x80", Some("windows1252"), "ação – €"),
            (b"a\xe7\xe3o \x96 \x80", Some("x-cp1252"), "ação – €"),
            (b"a\xe7\xe3o \x96", Some("ANSI"), "ação –"),
            (b"a\xe7\xe3o \x96", Some("nonsense"), "ação –"),
            (b"a\xe7\xe3o", Some("iso8859-1"), "ação"),
            (b"a\xe7\xe3o", Some("ISO-8859-1"), "ação"),
            (b"a\xe7\xe3o", Some("\"latin1\""), "ação"),
            (
                b"\xc3\xa7\xc3\xa3o \xe9 \xc3\xa9",
                Some("utf-8"),
                "ção \u{fffd} é",
            ),
            (b"\xc3\xa7\xc3", Some("utf-8"), "ç"),
            (b"a\xc3\xa7\xc3\xa3o", Some("iso-8859-1"), "ação"),
            (b"a\xc3\xa7\xe3o", Some("windows-1252"), "aÃ§ão"),
            (b"\xc0\xc1", Some("windows-1251"), "АБ"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(bytes, named), text, "{named:?} {bytes:?}");
        }
    }
}
