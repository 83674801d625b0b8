//! Links to a mail of the quarantine as it came, and to the files in it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    MAX_RAW_MAIL, Mail,
    quarantine::{conflict, found, not_found},
};
use crate::{
    App, Code, Error, Result,
    access::{Caller, Role},
    desk::attachments::{self, Limits, Opened},
    entity, texts,
};

use domain::id::MailId;
use mail::{
    inbound::{Attachment, holds_links},
    token::{Keyring, mail_file::MailFileClaims},
};
use storage::files;

/// How long a link is good.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long the link of the file storage itself is good: it is followed at once.
const STORAGE_LINK_LIFE: Duration = Duration::from_secs(60);

/// Where a mail, or a file in it, may be taken, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailLink {
    /// Name under which it is stored.
    pub name: String,
    /// Size in bytes of what is downloaded.
    pub size: u64,
    /// A path of this API that needs no token, or a whole link where the API knows its address.
    pub url: String,
    /// When the link stops to work.
    pub expires_at: Timestamp,
}

/// What of a mail a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFile {
    /// The mail as it came.
    Original,
    /// The file of this number, from 0.
    File(u16),
}

/// A link to a mail as it came or to a file in it.
///
/// # Errors
/// [`Code::Forbidden`], also for a mail that holds links of ours, which are its sender's: those an
/// administrator takes; [`Code::NotFound`]; [`Code::StateConflict`] for a virus and for files that
/// are never taken; storage.
pub async fn link(app: &App, caller: &Caller, id: &MailId, wanted: MailFile) -> Result<MailLink> {
    let (seen, _, parameters) = found(app, caller, id).await?;
    without_virus(&seen)?;
    let raw = raw(app, &seen).await?;
    let (name, size, secret) = match wanted {
        MailFile::Original => (original_name(&seen), raw.len() as u64, holds_links(&raw)),
        MailFile::File(number) => {
            let file = file(&raw, number)?;
            if Limits::of(&parameters).refusal(0, &file).is_some() {
                return Err(conflict(texts::links::THIS_FILE_IS_NOT_TAKEN.phrase()));
            }
            (
                file.name,
                file.content.len() as u64,
                holds_links(&file.content),
            )
        }
    };
    if secret && !caller.is(Role::Admin) {
        return Err(withheld());
    }
    let expires_at = app.now() + LINK_LIFE;
    let claims = MailFileClaims {
        mail: seen.id,
        number: match wanted {
            MailFile::Original => None,
            MailFile::File(number) => Some(number),
        },
        expires: expires_at,
    };
    let base = app.settings.api_url.as_deref().unwrap_or_default();
    let token = attachments::keyring(app)?.mail_file_token(&claims);
    Ok(MailLink {
        name,
        size,
        url: format!("{base}/files/{token}"),
        expires_at,
    })
}

/// Follows a link; `None` for a token of another kind, or one that is not good.
///
/// # Errors
/// [`Code::NotFound`], storage.
pub(crate) async fn open(app: &App, keys: &Keyring, token: &str) -> Result<Option<Opened>> {
    let Ok(claims) = keys.verify_mail_file(token, app.now()) else {
        return Ok(None);
    };
    let seen = app.read(entity::Inbound(&claims.mail)).await?;
    let seen = seen.ok_or_else(not_found)?.value;
    without_virus(&seen)?;
    let storage = attachments::storage(app)?;
    let Some(number) = claims.number else {
        let (place, name) = (seen.raw_name(), original_name(&seen));
        if let Some(link) = storage.link(&place, &name, STORAGE_LINK_LIFE).await? {
            return Ok(Some(Opened::Elsewhere(link)));
        }
        let content = raw(app, &seen).await?;
        return Ok(Some(Opened::Here { name, content }));
    };
    let Attachment { name, content, .. } = file(&raw(app, &seen).await?, number)?;
    // The file is a part of the mail: where links are, it is put beside for a day.
    let place = format!("{}{}.{number}", files::QUARANTINE, seen.id);
    match storage.link(&place, &name, STORAGE_LINK_LIFE).await? {
        Some(link) => {
            storage.put(&place, content).await?;
            Ok(Some(Opened::Elsewhere(link)))
        }
        None => Ok(Some(Opened::Here { name, content })),
    }
}

/// What people get who may not have what links of ours stand in.
pub(crate) fn withheld() -> Error {
    let text = texts::links::IT_HOLDS_LINKS_THAT_ACT_IN_ITS_SENDERS.phrase();
    Error::new(Code::Forbidden, text)
}

/// Nothing of a mail with a virus is handed out.
fn without_virus(seen: &Mail) -> Result<()> {
    match seen.is_infected() {
        false => Ok(()),
        true => Err(conflict(texts::links::SES_FOUND_A_VIRUS.phrase())),
    }
}

async fn raw(app: &App, seen: &Mail) -> Result<Vec<u8>> {
    let storage = attachments::storage(app)?;
    let raw = storage.get(&seen.raw_name(), MAX_RAW_MAIL).await?;
    raw.ok_or_else(not_found)
}

fn file(raw: &[u8], number: u16) -> Result<Attachment> {
    let mail = super::read(raw).map_err(|_| not_found())?;
    let file = mail.attachments.into_iter().nth(usize::from(number));
    file.ok_or_else(not_found)
}

fn original_name(seen: &Mail) -> String {
    format!("{}.eml", seen.id)
}
