//! Words for people are in the reader's language; codes never change.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Desk, admin, bia, maria};

const LANGUAGES: [&str; 3] = ["pt-BR", "en", "es"];

/// The same call in each language.
async fn in_each(
    desk: &Desk,
    caller: &Value,
    (method, path): (&str, &str),
    body: Option<Value>,
) -> Vec<super::Answer> {
    let mut answers = Vec::new();
    for language in LANGUAGES {
        let headers = [("accept-language", language)];
        let answer = desk.call_with(caller, method, path, &headers, body.clone());
        answers.push(answer.await);
    }
    answers
}

fn differ(texts: Vec<&Value>) {
    let several: BTreeSet<String> = texts.iter().map(|text| text.to_string()).collect();
    assert_eq!(several.len(), texts.len(), "{several:?}");
}

#[tokio::test]
async fn problems_speak_the_readers_language_and_keep_their_codes() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let long = json!({ "text": "x", "category": "c".repeat(300), "visibility": "internal" });
    let draft = json!({ "identifier": "a b", "title": "${NOMECONTATTO}", "html": "<p>x</p>" });
    let messages = "/tickets/1/messages";
    for (caller, call, body) in [
        (maria(), ("POST", messages), Some(long)),
        (admin(), ("POST", "/templates"), Some(draft)),
        (bia(), ("GET", "/tickets/2"), None),
        (bia(), ("GET", "/tickets?limit=0"), None),
        (bia(), ("GET", "/tickets?x=1"), None),
        (bia(), ("GET", "/parameters"), None),
        (admin(), ("GET", "/nowhere"), None),
        (
            admin(),
            ("PUT", "/parameters/9999"),
            Some(json!({ "value": "x" })),
        ),
        (bia(), ("POST", messages), Some(json!({ "txt": "x" }))),
        (bia(), ("POST", messages), Some(json!({ "text": 5 }))),
        (bia(), ("POST", messages), Some(json!([1]))),
        (bia(), ("GET", "/deliveries?status=zz"), None),
        (bia(), ("GET", "/tickets?limit=x"), None),
    ] {
        let answers = in_each(&desk, &caller, call, body).await;
        differ(answers.iter().map(|one| &one.body["title"]).collect());
        for (answer, language) in answers.iter().zip(LANGUAGES) {
            assert_eq!(answer.header("content-language"), language);
            assert_eq!(answer.code(), answers[0].code());
        }
        differ(answers.iter().map(|one| &one.body["detail"]).collect());
        let findings = answers[0].body["errors"].as_array().map_or(0, Vec::len);
        for at in 0..findings {
            differ(
                answers
                    .iter()
                    .map(|one| &one.body["errors"][at]["message"])
                    .collect(),
            );
            let codes: BTreeSet<_> = answers
                .iter()
                .map(|one| one.body["errors"][at]["code"].to_string())
                .collect();
            assert_eq!(codes.len(), 1, "{codes:?}");
        }
    }
    let caller = bia();
    let pt = desk.call_with(
        &caller,
        "GET",
        "/tickets?limti=1",
        &[("accept-language", "pt")],
        None,
    );
    let pt = pt.await;
    assert_eq!(pt.body["errors"][0]["params"]["meant"], "limit");
    assert_eq!(
        pt.body["errors"][0]["message"],
        "nome desconhecido; seria limit?"
    );
}

#[tokio::test]
async fn checks_and_diagnostics_speak_the_readers_language() {
    let desk = Desk::new();
    let answers = in_each(&desk, &admin(), ("GET", "/health/config"), None).await;
    let checks = answers[0].body["checks"].as_array().expect("checks").len();
    for at in 0..checks {
        let of = |field| {
            let texts: Vec<_> = answers
                .iter()
                .map(|one| &one.body["checks"][at][field])
                .collect();
            texts
        };
        if of("status")[0] != "ok" {
            differ(of("detail"));
            differ(of("fix"));
        }
    }
    let draft = json!({ "title": "${NOMECONTATTO}", "html": "<p>${nomecontato}</p>" });
    let call = ("POST", "/templates/validate");
    let answers = in_each(&desk, &admin(), call, Some(draft)).await;
    let found = answers[0].body["diagnostics"]
        .as_array()
        .expect("findings")
        .len();
    assert!(found >= 2);
    for at in 0..found {
        differ(
            answers
                .iter()
                .map(|one| &one.body["diagnostics"][at]["message"])
                .collect(),
        );
    }
}
