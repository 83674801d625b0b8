//! What serde says of a document, in the reader's language. In English it stays as serde words it.

use domain::{
    catalog::{Phrase, Texts},
    times,
};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::texts;

/// What the value of a parameter is said to be.
const SCALAR: &str = "a string, a number or a boolean";

/// Why a document or a query cannot be read.
pub fn reason(text: &str) -> Phrase {
    syntax(text)
        .or_else(|| field(text))
        .or_else(|| mismatch(text))
        .or_else(|| form(text))
        .unwrap_or_else(|| texts::json::NOT_TAKEN.with("text", text))
}

/// Text that is not JSON.
fn syntax(text: &str) -> Option<Phrase> {
    let says = |text: Texts| Some(text.phrase());
    match text {
        "expected value" => says(texts::json::EXPECTED_VALUE),
        "expected ident" => says(texts::json::EXPECTED_IDENT),
        "expected `:`" => says(texts::json::EXPECTED_COLON),
        "expected `,` or `}`" => says(texts::json::EXPECTED_COMMA_OR_BRACE),
        "expected `,` or `]`" => says(texts::json::EXPECTED_COMMA_OR_BRACKET),
        "key must be a string" => says(texts::json::KEY_MUST_BE_A_STRING),
        "trailing comma" => says(texts::json::TRAILING_COMMA),
        "trailing characters" => says(texts::json::TRAILING_CHARACTERS),
        "invalid number" => says(texts::json::INVALID_NUMBER),
        "number out of range" => says(texts::json::NUMBER_OUT_OF_RANGE),
        "invalid escape" => says(texts::json::INVALID_ESCAPE),
        "invalid unicode code point" => says(texts::json::INVALID_UNICODE_CODE_POINT),
        "recursion limit exceeded" => says(texts::json::RECURSION_LIMIT_EXCEEDED),
        _ if text.starts_with("EOF while parsing") => {
            Some(texts::json::THE_TEXT_ENDS_EARLY.with("text", text))
        }
        _ if text.starts_with("control character") => {
            Some(texts::json::CONTROL_CHARACTER.with("text", text))
        }
        _ if text.contains("hex escape") => Some(texts::json::HALF_OF_AN_ESCAPE.with("text", text)),
        _ => None,
    }
}

/// The field that is said to be missing.
pub(super) fn missing(text: &str) -> Option<&str> {
    text.strip_prefix("missing field `")?.strip_suffix('`')
}

/// A field that is missing or there twice.
fn field(text: &str) -> Option<Phrase> {
    if let Some(field) = missing(text) {
        let missing = texts::json::MISSING_FIELD.phrase();
        return Some(missing.with("field", field).with("text", text));
    }
    let field = text.strip_prefix("duplicate field `")?.strip_suffix('`')?;
    let twice = texts::json::FIELD_TWICE.phrase();
    Some(twice.with("field", field).with("text", text))
}

/// A text that has not the form of what it stands for: the sentences of `std`, of `uuid`, and those of
/// [`domain::times`] and of our own types.
fn form(text: &str) -> Option<Phrase> {
    let sentence = match text {
        _ if text.starts_with("UUID parsing failed") => texts::json::NOT_A_UUID,
        times::NOT_A_DAY => texts::json::NOT_A_DAY,
        times::NOT_A_TIME => texts::json::NOT_A_TIME,
        SCALAR => texts::json::NOT_A_SCALAR,
        "provided string was not `true` or `false`" => texts::json::NOT_TRUE_OR_FALSE,
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            texts::json::NOT_A_WHOLE_NUMBER
        }
        "number too large to fit in target type" | "number too small to fit in target type" => {
            texts::json::NUMBER_OUT_OF_RANGE
        }
        _ => return None,
    };
    Some(sentence.with("text", text))
}

/// A value that is not of the type or of the names that are taken.
fn mismatch(text: &str) -> Option<Phrase> {
    let (kind, rest) = text.split_once(": ").unwrap_or(("", text));
    if let Some(rest) = text.strip_prefix("unknown variant `") {
        let (found, known) = rest.split_once("`, ")?;
        let known = known
            .strip_prefix("expected one of ")
            .or_else(|| known.strip_prefix("expected "))
            .unwrap_or(known);
        let unknown = texts::json::UNKNOWN_VALUE.phrase();
        return Some(
            unknown
                .with("found", found)
                .with("known", known.replace("` or `", "`, `"))
                .with("text", text),
        );
    }
    let sentence = match kind {
        "invalid type" => texts::json::WRONG_TYPE.phrase(),
        "invalid value" => texts::json::WRONG_VALUE.phrase(),
        "invalid length" => texts::json::WRONG_LENGTH.phrase(),
        _ => return None,
    };
    let (found, expected) = rest.rsplit_once(", expected ")?;
    Some(
        sentence
            .with_phrase("found", value(found))
            .with_phrase("expected", wanted(expected))
            .with("text", text),
    )
}

/// A value as serde names it: its kind, and itself where it is short.
fn value(found: &str) -> Phrase {
    let kinds = [
        ("string ", texts::json::STRING.phrase()),
        ("integer ", texts::json::INTEGER.phrase()),
        ("floating point ", texts::json::FLOATING_POINT.phrase()),
        ("boolean ", texts::json::BOOLEAN.phrase()),
        ("character ", texts::json::CHARACTER.phrase()),
    ];
    for (kind, sentence) in kinds {
        if let Some(it) = found.strip_prefix(kind) {
            return sentence.with("it", it);
        }
    }
    match found {
        "null" | "unit value" => texts::json::NULL.phrase(),
        "sequence" => texts::json::SEQUENCE.phrase(),
        "map" => texts::json::MAP.phrase(),
        _ => Phrase::verbatim(found),
    }
}

/// What serde expects, by the name of a type.
fn wanted(expected: &str) -> Phrase {
    kind(expected).map_or_else(|| Phrase::verbatim(expected), |(words, _)| words.phrase())
}

/// A type in words, and a value of it.
fn kind(expected: &str) -> Option<(Texts, Value)> {
    Some(match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => {
            (texts::json::A_WHOLE_NUMBER_ZERO_OR_MORE, json!(1))
        }
        "i8" | "i16" | "i32" | "i64" | "isize" | "a nonzero u64" => {
            (texts::json::A_WHOLE_NUMBER, json!(1))
        }
        "f32" | "f64" => (texts::json::A_NUMBER, json!(1)),
        "a string" | "string" | "a borrowed string" | "str" | "string or map" => {
            (texts::json::A_STRING, json!(""))
        }
        "a boolean" => (texts::json::A_BOOLEAN, json!(false)),
        "a sequence" => (texts::json::A_SEQUENCE, json!([])),
        "an object" => (texts::json::AN_OBJECT, json!({})),
        _ if expected.contains("UUID") => (texts::json::A_UUID, json!(Uuid::nil())),
        _ => return None,
    })
}

/// A value that is taken where serde said this, if that can be told.
pub(super) fn stand_in(text: &str) -> Option<Value> {
    match text {
        times::NOT_A_DAY => return Some(json!("2026-01-31")),
        times::NOT_A_TIME => return Some(json!("2026-01-31T10:00:00Z")),
        SCALAR => return Some(json!("")),
        _ if text.starts_with("UUID parsing failed") => return Some(json!(Uuid::nil())),
        _ => {}
    }
    if text.starts_with("unknown variant `") {
        let (_, known) = text.split_once("`, expected ")?;
        return known.split('`').nth(1).map(Value::from);
    }
    kind(text.rsplit_once(", expected ")?.1).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use domain::catalog::Language;
    use serde::Deserialize;

    use super::{reason, times};

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only parsed")]
    struct Sample {
        count: u32,
        name: Option<String>,
        #[serde(default)]
        list: Vec<bool>,
        kind: Option<Kind>,
        id: Option<uuid::Uuid>,
        #[serde(default, deserialize_with = "optional_day")]
        day: Option<jiff::civil::Date>,
        #[serde(default, deserialize_with = "times::time")]
        time: Option<jiff::Timestamp>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        One,
        Two,
    }

    fn optional_day<'de, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<Option<jiff::civil::Date>, D::Error> {
        times::day(from).map(Some)
    }

    /// The sentence without serde's position.
    fn says(text: &str) -> String {
        let error = serde_json::from_str::<Sample>(text).expect_err(text);
        let error = error.to_string();
        error
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn what_serde_says_is_told_in_every_language_and_stays_its_own_in_english() {
        for text in [
            "{}",
            r#"{"count": 1, "count": 2}"#,
            r#"{"count": "x"}"#,
            r#"{"count": -1}"#,
            r#"{"count": 1.5}"#,
            r#"{"count": null}"#,
            r#"{"count": {}}"#,
            r#"{"count": 1, "name": 3}"#,
            r#"{"count": 1, "name": []}"#,
            r#"{"count": 1, "list": {}}"#,
            r#"{"count": 1, "list": [1]}"#,
            r#"{"count": 1, "kind": "three"}"#,
            r#"{"count": 1, "id": "three"}"#,
            r#"{"count": 1, "day": "three"}"#,
            r#"{"count": 1, "time": "three"}"#,
            "3",
            "",
            "{",
            "{\"count\"",
            "{\"count\" 1}",
            "{\"count\": 1 2}",
            "{\"count\": 1,}",
            "{\"list\": [true false]}",
            "{\"count\": 1} 2",
            "{count: 1}",
            "{\"count\": tru}",
            "{\"count\": 1e999}",
            "{\"count\": -}",
            "{\"name\": \"\u{1}\"}",
            "{\"name\": \"\\x\"}",
            "{\"name\": \"\\ud800\"}",
        ] {
            let said = says(text);
            let [pt, en, es] = [Language::Pt, Language::En, Language::Es]
                .map(|language| reason(&said).get(language));
            assert_eq!(en, said, "{text}");
            assert!(pt != en && es != en, "{text}: {pt} | {en} | {es}");
            let foreign = ["expected", "invalid", "missing", "sequence", "string"];
            assert!(
                !foreign.iter().any(|word| pt.contains(word)),
                "{text}: {pt}"
            );
        }
        let queries = [
            "a".parse::<u32>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "".parse::<u32>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "9".repeat(30)
                .parse::<u32>()
                .map(drop)
                .map_err(|error| error.to_string()),
            "2".parse::<bool>()
                .map(drop)
                .map_err(|error| error.to_string()),
        ];
        for said in queries.map(Result::unwrap_err) {
            let told = [Language::Pt, Language::Es].map(|language| reason(&said).get(language));
            assert!(told.iter().all(|told| !told.contains(&said)), "{told:?}");
        }
        let two = "unknown variant `x`, expected `public` or `internal`";
        assert_eq!(
            reason(two).get(Language::Es),
            "`x` no es un valor conocido; los valores son `public`, `internal`"
        );
        let new = "what a library says one day";
        assert_eq!(
            reason(new).get(Language::Pt),
            format!("este valor não serve: {new}")
        );
    }
}
