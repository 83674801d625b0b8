//! Which bytes are which characters. A stream in UTF-16 or in a named encoding is turned into
//! UTF-8 as it is read; otherwise each value says by itself whether it is UTF-8 or windows-1252
//! (which holds ISO-8859-1), since a dump may carry binary columns and rows of both kinds.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::ReadError;

/// The encoding of that name, by the labels of the WHATWG Encoding standard (`latin1`,
/// `iso-8859-1`, `windows-1252`, `utf-8`, `utf-16le` …).
pub(crate) fn encoding(name: &str) -> Result<&'static Encoding, ReadError> {
    Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| ReadError::Encoding {
        name: name.to_owned(),
    })
}

/// A stream as the readers take it: without a byte order mark, and in UTF-8 when its encoding is
/// UTF-16 (seen by the mark, or by the zero bytes of Western text) or was named.
pub(crate) fn open<'a>(
    mut reader: impl Read + 'a,
    named: Option<&'static Encoding>,
) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = [0; 512];
    let n = read_up_to(&mut reader, &mut head)?;
    let head = &head[..n];
    // A byte order mark is never text, and UTF-16 cannot be mistaken for anything else.
    let (encoding, mark) = match Encoding::for_bom(head) {
        Some((encoding, mark)) => (Some(encoding).filter(|e| *e != UTF_8), mark),
        None => (looks_like_utf16(head).or(named), 0),
    };
    let whole = io::Cursor::new(head[mark..].to_vec()).chain(reader);
    Ok(match encoding {
        None => Box::new(whole),
        Some(encoding) => Box::new(Transcoded::new(whole, encoding)),
    })
}

fn looks_like_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 2 {
        None
    } else if odd * 10 >= pairs * 8 && even == 0 {
        Some(UTF_16LE)
    } else if even * 10 >= pairs * 8 && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

pub(crate) fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

/// A stream turned into UTF-8.
struct Transcoded<R> {
    reader: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    ended: bool,
    /// The decoder has been told of the end, and may not be asked again.
    finished: bool,
    text: Vec<u8>,
    text_at: usize,
    text_end: usize,
}

impl<R: Read> Transcoded<R> {
    fn new(reader: R, encoding: &'static Encoding) -> Self {
        Self {
            reader,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; 64 * 1024],
            raw_at: 0,
            raw_end: 0,
            ended: false,
            finished: false,
            text: vec![0; 192 * 1024],
            text_at: 0,
            text_end: 0,
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_at == self.text_end {
            if self.finished {
                return Ok(0);
            }
            if self.raw_at == self.raw_end && !self.ended {
                self.raw_at = 0;
                self.raw_end = self.reader.read(&mut self.raw)?;
                self.ended = self.raw_end == 0;
            }
            let raw = &self.raw[self.raw_at..self.raw_end];
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            self.raw_at += read;
            self.text_at = 0;
            self.text_end = written;
            self.finished = self.ended && result == CoderResult::InputEmpty;
        }
        let n = out.len().min(self.text_end - self.text_at);
        out[..n].copy_from_slice(&self.text[self.text_at..self.text_at + n]);
        self.text_at += n;
        Ok(n)
    }
}

/// What the bytes from 0x80 on are in code page 850, in which consoles of Windows in Western Europe and
/// Brazil write what a client prints into a file.
const CODE_PAGE_850: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
    áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
    ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// Whether text is in code page 850: it has letters of it within words, where windows-1252 would have
/// marks that stand in no word (`t‚cnica`, `Solicita‡Æo`), and none of the usual letters of windows-1252.
fn is_code_page_850(bytes: &[u8]) -> bool {
    let within = |marks: &[u8]| {
        bytes.windows(3).any(|three| {
            let [before, mark, after] = three else {
                return false;
            };
            let word = |b: &u8| b.is_ascii_alphabetic() || *b == 0xc6 || *b == 0xe4;
            let lower = |b: &u8| b.is_ascii_lowercase() || *b == 0x87;
            let in_word = match mark {
                0xc6 => lower(before) && after.is_ascii_lowercase(),
                _ => before.is_ascii_alphabetic() && word(after),
            };
            marks.contains(mark) && in_word
        })
    };
    within(&[0x82, 0x83, 0x87, 0x88, 0xa1, 0xa2, 0xa3, 0xc6])
        && !within(b"\xe1\xe2\xe3\xe7\xe9\xea\xed\xf3\xf4\xf5\xfa")
}

/// Text of one byte a character: in windows-1252, unless it is seen to be in code page 850.
fn of_single_bytes(bytes: &[u8]) -> String {
    if !is_code_page_850(bytes) {
        let text = WINDOWS_1252.decode_without_bom_handling(bytes).0;
        return text.into_owned();
    }
    let beyond: Vec<char> = CODE_PAGE_850.chars().collect();
    let character = |b: &u8| match b.checked_sub(0x80) {
        None => char::from(*b),
        Some(at) => beyond[usize::from(at)],
    };
    bytes.iter().map(character).collect()
}

/// Where what one literal has of a letter is kept until the next one brings the rest: characters that are
/// for private use, one for each byte.
const CUT: u32 = 0x10_ff00;
/// The same of a literal that is in UTF-8 without doubt.
const CUT_OF_UTF8: u32 = 0x10_fe00;

/// The text of a literal that others may be joined to, see [`joined`]: a letter of UTF-8 that its end
/// cuts, or the rest of one at its start, is kept as bytes. Exports cut large texts wherever they like.
pub(crate) fn piece(bytes: Vec<u8>) -> String {
    let start = bytes.iter().take(3).take_while(|b| **b & 0xc0 == 0x80);
    let start = start.count();
    let rest = &bytes[start..];
    let end = match str::from_utf8(rest) {
        Ok(_) => rest.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return text(bytes),
    };
    // Zero bytes are UTF-16, whose letters end with any byte.
    if start == 0 && end == rest.len() || bytes.contains(&0) {
        return text(bytes);
    }
    let inner = text(rest[..end].to_vec());
    let kept = if inner.is_ascii() { CUT } else { CUT_OF_UTF8 };
    let cut = |bytes: &[u8]| -> String {
        let kept = bytes.iter().map(|b| kept + u32::from(*b));
        kept.filter_map(char::from_u32).collect()
    };
    cut(&bytes[..start]) + &inner + &cut(&rest[end..])
}

/// The text of pieces that were joined: a letter that was cut is whole again. What is left of one is read
/// as it is in a literal alone.
pub(crate) fn joined(pieces: String) -> String {
    let byte = |c: char| u8::try_from(u32::from(c).checked_sub(CUT_OF_UTF8)? & 0xff).ok();
    let is_cut = |c: char| byte(c).is_some() && u32::from(c) <= CUT + 0xff;
    if !pieces.contains(is_cut) {
        return pieces;
    }
    let mut out = String::with_capacity(pieces.len());
    let mut rest = pieces.as_str();
    while let Some(at) = rest.find(is_cut) {
        out.push_str(&rest[..at]);
        let run = &rest[at..];
        let n = run.find(|c| !is_cut(c)).unwrap_or(run.len());
        let bytes: Vec<u8> = run[..n].chars().filter_map(byte).collect();
        let of_utf8 = run[..n].chars().any(|c| u32::from(c) < CUT);
        match String::from_utf8(bytes) {
            Ok(whole) => out.push_str(&whole),
            Err(error) if of_utf8 => out.push_str(&String::from_utf8_lossy(error.as_bytes())),
            Err(error) => out.push_str(&of_single_bytes(error.as_bytes())),
        }
        rest = &run[n..];
    }
    out.push_str(rest);
    out
}

/// The text of a value: UTF-8 where it is UTF-8, windows-1252 otherwise. Text that is UTF-8 but
/// for a few bytes (cut off in the middle of a letter, say) stays UTF-8 with U+FFFD for those.
/// UTF-16 among them (a number cast to `nvarchar`) has zero bytes, which no text has.
pub(crate) fn text(bytes: Vec<u8>) -> String {
    if bytes.contains(&0)
        && let Some(utf16) = looks_like_utf16(&bytes)
    {
        return utf16.decode_without_bom_handling(&bytes).0.into_owned();
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.into_bytes(),
    };
    let (mut letters, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if letters > broken {
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        of_single_bytes(&bytes)
    }
}

/// Whether text has letters that were UTF-8 read as windows-1252 once too often (`Ã§` for `ç`).
pub(crate) fn has_mojibake(text: &str) -> bool {
    text.char_indices()
        .filter(|(_, c)| matches!(c, 'Ã' | 'Â' | 'â'))
        .any(|(at, _)| {
            let run: String = text[at..]
                .chars()
                .take_while(|c| !c.is_ascii())
                .take(3)
                .collect();
            let (bytes, _, unmappable) = WINDOWS_1252.encode(&run);
            !unmappable
                && bytes
                    .utf8_chunks()
                    .next()
                    .is_some_and(|chunk| !chunk.valid().is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], name: Option<&str>) -> Vec<u8> {
        let mut all = Vec::new();
        let named = name.map(|name| encoding(name).unwrap());
        open(bytes, named).unwrap().read_to_end(&mut all).unwrap();
        all
    }

    #[test]
    fn streams_of_two_byte_characters() {
        let text = "insert 'ção €'\r\n".repeat(20_000);
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(
            read(&[b"\xff\xfe", le.as_slice()].concat(), None),
            text.as_bytes()
        );
        assert_eq!(
            read(&[b"\xfe\xff", be.as_slice()].concat(), Some("latin1")),
            text.as_bytes()
        );
        assert_eq!(read(&le, None), text.as_bytes());
        assert_eq!(read(&be, None), text.as_bytes());
    }

    #[test]
    fn a_byte_order_mark_goes_and_nothing_else_changes() {
        assert_eq!(read(b"\xef\xbb\xbfa\xe7", None), b"a\xe7");
        assert_eq!(read(b"", None), b"");
        assert_eq!(read(b"a\xe7", Some("iso-8859-1")), "aç".as_bytes());
        assert_eq!(read(b"a\x8d", Some("macintosh")), "aç".as_bytes());
        assert!(encoding("klingon").is_err());
    }

    #[test]
    fn each_value_says_what_it_is() {
        assert_eq!(text(b"a\xe7\xe3o \x80".to_vec()), "ação €");
        assert_eq!(text("ação".as_bytes().to_vec()), "ação");
        assert_eq!(text(b"a\xc3\xa7\xc3\xa3o\xc3".to_vec()), "ação\u{fffd}");
    }

    #[test]
    fn code_page_850_is_seen_by_its_letters_within_words() {
        assert_eq!(CODE_PAGE_850.chars().count(), 128);
        for (bytes, expected) in [
            (b"Solicita\x87\xc6o".as_slice(), "Solicitação"),
            (b"t\x82cnica, n\xc6o", "técnica, não"),
            (b"solicita\x87\xe4es", "solicitações"),
            (b"SERVI\x80O p\xa3blico", "SERVIÇO público"),
            // windows-1252
            (b"aguarde\x85 \x93ok\x94 \x80 10", "aguarde… “ok” € 10"),
            (b"n\xe3o\xa0sei", "não\u{a0}sei"),
            (b"n\xe3o a\x82b", "não a‚b"),
            (b"Fran\xe7ois \x87 \xa3 5", "François ‡ £ 5"),
        ] {
            assert_eq!(text(bytes.to_vec()), expected);
        }
    }

    #[test]
    fn a_letter_that_is_cut_is_whole_again() {
        let join =
            |pieces: &[&[u8]]| joined(pieces.iter().map(|one| piece(one.to_vec())).collect());
        assert_eq!(join(&[b"a\xc3", b"\xa7\xc3\xa3o"]), "ação");
        assert_eq!(
            join(&[b"\xf0\x9f", b"\x98", b"\x80 \xe2\x82", b"\xac"]),
            "😀 €"
        );
        assert_eq!(join(&[b"N\xc3", b"O"]), "NÃO");
        assert_eq!(join(&[b"art. ", b"\xa7 1"]), "art. § 1");
        assert_eq!(join(&["ação".as_bytes(), b"\xc3\xa7\xc3"]), "açãoç\u{fffd}");
        assert_eq!(join(&[b"Solicita\xe7\xe3", b"o"]), "Solicitação");
    }

    #[test]
    fn mojibake_is_told_from_portuguese() {
        for good in ["NÃO", "AÇÃO", "â", "ÂNGULO", "Ação – “não”", "MANHÃ: Ã"] {
            assert!(!has_mojibake(good), "{good}");
        }
        for bad in ["nÃ£o", "aÃ§Ã£o", "Â°C", "â€œsimâ€\u{9d}"] {
            assert!(has_mojibake(bad), "{bad}");
        }
    }
}
