//! Pictures that were pasted into HTML as `data:` addresses: they become files.
//!
//! They are taken out before the HTML is read: they are most of such a mail, and what is too long is
//! cut.

use super::{attachment::Attachment, encoding::base64};

/// How an address of a picture begins.
const DATA: &str = "data:image/";
/// The attribute that holds it.
const SOURCE: &[u8] = b"src";

/// The HTML with `data:#n` for each picture, and the addresses by that number.
pub(super) fn take(html: &str) -> (String, Vec<&str>) {
    let mut out = String::new();
    let mut found = Vec::new();
    let mut from = 0;
    let bytes = html.as_bytes();
    let mut at = 0;
    let first = |byte: &u8| matches!(byte, b'd' | b'D');
    while let Some(next) = bytes[at..].iter().position(first) {
        at += next;
        let begins = bytes
            .get(at..at + DATA.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(DATA.as_bytes()));
        let Some(quote) = begins.then(|| opens_value(&bytes[..at])).flatten() else {
            at += 1;
            continue;
        };
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

/// The quote or the `=` with which a value begins whose text stands behind this. Browsers pass over white
/// space between the two; but so does text that people write, `x = data:…`, which is no `src`.
fn opens_value(before: &[u8]) -> Option<u8> {
    let text = before.trim_ascii_end();
    let (&mark, name) = text.split_last()?;
    let name = name.trim_ascii_end();
    let apart = text.len() < before.len();
    let opens = match mark {
        b'"' | b'\'' => !apart || name.ends_with(b"="),
        b'=' => {
            let start = name.len().saturating_sub(SOURCE.len());
            !apart || name[start..].eq_ignore_ascii_case(SOURCE)
        }
        _ => false,
    };
    opens.then_some(mark)
}

/// The number of a picture that was taken out.
pub(super) fn number(source: &str) -> Option<usize> {
    source.trim().strip_prefix("data:#")?.parse().ok()
}

/// HTML that somebody wrote in a form, without the pictures that they pasted into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// The HTML, with the name of each picture in its place.
    pub html: String,
    /// The pictures, decoded, in the order of their places.
    pub files: Vec<Attachment>,
    /// Names of files that it shows by `cid:`, which may be attached.
    pub named: Vec<String>,
    /// How many more it shows that are not in it: other parts of a mail, files of the author's
    /// machine, paths of their page.
    pub elsewhere: usize,
}

/// Takes pasted pictures out of HTML that is not a mail.
pub fn pasted(html: &str) -> Pasted {
    let (taken, sources) = take(html);
    let mut pasted = Pasted::default();
    let mut rest = taken.as_str();
    // A tag begins at each of these; what is not `<img` is left as it is.
    while let Some(at) = find_image(rest) {
        let length = tag_length(&rest[at..]);
        let (tag, after) = rest[at..].split_at(length);
        pasted.html.push_str(&rest[..at]);
        pasted.html.push_str(tag);
        rest = after;
        let source = source(tag);
        let picture = source
            .and_then(number)
            .map(|number| sources.get(number).copied().and_then(Picture::read));
        match (picture, source) {
            (Some(Some(picture)), _) => {
                let file = picture.file(pasted.files.len() + 1);
                pasted.html.push_str(&mark(&file.name));
                pasted.files.push(file);
            }
            (Some(None), _) => pasted.elsewhere += 1,
            (None, Some(source)) => match named(source) {
                Some(name) => {
                    pasted.html.push_str(&mark(&name));
                    pasted.named.push(name);
                }
                None if !is_on_the_web(source) => pasted.elsewhere += 1,
                None => {}
            },
            (None, None) => {}
        }
    }
    pasted.html.push_str(rest);
    pasted
}

/// What stands in a text in the place of a picture.
pub fn mark(name: &str) -> String {
    format!("[{name}]")
}

/// The name of the file that `cid:print.png@01DA` shows.
fn named(source: &str) -> Option<String> {
    let id = source
        .get(..4)?
        .eq_ignore_ascii_case("cid:")
        .then(|| &source[4..])?;
    let name = id.split('@').next().unwrap_or_default();
    let safe = super::attachment::safe_name(name);
    let extension = super::attachment::extension(name);
    (safe == name && EXTENSIONS.contains(&extension.as_str())).then_some(safe)
}

/// Pictures that mail programs show.
const EXTENSIONS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "bmp"];

fn find_image(html: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = html[from..].find('<') {
        let at = from + at;
        let name = html.as_bytes().get(at + 1..at + 5);
        let is_image = name.is_some_and(|name| {
            name[..3].eq_ignore_ascii_case(b"img")
                && (name[3].is_ascii_whitespace() || name[3] == b'/' || name[3] == b'>')
        });
        if is_image {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Length of the tag at the beginning of the text, quoted `>` passed over.
fn tag_length(html: &str) -> usize {
    let mut quote = None;
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// The address of a picture.
fn source(tag: &str) -> Option<&str> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find("src") {
        let at = from + found;
        from = at + 3;
        let alone = lower[..at].ends_with(|c: char| c.is_ascii_whitespace() || "/\"'".contains(c));
        let value = tag[from..].trim_start().strip_prefix('=');
        let (true, Some(value)) = (alone, value) else {
            continue;
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| "\"'".contains(*c));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value
                .split(|c: char| c.is_ascii_whitespace() || c == '>')
                .next(),
        };
        return value.map(str::trim).filter(|value| !value.is_empty());
    }
    None
}

/// Whether a mail program of somebody else can show it.
fn is_on_the_web(source: &str) -> bool {
    let scheme = source.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

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
    fn what_is_pasted_into_a_form_is_told_from_what_is_elsewhere() {
        for (html, rest, files, elsewhere) in [
            ("<p>a &lt;img</p>", "<p>a &lt;img</p>", 0, 0),
            (
                "<p>a<IMG alt='x > y' src = \"data:image/png;base64,AA==\">b</p>",
                "<p>a<IMG alt='x > y' src = \"data:#0\">[image1.png]b</p>",
                1,
                0,
            ),
            (
                "<p>a<img alt='x > y' src=\"data:image/png;base64,AA==\">b</p>",
                "<p>a<img alt='x > y' src=\"data:#0\">[image1.png]b</p>",
                1,
                0,
            ),
            (
                "<img src=cid:1><img src='blob:x'><img src=\"C:\\a.png\"><img src=/a.png><img src='data:text/plain,x'>",
                "<img src=cid:1><img src='blob:x'><img src=\"C:\\a.png\"><img src=/a.png><img src='data:text/plain,x'>",
                0,
                5,
            ),
            (
                "<img src='https://x/a.png'><img data-src=cid:x><img><image src=cid:x><img",
                "<img src='https://x/a.png'><img data-src=cid:x><img><image src=cid:x><img",
                0,
                0,
            ),
            (
                "<img src='data:image/png;base64,'>",
                "<img src='data:#0'>",
                0,
                1,
            ),
        ] {
            let pasted = pasted(html);
            assert_eq!(
                (pasted.html.as_str(), pasted.files.len(), pasted.elsewhere),
                (rest, files, elsewhere)
            );
        }
    }

    #[test]
    fn pictures_are_taken_out_and_become_files() {
        let html = "<p>a</p><img src=\"data:image/png;base64,iVBORw0KGgo=\"><IMG SRC=DATA:image/jpeg;base64,/9j/ alt=x>data:image/png;base64,AA";
        let (rest, found) = take(html);
        assert_eq!(
            rest,
            "<p>a</p><img src=\"data:#0\"><IMG SRC=data:#1 alt=x>data:image/png;base64,AA"
        );
        for (begin, end) in [
            ("<img src=\" \n", "\">"),
            ("<img src = '\t", "' alt=x>"),
            ("<img src=\r\n ", " alt=x>"),
            ("<img src=", ">"),
        ] {
            for address in ["data:image/png;base64,AA==", "DATA:Image/PNG;base64,AA=="] {
                let html = format!("{begin}{address}{end}");
                let (rest, found) = take(&html);
                assert_eq!(rest, format!("{begin}data:#0{end}"));
                let file = Picture::read(found[0]).unwrap().file(1);
                assert_eq!(file.name, "image1.png");
            }
        }
        let text = "<p>\"x\" data:image/png;base64,AA x = data:image/png;base64,AA</p>";
        assert_eq!(take(text), (text.to_owned(), Vec::new()));
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
