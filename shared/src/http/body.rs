//! JSON bodies: bounded, with an error that says where.

use axum::extract::{FromRequest, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::{
    app::{Code, Error, Finding, Findings},
    catalog::phrase,
};

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
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        read(request, MAX_BODY).await.map(Self)
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
            phrase(
                "O corpo passa de {max} bytes.",
                "The body is over {max} bytes.",
                "El cuerpo pasa de {max} bytes.",
            )
            .with("max", max),
        )),
        Err(_) => Err(Error::new(
            Code::BodyInvalid,
            phrase(
                "O corpo não chegou inteiro.",
                "The body did not arrive whole.",
                "El cuerpo no llegó entero.",
            ),
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
            phrase(
                "O corpo é um objeto JSON: {…}.",
                "The body is a JSON object: {…}.",
                "El cuerpo es un objeto JSON: {…}.",
            ),
        ));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let (value, unknown) = read_fields(&mut deserializer).map_err(|error| {
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
    deserializer.end().map_err(|_| {
        Error::new(
            Code::BodyInvalid,
            phrase(
                "Há mais texto depois do documento JSON.",
                "There is more after the JSON document.",
                "Hay más texto después del documento JSON.",
            ),
        )
    })?;
    refuse(unknown)?;
    Ok(value)
}

/// Reads a value, and the paths of the fields that it does not have.
fn read_fields<'de, T, D>(from: D) -> Result<(T, Vec<String>), serde_path_to_error::Error<D::Error>>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(from, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| {
        if unknown.len() < MAX_UNKNOWN {
            unknown.push(path.to_string().replace(".?", ""));
        }
    });
    match read {
        Ok(value) => Ok((value, unknown)),
        Err(error) => Err(serde_path_to_error::Error::new(track.path(), error)),
    }
}

/// Most unknown fields that are named.
const MAX_UNKNOWN: usize = 20;

/// A field that is not known is a mistake that nobody would notice: it is refused, never passed over.
fn refuse(fields: Vec<String>) -> Result<(), Error> {
    let mut findings = Findings::default();
    for field in fields {
        let message = phrase(
            "campo desconhecido",
            "this field is not known",
            "campo desconocido",
        );
        findings.add("FIELD_UNKNOWN", &field, message);
    }
    findings.finish(Code::Invalid)
}

/// A name that is not one of the known ones, with the one that may be meant.
pub(crate) fn unknown(code: &str, name: &str, known: &[&str]) -> Finding {
    let near = known
        .iter()
        .map(|known| (strsim::osa_distance(known, name), *known))
        .filter(|(slips, known)| *slips <= 1 + known.len() / 4)
        .min();
    let message = match near {
        Some((_, meant)) => phrase(
            "nome desconhecido; seria {meant}?",
            "this name is not known; did you mean {meant}?",
            "nombre desconocido; ¿quiso decir {meant}?",
        )
        .with("meant", meant),
        None => phrase(
            "nome desconhecido",
            "this name is not known",
            "nombre desconocido",
        ),
    };
    Finding {
        field: Some(name.to_owned()),
        ..Finding::new(code, message)
    }
}

/// Reads a JSON value that was rewritten on the way.
///
/// # Errors
/// [`Code::BodyInvalid`], with the field.
pub fn convert<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    converted(value).map(|(value, _)| value)
}

/// The same of a body of the API, which has no fields but those that are known. Events keep theirs:
/// an envelope and a later version of a source have more.
///
/// # Errors
/// As [`convert`]; [`Code::Invalid`], naming each field that is not known.
pub fn convert_strictly<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    let (value, unknown) = converted(value)?;
    refuse(unknown)?;
    Ok(value)
}

fn converted<T: DeserializeOwned>(value: serde_json::Value) -> Result<(T, Vec<String>), Error> {
    if !value.is_object() {
        return Err(Error::new(
            Code::BodyInvalid,
            phrase(
                "Espera-se um objeto JSON: {…}.",
                "A JSON object is expected: {…}.",
                "Se espera un objeto JSON: {…}.",
            ),
        ));
    }
    read_fields(value).map_err(|error| {
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
        error.detail.to_string()
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
