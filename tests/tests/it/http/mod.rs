//! The routes of all functions over the embedded store, called as the edges call them.

mod access;
mod bad_input;
mod calls;
mod conversation;
mod imports;
mod links;
mod me;
mod names;
mod pages;
mod parameters;
mod previews;
mod readiness;
mod routes;
mod sending;
mod snapshots;
mod snippets;
mod strictness;
mod template_editor;
mod templates;
mod test_mails;
mod uploads;
mod words;

use std::sync::Arc;

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use service::{App, settings::Settings};
use storage::{SharedStorage, embedded::Embedded};
use tower::ServiceExt;
use web::{caller::Claims, problem::with_problems};

use crate::sending::transport::Scripted;

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

/// The whole API over a store of its own.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) mails: Arc<Scripted>,
    router: Router,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// With these settings on top.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        let store = Embedded::in_memory().expect("an empty store");
        Self::made(Arc::new(store), settings, Timestamp::now)
    }

    pub(crate) fn over(store: SharedStorage) -> Self {
        Self::made(store, &[], Timestamp::now)
    }

    /// The same by another clock.
    pub(crate) fn with_clock(
        settings: &[(&str, &str)],
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let store = Embedded::in_memory().expect("an empty store");
        Self::made(Arc::new(store), settings, clock)
    }

    fn made(
        store: SharedStorage,
        settings: &[(&str, &str)],
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let settings = Settings::read(|name| {
            let own = settings.iter().find(|(known, _)| *known == name);
            let default = (name == "MAIL_FROM").then_some("desk@mensageria.example");
            own.map(|(_, value)| *value).or(default).map(str::to_owned)
        });
        Self::of(App::new(store, settings.expect("settings")).with_clock(clock))
    }

    /// The whole API over these use cases.
    pub(crate) fn of(app: App) -> Self {
        let mails = Arc::new(Scripted::new());
        let router = with_problems(
            ::parameters::router(app.clone())
                .merge(::templates::router(app.clone(), mails.clone()))
                .merge(::tickets::router(app.clone()))
                .merge(::inbound::router(app.clone())),
        );
        Self { app, mails, router }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self
            .router
            .clone()
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
        self.send(request(claims, method, path, headers, Body::from(bytes)))
            .await
    }

    /// Stores a ticket of Maria that Bia works on, in group N1.
    pub(crate) async fn ticket(&self, id: &str) {
        let snapshot = json!({
            "requester": { "name": "Maria", "email": "maria@example.com" },
            "followers": [{ "name": "Fabio", "email": "fabio@example.com" }],
            "responsible": { "name": "Bia", "email": "bia@example.com" },
            "group": { "name": "N1", "addresses": ["n1@example.com"] },
        });
        self.call(
            &integration(),
            "PUT",
            &format!("/tickets/{id}"),
            Some(snapshot),
        )
        .await
        .expect(201);
    }
}

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

pub(crate) fn person(role: &str, email: &str, groups: &[&str]) -> Value {
    let groups: Vec<_> = std::iter::once(role)
        .chain(groups.iter().copied())
        .collect();
    json!({ "sub": email, "email": email, "name": email.split('@').next(), "groups": groups })
}

pub(crate) fn maria() -> Value {
    person("requester", "maria@example.com", &[])
}
pub(crate) fn bia() -> Value {
    person("technician", "bia@example.com", &[])
}
pub(crate) fn admin() -> Value {
    person("admin", "admin@example.com", &[])
}
pub(crate) fn integration() -> Value {
    json!({ "sub": "itsm", "groups": ["integration"] })
}
pub(crate) fn nobody() -> Value {
    Value::Null
}
