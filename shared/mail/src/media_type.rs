//! Media types as others write them, of which nothing is taken but the type.

/// Longest type, and longest subtype, in bytes (RFC 6838, section 4.2).
const MAX_NAME: usize = 127;

/// `type/subtype` in lower case, without parameters: whoever wrote them could name another file in
/// them. `None` for what is not a media type.
pub fn bare(text: &str) -> Option<String> {
    let bare = text.split(';').next()?.trim().to_ascii_lowercase();
    let (kind, subtype) = bare.split_once('/')?;
    (is_name(kind) && is_name(subtype)).then_some(bare)
}

/// Whether parts of this type are made of other parts or messages. They may not be encoded
/// (RFC 2046, section 5.2.1; RFC 2045, section 6.4), so no file leaves as one.
pub(crate) fn is_composite(bare: &str) -> bool {
    bare.starts_with("multipart/") || bare.starts_with("message/")
}

/// Whether this may be a type or a subtype (RFC 6838, section 4.2).
fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_media_type_the_type_alone_is_taken() {
        let long = "x".repeat(MAX_NAME + 1);
        for (text, taken) in [
            ("text/plain; name=\"evil.exe\"", Some("text/plain")),
            (" Image/PNG ;x", Some("image/png")),
            ("image/svg+xml", Some("image/svg+xml")),
            (
                "application/vnd.ms-excel.12;a=b;c",
                Some("application/vnd.ms-excel.12"),
            ),
            ("", None),
            ("text", None),
            ("text/", None),
            ("/plain", None),
            ("text/pl ain", None),
            ("text/plain\r\nBcc: x", None),
            ("a/b/c", None),
            ("text/pláin", None),
            (&format!("text/{long}"), None),
        ] {
            assert_eq!(bare(text).as_deref(), taken, "{text:?}");
        }
    }
}
