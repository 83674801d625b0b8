//! A server's reply (RFC 5321, 4.2), read as servers send it: with text in any encoding, with lines
//! longer than the 512 octets of the standard, and with a code alone.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// Octets of a line that are kept; what is longer is read and left out.
const KEPT: usize = 2048;
/// Lines of a reply that are kept.
const KEPT_LINES: usize = 100;
/// Most octets of a reply: what says more is not a mail server.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// Code and text of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The code of the last line, 200 to 599 (RFC 5321, 4.2.1).
    pub(super) code: u16,
    /// The text of each line.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// 2xx: it was done.
    pub(super) fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// 3xx: more is wanted.
    pub(super) fn wants_more(&self) -> bool {
        self.code / 100 == 3
    }

    /// 4xx: not now, later perhaps.
    pub(super) fn is_transient(&self) -> bool {
        self.code / 100 == 4
    }

    /// 5xx: neither now nor later.
    pub(super) fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// All lines as one.
    pub(super) fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// The arguments of an extension that the reply to `EHLO` names, its keyword in any case.
    pub(super) fn extension(&self, keyword: &str) -> Option<&str> {
        // The first line greets. `AUTH=` is an old form of `AUTH `.
        self.lines.iter().skip(1).find_map(|line| {
            let (name, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            name.trim().eq_ignore_ascii_case(keyword).then_some(rest)
        })
    }

    /// Reads a reply to its last line.
    ///
    /// # Errors
    /// Those of the connection; `UnexpectedEof` when it ended before the reply did; `InvalidData`
    /// for what is not a reply.
    pub(super) async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Self> {
        let (mut lines, mut octets) = (Vec::new(), 0);
        loop {
            let line = line(stream, &mut octets).await?;
            let (code, last, text) = parse(&line).ok_or(io::ErrorKind::InvalidData)?;
            if lines.len() < KEPT_LINES {
                lines.push(text);
            }
            if last {
                return Ok(Self { code, lines });
            }
        }
    }
}

/// The next line without its end, cut to [`KEPT`].
async fn line(stream: &mut (impl AsyncBufRead + Unpin), octets: &mut usize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let found = stream.fill_buf().await?;
        if found.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = found.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(found.len(), |end| end + 1);
        let room = KEPT.saturating_sub(line.len());
        line.extend_from_slice(&found[..taken.min(room)]);
        stream.consume(taken);
        *octets += taken;
        if end.is_some() {
            while matches!(line.last(), Some(b'\r' | b'\n')) {
                line.pop();
            }
            return Ok(line);
        }
        if *octets > MAX_REPLY_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// Code, whether it is the last line, and text.
fn parse(line: &[u8]) -> Option<(u16, bool, String)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let digits = std::str::from_utf8(digits).ok()?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let code = digits
        .parse()
        .ok()
        .filter(|code| (200..600).contains(code))?;
    match rest.split_first() {
        None => Some((code, true, String::new())),
        Some((b' ', text)) => Some((code, true, words(text))),
        Some((b'-', text)) => Some((code, false, words(text))),
        Some(_) => None,
    }
}

/// UTF-8, or else Latin-1, in which every octet is a character.
fn words(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

    async fn read(octets: &[u8]) -> io::Result<Reply> {
        // A small buffer, so that lines come in pieces.
        Reply::read(&mut BufReader::with_capacity(7, octets)).await
    }

    #[tokio::test]
    async fn replies_are_read_as_servers_send_them() {
        let long = format!("250 {}\r\n", "x".repeat(70_000));
        for (octets, code, text) in [
            (
                &b"220 mx.example.com ESMTP\r\n"[..],
                220,
                "mx.example.com ESMTP",
            ),
            (b"250\r\n", 250, ""),
            (b"250 \n", 250, ""),
            (b"220 caf\xe9 ESMTP\r\n", 220, "café ESMTP"),
            ("220 café ESMTP\r\n".as_bytes(), 220, "café ESMTP"),
            (
                b"250-one\r\n250-\xff\xfe\r\n250 three\r\n",
                250,
                "one ÿþ three",
            ),
            (
                b"550-5.7.1 no\r\n550 5.7.1 relay\r\n",
                550,
                "5.7.1 no 5.7.1 relay",
            ),
            (long.as_bytes(), 250, &"x".repeat(KEPT - 4)),
        ] {
            let reply = read(octets).await.unwrap();
            assert_eq!((reply.code, reply.text().as_str()), (code, text));
        }
        for length in [511, 512, 513, 1000, 1023, 1024, 1025, 2048, 4096] {
            let line = format!("250-{}\r\n250 ok\r\n", "y".repeat(length));
            assert_eq!(read(line.as_bytes()).await.unwrap().lines[1], "ok");
        }
    }

    #[tokio::test]
    async fn what_is_no_reply_is_an_error() {
        let endless = vec![b'2'; MAX_REPLY_BYTES + 10];
        for (octets, kind) in [
            (&b""[..], io::ErrorKind::UnexpectedEof),
            (b"220", io::ErrorKind::UnexpectedEof),
            (b"250-one\r\n", io::ErrorKind::UnexpectedEof),
            (b"HTTP/1.1 400 Bad Request\r\n", io::ErrorKind::InvalidData),
            (b"\r\n", io::ErrorKind::InvalidData),
            (b"999 ok\r\n", io::ErrorKind::InvalidData),
            (b"+20 ok\r\n", io::ErrorKind::InvalidData),
            (b"2500 ok\r\n", io::ErrorKind::InvalidData),
            (b"\xff\xfe\xfd ok\r\n", io::ErrorKind::InvalidData),
            (&endless, io::ErrorKind::InvalidData),
        ] {
            assert_eq!(read(octets).await.unwrap_err().kind(), kind);
        }
    }

    #[tokio::test]
    async fn extensions_are_found_in_any_form() {
        let reply =
            read(b"250-mx AUTH here\r\n250-auth=PLAIN LOGIN\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
        let reply = reply.await.unwrap();
        assert_eq!(reply.extension("AUTH"), Some("PLAIN LOGIN"));
        assert_eq!(reply.extension("size"), Some("1000"));
        assert_eq!(reply.extension("STARTTLS"), Some(""));
        assert_eq!(reply.extension("START"), None);
    }
}
