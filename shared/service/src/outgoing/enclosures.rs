//! Files of a message in its mail: they travel with it when parameter 446 says so and they are small
//! enough, otherwise the mail links to them.

use jiff::Timestamp;

use crate::{App, desk::attachments, settings::Settings, texts};
use domain::{
    address::Address,
    catalog::language::Language,
    message::{File, Message, Refusal},
    parameter::{FORWARD_ATTACHMENTS, Parameters},
    source::Rendered,
};
use mail::{
    compose::Attachment,
    token::{Keyring, file::FileClaims},
};

/// Most bytes of files in one mail. SES takes 40 MB and many servers no more than 10; the sender makes
/// sixteen mails at once, each of them several times in memory.
pub const MAX_ENCLOSED: u64 = 3 * 1024 * 1024;

/// What goes with a mail, and what it says about the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enclosures {
    /// Files that travel with the mail.
    pub files: Vec<Attachment>,
}

/// Reads the files that travel with a message. What cannot be read is linked: no mail waits for it.
pub(crate) async fn load(app: &App, parameters: &Parameters, message: &Message) -> Enclosures {
    let taken = || message.attachments.iter().filter(|f| f.refused.is_none());
    let size: u64 = taken().map(|file| file.size).sum();
    let forwarded = parameters.is_on(FORWARD_ATTACHMENTS) && size <= MAX_ENCLOSED;
    let (true, Some(storage)) = (forwarded && size > 0, &app.files) else {
        return Enclosures::default();
    };
    let mut files = Vec::new();
    for file in taken() {
        match storage.get(&attachments::name(file), MAX_ENCLOSED).await {
            Ok(Some(content)) => files.push(Attachment {
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                content,
            }),
            Ok(None) => return Enclosures::default(),
            Err(error) => {
                tracing::warn!(message_id = %message.id, %error, "the files of a message are linked");
                return Enclosures::default();
            }
        }
    }
    Enclosures { files }
}

/// Adds to a mail what it says about files that do not travel with it: a link to each, or why it was
/// not taken.
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
    enclosures: &Enclosures,
    language: Language,
    date: Timestamp,
) {
    let linked = enclosures.files.is_empty();
    let lines: Vec<Line> = message
        .attachments
        .iter()
        .enumerate()
        .filter(|(_, file)| linked || file.refused.is_some())
        .map(|(place, file)| Line {
            name: &file.name,
            note: note(file, language),
            link: keys
                .zip(settings.api_url.as_deref())
                .filter(|_| file.refused.is_none())
                .map(|(keys, base)| {
                    let claims = FileClaims {
                        ticket: message.ticket_id.clone(),
                        message: message.id,
                        number: u16::try_from(place).unwrap_or(u16::MAX),
                        holder: Some(keys.holder(to)),
                        expires: date + attachments::MAIL_LINK_LIFE,
                    };
                    attachments::url(base, keys, &claims)
                }),
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let title = texts::enclosures::ATTACHMENTS.get(language);
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
            None => name,
        };
        format!("<li>{shown} ({})</li>", escape(&self.note))
    }
}

fn note(file: &File, language: Language) -> String {
    let refused = match file.refused {
        None => return size(file.size),
        Some(Refusal::TooLarge) => texts::enclosures::REFUSED_TOO_LARGE,
        Some(Refusal::ExtensionRefused) => {
            texts::enclosures::REFUSED_FILES_OF_THIS_KIND_ARE_NOT_TAKEN
        }
        Some(Refusal::TooMany) => texts::enclosures::REFUSED_TOO_MANY_FILES,
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

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

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
