//! Routes about who mail is from.

use axum::{Json, extract::State};
use http::StatusCode;
use service::{
    App,
    admin::identities::{self, IdentityView, New},
    api::IdentityChangeView,
};
use web::{
    body::Fields,
    caller::{Administrators, Only},
    headers::IfMatch,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    respond::Answer,
};

/// Who mail is from and how it is signed, by the contract of its ticket. What a contract's identity
/// leaves open comes from that of every contract (`*`), then from parameter 10 and the stack.
#[utoipa::path(get, path = "/identities", operation_id = "identities_list", tag = "identities", params(PageParameters),
    responses((status = 200, body = Page<IdentityView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    page: PageRequest,
) -> Result<Json<Page<IdentityView>>, HttpError> {
    let items = identities::list(&app, &caller).await?;
    Ok(Json(page.of(&["identities"], items)?))
}

/// The identity of one contract.
#[utoipa::path(get, path = "/identities/{contract}", operation_id = "identities_read", tag = "identities",
    params(("contract" = String, Path, description = "The contract as tickets name it; `*` for every contract")),
    responses((status = 200, body = IdentityView, headers(("etag" = String)))))]
pub(crate) async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(contract): Segments<String>,
) -> Result<Answer<IdentityView>, HttpError> {
    let view = identities::read(&app, &caller, &contract).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Sets the identity of a contract; the first time without `If-Match`. It holds for what
/// leaves from then on.
#[utoipa::path(put, path = "/identities/{contract}", operation_id = "identities_put", tag = "identities", request_body = New,
    params(("contract" = String, Path, description = "The contract as tickets name it; `*` for every contract"),
        ("if-match" = Option<String>, Header)),
    responses((status = 200, body = IdentityView, headers(("etag" = String))), (status = 201, body = IdentityView)))]
pub(crate) async fn set(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(contract): Segments<String>,
    IfMatch(precondition): IfMatch,
    body: Fields<New>,
) -> Result<Answer<IdentityView>, HttpError> {
    let app = app.having(body.unknown);
    let (view, created) =
        identities::set(&app, &caller, &contract, &body.value, &precondition).await?;
    let status = match created {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok(answer(status, view))
}

/// Removes the identity of a contract: what holds for every contract holds for it.
#[utoipa::path(delete, path = "/identities/{contract}", operation_id = "identities_delete", tag = "identities",
    params(("contract" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn remove(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(contract): Segments<String>,
    IfMatch(precondition): IfMatch,
) -> Result<StatusCode, HttpError> {
    identities::remove(&app, &caller, &contract, &precondition).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(status: StatusCode, view: IdentityView) -> Answer<IdentityView> {
    let etag = view.etag.clone();
    Answer::new(status, view).etag(Some(etag))
}

/// Changes of the identity of a contract, newest first, also of one that was removed.
#[utoipa::path(get, path = "/identities/{contract}/history", operation_id = "identities_history", tag = "identities",
    params(("contract" = String, Path, description = "The contract as tickets name it; `*` for every contract"),
        PageParameters),
    responses((status = 200, body = Page<IdentityChangeView>)))]
pub(crate) async fn history(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    Segments(contract): Segments<String>,
    page: PageRequest,
) -> Result<Json<Page<IdentityChangeView>>, HttpError> {
    let scope = ["identity-history", contract.as_str()];
    let after = page.after(&scope)?;
    let rows = identities::history(&app, &caller, &contract, page.limit, after).await?;
    Ok(Json(page.page(&scope, rows)))
}
