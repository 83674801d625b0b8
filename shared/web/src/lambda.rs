//! The edge of an HTTP function: API Gateway (HTTP API, payload 2.0) to an axum router.

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderMap, header::AUTHORIZATION};
pub use lambda_http::Error;
use lambda_http::{
    Adapter, LambdaEvent, RequestExt, Service,
    request::{LambdaRequest, RequestContext},
    service_fn,
};
use serde_json::{Map, Value, value::RawValue};

use super::{
    caller::Claims,
    problem::{RequestId, with_problems},
};
use service::access::with_groups_of;

/// Serves `router` to the Lambda runtime until it ends.
///
/// # Errors
/// When the runtime API is out of reach.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(behind_gateway(router)).await
}

/// The same for a function that events wake too: what is not a request of API Gateway goes to `events`.
///
/// # Errors
/// When the runtime API is out of reach.
pub async fn serve_with_events<F, R>(router: Router, events: F) -> Result<(), Error>
where
    F: Fn(Value) -> R,
    R: Future<Output = service::Result<()>>,
{
    let (requests, events) = (Adapter::from(behind_gateway(router)), &events);
    let answer = |event: LambdaEvent<Box<RawValue>>| {
        let mut requests = requests.clone();
        async move {
            let payload: Value = serde_json::from_str(event.payload.get())?;
            if payload.get("requestContext").is_none() {
                // Apart from what the runtime moves about with each event.
                Box::pin(events(payload)).await?;
                return Ok(Value::Null);
            }
            let request: LambdaRequest = serde_json::from_str(event.payload.get())?;
            let request = LambdaEvent::new(request, event.context);
            let response = requests.call(request).await?;
            serde_json::to_value(response).map_err(Error::from)
        }
    };
    lambda_http::lambda_runtime::run(service_fn(answer)).await
}

/// `router` as it takes requests that API Gateway handed over: with the claims that the gateway
/// verified, and every error a problem document.
pub fn behind_gateway(router: Router) -> Router {
    with_problems(router).layer(middleware::from_fn(identify))
}

/// Puts the claims that the authorizer verified, and the gateway's request id, into the request.
async fn identify(mut request: Request, next: Next) -> Response {
    let context = request.request_context_ref().cloned();
    if let Some(RequestContext::ApiGatewayV2(context)) = context {
        if let Some(id) = context.request_id {
            request.extensions_mut().insert(RequestId(id));
        }
        if let Some(jwt) = context.authorizer.and_then(|authorizer| authorizer.jwt) {
            let claims: Map<_, _> = jwt
                .claims
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect();
            match with_groups_of(claims, token(request.headers())) {
                Ok(claims) => drop(request.extensions_mut().insert(Claims(claims))),
                // Without claims every closed route answers that a token is missing.
                Err(reason) => tracing::warn!(reason, "claims not taken"),
            }
        }
    }
    next.run(request).await
}

/// The text of the one `Authorization` header, with or without its scheme, as the gateway takes it. The
/// gateway joins several with commas and has verified one of them: which one is not known here,
/// so none is taken.
fn token(headers: &HeaderMap) -> &str {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return "";
    };
    let value = value.to_str().unwrap_or_default();
    let words: Vec<&str> = value.split_whitespace().collect();
    match words.as_slice() {
        _ if value.contains(',') => "",
        [token] => token,
        [scheme, token] if scheme.eq_ignore_ascii_case("bearer") => token,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use axum::{Extension, Json, body::Body, routing::get};
    use http_body_util::BodyExt;
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;

    async fn seen(authorization: &[&str]) -> Option<Value> {
        let flat =
            json!({ "sub": "7", "groups": "[N1 admin]", "cognito:groups": "[admin technician]" });
        let event = json!({
            "version": "2.0", "routeKey": "GET /who", "rawPath": "/who", "rawQueryString": "",
            "headers": { "authorization": authorization.join(",") },
            "requestContext": {
                "requestId": "id", "domainName": "api.example.com", "stage": "$default",
                "http": { "method": "GET", "path": "/who" },
                "authorizer": { "jwt": { "claims": flat, "scopes": null } },
            },
            "isBase64Encoded": false,
        });
        let request = lambda_http::request::from_str(&event.to_string()).expect("a request");
        let who = |claims: Option<Extension<Claims>>| async move {
            Json(claims.map(|Extension(claims)| claims.0))
        };
        let router = behind_gateway(Router::new().route("/who", get(who)));
        let request = request.map(|_| Body::empty());
        let response = router.oneshot(request).await.expect("an answer");
        let bytes = response.into_body().collect().await.expect("a body");
        serde_json::from_slice(&bytes.to_bytes()).expect("JSON")
    }

    fn token(payload: &str) -> String {
        let payload = data_encoding::BASE64URL_NOPAD.encode(payload.as_bytes());
        format!("Bearer e30.{payload}.c2ln")
    }

    #[tokio::test]
    async fn groups_come_from_the_token_that_the_gateway_verified() {
        let own = token(r#"{"sub":"7","groups":["N1 admin"]}"#);
        let claims = seen(&[&own]).await.expect("claims");
        assert_eq!(claims, json!({ "sub": "7", "groups": ["N1 admin"] }));
        let bare = own.trim_start_matches("Bearer ").to_owned();
        assert_eq!(seen(&[&bare]).await, Some(claims));
    }

    #[tokio::test]
    async fn without_a_readable_token_the_flat_claims_stay() {
        for header in [&["Bearer x"][..], &["Bearer a.b.c", "Bearer d.e.f"], &[""]] {
            let claims = seen(header).await.expect("claims");
            assert_eq!(claims["cognito:groups"], "[admin technician]", "{header:?}");
        }
    }

    #[tokio::test]
    async fn of_several_tokens_none_gives_a_group() {
        let verified = token(r#"{"sub":"7","groups":["N1 admin"]}"#);
        let forged = token(r#"{"sub":"7","groups":["admin"]}"#);
        let together = format!("{verified} {forged}");
        for headers in [
            &[verified.as_str(), &forged][..],
            &[&forged, &verified],
            &[together.as_str()],
        ] {
            let claims = seen(headers).await.expect("claims");
            assert_eq!(claims["groups"], "[N1 admin]", "{headers:?}");
        }
    }

    #[tokio::test]
    async fn a_token_of_somebody_else_is_nobody() {
        let other = token(r#"{"sub":"8","groups":["admin"]}"#);
        assert_eq!(seen(&[&other]).await, None);
    }
}
