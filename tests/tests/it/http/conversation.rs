//! Posting messages: who gets mail, once, in order, with the switches of the parameters.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria, person};

fn recipients(posted: &Value) -> Vec<&str> {
    posted["deliveries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|d| d["to"].as_str())
        .collect()
}

async fn say(desk: &Desk, caller: &Value, message: Value) -> Value {
    desk.call(caller, "POST", "/tickets/1/messages", Some(message))
        .await
        .expect(202)
}

async fn set(desk: &Desk, number: u16, value: &str) {
    desk.call_with(
        &admin(),
        "PUT",
        &format!("/parameters/{number}"),
        &[("if-match", "*")],
        Some(json!({ "value": value })),
    )
    .await;
    let answer = desk
        .call(&admin(), "GET", &format!("/parameters/{number}"), None)
        .await;
    if answer.body["value"] != value {
        desk.call(
            &admin(),
            "PUT",
            &format!("/parameters/{number}"),
            Some(json!({ "value": value })),
        )
        .await
        .expect(200);
    }
}

#[tokio::test]
async fn both_directions_find_their_readers() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let down = say(&desk, &bia(), json!({ "text": "Pode testar?" })).await;
    assert_eq!(
        recipients(&down),
        ["maria@example.com", "fabio@example.com"]
    );
    let up = say(&desk, &maria(), json!({ "text": "Funcionou!" })).await;
    assert_eq!(
        up["deliveries"].as_array().map(Vec::len),
        Some(2),
        "the responsible and the group"
    );
    assert!(
        recipients(&up).iter().all(|to| to.contains('*')),
        "masked for the requester: {up}"
    );
    for delivery in up["deliveries"].as_array().into_iter().flatten() {
        assert_eq!(delivery["status"], "queued");
    }
    let quiet = say(
        &desk,
        &bia(),
        json!({ "text": "Só registro.", "notify": false }),
    )
    .await;
    assert_eq!(recipients(&quiet), [""; 0]);
    let internal = say(
        &desk,
        &bia(),
        json!({ "text": "Nota.", "visibility": "internal" }),
    )
    .await;
    assert_eq!(recipients(&internal), [""; 0]);
}

#[tokio::test]
async fn nobody_gets_their_own_message_or_two_of_one() {
    let desk = Desk::new();
    let snapshot = json!({
        "requester": { "email": "Bia@Example.com" },
        "followers": [{ "email": "x@example.com" }, { "email": "X@EXAMPLE.com" }, { "email": "no-reply@example.com" },
                      { "email": "desk@mensageria.example" }],
        "responsible": { "email": "bia@example.com" },
    });
    desk.call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
        .expect(201);
    let posted = say(&desk, &bia(), json!({ "text": "oi" })).await;
    assert_eq!(recipients(&posted), ["x@example.com"]);
}

#[tokio::test]
async fn without_a_responsible_the_next_group_is_told() {
    let desk = Desk::new();
    let requester = json!({ "email": "maria@example.com" });
    let cases = [
        (
            json!({ "level1_group": { "name": "L1", "addresses": ["l1@example.com"] }, "executor_group": { "addresses": ["ex@example.com"] } }),
            "l1@",
        ),
        (
            json!({ "executor_group": { "name": "E", "addresses": ["ex@example.com"] } }),
            "ex@",
        ),
        (json!({ "responsible": { "name": "no address" } }), "last@"),
    ];
    set(&desk, 9, "last@example.com").await;
    for (mut snapshot, reached) in cases {
        snapshot["requester"] = requester.clone();
        desk.call(&integration(), "PUT", "/tickets/1", Some(snapshot))
            .await;
        let message = json!({ "text": "oi", "author": { "name": "Maria", "email": "maria@example.com", "role": "requester" } });
        let posted = say(&desk, &integration(), message).await;
        assert_eq!(recipients(&posted).len(), 1, "{posted}");
        assert!(recipients(&posted)[0].starts_with(reached), "{posted}");
    }
}

#[tokio::test]
async fn the_switches_switch() {
    let desk = Desk::new();
    desk.ticket("1").await;
    set(&desk, 300, "N").await;
    assert_eq!(
        recipients(&say(&desk, &maria(), json!({ "text": "oi" })).await),
        [""; 0]
    );
    set(&desk, 300, "S").await;
    set(&desk, 252, "N").await;
    let refused = desk
        .call(
            &maria(),
            "POST",
            "/tickets/1/messages",
            Some(json!({ "text": "oi" })),
        )
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (403, "PORTAL_WRITING_OFF")
    );
    say(&desk, &bia(), json!({ "text": "a mesa escreve" })).await;
    set(&desk, 252, "S").await;
    set(&desk, 299, "N").await;
    for caller in [maria(), bia()] {
        let refused = desk
            .call(
                &caller,
                "POST",
                "/tickets/1/messages",
                Some(json!({ "text": "oi" })),
            )
            .await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (403, "MESSAGES_OFF")
        );
    }
    set(&desk, 299, "S").await;
    set(&desk, 262, "Dúvida").await;
    set(&desk, 263, "Portal").await;
    let posted = say(&desk, &maria(), json!({ "text": "oi" })).await;
    let path = format!(
        "/tickets/1/messages/{}",
        posted["id"].as_str().unwrap_or_default()
    );
    let message = desk.call(&maria(), "GET", &path, None).await.expect(200);
    assert_eq!(
        (&message["category"], &message["origin"], &message["source"]),
        (&json!("Dúvida"), &json!("Portal"), &json!("portal"))
    );
}

#[tokio::test]
async fn the_same_key_is_one_message() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let key = [("idempotency-key", "k-1")];
    let message = json!({ "text": "oi" });
    let first = desk
        .call_with(
            &bia(),
            "POST",
            "/tickets/1/messages",
            &key,
            Some(message.clone()),
        )
        .await;
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = desk
        .call_with(
            &bia(),
            "POST",
            "/tickets/1/messages",
            &key,
            Some(message.clone()),
        )
        .await;
    assert_eq!(
        (again.status.as_u16(), again.header("idempotent-replayed")),
        (202, "true")
    );
    assert_eq!(first.body, again.body);
    let other = desk
        .call_with(
            &bia(),
            "POST",
            "/tickets/1/messages",
            &key,
            Some(json!({ "text": "outra" })),
        )
        .await;
    assert_eq!(
        (other.status.as_u16(), other.code()),
        (422, "IDEMPOTENCY_MISMATCH")
    );
    let of_maria = desk
        .call_with(&maria(), "POST", "/tickets/1/messages", &key, Some(message))
        .await;
    assert_eq!(
        (
            of_maria.status.as_u16(),
            of_maria.header("idempotent-replayed")
        ),
        (202, ""),
        "a key belongs to its caller"
    );
    let list = desk
        .call(&bia(), "GET", "/tickets/1/messages", None)
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_with_one_key_are_one_message_and_without_keys_twenty() {
    let desk = std::sync::Arc::new(Desk::new());
    desk.ticket("1").await;
    for (keyed, expected) in [(true, 1), (false, 21)] {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let desk = desk.clone();
                tokio::spawn(async move {
                    // Twenty writers on one ticket may lose every round: a client repeats a 503.
                    loop {
                        let headers: &[_] = if keyed {
                            &[("idempotency-key", "one")]
                        } else {
                            &[]
                        };
                        let answer = desk
                            .call_with(
                                &bia(),
                                "POST",
                                "/tickets/1/messages",
                                headers,
                                Some(json!({ "text": "oi" })),
                            )
                            .await;
                        if answer.status != 503 {
                            return answer.expect(202)["id"].clone();
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        let list = desk
            .call(&bia(), "GET", "/tickets/1/messages?limit=100", None)
            .await
            .expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(expected));
        let ticket = desk
            .call(&bia(), "GET", "/tickets/1", None)
            .await
            .expect(200);
        assert_eq!(ticket["messages"], expected, "counted exactly");
    }
}

#[tokio::test]
async fn a_conversation_reads_in_order_page_by_page() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for n in 0..7 {
        let visibility = if n % 3 == 1 { "internal" } else { "public" };
        say(
            &desk,
            &bia(),
            json!({ "text": n.to_string(), "visibility": visibility }),
        )
        .await;
    }
    for (caller, expected) in [(bia(), "0123456"), (maria(), "02356")] {
        let (mut read, mut cursor) = (String::new(), String::new());
        loop {
            let page = desk
                .call(
                    &caller,
                    "GET",
                    &format!("/tickets/1/messages?limit=2&cursor={cursor}"),
                    None,
                )
                .await
                .expect(200);
            read.extend(
                page["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|m| m["text"].as_str()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(read, expected);
    }
}

#[tokio::test]
async fn an_older_snapshot_never_overwrites_a_newer_one() {
    let desk = Desk::new();
    let put = async |status: &str, at: &str| {
        let snapshot = json!({ "status": status, "updated_at": at, "requester": { "email": "maria@example.com" } });
        desk.call(&integration(), "PUT", "/tickets/1", Some(snapshot))
            .await
            .body
    };
    put("new", "2026-05-02T10:00:00-03:00").await;
    let answer = put("old", "2026-05-02T12:59:59Z").await;
    assert_eq!(answer["status"], "new");
    assert_eq!(
        put("newer", "2026-05-02T13:00:01Z").await["status"],
        "newer"
    );
}

#[tokio::test]
async fn legacy_names_and_html_are_taken() {
    let desk = Desk::new();
    let snapshot = json!({ "idSolicitacaoServico": 4711, "nomecontato": "Maria", "emailcontato": "maria@example.com",
        "requester": { "email": "maria@example.com" }, "servico": "VPN" });
    let ticket = desk
        .call(&integration(), "PUT", "/tickets/4711", Some(snapshot))
        .await
        .expect(201);
    assert_eq!(
        (&ticket["id"], &ticket["activity"]),
        (&json!("4711"), &json!("VPN"))
    );
    let message = json!({ "html": "<p>Oi <b>Maria</b><script>alert(1)</script></p>",
        "author": { "name": "Bia", "email": "bia@example.com", "role": "technician" } });
    let posted = desk
        .call(
            &integration(),
            "POST",
            "/tickets/4711/messages",
            Some(message),
        )
        .await
        .expect(202);
    let path = format!(
        "/tickets/4711/messages/{}",
        posted["id"].as_str().unwrap_or_default()
    );
    let message = desk.call(&admin(), "GET", &path, None).await.expect(200);
    assert!(
        !message["html"]
            .as_str()
            .unwrap_or_default()
            .contains("script"),
        "{message}"
    );
    assert!(
        message["text"].as_str().unwrap_or_default().contains("Oi"),
        "{message}"
    );
}

#[tokio::test]
async fn an_event_applies_once() {
    let desk = Desk::new();
    let event = json!({
        "id": "e-1", "detail-type": "MessageCreated", "source": "citsmart",
        // What EventBridge adds, and what a later source may.
        "version": "0", "account": "123456789012", "region": "us-east-1", "resources": [],
        "detail": { "version": 1,
            "ticket": { "number": "77", "requester": { "email": "maria@example.com" }, "responsible": { "email": "bia@example.com" } },
            "message": { "description": "Feito", "sla": "A", "author": { "name": "Bia", "email": "bia@example.com", "role": "technician" } } },
    });
    for _ in 0..3 {
        events::handle(&desk.app, event.clone())
            .await
            .expect("applied");
    }
    let list = desk
        .call(&bia(), "GET", "/tickets/77/messages", None)
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["items"][0]["source"], "event");
    let mut future = event.clone();
    future["detail"]["version"] = json!(2);
    let error = events::handle(&desk.app, future)
        .await
        .expect_err("a later version");
    assert!(error.detail.to_string().contains("version 2"), "{error}");
    let stranger = person("requester", "x@example.com", &[]);
    desk.call(&stranger, "GET", "/tickets/77", None)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_slip_in_who_reads_it_publishes_nothing() {
    let desk = Desk::new();
    desk.ticket("4711").await;
    let path = "/tickets/4711/messages";
    for field in ["visiblity", "Visibility", "notfy", "automatc"] {
        let message = json!({ "text": "só nós", field: "internal" });
        let refused = desk.call(&bia(), "POST", path, Some(message)).await;
        let errors = &refused.body["errors"];
        assert_eq!(errors[0]["code"], "FIELD_UNKNOWN", "{errors}");
        assert_eq!(errors[0]["field"], field);
        refused.expect(422);
    }
    let found = desk.call(&bia(), "GET", path, None).await.expect(200);
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn a_time_that_is_none_is_refused_with_one_that_is() {
    let desk = Desk::new();
    desk.ticket("4711").await;
    for day in ["24/11/2026", "2026-13-01", "amanhã", ""] {
        let spent = json!({ "text": "Olá", "time_spent": { "date": day, "hours": "01:00" } });
        let refused = desk
            .call(&bia(), "POST", "/tickets/4711/messages", Some(spent))
            .await;
        let detail = refused.body["detail"].as_str().unwrap().to_owned();
        refused.expect(400);
        assert!(
            detail.starts_with("time_spent.date: this is not a day such as"),
            "{detail}"
        );
    }
    for time in ["24/11/2026", "2026-01-31T10:00:00"] {
        let snapshot = json!({ "deadline_at": time, "requester": { "email": "a@example.com" } });
        let refused = desk
            .call(
                &crate::desk::integration(),
                "PUT",
                "/tickets/1",
                Some(snapshot),
            )
            .await;
        let detail = refused.body["detail"].as_str().unwrap().to_owned();
        refused.expect(400);
        assert!(
            detail.starts_with("deadline_at: this is not a time such as"),
            "{detail}"
        );
    }
}
