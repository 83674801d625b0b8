//! Routes about canned answers.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use service::{
    App,
    admin::snippets::{self, New, SnippetView},
    desk::tickets,
};
use utoipa::IntoParams;
use uuid::Uuid;
use web::{
    body::Body,
    caller::{Agents, Only},
    headers::{Headers, IfMatch},
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::Query,
    respond::Answer,
};

/// The canned answers that the caller may use, by title: their own, those of their
/// groups, those of all.
#[utoipa::path(get, path = "/snippets", operation_id = "snippets_list", tag = "snippets", params(PageParameters),
    responses((status = 200, body = Page<SnippetView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    page: PageRequest,
) -> Result<Json<Page<SnippetView>>, HttpError> {
    let items = snippets::list(&app, &caller).await?;
    Ok(Json(page.of(&["snippets", caller.sub.as_str()], items)?))
}

/// What a canned answer is filled with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CannedAnswerQuery {
    /// A ticket whose values fill the keys.
    ticket: Option<String>,
}

/// One canned answer; with `ticket` also filled with that ticket's values.
#[utoipa::path(get, path = "/snippets/{snippet}", operation_id = "snippets_read", tag = "snippets",
    params(("snippet" = Uuid, Path), CannedAnswerQuery),
    responses((status = 200, body = SnippetView, headers(("etag" = String)))))]
pub(crate) async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(id): Segments<Uuid>,
    Query(wanted): Query<CannedAnswerQuery>,
) -> Result<Answer<SnippetView>, HttpError> {
    let ticket = wanted.ticket.as_deref().map(tickets::id).transpose()?;
    let view = snippets::read(&app, &caller, id, ticket.as_ref()).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Writes a canned answer.
#[utoipa::path(post, path = "/snippets", operation_id = "snippets_post", tag = "snippets", request_body = New,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 201, body = SnippetView, headers(("location" = String), ("etag" = String)))))]
pub(crate) async fn create(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
    body: Body<New>,
) -> Result<Answer<SnippetView>, HttpError> {
    let once = headers.once(&caller, "POST /snippets", &body.bytes)?;
    let outcome = snippets::create(&app, &caller, &body.value, once.as_ref()).await?;
    let (view, replayed) = outcome.into_parts();
    let location = format!("/snippets/{}", view.snippet.id);
    Ok(answer(StatusCode::CREATED, view)
        .location(location)
        .replayed(replayed))
}

/// Changes a canned answer. Whose it is stays as it is.
#[utoipa::path(put, path = "/snippets/{snippet}", operation_id = "snippets_put", tag = "snippets", request_body = New,
    params(("snippet" = Uuid, Path), ("if-match" = Option<String>, Header)),
    responses((status = 200, body = SnippetView, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(id): Segments<Uuid>,
    IfMatch(precondition): IfMatch,
    body: Body<New>,
) -> Result<Answer<SnippetView>, HttpError> {
    let view = snippets::update(&app, &caller, id, &body.value, &precondition).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Deletes a canned answer.
#[utoipa::path(delete, path = "/snippets/{snippet}", operation_id = "snippets_delete", tag = "snippets",
    params(("snippet" = Uuid, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn remove(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(id): Segments<Uuid>,
    IfMatch(precondition): IfMatch,
) -> Result<StatusCode, HttpError> {
    snippets::remove(&app, &caller, id, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(status: StatusCode, view: SnippetView) -> Answer<SnippetView> {
    let etag = view.etag.clone();
    Answer::new(status, view).etag(Some(etag))
}
