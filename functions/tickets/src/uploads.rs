//! Files that go with a message that is still to be written.

use axum::extract::{Request, State};
use domain::id::TicketId;
use http::StatusCode;
use service::{
    App,
    desk::uploads::{self, NewUpload, UploadOffer},
};
use web::{
    body::{self, Fields},
    caller::{Only, Writers},
    headers::Headers,
    path::Segments,
    problem::HttpError,
    respond::Answer,
};

/// Offers a place for a file: put it there, then name the id in `attachments` of the message. What
/// parameters 278 and 318 refuse is refused here. Nobody looks at it for viruses.
#[utoipa::path(post, path = "/tickets/{id}/uploads", operation_id = "uploads_offer", tag = "uploads",
    request_body = NewUpload, params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 201, body = UploadOffer)))]
pub(crate) async fn offer(
    State(app): State<App>,
    Only { caller, .. }: Only<Writers>,
    Segments(id): Segments<TicketId>,
    headers: Headers,
    body: Fields<NewUpload>,
) -> Result<Answer<UploadOffer>, HttpError> {
    let once = headers.once(&caller, &format!("POST /tickets/{id}/uploads"), &body.bytes)?;
    let app = app.having(body.unknown);
    let offer = uploads::offer(&app, &caller, &id, &body.value, once.as_ref()).await?;
    let (offer, replayed) = offer.into_parts();
    Ok(Answer::new(StatusCode::CREATED, offer).replayed(replayed))
}

/// Takes the bytes of a file where an offer led here: on one machine. On AWS offers lead to the bucket.
#[utoipa::path(put, path = "/uploads/{token}", operation_id = "uploads_receive", tag = "uploads",
    params(("token" = String, Path)), security(()),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204)))]
pub(crate) async fn receive(
    State(app): State<App>,
    Segments(token): Segments<String>,
    request: Request,
) -> Result<StatusCode, HttpError> {
    let expected = uploads::expected(&app, &token)?;
    let most = usize::try_from(expected.size).unwrap_or(usize::MAX);
    let content = body::read(request, most).await?;
    uploads::receive(&app, &expected, content).await?;
    Ok(StatusCode::NO_CONTENT)
}
