//! Wrong values in every field of every body: refused in the reader's language, and an object is an object.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::{Map, Value, json};

use super::strictness::{BODIES, anybody, document, filled};
use crate::desk::{Answer, Desk, bia, request};

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

/// The fields that an answer names.
fn named(answer: &Answer) -> BTreeSet<String> {
    let errors = answer.body["errors"].as_array();
    let errors = errors.unwrap_or_else(|| panic!("findings: {}", answer.text));
    let fields = errors.iter().map(|one| one["field"].as_str());
    fields
        .map(|field| field.expect("a field").to_owned())
        .collect()
}

#[tokio::test]
async fn everything_that_cannot_be_read_is_told_at_once() {
    let document = document();
    let desk = Desk::new();
    desk.ticket("1").await;
    let mut seen = 0;
    for (method, path, body) in BODIES {
        let content = &document["paths"][path][method]["requestBody"]["content"];
        let schema = resolved(&document, &content["application/json"]["schema"]);
        let whole: Map<String, Value> = serde_json::from_str(body).expect("JSON");
        let mut wrong = whole.clone();
        let mut expected = BTreeSet::from(["unheard".to_owned()]);
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let is_list = !resolved(&document, field)["items"].is_null();
            let value = if is_list { json!(true) } else { json!([]) };
            let mut one = whole.clone();
            one.insert(name.clone(), value.clone());
            let alone = ask(&desk, method, path, "pt-BR", Value::Object(one).to_string()).await;
            if alone.code() == "BODY_INVALID" {
                assert_eq!(named(&alone), BTreeSet::from([name.clone()]));
                wrong.insert(name.clone(), value);
                expected.insert(name.clone());
            }
        }
        wrong.insert("unheard".to_owned(), json!(1));
        let told = Value::Object(wrong).to_string();
        let told = ask(&desk, method, path, "pt-BR", told).await;
        if expected.len() > 1 {
            assert_eq!(told.code(), "BODY_INVALID", "{method} {path}");
            assert_eq!(named(&told), expected, "{method} {path}: {}", told.text);
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

#[tokio::test]
async fn what_is_missing_wrong_and_unknown_in_the_depth_of_a_body_is_told_at_once() {
    let desk = Desk::new();
    let snapshot = json!({ "requester": { "emial": "x", "name": 5 }, "followers": [[], { "name": {} }],
        "updated_at": "yesterday", "group": "N1", "unheard": 1 });
    let told = ask(&desk, "put", "/tickets/1", "en", snapshot.to_string()).await;
    let fields = [
        "followers[0]",
        "followers[1].name",
        "group",
        "requester.emial",
        "requester.name",
        "unheard",
        "updated_at",
    ];
    let expected: BTreeSet<String> = fields.map(str::to_owned).into();
    assert_eq!(named(&told), expected, "{}", told.text);
    assert_eq!(told.body["detail"], "7 findings, see errors.");
    let answer = json!({ "titel": "x", "text": 5, "of": "nobody" });
    let told = ask(&desk, "post", "/snippets", "pt-BR", answer.to_string()).await;
    let errors = told.expect(400)["errors"].take();
    let (mut codes, mut meant) = (Vec::new(), Vec::new());
    for error in errors.as_array().expect("findings") {
        codes.push((error["field"].clone(), error["code"].clone()));
        meant.extend(error["params"]["meant"].as_str().map(str::to_owned));
    }
    assert!(
        codes.contains(&(json!("title"), json!("FIELD_MISSING"))),
        "{errors}"
    );
    assert!(
        codes.contains(&(json!("text"), json!("FIELD_INVALID"))),
        "{errors}"
    );
    assert!(
        codes.contains(&(json!("of"), json!("FIELD_INVALID"))),
        "{errors}"
    );
    assert!(
        codes.contains(&(json!("titel"), json!("FIELD_UNKNOWN"))),
        "{errors}"
    );
    assert_eq!(
        (codes.len(), meant),
        (4, vec!["title".to_owned()]),
        "{errors}"
    );
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_query_is_told_at_once() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (query, wrong) in [
        (
            "/tickets?unread=2&of=us&limit=0&limti=1",
            &["limit", "limti", "of", "unread"][..],
        ),
        (
            "/deliveries?status=delivered&reason=x&limit=x",
            &["limit", "reason", "status"],
        ),
        (
            "/tickets/1/messages?order=up&after=x&around=y&limit=101",
            &["after", "around", "limit", "order"],
        ),
        ("/keys?limit=0&limti=1", &["limit", "limti"]),
        (
            "/tickets/1/messages?order=desc&around=0193a0b0-0000-7000-8000-000000000000&limit=0",
            &["around", "limit", "order"],
        ),
        ("/statistics?days=x&day=1", &["day", "days"]),
        ("/statistics?days=32&day=1", &["day", "days"]),
        (
            "/templates?status=no&limit=x&q=a&q=b",
            &["limit", "q", "status"],
        ),
        (
            "/quarantine?status=no&limit=9999999999999999999999",
            &["limit", "status"],
        ),
    ] {
        let answer = ask(&desk, "get", query, "pt-BR", String::new()).await;
        assert_eq!(answer.code(), "REQUEST_INVALID", "{query}: {}", answer.text);
        let expected: BTreeSet<String> = wrong.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(named(&answer), expected, "{query}: {}", answer.text);
    }
    let file = "/templates/import/read?name=a.sql&encoding=x&dialect=y";
    let answer = ask(&desk, "post", file, "pt-BR", String::new()).await;
    let expected = BTreeSet::from(["dialect", "encoding"].map(str::to_owned));
    assert_eq!(named(&answer), expected, "{}", answer.text);
}

#[tokio::test]
async fn every_body_refuses_a_field_that_stands_twice() {
    let desk = Desk::new();
    desk.ticket("1").await;
    // Names of the ITSM system are read without the blanks around them.
    let names = [("x", "x"), ("x", "\u{a0}x"), (" x", "x"), (" x", "x\t")];
    for ((method, path, body), (one, other)) in BODIES
        .iter()
        .flat_map(|body| names.map(|names| (body, names)))
    {
        let rest = body.trim_start_matches('{');
        let twice = format!(
            "{{{}: 1, {}: 1{}{rest}",
            json!(one),
            json!(other),
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
async fn an_internal_note_is_not_made_public_by_a_second_field() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let body = r#"{"visibility": "internal", "\u00a0visibility": "public", "text": "x"}"#;
    let told = ask(
        &desk,
        "post",
        "/tickets/{id}/messages",
        "pt-BR",
        body.to_owned(),
    )
    .await;
    assert_eq!(told.status, 400, "{}", told.text);
    assert!(told.text.contains("`visibility`"), "{}", told.text);
}

#[tokio::test]
async fn an_internal_note_is_not_made_public_by_the_object_within() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let post = async |within: &str| {
        let occurrence = json!({ "text": "x", "visibility": within });
        let body = json!({ "visibility": "internal", "occurrence": occurrence });
        desk.call(&bia(), "POST", "/tickets/1/messages", Some(body))
            .await
    };
    let told = post("public").await;
    assert_eq!(told.status, 422, "{}", told.text);
    assert_eq!(told.body["errors"][0]["field"], "occurrence");
    let told = post("internal").await;
    assert_eq!(told.status, 202, "{}", told.text);
}

#[tokio::test]
async fn an_answer_does_not_grow_with_what_is_wrong() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let endless = "\u{7f}".repeat(60_000);
    for body in [
        json!({ "text": "x", "notify": endless }),
        json!({ "text": "x", "visibility": endless }),
        json!({ "text": "x", (endless.as_str()): 1 }),
        json!({ "text": "x", "extra": { (endless.as_str()): [] } }),
        json!({ "text": "x", "attachments": endless }),
        json!({ "text": "x", "attachments": vec![1; 50_000] }),
    ] {
        for language in ["pt-BR", "en"] {
            let path = "/tickets/{id}/messages";
            let told = ask(&desk, "post", path, language, body.to_string()).await;
            assert!(told.status.is_client_error(), "{}", told.status);
            assert!(told.text.len() < 64 * 1024, "{} bytes", told.text.len());
        }
    }
}

#[tokio::test]
async fn an_object_is_no_word() {
    let desk = Desk::new();
    for (path, field, value) in [
        ("/templates", "status", json!({ "active": null })),
        ("/templates", "syntax", json!({ "keys": null })),
        ("/snippets", "of", json!({ "me": null })),
        (
            "/deliveries/resend",
            "statuses",
            json!([{ "failed": null }]),
        ),
    ] {
        let body = json!({ (field): value }).to_string();
        let told = ask(&desk, "post", path, "en", body).await;
        assert_eq!(told.status, 400, "{}", told.text);
        assert!(told.text.contains("a string"), "{path}: {}", told.text);
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
