//! HTTP edge of the parameters: configure, history, health.

mod identities;

use axum::{Json, Router, extract::State, routing::get};
use http::StatusCode;
use serde::Deserialize;
use service::{
    App,
    admin::{
        parameters::{self, ParameterView},
        readiness::{self, Readiness},
    },
    api::ChangeView,
};
use utoipa::{OpenApi, ToSchema};
use web::{
    body::Fields,
    caller::{Administrators, Only},
    headers::{Headers, IfMatch},
    health,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::documented,
    respond::Answer,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/health/config", get(readiness))
        .route("/parameters", get(list))
        .route("/parameters/{number}", get(read).put(set).delete(reset))
        .route("/parameters/{number}/history", get(history))
        .route("/identities", get(identities::list))
        .route(
            "/identities/{contract}",
            get(identities::read)
                .put(identities::set)
                .delete(identities::remove),
        )
        .route("/identities/{contract}/history", get(identities::history))
        .layer(documented::<Document>())
        .with_state(app)
}

/// What this function adds to the OpenAPI document.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    health::health,
    readiness,
    list,
    read,
    set,
    reset,
    history,
    identities::list,
    identities::read,
    identities::set,
    identities::remove,
    identities::history
))]
pub struct Document;

/// Whether a message posted now would arrive, and what to do when it would not.
#[utoipa::path(get, path = "/health/config", tag = "health", responses((status = 200, body = Readiness)))]
async fn readiness(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
) -> Result<Json<Readiness>, HttpError> {
    Ok(Json(
        readiness::look(&app, &caller, headers.language()).await?,
    ))
}

/// Body of `PUT /parameters/{number}`.
#[derive(Debug, Deserialize, ToSchema)]
struct NewValue {
    /// The value; numbers and booleans are taken as they are written.
    #[schema(value_type = String)]
    value: Scalar,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a string, a number or a boolean")]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Boolean(bool),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Boolean(boolean) => boolean.to_string(),
        }
    }
}

/// All parameters that are stored here, named in the caller's language.
#[utoipa::path(get, path = "/parameters", tag = "parameters", params(PageParameters),
    responses((status = 200, body = Page<ParameterView>)))]
async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    page: PageRequest,
    headers: Headers,
) -> Result<Json<Page<ParameterView>>, HttpError> {
    let items = parameters::list(&app, &caller, headers.language()).await?;
    Ok(Json(page.of(&["parameters"], items)?))
}

/// One parameter, set or with its default.
#[utoipa::path(get, path = "/parameters/{number}", tag = "parameters",
    params(("number" = u16, Path, description = "Number of the parameter")),
    responses((status = 200, body = ParameterView, headers(("etag" = String)))))]
async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(number): Segments<u16>,
    headers: Headers,
) -> Result<Answer<ParameterView>, HttpError> {
    Ok(answer(
        parameters::read(&app, &caller, number, headers.language()).await?,
    ))
}

/// Sets a parameter; the first time without `If-Match`.
#[utoipa::path(put, path = "/parameters/{number}", tag = "parameters", request_body = NewValue,
    params(("number" = u16, Path, description = "Number of the parameter"), ("if-match" = Option<String>, Header)),
    responses((status = 200, body = ParameterView, headers(("etag" = String)))))]
async fn set(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(number): Segments<u16>,
    IfMatch(precondition): IfMatch,
    headers: Headers,
    body: Fields<NewValue>,
) -> Result<Answer<ParameterView>, HttpError> {
    let app = app.having(body.unknown);
    let value = body.value.value.into_text();
    Ok(answer(
        parameters::set(
            &app,
            &caller,
            number,
            &value,
            &precondition,
            headers.language(),
        )
        .await?,
    ))
}

/// Back to the default.
#[utoipa::path(delete, path = "/parameters/{number}", tag = "parameters",
    params(("number" = u16, Path, description = "Number of the parameter"), ("if-match" = Option<String>, Header)),
    responses((status = 200, body = ParameterView)))]
async fn reset(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(number): Segments<u16>,
    IfMatch(precondition): IfMatch,
    headers: Headers,
) -> Result<Answer<ParameterView>, HttpError> {
    Ok(answer(
        parameters::reset(&app, &caller, number, &precondition, headers.language()).await?,
    ))
}

/// Who changed it, when, from what to what; newest first.
#[utoipa::path(get, path = "/parameters/{number}/history", tag = "parameters",
    params(("number" = u16, Path, description = "Number of the parameter"), PageParameters),
    responses((status = 200, body = Page<ChangeView>)))]
async fn history(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(number): Segments<u16>,
    page: PageRequest,
) -> Result<Json<Page<ChangeView>>, HttpError> {
    let text = number.to_string();
    let scope = ["parameter-history", text.as_str()];
    let rows = parameters::history(&app, &caller, number, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, rows)))
}

fn answer(view: ParameterView) -> Answer<ParameterView> {
    let etag = view.etag.clone();
    Answer::new(StatusCode::OK, view).etag(Some(etag))
}
