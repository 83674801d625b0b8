//! Bad input: each a clear, coded answer, and nothing written.

use axum::body::Body;
use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria, person, request};

#[tokio::test]
async fn every_mistake_has_its_answer() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let long = "x".repeat(65);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let cases: Vec<(Value, &str, String, String, u16, &str)> = vec![
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            "{".into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            String::new(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            "[]".into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            deep.clone(),
            413,
            "TOO_LARGE",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            deep[..200_000].into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text": 5}"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text": "a"} x"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text": "a", "visibility": "secret"}"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text": " \n "}"#.into(),
            422,
            "INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text": "a", "html": "b"}"#.into(),
            422,
            "INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text":"a","time_spent":{"date":"2026-01-01","hours":"1:99"}}"#.into(),
            422,
            "INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text":"a","time_spent":{"date":"2026-02-30","hours":"01:00"}}"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text":"a","author":{"name":"x","role":"technician"}}"#.into(),
            422,
            "INVALID",
        ),
        (
            maria(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text":"a","visibility":"internal"}"#.into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text":"a"}"#.into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "POST",
            "/tickets/1/messages".into(),
            r#"{"text":"a","author":{"name":"x","email":"nobody","role":"requester"}}"#.into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "POST",
            "/tickets/2/messages".into(),
            r#"{"text":"a","author":{"name":"x","role":"requester"}}"#.into(),
            404,
            "NOT_FOUND",
        ),
        (
            bia(),
            "POST",
            "/tickets/1/messages".into(),
            "x".repeat(10_000_000),
            413,
            "TOO_LARGE",
        ),
        (
            integration(),
            "PUT",
            "/tickets/a%2Fb".into(),
            "{}".into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "PUT",
            format!("/tickets/{long}"),
            "{}".into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "PUT",
            "/tickets/2".into(),
            r#"{"id":"3"}"#.into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "PUT",
            "/tickets/2".into(),
            r#"{"requester":"Maria"}"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            integration(),
            "PUT",
            "/tickets/2".into(),
            r#"{"extra":{"lower":"x"}}"#.into(),
            422,
            "INVALID",
        ),
        (
            integration(),
            "PUT",
            "/tickets/2".into(),
            r#"{"updated_at":"yesterday"}"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            maria(),
            "GET",
            "/tickets/a%2Fb/messages".into(),
            String::new(),
            404,
            "NOT_FOUND",
        ),
        (
            maria(),
            "GET",
            "/tickets?limit=0".into(),
            String::new(),
            400,
            "REQUEST_INVALID",
        ),
        (
            maria(),
            "GET",
            "/tickets?limit=101".into(),
            String::new(),
            400,
            "REQUEST_INVALID",
        ),
        (
            maria(),
            "GET",
            "/tickets?limit=many".into(),
            String::new(),
            400,
            "REQUEST_INVALID",
        ),
        (
            maria(),
            "GET",
            "/tickets?cursor=***".into(),
            String::new(),
            400,
            "CURSOR_INVALID",
        ),
        (
            maria(),
            "GET",
            "/tickets/1/messages/not-a-uuid".into(),
            String::new(),
            400,
            "REQUEST_INVALID",
        ),
        (
            admin(),
            "GET",
            "/templates/9".into(),
            String::new(),
            404,
            "NOT_FOUND",
        ),
        (
            admin(),
            "GET",
            "/templates/x".into(),
            String::new(),
            400,
            "REQUEST_INVALID",
        ),
        (
            admin(),
            "GET",
            "/templates?status=broken".into(),
            String::new(),
            400,
            "REQUEST_INVALID",
        ),
        (
            admin(),
            "POST",
            "/templates".into(),
            "x".repeat(1024 * 1024 + 1),
            413,
            "TOO_LARGE",
        ),
        (
            admin(),
            "PUT",
            "/parameters/9999".into(),
            r#"{"value":"x"}"#.into(),
            404,
            "NOT_FOUND",
        ),
        (
            admin(),
            "PUT",
            "/parameters/417".into(),
            r#"{"value":"12"}"#.into(),
            422,
            "TEMPLATE_NOT_FOUND",
        ),
        (
            admin(),
            "PUT",
            "/parameters/417".into(),
            r#"{"value":"twelve"}"#.into(),
            422,
            "VALUE_INVALID",
        ),
        (
            admin(),
            "PUT",
            "/parameters/417".into(),
            r#"{"value":{}}"#.into(),
            400,
            "BODY_INVALID",
        ),
        (
            admin(),
            "PUT",
            "/parameters/13".into(),
            r#"{"value":"hunter2"}"#.into(),
            422,
            "PARAMETER_NOT_STORED",
        ),
        (
            admin(),
            "PUT",
            "/parameters/11".into(),
            r#"{"value":"smtp.example.com"}"#.into(),
            422,
            "PARAMETER_NOT_STORED",
        ),
        (
            admin(),
            "PUT",
            "/parameters/33".into(),
            r#"{"value":"javascript:alert(1)"}"#.into(),
            422,
            "VALUE_INVALID",
        ),
        (
            admin(),
            "GET",
            "/nowhere".into(),
            String::new(),
            404,
            "NOT_FOUND",
        ),
        (
            admin(),
            "PATCH",
            "/tickets".into(),
            String::new(),
            405,
            "METHOD_NOT_ALLOWED",
        ),
    ];
    for (caller, method, path, body, status, code) in cases {
        let shown = body.chars().take(80).collect::<String>();
        let answer = desk
            .request(request(&caller, method, &path, &[], Body::from(body)))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{method} {path} {shown}: {}",
            answer.text
        );
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["status"], status);
        assert!(
            answer.body["detail"]
                .as_str()
                .is_some_and(|detail| detail.len() > 10),
            "{}",
            answer.text
        );
        assert_eq!(answer.body["request_id"], answer.header("x-request-id"));
        assert!(!answer.text.contains("hunter2"), "a secret came back");
    }
    let list = desk
        .call(&bia(), "GET", "/tickets/1/messages", None)
        .await
        .expect(200);
    assert_eq!(list["items"], json!([]), "a refused message was written");
    desk.call(&admin(), "GET", "/tickets/2", None)
        .await
        .expect(404);
}

#[tokio::test]
async fn every_finding_at_once() {
    let desk = Desk::new();
    let snapshot = json!({
        "id": "other", "requester": { "name": "n".repeat(256), "phone": "1".repeat(256) },
        "followers": [{ "email": "fine@example.com" }, { "department": "d".repeat(256) }],
        "group": { "addresses": vec!["fine@example.com"; 21] }, "extra": { "bad key": "", "low": "x", "LONG": "x".repeat(50_001) },
        "updated_at": "9999-01-01T00:00:00Z",
    });
    let answer = desk
        .call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
        .expect(422);
    let fields: Vec<_> = answer["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| e["field"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        fields,
        [
            "id",
            "updated_at",
            "requester.name",
            "requester.phone",
            "followers[1].department",
            "group.addresses",
            "extra.LONG",
            "extra.bad key",
            "extra.low"
        ]
    );
}

#[tokio::test]
async fn what_is_wrong_with_files_is_told_with_what_else_is_wrong_with_a_message() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let id = "0193a0b0-0000-7000-8000-000000000000";
    let message = |attachments: Vec<&str>| {
        json!({ "text": "", "category": "c".repeat(256), "delay_s": 100_000,
            "time_spent": { "date": "2026-11-26", "hours": "99:99" },
            "attachments": attachments })
    };
    for (attachments, field) in [(vec![id], "attachments[0]"), (vec![id; 51], "attachments")] {
        let path = "/tickets/1/messages";
        let answer = desk
            .call(&bia(), "POST", path, Some(message(attachments)))
            .await
            .expect(422);
        let findings = answer["errors"].as_array().expect("findings").iter();
        let fields: Vec<_> = findings
            .map(|one| one["field"].as_str().expect("a field"))
            .collect();
        assert_eq!(
            fields,
            ["text", "category", "time_spent.hours", "delay_s", field]
        );
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let desk = Desk::new();
    for id in ["1", "2"] {
        desk.ticket(id).await;
        for n in 0..3 {
            let message = json!({ "text": format!("{n}") });
            desk.message(&bia(), id, message).await;
        }
    }
    let page = desk
        .call(&bia(), "GET", "/tickets/1/messages?limit=1", None)
        .await
        .expect(200);
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    for path in ["/tickets/2/messages", "/tickets"] {
        let answer = desk
            .call(
                &bia(),
                "GET",
                &format!("{path}?limit=1&cursor={cursor}"),
                None,
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "CURSOR_INVALID"),
            "{path}"
        );
    }
    let mine = desk
        .call(&bia(), "GET", "/tickets?limit=1", None)
        .await
        .expect(200);
    let mine = mine["next_cursor"].as_str().expect("a cursor");
    let answer = desk
        .call(
            &maria(),
            "GET",
            &format!("/tickets?limit=1&cursor={mine}"),
            None,
        )
        .await;
    assert_eq!(
        answer.code(),
        "CURSOR_INVALID",
        "a cursor belongs to its caller"
    );
}

/// What a list hands out goes on in it as it is, and in no other form.
#[tokio::test]
async fn an_altered_cursor_is_refused_by_every_list() {
    let desk = Desk::new();
    for id in ["1", "2"] {
        desk.ticket(id).await;
        desk.message(&bia(), "1", json!({ "text": id })).await;
        let canned = json!({ "title": id, "text": "x" });
        let template = json!({ "identifier": id, "title": "x", "html": "<p>x</p>" });
        let identity = json!({ "signature": id });
        let suppressed = json!({ "address": format!("{id}@example.org"), "reason": "x" });
        let erased = json!({ "address": format!("{id}@example.net"), "reason": "x" });
        let value = json!({ "value": if id == "1" { "S" } else { "N" } });
        for (method, path, body) in [
            ("POST", "/snippets", canned),
            ("POST", "/templates", template),
            ("PUT", &format!("/identities/{id}"), identity.clone()),
            ("POST", "/suppressions", suppressed),
            ("POST", "/erasures", erased),
        ] {
            let made = desk.call(&admin(), method, path, Some(body)).await;
            assert!(made.status.is_success(), "{path}: {}", made.text);
        }
        for (path, body) in [("/parameters/297", value), ("/identities/1", identity)] {
            let headers = [("if-match", "*")];
            let put = desk
                .call_with(&admin(), "PUT", path, &headers, Some(body))
                .await;
            assert!(put.status.is_success(), "{path}: {}", put.text);
        }
    }
    let lists = [
        "/erasures",
        "/identities",
        "/identities/1/history",
        "/keys",
        "/parameters",
        "/parameters/297/history",
        "/snippets",
        "/suppressions",
        "/templates",
        "/tickets",
        "/tickets/1/messages",
    ];
    let mut cursors = Vec::new();
    for path in lists {
        let one = format!("{path}?limit=1");
        let page = desk.call(&admin(), "GET", &one, None).await.expect(200);
        let cursor = page["next_cursor"].as_str();
        cursors.push(
            cursor
                .unwrap_or_else(|| panic!("{path}: {page}"))
                .to_owned(),
        );
    }
    for (at, path) in lists.iter().enumerate() {
        let own = &cursors[at];
        let next = format!("{path}?cursor={own}");
        desk.call(&admin(), "GET", &next, None).await.expect(200);
        let foreign = &cursors[(at + 1) % cursors.len()];
        let cut = &own[..own.len() - 4];
        let turned: String = own.chars().rev().collect();
        let mut altered = vec![foreign.clone(), cut.to_owned(), turned, "AAAA".to_owned()];
        // One character in each part of it.
        for place in (0..own.len()).step_by(own.len() / 5) {
            let other = if &own[place..=place] == "A" { "B" } else { "A" };
            altered.push(format!("{}{other}{}", &own[..place], &own[place + 1..]));
        }
        for cursor in altered {
            let asked = format!("{path}?cursor={cursor}");
            let answer = desk.call(&admin(), "GET", &asked, None).await;
            let told = (answer.status.as_u16(), answer.code());
            assert_eq!(told, (400, "CURSOR_INVALID"), "{asked}: {}", answer.text);
        }
    }
}

/// A text that nobody sees is no text where one is needed.
#[tokio::test]
async fn what_nobody_sees_is_missing_where_a_text_is_needed() {
    let desk = Desk::with_files(&[]);
    desk.ticket("1").await;
    for hidden in ["\u{200b}", "\u{2060} \u{feff}", "\u{3164}", "\u{202e}\n"] {
        let digest = "0".repeat(64);
        for (caller, path, body, field) in [
            (
                bia(),
                "/snippets",
                json!({ "title": hidden, "text": "x" }),
                "title",
            ),
            (
                bia(),
                "/snippets",
                json!({ "title": "x", "text": hidden }),
                "text",
            ),
            (
                bia(),
                "/snippets",
                json!({ "title": "x", "text": "x", "of": "group", "group": hidden }),
                "group",
            ),
            (
                admin(),
                "/suppressions",
                json!({ "address": "x@example.org", "reason": hidden }),
                "reason",
            ),
            (
                admin(),
                "/erasures",
                json!({ "address": "x@example.org", "reason": hidden }),
                "reason",
            ),
            (
                bia(),
                "/tickets/1/messages",
                json!({ "text": hidden }),
                "text",
            ),
            (
                bia(),
                "/tickets/1/uploads",
                json!({ "name": hidden, "size": 1, "sha256": digest }),
                "name",
            ),
            (
                admin(),
                "/templates",
                json!({ "identifier": hidden, "title": "x", "html": "<p>x</p>" }),
                "identifier",
            ),
        ] {
            let answer = desk.call(&caller, "POST", path, Some(body)).await;
            let told = answer.expect(422);
            assert_eq!(
                told["errors"][0]["field"], field,
                "{path} {hidden:?}: {told}"
            );
        }
        let title = json!({ "identifier": "a", "title": hidden, "html": "<p>x</p>" });
        let answer = desk.call(&admin(), "POST", "/templates", Some(title)).await;
        let told = answer.expect(422);
        assert_eq!(
            told["errors"][0]["code"], "TITLE_EMPTY",
            "{hidden:?}: {told}"
        );
    }
}

#[tokio::test]
async fn a_message_that_names_another_ticket_is_refused() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let occurrence = |number: Value| json!({ "requestNumber": number, "occurrence": { "description": "x", "userID": "bia" } });
    for path in ["/tickets/1/messages", "/tickets/1/messages/preview"] {
        for number in [json!(2), json!("2")] {
            let body = Some(occurrence(number));
            let refused = desk.call(&integration(), "POST", path, body).await;
            let errors = refused.expect(422)["errors"].take();
            assert_eq!(errors[0]["code"], "TICKET_ID_MISMATCH", "{errors}");
            assert_eq!(errors[0]["field"], "requestNumber");
        }
        let body = Some(occurrence(json!(1)));
        let taken = desk.call(&integration(), "POST", path, body).await;
        assert!(taken.status.is_success(), "{}", taken.text);
    }
}

#[tokio::test]
async fn idempotency_keys_are_bounded() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let long = "k".repeat(257);
    for key in ["", &long, "é"] {
        let request = request(
            &bia(),
            "POST",
            "/tickets/1/messages",
            &[("idempotency-key", key)],
            Body::from(r#"{"text":"a"}"#),
        );
        let answer = desk.request(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "REQUEST_INVALID"),
            "{key}"
        );
    }
}

/// What the ITSM system, a token or an address line says becomes part of a key, whatever it holds.
#[tokio::test]
async fn no_text_of_others_is_too_much_for_a_key() {
    let desk = Desk::new();
    let long = "n".repeat(3_000);
    let wide = "\u{1f600}".repeat(255);
    for name in ["Suporte\u{1}N1", "Suporte\0N1", "N\u{7f}1", &wide, "\u{1}"] {
        for field in ["group", "level1_group", "executor_group"] {
            let mut ticket = json!({ "responsible": { "email": "bia@example.com" } });
            ticket[field] = json!({ "name": name, "addresses": ["ana@example.com"] });
            let put = desk
                .call(&integration(), "PUT", "/tickets/9", Some(ticket))
                .await;
            assert!(put.status.is_success(), "{name:?} {}", put.text);
        }
        let posted = desk
            .message(&bia(), "9", json!({ "text": "Bom dia" }))
            .await;
        assert!(posted["id"].is_string());
    }
    for group in ["Suporte\u{1}N1", "N\u{7f}1\0", &long, &wide, "\u{1}"] {
        for sub in ["7", "a\u{1}b", &long] {
            let mut someone = person("technician", "caio@example.com", &[group]);
            someone["sub"] = json!(sub);
            for addressed in [true, false] {
                if !addressed {
                    someone.as_object_mut().unwrap().remove("email");
                }
                for path in ["/tickets", "/tickets?of=group", "/snippets", "/me"] {
                    desk.call(&someone, "GET", path, None).await.expect(200);
                }
                let snippet = json!({ "title": "t", "text": "x", "of": "me" });
                let made = desk.call(&someone, "POST", "/snippets", Some(snippet));
                made.await.expect(201);
            }
        }
    }
    for since in ["%01", "%7F", "a%20b", "a%2Fb", &"9".repeat(65)] {
        let path = format!("/tickets/changes?since=00000000000000000000%23{since}");
        for who in [bia(), maria(), admin()] {
            let answer = desk.call(&who, "GET", &path, None).await;
            assert_eq!(answer.code(), "CURSOR_INVALID", "{path}: {}", answer.text);
        }
    }
}
