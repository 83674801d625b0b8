//! Pictures that were pasted into HTML as `data:` addresses: they become files.
//!
//! They are taken out before the HTML is read: they are most of such a mail, and what is too long is
//! cut.

use super::{attachment::Attachment, encoding::base64};

/// How an address of a picture begins.
const DATA: &str = "data:image/";

/// The HTML with `data:#n` for each picture, and the addresses by that number.
pub(super) fn take(html: &str) -> (String, Vec<&str>) {
    let mut out = String::new();
    let mut found = Vec::new();
    let mut from = 0;
    let bytes = html.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begins = matches!(bytes[at], b'd' | b'D')
            && at > 0
            && matches!(bytes[at - 1], b'"' | b'\'' | b'=')
            && bytes
                .get(at..at + DATA.len())
                .is_some_and(|text| text.eq_ignore_ascii_case(DATA.as_bytes()));
        if !begins {
            at += 1;
            continue;
        }
        let quote = bytes[at - 1];
        let ends = |b: &u8| match quote {
            b'=' => b.is_ascii_whitespace() || *b == b'>',
            quote => *b == quote,
        };
        let end = bytes[at..]
            .iter()
            .position(ends)
            .map_or(bytes.len(), |length| at + length);
        out.push_str(&html[from..at]);
        out.push_str(&format!("data:#{}", found.len()));
        found.push(&html[at..end]);
        from = end;
        at = end;
    }
    out.push_str(&html[from..]);
    (out, found)
}

/// The number of a picture that was taken out.
pub(super) fn number(source: &str) -> Option<usize> {
    source.trim().strip_prefix("data:#")?.parse().ok()
}

/// A picture.
pub(super) struct Picture {
    media_type: String,
    content: Vec<u8>,
}

impl Picture {
    /// Reads a `data:` address; `None` for one that holds nothing.
    pub(super) fn read(source: &str) -> Option<Self> {
        let (head, data) = source.split_once(',')?;
        let mut head = head.get("data:".len()..)?.split(';');
        let media_type = head.next()?.trim().to_ascii_lowercase();
        let content = match head.any(|word| word.trim().eq_ignore_ascii_case("base64")) {
            true => base64(
                data.replace("%3D", "=")
                    .replace("%2B", "+")
                    .replace("%2F", "/")
                    .as_bytes(),
            ),
            false => return None,
        };
        (!content.is_empty()).then_some(Self {
            media_type,
            content,
        })
    }

    /// The picture as a file.
    pub(super) fn file(self, number: usize) -> Attachment {
        let kind = self.media_type.strip_prefix("image/").unwrap_or_default();
        let extension = match kind {
            "jpeg" | "jpg" | "pjpeg" => "jpg",
            "svg+xml" => "svg",
            "gif" | "png" | "webp" | "bmp" | "tiff" | "heic" | "avif" => kind,
            _ => "bin",
        };
        Attachment {
            name: format!("image{number}.{extension}"),
            media_type: self.media_type,
            content_id: None,
            content: self.content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_taken_out_and_become_files() {
        let html = "<p>a</p><img src=\"data:image/png;base64,iVBORw0KGgo=\"><IMG SRC=DATA:image/jpeg;base64,/9j/ alt=x>data:image/png;base64,AA";
        let (rest, found) = take(html);
        assert_eq!(
            rest,
            "<p>a</p><img src=\"data:#0\"><IMG SRC=data:#1 alt=x>data:image/png;base64,AA"
        );
        let files: Vec<_> = (1..)
            .zip(found)
            .map(|(number, source)| Picture::read(source).unwrap().file(number))
            .collect();
        assert_eq!(
            (files[0].name.as_str(), files[0].content.as_slice()),
            ("image1.png", b"\x89PNG\r\n\x1a\n".as_slice())
        );
        assert_eq!(
            (files[1].name.as_str(), files[1].media_type.as_str()),
            ("image2.jpg", "image/jpeg")
        );
        assert!(Picture::read("data:image/png;base64,").is_none());
        assert!(Picture::read("data:image/svg+xml,<svg/>").is_none());
        assert_eq!(number(" data:#12"), Some(12));
    }
}
