//! Words for people are in the reader's language; codes never change.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, maria};

const LANGUAGES: [&str; 3] = ["pt-BR", "en", "es"];

/// The same call in each language.
async fn in_each(
    desk: &Desk,
    caller: &Value,
    (method, path): (&str, &str),
    body: Option<Value>,
) -> Vec<crate::desk::Answer> {
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
    let sound = json!({ "identifier": "m", "title": "[${IDSOLICITACAOSERVICO}] x",
        "html": "<p>${COMMENTTEXT}</p>" });
    let stranger = json!({ "to": "stranger@example.org", "draft": sound });
    let mut no_language = sound.clone();
    no_language["locales"] = json!({ "en_US": { "title": "x", "html": "<p>${COMMENTTEXT}</p>" } });
    let no_address = json!({ "address": "nobody", "reason": "they asked" });
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
        (admin(), ("POST", "/templates/test"), Some(stranger)),
        (admin(), ("POST", "/templates"), Some(no_language)),
        (admin(), ("POST", "/erasures"), Some(no_address)),
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
        "nome desconhecido; você quis dizer limit?"
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

/// The values of a finding are those of its sentence, in the reader's language.
#[tokio::test]
async fn the_values_of_findings_speak_the_readers_language() {
    let desk = Desk::new();
    let draft = json!({ "identifier": "a", "title": "${NOMECONTATTO} {TOKEN(x)}",
        "html": "<p>${nomecontato} $(NOMECONTATO) {TOKEN(x)}</p>" });
    let answers = in_each(&desk, &admin(), ("POST", "/templates"), Some(draft)).await;
    let found = answers[0].body["errors"]
        .as_array()
        .expect("findings")
        .len();
    assert!(found >= 5, "{}", answers[0].text);
    for at in 0..found {
        let params = answers.iter().map(|one| &one.body["errors"][at]["params"]);
        let said: Vec<_> = params.map(|params| &params["message"]).collect();
        match answers[0].body["errors"][at]["code"].as_str() {
            Some("TOKEN_INVALID") => differ(said),
            _ => assert!(said.iter().all(|one| one.is_null()), "{said:?}"),
        }
    }
    let body = Some(json!({ "text": 5 }));
    let answers = in_each(&desk, &bia(), ("POST", "/snippets"), body).await;
    let pt = &answers[0].text;
    assert!(!pt.contains("invalid type"), "{pt}");
}

/// What was found when a template was saved is told to each reader in their language, whoever saved it,
/// and so is what an import found.
#[tokio::test]
async fn findings_of_stored_templates_and_of_imports_speak_the_readers_language() {
    let desk = Desk::new();
    let draft = json!({ "identifier": "a", "title": "x", "html": "<p>x</p><script>1</script>" });
    let made = desk
        .call(&admin(), "POST", "/templates", Some(draft.clone()))
        .await
        .expect(201);
    let path = format!("/templates/{}", made["id"]);
    let version = format!("{path}/versions/1");
    let list = desk.call(&admin(), "GET", "/templates", None).await;
    let count = made["warnings"].as_array().unwrap().len();
    assert_eq!(list.expect(200)["items"][0]["warnings"], count);
    for path in [&path, &version] {
        let answers = in_each(&desk, &admin(), ("GET", path), None).await;
        for at in 0..count {
            let found = answers.iter().map(|one| &one.body["warnings"][at]);
            differ(found.clone().map(|one| &one["message"]).collect());
            assert!(found.clone().all(|one| one["code"].is_string()));
        }
    }
    let legacy = json!([{ "id": 7, "identifier": "old", "title": "x", "html": "<p>${NADA}</p>" }]);
    let body = json!({ "templates": legacy, "dry_run": true });
    let import = ("POST", "/templates/import");
    let answers = in_each(&desk, &admin(), import, Some(body)).await;
    let found = answers.iter();
    let found = found.map(|one| &one.body["templates"][0]["diagnostics"][0]["message"]);
    differ(found.collect());
    let mut read = Vec::new();
    for language in LANGUAGES {
        let headers = [("accept-language", language)];
        let body = axum::body::Body::from("SELECT 1;");
        let path = "/templates/import/read?name=a.sql";
        let request = crate::desk::request(&admin(), "POST", path, &headers, body);
        read.push(desk.request(request).await.expect(200));
    }
    differ(
        read.iter()
            .map(|one| &one["findings"][0]["message"])
            .collect(),
    );
    assert_eq!(read[0]["findings"][0]["code"], "NOTHING_FOUND");
}
