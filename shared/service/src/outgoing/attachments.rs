//! Files of a message in its mail: they travel with it when parameter 446 says so and they are small
//! enough, otherwise the mail links to them.

use html::escape;
use jiff::Timestamp;

use crate::{App, desk::attachments, settings::Settings, texts};
use domain::{
    address::Address,
    catalog::language::Language,
    message::{File, FileRefusal, Message},
    parameter::{FORWARD_ATTACHMENTS, Parameters},
    source::Rendered,
};
use mail::{
    compose::Attachment,
    inbound::mark,
    token::{Keyring, file::FileClaims},
};
use render::RichText;

/// Most bytes of files in one mail. SES takes 40 MB and many servers no more than 10; the sender makes
/// sixteen mails at once, each of them several times in memory.
pub const MAX_ATTACHED: u64 = 3 * 1024 * 1024;

/// What goes with a mail, and what it says about the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachments {
    /// Files that travel with the mail.
    pub files: Vec<Attachment>,
    /// Pictures in the text, which travel with the mails that show them.
    pub pictures: Vec<Attachment>,
}

/// Reads what travels with a message: its files when parameter 446 says so, else the pictures in its
/// text. What cannot be read is linked: no mail waits for it.
pub(crate) async fn load(app: &App, parameters: &Parameters, message: &Message) -> Attachments {
    let taken: Vec<&File> = message
        .attachments
        .iter()
        .filter(|file| file.refused.is_none() && !file.withheld)
        .collect();
    let size: u64 = taken.iter().map(|file| file.size).sum();
    if parameters.is_on(FORWARD_ATTACHMENTS) && size <= MAX_ATTACHED {
        let files = read(app, message, &taken).await;
        return Attachments {
            files: files.unwrap_or_default(),
            ..Attachments::default()
        };
    }
    let pictures: Vec<&File> = taken
        .into_iter()
        .filter(|file| is_in(message, file))
        .collect();
    let size: u64 = pictures.iter().map(|file| file.size).sum();
    let pictures = match size <= MAX_ATTACHED {
        true => read(app, message, &pictures).await,
        false => None,
    };
    Attachments {
        pictures: pictures.unwrap_or_default(),
        ..Attachments::default()
    }
}

/// The content of files; none when one of them cannot be read.
async fn read(app: &App, message: &Message, files: &[&File]) -> Option<Vec<Attachment>> {
    let storage = app.files.as_ref()?;
    let mut contents = Vec::new();
    for file in files {
        match storage.get(&attachments::name(file), MAX_ATTACHED).await {
            Ok(content) => contents.push(Attachment {
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                content: content?,
                content_id: None,
            }),
            Err(error) => {
                tracing::warn!(message_id = %message.id, %error, "the files of a message are linked");
                return None;
            }
        }
    }
    Some(contents)
}

/// Whether the text of a message has this picture in it.
fn is_in(message: &Message, file: &File) -> bool {
    let html = message.html.as_deref().unwrap_or_default();
    is_shown(&file.media_type) && html.contains(&written_mark(&file.name))
}

/// What stands for a picture in the HTML of a message, as the sanitiser writes it.
fn written_mark(name: &str) -> String {
    let mark = RichText::sanitise(&escape(&mark(name)));
    mark.html().to_owned()
}

/// Whether mail programs show files of this kind.
fn is_shown(media_type: &str) -> bool {
    let kind = media_type.strip_prefix("image/");
    kind.is_some_and(|kind| ["png", "jpeg", "jpg", "gif", "webp", "bmp"].contains(&kind))
}

/// Puts the pictures of a message into the HTML of its mail, in the place of their names, and returns
/// all files that travel with it. The text keeps the names.
pub(crate) fn show(
    rendered: &mut Rendered,
    message: &Message,
    attached: &Attachments,
    domain: &str,
) -> Vec<Attachment> {
    let mut attachments = Vec::new();
    let pictures = attached.pictures.iter().map(|file| (file, false));
    let files = attached.files.iter().map(|file| (file, true));
    for (number, (file, travels)) in (1..).zip(files.chain(pictures)) {
        let name = escape(&file.name);
        let id = format!("{number}.{}@{domain}", message.id);
        let picture =
            format!("<img src=\"cid:{id}\" alt=\"{name}\" style=\"max-width:100%;height:auto\">");
        let html = (message.html.is_some() && is_shown(&file.media_type))
            .then(|| replaced(&rendered.html, &written_mark(&file.name), &picture))
            .flatten();
        let content_id = html.is_some().then_some(id);
        if let Some(html) = html {
            rendered.html = html;
        }
        if travels || content_id.is_some() {
            attachments.push(Attachment {
                content_id,
                ..file.clone()
            });
        }
    }
    attachments
}

/// The HTML with what stands for a picture replaced where it is text; none if it is nowhere.
fn replaced(html: &str, mark: &str, picture: &str) -> Option<String> {
    let mut out = String::with_capacity(html.len());
    let mut found = false;
    let mut quote = None;
    let mut tag = false;
    let mut from = 0;
    for (at, byte) in html.bytes().enumerate() {
        match (tag, quote, byte) {
            (false, _, b'<') => {
                tag = true;
                let text = &html[from..at];
                found |= text.contains(mark);
                out.push_str(&text.replace(mark, picture));
                from = at;
            }
            (true, None, b'>') => {
                tag = false;
                out.push_str(&html[from..=at]);
                from = at + 1;
            }
            (true, None, b'"' | b'\'') => quote = Some(byte),
            (true, Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    out.push_str(&html[from..]);
    found.then_some(out)
}

/// Adds to a mail what it says about files that do not travel with it: a link to each, or why
/// it was not taken.
#[expect(
    clippy::too_many_arguments,
    reason = "each is another part of the mail"
)]
pub(crate) fn mention(
    rendered: &mut Rendered,
    settings: &Settings,
    keys: Option<&Keyring>,
    to: &Address,
    message: &Message,
    attached: &Attachments,
    language: Language,
    date: Timestamp,
) {
    let linked = attached.files.is_empty();
    let lines: Vec<Line> = message
        .attachments
        .iter()
        .enumerate()
        .filter(|(_, file)| linked || file.refused.is_some() || file.withheld)
        .map(|(place, file)| Line {
            name: &file.name,
            note: note(file, language),
            link: keys
                .zip(settings.api_url.as_deref())
                .filter(|_| file.refused.is_none() && !file.withheld)
                .map(|(keys, base)| {
                    let claims = FileClaims {
                        ticket: message.ticket_id.clone(),
                        message: message.id,
                        number: u16::try_from(place).unwrap_or(u16::MAX),
                        holder: Some(keys.holder(to.key())),
                        expires: date + attachments::MAIL_LINK_LIFE,
                    };
                    attachments::url(base, keys, &claims)
                }),
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let title = texts::mail_attachments::ATTACHMENTS.get(language);
    let text: Vec<String> = lines.iter().map(Line::text).collect();
    rendered.text = format!(
        "{}\n\n{title}:\n{}\n",
        rendered.text.trim_end(),
        text.concat()
    );
    let html: Vec<String> = lines.iter().map(Line::html).collect();
    let block = format!("<p>{title}:</p><ul>{}</ul>", html.concat());
    let end = rendered.html.to_ascii_lowercase().rfind("</body");
    rendered
        .html
        .insert_str(end.unwrap_or(rendered.html.len()), &block);
}

/// What a mail says about one file.
struct Line<'a> {
    name: &'a str,
    note: String,
    link: Option<String>,
}

impl Line<'_> {
    fn text(&self) -> String {
        let link = self.link.iter().map(|link| format!("\n  {link}"));
        format!(
            "- {} ({}){}\n",
            self.name,
            self.note,
            link.collect::<String>()
        )
    }

    fn html(&self) -> String {
        let name = escape(self.name);
        let shown = match &self.link {
            Some(link) => format!("<a href=\"{}\">{name}</a>", escape(link)),
            None => name.into_owned(),
        };
        format!("<li>{shown} ({})</li>", escape(&self.note))
    }
}

fn note(file: &File, language: Language) -> String {
    let refused = match file.refused {
        None if file.withheld => texts::mail_attachments::WITHHELD_IT_HOLDS_LINKS,
        None => return size(file.size),
        Some(FileRefusal::TooLarge) => texts::mail_attachments::REFUSED_TOO_LARGE,
        Some(FileRefusal::ExtensionRefused) => {
            texts::mail_attachments::REFUSED_FILES_OF_THIS_KIND_ARE_NOT_TAKEN
        }
        Some(FileRefusal::TooMany) => texts::mail_attachments::REFUSED_TOO_MANY_FILES,
    };
    refused.get(language).to_owned()
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{} MB", bytes.div_ceil(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_in_text_alone() {
        for (html, shown) in [
            ("<p>a [i.png] b</p>", Some("<p>a <img> b</p>")),
            ("<p title=\"[i.png]\">a</p>", None),
            (
                "<p title='>[i.png]'>[i.png]<b>x</b>",
                Some("<p title='>[i.png]'><img><b>x</b>"),
            ),
            ("<p>[i.jpg]</p>", None),
        ] {
            assert_eq!(
                replaced(html, "[i.png]", "<img>").as_deref(),
                shown,
                "{html}"
            );
        }
    }

    #[test]
    fn a_picture_is_found_whatever_signs_its_name_has() {
        for name in [
            "i.png",
            "it's.png",
            "a & b.png",
            "a \"b\" <c>.png",
            "é\u{a0}b.png",
        ] {
            let html = format!("<p>a {} b</p>", escape(&mark(name)));
            let html = RichText::sanitise(&html);
            let shown = replaced(html.html(), &written_mark(name), "<img>");
            assert_eq!(shown.as_deref(), Some("<p>a <img> b</p>"), "{name}");
        }
    }

    #[test]
    fn sizes_are_rounded_up() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_001, "2 kB"),
            (1_000_000, "1 MB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
