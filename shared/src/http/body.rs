//! JSON bodies: bounded, with an error that says where.

use axum::extract::{FromRequest, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::app::{Code, Error};

/// Largest body, bytes.
pub const MAX_BODY: usize = 256 * 1024;
/// Largest body of a template, bytes.
pub const MAX_TEMPLATE_BODY: usize = 1024 * 1024;

/// A JSON body of at most `MAX` bytes, with the bytes it came in (for the idempotency key).
#[derive(Debug)]
pub struct Body<T, const MAX: usize = MAX_BODY> {
    /// What it says.
    pub value: T,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A JSON body of a template.
pub type TemplateBody<T> = Body<T, MAX_TEMPLATE_BODY>;

impl<S: Send + Sync, T: DeserializeOwned, const MAX: usize> FromRequest<S> for Body<T, MAX> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let bytes = read(request, MAX).await?;
        let value = parse(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// The bytes of a body that needs to say nothing (they count for the idempotency key).
#[derive(Debug)]
pub struct Unread(pub Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for Unread {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        read(request, MAX_BODY).await.map(Self)
    }
}

async fn read(request: Request, max: usize) -> Result<Vec<u8>, Error> {
    match Limited::new(request.into_body(), max).collect().await {
        Ok(body) => Ok(body.to_bytes().to_vec()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Error::new(
            Code::TooLarge,
            format!("The body is over {} KiB.", max / 1024),
        )),
        Err(_) => Err(Error::new(
            Code::BodyInvalid,
            "The body did not arrive whole.",
        )),
    }
}

/// Reads a JSON object.
///
/// # Errors
/// [`Code::BodyInvalid`], with the field or the line and column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // serde takes an array for a struct too: a body is an object, and says so when it is not.
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first.is_some_and(|byte| b"[\"0123456789-tfn".contains(byte)) {
        return Err(Error::new(
            Code::BodyInvalid,
            "The body is a JSON object: {…}.",
        ));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        let (line, column) = (reason.line(), reason.column());
        let detail = match reason.classify() {
            serde_json::error::Category::Data if path != "." => {
                format!("{path}: {}.", strip(&reason))
            }
            serde_json::error::Category::Data => format!("{}.", strip(&reason)),
            _ => format!(
                "The body is not JSON: {} at line {line}, column {column}.",
                strip(&reason)
            ),
        };
        Error::new(Code::BodyInvalid, detail)
    })?;
    deserializer
        .end()
        .map_err(|_| Error::new(Code::BodyInvalid, "There is more after the JSON document."))?;
    Ok(value)
}

/// Reads a JSON value that was rewritten on the way.
///
/// # Errors
/// [`Code::BodyInvalid`], with the field.
pub fn convert<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    if !value.is_object() {
        return Err(Error::new(
            Code::BodyInvalid,
            "A JSON object is expected: {…}.",
        ));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." {
            String::new()
        } else {
            format!("{path}: ")
        };
        Error::new(
            Code::BodyInvalid,
            format!("{place}{}.", strip(error.inner())),
        )
    })
}

/// The reason without serde's own position.
fn strip(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> String {
        let error = parse::<T>(body.as_bytes()).expect_err("refused");
        assert_eq!(error.code, Code::BodyInvalid);
        error.detail
    }

    #[derive(Debug, serde::Deserialize)]
    struct Sample {
        #[allow(dead_code, reason = "only parsed")]
        count: Vec<u32>,
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(
            detail::<Sample>(r#"{"count": [1, "x"]}"#),
            "count[1]: invalid type: string \"x\", expected u32."
        );
        assert_eq!(detail::<Sample>("{}"), "missing field `count`.");
        assert_eq!(
            detail::<Sample>("{\n!"),
            "The body is not JSON: key must be a string at line 2, column 1."
        );
        assert_eq!(
            detail::<Sample>(""),
            "The body is not JSON: EOF while parsing a value at line 1, column 0."
        );
        assert_eq!(
            detail::<Sample>(r#"{"count": []} {}"#),
            "There is more after the JSON document."
        );
        assert_eq!(detail::<Sample>("[[1]]"), "The body is a JSON object: {…}.");
    }
}
