//! Routes that bring templates of another system in.

use std::path::Path;

use ::import as dumps;
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{
    App, Code, Error, Findings,
    admin::imports,
    api::{self, FindingView, LegacyTemplateFields, ReportView},
};
use utoipa::{IntoParams, ToSchema};
use web::{
    body::{self, TemplateBody},
    caller::{Administrators, Only},
    headers::Headers,
    problem::HttpError,
    query::Query,
    respond::Answer,
};

/// Body of an import.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Import {
    /// The templates, as the other system kept them.
    templates: Vec<LegacyTemplateFields>,
    /// Say what would become of each, and store nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Brings templates of another system in: ids are kept where they are free, and the same
/// import twice changes nothing.
#[utoipa::path(post, path = "/templates/import", tag = "templates", request_body = Import,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = ReportView)))]
pub(crate) async fn import(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<Import>,
) -> Result<Response, HttpError> {
    let Import { templates, dry_run } = body.value;
    // A dry run creates nothing, and may go before the run with its key.
    let once = match dry_run {
        true => None,
        false => headers.once(&caller, "POST /templates/import", &body.bytes)?,
    };
    let language = headers.language();
    let work = async {
        let templates = api::each(templates);
        let report = imports::import(&app, &caller, templates, Vec::new(), dry_run).await?;
        Ok(ReportView::from(report.in_language(language)))
    };
    let Some(once) = once else {
        return Ok(Json(work.await?).into_response());
    };
    let (answer, replayed) = imports::once(&app, &once, work).await?.into_parts();
    Ok(Answer::new(StatusCode::OK, answer)
        .replayed(replayed)
        .into_response())
}

/// Largest file of an import, bytes: Lambda takes and gives at most 6 MB, encoded.
const MAX_FILE: usize = 3 * 1024 * 1024;

/// What is known of a file before it is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileOptions {
    /// Its name: the ending says what kind of file it is.
    name: String,
    /// Its encoding, `utf-8` or `iso-8859-1` for example; found out when absent.
    encoding: Option<String>,
    /// Dialect of SQL: `mysql`, `postgresql`, `sqlserver` or `oracle`; found out when absent.
    dialect: Option<String>,
}

/// What is in a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileContent {
    /// The templates, as `POST /templates/import` takes them.
    templates: Vec<LegacyTemplateFields>,
    /// What cannot come in as it stands.
    findings: Vec<FindingView>,
}

/// The templates in a file that another system exported (SQL dump, CSV, XML of MySQL's tools, HTML),
/// of at most 3 MiB. Nothing is stored.
#[utoipa::path(post, path = "/templates/import/read", operation_id = "templates_read_file", tag = "templates", params(FileOptions),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = FileContent)))]
pub(crate) async fn read_file(
    _admin: Only<Administrators>,
    Query(file): Query<FileOptions>,
    headers: Headers,
    request: Request,
) -> Result<Json<FileContent>, HttpError> {
    let refused = |error: dumps::ReadError| Error::new(Code::Invalid, error.phrase());
    let (encoding, dialect) = (file.encoding.as_deref(), file.dialect.as_deref());
    let mut findings = Findings::default();
    for (field, named) in [
        ("encoding", dumps::Options::named(encoding, None)),
        ("dialect", dumps::Options::named(None, dialect)),
    ] {
        if let Err(error) = named {
            findings.add(error.code(), field, error.phrase());
        }
    }
    findings.finish(Code::Invalid)?;
    let options = dumps::Options::named(encoding, dialect).map_err(refused)?;
    let bytes = body::read(request, MAX_FILE).await?;
    let dumps::Gathered {
        templates,
        findings,
    } = dumps::read_bytes(&bytes, Path::new(&file.name), &options).map_err(|error| {
        let path = file.name.clone().into();
        refused(dumps::ReadError::Io { path, error })
    })?;
    let language = headers.language();
    let findings = findings.into_iter();
    Ok(Json(FileContent {
        templates: api::each(templates),
        findings: findings
            .map(|one| one.in_language(language).into())
            .collect(),
    }))
}
