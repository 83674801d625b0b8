//! Routes about what became of a message's mails.

use axum::{Json, extract::State};
use domain::id::TicketId;
use http::StatusCode;
use service::{
    App,
    desk::{
        explain::{self, Explanation},
        messages::DeliveryView,
    },
    outgoing::{
        resend,
        resend_many::{self, ResendFilter, Resent},
    },
};
use uuid::Uuid;
use web::{
    body::{Fields, Unread},
    caller::{Administrators, Agents, Only},
    headers::Headers,
    path::Segments,
    problem::HttpError,
    respond::Answer,
};

/// Who was considered for a message, who got mail, who did not and by which rule.
#[utoipa::path(get, path = "/tickets/{id}/messages/{message}/explain", tag = "deliveries",
    params(("id" = String, Path), ("message" = Uuid, Path), ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = Explanation)))]
pub(crate) async fn explain(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments((id, message)): Segments<(TicketId, Uuid)>,
    headers: Headers,
) -> Result<Json<Explanation>, HttpError> {
    Ok(Json(
        explain::message(&app, &caller, &id, message, headers.language()).await?,
    ))
}

/// Sends again: a new attempt of a delivery that failed, bounced, is unknown or unconfirmed.
#[utoipa::path(post, path = "/tickets/{id}/messages/{message}/deliveries/{delivery}/resend", tag = "deliveries",
    params(("id" = String, Path), ("message" = Uuid, Path), ("delivery" = Uuid, Path),
        ("idempotency-key" = Option<String>, Header)),
    responses((status = 202, body = DeliveryView)))]
pub(crate) async fn resend(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments((id, message, delivery)): Segments<(TicketId, Uuid, Uuid)>,
    headers: Headers,
    body: Unread,
) -> Result<Answer<DeliveryView>, HttpError> {
    let body = body.empty()?;
    let route = format!("POST /tickets/{id}/messages/{message}/deliveries/{delivery}/resend");
    let once = headers.once(&caller, &route, &body)?;
    let done = resend::delivery(&app, &caller, &id, message, delivery, once.as_ref()).await?;
    let (view, replayed) = done.into_parts();
    Ok(Answer::new(StatusCode::ACCEPTED, view).replayed(replayed))
}

/// Sends many again, after an outage: what was chosen by state, reason, time and ticket. With `dry_run`
/// it says how many there are, and how many of them may arrive twice. One call takes 100 at most:
/// go on with `next_cursor`.
#[utoipa::path(post, path = "/deliveries/resend", operation_id = "deliveries_resend_many", tag = "deliveries",
    request_body = ResendFilter, params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = Resent)))]
pub(crate) async fn resend_many(
    State(app): State<App>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: Fields<ResendFilter>,
) -> Result<Answer<Resent>, HttpError> {
    let once = headers.once(&caller, "POST /deliveries/resend", &body.bytes)?;
    let app = app.having(body.unknown);
    let done = resend_many::deliveries(&app, &caller, &body.value, once.as_ref()).await?;
    let (done, replayed) = done.into_parts();
    Ok(Answer::new(StatusCode::OK, done).replayed(replayed))
}
