//! Writes templates. Each change is one commit that fails when anything it read has changed.

use super::{
    Draft, Marked, Strictness,
    rules::{acceptable, nameable},
    stored::{Holder, Sequence, not_found, read, read_version, was_used},
    template,
};
use crate::{
    App, Code, Error, Finding, Precondition, Result, Retrying,
    access::{Caller, Role},
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
    texts,
};
use domain::{
    characters::composed,
    id::TemplateId,
    parameter::Parameters,
    template::{Status, Template},
};
use storage::{Expect, Write, keys};

/// Creates a template. `id` is for the import: kept when it is free, else the next one is given.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::TemplateInvalid`], [`Code::IdentifierInvalid`],
/// [`Code::IdentifierTaken`], [`Code::IdempotencyMismatch`], storage.
pub async fn create(
    app: &App,
    caller: &Caller,
    mut draft: Draft,
    id: Option<TemplateId>,
    weigh: Strictness,
    once: Option<&Once>,
) -> Result<Replayable<Marked>> {
    caller.require(&[Role::Admin])?;
    draft.identifier = composed(&draft.identifier).into_owned();
    nameable(app, &draft, None, weigh)?;
    let mut retrying = Retrying::over(app, &keys::template_sequence()).await;
    loop {
        retrying.round().await?;
        let identifier = entity::TemplateIdentifier(&draft.identifier);
        let (sequence, holder, answered, present) = app
            .read((
                entity::TemplateSequence,
                identifier,
                once.map(Once::entity),
                id.map(entity::Template),
            ))
            .await?;
        if let Some(earlier) = idempotency::earlier(once, answered)? {
            return Ok(earlier);
        }
        let findings = acceptable(app, &draft, None, holder.is_some(), weigh)?;
        let (Sequence { last }, sequence) = Loaded::or_default(sequence);
        let given = match id {
            Some(id) if present.flatten().is_none() && !was_used(app, id).await? => id,
            _ => last.map_or(TemplateId::FIRST, TemplateId::next),
        };
        let template = template(app, caller, &draft, given, 1, findings);
        let pointer = entity::Template(given).item(&template.summary())?;
        let marked = Marked {
            template,
            etag: pointer.version.0.clone(),
        };
        let next = Sequence {
            last: last.max(Some(given)),
        };
        let [version, published] = versions(&marked.template)?;
        let mut writes = vec![
            Write::create(pointer),
            version,
            published,
            identifier.create(&Holder { template: given })?,
            entity::TemplateSequence.store(&next, sequence)?,
        ];
        writes.extend(idempotency::record(app, once, &marked)?);
        if retrying.commit(writes).await? {
            return Ok(Replayable::Fresh(marked));
        }
    }
}

/// Replaces a template by a new version.
///
/// # Errors
/// As [`create`], and [`Code::NotFound`], [`Code::TemplateInUse`], [`Code::PreconditionRequired`],
/// [`Code::Stale`].
pub async fn update(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    draft: Draft,
    precondition: &Precondition,
) -> Result<Marked> {
    let replaced = replace(app, caller, id, draft, precondition, None).await?;
    Ok(replaced.into_parts().0)
}

async fn replace(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    mut draft: Draft,
    precondition: &Precondition,
    once: Option<&Once>,
) -> Result<Replayable<Marked>> {
    caller.require(&[Role::Admin])?;
    draft.identifier = composed(&draft.identifier).into_owned();
    nameable(app, &draft, Some(id), Strictness::Strict)?;
    let mut retrying = Retrying::over(app, &keys::template(id)).await;
    loop {
        retrying.round().await?;
        let identifier = entity::TemplateIdentifier(&draft.identifier);
        let (pointer, holder, parameters, answered) = app
            .read((
                entity::Template(id),
                identifier,
                entity::Parameters,
                once.map(Once::entity),
            ))
            .await?;
        if let Some(earlier) = idempotency::earlier(once, answered)? {
            return Ok(earlier);
        }
        let (old, version) = pointer.ok_or_else(not_found)?.into_parts();
        precondition.check(Some(&version.0))?;
        let taken = holder.is_some_and(|holder| holder.value.template != id);
        let findings = acceptable(app, &draft, Some(id), taken, Strictness::Strict)?;
        let mut writes = Vec::with_capacity(6);
        if draft.status == Status::Inactive {
            writes.push(unused(id, parameters)?);
        }
        let template = template(app, caller, &draft, id, old.version + 1, findings);
        let new = entity::Template(id).item(&template.summary())?;
        let marked = Marked {
            template,
            etag: new.version.0.clone(),
        };
        writes.push(Write::replace(new, version));
        writes.extend(versions(&marked.template)?);
        let before = keys::template_identifier(&old.identifier);
        if before != identifier.key() {
            writes.push(Write::delete(before, Expect::Anything));
            writes.push(identifier.create(&Holder { template: id })?);
        }
        writes.extend(idempotency::record(app, once, &marked)?);
        if retrying.commit(writes).await? {
            return Ok(Replayable::Fresh(marked));
        }
    }
}

/// Publishes an earlier version again, as a new version.
///
/// # Errors
/// As [`update`], [`Code::IdempotencyMismatch`].
pub async fn rollback(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    version: u64,
    comment: Option<String>,
    precondition: &Precondition,
    once: Option<&Once>,
) -> Result<Replayable<Marked>> {
    caller.require(&[Role::Admin])?;
    // Also when the template has gone since.
    let answered = app.read(once.map(Once::entity)).await?;
    if let Some(answered) = idempotency::earlier(once, answered)? {
        return Ok(answered);
    }
    let earlier = read_version(app, caller, id, version).await?;
    let present = read(app, caller, id).await?;
    let precondition = match precondition {
        Precondition::None => Precondition::OneOf(vec![present.etag]),
        given => given.clone(),
    };
    let draft = Draft {
        identifier: earlier.identifier,
        status: earlier.status,
        source: earlier.source,
        locales: earlier.locales,
        comment: comment.unwrap_or_default(),
        id: None,
    };
    replace(app, caller, id, draft, &precondition, once).await
}

/// Removes a template that no parameter names. Its versions stay readable for the mails that used
/// them, and its id is never given again.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::TemplateInUse`],
/// [`Code::PreconditionRequired`], [`Code::Stale`], storage.
pub async fn delete(
    app: &App,
    caller: &Caller,
    id: TemplateId,
    precondition: &Precondition,
) -> Result<()> {
    caller.require(&[Role::Admin])?;
    let mut retrying = Retrying::over(app, &keys::template(id)).await;
    loop {
        retrying.round().await?;
        let wanted = (entity::Template(id), entity::Parameters);
        let (pointer, parameters) = app.read(wanted).await?;
        let (old, version) = pointer.ok_or_else(not_found)?.into_parts();
        if *precondition != Precondition::None {
            precondition.check(Some(&version.0))?;
        }
        let writes = vec![
            unused(id, parameters)?,
            Write::delete(keys::template(id), Expect::Version(version)),
            Write::delete(keys::template_published(id), Expect::Anything),
            Write::delete(keys::template_identifier(&old.identifier), Expect::Anything),
        ];
        if retrying.commit(writes).await? {
            return Ok(());
        }
    }
}

/// The writes of a new version: as itself, and as the published one.
fn versions(template: &Template) -> Result<[Write; 2]> {
    Ok([
        entity::TemplateVersion(template.id, template.version).create(template)?,
        entity::PublishedTemplate(template.id).put(template)?,
    ])
}

/// The write that holds "no parameter names it", or the error that says which do.
fn unused(id: TemplateId, parameters: Option<Loaded<Parameters>>) -> Result<Write> {
    let (all, expect) = Loaded::or_default(parameters);
    let naming = all.naming(id);
    if naming.is_empty() {
        return Ok(Write::check(keys::parameters(), expect));
    }
    let numbers: Vec<_> = naming.iter().map(u16::to_string).collect();
    let detail = texts::change::TEMPLATE_IS_IN_USE.phrase();
    let detail = detail.with("id", id).with("numbers", numbers.join(", "));
    let errors = naming.iter().map(|number| {
        let message = texts::change::PARAMETER.phrase();
        Finding {
            parameter: Some(*number),
            ..Finding::new("IN_USE", message.with("number", number))
        }
    });
    Err(Error::new(Code::TemplateInUse, detail).with_errors(errors.collect()))
}
