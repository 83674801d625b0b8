//! The web console: one page, its files, and how to sign in. It serves the same everywhere: the
//! Lambda function and the local runner share this router, and it reads no storage.

mod config;
mod files;
mod headers;
mod page;
mod texts;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
pub use config::{Config, ConfigError, Login};
pub use files::{File, Files};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use service::{Code, Error};
use web::problem::HttpError;

struct Console {
    config: Config,
    files: Files,
}

/// The routes of the console: `/` and everything below `/app/`.
pub fn router(config: Config, files: Files) -> Router {
    Router::new()
        .route("/", get(start))
        .route("/app", get(start))
        .route("/app/", get(index))
        .route("/app/config.json", get(settings))
        .route("/app/preview.html", get(preview))
        .route("/app/{*path}", get(file))
        .with_state(Arc::new(Console { config, files }))
}

async fn start() -> impl IntoResponse {
    (StatusCode::FOUND, [(header::LOCATION, "/app/")])
}

async fn index(State(console): State<Arc<Console>>) -> Response {
    let policy = headers::application_policy(&console.config);
    let headers = headers::of_page(&console.config, &policy);
    (headers, page::index(&console.config, console.files.hash())).into_response()
}

async fn settings(State(console): State<Arc<Console>>) -> Response {
    let mut headers = headers::of_file(&console.config);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, Json(&console.config)).into_response()
}

/// The frame of mails; `?images=1` lets pictures of other hosts load in it.
async fn preview(
    State(console): State<Arc<Console>>,
    RawQuery(query): RawQuery,
) -> Result<Response, HttpError> {
    let file = find(&console, "preview.html")?;
    let page = String::from_utf8_lossy(&file.content).into_owned();
    let images = query.is_some_and(|query| query.split('&').any(|pair| pair == "images=1"));
    let policy = headers::preview_policy(&files::script_hashes(&page), images);
    let mut headers = headers::of_page(&console.config, &policy);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file.media_type),
    );
    Ok((headers, page).into_response())
}

/// `/app/{hash}/{file}` is a file; every other path is one of the application's own addresses.
async fn file(
    State(console): State<Arc<Console>>,
    Path(path): Path<String>,
    asked: HeaderMap,
) -> Result<Response, HttpError> {
    let Some((hash, name)) = path.split_once('/').filter(|(hash, _)| is_hash(hash)) else {
        return Ok(index(State(console)).await);
    };
    if hash != console.files.hash() {
        return Err(absent().into());
    }
    let file = find(&console, name)?;
    let mut headers = headers::of_file(&console.config);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file.media_type),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(match console.files.immutable() {
            true => "public, max-age=31536000, immutable",
            false => "no-store",
        }),
    );
    let content = match file.brotli {
        Some(brotli) if takes_brotli(&asked) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            Body::from(brotli)
        }
        _ => Body::from(file.content.into_owned()),
    };
    Ok((headers, content).into_response())
}

fn find(console: &Console, name: &str) -> Result<File, Error> {
    let found = console.files.get(name).map_err(|error| {
        tracing::error!(%error, "the folder of the console cannot be read");
        Error::new(
            Code::Internal,
            texts::files::THE_FOLDER_OF_THE_CONSOLE_CANNOT_BE_READ.phrase(),
        )
    })?;
    found.ok_or_else(absent)
}

fn absent() -> Error {
    Error::new(Code::NotFound, texts::files::THERE_IS_NO_SUCH_FILE.phrase())
}

fn is_hash(segment: &str) -> bool {
    segment.len() == 16 && segment.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether `Accept-Encoding` names brotli with a weight that is not zero.
fn takes_brotli(asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).into_iter();
    let lines = values.filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("br") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests;
