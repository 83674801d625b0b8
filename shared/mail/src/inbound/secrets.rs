//! Whether a file holds secrets of our own mails. People attach the mail that they answer, as it came.
//!
//! Mails are read, whatever their encoding, also those within others. What is packed (archives, office
//! documents, PDF) is not looked into.

use super::{InboundError, MAX_HEADER, line_ends, mime};
use crate::redact;

/// How deep mails within mails are read; what is deeper counts as holding some.
const DEPTH: u8 = 5;
/// A file is read as text of two bytes a character in pieces of so many bytes,
const PIECE: usize = 64 * 1024;
/// and so many of the next one: more than a link has.
const OVERLAP: usize = 2 * 1024;

/// Whether links that act in somebody's name stand in this file, or in the mail that it is.
pub fn holds_links(file: &[u8]) -> bool {
    within(file, DEPTH)
}

fn within(file: &[u8], depth: u8) -> bool {
    if redact::holds_links(file) || of_two_bytes(file) {
        return true;
    }
    let lines = line_ends(file);
    let (head, body) = mime::split_header(lines.trim_ascii_start());
    // Any file may go on without an empty line: no more of it is read than a header has.
    let whole = head.len() <= MAX_HEADER;
    match mime::read(&head[..head.len().min(MAX_HEADER)], body) {
        Ok(mail) if whole && depth > 0 => in_part(&mail, depth),
        Ok(_) => true,
        Err(error) => error != InboundError::NotMail,
    }
}

fn in_part(part: &mime::Part<'_>, depth: u8) -> bool {
    match part.children.is_empty() {
        true => within(&part.decode(), depth - 1),
        false => part.children.iter().any(|child| in_part(child, depth)),
    }
}

/// Whether they stand in a text of two bytes a character, as Outlook stores its mails.
fn of_two_bytes(file: &[u8]) -> bool {
    let starts = (0..file.len()).step_by(PIECE);
    let mut pieces = starts.map(|at| &file[at..file.len().min(at + PIECE + OVERLAP)]);
    pieces.any(|piece| {
        let text: Vec<u8> = piece.iter().copied().filter(|byte| *byte != 0).collect();
        text.len() < piece.len() && redact::holds_links(&text)
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::token::{Keyring, TokenKey, link::Action};

    fn link() -> String {
        let secret = [7; 32].to_vec();
        let keys = Keyring::new(&[TokenKey { id: 'a', secret }]).unwrap();
        let until = Timestamp::from_second(1_800_000_000).unwrap();
        let maria = "maria@example.com".parse().unwrap();
        let ticket = "4217".parse().unwrap();
        let token = keys.link_token(&ticket, &maria, Action::Approve, until, [9; 8]);
        format!("<a href=\"https://desk.example.com/links/{token}\">Aprovar</a>")
    }

    fn mail(kind: &str, encoding: &str, body: &str) -> String {
        format!(
            "From: central@example.com\r\nTo: maria@example.com\r\nSubject: Chamado\r\n\
             MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
        )
    }

    fn wrapped(text: &str) -> String {
        let encoded = data_encoding::BASE64.encode(text.as_bytes());
        let lines: Vec<_> = encoded.as_bytes().chunks(76).collect();
        String::from_utf8(lines.join(&b"\r\n"[..])).unwrap()
    }

    #[test]
    fn links_are_found_in_whatever_holds_them() {
        let link = link();
        let base64 = mail(
            "text/html",
            "base64",
            &wrapped(&format!("<p>Olá</p>{link}")),
        );
        let quoted = mail(
            "text/html",
            "quoted-printable",
            &link.replace('=', "=3D").replace("4", "=34"),
        );
        let within = mail("message/rfc822", "base64", &wrapped(&base64));
        let parts = mail(
            "multipart/mixed; boundary=b",
            "7bit",
            &format!("--b\r\nContent-Type: message/rfc822\r\n\r\n{base64}\r\n--b--\r\n"),
        );
        let two_bytes: Vec<u8> = link.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (form, file) in [
            ("HTML", link.as_bytes()),
            ("base64", base64.as_bytes()),
            ("quoted-printable", quoted.as_bytes()),
            ("a mail in base64", within.as_bytes()),
            ("a part", parts.as_bytes()),
            ("UTF-16", &two_bytes),
            ("CR alone", base64.replace("\r\n", "\r").as_bytes()),
        ] {
            assert!(holds_links(file), "{form}");
        }
        for before in [1, PIECE - 100, PIECE, PIECE + 1, 3 * PIECE - 7] {
            let file = [vec![0; before], two_bytes.clone()].concat();
            assert!(holds_links(&file), "behind {before} bytes");
        }
        let endless = format!("X: {}\r\n", "a".repeat(60)).repeat(10_000);
        assert!(
            !holds_links(endless.as_bytes()),
            "a file of one long header"
        );
        let mut deep = mail("text/plain", "7bit", "Olá");
        assert!(!holds_links(deep.as_bytes()));
        for _ in 0..20 {
            deep = mail("message/rfc822", "base64", &wrapped(&deep));
        }
        assert!(holds_links(deep.as_bytes()), "nobody looked so deep");
        for file in [
            &b""[..],
            b"\0\0",
            b"https://example.com/links/",
            "Relatório".as_bytes(),
        ] {
            assert!(!holds_links(file));
        }
    }
}
