//! Templates as they are stored.

use serde::{Deserialize, Serialize};

use super::Marked;
use crate::{
    App, Error, Noun, Result,
    access::{Caller, Role},
    admin::parameters,
    entity,
};
use domain::{id::TemplateId, parameter::Parameters, template::Template};

/// The last id given.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Sequence {
    pub(super) last: Option<TemplateId>,
}

/// Who has an identifier.
#[derive(Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(super) template: TemplateId,
}

/// A template's id out of a path; what cannot be one names no template.
///
/// # Errors
/// [`crate::Code::NotFound`].
pub fn id(number: u64) -> Result<TemplateId> {
    TemplateId::new(number).ok_or_else(not_found)
}

/// The published version of a template.
///
/// # Errors
/// [`crate::Code::Forbidden`], [`crate::Code::NotFound`], storage.
pub async fn read(app: &App, caller: &Caller, id: TemplateId) -> Result<Marked> {
    caller.require(&[Role::Admin])?;
    let pointer = app.read(entity::Template(id)).await?;
    let pointer = pointer.ok_or_else(not_found)?;
    let template = stored_version(app, id, pointer.value.version)
        .await?
        .ok_or_else(not_found)?;
    Ok(Marked {
        template,
        etag: pointer.version.0,
    })
}

/// One version of a template, also of a deleted one.
///
/// # Errors
/// [`crate::Code::Forbidden`], [`crate::Code::NotFound`], storage.
pub async fn read_version(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    version: u64,
) -> Result<Template> {
    caller.require(&[Role::Admin])?;
    stored_version(app, id, version)
        .await?
        .ok_or_else(not_found)
}

/// The parameters that name templates, for [`Parameters::naming`].
///
/// # Errors
/// [`crate::Code::Forbidden`], storage.
pub async fn uses(app: &App, caller: &Caller) -> Result<Parameters> {
    caller.require(&[Role::Admin])?;
    parameters::load(app).await
}

/// The last id that was given, when any was.
pub(crate) async fn last_id(app: &App) -> Result<Option<TemplateId>> {
    let found = app.read(entity::TemplateSequence).await?;
    Ok(found.and_then(|sequence| sequence.value.last))
}

/// A template that was stored under this id, even if it was deleted since.
pub(crate) async fn was_used(app: &App, id: TemplateId) -> Result<bool> {
    Ok(stored_version(app, id, 1).await?.is_some())
}

/// One stored version, for the use cases.
pub(crate) async fn stored_version(
    app: &App,
    id: TemplateId,
    version: u64,
) -> Result<Option<Template>> {
    let found = app.read(entity::TemplateVersion(id, version)).await?;
    Ok(found.map(|template| template.value))
}

/// The published version, for the use cases.
pub(crate) async fn published(app: &App, id: TemplateId) -> Result<Option<Template>> {
    match app.read(entity::Template(id)).await? {
        Some(pointer) => stored_version(app, id, pointer.value.version).await,
        None => Ok(None),
    }
}

pub(super) fn not_found() -> Error {
    Error::not_found(Noun::Template)
}
