//! Routes about the deliveries that need somebody.

use axum::{Json, extract::State};
use domain::{delivery::DeliveryStatus, reason::Reason};
use serde::{Deserialize, Deserializer, de::Error as _};
use service::{
    App,
    desk::{explain::DeliveryReport, tickets},
    outgoing::attention::{
        self, AttentionFilter, AttentionRow, DeliveryCounts, DeliveryRef, Dismiss, DismissMany,
        DismissedMany,
    },
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::{
    body::Fields,
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
    status: Option<Stuck>,
    /// Only those with this reason, such as `BOUNCED` or `SUPPRESSED`; one for which all mail is held alike
    /// lists what waits for it.
    #[serde(default, deserialize_with = "reason")]
    #[param(value_type = Option<String>)]
    reason: Option<Reason>,
    /// Only those of this ticket.
    ticket: Option<String>,
}

/// A state in which a delivery may need somebody.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Stuck {
    /// The recipient's server refused it.
    Bounced,
    /// The recipient called it spam.
    Complained,
    /// The provider refused it after acceptance.
    Rejected,
    /// It waits for something that people change.
    Held,
    /// It will not be sent.
    Failed,
    /// It may have left or not.
    Unknown,
    /// It was accepted, and no event came.
    Unconfirmed,
}

impl From<Stuck> for DeliveryStatus {
    fn from(state: Stuck) -> Self {
        match state {
            Stuck::Bounced => Self::Bounced,
            Stuck::Complained => Self::Complained,
            Stuck::Rejected => Self::Rejected,
            Stuck::Held => Self::Held,
            Stuck::Failed => Self::Failed,
            Stuck::Unknown => Self::Unknown,
            Stuck::Unconfirmed => Self::Unconfirmed,
        }
    }
}

/// A reason for which a delivery may need somebody, by its code.
fn reason<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Reason>, D::Error> {
    let code = String::deserialize(from)?;
    let mut possible = Reason::ALL.iter().filter(|one| one.may_need_somebody());
    if let Some(found) = possible.clone().find(|one| one.code() == code) {
        return Ok(Some(*found));
    }
    let known = Vec::from_iter(possible.by_ref().map(|one| one.code())).join("`, `");
    // In the words of serde, which are told in the caller's language.
    Err(D::Error::custom(format_args!(
        "unknown variant `{code}`, expected one of `{known}`"
    )))
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
    let filter = AttentionFilter {
        status: wanted.status.map(Into::into),
        reason: wanted.reason,
        ticket_id: wanted.ticket.map(|id| tickets::id(&id)).transpose()?,
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
    body: Fields<Dismiss>,
) -> Result<Json<DeliveryReport>, HttpError> {
    let which = DeliveryRef {
        ticket_id,
        message_id,
        id,
    };
    let app = app.having(body.unknown);
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
    body: Fields<DismissMany>,
) -> Result<Json<DismissedMany>, HttpError> {
    let app = app.having(body.unknown);
    let language = headers.language();
    Ok(Json(
        attention::dismiss_many(&app, &caller, &body.value, language).await?,
    ))
}
