//! Request headers: `If-Match`, `Idempotency-Key`, `Accept-Language`.

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

use super::problem::HttpError;
use crate::texts;
use domain::catalog::language::Language;
use service::{Code, Error, Precondition, access::Caller, idempotency::Once};

/// `If-Match` as a handler's argument.
#[derive(Debug)]
pub struct IfMatch(pub Precondition);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(Precondition::None));
        };
        let text = value.to_str().map_err(|_| {
            Error::new(
                Code::RequestInvalid,
                texts::headers::IF_MATCH_IS_NOT_PRINTABLE_ASCII.phrase(),
            )
        })?;
        if text.trim() == "*" {
            return Ok(Self(Precondition::Any));
        }
        // A weak mark never matches (RFC 9110, 13.1.1); ours are strong.
        let marks = text
            .split(',')
            .map(str::trim)
            .filter_map(|mark| mark.strip_prefix('"')?.strip_suffix('"'));
        Ok(Self(Precondition::OneOf(
            marks.map(str::to_owned).collect(),
        )))
    }
}

/// The headers of a request as a handler's argument.
#[derive(Debug)]
pub struct Headers(pub HeaderMap);

impl<S: Send + Sync> FromRequestParts<S> for Headers {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.clone()))
    }
}

impl Headers {
    /// The idempotency key of this request on `route`, if it carries one.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`] when the key is not acceptable.
    pub fn once(&self, caller: &Caller, route: &str, body: &[u8]) -> Result<Option<Once>, Error> {
        let Some(value) = self.0.get("idempotency-key") else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default();
        Once::new(caller, route, key, body).map(Some)
    }

    /// The language that the caller reads; Portuguese when they do not say.
    pub fn language(&self) -> Language {
        language_of(&self.0)
    }
}

/// The language that `Accept-Language` asks for.
pub(super) fn language_of(headers: &HeaderMap) -> Language {
    let header = headers.get(header::ACCEPT_LANGUAGE);
    Language::from_accept_language(
        header
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default(),
    )
}
