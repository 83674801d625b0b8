//! Pictures that a text brings along: pasted screenshots as `data:` addresses, parts of another mail
//! as `cid:`. No mail can show them, so they are taken out and named; those whose bytes are there can
//! be attached.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use super::markup::{Token, attribute, tokens};
use super::{PICTURES, RichText, entity, escape, is_reasonable};

/// A picture that was taken out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it shows, in the author's words; maybe empty.
    pub alt: String,
    /// Media type, for example `image/png`; empty when it is not known.
    pub media_type: String,
    /// Its bytes, where the text held them.
    pub content: Option<Vec<u8>>,
}

/// A text and the pictures that were taken out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// The text, sanitised. In place of a picture stands what it shows, if that was said.
    pub text: RichText,
    /// The pictures, in the order of the text.
    pub taken: Vec<Picture>,
}

impl Pictures {
    /// Takes out of a rich text every picture that a mail cannot show.
    pub fn take(html: &str) -> Self {
        let lower = html.to_ascii_lowercase();
        if !lower.contains("<img") || !is_reasonable(html) {
            return Self {
                text: RichText::sanitise(html),
                taken: Vec::new(),
            };
        }
        let html = escape::clean(html);
        let clean = PICTURES.clean(&entity::repair(&html)).to_string();
        let mut out = String::with_capacity(clean.len());
        let mut taken = Vec::new();
        for token in tokens(&clean) {
            match token {
                Token::Text(text) => out.push_str(text),
                Token::End(name) => {
                    out.push_str("</");
                    out.push_str(name);
                    out.push('>');
                }
                Token::Start(tag, "img") => match picture(tag) {
                    Some(picture) => {
                        out.push_str(&escape::html(&picture.alt));
                        taken.push(picture);
                    }
                    None => out.push_str(tag),
                },
                Token::Start(tag, _) => out.push_str(tag),
            }
        }
        Self {
            text: RichText::sanitise(&out),
            taken,
        }
    }
}

/// The picture of a tag, unless it lies on the web.
fn picture(tag: &str) -> Option<Picture> {
    let read = |name| entity::decode(attribute(tag, name).unwrap_or_default()).into_owned();
    let source = read("src");
    let source = source.trim();
    let scheme = |wanted: &str| {
        source
            .get(..wanted.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(wanted))
    };
    if scheme("http://") || scheme("https://") || scheme("www.") {
        return None;
    }
    let (media_type, content) = match source.get("data:".len()..).filter(|_| scheme("data:")) {
        Some(data) => data_url(data),
        None => (String::new(), None),
    };
    Some(Picture {
        alt: read("alt"),
        media_type,
        content,
    })
}

/// Media type and bytes of what follows `data:` (RFC 2397), where it is a picture in base64.
fn data_url(data: &str) -> (String, Option<Vec<u8>>) {
    let Some((head, body)) = data.split_once(',') else {
        return (String::new(), None);
    };
    let mut fields = head.split(';');
    let media_type = fields
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let base64 = fields.any(|field| field.trim().eq_ignore_ascii_case("base64"));
    if !media_type.starts_with("image/") || !base64 {
        return (media_type, None);
    }
    let body: String = body
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=")
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '=')
        .collect();
    let content = BASE64_NOPAD
        .decode(body.as_bytes())
        .or_else(|_| BASE64URL_NOPAD.decode(body.as_bytes()));
    (media_type, content.ok().filter(|bytes| !bytes.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_no_mail_can_show_are_taken_out() {
        let taken = Pictures::take(
            "<p>a<img src=\"DATA:image/png;base64,iVBO\nRw==\" alt='tela \"1\" <b>'>b\
             <img src='cid:x@y'><img src=shot.png alt=c><img src=\"https://x.example/a.png\"></p>",
        );
        assert_eq!(
            taken.text.html(),
            "<p>atela &quot;1&quot; &lt;b&gt;bc<img src=\"https://x.example/a.png\"></p>"
                .replace("&quot;", "\"")
        );
        let bytes: Vec<_> = taken.taken.iter().map(|p| p.content.as_deref()).collect();
        assert_eq!(bytes, [Some(&b"\x89PNG"[..]), None, None]);
        assert_eq!(taken.taken[0].media_type, "image/png");
        assert_eq!(Pictures::take("<p>a</p>").taken, []);
        let script = Pictures::take("<img src=\"data:text/html;base64,PGI+\">");
        assert_eq!(script.taken[0].content, None);
    }
}
