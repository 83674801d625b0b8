//! Templates: versions, identifiers, search, rollback.

use domain::source::Source;
use serde_json::{Value, json};
use service::admin::templates::{MAX_STORED, Strictness, findings};

use crate::desk::{Desk, admin};

fn draft(identifier: &str, title: &str) -> Value {
    json!({ "identifier": identifier, "title": title, "html": "<p>${IDSOLICITACAOSERVICO} ${COMMENTTEXT}</p>" })
}

#[tokio::test]
async fn a_change_makes_a_version_and_rollback_another() {
    let desk = Desk::new();
    let created = desk
        .call(&admin(), "POST", "/templates", Some(draft("msg", "um")))
        .await;
    assert_eq!(created.header("location"), "/templates/1");
    let etag = created.header("etag").to_owned();
    assert_eq!(created.expect(201)["version"], 1);
    let changed = desk
        .call_with(
            &admin(),
            "PUT",
            "/templates/1",
            &[("if-match", &etag)],
            Some(draft("msg2", "dois")),
        )
        .await;
    assert_eq!(changed.expect(200)["version"], 2);
    let stale = desk
        .call_with(
            &admin(),
            "PUT",
            "/templates/1",
            &[("if-match", &etag)],
            Some(draft("msg", "três")),
        )
        .await;
    assert_eq!(stale.code(), "STALE");
    let back = desk
        .call(
            &admin(),
            "POST",
            "/templates/1/rollback",
            Some(json!({ "version": 1 })),
        )
        .await
        .expect(200);
    assert_eq!(
        (&back["version"], &back["title"], &back["identifier"]),
        (&json!(3), &json!("um"), &json!("msg"))
    );
    let versions = desk
        .call(&admin(), "GET", "/templates/1/versions", None)
        .await
        .expect(200);
    let titles: Vec<_> = versions["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|v| v["title"].clone())
        .collect();
    assert_eq!(titles, ["um", "dois", "um"]);
    desk.call_with(
        &admin(),
        "DELETE",
        "/templates/1",
        &[("if-match", "*")],
        None,
    )
    .await
    .expect(204);
    desk.call(&admin(), "GET", "/templates/1", None)
        .await
        .expect(404);
    let kept = desk
        .call(&admin(), "GET", "/templates/1/versions/2", None)
        .await
        .expect(200);
    assert_eq!(
        kept["title"], "dois",
        "versions of a deleted template stay readable"
    );
    let next = desk
        .call(&admin(), "POST", "/templates", Some(draft("msg", "novo")))
        .await
        .expect(201);
    assert_eq!(next["id"], 2, "an id is never given twice");
}

#[tokio::test]
async fn identifiers_are_unique_whatever_their_case() {
    let desk = Desk::new();
    desk.call(&admin(), "POST", "/templates", Some(draft("Msg", "um")))
        .await
        .expect(201);
    let taken = desk
        .call(&admin(), "POST", "/templates", Some(draft("mSG", "dois")))
        .await;
    assert_eq!(
        (taken.status.as_u16(), taken.code()),
        (422, "IDENTIFIER_TAKEN")
    );
    let endless = "x".repeat(5000);
    for bad in [
        "",
        "has space",
        "123456789012345678901",
        "a\u{82}b",
        &endless,
    ] {
        for (method, path) in [("POST", "/templates"), ("PUT", "/templates/1")] {
            let answer = desk
                .call_with(
                    &admin(),
                    method,
                    path,
                    &[("if-match", "*")],
                    Some(draft(bad, "t")),
                )
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (422, "IDENTIFIER_INVALID"),
                "{method} {bad}"
            );
        }
    }
    let etag = desk
        .call(&admin(), "GET", "/templates/1", None)
        .await
        .header("etag")
        .to_owned();
    let same = desk
        .call_with(
            &admin(),
            "PUT",
            "/templates/1",
            &[("if-match", &etag)],
            Some(draft("MSG", "um")),
        )
        .await;
    same.expect(200);
}

#[tokio::test]
async fn a_bad_template_is_refused_with_every_finding() {
    let desk = Desk::new();
    let bad = json!({ "identifier": "x y", "title": "${NOMECONTATOO}", "html": "<p>${nomecontato} ${UNKNOWN</p>" });
    let answer = desk
        .call(&admin(), "POST", "/templates", Some(bad.clone()))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (422, "TEMPLATE_INVALID")
    );
    let codes: Vec<_> = answer.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| e["code"].as_str().unwrap_or_default().to_owned())
        .collect();
    for code in [
        "IDENTIFIER_INVALID",
        "UNKNOWN_KEY",
        "WRONG_CASE",
        "UNCLOSED_KEY",
    ] {
        assert!(
            codes.iter().any(|found| found == code),
            "{code} in {codes:?}"
        );
    }
    let checked = desk
        .call(&admin(), "POST", "/templates/validate", Some(bad))
        .await
        .expect(200);
    assert_eq!(checked["valid"], false);
    let found = &checked["diagnostics"][0];
    assert_eq!(
        (&found["part"], &found["line"], &found["suggestion"]),
        (&json!("title"), &json!(1), &json!("${NOMECONTATO}"))
    );
    assert_eq!(
        desk.call(&admin(), "GET", "/templates", None)
            .await
            .expect(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn a_search_finds_by_id_title_and_identifier_page_by_page() {
    let desk = Desk::new();
    for n in 1..=12 {
        let word = if n % 2 == 0 { "Prazo" } else { "Ocorrência" };
        desk.call(
            &admin(),
            "POST",
            "/templates",
            Some(draft(&format!("m{n}"), &format!("{word} {n}"))),
        )
        .await
        .expect(201);
    }
    let ids = async |query: &str| -> Vec<u64> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = desk
                .call(
                    &admin(),
                    "GET",
                    &format!("/templates?{query}&limit=4&cursor={cursor}"),
                    None,
                )
                .await
                .expect(200);
            ids.extend(
                page["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|t| t["id"].as_u64()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return ids,
            }
        }
    };
    assert_eq!(ids("").await, (1..=12).collect::<Vec<_>>());
    assert_eq!(ids("q=PRAZO").await, [2, 4, 6, 8, 10, 12]);
    assert_eq!(ids("q=m7").await, [7]);
    assert_eq!(
        ids("q=11").await,
        [11],
        "a number finds its id and what contains it"
    );
    assert_eq!(ids("status=inactive").await, [0; 0]);
}

#[tokio::test]
async fn the_key_catalogue_is_for_everyone_in_their_language() {
    let desk = Desk::new();
    let mut catalogues = Vec::new();
    for (language, contact, activity, service) in [
        ("pt-BR,pt;q=0.9", "Nome do contato", "Atividade", "Serviço"),
        ("en", "Contact name", "Activity", "Service"),
        ("es-AR", "Nombre del contacto", "Actividad", "Servicio"),
    ] {
        let headers = [("accept-language", language)];
        let keys = desk
            .call_with(&crate::desk::maria(), "GET", "/keys", &headers, None)
            .await
            .expect(200);
        let all = keys["items"].as_array().expect("a list").clone();
        let label = |name: &str| {
            let key = all.iter().find(|key| key["key"] == name);
            key.expect("it is in the catalogue")["label"].clone()
        };
        assert_eq!(label("NOMECONTATO"), contact);
        assert_eq!(label("SERVICO"), activity);
        assert_eq!(label("SERVICORELACIONADO"), service);
        for key in &all {
            for field in ["label", "kind", "sample"] {
                assert_ne!(
                    key[field].as_str().unwrap_or_default(),
                    "",
                    "{field} of {key}"
                );
            }
        }
        catalogues.push(all);
    }
    assert_eq!(catalogues[1].len(), catalogues[0].len());
    for ((pt, en), es) in catalogues[0].iter().zip(&catalogues[1]).zip(&catalogues[2]) {
        for field in ["key", "aliases", "kind"] {
            assert_eq!(
                (&pt[field], &pt[field]),
                (&en[field], &es[field]),
                "{field} of {pt}"
            );
        }
    }
    let contact = catalogues[1].iter().find(|key| key["key"] == "NOMECONTATO");
    assert_eq!(contact.unwrap()["aliases"], json!(["CONTACTNAME"]));
}

#[tokio::test]
async fn a_rollback_under_one_key_is_one_version() {
    let desk = Desk::new();
    let body = Some(draft("msg", "um"));
    desk.call(&admin(), "POST", "/templates", body)
        .await
        .expect(201);
    let rollback = async |key: &str, version: u64| {
        let key = [("idempotency-key", key)];
        let body = Some(json!({ "version": version }));
        desk.call_with(&admin(), "POST", "/templates/1/rollback", &key, body)
            .await
    };
    let first = rollback("a", 1).await.expect(200);
    assert_eq!(first["version"], 2);
    let again = rollback("a", 1).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(200), first);
    assert_eq!(rollback("a", 2).await.code(), "IDEMPOTENCY_MISMATCH");
    assert_eq!(rollback("b", 1).await.expect(200)["version"], 3);
}

#[tokio::test]
async fn what_is_known_as_a_whole_is_read_at_once_or_page_by_page() {
    let desk = Desk::new();
    for (path, field) in [("/keys", "key"), ("/parameters", "number")] {
        let whole = desk.call(&admin(), "GET", path, None).await.expect(200);
        assert_eq!(whole["next_cursor"], json!(null));
        let all = whole["items"].as_array().unwrap();
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let asked = format!("{path}?limit=7&cursor={cursor}");
            let page = desk.call(&admin(), "GET", &asked, None).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 7);
            pages.extend(items.iter().map(|item| item[field].clone()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        let wanted: Vec<_> = all.iter().map(|item| item[field].clone()).collect();
        assert_eq!(pages, wanted);
        for bad in ["limit=0", "limit=101", "limit=x", "cursor=zzz"] {
            let asked = format!("{path}?{bad}");
            desk.call(&admin(), "GET", &asked, None).await.expect(400);
        }
        let other = if path == "/keys" {
            "/parameters"
        } else {
            "/keys"
        };
        let foreign = format!("{other}?limit=7&cursor={cursor}");
        desk.call(&admin(), "GET", &foreign, None).await.expect(400);
    }
}

/// A template is as large as an item of the store, with all its languages and the findings that stay
/// with it: every check says so, and none says yes to what a save refuses.
#[tokio::test]
async fn a_template_that_cannot_be_stored_is_found_by_every_check() {
    let html = |bytes: usize| format!("<p>${{IDSOLICITACAOSERVICO}} {}</p>", "x".repeat(bytes));
    let draft = |html: String, locales: Value| json!({ "identifier": "g", "title": "t", "html": html, "text": "t", "locales": locales });
    let variants: serde_json::Map<_, _> =
        ["en", "es", "fr", "de", "it", "nl", "pl", "sv", "da", "fi"]
            .into_iter()
            .map(|tag| {
                (
                    tag.to_owned(),
                    json!({ "title": "t", "html": html(45_000) }),
                )
            })
            .collect();
    let warned = format!("{}{}", html(MAX_STORED - 100_000), "&nope;".repeat(3_000));
    for (case, draft, fits) in [
        ("fits", draft(html(MAX_STORED - 500), json!({})), true),
        ("one part", draft(html(MAX_STORED), json!({})), false),
        ("languages", draft(html(10), Value::Object(variants)), false),
        ("its findings", draft(warned, json!({})), false),
    ] {
        let desk = Desk::new();
        let made = json!({ "identifier": "m", "title": "t", "html": html(1) });
        let made = desk.call(&admin(), "POST", "/templates", Some(made)).await;
        made.expect(201);
        let codes = |findings: &Value| -> Vec<String> {
            let all = findings.as_array().into_iter().flatten();
            let errors = all.filter(|one| {
                let at = one.get("params").unwrap_or(one);
                at["severity"] == "error"
                    || one["severity"] == "error"
                    || one["code"] == "TEMPLATE_TOO_LARGE"
            });
            errors
                .map(|one| one["code"].as_str().unwrap().to_owned())
                .collect()
        };
        let expected = vec!["TEMPLATE_TOO_LARGE"; usize::from(!fits)];
        let call = async |method: &str, path: &str, body: Value| {
            let any = [("if-match", "*")];
            desk.call_with(&admin(), method, path, &any, Some(body))
                .await
        };
        let valid = call("POST", "/templates/validate", draft.clone())
            .await
            .expect(200);
        assert_eq!(valid["valid"], fits, "{case}");
        assert_eq!(codes(&valid["diagnostics"]), expected, "{case}");
        let shown = json!({ "draft": draft, "sample": true });
        let shown = call("POST", "/templates/preview", shown).await.expect(200);
        assert_eq!(codes(&shown["diagnostics"]), expected, "{case}");
        for (method, path) in [("POST", "/templates"), ("PUT", "/templates/1")] {
            let saved = call(method, path, draft.clone()).await;
            assert_eq!(
                saved.status.is_success(),
                fits,
                "{case} {}",
                saved.body["detail"]
            );
            assert_eq!(codes(&saved.body["errors"]), expected, "{case} {method}");
            if !fits {
                assert_eq!(saved.code(), "TEMPLATE_INVALID", "{case}");
            }
            // The second would have the identifier of the first.
            if fits {
                break;
            }
        }
        let test = call("POST", "/templates/1/test", json!({ "draft": draft })).await;
        assert_eq!(
            test.status.is_success(),
            fits,
            "{case} {}",
            test.body["detail"]
        );
    }
}

/// The import, its dry run and the linter read one language of a template, by the same check.
#[tokio::test]
async fn an_import_refuses_beforehand_what_cannot_be_stored() {
    for (bytes, fits) in [(MAX_STORED - 500, true), (MAX_STORED, false)] {
        let html = format!("<p>{}</p>", "x".repeat(bytes));
        let desk = Desk::new();
        for (dry_run, action) in [(true, "create"), (false, "create")] {
            let action = if fits { action } else { "refused" };
            let legacy = json!([{ "id": 7, "identifier": "g", "title": "t", "html": html }]);
            let body = json!({ "templates": legacy, "dry_run": dry_run });
            let report = desk
                .call(&admin(), "POST", "/templates/import", Some(body))
                .await
                .expect(200);
            assert_eq!(
                report["templates"][0]["action"], action,
                "{bytes} {dry_run}"
            );
            assert_eq!(report["totals"]["refused"], usize::from(!fits));
            assert_eq!(
                report["totals"]["errors"] == 0,
                fits,
                "{}",
                report["totals"]
            );
        }
        let source = Source {
            title: "t".to_owned(),
            html,
            ..Source::default()
        };
        for weigh in [Strictness::Strict, Strictness::Imported] {
            let found = findings(&source, weigh);
            let is_found = found.iter().any(|one| one.code == "TEMPLATE_TOO_LARGE");
            assert_eq!(is_found, !fits, "{weigh:?}");
        }
    }
}
