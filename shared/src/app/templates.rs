//! Store templates: immutable versions, a pointer to the published one, unique identifiers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    App, Code, Error, Findings, RACES, Result,
    access::{Caller, Role},
    idempotency::{Once, Outcome},
    parameters::{self, Precondition, busy},
};
use crate::{
    domain::template::{Status, Summary, Template, Variant},
    render::{self, Diagnostic, Mode, Severity, Source},
    store::{self, Expect, Item, Page, Position, Query, Range, StorageError, Version, Write, keys},
};

/// Longest identifier, in characters.
const MAX_IDENTIFIER: usize = 20;
/// Most templates that a search looks at in one call; a cursor goes on from there.
const SEARCH_WINDOW: usize = 500;

/// What an administrator writes of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    /// Short name, at most 20 characters without spaces, unique whatever its case.
    pub identifier: String,
    /// Whether it may be used.
    #[serde(default)]
    pub status: Status,
    /// The template, in its own (default) language.
    #[serde(flatten)]
    pub source: Source,
    /// Other languages by BCP 47 tag.
    #[serde(default)]
    pub locales: BTreeMap<String, Variant>,
}

/// A template with the mark of its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The published version.
    pub template: Template,
    /// For `If-Match`.
    pub etag: String,
}

/// How findings are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weigh {
    /// An error refuses the template.
    Strictly,
    /// Imported: findings are kept with it, and errors keep parameters from naming it.
    AsImported,
}

/// All findings of a draft, with the language they are in.
pub fn diagnose(draft: &Draft, weigh: Weigh) -> Vec<(Option<String>, Diagnostic)> {
    let mut found: Vec<_> = findings(&draft.source, weigh)
        .into_iter()
        .map(|d| (None, d))
        .collect();
    for (locale, variant) in &draft.locales {
        let source = variant.source(draft.source.syntax);
        found.extend(
            findings(&source, weigh)
                .into_iter()
                .map(|d| (Some(locale.clone()), d)),
        );
    }
    found
}

/// All findings of one language of a template.
pub fn findings(source: &Source, weigh: Weigh) -> Vec<Diagnostic> {
    match weigh {
        Weigh::Strictly => render::check(source),
        Weigh::AsImported => match render::compile(source, Mode::Lenient) {
            Ok(compiled) => compiled.warnings().to_vec(),
            Err(findings) => findings,
        },
    }
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
    weigh: Weigh,
    once: Option<&Once>,
) -> Result<Outcome<Marked>> {
    caller.require(&[Role::Admin])?;
    nameable(&draft, weigh)?;
    for _ in 0..RACES {
        let mut wanted = vec![
            keys::template_sequence(),
            keys::template_identifier(&draft.identifier),
        ];
        wanted.extend(once.map(Once::key));
        let wanted_id = id.map(keys::template);
        wanted.extend(wanted_id.clone());
        let found = app.store.get(&wanted).await?;
        let by_key = |key: &store::Key| {
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
            Write::create(identifier_item(&draft.identifier, given)?),
            Write {
                action: store::Action::Put(next),
                expect: sequence,
            },
        ];
        if let Some(once) = once {
            writes.push(once.record(app, &marked)?);
        }
        match app.store.commit(writes).await {
            Ok(()) => return Ok(Outcome::Fresh(marked)),
            Err(StorageError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
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
    caller.require(&[Role::Admin])?;
    nameable(&draft, Weigh::Strictly)?;
    for _ in 0..RACES {
        let wanted = [
            keys::template(id),
            keys::template_identifier(&draft.identifier),
            keys::parameters(),
        ];
        let found = app.store.get(&wanted).await?;
        let (old, version) = pointer(found[0].as_ref())?;
        precondition.check(Some(&version.0))?;
        let taken = match &found[1] {
            None => false,
            Some(item) => item.decode::<Holder>()?.template != id,
        };
        let findings = acceptable(&draft, taken, Weigh::Strictly)?;
        let mut writes = Vec::with_capacity(5);
        if draft.status == Status::Inactive {
            writes.push(unused(id, found[2].as_ref(), "deactivated")?);
        }
        let template = template(app, caller, &draft, id, old.version + 1, findings);
        let new = Item::new(keys::template(id), "template", &template.summary())?;
        let marked = Marked {
            template,
            etag: new.version.0.clone(),
        };
        writes.push(Write::replace(new, version));
        writes.push(Write::create(version_item(&marked.template)?));
        if !old.identifier.eq_ignore_ascii_case(&draft.identifier)
            && keys::template_identifier(&old.identifier) != wanted[1]
        {
            writes.push(Write::delete(
                keys::template_identifier(&old.identifier),
                Expect::Anything,
            ));
            writes.push(Write::create(identifier_item(&draft.identifier, id)?));
        }
        match app.store.commit(writes).await {
            Ok(()) => return Ok(marked),
            Err(StorageError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}

/// Publishes an earlier version again, as a new version.
///
/// # Errors
/// As [`update`].
pub async fn rollback(
    app: &App,
    caller: &Caller,
    id: u64,
    version: u64,
    precondition: &Precondition,
) -> Result<Marked> {
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
    };
    update(app, caller, id, draft, &precondition).await
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
    for _ in 0..RACES {
        let found = app
            .store
            .get(&[keys::template(id), keys::parameters()])
            .await?;
        let (old, version) = pointer(found[0].as_ref())?;
        if *precondition != Precondition::None {
            precondition.check(Some(&version.0))?;
        }
        let writes = vec![
            unused(id, found[1].as_ref(), "deleted")?,
            Write::delete(keys::template(id), Expect::Version(version)),
            Write::delete(keys::template_identifier(&old.identifier), Expect::Anything),
        ];
        match app.store.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StorageError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}

/// The published version of a template.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
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
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn read_version(app: &App, caller: &Caller, id: u64, version: u64) -> Result<Template> {
    caller.require(&[Role::Admin])?;
    stored_version(app, id, version)
        .await?
        .ok_or_else(not_found)
}

/// The versions of a template, newest first.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn versions(
    app: &App,
    caller: &Caller,
    id: u64,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Template>, Option<Position>)> {
    caller.require(&[Role::Admin])?;
    let first = after.is_none();
    let query = Query::of(store::Source::Partition(keys::template_versions(id)), limit)
        .descending()
        .after(after);
    let page = app.store.query(query).await?;
    if first && page.items.is_empty() {
        return Err(not_found());
    }
    let versions = page
        .items
        .iter()
        .map(Item::decode)
        .collect::<std::result::Result<_, _>>()?;
    Ok((versions, page.next))
}

/// Which templates a list takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only those whose id is this, or whose title or identifier contains it, whatever its case.
    pub text: Option<String>,
}

impl Search {
    fn takes(&self, template: &Summary) -> bool {
        let status = self.status.is_none_or(|status| status == template.status);
        let text = self.text.as_ref().is_none_or(|text| {
            let wanted = text.to_lowercase();
            template.id.to_string() == wanted
                || template.title.to_lowercase().contains(&wanted)
                || template.identifier.to_lowercase().contains(&wanted)
        });
        status && text
    }
}

/// Templates by id. A page may be short, or empty, while there is a next one: a search looks at a
/// bounded number of templates in one call.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    search: &Search,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Summary>, Option<Position>)> {
    caller.require(&[Role::Admin])?;
    let window = if *search == Search::default() {
        limit
    } else {
        SEARCH_WINDOW
    };
    let query = Query::of(store::Source::Partition(keys::TEMPLATES.to_owned()), window)
        .range(Range::All)
        .after(after);
    let Page { items, next } = app.store.query(query).await?;
    let mut taken = Vec::new();
    for item in &items {
        let summary: Summary = item.decode()?;
        if search.takes(&summary) {
            taken.push(summary);
            if taken.len() == limit {
                let last = items.last().is_some_and(|last| last.key == item.key);
                let here = Position {
                    key: item.key.clone(),
                    sort: None,
                };
                return Ok((taken, if last { next } else { Some(here) }));
            }
        }
    }
    Ok((taken, next))
}

#[derive(Serialize, Deserialize)]
struct Sequence {
    last: u64,
}

#[derive(Serialize, Deserialize)]
struct Holder {
    template: u64,
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

/// A draft as a template that is stored nowhere, with its findings.
pub(crate) fn unsaved(app: &App, caller: &Caller, draft: &Draft) -> Template {
    let findings = diagnose(draft, Weigh::Strictly);
    let findings = findings.into_iter().map(|(_, finding)| finding).collect();
    template(app, caller, draft, 0, 0, findings)
}

fn pointer(item: Option<&Item>) -> Result<(Summary, Version)> {
    let item = item.ok_or_else(not_found)?;
    Ok((item.decode()?, item.version.clone()))
}

fn not_found() -> Error {
    Error::not_found("template")
}

fn version_item(template: &Template) -> Result<Item> {
    Ok(Item::new(
        keys::template_version(template.id, template.version),
        "template_version",
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

fn template(
    app: &App,
    caller: &Caller,
    draft: &Draft,
    id: u64,
    version: u64,
    warnings: Vec<Diagnostic>,
) -> Template {
    Template {
        id,
        version,
        identifier: draft.identifier.clone(),
        status: draft.status,
        source: draft.source.clone(),
        locales: draft.locales.clone(),
        updated_at: app.now(),
        updated_by: caller.sub.clone(),
        warnings,
    }
}

/// The write that holds "no parameter names it", or the error that says which do.
fn unused(id: u64, item: Option<&Item>, what: &str) -> Result<Write> {
    let (all, expect) = parameters::decode(item)?;
    let naming = all.naming(id);
    if naming.is_empty() {
        return Ok(Write::check(keys::parameters(), expect));
    }
    let numbers: Vec<_> = naming.iter().map(u16::to_string).collect();
    let detail = format!(
        "Template {id} cannot be {what}: parameter {} names it. Choose another template there first.",
        numbers.join(", ")
    );
    let errors = naming.iter().map(|n| serde_json::json!({ "code": "IN_USE", "parameter": n, "message": format!("parameter {n}") }));
    Err(Error::new(Code::TemplateInUse, detail).with_errors(errors.collect()))
}

fn is_identifier(identifier: &str) -> bool {
    (1..=MAX_IDENTIFIER).contains(&identifier.chars().count())
        && !identifier
            .chars()
            .any(|c| c.is_whitespace() || c.is_control())
}

/// Refuses a draft whose identifier cannot be one, before it is looked up in storage.
fn nameable(draft: &Draft, weigh: Weigh) -> Result<()> {
    if is_identifier(&draft.identifier) {
        return Ok(());
    }
    acceptable(draft, false, weigh).map(drop)
}

/// Holds a draft against every rule at once. Returns the findings that stay with the template.
fn acceptable(draft: &Draft, taken: bool, weigh: Weigh) -> Result<Vec<Diagnostic>> {
    let mut findings = Findings::default();
    if !is_identifier(&draft.identifier) {
        findings.add(
            "IDENTIFIER_INVALID",
            "identifier",
            "1 to 20 characters, no spaces",
        );
    }
    if taken {
        findings.add(
            "IDENTIFIER_TAKEN",
            "identifier",
            "another template has this identifier (case does not count)",
        );
    }
    for locale in draft.locales.keys() {
        let fits = (2..=35).contains(&locale.len())
            && locale
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !fits {
            findings.add(
                "LOCALE_INVALID",
                "locales",
                format!("{locale:?} is no language tag such as en or pt-BR"),
            );
        }
    }
    let found = diagnose(draft, weigh);
    let errors: Vec<Value> = found
        .iter()
        .filter(|(_, d)| weigh == Weigh::Strictly && d.severity == Severity::Error)
        .filter_map(|(locale, d)| described(locale.as_deref(), d))
        .collect();
    if errors.is_empty() {
        let code = match findings.first_code() {
            Some("IDENTIFIER_TAKEN") => Code::IdentifierTaken,
            Some("IDENTIFIER_INVALID") => Code::IdentifierInvalid,
            _ => Code::Invalid,
        };
        findings.finish(code)?;
        return Ok(found.into_iter().map(|(_, d)| d).collect());
    }
    let detail = format!(
        "The template has {} errors, see errors: where each is, and what to write instead.",
        errors.len()
    );
    Err(Error::new(Code::TemplateInvalid, detail)
        .with_errors(findings.into_values().into_iter().chain(errors).collect()))
}

fn described(locale: Option<&str>, diagnostic: &Diagnostic) -> Option<Value> {
    let mut value = serde_json::to_value(diagnostic).ok()?;
    if let (Some(locale), Value::Object(fields)) = (locale, &mut value) {
        fields.insert("locale".to_owned(), locale.into());
    }
    Some(value)
}
