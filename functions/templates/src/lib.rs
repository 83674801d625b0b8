//! HTTP edge of the templates: create, read, change, versions, validation, preview, test mail; the
//! key catalogue.

use std::{collections::BTreeMap, path::Path};

use ::import as dumps;
use axum::{
    Json, Router,
    extract::{Request, State},
    routing::{get, post},
};
use domain::{
    catalog::{Language, starters::Starter},
    diagnostic::Severity,
    id::TemplateId,
    source::Syntax,
    template::Status,
};
use http::StatusCode;
use render::functions;
use serde::{Deserialize, Serialize};
use service::{
    App, Code, Error,
    admin::{
        imports,
        templates::{self, Draft, Marked, Search, Strictness},
    },
    api::{
        self, DiagnosticView, FindingView, FunctionView, KeyView, LegacyTemplateFields, ReportView,
        SourceFields, SummaryView, TemplateFields, TemplateView, VariantFields,
    },
    outgoing::{
        previews::{self, Preview},
        test_mails::{self, TestMail, TestMails},
    },
};
use transport::SharedTransport;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{
    body::{self, TemplateBody},
    caller::{Administrators, Agents, Only, Who},
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    precondition::{Headers, IfMatch},
    problem::HttpError,
    query::{Query, documented},
    respond::Answer,
};

/// The routes of this function; test mails leave through `mailer`.
pub fn router(app: App, mailer: SharedTransport) -> Router {
    let tests = Router::new()
        .route("/templates/test", post(send_draft))
        .route("/templates/{id}/test", post(send_test))
        .with_state(TestMails::new(app.clone(), mailer));
    Router::new()
        .route("/keys", get(list_keys))
        .route("/templates", get(list).post(create))
        .route("/templates/validate", post(validate))
        .route("/templates/import", post(import))
        .route("/templates/import/read", post(read_file))
        .route("/templates/preview", post(preview))
        .route("/templates/starters", get(list_starters))
        .route("/templates/{id}", get(read).put(update).delete(delete))
        .route("/templates/{id}/versions", get(versions))
        .route("/templates/{id}/versions/{version}", get(read_version))
        .route("/templates/{id}/rollback", post(rollback))
        .with_state(app)
        .merge(tests)
        .layer(documented::<Document>())
}

/// What this function adds to the OpenAPI document.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    list_keys,
    list_starters,
    list,
    create,
    validate,
    import,
    read_file,
    preview,
    read,
    update,
    delete,
    versions,
    read_version,
    rollback,
    send_test,
    send_draft
))]
pub struct Document;

/// The keys, and what a template can call beside them.
#[derive(Debug, Serialize, ToSchema)]
struct Catalogue {
    /// The keys, in order.
    items: Vec<KeyView>,
    /// Give it back as `cursor` to read on; null at the end.
    next_cursor: Option<String>,
    /// The functions, on every page.
    functions: Vec<FunctionView>,
}

/// The catalogue of keys and functions in the caller's language.
#[utoipa::path(get, path = "/keys", operation_id = "templates_list_keys", tag = "templates", params(PageParameters), responses((status = 200, body = Catalogue)))]
async fn list_keys(
    _caller: Who,
    page: PageRequest,
    headers: Headers,
) -> Result<Json<Catalogue>, HttpError> {
    let language = headers.language();
    let Page { items, next_cursor } = page.of(&["keys"], KeyView::all(language))?;
    Ok(Json(Catalogue {
        items,
        next_cursor,
        functions: api::each(functions::views(language)),
    }))
}

/// A template to start from.
#[derive(Debug, Serialize, ToSchema)]
struct StarterView {
    /// Name in calls, the same in every language.
    id: String,
    /// Name in the caller's language.
    name: String,
    /// What it is for, in the caller's language.
    description: String,
    /// Number of the parameter that a template of this kind is made for.
    parameter: u16,
    /// The template, as `POST /templates` takes it: in the installation's language, with the others.
    template: TemplateFields,
}

/// The templates to start from.
#[derive(Debug, Serialize, ToSchema)]
struct Starters {
    /// Every starter there is, whatever kind of mail it is for.
    items: Vec<StarterView>,
}

/// Templates to start from, in every language: each can be given to `POST /templates` as it is.
#[utoipa::path(get, path = "/templates/starters", operation_id = "templates_list_starters", tag = "templates",
    responses((status = 200, body = Starters)))]
async fn list_starters(
    State(app): State<App>,
    _admin: Only<Administrators>,
    headers: Headers,
) -> Json<Starters> {
    let (reader, own) = (
        headers.language(),
        Language::of(&app.settings.default_locale),
    );
    let view = |starter: &Starter| StarterView {
        id: starter.id.to_owned(),
        name: starter.names.get(reader).to_owned(),
        description: starter.descriptions.get(reader).to_owned(),
        parameter: starter.parameter,
        template: Draft::of_starter(starter, own).into(),
    };
    Json(Starters {
        items: Starter::all().iter().map(view).collect(),
    })
}

/// A template with the parameters that name it.
#[derive(Debug, Serialize, ToSchema)]
struct Used<T> {
    #[serde(flatten)]
    template: T,
    /// Numbers of the parameters that name it: it cannot be deleted or deactivated
    /// while there are any.
    used_by: Vec<u16>,
}

/// Which templates a list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those of this status.
    status: Option<Status>,
    /// An id, or a part of the title or identifier.
    q: Option<String>,
}

/// Templates by id, without their bodies.
#[utoipa::path(get, path = "/templates", tag = "templates", params(Filter, PageParameters),
    responses((status = 200, body = Page<Used<SummaryView>>)))]
async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Query(filter): Query<Filter>,
    page: PageRequest,
) -> Result<Json<Page<Used<SummaryView>>>, HttpError> {
    let search = Search {
        status: filter.status,
        text: filter.q.filter(|text| !text.trim().is_empty()),
    };
    let status = format!("{:?}", search.status);
    let scope = [
        "templates",
        status.as_str(),
        search.text.as_deref().unwrap_or_default(),
    ];
    let rows = templates::list(&app, &caller, &search, page.limit, page.after(&scope)?).await?;
    let uses = templates::uses(&app, &caller).await?;
    let rows = rows.map(|template| Used {
        used_by: uses.naming(template.id),
        template: template.into(),
    });
    Ok(Json(page.page(&scope, rows)))
}

/// Creates a template, as its first version.
#[utoipa::path(post, path = "/templates", tag = "templates", request_body = TemplateFields,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 201, body = TemplateView, headers(("etag" = String), ("location" = String)))))]
async fn create(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<TemplateFields>,
) -> Result<Answer<TemplateView>, HttpError> {
    let once = headers.once(&caller, "POST /templates", &body.bytes)?;
    let outcome = templates::create(
        &app,
        &caller,
        body.value.into(),
        None,
        Strictness::Strict,
        once.as_ref(),
    )
    .await?;
    let (marked, replayed) = outcome.into_parts();
    let location = format!("/templates/{}", marked.template.id);
    Ok(answer(StatusCode::CREATED, marked, headers.language())
        .location(location)
        .replayed(replayed))
}

/// The published version of a template.
#[utoipa::path(get, path = "/templates/{id}", tag = "templates", params(("id" = u64, Path)),
    responses((status = 200, body = Used<TemplateView>, headers(("etag" = String)))))]
async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    headers: Headers,
) -> Result<Answer<Used<TemplateView>>, HttpError> {
    let Marked { template, etag } = templates::read(&app, &caller, id).await?;
    let template = template.in_language(headers.language()).into();
    let used_by = templates::uses(&app, &caller).await?.naming(id);
    let used = Used { template, used_by };
    Ok(Answer::new(StatusCode::OK, used).etag(Some(etag)))
}

/// Publishes a new version.
#[utoipa::path(put, path = "/templates/{id}", tag = "templates", request_body = TemplateFields,
    params(("id" = u64, Path), ("if-match" = Option<String>, Header)),
    responses((status = 200, body = TemplateView, headers(("etag" = String)))))]
async fn update(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    IfMatch(precondition): IfMatch,
    headers: Headers,
    body: TemplateBody<TemplateFields>,
) -> Result<Answer<TemplateView>, HttpError> {
    let marked = templates::update(&app, &caller, id, body.value.into(), &precondition).await?;
    Ok(answer(StatusCode::OK, marked, headers.language()))
}

/// Removes a template that no parameter names; its versions stay readable.
#[utoipa::path(delete, path = "/templates/{id}", tag = "templates",
    params(("id" = u64, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
async fn delete(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    IfMatch(precondition): IfMatch,
) -> Result<StatusCode, HttpError> {
    templates::delete(&app, &caller, id, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All versions without their bodies, newest first.
#[utoipa::path(get, path = "/templates/{id}/versions", tag = "templates",
    params(("id" = u64, Path), PageParameters), responses((status = 200, body = Page<SummaryView>)))]
async fn versions(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    page: PageRequest,
) -> Result<Json<Page<SummaryView>>, HttpError> {
    let text = id.to_string();
    let scope = ["template-versions", text.as_str()];
    let rows = templates::versions(&app, &caller, id, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, rows.map(Into::into))))
}

/// One version, also of a template that was deleted.
#[utoipa::path(get, path = "/templates/{id}/versions/{version}", tag = "templates",
    params(("id" = u64, Path), ("version" = u64, Path)), responses((status = 200, body = TemplateView)))]
async fn read_version(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments((id, version)): Segments<(TemplateId, u64)>,
    headers: Headers,
) -> Result<Json<TemplateView>, HttpError> {
    let template = templates::read_version(&app, &caller, id, version).await?;
    Ok(Json(template.in_language(headers.language()).into()))
}

/// Body of a rollback.
#[derive(Debug, Deserialize, ToSchema)]
struct Rollback {
    /// The version to publish again.
    version: u64,
    /// Why, for those who look at the versions.
    #[serde(default)]
    comment: Option<String>,
}

/// Publishes an earlier version again, as a new one.
#[utoipa::path(post, path = "/templates/{id}/rollback", tag = "templates", request_body = Rollback,
    params(("id" = u64, Path), ("if-match" = Option<String>, Header),
        ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = TemplateView, headers(("etag" = String)))))]
async fn rollback(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    IfMatch(precondition): IfMatch,
    headers: Headers,
    body: TemplateBody<Rollback>,
) -> Result<Answer<TemplateView>, HttpError> {
    let route = format!("POST /templates/{id}/rollback");
    let once = headers.once(&caller, &route, &body.bytes)?;
    let Rollback { version, comment } = body.value;
    let once = once.as_ref();
    let outcome =
        templates::rollback(&app, &caller, id, version, comment, &precondition, once).await?;
    let (marked, replayed) = outcome.into_parts();
    Ok(answer(StatusCode::OK, marked, headers.language()).replayed(replayed))
}

/// Body of a validation: what a save would take fits here too.
#[derive(Debug, Deserialize, ToSchema)]
struct Unchecked {
    /// Short name; whether it is free is found when the template is saved.
    #[serde(default)]
    identifier: String,
    /// Whether it may be used.
    #[serde(default)]
    status: Status,
    /// Why it is changed.
    #[serde(default)]
    comment: String,
    /// Subject of the mail, keys allowed.
    #[serde(default)]
    title: String,
    /// HTML body, with keys.
    #[serde(default)]
    html: String,
    /// Text body; derived from the HTML when absent.
    #[serde(default)]
    text: Option<String>,
    /// In which language it is written.
    #[serde(default)]
    syntax: Syntax,
    /// Other languages by BCP 47 tag.
    #[serde(default)]
    locales: BTreeMap<String, VariantFields>,
}

/// Answer of a validation.
#[derive(Debug, Serialize, ToSchema)]
struct Validation {
    /// Whether it could be saved.
    valid: bool,
    /// Everything that was found, errors and warnings.
    diagnostics: Vec<DiagnosticView>,
}

/// Everything that is wrong with a template, without saving it.
#[utoipa::path(post, path = "/templates/validate", tag = "templates", request_body = Unchecked,
    responses((status = 200, body = Validation)))]
async fn validate(
    _admin: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<Unchecked>,
) -> Result<Json<Validation>, HttpError> {
    let Unchecked {
        identifier,
        status,
        title,
        html,
        text,
        syntax,
        locales,
        comment,
    } = body.value;
    let draft = Draft::from(TemplateFields {
        identifier,
        status,
        source: SourceFields {
            syntax,
            title,
            html,
            text,
        },
        locales,
        comment,
    });
    templates::acceptable_locales(&draft)?;
    let diagnostics: Vec<_> = templates::diagnose(&draft, Strictness::Strict)
        .into_iter()
        .map(|(_, found)| found.in_language(headers.language()).into())
        .collect();
    let valid = diagnostics
        .iter()
        .all(|found: &DiagnosticView| found.severity != Severity::Error);
    Ok(Json(Validation { valid, diagnostics }))
}

/// Body of an import.
#[derive(Debug, Deserialize, ToSchema)]
struct Import {
    /// The templates, as the other system kept them.
    templates: Vec<LegacyTemplateFields>,
    /// Say what would become of each, and store nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Brings templates of another system in: ids are kept where they are free, and the same
/// import twice changes nothing.
#[utoipa::path(post, path = "/templates/import", tag = "templates", request_body = Import,
    responses((status = 200, body = ReportView)))]
async fn import(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<Import>,
) -> Result<Json<ReportView>, HttpError> {
    let Import { templates, dry_run } = body.value;
    let report = imports::import(&app, &caller, api::each(templates), Vec::new(), dry_run).await?;
    Ok(Json(report.in_language(headers.language()).into()))
}

/// Largest file of an import, bytes: Lambda takes and gives at most 6 MB, encoded.
const MAX_FILE: usize = 3 * 1024 * 1024;

/// What is known of a file before it is read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileOptions {
    /// Its name: the ending says what kind of file it is.
    name: String,
    /// Its encoding, `utf-8` or `iso-8859-1` for example; found out when absent.
    encoding: Option<String>,
    /// Dialect of SQL: `mysql`, `postgresql`, `sqlserver` or `oracle`; found out when absent.
    dialect: Option<String>,
}

/// What is in a file.
#[derive(Debug, Serialize, ToSchema)]
struct FileContent {
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
async fn read_file(
    _admin: Only<Administrators>,
    Query(file): Query<FileOptions>,
    headers: Headers,
    request: Request,
) -> Result<Json<FileContent>, HttpError> {
    let refused = |error: String| Error::new(Code::Invalid, error);
    let options = dumps::Options::named(file.encoding.as_deref(), file.dialect.as_deref())
        .map_err(|error| refused(error.to_string()))?;
    let bytes = body::read(request, MAX_FILE).await?;
    let dumps::Gathered {
        templates,
        findings,
    } = dumps::read_bytes(&bytes, Path::new(&file.name), &options)
        .map_err(|error| refused(error.to_string()))?;
    let language = headers.language();
    let findings = findings.into_iter();
    Ok(Json(FileContent {
        templates: api::each(templates),
        findings: findings
            .map(|one| one.in_language(language).into())
            .collect(),
    }))
}

/// The mail that a template makes of a ticket or of sample values, byte for byte; nothing is sent.
#[utoipa::path(post, path = "/templates/preview", tag = "templates", request_body = previews::Request,
    responses((status = 200, body = Preview)))]
async fn preview(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
    body: TemplateBody<previews::Request>,
) -> Result<Json<Preview>, HttpError> {
    let preview = previews::preview(&app, &caller, &body.value, headers.language()).await?;
    Ok(Json(preview))
}

/// Sends the template, or a draft of it, filled with sample values or those of a ticket, to the
/// caller's own address or one of `TEST_RECIPIENTS`.
#[utoipa::path(post, path = "/templates/{id}/test", tag = "templates", request_body = test_mails::Request,
    params(("id" = u64, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = TestMail)))]
async fn send_test(
    State(mails): State<TestMails>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    headers: Headers,
    body: TemplateBody<test_mails::Request>,
) -> Result<Answer<TestMail>, HttpError> {
    let route = format!("POST /templates/{id}/test");
    let once = headers.once(&caller, &route, &body.bytes)?;
    let sent = mails
        .send(&caller, Some(id), &body.value, once.as_ref())
        .await?;
    let (mail, replayed) = sent.into_parts();
    Ok(Answer::new(StatusCode::OK, mail).replayed(replayed))
}

/// Sends a template that is not stored yet, as `POST /templates/{id}/test` does.
#[utoipa::path(post, path = "/templates/test", tag = "templates", request_body = test_mails::Request,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = TestMail)))]
async fn send_draft(
    State(mails): State<TestMails>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<test_mails::Request>,
) -> Result<Answer<TestMail>, HttpError> {
    let once = headers.once(&caller, "POST /templates/test", &body.bytes)?;
    let sent = mails
        .send(&caller, None, &body.value, once.as_ref())
        .await?;
    let (mail, replayed) = sent.into_parts();
    Ok(Answer::new(StatusCode::OK, mail).replayed(replayed))
}

fn answer(status: StatusCode, marked: Marked, language: Language) -> Answer<TemplateView> {
    let template = marked.template.in_language(language);
    Answer::new(status, template.into()).etag(Some(marked.etag))
}
