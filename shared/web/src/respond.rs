//! Answers: JSON with a status, an `ETag`, a `Location`, the mark of a replay.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A JSON answer and its headers.
#[derive(Debug)]
pub struct Answer<T> {
    status: StatusCode,
    body: T,
    etag: Option<String>,
    location: Option<String>,
    replayed: bool,
}

impl<T: Serialize> Answer<T> {
    /// `body` with this status.
    pub fn new(status: StatusCode, body: T) -> Self {
        Self {
            status,
            body,
            etag: None,
            location: None,
            replayed: false,
        }
    }
    /// The same with an `ETag`.
    #[must_use]
    pub fn etag(mut self, mark: Option<String>) -> Self {
        self.etag = mark;
        self
    }
    /// The same with a `Location`.
    #[must_use]
    pub fn location(mut self, path: String) -> Self {
        self.location = Some(path);
        self
    }
    /// The same, marked as the answer to an earlier request with the same key.
    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        let values = [
            (header::ETAG, self.etag.map(|mark| format!("\"{mark}\""))),
            (header::LOCATION, self.location),
        ];
        for (name, value) in values {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        if self.replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}
