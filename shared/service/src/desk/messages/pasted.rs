//! Pictures that were pasted into a message become its files, within the limits of all files.

use domain::{
    catalog::{Language, Texts},
    message::{File, FileRefusal, Message},
    parameter::Parameters,
};
use mail::inbound::{Pasted, pasted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::NewMessage;
use crate::{
    App, Result,
    desk::attachments::{self, Limits, MAX_FILES},
    texts,
};

/// What of a message is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostWarning {
    /// Code of the warning, the same in every language.
    pub code: String,
    /// Field that it is about.
    pub field: String,
    /// Name of the picture, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What it means and what to do, in the caller's language.
    #[serde(default)]
    pub message: String,
}

/// Codes, and their words.
const WARNINGS: [(&str, Texts); 5] = [
    ("PICTURE_TOO_LARGE", texts::pasted::PICTURE_TOO_LARGE),
    ("PICTURE_REFUSED", texts::pasted::PICTURE_REFUSED),
    ("PICTURE_TOO_MANY", texts::pasted::PICTURE_TOO_MANY),
    ("PICTURE_NOT_KEPT", texts::pasted::PICTURE_NOT_KEPT),
    ("PICTURE_ELSEWHERE", texts::pasted::PICTURE_ELSEWHERE),
];

impl PostWarning {
    fn new(code: &str, name: Option<&str>) -> Self {
        Self {
            code: code.to_owned(),
            field: "html".to_owned(),
            name: name.map(str::to_owned),
            message: String::new(),
        }
    }

    /// Says it in this language.
    pub fn say(&mut self, language: Language) {
        let words = WARNINGS.iter().find(|(code, _)| *code == self.code);
        self.message = words
            .map_or("", |(_, words)| words.get(language))
            .to_owned();
    }
}

/// Keeps what was pasted into a message as its files under this name. What is not kept stands
/// in the answer's warnings.
///
/// # Errors
/// File storage.
pub(super) async fn keep(
    app: &App,
    parameters: &Parameters,
    new: &NewMessage,
    name: Uuid,
    message: &mut Message,
) -> Result<Vec<PostWarning>> {
    let Some(html) = &new.html else {
        return Ok(Vec::new());
    };
    let Pasted {
        mut files,
        named,
        elsewhere,
        ..
    } = pasted(html);
    let attached = |name: &String| message.attachments.iter().any(|file| file.name == *name);
    let missing = named.iter().any(|name| !attached(name));
    let mut warnings = Vec::new();
    if attachments::can_upload(app) {
        let room = MAX_FILES.saturating_sub(message.attachments.len());
        let beyond = files.split_off(files.len().min(room));
        let limits = Limits::of(parameters);
        let kept = attachments::keep(app, &limits, &name.to_string(), files).await?;
        warnings.extend(kept.iter().filter_map(refused));
        let kept = kept.into_iter().filter(|file| file.refused.is_none());
        message.attachments.extend(kept.map(|file| File {
            not_scanned: true,
            ..file
        }));
        let too_many = |file: &mail::inbound::Attachment| {
            PostWarning::new("PICTURE_TOO_MANY", Some(&file.name))
        };
        warnings.extend(beyond.iter().map(too_many));
    } else {
        let not_kept = |file: &mail::inbound::Attachment| {
            PostWarning::new("PICTURE_NOT_KEPT", Some(&file.name))
        };
        warnings.extend(files.iter().map(not_kept));
    }
    // One is enough for all of them.
    if elsewhere > 0 || missing {
        warnings.push(PostWarning::new("PICTURE_ELSEWHERE", None));
    }
    Ok(warnings)
}

fn refused(file: &File) -> Option<PostWarning> {
    let code = match file.refused? {
        FileRefusal::TooLarge => "PICTURE_TOO_LARGE",
        FileRefusal::ExtensionRefused => "PICTURE_REFUSED",
        FileRefusal::TooMany => "PICTURE_TOO_MANY",
    };
    Some(PostWarning::new(code, Some(&file.name)))
}
