//! Header fields as they are found, put right for the parser: unfolded, in UTF-8, encoded words whole.

use data_encoding::BASE64;
use mail_parser::{HeaderName, HeaderValue, MessageParser};

use super::{charset, encoding};

/// One field: its name, and its value on one line.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
}

/// The fields of a header. A line of white space within it is part of the field above it.
pub(super) fn fields(head: &[u8]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for line in head.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some(above) = fields.last_mut() {
                // A parameter folded behind its `=`; an encoded word ends with it, too.
                if !above.value.ends_with(b"=") || above.value.ends_with(b"?=") {
                    above.value.push(b' ');
                }
                above.value.extend_from_slice(text);
            }
            continue;
        }
        if let Some((name, value)) = field(line) {
            fields.push(Field {
                name: String::from_utf8_lossy(name).into_owned(),
                value: value.trim_ascii().to_vec(),
            });
        }
    }
    fields
}

/// Whether a line begins a field, and not with a link.
pub(super) fn is_field(line: &[u8]) -> bool {
    field(line).is_some_and(|(_, value)| !value.starts_with(b"//"))
}

/// The name and the value of the field that a line begins.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = line[..colon].trim_ascii();
    let valid = !name.is_empty() && name.iter().all(|b| (33..=126).contains(b));
    valid.then_some((name, &line[colon + 1..]))
}

/// The fields as a header that the parser reads as they were meant.
pub(super) fn written(fields: &[Field]) -> Vec<u8> {
    let mut head = Vec::new();
    for field in fields {
        head.extend_from_slice(field.name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(&whole_words(&in_utf8(&field.value)));
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// A text of a header: encoded words (RFC 2047) decoded, raw bytes in whatever charset they are.
pub(super) fn decoded(value: &[u8]) -> String {
    let text = in_utf8(value);
    if !text.windows(2).any(|pair| pair == b"=?") {
        return String::from_utf8_lossy(&text).into_owned();
    }
    let head = [b"Subject: ", whole_words(&text).as_slice(), b"\r\n\r\n"].concat();
    let message = MessageParser::new()
        .header_text(HeaderName::Subject)
        .parse_headers(&head);
    let subject = message
        .and_then(|mut message| message.parts.pop())
        .and_then(|part| {
            let value = part.headers.into_iter().next()?.value;
            HeaderValue::as_text(&value).map(str::to_owned)
        });
    subject.unwrap_or_else(|| String::from_utf8_lossy(&text).into_owned())
}

fn in_utf8(value: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(value) {
        Ok(_) => value.to_vec(),
        Err(_) => charset::decode(value, None).into_bytes(),
    }
}

/// An encoded word: its charset, whether it is base64, and its text.
struct Word<'a> {
    charset: &'a [u8],
    base64: bool,
    text: &'a [u8],
}

impl Word<'_> {
    fn decoded(&self) -> Vec<u8> {
        match self.base64 {
            true => encoding::base64(self.text),
            false => {
                let spaced: Vec<u8> = self
                    .text
                    .iter()
                    .map(|b| if *b == b'_' { b' ' } else { *b })
                    .collect();
                encoding::hex_escapes(&spaced)
            }
        }
    }
}

/// The encoded word that begins here, and where it ends.
fn word_at(value: &[u8], at: usize) -> Option<(Word<'_>, usize)> {
    let mut rest = value.get(at..)?.strip_prefix(b"=?")?;
    let mut piece = || {
        let end = rest
            .iter()
            .position(|b| *b == b'?' || b.is_ascii_whitespace())?;
        let piece = &rest[..end];
        rest = rest[end..].strip_prefix(b"?")?;
        Some(piece)
    };
    let (charset, kind) = (piece()?, piece()?);
    // Some programs leave spaces within.
    let end = rest.iter().position(|b| *b == b'?')?;
    let text = &rest[..end];
    let after = rest[end..].strip_prefix(b"?=")?;
    let base64 = match kind {
        b"B" | b"b" => true,
        b"Q" | b"q" => false,
        _ => return None,
    };
    let charset = charset.split(|b| *b == b'*').next().unwrap_or_default();
    let word = Word {
        charset,
        base64,
        text,
    };
    Some((word, value.len() - after.len()))
}

/// The value with its encoded words in UTF-8, whatever their charset, and neighbours of one charset made
/// one: some programs cut a character in two.
fn whole_words(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        let Some((word, mut end)) = word_at(value, at) else {
            out.push(value[at]);
            at += 1;
            continue;
        };
        let mut text = word.decoded();
        loop {
            // White space between encoded words does not count (RFC 2047, section 6.2).
            let blanks = value[end..]
                .iter()
                .take_while(|b| b.is_ascii_whitespace())
                .count();
            match word_at(value, end + blanks) {
                Some((next, behind)) if next.charset.eq_ignore_ascii_case(word.charset) => {
                    text.extend(next.decoded());
                    end = behind;
                }
                _ => break,
            }
        }
        let charset = String::from_utf8_lossy(word.charset);
        let text = charset::decode(&text, Some(&charset));
        out.extend_from_slice(b"=?utf-8?B?");
        out.extend_from_slice(BASE64.encode(text.as_bytes()).as_bytes());
        out.extend_from_slice(b"?=");
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{decoded, fields, written};

    #[test]
    fn texts_of_headers_are_decoded() {
        for (value, text) in [
            (&b"Impressora"[..], "Impressora"),
            ("Ação".as_bytes(), "Ação"),
            (b"A\xe7\xe3o", "Ação"),
            (b"=?iso-8859-1?Q?A=E7=E3o?=", "Ação"),
            (b"=?x-none?Q?A=E7=E3o?=", "Ação"),
            (b"=?cp1252?B?QefjbyCW?=", "Ação –"),
            (b"=?utf-8?Q?Jo=C3?= =?utf-8?Q?=A3o?=", "João"),
            (b"=?utf-8?B?Sm/D?= =?utf-8?B?o28=?=", "João"),
            (b"=?UTF-8?B?Sm8=?=\t=?utf-8?Q?=C3=A3o_Sol?= x", "João Sol x"),
            (b"=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
            (b"1 =? 2 =?x?= =?utf-8?Q?", "1 =? 2 =?x?= =?utf-8?Q?"),
        ] {
            assert_eq!(decoded(value), text, "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn fields_are_unfolded() {
        let head = b"Subject: RES:\r\n \r\n\tImpressora\r\nContent-Type: multipart/mixed; boundary=\r\n \"BB\"\r\nX: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\r\nno field\r\n\r\n";
        let found: Vec<_> = fields(head)
            .into_iter()
            .map(|field| (field.name, String::from_utf8(field.value).unwrap()))
            .collect();
        let expected = [
            ("Subject", "RES: Impressora"),
            ("Content-Type", "multipart/mixed; boundary=\"BB\""),
            ("X", "=?utf-8?Q?a?= =?utf-8?Q?b?="),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(written(&fields(head)).ends_with(b"\r\n\r\n"));
    }
}
