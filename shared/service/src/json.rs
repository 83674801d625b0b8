//! JSON documents that come in: read with an error that says where, and nothing unknown in them.

mod reading;
mod reason;
mod strict;

pub use reason::reason;
use serde::de::DeserializeOwned;
use serde_json::Value;

use domain::catalog::{Phrase, Texts};

use self::strict::Unambiguous;
use crate::{Code, Error, Finding, Findings, texts};

/// The largest body of a request, in bytes, but for templates.
pub const MAX_BODY: usize = 256 * 1024;

/// Reads a JSON object, in which no field stands twice and no list stands for an object.
///
/// # Errors
/// As [`convert_strictly`]; [`Code::BodyInvalid`] of what is not JSON, with the line and column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    convert_strictly(document(bytes)?)
}

/// The same with the fields that are not known, to be told with what else is wrong: see
/// [`App::having`](crate::App::having).
///
/// # Errors
/// As [`parse`], but for fields that are not known alone.
pub fn parse_fields<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Findings), Error> {
    convert_fields(document(bytes)?)
}

/// A JSON document in which no field stands twice.
fn document(bytes: &[u8]) -> Result<Value, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let Unambiguous(value) =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            let reason = error.into_inner();
            let (line, column) = (reason.line(), reason.column());
            let said = self::reason(&strip(&reason));
            let detail = match reason.classify() {
                serde_json::error::Category::Data => at(&path, said),
                _ => texts::json::THE_BODY_IS_NOT_JSON
                    .with_phrase("reason", said)
                    .with("line", line)
                    .with("column", column),
            };
            Error::new(Code::BodyInvalid, detail)
        })?;
    deserializer.end().map_err(|_| {
        Error::new(
            Code::BodyInvalid,
            texts::json::THERE_IS_MORE_AFTER_THE_JSON_DOCUMENT.phrase(),
        )
    })?;
    Ok(value)
}

/// A name that is not one of the known ones, with the one that may be meant.
pub fn unknown(code: &str, name: &str, known: &[&str]) -> Finding {
    let near = known
        .iter()
        .filter(|known| name.len() < 4 * known.len())
        .map(|known| (strsim::osa_distance(known, name), *known))
        .filter(|(typos, known)| *typos <= 1 + known.len() / 4)
        .min();
    let message = match near {
        Some((_, meant)) => texts::json::UNKNOWN_NAME_SUGGESTED.with("meant", meant),
        None => texts::json::UNKNOWN_NAME.phrase(),
    };
    Finding {
        field: Some(name.to_owned()),
        ..Finding::new(code, message)
    }
}

/// Reads a JSON value that was rewritten on the way.
///
/// # Errors
/// [`Code::BodyInvalid`], with everything that cannot be read.
pub fn convert<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    convert_fields(value).map(|(value, _)| value)
}

/// The same of a body of the API, which has no fields but those that are known: one that is not is a
/// mistake that nobody would notice. Events keep theirs: an envelope and a later version of a source have
/// more.
///
/// # Errors
/// As [`convert`]; [`Code::Invalid`], naming each field that is not known.
pub fn convert_strictly<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    let (value, unknown) = convert_fields(value)?;
    unknown.finish(Code::Invalid)?;
    Ok(value)
}

/// The same with the fields that are not known, to be told with what else is wrong.
///
/// # Errors
/// As [`convert`].
pub fn convert_fields<T: DeserializeOwned>(value: Value) -> Result<(T, Findings), Error> {
    if !value.is_object() {
        return Err(Error::new(
            Code::BodyInvalid,
            texts::json::A_JSON_OBJECT_IS_EXPECTED.phrase(),
        ));
    }
    let (value, unknown) = reading::read(value)?;
    Ok((value, unknown.into()))
}

/// The field, and what is wrong with it.
pub fn at(path: &str, said: Phrase) -> Phrase {
    let sentence = match path {
        "." => "{reason}.",
        _ => "{path}: {reason}.",
    };
    Texts::same(sentence)
        .with("path", path)
        .with_phrase("reason", said)
}

/// The reason without serde's own position.
fn strip(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    brief(&text[..end])
}

/// What serde says, without most of a long value that it quotes: what it expected stands at the end.
fn brief(text: &str) -> String {
    const START: usize = 100;
    const END: usize = 1000;
    if text.len() <= START + END {
        return text.to_owned();
    }
    let start = text.floor_char_boundary(START);
    let end = text.ceil_char_boundary(text.len() - END);
    format!("{}…{}", &text[..start], &text[end..])
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
        #[expect(dead_code, reason = "only parsed")]
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
        for body in ["[[1]]", "3", "\"x\"", "null"] {
            assert_eq!(detail::<Sample>(body), "A JSON object is expected: {…}.");
        }
    }

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Nested {
        one: Option<Inner>,
        many: Vec<Inner>,
        named: std::collections::BTreeMap<String, Inner>,
        any: Value,
        id: Option<uuid::Uuid>,
    }

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Inner {
        name: String,
        inside: Box<Option<Inner>>,
    }

    #[test]
    fn a_list_is_never_taken_for_an_object() {
        let cases = [
            (r#"{"one": []}"#, "one"),
            (r#"{"one": ["Ana"]}"#, "one"),
            (r#"{"one": {"inside": ["Ana", null]}}"#, "one.inside"),
            (r#"{"many": [{}, ["Ana", null]]}"#, "many[1]"),
            (r#"{"named": {"en": [1, 2, 3]}}"#, "named.en"),
            (r#"{"named": [["en", {}]]}"#, "named"),
        ];
        for (body, path) in cases {
            let said = format!("{path}: invalid type: sequence, expected an object.");
            assert_eq!(detail::<Nested>(body), said, "{body}");
            // The same of what was rewritten on the way, and of an event.
            let value: Value = serde_json::from_str(body).expect("JSON");
            let error = convert::<Nested>(value).expect_err(body);
            assert_eq!(error.detail.to_string(), said, "{body}");
        }
        let bytes = format!(r#"{{"id": {:?}}}"#, [1; 16]);
        assert!(detail::<Nested>(&bytes).starts_with("id: "), "{bytes}");
        let whole = r#"{"one": {"name": "Ana", "inside": null}, "many": [{}, {}], "named": {"en": {}}, "any": [[]]}"#;
        parse::<Nested>(whole.as_bytes()).expect("objects are taken");
    }

    #[test]
    fn a_field_that_stands_twice_is_refused_wherever_it_stands_and_whatever_is_read() {
        let cases = [
            (r#"{"one": null, "one": null}"#, "", "one"),
            (r#"{"one": {"name": "a", "name": "a"}}"#, "one: ", "name"),
            (
                r#"{"many": [{}, {"name": "a", "inside": {}, "name": "b"}]}"#,
                "many[1]: ",
                "name",
            ),
            (r#"{"named": {"en": {}, "en": {}}}"#, "named: ", "en"),
            (
                r#"{"any": {"x": [{"y": 1, "\u0079": 2}]}}"#,
                "any.x[0]: ",
                "y",
            ),
            (r#"{"unknown": 1, "unknown": 2}"#, "", "unknown"),
        ];
        for (body, path, field) in cases {
            let said = format!("{path}duplicate field `{field}`.");
            assert_eq!(detail::<Nested>(body), said, "{body}");
            assert_eq!(detail::<Value>(body), said, "{body}");
        }
    }

    #[test]
    fn a_refusal_says_whether_it_names_all_that_is_wrong() {
        let wrong = |many: usize| {
            let items = vec!["5"; many].join(",");
            detail::<Nested>(&format!(r#"{{"many": [{items}]}}"#))
        };
        assert_eq!(wrong(49), "49 findings, see errors.");
        let some = "50 findings, and there may be more; see errors.";
        assert_eq!(wrong(60), some);
        let unknown: Vec<_> = (0..60).map(|at| format!(r#""f{at}": 1"#)).collect();
        let error = parse::<Nested>(format!("{{{}}}", unknown.join(",")).as_bytes());
        assert_eq!(error.expect_err("refused").detail.to_string(), some);
    }
}
