//! Templates as they are stored.

use serde::{Deserialize, Serialize};

use super::Marked;
use crate::{
    App, Error, Result,
    access::{Caller, Role},
    admin::parameters,
};
use domain::{
    parameter::Parameters,
    template::{Summary, Template},
};
use storage::{Item, Version, keys};

/// The last id given.
#[derive(Serialize, Deserialize)]
pub(super) struct Sequence {
    pub(super) last: u64,
}

/// The published version of a template.
///
/// # Errors
/// [`crate::Code::Forbidden`], [`crate::Code::NotFound`], storage.
pub async fn read(app: &App, caller: &Caller, id: u64) -> Result<Marked> {
    caller.require(&[Role::Admin])?;
    let found = app.store.get(&[keys::template(id)]).await?;
    let (summary, etag) = pointer(found[0].as_ref())?;
    let template = stored_version(app, id, summary.version)
        .await?
        .ok_or_else(not_found)?;
    Ok(Marked {
        template,
        etag: etag.0,
    })
}

/// One version of a template, also of a deleted one.
///
/// # Errors
/// [`crate::Code::Forbidden`], [`crate::Code::NotFound`], storage.
pub async fn read_version(app: &App, caller: &Caller, id: u64, version: u64) -> Result<Template> {
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
    Ok(parameters::load(app).await?.0)
}

/// The last id that was given, when any was.
pub(crate) async fn last_id(app: &App) -> Result<Option<u64>> {
    let found = app.store.get(&[keys::template_sequence()]).await?;
    Ok(match &found[0] {
        None => None,
        Some(item) => Some(item.decode::<Sequence>()?.last),
    })
}

/// A template that was stored under this id, even if it was deleted since.
pub(crate) async fn was_used(app: &App, id: u64) -> Result<bool> {
    Ok(stored_version(app, id, 1).await?.is_some())
}

/// One stored version, for the use cases.
pub(crate) async fn stored_version(app: &App, id: u64, version: u64) -> Result<Option<Template>> {
    let found = app
        .store
        .get(&[keys::template_version(id, version)])
        .await?;
    Ok(match &found[0] {
        None => None,
        Some(item) => Some(item.decode()?),
    })
}

/// The published version, for the use cases.
pub(crate) async fn published(app: &App, id: u64) -> Result<Option<Template>> {
    let found = app.store.get(&[keys::template(id)]).await?;
    let Some(item) = &found[0] else {
        return Ok(None);
    };
    let summary: Summary = item.decode()?;
    stored_version(app, id, summary.version).await
}

/// The pointer to the published version, with the version of the pointer itself.
pub(super) fn pointer(item: Option<&Item>) -> Result<(Summary, Version)> {
    let item = item.ok_or_else(not_found)?;
    Ok((item.decode()?, item.version.clone()))
}

pub(super) fn not_found() -> Error {
    Error::not_found("template")
}
