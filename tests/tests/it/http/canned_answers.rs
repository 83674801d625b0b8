//! Canned answers: whose they are, who may write them, and what their keys become.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria, person};

async fn create(desk: &Desk, who: &Value, body: Value) -> Value {
    desk.call(who, "POST", "/snippets", Some(body))
        .await
        .expect(201)
}

async fn titles(desk: &Desk, who: &Value) -> Vec<String> {
    let page = desk.call(who, "GET", "/snippets", None).await.expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|one| one["title"].as_str().expect("a title").to_owned())
        .collect()
}

#[tokio::test]
async fn long_ones_are_all_there_and_all_counted() {
    let desk = Desk::new();
    let text = "x".repeat(10_000);
    for n in 0..200 {
        let title = format!("{n:03}");
        create(&desk, &bia(), json!({ "title": title, "text": text })).await;
    }
    let (mut found, mut path) = (0, "/snippets?limit=100".to_owned());
    loop {
        let page = desk.call(&bia(), "GET", &path, None).await.expect(200);
        found += page["items"].as_array().expect("items").len();
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/snippets?limit=100&cursor={cursor}");
    }
    assert_eq!(found, 200);
    let one_more = json!({ "title": "x", "text": "x" });
    let refused = desk.call(&bia(), "POST", "/snippets", Some(one_more)).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn everybody_reads_their_own_those_of_their_groups_and_those_of_all() {
    let desk = Desk::new();
    let ana = person("technician", "ana@example.com", &["Suporte N1"]);
    let rui = person("technician", "rui@example.com", &["suporte n1"]);
    create(&desk, &ana, json!({"title": "da Ana", "text": "Oi"})).await;
    let group = json!({"title": "Do grupo", "text": "Oi", "of": "group", "group": "Suporte N1"});
    let group = create(&desk, &ana, group).await;
    create(
        &desk,
        &admin(),
        json!({"title": "de todos", "text": "Oi", "of": "all"}),
    )
    .await;
    assert_eq!(
        titles(&desk, &ana).await,
        ["da Ana", "de todos", "Do grupo"]
    );
    assert_eq!(titles(&desk, &rui).await, ["de todos", "Do grupo"]);
    assert_eq!(titles(&desk, &bia()).await, ["de todos"]);
    assert_eq!(
        desk.call(&maria(), "GET", "/snippets", None).await.status,
        403
    );
    // Who may not write: a technician for all, a stranger for a group.
    for (of, group) in [("all", None), ("group", Some("Suporte N1"))] {
        let body = json!({"title": "x", "text": "x", "of": of, "group": group});
        let refused = desk.call(&bia(), "POST", "/snippets", Some(body)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (403, "FORBIDDEN"),
            "{of}"
        );
    }
    let path = format!("/snippets/{}", group["id"].as_str().unwrap());
    assert_eq!(desk.call(&bia(), "GET", &path, None).await.status, 404);
    // Two writers: the second one is told.
    let read = desk.call(&rui, "GET", &path, None).await;
    let mark = read.header("etag").to_owned();
    let body = json!({"title": "Do grupo", "text": "Olá"});
    let bare = desk.call(&rui, "PUT", &path, Some(body.clone())).await;
    assert_eq!(bare.status, 428);
    let headers = [("if-match", mark.as_str())];
    let changed = desk
        .call_with(&rui, "PUT", &path, &headers, Some(body.clone()))
        .await
        .expect(200);
    assert_eq!(
        (&changed["of"], &changed["group"]),
        (&json!("group"), &json!("Suporte N1"))
    );
    assert_eq!(changed["updated_by_name"], "rui");
    let stale = desk
        .call_with(&ana, "PUT", &path, &headers, Some(body))
        .await;
    assert_eq!(stale.status, 412);
    let any = [("if-match", "*")];
    assert_eq!(
        desk.call_with(&ana, "DELETE", &path, &any, None)
            .await
            .status,
        204
    );
    assert_eq!(titles(&desk, &rui).await, ["de todos"]);
}

#[tokio::test]
async fn keys_are_checked_when_it_is_written_and_filled_from_a_ticket_that_one_works_on() {
    let desk = Desk::new();
    desk.ticket("42").await;
    let wrong = json!({"title": "x", "text": "Olá, ${REQUESTERNAMM}!"});
    let refused = desk
        .call(&bia(), "POST", "/snippets", Some(wrong))
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["field"], "text");
    assert_eq!(refused["errors"][0]["suggestion"], "${REQUESTERNAME}");
    let empty = desk
        .call(
            &bia(),
            "POST",
            "/snippets",
            Some(json!({"title": " ", "text": ""})),
        )
        .await;
    assert_eq!(empty.expect(422)["errors"].as_array().unwrap().len(), 2);
    let signature = Some(json!({"signature": "Central\nRamal 100"}));
    desk.call(&admin(), "PUT", "/identities/*", signature)
        .await
        .expect(201);
    let text = "Olá, ${REQUESTERNAME}: chamado ${IDSOLICITACAOSERVICO}.\n\n${ASSINATURA}\n<b>";
    let made = create(&desk, &bia(), json!({"title": "Olá", "text": text})).await;
    let path = format!("/snippets/{}?ticket=42", made["id"].as_str().unwrap());
    let filled = desk.call(&bia(), "GET", &path, None).await.expect(200);
    assert_eq!(filled["text"], text);
    let shown = filled["filled"].as_str().unwrap();
    assert!(
        shown.contains("chamado 42.\n\nCentral\nRamal 100\n<b>"),
        "{shown}"
    );
    let none = path.replace("=42", "=43");
    assert_eq!(desk.call(&bia(), "GET", &none, None).await.status, 404);
    assert_eq!(
        desk.call(&integration(), "GET", &path, None).await.status,
        403
    );
}

#[tokio::test]
async fn what_is_created_twice_under_one_key_is_created_once() {
    let desk = Desk::new();
    let admin = admin();
    for (path, body, other) in [
        (
            "/snippets",
            json!({"title": "a", "text": "Oi", "of": "all"}),
            json!({"title": "b", "text": "Oi", "of": "all"}),
        ),
        (
            "/suppressions",
            json!({"address": "rui@example.com", "reason": "pediu"}),
            json!({"address": "lia@example.com", "reason": "pediu"}),
        ),
    ] {
        let post = async |body: &Value| {
            let key = [("idempotency-key", "k")];
            desk.call_with(&admin, "POST", path, &key, Some(body.clone()))
                .await
        };
        let first = post(&body).await.expect(201);
        let again = post(&body).await;
        assert_eq!(again.header("idempotent-replayed"), "true", "{path}");
        assert_eq!(again.expect(201), first, "{path}");
        assert_eq!(post(&other).await.code(), "IDEMPOTENCY_MISMATCH", "{path}");
    }
    assert_eq!(titles(&desk, &admin).await, ["a"]);
}
