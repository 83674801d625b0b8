//! Import templates of another system: keep ids where they are free, change nothing the second
//! time, and report each one.

use std::collections::BTreeSet;

use crate::{
    App, Code, Error, Result, Retrying,
    access::{Caller, Role},
    admin::templates::{self, Draft, Strictness},
    entity::Loaded,
    idempotency::{Once, Replayable, as_json, in_progress},
    pages, texts,
};
use domain::{
    diagnostic::Severity,
    id::TemplateId,
    import::{
        Action, Existing, Finding, FindingCode, LegacyTemplate, Plan, Report, Step, digest, plan,
    },
    source::Source,
    template::{Summary, Template},
};
use serde::Serialize;
use serde_json::Value;
use storage::{Expect, Query, Source as QuerySource, StorageError, Version, Write, keys};

/// Templates of one page. Their bodies come with them, so it is not a large one.
const PAGE: usize = 20;

/// Stores what is new among `incoming`, and reports all of it with `findings`, which reading it
/// gave. A dry run stores nothing. Each template is a commit of its own: an import that was
/// interrupted is finished by running it again.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn import(
    app: &App,
    caller: &Caller,
    incoming: Vec<LegacyTemplate>,
    mut findings: Vec<Finding>,
    dry_run: bool,
) -> Result<Report> {
    caller.require(&[Role::Admin])?;
    let existing = existing(app, &incoming).await?;
    // What stays with an imported template: an unknown key is a warning, since the other system
    // rendered it as nothing.
    let mut plan = plan(&existing, incoming, &|source| {
        templates::findings(source, Strictness::Imported)
    });
    refuse_too_large(&mut plan, &mut findings);
    if !dry_run {
        store(app, caller, &mut plan, &mut findings).await?;
    }
    Ok(Report::new(&plan, findings, dry_run))
}

/// Refuses what could not be stored, so that a dry run says it as well.
fn refuse_too_large(plan: &mut Plan, findings: &mut Vec<Finding>) {
    for step in plan.steps.iter_mut().filter(|step| step.action.creates()) {
        let mut found = step.diagnostics.iter();
        let Some(found) = found.find(|found| found.code == templates::TOO_LARGE) else {
            continue;
        };
        let error = Error::new(Code::TemplateInvalid, found.phrase());
        step.action = Action::Refused;
        findings.push(refusal(step, &error));
    }
}

/// How long an import with an idempotency key may be at work, seconds: longer than a function runs. After
/// that it has broken off, and is run again.
const LONGEST: i64 = 90;

/// Does an import once for its idempotency key; who asks again gets its answer. While it is at work there
/// is none. Of one that broke off, or answered more than is kept, there is none either: it is run again,
/// which changes nothing that is there.
///
/// # Errors
/// [`Code::IdempotencyMismatch`], [`Code::IdempotencyInProgress`], storage, those of `work`.
pub async fn once<T: Serialize>(
    app: &App,
    once: &Once,
    work: impl Future<Output = Result<T>>,
) -> Result<Replayable<Value>> {
    let version = match begin(app, once).await? {
        Begun::Answered(answer) => return Ok(Replayable::Replayed(answer)),
        Begun::Here(version) => version,
    };
    let answer = work.await.and_then(|answer| as_json(&answer));
    let given_up = Write::delete(once.key(), Expect::Version(version.clone()));
    let kept = match &answer {
        Ok(answer) => {
            let kept = Write::replace(once.item(app, answer)?, version);
            match app.store.commit(vec![kept]).await {
                Err(StorageError::TooLarge { .. }) => app.store.commit(vec![given_up]).await,
                done => done,
            }
        }
        // It may be sent again at once.
        Err(_) => app.store.commit(vec![given_up]).await,
    };
    match kept {
        // Somebody took it for broken off; theirs is the answer then.
        Ok(()) | Err(StorageError::Conflict { .. }) => {}
        Err(error) => tracing::warn!(%error, "what became of an import was not kept"),
    }
    answer.map(Replayable::Fresh)
}

enum Begun {
    /// By this very request, which wrote this version.
    Here(Version),
    /// By an earlier one, which is over.
    Answered(Value),
}

async fn begin(app: &App, once: &Once) -> Result<Begun> {
    let mut retrying = Retrying::over(app, &once.key()).await;
    loop {
        retrying.round().await?;
        let now = app.now().as_second();
        let read = app.read(once.entity()).await?;
        let expect = Loaded::expect(read.as_ref());
        if let Some(earlier) = once.earlier::<Value>(read)? {
            let (answer, _) = earlier.into_parts();
            match answer.as_i64() {
                Some(began) if now < began + LONGEST => return Err(in_progress()),
                Some(_) => {}
                None if answer.is_null() => {}
                None => return Ok(Begun::Answered(answer)),
            }
        }
        // In place of an answer stands when it began.
        let item = once.item(app, &now)?;
        let version = item.version.clone();
        if retrying.commit(vec![Write::store(item, expect)]).await? {
            return Ok(Begun::Here(version));
        }
    }
}

async fn store(
    app: &App,
    caller: &Caller,
    plan: &mut Plan,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    for step in plan.steps.iter_mut().filter(|step| step.action.creates()) {
        let created = templates::create(
            app,
            caller,
            draft(step),
            Some(step.id),
            Strictness::Imported,
            None,
        );
        match created.await {
            Ok(created) => step.id = created.into_parts().0.template.id,
            Err(error) if error.is_retryable() || error.code == Code::Internal => {
                return Err(error);
            }
            Err(error) => {
                step.action = Action::Refused;
                findings.push(refusal(step, &error));
            }
        }
    }
    Ok(())
}

fn draft(step: &Step) -> Draft {
    Draft {
        identifier: step.identifier.clone(),
        status: step.template.status,
        source: step.source(),
        ..Draft::default()
    }
}

fn refusal(step: &Step, error: &Error) -> Finding {
    let origin = &step.template.origin;
    let phrase = texts::imports::NOT_STORED
        .phrase()
        .with("identifier", &step.identifier)
        .with_phrase("reason", error.detail.clone());
    Finding::new(
        Severity::Error,
        FindingCode::NotStored,
        &origin.file,
        origin.line,
        phrase,
    )
}

/// Everything that decides what becomes of the incoming ones: the templates, and the ids that may
/// not be given again.
async fn existing(app: &App, incoming: &[LegacyTemplate]) -> Result<Vec<Existing>> {
    let mut all = Vec::new();
    let mut ids = BTreeSet::new();
    for summary in summaries(app).await? {
        ids.insert(summary.id);
        all.push(Existing {
            digests: digests(app, &summary).await?,
            id: summary.id,
            identifier: summary.identifier,
        });
    }
    let wanted: BTreeSet<TemplateId> = incoming
        .iter()
        .filter_map(LegacyTemplate::kept_id)
        .collect();
    let mut given = Vec::new();
    for id in wanted.difference(&ids) {
        if templates::was_used(app, *id).await? {
            given.push(*id);
        }
    }
    given.extend(templates::last_id(app).await?);
    all.extend(given.into_iter().map(|id| Existing {
        id,
        identifier: String::new(),
        digests: Vec::new(),
    }));
    Ok(all)
}

async fn summaries(app: &App) -> Result<Vec<Summary>> {
    every(app, keys::TEMPLATES.to_owned()).await
}

/// Of each version, the published one last.
async fn digests(app: &App, summary: &Summary) -> Result<Vec<String>> {
    let versions: Vec<Template> = every(app, keys::template_versions(summary.id)).await?;
    Ok(versions
        .iter()
        .map(|version| {
            let Source {
                title, html, text, ..
            } = &version.source;
            digest(title, html, text.as_deref())
        })
        .collect())
}

async fn every<T: serde::de::DeserializeOwned>(app: &App, partition: String) -> Result<Vec<T>> {
    let mut all = Vec::new();
    let mut pages = pages::all(app, Query::of(QuerySource::Partition(partition), PAGE));
    while let Some(items) = pages.next().await? {
        for item in &items {
            all.push(item.decode()?);
        }
    }
    Ok(all)
}
