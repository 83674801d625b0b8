//! Path segments, with an error in the form of all others.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::HttpError;
use crate::texts;

use service::{Code, Error};

/// Path segments as a handler's argument.
#[derive(Debug)]
pub struct Segments<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Error::new(
                Code::RequestInvalid,
                texts::path::THE_PATH_CANNOT_BE_READ.phrase(),
            )
            .into()),
        }
    }
}
