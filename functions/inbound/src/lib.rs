//! Edge of what comes in: mails that SES put into the bucket, the quarantine, and files of messages.

mod erasures;
mod event;
mod files;
mod quarantine;

use axum::{
    Router,
    routing::{get, post},
};
use service::App;
use utoipa::OpenApi;
use web::query::documented;

pub use event::handle;

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/quarantine", get(quarantine::list))
        .route("/quarantine/counts", get(quarantine::counts))
        .route("/quarantine/{mail}", get(quarantine::read))
        .route("/quarantine/{mail}/original", get(quarantine::original))
        .route("/quarantine/{mail}/files/{number}", get(quarantine::file))
        .route("/quarantine/{mail}/accept", post(quarantine::accept))
        .route("/quarantine/{mail}/dismiss", post(quarantine::dismiss))
        .route(
            "/tickets/{id}/messages/{message}/attachments/{number}",
            get(files::link),
        )
        .route("/files/{token}", get(files::open))
        .route("/erasures", get(erasures::list).post(erasures::erase))
        .layer(documented::<Document>())
        .with_state(app)
}

/// What this function adds to the OpenAPI document.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    quarantine::list,
    quarantine::counts,
    quarantine::read,
    quarantine::original,
    quarantine::file,
    quarantine::accept,
    quarantine::dismiss,
    files::link,
    files::open,
    erasures::list,
    erasures::erase
))]
pub struct Document;
