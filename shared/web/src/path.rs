//! Path segments, with an error in the form of all others.

use axum::extract::{FromRequestParts, Path};
use domain::id::{MailId, TemplateId, TicketId};
use http::request::Parts;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::problem::HttpError;
use crate::texts;

use service::{Code, Error, admin::templates, desk::tickets, inbound};

/// Path segments as a handler's argument: an id that cannot be one is answered as what is not there.
#[derive(Debug)]
pub struct Segments<T>(pub T);

/// What a path segment, or several of them, may be read as.
pub trait Segment: Sized {
    /// As the path has it.
    type Raw: DeserializeOwned + Send;

    /// Reads it.
    ///
    /// # Errors
    /// What is answered when it is not one.
    fn read(raw: Self::Raw) -> Result<Self, Error>;
}

macro_rules! as_they_are {
    ($($plain:ty)*) => {$(
        impl Segment for $plain {
            type Raw = Self;

            fn read(raw: Self) -> Result<Self, Error> {
                Ok(raw)
            }
        }
    )*};
}
as_they_are!(String Uuid u16 u64);

impl Segment for TicketId {
    type Raw = String;

    fn read(raw: String) -> Result<Self, Error> {
        tickets::id(&raw)
    }
}

impl Segment for MailId {
    type Raw = String;

    fn read(raw: String) -> Result<Self, Error> {
        inbound::mail_id(&raw)
    }
}

impl Segment for TemplateId {
    type Raw = u64;

    fn read(raw: u64) -> Result<Self, Error> {
        templates::id(raw)
    }
}

macro_rules! tuples {
    ($(($($kind:ident $one:ident),+))*) => {$(
        impl<$($kind: Segment),+> Segment for ($($kind,)+) {
            type Raw = ($($kind::Raw,)+);

            fn read(raw: Self::Raw) -> Result<Self, Error> {
                let ($($one,)+) = raw;
                Ok(($($kind::read($one)?,)+))
            }
        }
    )*};
}
tuples!((A a, B b)(A a, B b, C c));

impl<S: Send + Sync, T: Segment> FromRequestParts<S> for Segments<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let Ok(Path(raw)) = Path::<T::Raw>::from_request_parts(parts, state).await else {
            let detail = texts::path::THE_PATH_CANNOT_BE_READ.phrase();
            return Err(Error::new(Code::RequestInvalid, detail).into());
        };
        Ok(Self(T::read(raw)?))
    }
}
