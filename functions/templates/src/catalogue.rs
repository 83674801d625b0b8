//! Routes about what templates are made of: their keys, and templates to start from.

use axum::{Json, extract::State};
use domain::catalog::{Language, starters::Starter};
use render::functions;
use serde::Serialize;
use service::{
    App,
    admin::templates::Draft,
    api::{self, FunctionView, KeyView, TemplateFields},
};
use utoipa::ToSchema;
use web::{
    caller::{Administrators, Only, Who},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    problem::HttpError,
};

/// The keys, and what a template can call beside them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Catalogue {
    /// The keys, in order.
    items: Vec<KeyView>,
    /// Give it back as `cursor` to read on; null at the end.
    next_cursor: Option<String>,
    /// The functions, on every page.
    functions: Vec<FunctionView>,
}

/// The catalogue of keys and functions in the caller's language.
#[utoipa::path(get, path = "/keys", operation_id = "templates_list_keys", tag = "templates", params(PageParameters), responses((status = 200, body = Catalogue)))]
pub(crate) async fn list_keys(
    _caller: Who,
    page: PageRequest,
    headers: Headers,
) -> Result<Json<Catalogue>, HttpError> {
    let language = headers.language();
    let Page { items, next_cursor } = page.of(&["keys"], KeyView::all(language))?;
    Ok(Json(Catalogue {
        items,
        next_cursor,
        functions: api::each(functions::views(language)),
    }))
}

/// A template to start from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StarterView {
    /// Name in calls, the same in every language.
    id: String,
    /// Name in the caller's language.
    name: String,
    /// What it is for, in the caller's language.
    description: String,
    /// Number of the parameter that a template of this kind is made for.
    parameter: u16,
    /// The template, as `POST /templates` takes it: in the installation's language, with the others.
    template: TemplateFields,
}

/// The templates to start from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Starters {
    /// Every starter there is, whatever kind of mail it is for.
    items: Vec<StarterView>,
}

/// Templates to start from, in every language: each can be given to `POST /templates` as it is.
#[utoipa::path(get, path = "/templates/starters", operation_id = "templates_list_starters", tag = "templates",
    responses((status = 200, body = Starters)))]
pub(crate) async fn list_starters(
    State(app): State<App>,
    _admin: Only<Administrators>,
    headers: Headers,
) -> Json<Starters> {
    let (reader, own) = (
        headers.language(),
        Language::of(&app.settings.default_locale),
    );
    let view = |starter: &Starter| StarterView {
        id: starter.id.to_owned(),
        name: starter.names.get(reader).to_owned(),
        description: starter.descriptions.get(reader).to_owned(),
        parameter: starter.parameter,
        template: Draft::of_starter(starter, own).into(),
    };
    Json(Starters {
        items: Starter::all().iter().map(view).collect(),
    })
}
