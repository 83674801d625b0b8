//! By which name somebody is shown to others.

use serde_json::{Value, json};

use crate::desk::{Desk, admin, integration};

/// The author of a message that this caller posts, as the desk reads it.
async fn author(desk: &Desk, caller: &Value, ticket: &str, body: Value) -> Value {
    let posted = desk.message(caller, ticket, body).await;
    let path = format!(
        "/tickets/{ticket}/messages/{}",
        posted["id"].as_str().unwrap()
    );
    let one = desk.call(&admin(), "GET", &path, None).await;
    one.expect(200)["author"].take()
}

#[tokio::test]
async fn nobody_chooses_a_name_that_is_not_theirs() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let nameless = json!({ "requester": { "email": "maria@example.com" },
        "followers": [{ "email": "fabio@example.com" }], "responsible": { "name": "Bia Lima", "email": "bia@example.com" } });
    desk.call(&integration(), "PUT", "/tickets/2", Some(nameless))
        .await
        .expect(201);
    let (maria, masked) = ("maria@example.com", "m***@example.com");
    let long = "n".repeat(5000);
    for (ticket, email, name, shown) in [
        ("1", maria, "Bia", "Maria"),
        ("2", maria, "Maria Souza", "Maria Souza"),
        ("2", maria, "Bia  LIMA", masked),
        ("2", maria, "Bi\u{200b}a Lima", masked),
        ("2", maria, "Maria\r\nBcc: x", "Maria Bcc: x"),
        ("2", maria, maria, masked),
        ("2", maria, "", masked),
        ("2", "fabio@example.com", long.as_str(), &long[..255]),
    ] {
        let claims = json!({ "sub": "7", "email": email, "name": name, "groups": ["requester"] });
        let author = author(&desk, &claims, ticket, json!({ "text": "Olá" })).await;
        assert_eq!(author["name"], shown, "{name:?}");
        assert_eq!(author["email"], email);
    }
}

#[tokio::test]
async fn nobody_without_an_address_goes_by_the_name_of_another() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (sub, name, shown) in [
        ("agent-7", "Carla", "Carla"),
        ("agent-7", "maria", "agent-7"),
        ("agent-7", "M\u{200b}aria", "agent-7"),
        ("agent@example.com", "Maria", "a***@example.com"),
        ("\u{202e}", "Maria", "***"),
    ] {
        let claims = json!({ "sub": sub, "name": name, "groups": ["technician", "N1"] });
        let author = author(&desk, &claims, "1", json!({ "text": "Olá" })).await;
        assert_eq!(author["name"], shown, "{sub:?} {name:?}");
    }
}

#[tokio::test]
async fn an_author_without_a_visible_name_and_an_address_is_nobody() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for name in ["", " ", "\u{200b}\r\n"] {
        let given = json!({ "name": name, "role": "technician" });
        let body = json!({ "text": "", "author": given });
        let path = "/tickets/1/messages";
        let refused = desk.call(&integration(), "POST", path, Some(body)).await;
        let errors = refused.expect(422)["errors"].take();
        assert_eq!(errors[0]["code"], "AUTHOR_NAMELESS", "{errors}");
        assert_eq!(errors[0]["field"], "author.name");
        assert_eq!(errors[1]["code"], "MESSAGE_EMPTY", "{errors}");
    }
    // Nobody waits for the answer to an event, and the message is there.
    let event = json!({ "id": "m-1", "detail-type": "MessageCreated", "source": "itsm",
        "time": "2026-01-01T10:00:00Z", "detail": { "ticket": { "id": "1" }, "message":
            { "text": "Feito", "author": { "name": "", "role": "technician" } } } });
    events::handle(&desk.app, event).await.expect("applied");
    let list = desk
        .call(&admin(), "GET", "/tickets/1/messages", None)
        .await;
    let list = list.expect(200);
    assert_ne!(list["items"][0]["author"]["name"], "", "{list}");
}

#[tokio::test]
async fn an_author_without_a_visible_name_goes_by_that_of_the_ticket() {
    let desk = Desk::new();
    desk.ticket("1").await;
    for (email, shown) in [
        ("maria@example.com", "Maria"),
        ("x@example.com", "x***@example.com"),
    ] {
        let author_given = json!({ "name": "\u{200b}\r\n", "email": email, "role": "requester" });
        let body = json!({ "text": "Olá", "author": author_given });
        let author = author(&desk, &integration(), "1", body).await;
        assert_eq!(author["name"], shown);
    }
}
