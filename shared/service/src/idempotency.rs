//! `Idempotency-Key`: the same request twice is one request.
//!
//! The record is written in the same commit as what the request creates, so there is no state
//! "in progress" to be stuck in: of two at once, one loses the race and answers what the other did.
//! Imports and test mails, which are more than one commit, take their key before they begin.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    App, Code, Error, Result,
    access::Caller,
    entity::{Entity as _, Idempotency, Loaded},
    texts,
};
use storage::{Item, Key, Write};

/// How long a record is kept, seconds.
const KEPT: i64 = 24 * 60 * 60;
/// Longest key, in characters.
const MAX_KEY: usize = 256;

/// A request that carries an idempotency key.
#[derive(Clone, Debug)]
pub struct Once {
    /// Digest of caller, route and key.
    scope: String,
    /// Digest of what the body means.
    body: String,
    /// Digest of its bytes, by which earlier releases compared.
    bytes: String,
    kept: i64,
}

/// What a request was answered.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct IdempotencyRecord {
    body: String,
    answer: Value,
}

/// What a use case answers whose call may be repeated with its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayable<T> {
    /// Done by this very request.
    Fresh(T),
    /// Done by an earlier request with the same key.
    Replayed(T),
}

impl<T> Replayable<T> {
    /// The answer, and whether it is that of an earlier request.
    pub fn into_parts(self) -> (T, bool) {
        match self {
            Self::Fresh(answer) => (answer, false),
            Self::Replayed(answer) => (answer, true),
        }
    }
}

impl Once {
    /// The key of this caller on this route, with a digest of what the body means: the order of the
    /// fields, white space and the spelling of texts and numbers do not count.
    ///
    /// # Errors
    /// [`Code::RequestInvalid`] when the key is empty, too long or not printable ASCII.
    pub fn new(caller: &Caller, route: &str, key: &str, body: &[u8]) -> Result<Self> {
        if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|b| (b' '..=b'~').contains(&b))
        {
            return Err(Error::new(
                Code::RequestInvalid,
                texts::idempotency::IDEMPOTENCY_KEY_CHARACTERS.with("max", MAX_KEY),
            ));
        }
        let scope = digest(&[caller.sub.as_bytes(), route.as_bytes(), key.as_bytes()]);
        Ok(Self {
            scope,
            body: digest(&[meaning(body).as_bytes()]),
            bytes: digest(&[body]),
            kept: KEPT,
        })
    }

    /// The same, remembered for so many seconds.
    #[must_use]
    pub fn kept(mut self, seconds: i64) -> Self {
        self.kept = seconds;
        self
    }

    /// Its record: to be read with the rest of what the use case reads.
    pub(crate) fn entity(&self) -> Idempotency<'_> {
        Idempotency(&self.scope)
    }

    /// Where its record is.
    pub fn key(&self) -> Key {
        self.entity().key()
    }

    /// What an earlier request with this key answered, if there was one.
    ///
    /// # Errors
    /// [`Code::IdempotencyMismatch`] when the key was used with another body.
    pub(crate) fn earlier<T: DeserializeOwned>(
        &self,
        stored: Option<Loaded<IdempotencyRecord>>,
    ) -> Result<Option<Replayable<T>>> {
        let Some(Loaded { value: record, .. }) = stored else {
            return Ok(None);
        };
        if record.body != self.body && record.body != self.bytes {
            return Err(Error::new(
                Code::IdempotencyMismatch,
                texts::idempotency::THIS_IDEMPOTENCY_KEY_WAS_USED.phrase(),
            ));
        }
        let answer = T::deserialize(record.answer).map_err(|_| {
            Error::new(
                Code::Internal,
                texts::idempotency::THE_STORED_ANSWER_OF_THIS_IDEMPOTENCY.phrase(),
            )
        })?;
        Ok(Some(Replayable::Replayed(answer)))
    }

    /// The write that keeps this answer, for 24 hours unless said otherwise.
    ///
    /// # Errors
    /// When the answer cannot be stored.
    pub fn record(&self, app: &App, answer: &impl Serialize) -> Result<Write> {
        Ok(Write::create(self.item(app, answer)?))
    }

    /// The record that keeps this answer.
    ///
    /// # Errors
    /// As [`Once::record`].
    pub(crate) fn item(&self, app: &App, answer: &impl Serialize) -> Result<Item> {
        let record = IdempotencyRecord {
            body: self.body.clone(),
            answer: as_json(answer)?,
        };
        let item = self.entity().item(&record)?;
        let ends = app.now().as_second() + self.kept;
        Ok(item.expiring(ends))
    }
}

/// An answer as it is kept.
///
/// # Errors
/// When it cannot be written as JSON.
pub(crate) fn as_json(answer: &impl Serialize) -> Result<Value> {
    serde_json::to_value(answer).map_err(|error| {
        let detail = texts::idempotency::THE_ANSWER_COULD_NOT_BE_KEPT.phrase();
        Error::new(Code::Internal, detail).because(error)
    })
}

/// The same request is being worked on: it has no answer yet.
pub(crate) fn in_progress() -> Error {
    let detail = texts::idempotency::THE_SAME_REQUEST_IS_BEING_WORKED.phrase();
    let mut error = Error::new(Code::IdempotencyInProgress, detail);
    error.retry_after = Some(1);
    error
}

/// What an earlier request with this key answered, where there is a key and was one; `stored` is what
/// was read for the [entity](Once::entity) of `once`.
///
/// # Errors
/// As [`Once::earlier`].
pub(crate) fn earlier<T: DeserializeOwned>(
    once: Option<&Once>,
    stored: Option<Option<Loaded<IdempotencyRecord>>>,
) -> Result<Option<Replayable<T>>> {
    once.map_or(Ok(None), |once| once.earlier(stored.flatten()))
}

/// The write that keeps this answer, where there is a key.
///
/// # Errors
/// As [`Once::record`].
pub(crate) fn record(
    app: &App,
    once: Option<&Once>,
    answer: &impl Serialize,
) -> Result<Option<Write>> {
    once.map(|once| once.record(app, answer)).transpose()
}

/// A JSON document in one spelling; what is not JSON as it is.
fn meaning(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            let mut out = String::with_capacity(body.len());
            write_meaning(&value, &mut out);
            out
        }
        // No JSON document begins so.
        Err(_) => format!("bytes {}", data_encoding::HEXLOWER.encode(body)),
    }
}

fn write_meaning(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_meaning(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (name, item) in sorted {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_meaning(item, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Number(number) => {
            // 1, 1.0 and 1e0 are the same number.
            let whole = number
                .as_f64()
                .filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15);
            match whole {
                Some(whole) => out.push_str(&format!("{whole:.0}")),
                None => out.push_str(&number.to_string()),
            }
        }
        other => out.push_str(&other.to_string()),
    }
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::meaning;

    #[test]
    fn a_body_is_what_it_means() {
        for (a, b) in [
            (
                r#"{"a":1,"b":[true,null]}"#,
                " {\n\"b\" : [ true , null ], \"a\": 1.0 }",
            ),
            (r#"{"t":"caf\u00e9\/"}"#, r#"{"t":"café/"}"#),
            (r#"{"n":1e2}"#, r#"{"n":100}"#),
            (r#"{"n":-0.0}"#, r#"{"n":-0.0}"#),
        ] {
            assert_eq!(meaning(a.as_bytes()), meaning(b.as_bytes()), "{a} {b}");
        }
        for (a, b) in [
            (r#"{"a":1}"#, r#"{"a":"1"}"#),
            (r#"{"a":1}"#, r#"{"a":1.5}"#),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#),
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":"x"}"#, r#"{"a":"x "}"#),
            ("{", "{ "),
            ("", "{}"),
            (r#"["a,","b"]"#, r#"["a",",b"]"#),
        ] {
            assert_ne!(meaning(a.as_bytes()), meaning(b.as_bytes()), "{a} {b}");
        }
    }
}
