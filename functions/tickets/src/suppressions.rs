//! Routes about addresses that no mail is sent to.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use service::{
    App,
    admin::suppressions::{self, SuppressionDetails},
    api::SuppressionView,
};
use utoipa::{IntoParams, ToSchema};
use web::{
    body::Fields,
    caller::{Administrators, Only},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::Query,
    respond::Answer,
};

/// Which addresses a list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// A part of the address.
    q: Option<String>,
}

/// The suppressed addresses, a page at a time.
#[utoipa::path(get, path = "/suppressions", tag = "suppressions", params(ListQuery, PageParameters),
    responses((status = 200, body = Page<SuppressionView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Query(wanted): Query<ListQuery>,
    page: PageRequest,
) -> Result<Json<Page<SuppressionView>>, HttpError> {
    let q = wanted.q.as_deref();
    let scope = ["suppressions", q.unwrap_or_default()];
    let after = page.after(&scope)?;
    let rows = suppressions::search(&app, &caller, q, page.limit, after).await?;
    Ok(Json(page.page(&scope, rows)))
}

/// One suppressed address: how much it holds, and when it was lifted before.
#[utoipa::path(get, path = "/suppressions/{address}", operation_id = "suppressions_read", tag = "suppressions",
    params(("address" = String, Path)), responses((status = 200, body = SuppressionDetails)))]
pub(crate) async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(address): Segments<String>,
) -> Result<Json<SuppressionDetails>, HttpError> {
    Ok(Json(suppressions::read(&app, &caller, &address).await?))
}

/// An address to suppress.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewSuppression {
    /// The address to suppress, in any spelling.
    address: String,
    /// The reason, kept with who gave it.
    reason: String,
}

/// Suppresses an address until it is lifted. One that is suppressed already stays as it is.
#[utoipa::path(post, path = "/suppressions", operation_id = "suppressions_post", tag = "suppressions", request_body = NewSuppression,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = SuppressionView), (status = 201, body = SuppressionView)))]
pub(crate) async fn add(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: Fields<NewSuppression>,
) -> Result<Answer<SuppressionView>, HttpError> {
    let once = headers.once(&caller, "POST /suppressions", &body.bytes)?;
    let app = app.having(body.unknown);
    let NewSuppression { address, reason } = body.value;
    let outcome = suppressions::add(&app, &caller, &address, &reason, once.as_ref()).await?;
    let ((suppression, created), replayed) = outcome.into_parts();
    let status = match created {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok(Answer::new(status, suppression.into()).replayed(replayed))
}

/// Why a suppression is lifted.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Lift {
    /// The reason, kept with who gave it.
    reason: String,
}

/// Lifts a suppression; what it held leaves within a minute.
#[utoipa::path(delete, path = "/suppressions/{address}", tag = "suppressions", request_body = Lift,
    params(("address" = String, Path)), responses((status = 204)))]
pub(crate) async fn lift(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(address): Segments<String>,
    body: Fields<Lift>,
) -> Result<StatusCode, HttpError> {
    let app = app.having(body.unknown);
    suppressions::lift(&app, &caller, &address, &body.value.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
