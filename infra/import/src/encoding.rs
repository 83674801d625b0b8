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
        WINDOWS_1252
            .decode_without_bom_handling(&bytes)
            .0
            .into_owned()
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
    fn mojibake_is_told_from_portuguese() {
        for good in ["NÃO", "AÇÃO", "â", "ÂNGULO", "Ação – “não”", "MANHÃ: Ã"] {
            assert!(!has_mojibake(good), "{good}");
        }
        for bad in ["nÃ£o", "aÃ§Ã£o", "Â°C", "â€œsimâ€\u{9d}"] {
            assert!(has_mojibake(bad), "{bad}");
        }
    }
}
