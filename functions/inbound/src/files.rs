//! Files of messages: a short-lived link for those who may read the message, and what it leads to.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::id::TicketId;
use http::{HeaderName, HeaderValue, StatusCode, header};
use service::{
    App,
    desk::attachments::{self, FileLink, Opened},
};
use storage::files::disposition;
use uuid::Uuid;
use web::{
    caller::{Only, People},
    path::Segments,
    problem::HttpError,
};

/// A link to a file of a message, good for five minutes.
#[utoipa::path(get, path = "/tickets/{id}/messages/{message}/attachments/{number}", tag = "messages",
    params(("id" = String, Path), ("message" = Uuid, Path), ("number" = u16, Path)),
    responses((status = 200, body = FileLink)))]
pub(crate) async fn link(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Segments((id, message, number)): Segments<(TicketId, Uuid, u16)>,
) -> Result<Response, HttpError> {
    let link = attachments::link(&app, &caller, &id, message, number).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(link)).into_response())
}

/// What a link to a file leads to: always a download, never a page. The token is the permission.
#[utoipa::path(get, path = "/files/{token}", tag = "messages", params(("token" = String, Path)), security(()),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 302, description = "The file is behind this link for a minute", headers(("location" = String)))))]
pub(crate) async fn open(
    State(app): State<App>,
    Segments(token): Segments<String>,
) -> Result<Response, HttpError> {
    let mut response = match attachments::open(&app, &token).await? {
        Opened::Elsewhere(link) => {
            let mut response = StatusCode::FOUND.into_response();
            if let Ok(link) = HeaderValue::from_str(&link) {
                response.headers_mut().insert(header::LOCATION, link);
            }
            response
        }
        Opened::Here { name, content } => {
            let mut response = content.into_response();
            if let Ok(shown) = HeaderValue::from_str(&disposition(&name)) {
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_DISPOSITION, shown);
            }
            response
        }
    };
    for (name, value) in SAFE {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Whatever the file is, a browser stores it: it is not shown, guessed at, run or remembered.
const SAFE: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "application/octet-stream"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    ),
    (header::CACHE_CONTROL, "private, no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];
