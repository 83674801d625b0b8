//! What the ITSM system says of a ticket, and what each side sees of it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::desk::{Desk, admin, bia, integration, maria, person, warnings};

async fn put(desk: &Desk, snapshot: Value) -> crate::desk::Answer {
    desk.call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
}

/// A desk whose clock stands still, long after the time of the machine.
fn in_2096() -> Desk {
    Desk::at("2096-01-01T10:00:00Z".parse().unwrap(), &[])
}

#[tokio::test]
async fn a_snapshot_of_the_future_is_refused() {
    let desk = in_2096();
    for (at, status) in [
        ("9998-12-31T00:00:00Z", 422),
        ("2096-01-01T10:05:01Z", 422),
        ("2096-01-01T10:05:00Z", 201),
    ] {
        let answer = put(&desk, json!({ "status": at, "updated_at": at })).await;
        let code = answer.body["errors"][0]["code"].clone();
        answer.expect(status);
        if status == 422 {
            assert_eq!(code, "UPDATED_AT_IN_FUTURE");
        }
    }
    desk.wait(SignedDuration::from_mins(6));
    let next = put(&desk, json!({ "status": "depois" })).await.expect(200);
    assert_eq!(
        (&next["applied"], &next["status"]),
        (&json!(true), &json!("depois"))
    );
}

#[tokio::test]
async fn an_older_snapshot_says_that_it_changed_nothing() {
    let desk = in_2096();
    let at = |minute: u8, status: &str| json!({ "status": status, "updated_at": format!("2096-01-01T09:{minute:02}:00Z") });
    let first = put(&desk, at(30, "novo")).await.expect(201);
    assert_eq!(first["applied"], true);
    let older = put(&desk, at(29, "velho")).await.expect(200);
    assert_eq!(
        (&older["applied"], &older["status"]),
        (&json!(false), &json!("novo"))
    );
    let same = put(&desk, at(30, "igual")).await.expect(200);
    assert_eq!(
        (&same["applied"], &same["status"]),
        (&json!(true), &json!("igual"))
    );
}

/// A PUT says everything: what it leaves out is not there any more.
#[tokio::test]
async fn a_put_replaces_what_it_does_not_name() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let put = put(&desk, json!({ "status": "Aberta" })).await.expect(200);
    assert_eq!(put["status"], "Aberta");
    assert_eq!(put.get("responsible"), None);
    assert_eq!(put["requester"], json!({ "name": "" }));
    desk.call(&bia(), "GET", "/tickets/1", None)
        .await
        .expect(404);
}

#[tokio::test]
async fn one_bad_address_keeps_nobody_else_from_their_mail() {
    let desk = Desk::new();
    for bad in [
        "not an address",
        "josé@example.com",
        "a@b.example\r\nBcc: c@d.example",
        "@",
    ] {
        let snapshot = json!({
            "requester": { "name": "Maria", "email": "maria@example.com", "time_zone": "GMT-3" },
            "contact": { "email": bad }, "followers": [{ "email": bad }],
            "responsible": { "name": "Bia", "email": "bia@example.com", "time_zone": "" },
            "group": { "name": "N1", "addresses": [bad, "n1@example.com"] },
            "requested_at": "", "deadline_at": null,
        });
        let answer = put(&desk, snapshot).await;
        assert_eq!(
            warnings(&answer.body),
            [
                ("TIME_ZONE_UNKNOWN", "requester.time_zone"),
                ("ADDRESS_INVALID", "contact.email"),
                ("ADDRESS_INVALID", "followers[0].email"),
                ("ADDRESS_INVALID", "group.addresses[0]"),
            ],
            "{}",
            answer.text
        );
        let path = "/tickets/1/messages";
        let message = json!({ "text": "Olá" });
        let posted = desk
            .call(&bia(), "POST", path, Some(message.clone()))
            .await
            .expect(202);
        assert_eq!(posted["deliveries"][0]["to"], "maria@example.com");
        let id = posted["id"].as_str().unwrap();
        let why = desk
            .call(&bia(), "GET", &format!("{path}/{id}/explain"), None)
            .await;
        assert!(why.text.contains("INVALID_ADDRESS"), "{}", why.text);
        let posted = desk
            .call(&maria(), "POST", path, Some(message))
            .await
            .expect(202);
        assert_eq!(posted["deliveries"].as_array().unwrap().len(), 2);
    }
}

/// A ticket on which everything is filled that others may not see.
async fn private(desk: &Desk) {
    let snapshot = json!({
        "description": "<p>Olá</p><script>alert(1)</script>", "response": "<img src=x onerror=alert(1)>ok",
        "observation": "linha 1\n<b onclick=x>linha 2</b>",
        "requester": { "name": "Maria", "email": "maria@example.com", "phone": "1111" },
        "contact": { "name": "casa@example.org", "phone": "2222" }, "contact_details": "ramal 3333",
        "followers": [{ "name": "Fabio", "email": "fabio@example.com", "phone": "4444" }],
        "responsible": { "name": "Bia", "email": "bia@example.com", "phone": "5555" },
        "owner": { "name": "Caio", "phone": "6666" },
        "group": { "name": "N1", "addresses": ["n1@example.com"] }, "extra": { "CUSTO": "7777" },
    });
    put(desk, snapshot).await.expect(201);
}

#[tokio::test]
async fn each_side_sees_no_more_of_others_than_it_may() {
    let desk = Desk::new();
    private(&desk).await;
    let fabio = person("requester", "fabio@example.com", &[]);
    let all = [
        "1111", "2222", "3333", "4444", "5555", "6666", "7777", "casa@", "maria@", "fabio@",
        "bia@", "n1@",
    ];
    for (who, sees) in [
        (&fabio, &["4444", "fabio@"][..]),
        (&maria(), &["1111", "7777", "maria@"]),
        (&bia(), &all),
        (&admin(), &all),
    ] {
        let one = desk.call(who, "GET", "/tickets/1", None).await.text;
        let list = desk.call(who, "GET", "/tickets", None).await.text;
        for word in all {
            let seen = sees.contains(&word);
            assert_eq!(one.contains(word), seen, "{who} {word}: {one}");
            assert!(seen || !list.contains(word), "{who} {word}: {list}");
        }
    }
}

#[tokio::test]
async fn the_requester_reads_how_they_are_reached_themselves() {
    let desk = Desk::new();
    let snapshot = json!({ "requester": { "email": "maria@example.com" }, "contact_details": "ramal 3333",
        "followers": [{ "email": "fabio@example.com" }] });
    put(&desk, snapshot).await.expect(201);
    for (who, seen) in [
        (maria(), true),
        (person("requester", "fabio@example.com", &[]), false),
    ] {
        let answer = desk.call(&who, "GET", "/tickets/1", None).await;
        assert_eq!(answer.text.contains("3333"), seen, "{who}");
    }
}

#[tokio::test]
async fn the_html_of_a_ticket_is_safe_in_every_answer() {
    let desk = Desk::new();
    private(&desk).await;
    for (who, path) in [
        (maria(), "/tickets/1"),
        (bia(), "/tickets/1"),
        (admin(), "/tickets/1"),
        (bia(), "/tickets"),
    ] {
        let answer = desk.call(&who, "GET", path, None).await;
        for bad in ["<script", "onerror", "onclick", "alert(1)</script"] {
            assert!(!answer.text.contains(bad), "{who} {path}: {}", answer.text);
        }
    }
    let ticket = desk
        .call(&maria(), "GET", "/tickets/1", None)
        .await
        .expect(200);
    assert_eq!(ticket["description_html"], "<p>Olá</p>");
    assert_eq!(ticket["description_text"], "Olá");
    let plain =
        json!({ "requester": { "email": "maria@example.com" }, "observation": "a & b\nc > d" });
    put(&desk, plain).await.expect(200);
    let ticket = desk
        .call(&maria(), "GET", "/tickets/1", None)
        .await
        .expect(200);
    assert_eq!(ticket["observation"], "a & b\nc > d");
}

#[tokio::test]
async fn an_address_of_any_length_keeps_no_snapshot_out() {
    let desk = Desk::new();
    let long = format!("{}@example.com", "é".repeat(5000));
    let snapshot = json!({
        "requester": { "name": "Maria", "email": long },
        "followers": [{ "email": format!("a@{}com", "b.".repeat(400)) }],
        "group": { "name": "N1", "addresses": [long, "n1@example.com"] },
    });
    let taken = desk
        .call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
        .expect(201);
    let warned: Vec<_> = taken["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["code"], &one["field"]))
        .collect();
    assert_eq!(warned.len(), 3, "{warned:?}");
    assert!(warned.iter().all(|(code, _)| *code == "ADDRESS_INVALID"));
    assert_eq!(
        taken["requester"]["email"]
            .as_str()
            .unwrap()
            .chars()
            .count(),
        255
    );
}

#[tokio::test]
async fn a_group_of_the_author_alone_is_passed_over() {
    let desk = Desk::new();
    let mut ticket = json!({
        "requester": { "email": "maria@example.com" },
        "responsible": { "email": "maria@example.com" },
        "group": { "name": "N1", "addresses": ["MARIA@example.com"] },
        "level1_group": { "name": "N0", "addresses": ["maria@example.com"] },
        "executor_group": { "name": "EX", "addresses": ["ex@example.com"] },
    });
    let last = json!({ "value": "ultimo@example.com" });
    desk.call(&admin(), "PUT", "/parameters/9", Some(last))
        .await
        .expect(200);
    for (executor, told) in [
        ("ex@example.com", "e***@example.com"),
        ("maria@example.com", "u***@example.com"),
    ] {
        ticket["executor_group"]["addresses"] = json!([executor]);
        put(&desk, ticket.clone()).await;
        let text = json!({ "text": "Olá" });
        let maria = person("requester", "maria@example.com", &[]);
        let posted = desk
            .call(&maria, "POST", "/tickets/1/messages", Some(text))
            .await
            .expect(202);
        let to: Vec<_> = posted["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["to"])
            .collect();
        assert_eq!(to, [told]);
    }
}

#[tokio::test]
async fn an_empty_category_is_the_default_one() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (number, value) in [(262, "Acompanhamento"), (263, "Portal")] {
        let path = format!("/parameters/{number}");
        desk.call(&admin(), "PUT", &path, Some(json!({ "value": value })))
            .await
            .expect(200);
    }
    for given in [json!(""), json!(" "), Value::Null] {
        let message = json!({ "text": "Olá", "category": given, "origin": given });
        let posted = desk
            .call(&maria(), "POST", "/tickets/1/messages", Some(message))
            .await;
        let path = format!(
            "/tickets/1/messages/{}",
            posted.expect(202)["id"].as_str().unwrap()
        );
        let one = desk.call(&maria(), "GET", &path, None).await.expect(200);
        assert_eq!(
            (&one["category"], &one["origin"]),
            (&json!("Acompanhamento"), &json!("Portal"))
        );
    }
}

fn event(id: &str, kind: &str, time: &str, ticket: Value) -> Value {
    json!({ "id": id, "detail-type": kind, "source": "itsm", "time": time, "detail": {
        "ticket": ticket,
        "message": { "description": "Feito", "author": { "name": "Bia", "email": "bia@example.com", "role": "technician" } } } })
}

async fn told(desk: &Desk, event: &Value) {
    events::handle(&desk.app, event.clone())
        .await
        .expect("applied");
}

async fn seen(desk: &Desk) -> Value {
    desk.call(&admin(), "GET", "/tickets/1", None)
        .await
        .expect(200)
}

#[tokio::test]
async fn an_event_that_comes_again_or_late_brings_nothing_old_back() {
    let desk = in_2096();
    let named = |name: &str| {
        json!({ "id": "1", "requester": { "email": "maria@example.com" },
        "responsible": { "name": name, "email": format!("{}@example.com", name.to_lowercase()) } })
    };
    let first = event("e-1", "TicketUpdated", "2096-01-01T09:59:00Z", named("Bia"));
    let written = event(
        "m-1",
        "MessageCreated",
        "2096-01-01T09:59:00Z",
        named("Bia"),
    );
    told(&desk, &first).await;
    told(&desk, &written).await;
    // In the same second: only its id says that the first one was there already.
    told(
        &desk,
        &event(
            "e-2",
            "TicketUpdated",
            "2096-01-01T09:59:00Z",
            named("Caio"),
        ),
    )
    .await;
    told(&desk, &first).await;
    told(&desk, &written).await;
    assert_eq!(seen(&desk).await["responsible"]["name"], "Caio");
    let old = event("e-0", "TicketUpdated", "2020-01-01T00:00:00Z", named("Rui"));
    told(&desk, &old).await;
    assert_eq!(seen(&desk).await["responsible"]["name"], "Caio");
    desk.wait(SignedDuration::from_mins(60));
    put(&desk, named("Ana")).await.expect(200);
    told(
        &desk,
        &event("e-3", "TicketUpdated", "2096-01-01T10:30:00Z", named("Eva")),
    )
    .await;
    assert_eq!(seen(&desk).await["responsible"]["name"], "Ana");
    told(
        &desk,
        &event("e-4", "TicketUpdated", "2096-01-01T11:00:00Z", named("Eva")),
    )
    .await;
    assert_eq!(seen(&desk).await["responsible"]["name"], "Eva");
    // A day later, out of the dead letters.
    desk.wait(SignedDuration::from_mins(60 * 24 * 10));
    told(&desk, &written).await;
    let list = desk
        .call(&admin(), "GET", "/tickets/1/messages", None)
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_event_of_the_future_shuts_out_nothing() {
    let desk = in_2096();
    let status = |status: &str| json!({ "id": "1", "status": status });
    told(
        &desk,
        &event("e-1", "TicketUpdated", "2099-01-01T00:00:00Z", status("a")),
    )
    .await;
    assert_eq!(put(&desk, status("b")).await.expect(200)["applied"], true);
    let ahead = json!({ "id": "1", "updated_at": "2099-01-01T00:00:00Z" });
    let refused = events::handle(
        &desk.app,
        event("e-2", "TicketUpdated", "2096-01-01T10:00:00Z", ahead),
    )
    .await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn no_field_of_another_type_is_passed_over() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (field, value) in [
        ("currentTask", json!("Atender")),
        ("currentTask", json!([{ "name": "Atender" }])),
        ("sourceRequest", json!("x")),
        ("number", json!({ "x": 2 })),
        ("situacao", json!({ "name": "Aberta" })),
        ("status", json!({ "active": null, "since": 5 })),
        ("phase", json!(true)),
    ] {
        let named = json!({ "id": "1", field: value });
        let answer = put(&desk, named.clone()).await;
        assert!(answer.status.is_client_error(), "{named}: {}", answer.text);
        assert_eq!(answer.body["errors"][0]["field"], field, "{}", answer.text);
        let event = event("e-1", "TicketUpdated", "2026-01-01T10:00:00Z", named);
        let refused = events::handle(&desk.app, event.clone()).await;
        let refused = refused.expect_err(&event.to_string());
        assert_eq!(refused.errors[0].field.as_deref(), Some(field), "{event}");
    }
    for (field, value) in [
        ("occurrence", json!("x")),
        ("descricao", json!({ "x": 1 })),
        ("category", json!({ "x": 1 })),
        ("requestNumber", json!({ "x": 1 })),
        ("date", json!(20_260_502)),
    ] {
        let mut message = json!({ "text": "Feito", "elapsedTime": 5, field: value });
        let path = "/tickets/1/messages";
        let answer = desk.call(&bia(), "POST", path, Some(message.clone())).await;
        assert!(
            answer.status.is_client_error(),
            "{message}: {}",
            answer.text
        );
        // The event itself says on which ticket its message is.
        if field == "requestNumber" {
            continue;
        }
        message["author"] = json!({ "name": "Bia", "role": "technician" });
        let mut event = event(
            "m-1",
            "MessageCreated",
            "2026-01-01T10:00:00Z",
            json!({ "id": "1" }),
        );
        event["detail"]["message"] = message;
        let refused = events::handle(&desk.app, event.clone()).await;
        refused.expect_err(&event.to_string());
    }
}

#[tokio::test]
async fn what_an_event_does_not_name_stays() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let before = seen(&desk).await;
    told(
        &desk,
        &event(
            "m-1",
            "MessageCreated",
            "2096-01-01T10:00:00Z",
            json!({ "requestNumber": 1 }),
        ),
    )
    .await;
    told(
        &desk,
        &event(
            "e-1",
            "TicketUpdated",
            "2099-01-01T10:00:00Z",
            json!({ "number": "1", "status": "Aberta" }),
        ),
    )
    .await;
    let after = seen(&desk).await;
    for field in ["requester", "responsible", "followers", "group"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(after["status"], "Aberta");
    let list = desk
        .call(&maria(), "GET", "/tickets/1/messages", None)
        .await
        .expect(200);
    let id = list["items"][0]["id"].as_str().unwrap();
    let one = desk
        .call(&bia(), "GET", &format!("/tickets/1/messages/{id}"), None)
        .await
        .expect(200);
    assert_eq!(one["deliveries"].as_array().map(Vec::len), Some(2));
    // Whoever is named is replaced whole: no address of another stays with a new name.
    let change = json!({ "id": "1", "responsible": { "name": "Caio" }, "group": null });
    told(
        &desk,
        &event("e-2", "TicketUpdated", "2099-01-01T10:00:01Z", change),
    )
    .await;
    let after = seen(&desk).await;
    assert_eq!(after["responsible"], json!({ "name": "Caio" }));
    assert_eq!(after.get("group"), None);
    assert_eq!(after["requester"], before["requester"]);
}

#[tokio::test]
async fn an_event_with_bad_addresses_reaches_the_others() {
    let desk = Desk::new();
    let mut message = event(
        "m-1",
        "MessageCreated",
        "2096-01-01T10:00:00Z",
        json!({ "id": "1",
        "requester": { "email": "maria@example.com", "time_zone": "E. South America Standard Time" },
        "followers": [{ "email": "nobody" }], "requested_at": "" }),
    );
    message["detail"]["message"]["author"]["email"] = json!("not an address");
    told(&desk, &message).await;
    let list = desk
        .call(&maria(), "GET", "/tickets/1/messages", None)
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn requests_and_occurrences_of_the_web_service_are_taken_whole() {
    let desk = Desk::new();
    let request = json!({ "synchronize": true, "request": { "number": "1", "type": "R", "userID": "maria",
        "contact": { "name": "Maria", "phoneNumber": "61 5555", "e-mail": "maria@example.com" },
        "status": { "code": "EmAndamento" }, "groupId": "N2", "contractID": 1,
        "service": { "name": "VPN", "category": { "name": "Redes" } },
        "startDateTime": "2026-03-14T03:00:00.000Z", "deadline": "2026-03-15T03:00:00.000Z" } });
    let ticket = put(&desk, request).await.expect(201);
    assert_eq!(ticket["requester"]["phone"], "61 5555");
    assert_eq!(ticket["executor_group"]["name"], "N2");
    assert_eq!(ticket["deadline_at"], "2026-03-15T03:00:00Z");
    for (occurrence, spent) in [
        (
            json!({ "description": "Teste", "date": "2015-08-20T03:00:00.000Z", "hour": "2219" }),
            Value::Null,
        ),
        (
            json!({ "description": "Teste", "date": "2015-08-20", "elapsedTime": "30" }),
            json!({ "date": "2015-08-20", "hours": "00:30" }),
        ),
    ] {
        let mut occurrence = json!({ "requestNumber": "1", "occurrence": occurrence });
        occurrence["occurrence"]["userID"] = json!("bia");
        occurrence["occurrence"]["category"] = json!({ "code": "Contorno" });
        let posted = desk
            .call(
                &integration(),
                "POST",
                "/tickets/1/messages",
                Some(occurrence),
            )
            .await
            .expect(202);
        assert_eq!(posted["deliveries"][0]["to"], "maria@example.com");
        let path = format!("/tickets/1/messages/{}", posted["id"].as_str().unwrap());
        let one = desk.call(&admin(), "GET", &path, None).await.expect(200);
        assert_eq!(
            (&one["category"], &one["author"]["name"]),
            (&json!("Contorno"), &json!("bia"))
        );
        assert_eq!(one["time_spent"], spent);
    }
    let wrong =
        json!({ "occurrence": { "description": "x", "userID": "bia", "elapsedTime": "muito" } });
    desk.call(&integration(), "POST", "/tickets/1/messages", Some(wrong))
        .await
        .expect(422);
}
