//! Erase a person's data.

use axum::{Json, extract::State};
use http::StatusCode;
use service::{
    App,
    admin::erasure::{self, NewErasure, Status},
    api::ErasureView,
};
use web::{
    body::Fields,
    caller::{Administrators, Only},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    problem::HttpError,
    respond::Answer,
};

/// The records of erasures, newest first. None holds an address.
#[utoipa::path(get, path = "/erasures", tag = "erasures", params(PageParameters), responses((status = 200, body = Page<ErasureView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    page: PageRequest,
) -> Result<Json<Page<ErasureView>>, HttpError> {
    let scope = ["erasures"];
    let rows = erasure::list(&app, &caller, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, rows)))
}

/// Erases what is stored under an address: names, texts and files of theirs, mails, deliveries, their
/// place among the participants of tickets. It works for seconds; while it answers 202, send the same
/// request again, under the same idempotency key where there is one. What cannot be undone is not asked
/// twice.
#[utoipa::path(post, path = "/erasures", tag = "erasures", request_body = NewErasure,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = ErasureView, description = "Everything was looked through"),
        (status = 202, body = ErasureView, description = "There is more: send the same request again")))]
pub(crate) async fn erase(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: Fields<NewErasure>,
) -> Result<Answer<ErasureView>, HttpError> {
    let once = headers.once(&caller, "POST /erasures", &body.bytes)?;
    let app = app.having(body.unknown);
    let erasure = erasure::erase(&app, &caller, &body.value, once.as_ref()).await?;
    let (erasure, replayed) = erasure.into_parts();
    let status = match erasure.status {
        Status::Done => StatusCode::OK,
        Status::Running => StatusCode::ACCEPTED,
    };
    Ok(Answer::new(status, erasure).replayed(replayed))
}
