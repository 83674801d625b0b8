//! Query parameters: what a route does not document, it refuses.

use axum::{
    Extension,
    extract::{FromRequestParts, MatchedPath},
};
use http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::{
    OpenApi,
    openapi::{
        RefOr,
        path::{Operation, ParameterIn, PathItem},
    },
};

use super::problem::HttpError;
use crate::texts;

use service::{
    Code, Error, Finding,
    json::{self, at, unknown},
};

/// Query parameters as a handler's argument.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason
                    .rsplit_once("string: ")
                    .map_or("", |(_, reason)| reason);
                let detail = texts::query::THE_QUERY_CANNOT_BE_READ.phrase();
                let (name, reason) = reason.split_once(": ").unwrap_or((".", reason));
                let detail = detail.with_phrase("reason", at(name, json::reason(reason)));
                Err(Error::new(Code::RequestInvalid, detail).into())
            }
        }
    }
}

/// The document of a router, for [`refuse_unknown`].
#[derive(Clone, Copy, Debug)]
struct Documented(fn() -> utoipa::openapi::OpenApi);

/// A layer for the routes that `D` documents.
pub fn documented<D: OpenApi>() -> Extension<impl Clone + Send + Sync + 'static> {
    Extension(Documented(D::openapi))
}

/// Refuses query parameters that the route does not document: what a caller wants with them would
/// not be done, and nobody would notice. The document is made for a request with a query alone.
///
/// # Errors
/// [`Code::RequestInvalid`], naming each.
pub(super) fn refuse_unknown(parts: &Parts) -> Result<(), Error> {
    let query = parts.uri.query().filter(|query| !query.is_empty());
    let (Some(_), Some(documented), Some(path)) = (
        query,
        parts.extensions.get::<Documented>(),
        parts.extensions.get::<MatchedPath>(),
    ) else {
        return Ok(());
    };
    let document = (documented.0)();
    let Some(operation) = document
        .paths
        .paths
        .get(path.as_str())
        .and_then(|item| operation(item, &parts.method))
    else {
        return Ok(());
    };
    let known: Vec<&str> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .filter(|parameter| parameter.parameter_in == ParameterIn::Query)
        .map(|parameter| parameter.name.as_str())
        .collect();
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    let given = pairs
        .map(|axum::extract::Query(pairs)| pairs)
        .unwrap_or_default();
    let unknown: Vec<Finding> = given
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, _)| unknown("PARAMETER_UNKNOWN", name, &known))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let detail = match known.as_slice() {
        [] => texts::query::THIS_ROUTE_HAS_NO_QUERY_PARAMETERS.phrase(),
        known => texts::query::A_QUERY_PARAMETER_IS_NOT_KNOWN.with("known", known.join(", ")),
    };
    Err(Error::new(Code::RequestInvalid, detail).with_errors(unknown))
}

fn operation<'a>(item: &'a PathItem, method: &http::Method) -> Option<&'a Operation> {
    match *method {
        http::Method::GET | http::Method::HEAD => item.get.as_ref(),
        http::Method::PUT => item.put.as_ref(),
        http::Method::POST => item.post.as_ref(),
        http::Method::DELETE => item.delete.as_ref(),
        http::Method::PATCH => item.patch.as_ref(),
        _ => None,
    }
}
