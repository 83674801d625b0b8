//! Routes about addresses that no mail is sent to.

use axum::{Json, extract::State};
use domain::suppression::Suppression;
use http::StatusCode;
use serde::Deserialize;
use service::{App, suppressions};
use utoipa::ToSchema;
use web::{
    body::Body,
    caller::{Administrators, Only},
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
};

/// The suppressed addresses.
#[utoipa::path(get, path = "/suppressions", tag = "suppressions", params(PageParameters),
    responses((status = 200, body = Page<Suppression>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    page: PageRequest,
) -> Result<Json<Page<Suppression>>, HttpError> {
    let scope = ["suppressions"];
    let rows = suppressions::list(&app, &caller, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, rows)))
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
    body: Body<Lift>,
) -> Result<StatusCode, HttpError> {
    suppressions::lift(&app, &caller, &address, &body.value.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
