//! Who asks, and what they may do.

use axum::{Json, extract::State};
use service::{
    App,
    desk::{
        me::{self, Me},
        preferences::{self, MyPreferences},
    },
};
use web::{
    body::Fields,
    caller::{Only, People, Who},
    headers::Headers,
    problem::HttpError,
};

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

/// What the caller wishes of the mail that they get, and how the console speaks to them.
#[utoipa::path(get, path = "/me/preferences", operation_id = "me_preferences", tag = "me",
    responses((status = 200, body = MyPreferences)))]
pub(crate) async fn preferences(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
) -> Result<Json<MyPreferences>, HttpError> {
    Ok(Json(preferences::read(&app, &caller).await?))
}

/// Sets them, all at once: what is left out is as if it had never been set.
#[utoipa::path(put, path = "/me/preferences", operation_id = "me_set_preferences", tag = "me",
    request_body = MyPreferences, responses((status = 200, body = MyPreferences)))]
pub(crate) async fn set_preferences(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    body: Fields<MyPreferences>,
) -> Result<Json<MyPreferences>, HttpError> {
    let app = app.having(body.unknown);
    Ok(Json(preferences::set(&app, &caller, &body.value).await?))
}
