//! Calls of the API, made as the edges make them.

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storage::Storage;
use tower::ServiceExt;
use web::{caller::Claims, problem::with_problems};

use super::{Desk, integration};

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
    /// Demands this status and gives the body.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }
}

/// Codes and fields of the warnings in an answer.
pub(crate) fn warnings(body: &Value) -> Vec<(&str, &str)> {
    let all = body["warnings"].as_array().expect("warnings");
    let parts = all
        .iter()
        .map(|one| (one["code"].as_str(), one["field"].as_str()));
    parts
        .map(|(code, field)| (code.expect("a code"), field.expect("a field")))
        .collect()
}

impl<S: Storage> Desk<S> {
    /// The routes of all functions.
    fn routes(&self) -> Router {
        let routes = self.routes.get_or_init(|| {
            with_problems(
                ::parameters::router(self.app.clone())
                    .merge(::templates::router(
                        self.app.clone(),
                        self.transport.clone(),
                    ))
                    .merge(::tickets::router(self.app.clone()))
                    .merge(::inbound::router(self.app.clone())),
            )
        });
        routes.clone()
    }

    /// Makes a request that is complete.
    pub(crate) async fn request(&self, request: Request<Body>) -> Answer {
        let response = self
            .routes()
            .oneshot(request)
            .await
            .expect("axum never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            text,
        }
    }

    pub(crate) async fn call(
        &self,
        claims: &Value,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.call_with(claims, method, path, &[], body).await
    }

    pub(crate) async fn call_with(
        &self,
        claims: &Value,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let bytes = body.map(|body| body.to_string()).unwrap_or_default();
        self.request(request(claims, method, path, headers, Body::from(bytes)))
            .await
    }

    /// Posts a message: what the API answers.
    pub(crate) async fn message(&self, claims: &Value, ticket: &str, message: Value) -> Value {
        let path = format!("/tickets/{ticket}/messages");
        let posted = self.call(claims, "POST", &path, Some(message)).await;
        posted.expect(202)
    }

    /// Stores a ticket of Maria that Fabio follows and Bia works on, in group N1.
    pub(crate) async fn ticket(&self, id: &str) {
        let snapshot = json!({
            "requester": { "name": "Maria", "email": super::MARIA },
            "followers": [{ "name": "Fabio", "email": "fabio@example.com" }],
            "responsible": { "name": "Bia", "email": "bia@example.com" },
            "group": { "name": "N1", "addresses": ["n1@example.com"] },
        });
        let (itsm, path) = (integration(), format!("/tickets/{id}"));
        let stored = self.call(&itsm, "PUT", &path, Some(snapshot)).await;
        stored.expect(201);
    }
}

/// A request with the claims of a verified token; in English, unless the headers say otherwise.
pub(crate) fn request(
    claims: &Value,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !headers.iter().any(|(name, _)| *name == "accept-language") {
        request = request.header("accept-language", "en");
    }
    let mut request = request.body(body).expect("a request");
    if let Value::Object(claims) = claims {
        request.extensions_mut().insert(Claims(claims.clone()));
    }
    request
}
