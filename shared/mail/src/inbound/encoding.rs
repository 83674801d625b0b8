//! Transfer encodings (RFC 2045, section 6), also where they are broken.

use mail_parser::decoders::base64::base64_decode;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Base64,
    QuotedPrintable,
}

impl Encoding {
    /// By the value of `Content-Transfer-Encoding`: `base64`, `"Base64"`, `base64;`, `base64 (x)`.
    pub(super) fn named(value: &str) -> Self {
        let word = value.split([';', '(', ',']).next().unwrap_or_default();
        let letters: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        match letters.to_ascii_lowercase().as_str() {
            "base64" | "b" => Self::Base64,
            "quotedprintable" | "q" | "qp" => Self::QuotedPrintable,
            _ => Self::Plain,
        }
    }
}

/// Quoted-printable (RFC 2045, section 6.7); anything else stays as it is.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii_end();
        let (text, soft) = match text.strip_suffix(b"=") {
            Some(text) => (text, true),
            None => (text, false),
        };
        push_decoded(text, &mut decoded);
        if !soft && line.ends_with(b"\n") {
            let end: &[u8] = if line.ends_with(b"\r\n") {
                b"\r\n"
            } else {
                b"\n"
            };
            decoded.extend_from_slice(end);
        }
    }
    decoded
}

/// The bytes with each `=XX` decoded; anything else stays as it is.
pub(super) fn hex_escapes(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    push_decoded(text, &mut decoded);
    decoded
}

fn push_decoded(text: &[u8], decoded: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'=') {
        let (plain, escape) = rest.split_at(at);
        decoded.extend_from_slice(plain);
        let hex = |at: usize| escape.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (hex(1), hex(2)) {
            (Some(high), Some(low)) => {
                decoded.push((high << 4 | low) as u8);
                rest = &escape[3..];
            }
            _ => {
                decoded.push(b'=');
                rest = &escape[1..];
            }
        }
    }
    decoded.extend_from_slice(rest);
}

/// Base64, and what can be read of it when it is broken.
pub(super) fn base64(body: &[u8]) -> Vec<u8> {
    let padded = body.iter().position(|b| *b == b'=');
    let goes_on = padded.is_some_and(|at| body[at..].iter().any(u8::is_ascii_alphanumeric));
    if !goes_on && let Some(decoded) = base64_decode(body) {
        return decoded;
    }
    let mut decoded = Vec::with_capacity(body.len() / 4 * 3);
    let mut group = 0_u32;
    let mut count = 0;
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    // Padding ends what was encoded at once; some programs put such pieces together.
    for byte in body.iter().chain(b"=") {
        if let Some(six) = value(*byte) {
            group = group << 6 | u32::from(six);
            count += 1;
        } else if *byte != b'=' {
            continue;
        }
        match count {
            4 => decoded.extend_from_slice(&group.to_be_bytes()[1..]),
            3 if *byte == b'=' => {
                decoded.extend_from_slice(&[(group >> 10) as u8, (group >> 2) as u8]);
            }
            2 if *byte == b'=' => decoded.push((group >> 4) as u8),
            _ if *byte == b'=' => {}
            _ => continue,
        }
        (group, count) = (0, 0);
    }
    decoded
}

/// Whether a body can be base64 at all: some programs name it and write plain text, which has words.
pub(super) fn may_be_base64(body: &[u8]) -> bool {
    let first = body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let mut first = first.skip_while(|line| line.is_empty());
    first.next().is_none_or(|line| !has_words(line))
}

/// Whether a line has spaces and is no base64 into which they came: without a run of letters that no word
/// is as long as, or the padding.
fn has_words(line: &[u8]) -> bool {
    let mut runs = line.split(|b| *b == b' ');
    let letters = line.iter().filter(|b| **b != b' ').count();
    let padded = line.ends_with(b"=") && letters.is_multiple_of(4);
    let encoded = line.iter().all(|b| *b == b' ' || is_base64(b));
    line.contains(&b' ') && !(encoded && (padded || runs.any(|run| run.len() > LONGEST_WORD)))
}

/// Longest run of letters that may be a word, in bytes.
pub(super) const LONGEST_WORD: usize = 35;

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte)
}

/// Where base64 ends and the plain text begins that a gateway put under it: behind the padding, or
/// behind a blank line at words.
pub(super) fn end_of_base64(body: &[u8]) -> usize {
    let mut at = 0;
    let mut ended = false;
    for line in body.split_inclusive(|b| *b == b'\n') {
        let text = line.trim_ascii();
        let whole = text.len() % 4 == 0 && (text.len() >= 60 || text.ends_with(b"="));
        if text.is_empty() {
            ended |= at > 0;
        } else if ended && !(whole && text.iter().all(is_base64)) || at > 0 && has_words(text) {
            return at;
        }
        at += line.len();
        ended |= text.ends_with(b"=");
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_known_by_their_letters() {
        for (named, base64) in [
            ("base64", true),
            ("BASE64;", true),
            ("\"base64\"", true),
            ("base-64 (x)", true),
            ("7bit", false),
        ] {
            assert_eq!(
                Encoding::named(named) == Encoding::Base64,
                base64,
                "{named}"
            );
        }
        assert!(Encoding::named("Quoted-Printable;") == Encoding::QuotedPrintable);
        assert!(Encoding::named("quoted printable") == Encoding::QuotedPrintable);
    }

    #[test]
    fn plain_text_under_base64_is_told_from_it() {
        for (body, end) in [
            ("U2ltLg==\r\n", 10),
            ("U2ltLg==\r\n\r\n--\r\nLista da equipe\r\n", 12),
            ("U2ltLg==\r\nEnviado\r\n", 10),
            ("U2ltU2lt\r\n\r\nVerificado por um antivirus\r\n", 12),
            ("U2lt\r\nU2lt\r\n", 12),
            ("U2ltLg==\r\nU2ltLg==\r\n", 20),
            (
                "U2lt\r\nVlBOIGRvIHRlcmNlaXJvIGFu ZGFyIGRhIGZpbGlhbC4gRnVuY2lvbm91IGEg\r\nU2lt\r\n",
                75,
            ),
            ("U2lt\r\nU2 ltLg==\r\n", 17),
            ("U2lt\r\nVerificado por antivirus\r\n", 6),
        ] {
            assert_eq!(end_of_base64(body.as_bytes()), end, "{body}");
        }
    }

    #[test]
    fn base64_is_read_as_it_is_found() {
        for (body, text) in [
            ("U2ltLg==\r\nU2ltLg==", "Sim.Sim."),
            ("U2ltLg", "Sim."),
            ("U2 lt!Lg==", "Sim."),
            ("U2lt\r\nU2lt\r\n", "SimSim"),
            ("", ""),
        ] {
            assert_eq!(base64(body.as_bytes()), text.as_bytes(), "{body}");
        }
        assert!(may_be_base64(b"\r\nU2ltLg==") && may_be_base64(b""));
        assert!(!may_be_base64(b"Sim, funcionou."));
        assert!(!may_be_base64(b"Sim funcionou"));
        assert!(may_be_base64(
            b"VlBOIGRvIHRlcmNlaXJvIGFuZGFyIGRhIGZpbGlhbC4 gRnVu"
        ));
    }
}
