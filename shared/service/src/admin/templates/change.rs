//! Writes templates. Each change is one commit that fails when anything it read has changed.

use serde::{Deserialize, Serialize};

use super::{
    Draft, Marked, Strictness,
    rules::{acceptable, nameable},
    stored::{Sequence, pointer, read, read_version, was_used},
    template,
};
use crate::{
    App, Code, Error, Finding, Result, Retrying,
    access::{Caller, Role},
    admin::parameters::{self, Precondition},
    idempotency::{Once, Outcome},
    texts,
};
use domain::template::{Status, Template};
use storage::{Expect, Item, Write, keys};

/// Who has an identifier.
#[derive(Serialize, Deserialize)]
struct Holder {
    template: u64,
}

/// Creates a template. `id` is for the import: kept when it is free, else the next one is given.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::TemplateInvalid`], [`Code::IdentifierInvalid`],
/// [`Code::IdentifierTaken`], [`Code::IdempotencyMismatch`], storage.
pub async fn create(
    app: &App,
    caller: &Caller,
    draft: Draft,
    id: Option<u64>,
    weigh: Strictness,
    once: Option<&Once>,
) -> Result<Outcome<Marked>> {
    caller.require(&[Role::Admin])?;
    nameable(&draft, weigh)?;
    let mut retrying = Retrying::over(app, &keys::template_sequence()).await;
    loop {
        retrying.round().await?;
        let mut wanted = vec![
            keys::template_sequence(),
            keys::template_identifier(&draft.identifier),
        ];
        wanted.extend(once.map(Once::key));
        let wanted_id = id.map(keys::template);
        wanted.extend(wanted_id.clone());
        let found = app.store.get(&wanted).await?;
        let by_key = |key: &storage::Key| {
            wanted
                .iter()
                .position(|w| w == key)
                .and_then(|at| found[at].as_ref())
        };
        if let Some(once) = once
            && let Some(earlier) = once.earlier(by_key(&once.key()))?
        {
            return Ok(earlier);
        }
        let findings = acceptable(&draft, found[1].is_some(), weigh)?;
        let (last, sequence): (u64, Expect) = match &found[0] {
            None => (0, Expect::Absent),
            Some(item) => (
                item.decode::<Sequence>()?.last,
                Expect::Version(item.version.clone()),
            ),
        };
        let given = match (id, &wanted_id) {
            (Some(id), Some(key))
                if id > 0 && by_key(key).is_none() && !was_used(app, id).await? =>
            {
                id
            }
            _ => last + 1,
        };
        let template = template(app, caller, &draft, given, 1, findings);
        let pointer = Item::new(keys::template(given), "template", &template.summary())?;
        let marked = Marked {
            template,
            etag: pointer.version.0.clone(),
        };
        let next = Item::new(
            keys::template_sequence(),
            "sequence",
            &Sequence {
                last: last.max(given),
            },
        )?;
        let mut writes = vec![
            Write::create(pointer),
            Write::create(version_item(&marked.template)?),
            Write::put(published_item(&marked.template)?),
            Write::create(identifier_item(&draft.identifier, given)?),
            Write {
                action: storage::Action::Put(next),
                expect: sequence,
            },
        ];
        if let Some(once) = once {
            writes.push(once.record(app, &marked)?);
        }
        if retrying.commit(writes).await? {
            return Ok(Outcome::Fresh(marked));
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
    id: u64,
    draft: Draft,
    precondition: &Precondition,
) -> Result<Marked> {
    let replaced = replace(app, caller, id, draft, precondition, None).await?;
    Ok(replaced.into_parts().0)
}

async fn replace(
    app: &App,
    caller: &Caller,
    id: u64,
    draft: Draft,
    precondition: &Precondition,
    once: Option<&Once>,
) -> Result<Outcome<Marked>> {
    caller.require(&[Role::Admin])?;
    nameable(&draft, Strictness::Strict)?;
    let mut retrying = Retrying::over(app, &keys::template(id)).await;
    loop {
        retrying.round().await?;
        let mut wanted = vec![
            keys::template(id),
            keys::template_identifier(&draft.identifier),
            keys::parameters(),
        ];
        wanted.extend(once.map(Once::key));
        let found = app.store.get(&wanted).await?;
        if let Some(once) = once
            && let Some(earlier) = once.earlier(found[3].as_ref())?
        {
            return Ok(earlier);
        }
        let (old, version) = pointer(found[0].as_ref())?;
        precondition.check(Some(&version.0))?;
        let taken = match &found[1] {
            None => false,
            Some(item) => item.decode::<Holder>()?.template != id,
        };
        let findings = acceptable(&draft, taken, Strictness::Strict)?;
        let mut writes = Vec::with_capacity(6);
        if draft.status == Status::Inactive {
            writes.push(unused(id, found[2].as_ref())?);
        }
        let template = template(app, caller, &draft, id, old.version + 1, findings);
        let new = Item::new(keys::template(id), "template", &template.summary())?;
        let marked = Marked {
            template,
            etag: new.version.0.clone(),
        };
        writes.push(Write::replace(new, version));
        writes.push(Write::create(version_item(&marked.template)?));
        writes.push(Write::put(published_item(&marked.template)?));
        if !old.identifier.eq_ignore_ascii_case(&draft.identifier)
            && keys::template_identifier(&old.identifier) != wanted[1]
        {
            writes.push(Write::delete(
                keys::template_identifier(&old.identifier),
                Expect::Anything,
            ));
            writes.push(Write::create(identifier_item(&draft.identifier, id)?));
        }
        if let Some(once) = once {
            writes.push(once.record(app, &marked)?);
        }
        if retrying.commit(writes).await? {
            return Ok(Outcome::Fresh(marked));
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
    id: u64,
    version: u64,
    comment: Option<String>,
    precondition: &Precondition,
    once: Option<&Once>,
) -> Result<Outcome<Marked>> {
    caller.require(&[Role::Admin])?;
    // Also when the template has gone since.
    if let Some(once) = once {
        let found = app.store.get(&[once.key()]).await?;
        if let Some(answered) = once.earlier(found[0].as_ref())? {
            return Ok(answered);
        }
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
    id: u64,
    precondition: &Precondition,
) -> Result<()> {
    caller.require(&[Role::Admin])?;
    let mut retrying = Retrying::over(app, &keys::template(id)).await;
    loop {
        retrying.round().await?;
        let found = app
            .store
            .get(&[keys::template(id), keys::parameters()])
            .await?;
        let (old, version) = pointer(found[0].as_ref())?;
        if *precondition != Precondition::None {
            precondition.check(Some(&version.0))?;
        }
        let writes = vec![
            unused(id, found[1].as_ref())?,
            Write::delete(keys::template(id), Expect::Version(version)),
            Write::delete(keys::template_published(id), Expect::Anything),
            Write::delete(keys::template_identifier(&old.identifier), Expect::Anything),
        ];
        if retrying.commit(writes).await? {
            return Ok(());
        }
    }
}

fn version_item(template: &Template) -> Result<Item> {
    Ok(Item::new(
        keys::template_version(template.id, template.version),
        "template_version",
        template,
    )?)
}

fn published_item(template: &Template) -> Result<Item> {
    Ok(Item::new(
        keys::template_published(template.id),
        "template_published",
        template,
    )?)
}

fn identifier_item(identifier: &str, template: u64) -> Result<Item> {
    Ok(Item::new(
        keys::template_identifier(identifier),
        "template_identifier",
        &Holder { template },
    )?)
}

/// The write that holds "no parameter names it", or the error that says which do.
fn unused(id: u64, item: Option<&Item>) -> Result<Write> {
    let (all, expect) = parameters::decode(item)?;
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
