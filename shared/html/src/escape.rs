//! A text written into a page.

use std::borrow::Cow;
use std::io;

/// Control characters that neither HTML nor mail has a use for.
pub fn is_unwanted_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// Bytes that are not written into HTML as they are.
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = matches!(
            byte as u8,
            b'&' | b'<' | b'>' | b'"' | b'\'' | 0..=0x08 | 0x0b | 0x0c | 0x0e..=0x1f | 0x7f
        );
        byte += 1;
    }
    special
};

/// Writes a text as it stands in an element or in an attribute value in quotes, without
/// control characters of ASCII.
///
/// # Errors
/// Those of the output.
pub fn write_escaped(text: &str, output: &mut dyn io::Write) -> io::Result<()> {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| SPECIAL[usize::from(*byte)]) {
        let replacement: &[u8] = match rest[at] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            _ => b"",
        };
        output.write_all(&rest[..at])?;
        output.write_all(replacement)?;
        rest = &rest[at + 1..];
    }
    output.write_all(rest)
}

/// The same as a string, without any control character.
pub fn escape(text: &str) -> Cow<'_, str> {
    let special = |byte: u8| SPECIAL[usize::from(byte)];
    if !text.bytes().any(special) && !text.contains(is_unwanted_control) {
        return Cow::Borrowed(text);
    }
    let text = text.replace(is_unwanted_control, "");
    let mut escaped = Vec::with_capacity(text.len() + 16);
    // Writing into memory does not fail, and what is written is whole characters.
    let _ = write_escaped(&text, &mut escaped);
    Cow::Owned(String::from_utf8_lossy(&escaped).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup_afterwards() {
        let text = "a<b> \"c'&\n--> \u{85}\u{1}é";
        assert_eq!(escape(text), "a&lt;b&gt; &quot;c&#39;&amp;\n--&gt; é");
        assert!(matches!(escape("nada\ta escapar"), Cow::Borrowed(_)));
    }
}
