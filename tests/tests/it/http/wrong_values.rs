//! Wrong values in every field of every body: refused in the reader's language, and an object is an object.

use axum::body::Body;
use serde_json::{Map, Value, json};

use super::strictness::{BODIES, anybody, document, filled};
use crate::desk::{Answer, Desk, request};

/// A schema without its reference.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return document.pointer(pointer).expect("a schema");
    }
    // An optional object is one of null and the object.
    let choices = schema["oneOf"].as_array();
    let object = choices.and_then(|all| all.iter().find(|one| !one["$ref"].is_null()));
    object.map_or(schema, |object| resolved(document, object))
}

/// A value of this schema with a wrong one in each of its places, and whether an object stands there.
fn placed(document: &Value, schema: &Value, wrong: &Value, depth: u32) -> Vec<(Value, bool)> {
    let schema = resolved(document, schema);
    let fields = schema["properties"].as_object();
    let mut all = vec![(wrong.clone(), fields.is_some())];
    if depth == 0 {
        return all;
    }
    let within = |schema: &Value| placed(document, schema, wrong, depth - 1);
    for (name, field) in fields.into_iter().flatten() {
        let name = name.as_str();
        all.extend(
            within(field)
                .into_iter()
                .map(|(value, object)| (json!({ name: value }), object)),
        );
    }
    if !schema["items"].is_null() {
        let items = within(&schema["items"]);
        all.extend(
            items
                .into_iter()
                .map(|(value, object)| (json!([value]), object)),
        );
    }
    if schema["additionalProperties"].is_object() {
        let named = within(&schema["additionalProperties"]);
        all.extend(
            named
                .into_iter()
                .map(|(value, object)| (json!({ "X": value }), object)),
        );
    }
    all
}

async fn ask(desk: &Desk, method: &str, path: &str, language: &str, body: String) -> Answer {
    let headers = [("accept-language", language)];
    let method = method.to_uppercase();
    let body = Body::from(body);
    desk.request(request(&anybody(), &method, &filled(path), &headers, body))
        .await
}

/// Whether words of the libraries that read a body stand outside of backquotes.
fn is_english(detail: &str) -> bool {
    let words: String = detail.split('`').step_by(2).collect();
    let english = [
        "expected", "invalid", "failed", "such as", "struct ", "elements", "missing", "unknown",
    ];
    english.iter().any(|word| words.contains(word))
}

#[tokio::test]
async fn a_wrong_value_is_refused_in_the_readers_language_and_a_list_is_no_object() {
    let document = document();
    let desk = Desk::new();
    desk.ticket("1").await;
    let (mut refused, mut lists, mut faults) = (0, 0, Vec::new());
    for (method, path, body) in BODIES {
        let whole: Map<String, Value> = serde_json::from_str(body).expect("JSON");
        let content = &document["paths"][path][method]["requestBody"]["content"];
        let schema = &content["application/json"]["schema"];
        for wrong in [
            json!([]),
            json!({}),
            json!("?"),
            json!(-1),
            json!(1.5),
            json!(true),
            json!(null),
        ] {
            for (value, object) in placed(&document, schema, &wrong, 3) {
                let Value::Object(fields) = value else {
                    continue;
                };
                let mut body = whole.clone();
                body.extend(fields);
                let body = Value::Object(body).to_string();
                let told = ask(&desk, method, path, "pt-BR", body.clone()).await;
                if object && wrong.is_array() {
                    assert_eq!(told.status, 400, "{method} {path} {body}: {}", told.text);
                    lists += 1;
                }
                if told.status != 400 {
                    assert!(
                        told.status.as_u16() < 500,
                        "{method} {path} {body}: {}",
                        told.text
                    );
                    continue;
                }
                refused += 1;
                let english = ask(&desk, method, path, "en", body.clone()).await;
                let detail = told.body["detail"].as_str().expect("a detail");
                if told.body["detail"] == english.body["detail"] || is_english(detail) {
                    faults.push(format!("{method} {path} {body}: {detail}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(refused > 100 && lists > 10, "{refused}, {lists}");
}

#[tokio::test]
async fn every_body_refuses_a_field_that_stands_twice() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (method, path, body) in BODIES {
        let rest = body.trim_start_matches('{');
        let twice = format!(
            r#"{{"x": 1, "x": 1{}{rest}"#,
            if rest == "}" { "" } else { "," }
        );
        let told = ask(&desk, method, path, "pt-BR", twice).await;
        assert_eq!(
            told.code(),
            "BODY_INVALID",
            "{method} {path}: {}",
            told.text
        );
        assert_eq!(
            told.body["detail"], "o campo `x` está duas vezes.",
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_query_is_refused_in_the_readers_language_and_with_one_full_stop() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for query in [
        "/tickets?unread=2",
        "/tickets?of=us",
        "/statistics?days=x",
        "/tickets/1/messages?order=up",
        "/tickets/1/messages?after=x",
        "/tickets/1/messages?around=x",
    ] {
        let mut told = Vec::new();
        for language in ["pt-BR", "en", "es"] {
            let answer = ask(&desk, "get", query, language, String::new()).await;
            let detail = answer.expect(400)["detail"]
                .as_str()
                .expect("a detail")
                .to_owned();
            assert!(
                detail.ends_with('.') && !detail.ends_with(".."),
                "{query}: {detail}"
            );
            let foreign = language != "en" && is_english(&detail);
            assert!(!foreign, "{query}: {detail}");
            told.push(detail);
        }
        assert!(told[0] != told[1] && told[2] != told[1], "{told:?}");
    }
}
