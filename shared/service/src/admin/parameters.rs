//! Configure parameters: read, set, back to the default, history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Precondition, Result, Retrying,
    access::{Caller, Role},
    api::ChangeView,
    entity::{self, Entity as _, Loaded},
    pages::{self, Bounds, Rows},
    texts,
};
use domain::{
    catalog::{
        language::Language,
        parameters::{self, Parameter, ParameterError, ParameterType},
    },
    parameter::{Change, Parameters, Stored},
    template::{Status, Summary},
};
use storage::{Expect, Position, Query, Range, Source, Version, Write, keys};

/// Mark of a parameter that has its default.
const DEFAULT_ETAG: &str = "default";

/// A parameter as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParameterView {
    /// Its number, by which the API and CITSmart name it.
    pub number: u16,
    /// Name in the caller's language.
    pub name: String,
    /// Meaning in the caller's language.
    pub description: String,
    /// What its value is.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Default; null when there is none.
    pub default: Option<String>,
    /// Value in force; null when there is none.
    pub value: Option<String>,
    /// When it was set; null while it has its default.
    pub updated_at: Option<Timestamp>,
    /// Who set it: the `sub` of their token.
    pub updated_by: Option<String>,
    /// Name from their token; absent while it has its default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub updated_by_name: Option<String>,
    /// Mark of the last change, for `If-Match`; one of its own while it has its default.
    #[serde(skip)]
    pub etag: String,
}

impl ParameterView {
    fn new(parameter: &Parameter, all: &Parameters, language: Language) -> Self {
        let stored = all.values.get(&parameter.number);
        Self {
            number: parameter.number,
            name: parameter.names.get(language).to_owned(),
            description: parameter.descriptions.get(language).to_owned(),
            kind: parameter.kind,
            default: parameter.default.map(str::to_owned),
            value: all.value(parameter.number).map(str::to_owned),
            updated_at: stored.map(|s| s.updated_at),
            updated_by: stored.map(|s| s.updated_by.clone()),
            updated_by_name: stored
                .map(|s| s.updated_by_name.clone())
                .filter(|name| !name.is_empty()),
            etag: stored.map_or_else(|| DEFAULT_ETAG.to_owned(), |s| s.etag.clone()),
        }
    }
}

/// Holds a demand against a parameter. Every parameter is there, if with its default: `*` always
/// holds, and a first value needs no mark.
fn check(precondition: &Precondition, stored: Option<&Stored>) -> Result<()> {
    match (precondition, stored) {
        (Precondition::None | Precondition::Any, None) => Ok(()),
        (_, stored) => precondition.check(Some(stored.map_or(DEFAULT_ETAG, |s| s.etag.as_str()))),
    }
}

/// All parameters.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(app: &App, caller: &Caller, language: Language) -> Result<Vec<ParameterView>> {
    caller.require(&[Role::Admin])?;
    let all = load(app).await?;
    Ok(parameters::PARAMETERS
        .iter()
        .filter(|p| p.is_stored())
        .map(|p| ParameterView::new(p, &all, language))
        .collect())
}

/// One parameter.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn read(
    app: &App,
    caller: &Caller,
    number: u16,
    language: Language,
) -> Result<ParameterView> {
    caller.require(&[Role::Admin])?;
    let parameter = known(number)?;
    let all = load(app).await?;
    Ok(ParameterView::new(parameter, &all, language))
}

/// Sets a parameter. A template parameter takes only a template that exists and is active.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::ParameterNotStored`], [`Code::ValueInvalid`],
/// [`Code::TemplateNotFound`], [`Code::TemplateInactive`], [`Code::TemplateInvalid`],
/// [`Code::PreconditionRequired`], [`Code::Stale`], storage.
pub async fn set(
    app: &App,
    caller: &Caller,
    number: u16,
    value: &str,
    precondition: &Precondition,
    language: Language,
) -> Result<ParameterView> {
    caller.require(&[Role::Admin])?;
    let parameter = known(number)?;
    let mut findings = app.findings();
    let value = parameter.validate_and_normalise(value).map_err(|error| {
        let code = if parameter.is_stored() {
            Code::ValueInvalid
        } else {
            Code::ParameterNotStored
        };
        if let ParameterError::Invalid {
            address: Some(address),
            ..
        } = &error
        {
            findings.add("ADDRESS_INVALID", "value", address.words().phrase());
        }
        let found = std::mem::take(&mut findings).into_values();
        Error::new(code, error.phrase()).with_errors(found)
    })?;
    findings.finish(Code::Invalid)?;
    change(app, caller, parameter, Some(value), precondition, language).await
}

/// Brings a parameter back to its default.
///
/// # Errors
/// As [`set`].
pub async fn reset(
    app: &App,
    caller: &Caller,
    number: u16,
    precondition: &Precondition,
    language: Language,
) -> Result<ParameterView> {
    caller.require(&[Role::Admin])?;
    change(app, caller, known(number)?, None, precondition, language).await
}

async fn change(
    app: &App,
    caller: &Caller,
    parameter: &Parameter,
    value: Option<String>,
    precondition: &Precondition,
    language: Language,
) -> Result<ParameterView> {
    let number = parameter.number;
    let template = match (&value, parameter.kind) {
        (Some(id), ParameterType::Template) => id.parse().ok().map(entity::Template),
        _ => None,
    };
    let mut retrying = Retrying::over(app, &keys::parameters()).await;
    loop {
        retrying.round().await?;
        let (stored, named) = app.read((entity::Parameters, template)).await?;
        let (mut all, expect) = Loaded::or_default(stored);
        let before = all.values.get(&number).cloned();
        check(precondition, before.as_ref())?;
        let mut writes = Vec::with_capacity(3);
        if let Some(template) = template {
            let expect = usable(named.flatten(), value.as_deref().unwrap_or_default())?;
            writes.push(Write::check(template.key(), expect));
        }
        let (now, by) = (app.now(), caller.sub.clone());
        match &value {
            Some(value) => {
                let stored = Stored {
                    value: value.clone(),
                    etag: Version::fresh().0,
                    updated_at: now,
                    updated_by: by.clone(),
                    updated_by_name: caller.name.clone(),
                };
                all.values.insert(number, stored);
            }
            None => drop(all.values.remove(&number)),
        }
        let history = Change {
            number,
            before: before.map(|b| b.value),
            after: value.clone(),
            at: now,
            by,
            by_name: caller.name.clone(),
        };
        writes.push(entity::Parameters.store(&all, expect)?);
        writes.push(entity::ParameterChange(number, Uuid::now_v7()).create(&history)?);
        if retrying.commit(writes).await? {
            return Ok(ParameterView::new(parameter, &all, language));
        }
    }
}

/// Changes of a parameter, newest first.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn history(
    app: &App,
    caller: &Caller,
    number: u16,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<ChangeView>> {
    caller.require(&[Role::Admin])?;
    known(number)?;
    let query = Query::of(Source::Partition(keys::parameters().pk), limit)
        .range(Range::Prefix(keys::parameter_history_of(number)))
        .descending()
        .after(after);
    pages::read(app, query, Bounds::of(limit), |item| {
        let change: Change = item.decode()?;
        Ok(Some(change.into()))
    })
    .await
}

/// All stored parameters, for the use cases.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn load(app: &App) -> Result<Parameters> {
    app.read(entity::Parameters.or_default()).await
}

fn known(number: u16) -> Result<&'static Parameter> {
    parameters::find(number).ok_or_else(|| {
        Error::new(
            Code::NotFound,
            texts::parameters::THERE_IS_NO_PARAMETER.with("number", number),
        )
    })
}

/// A template that a parameter may name: there, active, and without errors.
fn usable(named: Option<Loaded<Summary>>, id: &str) -> Result<Expect> {
    let Some(named) = named else {
        let detail = texts::parameters::THERE_IS_NO_TEMPLATE.phrase();
        return Err(Error::new(Code::TemplateNotFound, detail.with("id", id)));
    };
    let current = &named.value;
    if current.status != Status::Active {
        let detail = texts::parameters::TEMPLATE_IS_INACTIVE.phrase();
        return Err(Error::new(Code::TemplateInactive, detail.with("id", id)));
    }
    if current.errors > 0 {
        let detail = texts::parameters::TEMPLATE_HAS_ERROR.phrase();
        let detail = detail.with("id", id).with("errors", current.errors);
        return Err(Error::new(Code::TemplateInvalid, detail));
    }
    Ok(Expect::Version(named.version))
}
