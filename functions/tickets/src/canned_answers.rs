//! Routes about canned answers.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use service::{
    App,
    desk::canned_answers::{self, CannedAnswerView, New},
    desk::tickets,
};
use utoipa::IntoParams;
use uuid::Uuid;
use web::{
    body::Fields,
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
    responses((status = 200, body = Page<CannedAnswerView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    page: PageRequest,
) -> Result<Json<Page<CannedAnswerView>>, HttpError> {
    let items = canned_answers::list(&app, &caller).await?;
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
    responses((status = 200, body = CannedAnswerView, headers(("etag" = String)))))]
pub(crate) async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(id): Segments<Uuid>,
    Query(wanted): Query<CannedAnswerQuery>,
) -> Result<Answer<CannedAnswerView>, HttpError> {
    let ticket = wanted.ticket.as_deref().map(tickets::id).transpose()?;
    let view = canned_answers::read(&app, &caller, id, ticket.as_ref()).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Writes a canned answer.
#[utoipa::path(post, path = "/snippets", operation_id = "snippets_post", tag = "snippets", request_body = New,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 201, body = CannedAnswerView, headers(("location" = String), ("etag" = String)))))]
pub(crate) async fn create(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
    body: Fields<New>,
) -> Result<Answer<CannedAnswerView>, HttpError> {
    let once = headers.once(&caller, "POST /snippets", &body.bytes)?;
    let app = app.having(body.unknown);
    let outcome = canned_answers::create(&app, &caller, &body.value, once.as_ref()).await?;
    let (view, replayed) = outcome.into_parts();
    let location = format!("/snippets/{}", view.canned_answer.id);
    Ok(answer(StatusCode::CREATED, view)
        .location(location)
        .replayed(replayed))
}

/// Changes a canned answer. Whose it is stays as it is.
#[utoipa::path(put, path = "/snippets/{snippet}", operation_id = "snippets_put", tag = "snippets", request_body = New,
    params(("snippet" = Uuid, Path), ("if-match" = Option<String>, Header)),
    responses((status = 200, body = CannedAnswerView, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(id): Segments<Uuid>,
    IfMatch(precondition): IfMatch,
    body: Fields<New>,
) -> Result<Answer<CannedAnswerView>, HttpError> {
    let app = app.having(body.unknown);
    let view = canned_answers::update(&app, &caller, id, &body.value, &precondition).await?;
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
    canned_answers::remove(&app, &caller, id, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(status: StatusCode, view: CannedAnswerView) -> Answer<CannedAnswerView> {
    let etag = view.etag.clone();
    Answer::new(status, view).etag(Some(etag))
}
