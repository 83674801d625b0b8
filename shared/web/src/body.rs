//! JSON bodies: bounded, with an error that says where.

use axum::extract::{FromRequest, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::HttpError;
use crate::texts;

use service::{
    Code, Error, Findings,
    json::{MAX_BODY, parse, parse_fields},
};

/// Largest body of a template, bytes.
pub const MAX_TEMPLATE_BODY: usize = 1024 * 1024;

/// A JSON body of at most `MAX` bytes, with the bytes it came in (for the idempotency key).
#[derive(Debug)]
pub struct Body<T, const MAX: usize = MAX_BODY> {
    /// What the bytes say, read into its type.
    pub value: T,
    /// The body byte for byte: what an idempotency key is held against.
    pub bytes: Vec<u8>,
}

/// A JSON body of a template.
pub type TemplateBody<T> = Body<T, MAX_TEMPLATE_BODY>;

/// A JSON body whose use case begins its check with [`App::having`](service::App::having) what is wrong
/// with its fields, so that all of it is told at once. A [`Body`] is refused for them before.
#[derive(Debug)]
pub struct Fields<T, const MAX: usize = MAX_BODY> {
    /// What the bytes say, read into its type.
    pub value: T,
    /// The body byte for byte: what an idempotency key is held against.
    pub bytes: Vec<u8>,
    /// The fields that the type does not have.
    pub unknown: Findings,
}

impl<S: Send + Sync, T: DeserializeOwned, const MAX: usize> FromRequest<S> for Fields<T, MAX> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &S) -> Result<Self, HttpError> {
        let bytes = read(request, MAX).await?;
        let (value, unknown) = parse_fields(&bytes)?;
        Ok(Self {
            value,
            bytes,
            unknown,
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned, const MAX: usize> FromRequest<S> for Body<T, MAX> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &S) -> Result<Self, HttpError> {
        let bytes = read(request, MAX).await?;
        let value = parse(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// The bytes of a body that may be absent (they count for the idempotency key).
#[derive(Debug)]
pub struct Unread(pub Vec<u8>);

impl Unread {
    /// The bytes of a body that has nothing to say.
    ///
    /// # Errors
    /// [`Code::Invalid`] when it says something, [`Code::BodyInvalid`].
    pub fn empty(self) -> Result<Vec<u8>, Error> {
        /// A body without fields.
        #[derive(serde::Deserialize)]
        struct Nothing {}
        if !self.0.trim_ascii().is_empty() {
            let Nothing {} = parse(&self.0)?;
        }
        Ok(self.0)
    }
}

impl<S: Send + Sync> FromRequest<S> for Unread {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &S) -> Result<Self, HttpError> {
        Ok(read(request, MAX_BODY).await.map(Self)?)
    }
}

/// The bytes of a body of at most so many.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::BodyInvalid`] when it breaks off.
pub async fn read(request: Request, max: usize) -> Result<Vec<u8>, Error> {
    match Limited::new(request.into_body(), max).collect().await {
        Ok(body) => Ok(body.to_bytes().to_vec()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Error::new(
            Code::TooLarge,
            texts::body::THE_BODY_IS_OVER_BYTES.with("max", max),
        )),
        Err(_) => Err(Error::new(
            Code::BodyInvalid,
            texts::body::THE_BODY_DID_NOT_ARRIVE_WHOLE.phrase(),
        )),
    }
}
