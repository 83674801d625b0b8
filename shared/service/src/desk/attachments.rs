//! Files that come with messages: what is taken, where it is kept, and who may take it when.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Noun, Result,
    access::{Caller, Role},
    api,
    desk::{
        messages,
        tickets::{self, TicketRecord},
    },
    entity::{self, Entity as _},
    inbound, texts,
};
use domain::{
    address::AddressKey,
    id::TicketId,
    message::{File, FileRefusal, Message, Visibility},
    parameter::{self as numbers, Parameters},
};
use mail::{
    inbound::{Attachment, extension, holds_links},
    media_type,
    token::{Keyring, file::FileClaims},
};
use storage::files::{self, FilesError, SharedFiles};

/// Most files of one message.
pub const MAX_FILES: usize = 50;
/// Most files that are named one by one, those not taken among them; the rest is counted.
const MAX_NAMED: usize = 2 * MAX_FILES;
/// How long a link of the API is good.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How long a link in a mail is good.
pub const MAIL_LINK_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the link of the file storage itself is good: it is followed at once.
const STORAGE_LINK_LIFE: Duration = Duration::from_secs(60);
/// Largest file that is read back: no mail is larger.
const MAX_FILE_BYTES: u64 = 40 * 1000 * 1000;

/// What may be taken: parameters 278 and 318.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    largest: u64,
    refused: Vec<String>,
}

impl Limits {
    /// The limits in force.
    pub fn of(parameters: &Parameters) -> Self {
        let largest = parameters.value(numbers::LARGEST_ATTACHMENT);
        let refused = parameters
            .value(numbers::REFUSED_EXTENSIONS)
            .unwrap_or_default();
        Self {
            largest: largest.and_then(|v| v.parse().ok()).unwrap_or(u64::MAX),
            refused: refused
                .split(';')
                .map(|extension| extension.trim().trim_start_matches('.').to_lowercase())
                .filter(|extension| !extension.is_empty())
                .collect(),
        }
    }

    /// Largest file, in bytes.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    /// Extensions that are refused, in lower case without a dot.
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Why the file of this place among its message's is not taken, if it is not.
    pub fn refusal(&self, place: usize, file: &Attachment) -> Option<FileRefusal> {
        if place >= MAX_FILES {
            return Some(FileRefusal::TooMany);
        }
        self.refusal_of(&file.name, file.content.len() as u64)
    }

    /// Why a file of this (safe) name and size is not taken, if it is not.
    pub fn refusal_of(&self, name: &str, size: u64) -> Option<FileRefusal> {
        let extension = extension(name);
        if size > self.largest {
            Some(FileRefusal::TooLarge)
        } else if self.refused.contains(&extension) {
            Some(FileRefusal::ExtensionRefused)
        } else {
            None
        }
    }
}

/// Stores what is taken of the files of a mail, and says what became of each. The same mail again
/// stores the same files in the same places.
///
/// # Errors
/// File storage.
pub(crate) async fn keep(
    app: &App,
    limits: &Limits,
    mail_id: &str,
    mut attachments: Vec<Attachment>,
) -> Result<Vec<File>> {
    let mut kept = Vec::with_capacity(attachments.len().min(MAX_NAMED + 1));
    let rest = attachments.split_off(attachments.len().min(MAX_NAMED));
    for (place, attachment) in attachments.into_iter().enumerate() {
        let file = File {
            not_scanned: false,
            withheld: holds_links(&attachment.content),
            id: format!("{mail_id}.{place}"),
            refused: limits.refusal(place, &attachment),
            name: attachment.name,
            media_type: media_type::bare(&attachment.media_type).unwrap_or_default(),
            size: attachment.content.len() as u64,
        };
        if file.refused.is_none() {
            let files = storage(app)?;
            files.put(&name(&file), attachment.content).await?;
        }
        kept.push(file);
    }
    if !rest.is_empty() {
        kept.push(File {
            not_scanned: false,
            withheld: false,
            id: format!("{mail_id}.rest"),
            name: format!("+ {}", rest.len()),
            media_type: String::new(),
            size: rest.iter().map(|file| file.content.len() as u64).sum(),
            refused: Some(FileRefusal::TooMany),
        });
    }
    Ok(kept)
}

/// Where a file may be taken, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FileLink {
    /// The file that the link leads to; its fields stand beside the others.
    #[serde(flatten)]
    pub file: api::FileView,
    /// A path of this API that needs no token, or a whole link where the API knows its address.
    pub url: String,
    /// When the link stops to work.
    pub expires_at: Timestamp,
}

/// A link to a file of a message that the caller may read.
///
/// # Errors
/// [`Code::NotFound`], [`Code::StateConflict`] for a file that was not taken, [`Code::Forbidden`] for one
/// that is withheld, storage.
pub async fn link(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    message: Uuid,
    number: u16,
) -> Result<FileLink> {
    let (message, _) = messages::read(app, caller, ticket_id, message).await?;
    let file = message.attachments.get(usize::from(number));
    let file = file.ok_or_else(not_found)?.clone();
    if file.refused.is_some() {
        return Err(Error::new(
            Code::StateConflict,
            texts::attachments::THIS_FILE_WAS_NOT_TAKEN.phrase(),
        ));
    }
    let parameters = entity::Parameters.or_default();
    let (ticket, parameters) = app.read((entity::Ticket(ticket_id), parameters)).await?;
    let record = ticket.ok_or_else(tickets::not_found)?.value;
    let mine = caller.email.as_ref();
    let is_author = mine.is_some() && mine == message.author.email.as_ref();
    if file.withheld && !caller.is(Role::Admin) && !is_author {
        return Err(inbound::withheld());
    }
    // An administrator, or a technician by the groups of their token, is not on the ticket.
    let mine = mine.filter(|mine| {
        let is_me = |other: &AddressKey| other == *mine;
        may_take(&record, &parameters, &message, is_me)
    });
    let expires_at = app.now() + LINK_LIFE;
    let keys = keyring(app)?;
    let claims = FileClaims {
        ticket: message.ticket_id,
        message: message.id,
        number,
        holder: mine.map(|mine| keys.holder(mine)),
        expires: expires_at,
    };
    let base = app.settings.api_url.as_deref().unwrap_or_default();
    let url = url(base, keys, &claims);
    Ok(FileLink {
        file: file.into(),
        url,
        expires_at,
    })
}

/// The address of a file under a token of its own.
pub(crate) fn url(base: &str, keys: &Keyring, claims: &FileClaims) -> String {
    format!("{base}/files/{}", keys.file_token(claims))
}

/// Whether somebody who takes part in the ticket now, and whom `is` knows by their address,
/// may read the message.
fn may_take(
    record: &TicketRecord,
    parameters: &Parameters,
    message: &Message,
    is: impl Fn(&AddressKey) -> bool,
) -> bool {
    let public = message.visibility == Visibility::Public;
    let all = record.ticket.participants().chain(parameters.last_resort());
    all.filter(|one| public || !one.capacity.is_requester_side())
        .any(|one| one.address.key().is_some_and(&is))
}

/// What a link leads to.
#[derive(Debug)]
pub enum Opened {
    /// A link of the file storage, good for a moment.
    Elsewhere(String),
    /// The file itself, to be stored under this name.
    Here {
        /// Name for the download: safe, whatever the sender called it.
        name: String,
        /// The bytes, from the store of this process.
        content: Vec<u8>,
    },
}

/// Follows a link. A token that is not good, for whatever reason, answers as a file that is not there:
/// also one that was made for somebody who takes part in the ticket no more.
///
/// # Errors
/// [`Code::NotFound`], storage.
pub async fn open(app: &App, token: &str) -> Result<Opened> {
    let keys = app.settings.reply_token_keys.as_ref();
    let keys = keys.ok_or_else(not_found)?;
    if let Some(opened) = inbound::open(app, keys, token).await? {
        return Ok(opened);
    }
    let claims = keys
        .verify_file(token, app.now())
        .map_err(|_| not_found())?;
    let (stored, ticket, parameters) = app
        .read((
            entity::Message(&claims.ticket, claims.message),
            entity::Ticket(&claims.ticket),
            entity::Parameters.or_default(),
        ))
        .await?;
    let stored = stored.ok_or_else(not_found)?.value;
    if let Some(holder) = claims.holder {
        let record = ticket.ok_or_else(not_found)?.value;
        let is_holder = |address: &AddressKey| keys.is_holder(holder, address);
        if !may_take(&record, &parameters, &stored.message, is_holder) {
            return Err(not_found());
        }
    }
    let file = stored.message.attachments.get(usize::from(claims.number));
    let file = file
        .filter(|file| file.refused.is_none())
        .ok_or_else(not_found)?;
    let files = storage(app)?;
    let place = name(file);
    if let Some(link) = files.link(&place, &file.name, STORAGE_LINK_LIFE).await? {
        return Ok(Opened::Elsewhere(link));
    }
    let content = files
        .get(&place, MAX_FILE_BYTES)
        .await?
        .ok_or_else(not_found)?;
    Ok(Opened::Here {
        name: file.name.clone(),
        content,
    })
}

/// Where a file that was taken is stored.
pub(crate) fn name(file: &File) -> String {
    format!("{}{}", files::ATTACHMENTS, file.id)
}

/// Whether files may be sent along with a message here.
pub(crate) fn can_upload(app: &App) -> bool {
    app.files.is_some()
}

/// The file storage of this process.
///
/// # Errors
/// When it has none.
pub fn storage(app: &App) -> Result<&SharedFiles> {
    app.files.as_ref().ok_or_else(|| {
        let detail = texts::attachments::FILES_CANNOT_BE_KEPT_OR_READ_HERE.phrase();
        Error::new(Code::Internal, detail).because("no file storage: FILES_BUCKET is not set")
    })
}

/// The keys that sign the links of this process.
///
/// # Errors
/// When it has none.
pub(crate) fn keyring(app: &App) -> Result<&Keyring> {
    app.settings.reply_token_keys.as_ref().ok_or_else(|| {
        let detail = texts::attachments::LINKS_CANNOT_BE_SIGNED_HERE.phrase();
        Error::new(Code::Internal, detail).because("no key: REPLY_TOKEN_KEYS is not set")
    })
}

fn not_found() -> Error {
    Error::not_found(Noun::File)
}

impl From<FilesError> for Error {
    fn from(error: FilesError) -> Self {
        let mut converted = if error.is_retryable() {
            Self::new(
                Code::Unavailable,
                texts::attachments::FILE_STORAGE_IS_BUSY.phrase(),
            )
        } else {
            Self::new(
                Code::Internal,
                texts::attachments::A_FILE_COULD_NOT_BE_KEPT_OR_READ.phrase(),
            )
        };
        converted.retry_after = converted.is_retryable().then_some(1);
        converted.because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::parameter::Stored;
    use mail::inbound::safe_name;

    #[test]
    fn size_and_extension_decide() {
        let mut parameters = Parameters::default();
        for (number, value) in [(278, "10"), (318, "EXE; .bat;js")] {
            let stored = Stored {
                value: value.to_owned(),
                etag: String::new(),
                updated_at: Timestamp::UNIX_EPOCH,
                updated_by: String::new(),
                updated_by_name: String::new(),
            };
            parameters.values.insert(number, stored);
        }
        let limits = Limits::of(&parameters);
        for (name, bytes, refusal) in [
            ("nota.pdf", 10, None),
            ("nota.pdf", 11, Some(FileRefusal::TooLarge)),
            ("nota.pdf.Exe", 1, Some(FileRefusal::ExtensionRefused)),
            ("a.BAT", 1, Some(FileRefusal::ExtensionRefused)),
            ("exe", 1, None),
            ("x.js. . ", 1, Some(FileRefusal::ExtensionRefused)),
        ] {
            let file = Attachment {
                name: safe_name(name),
                media_type: "text/plain".to_owned(),
                content_id: None,
                content: vec![0; bytes],
            };
            assert_eq!(limits.refusal(0, &file), refusal, "{name}");
            assert_eq!(limits.refusal(MAX_FILES, &file), Some(FileRefusal::TooMany));
        }
        assert_eq!(
            Limits::of(&Parameters::default()).largest,
            10_485_760,
            "the default of parameter 278"
        );
    }
}
