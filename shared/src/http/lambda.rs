//! The edge of an HTTP function: API Gateway (HTTP API, payload 2.0) to an axum router.

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
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

/// Serves `router` to the Lambda runtime until it ends.
///
/// # Errors
/// When the runtime API is out of reach.
pub async fn serve(router: Router) -> Result<(), Error> {
    lambda_http::run(behind_gateway(router)).await
}

/// The same for a function that events wake too: what is no request of API Gateway goes to `events`.
///
/// # Errors
/// When the runtime API is out of reach.
pub async fn serve_with_events<F, R>(router: Router, events: F) -> Result<(), Error>
where
    F: Fn(Value) -> R,
    R: Future<Output = crate::app::Result<()>>,
{
    let (requests, events) = (Adapter::from(behind_gateway(router)), &events);
    let answer = |event: LambdaEvent<Box<RawValue>>| {
        let mut requests = requests.clone();
        async move {
            let payload: Value = serde_json::from_str(event.payload.get())?;
            if payload.get("requestContext").is_none() {
                events(payload).await?;
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
            request.extensions_mut().insert(Claims(claims));
        }
    }
    next.run(request).await
}
