//! A small service desk to measure on: a template, parameter 417, tickets, and the requests and
//! events that its functions get.

use std::sync::Arc;

use axum::{Router, body::Body};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use service::{App, settings::Settings};
use storage::SharedStorage;
use tests::nowhere::Nowhere;
use tower::ServiceExt;
use web::{caller::Claims, problem::with_problems};

use crate::{Failure, mail::MAIL_FROM};

/// A ticket that is always there.
pub const TICKET: &str = "4217";
/// Messages on one ticket: fewer than what counts as a storm.
pub const MESSAGES_OF_TICKET: usize = 5;
/// A template with all keys of the messaging page.
const TEMPLATE: &str = include_str!("mensageria.html");

/// The use cases and routes over a storage.
#[derive(Clone)]
pub struct SeededDesk {
    /// The use cases.
    pub app: App,
    router: Router,
}

impl SeededDesk {
    /// Over this storage, with a template, parameter 417 and the ticket.
    ///
    /// # Errors
    /// When one of them is refused.
    pub async fn seed(store: SharedStorage) -> Result<Self, Failure> {
        Self::seed_with(store, |_| None).await
    }

    /// The same with these settings.
    ///
    /// # Errors
    /// When one of them is refused.
    pub async fn seed_with(
        store: SharedStorage,
        setting: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let settings = Settings::read(|name| match name {
            "MAIL_FROM" => Some(MAIL_FROM.to_owned()),
            _ => setting(name),
        })?;
        Self::over(App::new(store, settings)).await
    }

    /// The same over these use cases.
    ///
    /// # Errors
    /// When one of them is refused.
    pub async fn over(app: App) -> Result<Self, Failure> {
        let router = with_problems(
            parameters::router(app.clone())
                .merge(templates::router(app.clone(), Arc::new(Nowhere)))
                .merge(tickets::router(app.clone())),
        );
        let desk = Self { app, router };
        let template = json!({
            "identifier": "messages", "title": "[${IDSOLICITACAOSERVICO}] ${SERVICO}",
            "html": TEMPLATE,
        });
        let made = desk.call(&admin(), "POST", "/templates", &template).await?;
        let value = json!({ "value": made["id"] });
        desk.call(&admin(), "PUT", "/parameters/417", &value)
            .await?;
        desk.put_ticket(TICKET).await?;
        Ok(desk)
    }

    /// Stores a ticket.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn put_ticket(&self, id: &str) -> Result<Value, Failure> {
        self.call(
            &integration(),
            "PUT",
            &format!("/tickets/{id}"),
            &ticket(id),
        )
        .await
    }

    /// Posts a message as the technician.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn post_message(&self, ticket: &str) -> Result<Value, Failure> {
        self.post(ticket, &message()).await
    }

    /// Posts any message as the technician.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn post(&self, ticket: &str, message: &Value) -> Result<Value, Failure> {
        let path = format!("/tickets/{ticket}/messages");
        self.call(&technician(), "POST", &path, message).await
    }

    /// Any call of the API.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn call(
        &self,
        claims: &Value,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(claims) = claims.as_object() {
            request = request.extension(Claims(claims.clone()));
        }
        let request = request.body(Body::from(body.to_string()))?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status();
        let text = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            return Ok(serde_json::from_slice(&text)?);
        }
        Err(format!(
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&text)
        )
        .into())
    }
}

/// A ticket with a requester, a responsible technician and a group.
pub fn ticket(id: &str) -> Value {
    json!({
        "id": id, "type": "Incidente", "status": "Em andamento", "priority": "Alta",
        "requester": { "name": "Maria Conceição", "email": requester(id), "locale": "pt-BR" },
        "responsible": { "name": "Bia Araújo", "email": "bia@example.com", "locale": "pt-BR" },
        "group": { "name": "N1", "addresses": ["n1@example.com"] },
        "portfolio": "Portfólio de TI", "service": "Rede corporativa",
        "activity": "Restabelecer acesso à VPN", "demand": "Incidente",
        "description": "<p>A VPN não conecta desde hoje cedo.</p>",
    })
}

/// Address of a ticket's requester.
pub fn requester(ticket: &str) -> String {
    format!("maria.{ticket}@example.com").to_ascii_lowercase()
}

/// What a technician writes.
pub fn message() -> Value {
    json!({
        "html": "<p>Olá! A VPN <b>voltou</b>. Pode testar, por favor?</p>",
        "category": "Resposta", "origin": "Portal",
        "time_spent": { "date": "2026-10-18", "hours": "00:30" },
    })
}

/// Claims of an administrator.
pub fn admin() -> Value {
    json!({ "sub": "ada", "email": "ada@example.com", "name": "Ada", "groups": "[admin]" })
}

/// Claims of the ticket's technician.
pub fn technician() -> Value {
    json!({ "sub": "bia", "email": "bia@example.com", "name": "Bia Araújo", "groups": ["technician", "N1"] })
}

/// Claims of the ITSM system.
fn integration() -> Value {
    json!({ "sub": "itsm", "groups": "[integration]" })
}

/// A request as API Gateway hands it over (HTTP API, payload 2.0).
pub fn gateway(claims: &Value, method: &str, path: &str, body: Option<&Value>) -> Value {
    let token = data_encoding::BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    let claims: Map<_, _> = claims.as_object().cloned().unwrap_or_default();
    let claims: Map<_, _> = claims.into_iter().map(flattened).collect();
    let mut event = json!({
        "version": "2.0", "routeKey": format!("{method} /{{proxy+}}"),
        "rawPath": path, "rawQueryString": "",
        "headers": {
            "accept": "*/*", "authorization": format!("Bearer e30.{token}.c2ln"),
            "content-type": "application/json", "host": "api.example.com", "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443", "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "000000000000", "apiId": "api",
            "authorizer": { "jwt": { "claims": claims, "scopes": null } },
            "domainName": "api.example.com", "domainPrefix": "api",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "bench",
            },
            "requestId": "request", "routeKey": format!("{method} /{{proxy+}}"),
            "stage": "$default", "time": "18/Oct/2026:12:00:00 +0000", "timeEpoch": 1_792_324_800_000_u64,
        },
        "isBase64Encoded": false,
    });
    if let Some(body) = body {
        event["body"] = Value::from(body.to_string());
    }
    event
}

/// A claim as the gateway hands it on: a list becomes a text, whose parts nobody can tell apart.
fn flattened((name, claim): (String, Value)) -> (String, Value) {
    let Some(parts) = claim.as_array() else {
        return (name, claim);
    };
    let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
    (name, Value::from(format!("[{}]", parts.join(" "))))
}

/// A new message as the ITSM system tells it, with an id of its own.
pub fn message_created(id: &str) -> Value {
    let message = json!({
        "text": "Olá! A VPN voltou.",
        "author": { "name": "Bia Araújo", "email": "bia@example.com", "role": "technician" },
    });
    json!({
        "version": "0", "id": uuid::Uuid::now_v7(), "detail-type": "MessageCreated",
        "source": "itsm.tickets", "account": "000000000000", "time": "2026-10-18T12:00:00Z",
        "region": "us-east-1", "resources": [],
        "detail": { "version": 1, "ticket": ticket(id), "message": message },
    })
}

/// Whether a function answered a gateway's request with success.
pub fn succeeded(answer: &Value) -> bool {
    let status = answer["statusCode"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    status
        .and_then(|code| StatusCode::from_u16(code).ok())
        .is_some_and(|code| code.is_success())
}
