//! HTTP edge of the templates: create, read, change, versions, validation, preview, test mail; the
//! key catalogue.

mod catalogue;
mod imports;
mod trying;
mod versions;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use domain::{catalog::Language, id::TemplateId, template::Status};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{
    App,
    admin::templates::{self, Marked, Search, Strictness},
    api::{SummaryView, TemplateFields, TemplateView},
    outgoing::test_mails::TestMails,
};
use transport::SharedTransport;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{
    body::{Fields, MAX_TEMPLATE_BODY},
    caller::{Administrators, Only},
    headers::{Headers, IfMatch},
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::{Query, documented},
    respond::Answer,
};

/// The routes of this function; test mails leave through `mailer`.
pub fn router(app: App, mailer: SharedTransport) -> Router {
    let tests = Router::new()
        .route("/templates/test", post(trying::send_draft))
        .route("/templates/{id}/test", post(trying::send_test))
        .with_state(TestMails::new(app.clone(), mailer));
    Router::new()
        .route("/keys", get(catalogue::list_keys))
        .route("/templates", get(list).post(create))
        .route("/templates/validate", post(trying::validate))
        .route("/templates/import", post(imports::import))
        .route("/templates/import/read", post(imports::read_file))
        .route("/templates/preview", post(trying::preview))
        .route("/templates/starters", get(catalogue::list_starters))
        .route("/templates/{id}", get(read).put(update).delete(delete))
        .route("/templates/{id}/versions", get(versions::versions))
        .route(
            "/templates/{id}/versions/{version}",
            get(versions::read_version),
        )
        .route("/templates/{id}/rollback", post(versions::rollback))
        .with_state(app)
        .merge(tests)
        .layer(documented::<Document>())
}

/// What this function adds to the OpenAPI document.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    catalogue::list_keys,
    catalogue::list_starters,
    list,
    create,
    trying::validate,
    imports::import,
    imports::read_file,
    trying::preview,
    read,
    update,
    delete,
    versions::versions,
    versions::read_version,
    versions::rollback,
    trying::send_test,
    trying::send_draft
))]
pub struct Document;

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
        text: filter.q,
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
    body: Fields<TemplateFields, MAX_TEMPLATE_BODY>,
) -> Result<Answer<TemplateView>, HttpError> {
    let once = headers.once(&caller, "POST /templates", &body.bytes)?;
    let app = app.having(body.unknown);
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
    body: Fields<TemplateFields, MAX_TEMPLATE_BODY>,
) -> Result<Answer<TemplateView>, HttpError> {
    let app = app.having(body.unknown);
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

fn answer(status: StatusCode, marked: Marked, language: Language) -> Answer<TemplateView> {
    let template = marked.template.in_language(language);
    Answer::new(status, template.into()).etag(Some(marked.etag))
}
