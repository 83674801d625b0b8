//! `POST /templates/preview`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria};

fn draft(html: &str) -> Value {
    json!({ "identifier": "x", "title": "Chamado ${IDSOLICITACAOSERVICO}", "html": html })
}

#[tokio::test]
async fn a_draft_is_shown_with_sample_values() {
    let desk = Desk::new();
    let body = json!({ "draft": draft("<p>${COMMENTTEXT} ${DESCONHECIDA}</p>"), "sample": true });
    let shown = desk
        .call(&admin(), "POST", "/templates/preview", Some(body))
        .await
        .expect(200);
    let subject = shown["subject"].as_str().unwrap();
    assert!(subject.contains("Chamado 2041"), "{subject}");
    assert!(!shown["text"].as_str().unwrap().contains("${"));
    assert_eq!(shown["diagnostics"][0]["code"], "UNKNOWN_KEY");
    let mime = shown["mime"].as_str().unwrap();
    assert_eq!(shown["size"], mime.len());
    assert!(mime.contains("To: ") && mime.contains("admin@example.com"));
}

#[tokio::test]
async fn a_ticket_without_messages_is_shown_with_a_sample_of_one() {
    let desk = Desk::new();
    desk.ticket("4711").await;
    let body = json!({ "draft": draft("<div>${COMMENTTEXT}</div>"), "ticket_id": "4711" });
    let shown = desk
        .call(&admin(), "POST", "/templates/preview", Some(body))
        .await
        .expect(200);
    let html = shown["html"].as_str().unwrap();
    assert!(html.contains("<p>") && !html.contains("&lt;"), "{html}");
    assert!(!shown["text"].as_str().unwrap().contains('<'));
}

#[tokio::test]
async fn what_cannot_be_shown_is_said() {
    let desk = Desk::new();
    desk.ticket("4711").await;
    let fine = draft("<p>${COMMENTTEXT}</p>");
    let mut unreadable = draft("<p>{% if %}</p>");
    unreadable["syntax"] = json!("tera");
    for (who, body, code) in [
        (admin(), json!({}), "INVALID"),
        (
            admin(),
            json!({ "draft": fine, "template_id": 1, "sample": true }),
            "INVALID",
        ),
        (
            admin(),
            json!({ "template_id": 9, "sample": true }),
            "TEMPLATE_NOT_FOUND",
        ),
        (
            admin(),
            json!({ "draft": fine, "ticket_id": "1" }),
            "NOT_FOUND",
        ),
        (
            admin(),
            json!({ "draft": unreadable, "sample": true }),
            "TEMPLATE_INVALID",
        ),
        (bia(), json!({ "draft": fine, "sample": true }), "FORBIDDEN"),
        (
            maria(),
            json!({ "draft": fine, "ticket_id": "4711" }),
            "FORBIDDEN",
        ),
    ] {
        let answer = desk
            .call(&who, "POST", "/templates/preview", Some(body.clone()))
            .await;
        assert_eq!(answer.code(), code, "{body}: {}", answer.text);
    }
    let body = json!({ "draft": fine, "ticket_id": "4711" });
    desk.call(&bia(), "POST", "/templates/preview", Some(body))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_mail_that_is_larger_than_an_answer_is_refused_in_words() {
    let desk = Desk::new();
    let snapshot = json!({
        "requester": { "name": "Maria", "email": "maria@example.com" },
        "description": "x".repeat(200_000),
    });
    desk.call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
        .expect(201);
    for (times, status) in [(2, 200), (8, 422)] {
        let draft = draft(&format!("<p>{}</p>", "${DESCRICAO} ".repeat(times)));
        let body = json!({ "draft": draft, "ticket_id": "1" });
        let answer = desk
            .call(&admin(), "POST", "/templates/preview", Some(body))
            .await;
        assert_eq!(answer.status, status, "{times}");
        assert!(answer.text.len() < 6_000_000, "{}", answer.text.len());
        if status == 422 {
            assert_eq!(answer.code(), "TEMPLATE_INVALID");
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.contains("too large to be shown"), "{detail}");
        }
    }
}

#[tokio::test]
async fn an_expression_that_fails_is_named_with_its_place_in_the_callers_language() {
    let desk = Desk::new();
    desk.ticket("4711").await;
    let mut failing = draft("<p>${COMMENTTEXT}</p>\n<p>{{ 1 / 0 }}</p>");
    failing["syntax"] = json!("tera");
    let mut endless = draft("{% for a in range(end=200000) %}{{ a }}{% endfor %}");
    endless["syntax"] = json!("tera");
    for (draft, code) in [(failing, "TERA_SYNTAX"), (endless, "TERA_LIMIT")] {
        let path = "/templates/validate";
        let checked = desk.call(&admin(), "POST", path, Some(draft.clone())).await;
        let checked = checked.expect(200)["diagnostics"].clone();
        let checked = checked.as_array().unwrap();
        let checked = checked.iter().find(|one| one["code"] == code).unwrap();
        for shown in [json!({ "sample": true }), json!({ "ticket_id": "4711" })] {
            let mut body = shown;
            body["draft"] = draft.clone();
            let mut told = BTreeSet::new();
            for language in ["en", "pt-BR", "es"] {
                let headers = [("accept-language", language)];
                let body = Some(body.clone());
                let answer = desk
                    .call_with(&admin(), "POST", "/templates/preview", &headers, body)
                    .await;
                assert_eq!(answer.code(), "TEMPLATE_INVALID", "{}", answer.text);
                let error = &answer.body["errors"][0];
                for field in ["code", "part", "line", "column", "found"] {
                    assert_eq!(error[field], checked[field], "{}", answer.text);
                }
                told.insert(error["message"].to_string());
            }
            assert_eq!(told.len(), 3, "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_template_that_cannot_be_read_is_told_what_is_wrong_and_nothing_else() {
    let desk = Desk::new();
    for (html, column, found) in [
        ("{% if %}</p><p>{{ IDSOLICITACAOSERVICO }}", 7, "%}"),
        (
            "{{ SERVICO.a }} {{ IDSOLICITACAOSERVICO }}",
            4,
            "SERVICO.a ",
        ),
        (
            "<p>{{ SERVICO.a }} {{ IDSOLICITACAOSERVICO }}",
            7,
            "SERVICO.a ",
        ),
    ] {
        let mut draft = draft(html);
        draft["syntax"] = json!("tera");
        draft["title"] = json!("Chamado");
        let path = "/templates/validate";
        let checked = desk.call(&admin(), "POST", path, Some(draft.clone())).await;
        let checked = checked.expect(200)["diagnostics"].clone();
        let body = json!({ "draft": draft, "sample": true });
        let shown = desk
            .call(&admin(), "POST", "/templates/preview", Some(body))
            .await;
        for errors in [&checked, &shown.body["errors"]] {
            assert_eq!(errors.as_array().map(Vec::len), Some(1), "{errors}");
            assert_eq!(errors[0]["code"], "TERA_SYNTAX", "{errors}");
            assert_eq!(errors[0]["column"], column, "{errors}");
            assert_eq!(errors[0]["found"], found, "{errors}");
        }
    }
}
