//! What a route does not know is refused, never passed over: query parameters and fields of bodies.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration};

pub(super) fn document() -> Value {
    serde_json::from_str(include_str!("../../../../infra/openapi.json")).expect("JSON")
}

/// A caller who may call every route.
pub(super) fn anybody() -> Value {
    json!({ "sub": "1", "email": "bia@example.com", "name": "Bia",
        "groups": ["requester", "technician", "admin", "integration"] })
}

/// The document's path with something in each of its places.
pub(super) fn filled(path: &str) -> String {
    let uuid = "0193a0b0-0000-7000-8000-000000000000";
    let mut filled = path.to_owned();
    for (name, value) in [
        ("{message}", uuid),
        ("{delivery}", uuid),
        ("{number}", "417"),
        ("{address}", "x@example.com"),
        ("{version}", "1"),
        ("{snippet}", uuid),
    ] {
        filled = filled.replace(name, value);
    }
    while let (Some(open), Some(close)) = (filled.find('{'), filled.find('}')) {
        filled.replace_range(open..=close, "1");
    }
    filled
}

#[tokio::test]
async fn every_route_refuses_a_query_parameter_that_it_does_not_document() {
    let desk = Desk::new();
    desk.ticket("1").await;
    // They take no token: mail programs and scanners put things behind a link.
    let open = [
        "/health",
        "/files/{token}",
        "/links/{token}",
        "/uploads/{token}",
    ];
    let mut seen = 0;
    for (path, item) in document()["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            if open.contains(&path.as_str()) {
                continue;
            }
            let asked = format!("{}?limti=5", filled(path));
            let body = Some(json!({}));
            let answer = desk
                .call(&anybody(), &method.to_uppercase(), &asked, body)
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (400, "REQUEST_INVALID"),
                "{method} {path}: {}",
                answer.text
            );
            let finding = &answer.body["errors"][0];
            assert_eq!(finding["code"], "PARAMETER_UNKNOWN");
            assert_eq!(finding["field"], "limti");
            seen += 1;
        }
    }
    assert!(seen > 25, "{seen}");
    let meant = desk.call(&bia(), "GET", "/tickets?limti=5", None).await;
    assert_eq!(meant.body["errors"][0]["params"]["meant"], "limit");
}

#[tokio::test]
async fn a_query_parameter_without_a_value_is_one_that_is_not_given() {
    let desk = Desk::at("2027-01-15T08:00:00Z".parse().expect("a time"), &[]);
    desk.ticket("1").await;
    let mut seen = 0;
    for (path, item) in document()["paths"].as_object().expect("paths") {
        let parameters = item["get"]["parameters"].as_array();
        let names = parameters.into_iter().flatten();
        for parameter in names.filter(|one| one["in"] == "query") {
            let name = parameter["name"].as_str().expect("a name");
            let ask = async |query: &str| {
                let asked = format!("{}{query}", filled(path));
                let answer = desk.call(&anybody(), "GET", &asked, None).await;
                // A problem has an id of its own.
                let found = answer.status.is_success();
                (answer.code().to_owned(), found.then_some(answer.body))
            };
            let absent = ask("").await;
            for value in ["=", "=%20", "=+%09"] {
                let empty = ask(&format!("?{name}{value}")).await;
                assert_eq!(empty, absent, "{path}?{name}{value}");
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
    let unknown = desk.call(&bia(), "GET", "/tickets?limti=", None).await;
    assert_eq!(unknown.body["errors"][0]["field"], "limti");
    // No form sends a name alone.
    let alone = desk.call(&bia(), "GET", "/tickets?unread&q=x", None).await;
    assert_eq!(alone.body["errors"][0]["field"], "unread", "{}", alone.text);
    assert_eq!(alone.body["errors"].as_array().map(Vec::len), Some(1));
    let both = desk.call(&bia(), "GET", "/tickets?limit&limit", None).await;
    assert_eq!(
        both.body["errors"].as_array().map(Vec::len),
        Some(1),
        "{}",
        both.text
    );
    let file = "/templates/import/read?name=";
    let nameless = desk.call(&anybody(), "POST", file, None).await;
    assert_eq!(nameless.body["errors"][0]["field"], "name");
}

/// A body that each route takes, to which an unknown field is added. Routes of uploads and the like
/// have a line here too.
pub(super) const BODIES: &[(&str, &str, &str)] = &[
    (
        "post",
        "/tickets/{id}/messages/preview",
        r#"{"text": "x", "author": {"name": "x", "role": "technician"}}"#,
    ),
    (
        "post",
        "/tickets/{id}/uploads",
        r#"{"name": "x", "size": 1, "sha256": "x"}"#,
    ),
    ("put", "/me/preferences", "{}"),
    ("post", "/deliveries/resend", r#"{"ticket_id": "1"}"#),
    (
        "post",
        "/erasures",
        r#"{"address": "x@example.com", "reason": "x"}"#,
    ),
    ("put", "/parameters/{number}", r#"{"value": "N"}"#),
    (
        "post",
        "/templates",
        r#"{"identifier": "x", "title": "${IDSOLICITACAOSERVICO}", "html": "<p>x</p>"}"#,
    ),
    (
        "put",
        "/templates/{id}",
        r#"{"identifier": "x", "title": "${IDSOLICITACAOSERVICO}", "html": "<p>x</p>"}"#,
    ),
    ("post", "/templates/{id}/rollback", r#"{"version": 1}"#),
    ("post", "/templates/{id}/test", r#"{"to": "x@example.com"}"#),
    (
        "post",
        "/templates/test",
        r#"{"draft": {"title": "x", "html": "<p>x</p>"}}"#,
    ),
    ("post", "/templates/import", r#"{"templates": []}"#),
    (
        "post",
        "/templates/preview",
        r#"{"template_id": 1, "sample": true}"#,
    ),
    (
        "post",
        "/templates/validate",
        r#"{"title": "x", "html": "x"}"#,
    ),
    (
        "put",
        "/tickets/{id}",
        r#"{"requester": {"email": "x@example.com"}}"#,
    ),
    (
        "put",
        "/tickets/{id}/read",
        r#"{"message_id": "0193a0b0-0000-7000-8000-000000000000"}"#,
    ),
    (
        "post",
        "/tickets/{id}/messages",
        r#"{"text": "x", "author": {"name": "x", "role": "technician"}}"#,
    ),
    ("post", "/quarantine/{mail}/accept", r#"{"ticket_id": "1"}"#),
    ("post", "/quarantine/{mail}/dismiss", r#"{"reason": "x"}"#),
    (
        "post",
        "/tickets/{id}/messages/{message}/deliveries/{delivery}/dismiss",
        "{}",
    ),
    ("post", "/deliveries/dismiss", r#"{"deliveries": []}"#),
    ("put", "/identities/{contract}", r#"{"signature": "x"}"#),
    ("post", "/snippets", r#"{"title": "x", "text": "x"}"#),
    (
        "put",
        "/snippets/{snippet}",
        r#"{"title": "x", "text": "x"}"#,
    ),
    (
        "post",
        "/suppressions",
        r#"{"address": "x@example.com", "reason": "x"}"#,
    ),
    ("delete", "/suppressions/{address}", r#"{"reason": "x"}"#),
];

#[tokio::test]
async fn every_body_refuses_a_field_that_it_does_not_have() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (path, item) in document()["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            // Bytes of a file have no fields.
            let json = &operation["requestBody"]["content"]["application/json"];
            if json.is_null() || path == "/uploads/{token}" {
                continue;
            }
            let known = BODIES.iter().find(|one| (one.0, one.1) == (method, path));
            let (_, _, body) = known.unwrap_or_else(|| panic!("no body for {method} {path}"));
            let mut body: Value = serde_json::from_str(body).expect("JSON");
            body["unheard"] = json!(1);
            let method = method.to_uppercase();
            let answer = desk
                .call(&anybody(), &method, &filled(path), Some(body))
                .await;
            assert_eq!(answer.status, 422, "{method} {path}: {}", answer.text);
            assert_eq!(answer.body["errors"][0]["code"], "FIELD_UNKNOWN");
            assert_eq!(
                answer.body["errors"][0]["field"], "unheard",
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_field_is_named_wherever_it_stands() {
    let desk = Desk::new();
    let snapshot =
        json!({ "requester": { "emial": "x@example.com" }, "followers": [{ "nmae": "x" }] });
    let answer = desk
        .call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
        .expect(422);
    let fields: Vec<_> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|finding| finding["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(fields, ["followers[0].nmae", "requester.emial"]);
    desk.call(&admin(), "GET", "/tickets/1", None)
        .await
        .expect(404);
    desk.ticket("2").await;
    let path = "/tickets/2/messages/0193a0b0-0000-7000-8000-000000000000/deliveries/0193a0b0-0000-7000-8000-000000000000/resend";
    let answer = desk
        .call(&bia(), "POST", path, Some(json!({ "force": true })))
        .await;
    assert_eq!(answer.body["errors"][0]["field"], "force");
}

#[tokio::test]
async fn an_unknown_field_hides_no_rule_that_is_broken() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let draft = json!({ "identifier": "a b", "title": "x", "html": "<p>x</p>", "comment": "c".repeat(501) });
    for (caller, method, path, mut body, broken) in [
        (
            admin(),
            "POST",
            "/snippets",
            json!({ "title": "", "text": "x", "of": "group" }),
            &["title", "group"][..],
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages",
            json!({ "delay_s": 100 }),
            &["text", "delay_s"],
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages/preview",
            json!({ "text": "x", "delay_s": 100 }),
            &["delay_s"],
        ),
        (
            integration(),
            "POST",
            "/tickets/1/messages",
            json!({ "text": "x", "requestNumber": 2 }),
            &["requestNumber", "author"],
        ),
        (
            integration(),
            "PUT",
            "/tickets/2",
            json!({ "id": "3", "status": "s".repeat(256) }),
            &["id", "status"],
        ),
        (
            admin(),
            "POST",
            "/templates",
            draft.clone(),
            &["identifier", "comment"],
        ),
        (
            admin(),
            "PUT",
            "/templates/1",
            draft,
            &["identifier", "comment"],
        ),
        (
            admin(),
            "POST",
            "/templates/preview",
            json!({ "message_id": "0193a0b0-0000-7000-8000-000000000000" }),
            &["template_id", "ticket_id", "message_id"],
        ),
        (
            admin(),
            "POST",
            "/suppressions",
            json!({ "address": "x", "reason": "" }),
            &["address", "reason"],
        ),
        (
            admin(),
            "DELETE",
            "/suppressions/x@example.com",
            json!({ "reason": "" }),
            &["reason"],
        ),
        (
            admin(),
            "POST",
            "/erasures",
            json!({ "address": "x", "reason": "" }),
            &["reason", "address"],
        ),
        (admin(), "PUT", "/identities/1", json!({}), &["from"]),
        (
            admin(),
            "PUT",
            "/parameters/10",
            json!({ "value": "desk@localserver" }),
            &["value"],
        ),
        (
            bia(),
            "PUT",
            "/me/preferences",
            json!({ "locale": "?", "time_zone": "?" }),
            &["locale", "time_zone"],
        ),
        (
            bia(),
            "POST",
            "/tickets/1/uploads",
            json!({ "name": "", "size": 0, "sha256": "" }),
            &["name", "size", "sha256"],
        ),
        (
            admin(),
            "POST",
            "/deliveries/resend",
            json!({ "limit": 0 }),
            &["from", "limit"],
        ),
        (
            bia(),
            "POST",
            "/deliveries/dismiss",
            json!({ "deliveries": [], "reason": "r".repeat(501) }),
            &["deliveries", "reason"],
        ),
        (
            bia(),
            "POST",
            "/quarantine/1/dismiss",
            json!({ "reason": "" }),
            &["reason"],
        ),
    ] {
        body["unheard"] = json!(1);
        let answer = desk.call(&caller, method, path, Some(body)).await;
        let told = answer.expect(422)["errors"].take();
        let fields = told.as_array().expect("findings").iter();
        let fields: Vec<_> = fields
            .map(|one| one["field"].as_str().unwrap_or_default())
            .collect();
        let expected = [&["unheard"], broken].concat();
        assert_eq!(fields, expected, "{method} {path}: {told}");
    }
}

#[test]
fn every_post_that_creates_takes_an_idempotency_key() {
    // What they do is done once whatever comes: an address is erased, a mail is let in.
    let once_by_nature = ["/erasures", "/quarantine/{mail}/accept"];
    for (path, item) in document()["paths"].as_object().expect("paths") {
        let post = &item["post"];
        if post["responses"]["201"].is_null() || once_by_nature.contains(&path.as_str()) {
            continue;
        }
        let parameters = post["parameters"].as_array();
        let takes = |one: &Value| one["name"] == "idempotency-key";
        assert!(
            parameters.is_some_and(|all| all.iter().any(takes)),
            "{path}"
        );
    }
}
