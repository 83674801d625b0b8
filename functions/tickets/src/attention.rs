//! Routes about the deliveries that need somebody.

use axum::{Json, extract::State};
use domain::{delivery::DeliveryStatus, reason::Recorded};
use serde::Deserialize;
use service::{
    App,
    desk::{explain::DeliveryReport, tickets},
    outgoing::attention::{
        self, AttentionFilter, AttentionRow, DeliveryCounts, DeliveryRef, Dismiss, DismissMany,
        DismissedMany,
    },
};
use utoipa::IntoParams;
use uuid::Uuid;
use web::{
    body::Body,
    caller::{Agents, Only},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::Query,
};

/// Which deliveries a list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only those in this state. `held` also lists what waits for something that holds all mail alike,
    /// such as a template with errors.
    #[param(inline)]
    status: Option<DeliveryStatus>,
    /// Only those with this reason, such as `BOUNCED` or `SUPPRESSED`.
    reason: Option<String>,
    /// Only those of this ticket.
    ticket: Option<String>,
}

/// The deliveries on the caller's tickets that only a person can bring further, newest first: bounced,
/// rejected, failed, complained about, unknown, unconfirmed, or held by a suppressed address. A page
/// may be short while there is a next one. One leaves the list when it is sent again or dismissed, when
/// news comes of it, or after 180 days.
#[utoipa::path(get, path = "/deliveries", operation_id = "deliveries_list", tag = "deliveries",
    params(ListQuery, PageParameters, ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = Page<AttentionRow>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Query(wanted): Query<ListQuery>,
    page: PageRequest,
    headers: Headers,
) -> Result<Json<Page<AttentionRow>>, HttpError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = AttentionFilter {
        status: wanted.status,
        reason: given(wanted.reason).map(Recorded::of),
        ticket_id: given(wanted.ticket)
            .map(|id| tickets::id(&id))
            .transpose()?,
    };
    let text = format!("{filter:?}");
    let scope = ["deliveries", caller.sub.as_str(), text.as_str()];
    let (after, language) = (page.after(&scope)?, headers.language());
    let rows = attention::list(&app, &caller, &filter, page.limit, after, language).await?;
    Ok(Json(page.page(&scope, rows)))
}

/// How many deliveries on the caller's tickets need somebody, by state and reason.
#[utoipa::path(get, path = "/deliveries/counts", operation_id = "deliveries_counts", tag = "deliveries",
    params(("accept-language" = Option<String>, Header)), responses((status = 200, body = DeliveryCounts)))]
pub(crate) async fn counts(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
) -> Result<Json<DeliveryCounts>, HttpError> {
    Ok(Json(
        attention::counts(&app, &caller, headers.language()).await?,
    ))
}

/// Takes a delivery off the list of those that need somebody, until its state changes.
#[utoipa::path(post, path = "/tickets/{id}/messages/{message}/deliveries/{delivery}/dismiss",
    operation_id = "deliveries_dismiss", tag = "deliveries", request_body = Dismiss,
    params(("id" = String, Path), ("message" = Uuid, Path), ("delivery" = Uuid, Path),
        ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = DeliveryReport)))]
pub(crate) async fn dismiss(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments((ticket_id, message_id, id)): Segments<(String, Uuid, Uuid)>,
    headers: Headers,
    body: Body<Dismiss>,
) -> Result<Json<DeliveryReport>, HttpError> {
    let which = DeliveryRef {
        ticket_id,
        message_id,
        id,
    };
    let delivery = attention::dismiss(&app, &caller, &which, &body.value).await?;
    Ok(Json(DeliveryReport::new(&delivery, headers.language())))
}

/// Takes many deliveries off the list; each is decided on its own.
#[utoipa::path(post, path = "/deliveries/dismiss", operation_id = "deliveries_dismiss_many", tag = "deliveries",
    request_body = DismissMany, params(("accept-language" = Option<String>, Header)),
    responses((status = 200, body = DismissedMany)))]
pub(crate) async fn dismiss_many(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
    body: Body<DismissMany>,
) -> Result<Json<DismissedMany>, HttpError> {
    let language = headers.language();
    Ok(Json(
        attention::dismiss_many(&app, &caller, &body.value, language).await?,
    ))
}
