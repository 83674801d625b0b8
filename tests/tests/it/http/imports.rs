//! `POST /templates/import`, and what the importer reads against what the API says of it.

use domain::source::Source;
use import::{Options, lint::lint};
use serde_json::{Value, json};
use service::admin::templates::{Strictness, findings};

use crate::desk::{Desk, admin, bia};

async fn import(desk: &Desk, templates: &Value, dry_run: bool) -> Value {
    let body = json!({ "templates": templates, "dry_run": dry_run });
    desk.call(&admin(), "POST", "/templates/import", Some(body))
        .await
        .expect(200)
}

fn legacy(id: u64, identifier: &str, html: &str) -> Value {
    json!({ "id": id, "identifier": identifier, "title": "Chamado ${IDSOLICITACAOSERVICO}", "html": html })
}

async fn listed(desk: &Desk) -> Vec<(u64, String)> {
    let page = desk
        .call(&admin(), "GET", "/templates?limit=100", None)
        .await
        .expect(200);
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|t| {
            (
                t["id"].as_u64().unwrap(),
                t["identifier"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[tokio::test]
async fn ids_are_kept_and_a_second_run_changes_nothing() {
    let desk = Desk::new();
    let both = json!([
        legacy(34, "registro", "<p>a</p>"),
        legacy(7, "registro", "<p>b ${DESCONHECIDA}</p>")
    ]);
    let dry = import(&desk, &both, true).await;
    assert_eq!(dry["totals"]["created"], 2);
    assert_eq!(listed(&desk).await, []);
    let first = import(&desk, &both, false).await;
    assert_eq!(
        first["templates"], dry["templates"],
        "a dry run says what a run does"
    );
    assert_eq!(
        first["templates"][1]["diagnostics"][0]["code"],
        "UNKNOWN_KEY"
    );
    let stored = listed(&desk).await;
    assert_eq!(
        stored,
        [(7, "registro-2".to_owned()), (34, "registro".to_owned())]
    );
    let second = import(&desk, &both, false).await;
    assert_eq!(second["totals"]["created"], 0);
    assert_eq!(second["totals"]["unchanged"], 2);
    assert_eq!(listed(&desk).await, stored);
    // The next id is above the highest that came in.
    let draft =
        json!({ "identifier": "next", "title": "t ${IDSOLICITACAOSERVICO}", "html": "<p>x</p>" });
    let next = desk
        .call(&admin(), "POST", "/templates", Some(draft))
        .await
        .expect(201);
    assert_eq!(next["id"], 35);
}

#[tokio::test]
async fn an_id_that_was_given_before_is_not_given_again() {
    let desk = Desk::new();
    import(
        &desk,
        &json!([legacy(5, "old", "<p>a</p>"), legacy(9, "gone", "<p>b</p>")]),
        false,
    )
    .await;
    desk.call(&admin(), "DELETE", "/templates/9", None).await;
    assert_eq!(listed(&desk).await.len(), 1);
    let report = import(
        &desk,
        &json!([legacy(9, "new", "<p>c</p>"), legacy(5, "other", "<p>d</p>")]),
        false,
    )
    .await;
    let ids: Vec<_> = report["templates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["id"].as_u64())
        .collect();
    assert_eq!(ids, [Some(10), Some(11)]);
    assert_eq!(report["totals"]["renumbered"], 2);
    assert_eq!(
        listed(&desk)
            .await
            .iter()
            .map(|(id, _)| *id)
            .collect::<Vec<_>>(),
        [5, 10, 11]
    );
}

#[tokio::test]
async fn a_number_after_which_none_is_left_is_not_kept_and_templates_are_made_as_before() {
    let desk = Desk::new();
    let templates = json!([
        legacy(0, "zero", "<p>a</p>"),
        legacy(u64::MAX, "last", "<p>b</p>"),
        legacy(10_000_000_000, "long", "<p>c</p>")
    ]);
    for dry_run in [true, false] {
        let report = import(&desk, &templates, dry_run).await;
        let told = report["templates"].as_array().unwrap().iter();
        let told: Vec<_> = told.map(|t| (&t["id"], &t["legacy_id"])).collect();
        let expected = [0, u64::MAX, 10_000_000_000].map(Value::from);
        assert_eq!(
            told,
            [1, 2, 3]
                .map(Value::from)
                .iter()
                .zip(&expected)
                .collect::<Vec<_>>()
        );
    }
    let body = json!({ "identifier": "next", "title": "t", "html": "<p>${COMMENTTEXT}</p>" });
    let made = desk.call(&admin(), "POST", "/templates", Some(body)).await;
    assert_eq!(made.expect(201)["id"], 4);
}

#[tokio::test]
async fn one_that_would_make_an_empty_mail_is_kept_and_cannot_be_chosen() {
    let desk = Desk::new();
    let mut untitled = legacy(2, "untitled", "<p>${COMMENTTEXT}</p>");
    untitled["title"] = json!(" ");
    let templates = json!([
        legacy(1, "empty", ""),
        untitled,
        legacy(3, "fine", "<p>${NADA}</p>")
    ]);
    let report = import(&desk, &templates, false).await;
    assert_eq!(report["totals"]["created"], 3);
    for number in [417, 251, 253] {
        for (id, status) in [(1, 422), (2, 422), (3, 200)] {
            let body = json!({ "value": id.to_string() });
            let path = format!("/parameters/{number}");
            let etag = [("if-match", "*")];
            let answer = desk
                .call_with(&admin(), "PUT", &path, &etag, Some(body))
                .await;
            if status == 422 {
                assert_eq!(answer.code(), "TEMPLATE_INVALID");
            }
            answer.expect(status);
        }
    }
}

#[tokio::test]
async fn one_that_cannot_be_stored_does_not_stop_the_others() {
    let desk = Desk::new();
    let huge = "x".repeat(450 * 1024);
    let report = import(
        &desk,
        &json!([legacy(1, "huge", &huge), legacy(2, "fine", "<p>a</p>")]),
        false,
    )
    .await;
    assert_eq!(report["templates"][0]["action"], "refused");
    assert_eq!(report["findings"][0]["code"], "NOT_STORED");
    assert_eq!(
        (&report["totals"]["refused"], &report["totals"]["created"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(listed(&desk).await, [(2, "fine".to_owned())]);
}

#[tokio::test]
async fn only_administrators_import() {
    let desk = Desk::new();
    let body = json!({ "templates": [] });
    let answer = desk
        .call(&bia(), "POST", "/templates/import", Some(body))
        .await;
    assert_eq!(answer.code(), "FORBIDDEN");
}

#[tokio::test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
async fn the_whole_corpus_comes_in_once_and_is_linted_as_the_api_does() {
    let corpus = tests::corpus();
    let paths = [corpus.join("legacy-templates"), corpus.join("dumps")];
    let check = |source: &Source| findings(source, Strictness::Strict);
    let linted = lint(&paths, &Options::default(), &check, &mut |_| {}).unwrap();
    let read = import::read(&paths, &Options::default(), &mut |_| {}).unwrap();
    assert_eq!(read.templates.len(), 38 + 9);
    assert_eq!(linted.templates.len(), read.templates.len());
    let desk = Desk::new();
    for (linted, template) in linted.templates.iter().zip(&read.templates) {
        let body = json!({ "title": template.title, "html": template.html });
        let said = desk
            .call(&admin(), "POST", "/templates/validate", Some(body))
            .await
            .expect(200);
        assert_eq!(
            said["diagnostics"],
            json!(linted.diagnostics),
            "{}",
            linted.file
        );
    }
    let all = serde_json::to_value(&read.templates).unwrap();
    let first = import(&desk, &all, false).await;
    assert_eq!(first["totals"]["refused"], 0);
    let stored = listed(&desk).await;
    assert_eq!(first["totals"]["created"], stored.len());
    let second = import(&desk, &all, false).await;
    assert_eq!(
        (&second["totals"]["created"], &second["totals"]["unchanged"]),
        (&json!(0), &json!(47))
    );
    assert_eq!(listed(&desk).await, stored);
}

/// The same import under its key is answered again, and the key is taken for no other.
#[tokio::test]
async fn an_idempotency_key_is_that_of_one_import() {
    let desk = Desk::new();
    let call = async |templates: Value, dry_run: bool| {
        let body = json!({ "templates": templates, "dry_run": dry_run });
        let key = [("idempotency-key", "k")];
        let path = "/templates/import";
        desk.call_with(&admin(), "POST", path, &key, Some(body))
            .await
    };
    let one = json!([legacy(34, "registro", "<p>a</p>")]);
    let dry = call(one.clone(), true).await;
    assert_eq!(dry.header("idempotent-replayed"), "", "{}", dry.text);
    dry.expect(200);
    let first = call(one.clone(), false).await.expect(200);
    assert_eq!(first["totals"]["created"], 1);
    for _ in 0..2 {
        let again = call(one.clone(), false).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.expect(200), first);
    }
    let other = call(json!([legacy(35, "outro", "<p>b</p>")]), false).await;
    assert_eq!(other.code(), "IDEMPOTENCY_MISMATCH", "{}", other.text);
    other.expect(422);
    assert_eq!(listed(&desk).await, [(34, "registro".to_owned())]);
}

/// Of many at once under one key one is at work, the others are told to wait, and all who ask afterwards
/// get its answer.
#[tokio::test]
async fn an_import_that_is_sent_twice_at_once_is_one() {
    let desk = Desk::new();
    let templates = json!([legacy(34, "r0", "<p>a</p>"), legacy(35, "r1", "<p>b</p>")]);
    let call = async |key: &str| {
        let body = json!({ "templates": templates, "dry_run": false });
        let key = [("idempotency-key", key)];
        desk.call_with(&admin(), "POST", "/templates/import", &key, Some(body))
            .await
    };
    let (one, two, three) = tokio::join!(call("k"), call("k"), call("k"));
    let answers = [one, two, three];
    let fresh: Vec<_> = answers
        .iter()
        .filter(|one| one.status == 200 && one.header("idempotent-replayed").is_empty())
        .collect();
    assert_eq!(fresh.len(), 1, "one did it");
    assert_eq!(fresh[0].body["totals"]["created"], 2);
    for answer in &answers {
        match answer.status.as_u16() {
            200 => assert_eq!(answer.body, fresh[0].body),
            _ => {
                assert_eq!(answer.code(), "IDEMPOTENCY_IN_PROGRESS", "{}", answer.text);
                assert_eq!(answer.header("retry-after"), "1");
            }
        }
    }
    let again = call("k").await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body, fresh[0].body);
}
