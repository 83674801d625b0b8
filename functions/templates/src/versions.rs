//! Routes about the versions of a template.

use axum::{Json, extract::State};
use domain::id::TemplateId;
use http::StatusCode;
use serde::Deserialize;
use service::{
    App,
    admin::templates,
    api::{SummaryView, TemplateView},
};
use utoipa::ToSchema;
use web::{
    body::TemplateBody,
    caller::{Administrators, Only},
    headers::{Headers, IfMatch},
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    respond::Answer,
};

use crate::answer;

/// All versions without their bodies, newest first.
#[utoipa::path(get, path = "/templates/{id}/versions", tag = "templates",
    params(("id" = u64, Path), PageParameters), responses((status = 200, body = Page<SummaryView>)))]
pub(crate) async fn versions(
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
pub(crate) async fn read_version(
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
pub(crate) struct Rollback {
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
pub(crate) async fn rollback(
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
