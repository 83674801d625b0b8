//! Parameters: preconditions, history, the check of template parameters.

use serde_json::json;

use super::{Desk, admin};

async fn template(desk: &Desk, identifier: &str) -> (String, String) {
    let draft = json!({ "identifier": identifier, "title": "Ticket ${IDSOLICITACAOSERVICO}", "html": "<p>${COMMENTTEXT}</p>" });
    let answer = desk.call(&admin(), "POST", "/templates", Some(draft)).await;
    let etag = answer.header("etag").to_owned();
    (answer.expect(201)["id"].to_string(), etag)
}

#[tokio::test]
async fn a_change_needs_the_mark_of_what_it_changes() {
    let desk = Desk::new();
    let (id, _) = template(&desk, "a").await;
    let first = desk
        .call(
            &admin(),
            "PUT",
            "/parameters/417",
            Some(json!({ "value": id })),
        )
        .await;
    let etag = first.header("etag").to_owned();
    assert_eq!(first.expect(200)["value"], id.as_str());
    let blind = desk
        .call(
            &admin(),
            "PUT",
            "/parameters/417",
            Some(json!({ "value": id })),
        )
        .await;
    assert_eq!(
        (blind.status.as_u16(), blind.code()),
        (428, "PRECONDITION_REQUIRED")
    );
    let second = desk
        .call_with(
            &admin(),
            "PUT",
            "/parameters/417",
            &[("if-match", &etag)],
            Some(json!({ "value": id })),
        )
        .await;
    let newer = second.header("etag").to_owned();
    second.expect(200);
    let stale = desk
        .call_with(
            &admin(),
            "PUT",
            "/parameters/417",
            &[("if-match", &etag)],
            Some(json!({ "value": id })),
        )
        .await;
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
    let refused = desk
        .call(
            &admin(),
            "PUT",
            "/parameters/417",
            Some(json!({ "value": id })),
        )
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (422, "TEMPLATE_INACTIVE")
    );
}

#[tokio::test]
async fn names_speak_the_callers_language() {
    let desk = Desk::new();
    let mut names = Vec::new();
    for language in ["pt-BR", "en-US,en;q=0.9", "es"] {
        let answer = desk
            .call_with(
                &admin(),
                "GET",
                "/parameters/417",
                &[("accept-language", language)],
                None,
            )
            .await;
        names.push(
            answer.expect(200)["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
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
