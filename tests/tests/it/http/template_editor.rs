//! What an editor of templates needs beside storing them: the functions of the language, drafts that
//! are not whole, test mails of a draft, versions without bodies, what uses a template.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria};

fn draft(identifier: &str) -> Value {
    json!({ "identifier": identifier, "title": "Chamado ${IDSOLICITACAOSERVICO}", "html": "<p>${COMMENTTEXT} ${DATAHORA}</p>" })
}

async fn create(desk: &Desk, draft: Value) -> crate::desk::Answer {
    desk.call(&admin(), "POST", "/templates", Some(draft)).await
}

#[tokio::test]
async fn the_catalogue_tells_of_links_with_their_bounds() {
    let desk = Desk::new();
    let listed = desk.call(&maria(), "GET", "/keys", None).await.expect(200);
    let token = &listed["functions"][0];
    assert_eq!(token["name"], "TOKEN");
    let names: Vec<_> = token["arguments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|argument| argument["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["screen", "ticket", "action", "minutes"]);
    assert_eq!(
        token["arguments"][2]["values"],
        json!(["VIEW", "APPROVE", "REJECT"])
    );
    assert_eq!(token["arguments"][3]["max"], 35_791);
    let html = format!("<a href=\"{}\">a</a>", token["sample"].as_str().unwrap());
    let checked = desk
        .call(
            &admin(),
            "POST",
            "/templates/validate",
            Some(json!({ "title": "t", "html": html })),
        )
        .await
        .expect(200);
    assert_eq!(checked, json!({ "valid": true, "diagnostics": [] }));
}

#[tokio::test]
async fn a_field_that_is_not_known_is_refused_everywhere() {
    let desk = Desk::new();
    create(&desk, draft("a")).await.expect(201);
    let mut slip = draft("b");
    slip["local"] = json!({});
    let mut inside = draft("b");
    inside["locales"] = json!({ "en": { "title": "t", "html": "<p>x</p>", "subject": "x" } });
    for (route, body) in [
        ("/templates", slip.clone()),
        ("/templates", inside.clone()),
        (
            "/templates/preview",
            json!({ "sample": true, "draft": slip }),
        ),
        (
            "/templates/preview",
            json!({ "sample": true, "draft": draft("b"), "language": "en" }),
        ),
        ("/templates/validate", inside),
        ("/templates/validate", json!({ "title": "t", "body": "x" })),
        ("/templates/1/test", json!({ "too": "admin@example.com" })),
        (
            "/templates/1/rollback",
            json!({ "version": 1, "force": true }),
        ),
    ] {
        let refused = desk.call(&admin(), "POST", route, Some(body)).await;
        assert_eq!(refused.status, 422, "{route}: {}", refused.text);
        assert!(
            refused.text.contains("FIELD_UNKNOWN"),
            "{route}: {}",
            refused.text
        );
    }
    // What an answer shows may be sent back.
    let shown = desk.call(&admin(), "GET", "/templates/1", None).await;
    let etag = shown.header("etag").to_owned();
    let whole = shown.expect(200);
    desk.call_with(
        &admin(),
        "PUT",
        "/templates/1",
        &[("if-match", &etag)],
        Some(whole),
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn an_id_in_a_template_is_that_of_its_path_and_a_new_one_has_none() {
    let desk = Desk::new();
    for id in [json!(1), json!(7)] {
        let mut new = draft("a");
        new["id"] = id;
        new["title"] = json!("");
        let errors = create(&desk, new).await.expect(422)["errors"].take();
        assert_eq!(errors[0]["code"], "TEMPLATE_ID_MISMATCH", "{errors}");
        assert_eq!(errors[0]["field"], "id");
        assert_eq!(errors[1]["code"], "TITLE_EMPTY", "{errors}");
    }
    let made = create(&desk, draft("a")).await;
    let etag = made.header("etag").to_owned();
    let mut whole = made.expect(201);
    whole["id"] = json!(2);
    let (admin, headers) = (admin(), [("if-match", etag.as_str())]);
    let put = |body| desk.call_with(&admin, "PUT", "/templates/1", &headers, Some(body));
    let errors = put(whole.clone()).await.expect(422)["errors"].take();
    assert_eq!(errors[0]["code"], "TEMPLATE_ID_MISMATCH", "{errors}");
    whole["id"] = json!("1");
    put(whole.clone()).await.expect(400);
    whole["id"] = json!(1);
    put(whole).await.expect(200);
}

#[tokio::test]
async fn identifiers_that_look_alike_are_one() {
    let desk = Desk::new();
    let made = create(&desk, draft("a\u{e7}\u{e3}o")).await.expect(201);
    assert_eq!(made["identifier"], "a\u{e7}\u{e3}o");
    let again = create(&desk, draft("AC\u{327}A\u{303}O")).await;
    assert_eq!(again.code(), "IDENTIFIER_TAKEN", "{}", again.text);
    let other = create(&desk, draft("Cafe\u{301}")).await.expect(201);
    assert_eq!(other["identifier"], "Caf\u{e9}");
    for q in ["cafe%CC%81", "caf%C3%A9"] {
        let path = format!("/templates?q={q}");
        let found = desk.call(&admin(), "GET", &path, None).await.expect(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{q}");
    }
    for hidden in ["\u{200b}", "\u{2060}\u{feff}", "a\u{200b}", "\u{3164}"] {
        let refused = create(&desk, draft(hidden)).await;
        assert_eq!(
            refused.code(),
            "IDENTIFIER_INVALID",
            "{hidden:?} {}",
            refused.text
        );
    }
}

#[tokio::test]
async fn a_preview_needs_no_identifier_and_an_empty_text_is_derived() {
    let desk = Desk::new();
    let body = json!({ "sample": true, "draft": { "title": "a", "html": "<p>${COMMENTTEXT}</p>", "text": " " } });
    let shown = desk
        .call(&admin(), "POST", "/templates/preview", Some(body))
        .await
        .expect(200);
    assert!(!shown["text"].as_str().unwrap().trim().is_empty());
    let nameless = json!({ "title": "a", "html": "<p>${COMMENTTEXT}</p>" });
    assert_eq!(create(&desk, nameless).await.code(), "IDENTIFIER_INVALID");
}

#[tokio::test]
async fn languages_are_tags_of_bcp_47_each_once_and_at_most_twenty() {
    let desk = Desk::new();
    let with = |tags: &[String]| {
        let mut body = draft("a");
        for tag in tags {
            body["locales"][tag] = json!({ "title": "t", "html": "<p>${COMMENTTEXT}</p>" });
        }
        body
    };
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let many: Vec<String> = (0..21).map(|n| format!("en-x-{n}")).collect();
    for (tags, code) in [
        (owned(&["en_US"]), "LOCALE_INVALID"),
        (owned(&["português"]), "LOCALE_INVALID"),
        (owned(&["en-"]), "LOCALE_INVALID"),
        (owned(&["en", "EN"]), "LOCALE_TWICE"),
        (owned(&["pt-BR", "pt-br", "es"]), "LOCALE_TWICE"),
        (many, "LOCALES_TOO_MANY"),
    ] {
        let refused = create(&desk, with(&tags)).await;
        assert_eq!(refused.status, 422, "{tags:?}: {}", refused.text);
        assert!(refused.text.contains(code), "{tags:?}: {}", refused.text);
        for route in ["/templates/validate", "/templates/preview"] {
            let body = match route {
                "/templates/preview" => json!({ "sample": true, "draft": with(&tags) }),
                _ => with(&tags),
            };
            let refused = desk.call(&admin(), "POST", route, Some(body)).await;
            assert!(
                refused.text.contains(code),
                "{route} {tags:?}: {}",
                refused.text
            );
        }
    }
    create(&desk, with(&owned(&["en-GB", "es-419", "zh-Hant-TW"])))
        .await
        .expect(201);
}

#[tokio::test]
async fn dates_follow_the_language_of_the_variant_that_is_sent() {
    let desk = Desk::with(&[("DEFAULT_LOCALE", "pt-BR")]);
    let snapshot = json!({
        "requester": { "name": "Maria", "email": "maria@example.com" },
        "deadline_at": "2026-04-03T15:00:00Z",
    });
    desk.call(&integration(), "PUT", "/tickets/4711", Some(snapshot))
        .await
        .expect(201);
    let html = "<p>${DATAHORALIMITESTR}|${COMMENTTEXT}</p>";
    let mut body = json!({ "identifier": "a", "title": "${IDSOLICITACAOSERVICO}", "html": html,
        "locales": { "en": { "title": "t", "html": html } } });
    let day = async |body: &Value, locale: &str| {
        let body = json!({ "draft": body, "ticket_id": "4711", "locale": locale });
        let shown = desk
            .call(&admin(), "POST", "/templates/preview", Some(body))
            .await
            .expect(200);
        let text = shown["text"].as_str().unwrap().to_owned();
        text.split(['|', ' ']).next().unwrap().to_owned()
    };
    let (british, american) = ("03/04/2026".to_owned(), "04/03/2026".to_owned());
    for (locale, expected) in [
        ("pt-BR", &british),
        ("en", &american),
        ("en_US", &american),
        ("en-GB", &british),
        ("fr", &british),
    ] {
        assert_eq!(&day(&body, locale).await, expected, "{locale}");
    }
    // Without an English variant the mail is in Portuguese, and so are its dates.
    body["locales"] = json!({});
    assert_eq!(day(&body, "en").await, british);
}

#[tokio::test]
async fn a_test_mail_of_a_draft_goes_to_the_caller() {
    let desk = Desk::new();
    desk.ticket("4711").await;
    create(&desk, draft("a")).await.expect(201);
    for (route, body) in [
        ("/templates/1/test", json!({})),
        (
            "/templates/1/test",
            json!({ "to": "Admin@Example.com", "draft": draft("b") }),
        ),
        (
            "/templates/test",
            json!({ "draft": draft(""), "ticket_id": "4711", "locale": "en" }),
        ),
    ] {
        let sent = desk
            .call(&admin(), "POST", route, Some(body))
            .await
            .expect(200);
        assert_eq!(sent["status"], "accepted", "{route}");
        let mail = desk.transport.mails().pop().expect("a mail");
        assert!(mail.to.as_str().eq_ignore_ascii_case("admin@example.com"));
    }
    let raw = String::from_utf8(desk.transport.mails().pop().unwrap().raw).unwrap();
    assert!(raw.contains("Subject: [TESTE] Chamado 4711"), "{raw}");
    for (who, route, body, code) in [
        (
            admin(),
            "/templates/1/test",
            json!({ "to": "rita@example.com" }),
            "RECIPIENT_NOT_ALLOWED",
        ),
        (admin(), "/templates/test", json!({}), "INVALID"),
        (bia(), "/templates/1/test", json!({}), "FORBIDDEN"),
        (
            json!({ "sub": "x", "groups": ["admin"], "email": "x@example.com", "email_verified": false }),
            "/templates/1/test",
            json!({}),
            "RECIPIENT_NOT_ALLOWED",
        ),
    ] {
        let refused = desk.call(&who, "POST", route, Some(body)).await;
        assert_eq!(refused.code(), code, "{route}: {}", refused.text);
    }
}

#[tokio::test]
async fn versions_come_without_bodies_and_with_their_comments() {
    let desk = Desk::new();
    let mut first = draft("a");
    first["comment"] = json!(" erste ");
    create(&desk, first).await.expect(201);
    let rollback = json!({ "version": 1, "comment": "back" });
    desk.call(&admin(), "POST", "/templates/1/rollback", Some(rollback))
        .await
        .expect(200);
    let versions = desk
        .call(&admin(), "GET", "/templates/1/versions", None)
        .await
        .expect(200);
    let comments: Vec<_> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| {
            assert!(version.get("html").is_none() && version.get("title").is_some());
            version["comment"].as_str().unwrap()
        })
        .collect();
    assert_eq!(comments, ["back", "erste"]);
    let mut long = draft("b");
    long["comment"] = json!("x".repeat(501));
    assert_eq!(create(&desk, long).await.status, 422);
}

#[tokio::test]
async fn a_template_says_which_parameters_use_it() {
    let desk = Desk::new();
    create(&desk, draft("a")).await.expect(201);
    create(&desk, draft("b")).await.expect(201);
    for number in [417, 251] {
        desk.call(
            &admin(),
            "PUT",
            &format!("/parameters/{number}"),
            Some(json!({ "value": "1" })),
        )
        .await;
    }
    let shown = desk
        .call(&admin(), "GET", "/templates/1", None)
        .await
        .expect(200);
    let mut used: Vec<_> = shown["used_by"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .collect();
    used.sort_unstable();
    assert_eq!(used, [251, 417]);
    let listed = desk
        .call(&admin(), "GET", "/templates", None)
        .await
        .expect(200);
    assert_eq!(listed["items"][1]["used_by"], json!([]));
}

#[tokio::test]
async fn a_request_is_the_same_in_another_spelling() {
    let desk = Desk::new();
    let key = [("idempotency-key", "k")];
    let post = async |body: Value| {
        desk.call_with(&admin(), "POST", "/templates", &key, Some(body))
            .await
    };
    let first = post(draft("a")).await.expect(201);
    let mut reversed = serde_json::Map::new();
    for (name, value) in draft("a").as_object().unwrap().iter().rev() {
        reversed.insert(name.clone(), value.clone());
    }
    let again = post(Value::Object(reversed)).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(201), first);
    assert_eq!(post(draft("b")).await.code(), "IDEMPOTENCY_MISMATCH");
}

#[tokio::test]
async fn the_name_of_the_desk_stays_when_its_address_is_set() {
    let desk = Desk::with(&[("MAIL_FROM", "Central de Servicos <desk@example.com>")]);
    let from = async || {
        let body = json!({ "sample": true, "draft": draft("a") });
        let shown = desk
            .call(&admin(), "POST", "/templates/preview", Some(body))
            .await
            .expect(200);
        let mime = shown["mime"].as_str().unwrap().to_owned();
        mime.lines()
            .find(|line| line.starts_with("From:"))
            .unwrap()
            .to_owned()
    };
    for (value, header) in [
        ("n1@example.com", "Central de Servicos"),
        ("N1 <n1@example.com>", "N1"),
    ] {
        desk.call_with(
            &admin(),
            "PUT",
            "/parameters/10",
            &[("if-match", "*")],
            Some(json!({ "value": value })),
        )
        .await;
        let from = from().await;
        assert!(
            from.contains(header) && from.contains("<n1@example.com>"),
            "{from}"
        );
    }
}
