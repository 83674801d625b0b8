//! Who asks, and what they may do.

use axum::{Json, extract::State};
use service::{
    App,
    desk::me::{self, Me},
};
use web::{caller::Who, precondition::Headers, problem::HttpError};

/// Who the caller is, what they may do, and the limits that hold for them. Any valid token may ask,
/// also one without a role.
#[utoipa::path(get, path = "/me", operation_id = "me_read", tag = "me",
    params(("accept-language" = Option<String>, Header)), responses((status = 200, body = Me)))]
pub(crate) async fn me(
    State(app): State<App>,
    Who(caller): Who,
    headers: Headers,
) -> Result<Json<Me>, HttpError> {
    Ok(Json(me::read(&app, &caller, headers.language()).await?))
}
