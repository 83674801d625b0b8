//! Files that people send along with a message: offered first, put where the offer says, and named in
//! the message. What is refused is refused before a byte travels.

use std::{collections::BTreeMap, time::Duration};

use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Findings, Noun, Result,
    access::{Caller, Role},
    desk::{
        attachments::{self, Limits, MAX_FILES, storage},
        messages::{channel_of, switched_on, writable},
    },
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
    texts,
};
use domain::{
    characters::is_blank,
    id::TicketId,
    message::{File, FileRefusal},
};
use mail::{inbound::safe_name, media_type, token::upload::UploadClaims};
use storage::{Expect, StorageError, Write, files::UPLOADS, keys};

/// How long an offer is good: a slow line takes its time for 10 MB.
const LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long a file waits for its message, seconds. The bucket's lifecycle removes it after a day too.
pub const KEPT: i64 = 24 * 3600;

/// A file that somebody wants to send along.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewUpload {
    /// Its name; what a file system or a shell would read as more than a name is taken out.
    pub name: String,
    /// What its sender calls its type, `type/subtype`: never believed. Parameters are left out.
    #[serde(default)]
    pub media_type: String,
    /// Size in bytes: the upload takes exactly so many.
    pub size: u64,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
}

/// Where a file is put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadOffer {
    /// Name it in `attachments` of the message.
    pub id: Uuid,
    /// Name as it will be shown.
    pub name: String,
    /// Where the bytes go. It takes this very file and no other; no token is needed.
    pub url: String,
    /// Method of the request with the bytes: always `PUT`.
    pub method: String,
    /// Headers that have to be sent.
    pub headers: BTreeMap<String, String>,
    /// When the address stops to take the bytes.
    pub expires_at: Timestamp,
    /// Whether it is looked at for viruses before others may take it: it is not.
    pub scanned: bool,
}

/// An offer as stored until its message comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    id: Uuid,
    name: String,
    media_type: String,
    size: u64,
    sha256: String,
    by: String,
}

/// Offers a place for a file to somebody who may write on the ticket.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::MessagesOff`] and [`Code::PortalWritingOff`] as for a
/// message, [`Code::Invalid`] for what parameters 278 and 318 refuse,
/// [`Code::StateConflict`] where there is no file storage, storage.
pub async fn offer(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    new: &NewUpload,
    once: Option<&Once>,
) -> Result<Replayable<UploadOffer>> {
    caller.require(&[Role::Requester, Role::Technician, Role::Integration])?;
    let (ticket, parameters, answered) = app
        .read((
            entity::Ticket(ticket_id),
            entity::Parameters.or_default(),
            once.map(Once::entity),
        ))
        .await?;
    let context = writable(caller, ticket)?;
    if let Some(earlier) = idempotency::earlier(once, answered)? {
        return Ok(earlier);
    }
    // A file that no message could take would only lie there.
    switched_on(&parameters, channel_of(caller), context.view)?;
    let upload = checked(app, &Limits::of(&parameters), new, caller)?;
    if !attachments::can_upload(app) {
        return Err(Error::new(
            Code::StateConflict,
            texts::uploads::THIS_INSTALLATION_KEEPS_NO_FILES.phrase(),
        ));
    }
    let expires_at = app.now() + LIFE;
    let place = format!("{UPLOADS}{}", upload.id);
    let digest = digest(&upload.sha256).unwrap_or_default();
    let life = Duration::from_secs(LIFE.unsigned_abs().as_secs());
    let (url, headers) = match storage(app)?
        .offer(&place, upload.size, &digest, life)
        .await?
    {
        Some(presigned) => (presigned.url, presigned.headers),
        None => {
            let claims = UploadClaims {
                id: upload.id,
                size: upload.size,
                sha256: digest,
                expires: expires_at,
            };
            let token = attachments::keyring(app)?.upload_token(&claims);
            let base = app.settings.api_url.as_deref().unwrap_or_default();
            (format!("{base}/uploads/{token}"), BTreeMap::new())
        }
    };
    let offer = UploadOffer {
        id: upload.id,
        name: upload.name.clone(),
        url,
        method: "PUT".to_owned(),
        headers,
        expires_at,
        scanned: false,
    };
    let item = entity::Upload(&context.record.ticket.id, upload.id).item(&upload)?;
    let mut writes = vec![Write::create(item.expiring(app.now().as_second() + KEPT))];
    writes.extend(idempotency::record(app, once, &offer)?);
    match app.store.commit(writes).await {
        Ok(()) => Ok(Replayable::Fresh(offer)),
        // The same key at once: the other one's answer is there now.
        Err(StorageError::Conflict { .. }) => Err(Error::busy()),
        Err(error) => Err(error.into()),
    }
}

fn checked(app: &App, limits: &Limits, new: &NewUpload, caller: &Caller) -> Result<Upload> {
    let mut findings = app.findings();
    let name = safe_name(&new.name);
    if is_blank(&new.name) {
        let message = texts::uploads::THE_FILE_NEEDS_A_NAME.phrase();
        findings.add("NAME_MISSING", "name", message);
    }
    match limits.refusal_of(&name, new.size) {
        Some(FileRefusal::TooLarge) => {
            let message = texts::uploads::AT_MOST_BYTES_OF_PARAMETER_278.phrase();
            findings.add(
                "ATTACHMENT_TOO_LARGE",
                "size",
                message.with("max", limits.largest()),
            );
        }
        Some(_) => {
            let message = texts::uploads::FILES_OF_THIS_KIND_ARE_NOT_TAKEN.phrase();
            let extensions = limits.refused().join(", ");
            findings.add(
                "EXTENSION_REFUSED",
                "name",
                message.with("extensions", extensions),
            );
        }
        None if new.size == 0 => {
            let message = texts::uploads::THE_FILE_IS_EMPTY.phrase();
            findings.add("ATTACHMENT_EMPTY", "size", message);
        }
        None => {}
    }
    if digest(&new.sha256).is_none() {
        let message = texts::uploads::THE_SHA_256_OF_THE_FILE.phrase();
        findings.add("DIGEST_INVALID", "sha256", message);
    }
    findings.finish(Code::Invalid)?;
    Ok(Upload {
        id: Uuid::now_v7(),
        name,
        media_type: media_type::bare(&new.media_type).unwrap_or_default(),
        size: new.size,
        sha256: new.sha256.to_lowercase(),
        by: caller.reader(),
    })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// How many bytes a place of this machine takes: what its token says.
///
/// # Errors
/// [`Code::NotFound`] for a token that is not good, for whatever reason.
pub fn expected(app: &App, token: &str) -> Result<UploadClaims> {
    attachments::keyring(app)
        .ok()
        .and_then(|keys| keys.verify_upload(token, app.now()).ok())
        .ok_or_else(|| Error::not_found(Noun::Upload))
}

/// Takes the bytes on this machine, as the bucket does on AWS: this very file and no other.
///
/// # Errors
/// [`Code::Invalid`] when they are not those that were offered, storage.
pub async fn receive(app: &App, claims: &UploadClaims, content: Vec<u8>) -> Result<()> {
    let digest: [u8; 32] = Sha256::digest(&content).into();
    if content.len() as u64 != claims.size || digest != claims.sha256 {
        return Err(Error::new(
            Code::Invalid,
            texts::uploads::THESE_BYTES_ARE_NOT_THOSE_OF_THE_FILE.phrase(),
        ));
    }
    let place = format!("{UPLOADS}{}", claims.id);
    Ok(storage(app)?.put(&place, content).await?)
}

/// Files that go with a message, and the writes that use their offers up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) files: Vec<File>,
    pub(crate) writes: Vec<Write>,
    /// Each that is not there: told with what else is wrong with the message.
    pub(crate) findings: Findings,
}

/// Takes what the caller put for this message. Doing it again takes the same.
///
/// # Errors
/// File storage.
pub(crate) async fn take(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    named: &[Uuid],
    offers: Vec<Option<Loaded<Upload>>>,
) -> Result<Taken> {
    let mut taken = Taken::default();
    if named.len() > MAX_FILES {
        let message = texts::uploads::AT_MOST_FILES.phrase();
        taken
            .findings
            .add("TOO_MANY", "attachments", message.with("max", MAX_FILES));
        return Ok(taken);
    }
    for (at, (id, offer)) in named.iter().zip(offers).enumerate() {
        let field = format!("attachments[{at}]");
        let own = offer.filter(|offer| offer.value.by == caller.reader());
        let Some((upload, version)) = own.map(Loaded::into_parts) else {
            let message = texts::uploads::THERE_IS_NO_FILE_OF_YOURS.phrase();
            taken.findings.add("UPLOAD_UNKNOWN", &field, message);
            continue;
        };
        if named[..at].contains(id) {
            let message = texts::uploads::THE_SAME_FILE_TWICE.phrase();
            taken.findings.add("UPLOAD_TWICE", &field, message);
            continue;
        }
        let file = File {
            id: upload.id.to_string(),
            name: upload.name,
            media_type: upload.media_type,
            size: upload.size,
            refused: None,
            not_scanned: true,
            withheld: false,
        };
        let from = format!("{UPLOADS}{id}");
        if !storage(app)?.copy(&from, &attachments::name(&file)).await? {
            let message = texts::uploads::THE_FILE_HAS_NOT_BEEN_PUT_YET.phrase();
            taken.findings.add("UPLOAD_MISSING", &field, message);
            continue;
        }
        let key = keys::upload(ticket_id, *id);
        let write = Write::delete(key, Expect::Version(version));
        taken.writes.push(write);
        taken.files.push(file);
    }
    Ok(taken)
}
