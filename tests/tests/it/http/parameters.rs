//! Parameters: preconditions, history, the check of template parameters.

use serde_json::{Value, json};

use crate::desk::{Answer, Desk, admin};

async fn template(desk: &Desk, identifier: &str) -> (String, String) {
    let draft = json!({ "identifier": identifier, "title": "Ticket ${IDSOLICITACAOSERVICO}", "html": "<p>${COMMENTTEXT}</p>" });
    let answer = desk.call(&admin(), "POST", "/templates", Some(draft)).await;
    let etag = answer.header("etag").to_owned();
    (answer.expect(201)["id"].to_string(), etag)
}

/// Sets parameter 417 with these headers.
async fn set_template(desk: &Desk, headers: &[(&str, &str)], id: &str) -> Answer {
    let body = Some(json!({ "value": id }));
    desk.call_with(&admin(), "PUT", "/parameters/417", headers, body)
        .await
}

#[tokio::test]
async fn a_change_needs_the_mark_of_what_it_changes() {
    let desk = Desk::new();
    let (id, _) = template(&desk, "a").await;
    let first = set_template(&desk, &[], &id).await;
    let etag = first.header("etag").to_owned();
    assert_eq!(first.expect(200)["value"], id.as_str());
    let blind = set_template(&desk, &[], &id).await;
    assert_eq!(
        (blind.status.as_u16(), blind.code()),
        (428, "PRECONDITION_REQUIRED")
    );
    let second = set_template(&desk, &[("if-match", &etag)], &id).await;
    let newer = second.header("etag").to_owned();
    second.expect(200);
    let stale = set_template(&desk, &[("if-match", &etag)], &id).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "STALE"));
    let reset = desk
        .call_with(
            &admin(),
            "DELETE",
            "/parameters/417",
            &[("if-match", &newer)],
            None,
        )
        .await;
    // The default has a mark, too.
    assert_eq!(reset.header("etag"), "\"default\"");
    assert_eq!(reset.expect(200)["value"], json!(null));
    let history = desk
        .call(&admin(), "GET", "/parameters/417/history", None)
        .await
        .expect(200);
    let changes: Vec<_> = history["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| (c["before"].clone(), c["after"].clone()))
        .collect();
    let id = json!(id);
    assert_eq!(
        changes,
        [
            (id.clone(), json!(null)),
            (id.clone(), id.clone()),
            (json!(null), id)
        ]
    );
}

#[tokio::test]
async fn a_parameter_that_has_its_default_is_there_all_the_same() {
    let desk = Desk::new();
    let read = desk.call(&admin(), "GET", "/parameters/297", None).await;
    let default = read.header("etag").to_owned();
    for mark in ["*", &default] {
        let (admin, body) = (admin(), json!({ "value": "S" }));
        let demand = [("if-match", mark)];
        let path = "/parameters/297";
        let set = desk.call_with(&admin, "PUT", path, &demand, Some(body.clone()));
        set.await.expect(200);
        let demand = [("if-match", default.as_str())];
        let late = desk.call_with(&admin, "PUT", path, &demand, Some(body));
        assert_eq!(late.await.code(), "STALE");
        let demand = [("if-match", "*")];
        for _ in 0..2 {
            let reset = desk.call_with(&admin, "DELETE", path, &demand, None);
            reset.await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_template_in_use_stays() {
    let desk = Desk::new();
    let (id, etag) = template(&desk, "a").await;
    desk.call(
        &admin(),
        "PUT",
        "/parameters/251",
        Some(json!({ "value": id })),
    )
    .await
    .expect(200);
    let path = format!("/templates/{id}");
    let refused = desk
        .call_with(&admin(), "DELETE", &path, &[("if-match", &etag)], None)
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "TEMPLATE_IN_USE")
    );
    assert_eq!(refused.body["errors"][0]["parameter"], 251);
    let inactive = json!({ "identifier": "a", "title": "${IDSOLICITACAOSERVICO}", "html": "<p>x</p>", "status": "inactive" });
    let refused = desk
        .call_with(
            &admin(),
            "PUT",
            &path,
            &[("if-match", &etag)],
            Some(inactive.clone()),
        )
        .await;
    assert_eq!(refused.code(), "TEMPLATE_IN_USE");
    desk.call_with(
        &admin(),
        "DELETE",
        "/parameters/251",
        &[("if-match", "*")],
        None,
    )
    .await
    .expect(200);
    let changed = desk
        .call_with(
            &admin(),
            "PUT",
            &path,
            &[("if-match", &etag)],
            Some(inactive),
        )
        .await;
    assert_eq!(changed.expect(200)["status"], "inactive");
    let refused = set_template(&desk, &[], &id).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (422, "TEMPLATE_INACTIVE")
    );
}

/// Every parameter in one language, as the API tells them.
async fn told(desk: &Desk, language: &str) -> Vec<Value> {
    let headers = [("accept-language", language)];
    let list = desk
        .call_with(&admin(), "GET", "/parameters?limit=100", &headers, None)
        .await
        .expect(200);
    let all = list["items"].as_array().unwrap().clone();
    for one in &all {
        let path = format!("/parameters/{}", one["number"]);
        let alone = desk
            .call_with(&admin(), "GET", &path, &headers, None)
            .await
            .expect(200);
        assert_eq!(alone, *one, "alone and in the list it is the same");
        for field in ["name", "description", "type"] {
            assert_ne!(
                one[field].as_str().unwrap_or_default(),
                "",
                "{field} of {path}"
            );
        }
    }
    all
}

#[tokio::test]
async fn parameters_speak_the_callers_language() {
    let desk = Desk::new();
    let pt = told(&desk, "pt-BR").await;
    let en = told(&desk, "en-US,en;q=0.9").await;
    let es = told(&desk, "es").await;
    assert_eq!(
        told(&desk, "ja").await,
        pt,
        "Portuguese where a language is not known"
    );
    let numbers = |all: &[Value]| -> Vec<u64> {
        all.iter()
            .filter_map(|one| one["number"].as_u64())
            .collect()
    };
    let mut known = numbers(&pt);
    assert_eq!((numbers(&en), numbers(&es)), (known.clone(), known.clone()));
    known.sort_unstable();
    assert_eq!(
        known,
        [
            9, 10, 33, 36, 251, 252, 253, 262, 263, 278, 297, 299, 300, 318, 417, 446, 1001
        ]
    );
    for ((pt, en), es) in pt.iter().zip(&en).zip(&es) {
        let number = &pt["number"];
        let words = [pt, en, es].map(|one| one["description"].as_str().unwrap().to_owned());
        assert!(
            words[0] != words[1] && words[1] != words[2] && words[0] != words[2],
            "{number}: {words:?}"
        );
        // What is not words is the same in every language.
        for field in ["type", "default", "value"] {
            assert_eq!(
                (&pt[field], &pt[field]),
                (&en[field], &es[field]),
                "{field} of {number}"
            );
        }
    }
}

#[tokio::test]
async fn switches_are_taken_as_people_write_them() {
    let desk = Desk::new();
    for (written, stored) in [
        (json!("y"), "S"),
        (json!(true), "S"),
        (json!("N"), "N"),
        (json!("false"), "N"),
        (json!("s"), "S"),
    ] {
        let answer = desk
            .call_with(
                &admin(),
                "PUT",
                "/parameters/297",
                &[("if-match", "*")],
                Some(json!({ "value": written })),
            )
            .await;
        let answer = match answer.status.as_u16() {
            412 => {
                desk.call(
                    &admin(),
                    "PUT",
                    "/parameters/297",
                    Some(json!({ "value": written })),
                )
                .await
            }
            _ => answer,
        };
        assert_eq!(answer.expect(200)["value"], stored);
    }
}

#[tokio::test]
async fn an_address_that_nothing_can_be_sent_from_is_refused_in_the_callers_language() {
    let desk = Desk::new();
    for (number, value) in [
        (10, "desk@localserver"),
        (10, "Desk <desk@10.0.0.1>"),
        (10, "Desk <desk@exemplo>"),
        (9, "desk@example.com; d..esk@example.com"),
        (36, "exemplo"),
        (36, "10.0.0.1"),
    ] {
        let path = format!("/parameters/{number}");
        let mut said = Vec::new();
        for language in ["pt-BR", "en", "es"] {
            let headers = [("accept-language", language)];
            let body = Some(json!({ "value": value }));
            let refused = desk.call_with(&admin(), "PUT", &path, &headers, body).await;
            assert_eq!(
                (refused.status.as_u16(), refused.code()),
                (422, "VALUE_INVALID"),
                "{number} {value}"
            );
            let mut words = refused.body["detail"].to_string();
            if number != 36 {
                let finding = &refused.body["errors"][0];
                assert_eq!(finding["code"], "ADDRESS_INVALID", "{number} {value}");
                assert_eq!(finding["field"], "value", "{number} {value}");
                words += &finding["message"].to_string();
            }
            assert!(
                !words.contains("localserver"),
                "it may be a secret: {words}"
            );
            said.push(words);
        }
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), 3, "{number} {value}: {said:?}");
        let stored = desk.call(&admin(), "GET", &path, None).await.expect(200);
        assert_eq!(stored["value"], Value::Null, "{number} {value}");
    }
}
