//! Documents as CITSmart and its integrations write them.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;

fn ticket(mut snapshot: Value) -> Value {
    super::ticket(&mut snapshot);
    snapshot
}

fn message(mut message: Value) -> Value {
    let now: Timestamp = "2026-05-02T01:00:00Z".parse().expect("a time");
    let zone = TimeZone::get("America/Sao_Paulo").expect("a zone");
    super::message(&mut message, &now.to_zoned(zone));
    message
}

#[test]
fn legacy_names_find_their_place() {
    assert_eq!(
        ticket(json!({
            "idSolicitacaoServico": 4711, "nomecontato": "Maria", "emailcontato": "maria@example.com",
            "servico": "Trocar senha", "servicoRelacionado": "Rede", "demanda": "Incidente",
        })),
        json!({
            "id": "4711", "contact": { "name": "Maria", "email": "maria@example.com" },
            "activity": "Trocar senha", "service": "Rede", "demand": "Incidente",
        })
    );
}

#[test]
fn an_occurrence_names_its_ticket() {
    for (message, number) in [
        (
            json!({ "requestNumber": 7, "occurrence": { "description": "x" } }),
            Some("7"),
        ),
        (
            json!({ "occurrence": { "requestnumber": " 7 ", "description": "x" } }),
            Some("7"),
        ),
        (json!({ "requestNumber": "", "description": "x" }), None),
        (
            json!({ "requestNumber": { "id": 7 }, "description": "x" }),
            Some("7"),
        ),
        (
            json!({ "requestNumberOrigin": "9", "description": "x" }),
            None,
        ),
    ] {
        let mut message = message;
        let now = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        assert_eq!(super::message(&mut message, &now).as_deref(), number);
        assert_eq!(message, json!({ "text": "x" }));
    }
}

#[test]
fn what_is_filled_stays() {
    assert_eq!(
        ticket(json!({ "id": "1", "number": 2, "status": "open", "situacao": "Aberta" })),
        json!({ "id": "1", "status": "open" })
    );
}

#[test]
fn a_request_of_the_web_service_is_a_ticket() {
    let contact = json!({ "name": "Fulano", "email": "fulano@example.com", "phone": "61 5555", "department": "TI" });
    assert_eq!(
        ticket(json!({ "synchronize": true, "request": {
            "number": 9, "numberOrigin": "9999", "type": "R", "userID": "fulano.de.tal",
            "contact": { "phoneNumber": "61 5555", "e-mail": "fulano@example.com", "name": "Fulano", "department": "TI" },
            "service": { "code": "S1", "name": "VPN", "category": { "name": "Redes" } },
            "status": { "code": "EmAndamento", "name": "Em andamento", "details": null },
            "contractID": 1, "urgency": "H", "impact": "L", "groupId": "N2",
            "startDateTime": "2026-03-14T03:00:00.000Z", "endSLA": "2026-03-15T03:00:00.000Z",
            "currentTask": { "number": 1, "name": "Atender", "userId": "bia", "groupId": "N1" },
        } })),
        json!({
            "id": "9", "type": "R", "contact": contact, "requester": contact, "service": "VPN",
            "status": "Em andamento", "contract": "1", "urgency": "H", "impact": "L",
            "executor_group": { "name": "N2" }, "group": { "name": "N1" }, "phase": "Atender",
            "requested_at": "2026-03-14T03:00:00.000Z", "deadline_at": "2026-03-15T03:00:00.000Z",
        })
    );
    assert_eq!(
        ticket(json!({ "numberOrigin": "9999", "status": { "code": "Suspensa" } })),
        json!({ "id": "9999", "status": "Suspensa" })
    );
}

#[test]
fn what_has_another_type_stays_to_be_refused() {
    for unread in [
        json!({ "currentTask": "Atender" }),
        json!({ "currentTask": [] }),
        json!({ "currentTask": false }),
        json!({ "sourceRequest": "x" }),
        json!({ "number": { "id": 5 } }),
        json!({ "requestNumber": { "name": "5" } }),
        json!({ "situacao": { "name": "Aberta" } }),
    ] {
        let left = ticket(unread.clone());
        assert_eq!(left, unread);
        let left = left.as_object().expect("fields");
        assert_eq!(unreadable_in_ticket(left).count(), 1, "{unread}");
    }
    // What is no field of CITSmart is refused by its own name.
    for wrong in [
        json!({ "status": { "active": 1 } }),
        json!({ "id": { "x": "1" } }),
        json!({ "service": { "category": { "name": "Redes" } } }),
    ] {
        assert_eq!(ticket(wrong.clone()), wrong);
    }
    assert_eq!(
        ticket(json!({ "currentTask": "", "status": {}, "impact": { "name": "", "id": 1 } })),
        json!({ "status": "", "impact": "" })
    );
    for unread in [
        json!({ "occurrence": "x" }),
        json!({ "description": { "x": 1 } }),
    ] {
        let left = message(unread.clone());
        assert_eq!(left, unread);
        let left = left.as_object().expect("fields");
        assert_eq!(unreadable_in_message(left).count(), 1, "{unread}");
    }
}

#[test]
fn published_examples_are_read_with_their_blanks() {
    let read = ticket(
        json!({ "Synchronize": true, "sourceRequest": { "numberOrigin": "9999", "type": "R",
        "userID": " 61 84460708 ", " email ": " fulano@example.com ", " name ": " So-and-so " },
        " description ": " REST v3 ", " service ": { " name ": " SERVICO.TESTE.1 " },
        "group": { " name ": "N1" }, " contractID ": " 1 " }),
    );
    assert_eq!(read["id"], "9999");
    assert_eq!(read["requester"]["email"], " fulano@example.com ");
    assert_eq!(read["service"], " SERVICO.TESTE.1 ");
    assert_eq!(read["group"]["name"], "N1");
    assert_eq!(read["contract"], " 1 ");
}

#[test]
fn what_has_no_value_is_left_out() {
    assert_eq!(
        ticket(json!({
            "followers": [{"name": "Ana", "email": null}, null],
            "group": {"name": "N1", "addresses": [null]},
            "extra": {"A": null},
            "description": null,
        })),
        json!({
            "followers": [{"name": "Ana"}],
            "group": {"name": "N1", "addresses": []},
            "extra": {},
            "description": null,
        })
    );
    assert_eq!(
        message(json!({"text": "a", "html": null, "visibility": null, "author": {"email": null}})),
        json!({"text": "a", "author": {}})
    );
}

#[test]
fn an_occurrence_in_html_goes_on_as_html() {
    for (text, field) in [
        ("<p>Feito.</p>", "html"),
        ("Um<br/>dois", "html"),
        ("<div class=\"x\">a</div>", "html"),
        ("a < b e c > d", "text"),
        ("<ana@example.com>", "text"),
        ("use <p> no texto", "text"),
    ] {
        assert_eq!(message(json!({"ocorrencia": text})), json!({field: text}));
    }
}

#[test]
fn when_an_occurrence_was_registered_is_no_time_spent() {
    for occurrence in [
        json!({ "description": "Feito", "date": "2026-01-31", "hour": "14:30" }),
        json!({ "description": "Feito", "date": "2026-03-14T03:00:00.000Z", "hour": "2219" }),
        json!({ "description": "Feito", "date": "2026-01-31" }),
        json!({ "description": "Feito", "hour": "14:30", "elapsedTime": "" }),
        json!({ "description": "Feito", "date": "ontem", "elapsedTime": null }),
    ] {
        assert_eq!(message(occurrence), json!({ "text": "Feito" }));
    }
}

#[test]
fn elapsed_time_is_time_spent() {
    for (occurrence, date, hours) in [
        (json!({ "elapsedTime": 90 }), "2026-05-01", "01:30"),
        (
            json!({ "elapsedtime": "30", "hour": "10:45" }),
            "2026-05-01",
            "00:30",
        ),
        (
            json!({ "elapsedTime": "00:30", "date": "2026-01-31" }),
            "2026-01-31",
            "00:30",
        ),
        (
            json!({ "elapsedTime": 5, "date": "2026-03-14T02:00:00.000Z" }),
            "2026-03-13",
            "00:05",
        ),
        (json!({ "elapsedTime": "muito" }), "2026-05-01", "muito"),
    ] {
        assert_eq!(
            message(occurrence),
            json!({ "time_spent": { "date": date, "hours": hours } })
        );
    }
    let no_day = message(json!({ "elapsedTime": 5, "date": 20260502 }));
    assert_eq!(no_day["time_spent"]["date"], 20260502);
    let own = json!({ "elapsedTime": 5, "time_spent": { "date": "2026-01-01", "hours": "02:00" } });
    assert_eq!(message(own)["time_spent"]["hours"], "02:00");
}

#[test]
fn an_occurrence_of_the_web_service_is_a_message() {
    assert_eq!(
        message(
            json!({ "requestNumberOrigin": "9999", "occurrence": { "description": "Teste",
            "category": { "code": "Contorno" }, "origin": "EMAIL", "userID": "bia",
            "date": "2015-08-20T03:00:00.000Z", "hour": "2219" } })
        ),
        json!({ "text": "Teste", "category": "Contorno", "origin": "EMAIL",
            "author": { "name": "bia", "role": "technician" } })
    );
}
