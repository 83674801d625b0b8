//! Query parameters: what a route does not document, it refuses.

use std::borrow::Cow;

use axum::{
    Extension,
    extract::{FromRequestParts, MatchedPath},
};
use domain::catalog::Phrase;
use http::{Uri, request::Parts};
use serde::de::DeserializeOwned;
use utoipa::{
    OpenApi,
    openapi::{
        RefOr,
        path::{Operation, ParameterIn, PathItem},
    },
};

use super::{page, problem::HttpError};
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
        read(parts, |_, _| {}).map(Self)
    }
}

/// The same of a query with rules beyond the types of its parameters.
#[derive(Debug)]
pub struct RuledQuery<T>(pub T);

/// What a query must hold beyond the types of its parameters.
pub trait Rules {
    /// Adds what breaks a rule. A parameter that could not be read is as one that is not given.
    fn check(&self, wrong: &mut Wrong);
}

impl<S: Send + Sync, T: DeserializeOwned + Rules> FromRequestParts<S> for RuledQuery<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        read(parts, T::check).map(Self)
    }
}

fn read<T: DeserializeOwned>(
    parts: &mut Parts,
    check: impl FnOnce(&T, &mut Wrong),
) -> Result<T, HttpError> {
    let mut wrong = Wrong::of(parts);
    let value = wrong.read(&parts.uri);
    if let Some(value) = &value {
        check(value, &mut wrong);
    }
    if wrong.is_paged() {
        page::asked(&parts.uri, &mut wrong);
    }
    Ok(wrong.or(value)?)
}

/// What is wrong with a query: everything is told at once, whichever argument of the handler reads it.
#[derive(Clone, Debug, Default)]
pub struct Wrong {
    findings: Vec<Finding>,
    /// What the route documents.
    known: Vec<String>,
}

impl Wrong {
    /// What was found before the query was read, see [`refuse_unknown`].
    pub(super) fn of(parts: &mut Parts) -> Self {
        parts.extensions.remove().unwrap_or_default()
    }

    /// Whether the query chooses a page as well.
    fn is_paged(&self) -> bool {
        self.known.iter().any(|name| name == "limit")
    }

    /// Adds what is wrong with a parameter.
    pub fn add(&mut self, name: &str, message: Phrase) {
        self.findings.push(Finding {
            field: Some(name.to_owned()),
            ..Finding::new("PARAMETER_INVALID", message)
        });
    }

    /// Adds a parameter that is not a number from 1 to `max`.
    pub fn bound(&mut self, name: &str, given: usize, max: usize) {
        if !(1..=max).contains(&given) {
            self.add(name, texts::query::A_NUMBER_FROM_1_TO.with("max", max));
        }
    }

    /// Reads a query. A form sends what nobody filled in as an empty text: a parameter without a value is
    /// one that is not given. One that cannot be read is left out, and the rest is read again.
    pub(super) fn read<T: DeserializeOwned>(&mut self, uri: &Uri) -> Option<T> {
        let query = uri.query().unwrap_or_default();
        let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let given = pairs.len();
        // No form sends a name alone: whoever wrote `?unread` means something by it.
        let written = query.split('&').filter(|pair| !pair.is_empty());
        for ((name, _), written) in pairs.iter().zip(written) {
            let known = self.known.iter().any(|known| known == name);
            if known && !written.contains('=') && !self.has(name) {
                self.add(name, texts::query::THE_PARAMETER_HAS_NO_VALUE.phrase());
            }
        }
        pairs.retain(|(_, value)| !value.trim().is_empty());
        let mut rest = match pairs.len() == given {
            true => uri.clone(),
            false => of_pairs(&pairs)?,
        };
        loop {
            let said = match axum::extract::Query::<T>::try_from_uri(&rest) {
                Ok(axum::extract::Query(value)) => return Some(value),
                Err(error) => error.to_string(),
            };
            let said = said.split_once("string: ").map_or("", |(_, said)| said);
            let (name, reason) = match said.split_once(": ") {
                Some(told) => told,
                // Of one that is missing or stands twice.
                None => (said.split('`').nth(1).unwrap_or("."), said),
            };
            let read = pairs.len();
            pairs.retain(|(given, _)| given != name);
            // A value that could not be read is not missing.
            let missing = pairs.len() == read;
            if !missing || !self.has(name) {
                self.add(name, json::reason(reason));
            }
            if missing {
                return None;
            }
            rest = of_pairs(&pairs)?;
        }
    }

    fn has(&self, name: &str) -> bool {
        let mut fields = self.findings.iter().map(|one| one.field.as_deref());
        fields.any(|field| field == Some(name))
    }

    /// What was read, when nothing is wrong.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`], with every finding.
    pub(super) fn or<T>(self, value: Option<T>) -> Result<T, Error> {
        match (value, self.findings.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(self.refusal()),
        }
    }

    fn refusal(self) -> Error {
        let unknown = self.findings.iter().all(|one| one.code == UNKNOWN);
        let detail = match self.findings.as_slice() {
            _ if unknown && self.known.is_empty() => {
                texts::query::THIS_ROUTE_HAS_NO_QUERY_PARAMETERS.phrase()
            }
            _ if unknown => {
                let known = self.known.join(", ");
                texts::query::A_QUERY_PARAMETER_IS_NOT_KNOWN.with("known", known)
            }
            [one] => {
                let name = one.field.as_deref().unwrap_or(".");
                let reason = at(name, one.message.clone());
                texts::query::THE_QUERY_CANNOT_BE_READ.with_phrase("reason", reason)
            }
            many => texts::query::THE_QUERY_HAS_FINDINGS.with("count", many.len()),
        };
        Error::new(Code::RequestInvalid, detail).with_errors(self.findings)
    }
}

/// A URI whose query has these parameters.
fn of_pairs(pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> Option<Uri> {
    let mut query = form_urlencoded::Serializer::for_suffix("/?".to_owned(), 2);
    query.extend_pairs(pairs).finish().parse().ok()
}

/// The document of a router, for [`refuse_unknown`].
#[derive(Clone, Copy, Debug)]
struct Documented(fn() -> utoipa::openapi::OpenApi);

/// A layer for the routes that `D` documents.
pub fn documented<D: OpenApi>() -> Extension<impl Clone + Send + Sync + 'static> {
    Extension(Documented(D::openapi))
}

/// Code of a parameter that the route does not document.
const UNKNOWN: &str = "PARAMETER_UNKNOWN";

/// Finds query parameters that the route does not document: what a caller wants with them would not be
/// done, and nobody would notice. A route that documents some reads them in a later argument, which tells
/// of these with what else is wrong. The document is made for a request with a query alone.
///
/// # Errors
/// [`Code::RequestInvalid`], naming each, where the route has no query parameters.
pub(super) fn refuse_unknown(parts: &mut Parts) -> Result<(), Error> {
    let query = parts.uri.query().filter(|query| !query.is_empty());
    let (Some(query), Some(documented), Some(path)) = (
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
    let findings: Vec<Finding> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| !known.contains(&&**name))
        .map(|(name, _)| unknown(UNKNOWN, &name, &known))
        .collect();
    let wrong = Wrong {
        findings,
        known: known.into_iter().map(str::to_owned).collect(),
    };
    if wrong.known.is_empty() && !wrong.findings.is_empty() {
        return Err(wrong.refusal());
    }
    parts.extensions.insert(wrong);
    Ok(())
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
