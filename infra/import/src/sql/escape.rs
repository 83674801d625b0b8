//! Escapes within string literals.

/// The byte that `\` before `letter` means in MySQL; none when the backslash goes and the letter
/// stays, or (`\%`, `\_`) both stay. MySQL Reference Manual, "String Literals".
fn mysql_byte(letter: u8) -> Option<u8> {
    Some(match letter {
        b'0' => 0,
        b'b' => 8,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'Z' => 26,
        _ => return None,
    })
}

/// Appends what `\` before `letter` means in MySQL.
pub(crate) fn mysql(letter: u8, out: &mut Vec<u8>) {
    if matches!(letter, b'%' | b'_') {
        out.push(b'\\');
    }
    out.push(mysql_byte(letter).unwrap_or(letter));
}

/// What `mysql --batch` means by a value; none when a backslash in it begins no escape of it.
pub(crate) fn batch(value: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => out.push(match bytes.next()? {
                b'\\' => b'\\',
                b'N' if value == b"\\N" => b'N',
                letter @ (b'0' | b'n' | b'r' | b't') => mysql_byte(*letter)?,
                _ => return None,
            }),
            byte => out.push(byte),
        }
    }
    Some(out)
}

/// Takes MySQL's escapes out of a literal of unknown origin, if every backslash in it begins one;
/// `C:\dir` and `\${KEY}` show that backslashes are plain text there.
pub(crate) fn guess(text: &mut Vec<u8>) {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next().copied() {
            // `\00e7` is a character by its number: no text holds a zero byte before a digit.
            Some(b'0') if bytes.as_slice().first().is_some_and(u8::is_ascii_hexdigit) => return,
            Some(letter @ (b'\\' | b'\'' | b'"' | b'0' | b'n' | b'r' | b't')) => {
                mysql(letter, &mut out)
            }
            _ => return,
        }
    }
    *text = out;
}

/// Takes the escapes out of the inside of PostgreSQL's `E'…'`. PostgreSQL manual, "String
/// Constants with C-Style Escapes".
pub(crate) fn c_style(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&letter) = text.get(at) else { break };
        at += 1;
        match letter {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'0'..=b'7' => at = number(text, at - 1, 8, 3, &mut out),
            b'x' if text.get(at).is_some_and(u8::is_ascii_hexdigit) => {
                at = number(text, at, 16, 2, &mut out)
            }
            b'u' => at = code_point(text, at, 4, &mut out),
            b'U' => at = code_point(text, at, 8, &mut out),
            other => out.push(other),
        }
    }
    out
}

fn number(text: &[u8], from: usize, radix: u32, most: usize, out: &mut Vec<u8>) -> usize {
    let digits = text[from..]
        .iter()
        .take(most)
        .map_while(|b| char::from(*b).to_digit(radix));
    let (mut value, mut n) = (0u32, 0);
    for digit in digits {
        value = value * radix + digit;
        n += 1;
    }
    out.push((value & 0xff) as u8);
    from + n
}

fn code_point(text: &[u8], from: usize, digits: usize, out: &mut Vec<u8>) -> usize {
    let found = text
        .get(from..from + digits)
        .and_then(|hex| str::from_utf8(hex).ok());
    let Some(value) = found.and_then(|hex| u32::from_str_radix(hex, 16).ok()) else {
        return from;
    };
    push_char(
        char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER),
        out,
    );
    from + digits
}

/// Takes a backslash at the end of a line out, and the line end with it. Transact-SQL
/// reference, "Backslash (Line Continuation)".
pub(crate) fn join_lines(text: &mut Vec<u8>) {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_slice();
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        rest = match after {
            [_, b'\r', b'\n', rest @ ..] | [_, b'\n', rest @ ..] => rest,
            [backslash, rest @ ..] => {
                out.push(*backslash);
                rest
            }
            [] => break,
        };
    }
    out.extend_from_slice(rest);
    *text = out;
}

/// Takes the escapes out of the argument of `UNISTR('…')`: those of [`unicode`], which Oracle has,
/// and `\uXXXX` and `\UXXXXXXXX`, which PostgreSQL and SQLite have beside them.
pub(crate) fn unistr(text: &str) -> Vec<u8> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain += before;
        let digits = |letter: char, most: usize| {
            let hex = after.strip_prefix(letter)?.get(..most)?;
            hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(hex)
        };
        // In the other form, so that pairs of surrogates are joined in one place.
        if let Some(hex) = digits('u', 4) {
            plain = plain + "\\" + hex;
            rest = &after[5..];
        } else if let Some(hex) = digits('U', 8).and_then(|hex| hex.strip_prefix("00")) {
            plain = plain + "\\+" + hex;
            rest = &after[9..];
        } else if let Some(after) = after.strip_prefix('\\') {
            plain += "\\\\";
            rest = after;
        } else {
            plain.push('\\');
            rest = after;
        }
    }
    unicode((plain + rest).as_bytes(), b'\\')
}

/// Takes `\XXXX` and `\+XXXXXX` out of a literal: Oracle's `UNISTR('…')` and the standard's
/// `U&'…'`, or the same with another mark than a backslash. Pairs of surrogates make one character.
pub(crate) fn unicode(text: &[u8], mark: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut high = None;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        let (digits, from) = if text.get(at) == Some(&b'+') {
            (6, at + 1)
        } else {
            (4, at)
        };
        let hex = text
            .get(from..from + digits)
            .filter(|_| byte == mark)
            .and_then(|hex| str::from_utf8(hex).ok());
        let unit = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match unit {
            Some(unit @ 0xd800..0xdc00) => {
                high = Some(unit);
                at = from + digits;
            }
            Some(unit) => {
                let unit = match high.take() {
                    Some(high) if (0xdc00..0xe000).contains(&unit) => {
                        0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00)
                    }
                    _ => unit,
                };
                push_char(
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                    &mut out,
                );
                at = from + digits;
            }
            None => {
                out.push(byte);
                // A doubled backslash is one.
                at += usize::from(byte == mark && text.get(at) == Some(&mark));
            }
        }
    }
    out
}

/// Bytes from pairs of hexadecimal digits; none when they are not.
pub(crate) fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    digits
        .chunks_exact(2)
        .map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?))
        .collect()
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_by_what_stands_there() {
        let guessed = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            guess(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(
            guessed(r#"<a href=\"x\">\r\nd\'água\\"#),
            "<a href=\"x\">\r\nd'água\\"
        );
        assert_eq!(guessed(r"\${KEY} \n"), r"\${KEY} \n");
        assert_eq!(guessed(r"end\"), r"end\");
    }

    #[test]
    fn c_style_escapes() {
        assert_eq!(
            c_style(br"a\tb\'\\\x41\101\u00e7\U0001F600\q\x"),
            "a\tb'\\AAç😀qx".as_bytes()
        );
        assert_eq!(c_style(br"\u12"), b"12");
        assert_eq!(c_style(b"\\"), b"");
    }

    #[test]
    fn unicode_escapes() {
        assert_eq!(
            unicode(br"a\00e7\\b\D83D\DE00\+01F600\zz", b'\\'),
            r"aç\b😀😀\zz".as_bytes()
        );
    }

    #[test]
    fn unicode_escapes_of_unistr() {
        assert_eq!(
            String::from_utf8(unistr(
                r"a\u00e7\u00e3o \00e7 \+01F600 \U0001F600 \uD83D\uDE00 \\u00e7 \q \u12"
            ))
            .unwrap(),
            r"ação ç 😀 😀 😀 \u00e7 \q \u12"
        );
    }

    #[test]
    fn lines_that_go_on() {
        let joined = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            join_lines(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(joined("a\\\r\nb\\\nc\\d\\"), "abc\\d\\");
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(b"41c3A7").as_deref(), Some("Aç".as_bytes()));
        assert_eq!(hex(b"4"), None);
        assert_eq!(hex(b"zz"), None);
    }
}
