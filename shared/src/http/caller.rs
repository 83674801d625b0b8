//! The caller of a request, from claims that the edge verified.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::app::{Code, Error, access::Caller};

/// Claims of a verified token. API Gateway's authorizer or the local runner puts them into the
/// request; nothing else does.
#[derive(Clone, Debug, Default)]
pub struct Claims(pub Map<String, Value>);

/// The caller as an argument of a handler.
#[derive(Clone, Debug)]
pub struct Who(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Some(claims) = parts.extensions.get::<Claims>() else {
            return Err(Error::new(
                Code::Unauthenticated,
                "Send a valid token: Authorization: Bearer <JWT>.",
            ));
        };
        Caller::from_claims(&claims.0).map(Self)
    }
}
