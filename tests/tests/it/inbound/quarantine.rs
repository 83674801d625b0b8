//! What was not let in is seen, and let in by those who may.

use serde_json::{Value, json};
use tests::memory::Memory;

use crate::desk;
use crate::desk::{Desk, TICKET, accepted, mail, quarantined};

const MARIA: &str = "maria@example.com";

/// The quarantine as Bia sees it.
async fn listed(desk: &Desk<Memory>) -> Value {
    desk.call_with(
        &desk::bia(),
        "GET",
        "/quarantine",
        &[("accept-language", "pt-BR")],
        None,
    )
    .await
    .expect(200)
}

async fn one(desk: &Desk<Memory>) -> String {
    let to = desk.reply_to(MARIA);
    let whole = mail(
        "Carla <carla@example.net>",
        &to,
        "",
        "Eu também não imprimo.",
    );
    assert_eq!(quarantined(desk.take(whole).await), "SENDER_NOT_KNOWN");
    let listed = listed(desk).await;
    let item = &listed["items"][0];
    assert_eq!(item["reason"], "SENDER_NOT_KNOWN");
    let text = item["reason_text"].as_str().unwrap();
    assert!(text.starts_with("O remetente não participa"), "{text}");
    assert_eq!(item["ticket_id"], TICKET);
    assert_eq!(
        item["from"],
        json!({ "name": "Carla", "email": "carla@example.net" })
    );
    assert_eq!(item["text"], "Eu também não imprimo.");
    assert_eq!(item["verdicts"]["dmarc"], "pass");
    item["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_technician_lets_a_stranger_in_under_their_own_name() {
    let desk = Desk::receiving().await;
    let id = one(&desk).await;
    let path = format!("/quarantine/{id}/accept");
    let let_in = desk.call(&desk::bia(), "POST", &path, None).await;
    assert_eq!(
        let_in.header("location"),
        format!(
            "/tickets/{TICKET}/messages/{}",
            let_in.body["message_id"].as_str().unwrap()
        )
    );
    let first = let_in.expect(202);
    let again = desk.call(&desk::bia(), "POST", &path, None).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(202), first);
    let found = desk.conversation(&desk::bia()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0]["author"],
        json!({ "name": "Carla", "email": "carla@example.net", "role": "requester" })
    );
    let listed = listed(&desk).await;
    assert_eq!(listed["items"], json!([]));
    let listed = desk
        .call(&desk::bia(), "GET", "/quarantine?status=accepted", None)
        .await
        .expect(200);
    assert_eq!(listed["items"][0]["accepted_by"], "bia@example.com");
    assert_eq!(listed["items"][0]["accepted_at"], "2026-01-01T10:00:00Z");
}

#[tokio::test]
async fn what_a_person_let_in_is_shown_as_such_to_the_desk() {
    let desk = Desk::receiving().await;
    // It says that it is from the desk, and nothing proves it.
    let forged = mail(
        "Bia <bia@example.com>",
        &desk.reply_to(MARIA),
        "",
        "Aprovado.",
    );
    let refused = "Authentication-Results: amazonses.com; spf=fail; dkim=fail; dmarc=fail\r\nX-SES-RECEIPT: x\r\n";
    let raw = [refused, &forged].concat().into_bytes();
    let reason = quarantined(desk.take_raw("forged", raw).await);
    desk.call(&desk::bia(), "POST", "/quarantine/forged/accept", None)
        .await
        .expect(202);
    let found = desk.conversation(&desk::bia()).await;
    assert_eq!(
        found[0]["let_in"],
        json!({ "by": "bia", "at": "2026-01-01T10:00:00Z", "reason": reason })
    );
    let found = desk.conversation(&desk::maria()).await;
    assert_eq!(found[0].get("let_in"), None);
    let told = accepted(desk.reply(MARIA, "Oi.").await);
    let found = desk.conversation(&desk::bia()).await;
    let own = found
        .iter()
        .find(|one| one["id"] == told.to_string())
        .unwrap();
    assert_eq!(own.get("let_in"), None);
}

#[tokio::test]
async fn no_address_shows_in_a_name() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    for (number, from) in [
        "carla@example.net",
        "\"carla@example.net\" <carla@example.net>",
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("Eu também não imprimo: {number}");
        let taken = desk.take(mail(from, &to, "", &text)).await;
        assert_eq!(quarantined(taken), "SENDER_NOT_KNOWN");
        let bia = desk::bia();
        let listed = desk.call(&bia, "GET", "/quarantine", None).await;
        let id = listed.expect(200)["items"][0]["id"].clone();
        let path = format!("/quarantine/{}/accept", id.as_str().unwrap());
        let accepted = desk.call(&bia, "POST", &path, None).await;
        accepted.expect(202);
        let found = desk.conversation(&desk::maria()).await;
        let author = &found.last().unwrap()["author"];
        assert_eq!(author["name"], "c***@example.net");
        assert_eq!(author["email"], "c***@example.net");
    }
}

#[tokio::test]
async fn others_see_nothing_of_it() {
    let desk = Desk::receiving().await;
    let id = one(&desk).await;
    let path = format!("/quarantine/{id}/accept");
    for who in [desk::maria(), desk::integration()] {
        desk.call(&who, "GET", "/quarantine", None)
            .await
            .expect(403);
        desk.call(&who, "POST", &path, None).await.expect(403);
    }
    let other = desk::person("technician", "rui@example.com", &["N9"]);
    let listed = desk
        .call(&other, "GET", "/quarantine", None)
        .await
        .expect(200);
    assert_eq!(listed["items"], json!([]));
    desk.call(&other, "POST", &path, None).await.expect(404);
    desk.call(&desk::bia(), "POST", "/quarantine/..%2F1/accept", None)
        .await
        .expect(404);
    desk.call(&desk::bia(), "GET", "/quarantine?status=x", None)
        .await
        .expect(400);
}

#[tokio::test]
async fn a_mail_that_names_no_ticket_needs_one() {
    let desk = Desk::receiving().await;
    let whole = mail(
        "carla@example.net",
        "desk@example.org",
        "",
        "A quem interessar.",
    );
    assert_eq!(quarantined(desk.take(whole).await), "NO_TICKET");
    let listed = listed(&desk).await;
    assert_eq!(
        listed["items"],
        json!([]),
        "only administrators know where it belongs"
    );
    let listed = desk
        .call(&desk::admin(), "GET", "/quarantine", None)
        .await
        .expect(200);
    let path = format!(
        "/quarantine/{}/accept",
        listed["items"][0]["id"].as_str().unwrap()
    );
    let refused = desk.call(&desk::admin(), "POST", &path, None).await;
    assert_eq!(refused.expect(422)["errors"][0]["code"], "TICKET_MISSING");
    for (ticket, status) in [("404", 404), ("../x", 404), (TICKET, 202)] {
        let body = json!({ "ticket_id": ticket });
        desk.call(&desk::admin(), "POST", &path, Some(body))
            .await
            .expect(status);
    }
    assert_eq!(desk.conversation(&desk::bia()).await.len(), 1);
}

#[tokio::test]
async fn a_virus_and_what_cannot_be_read_stay_out() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let infected = format!(
        "X-SES-Virus-Verdict: FAIL\r\nX-SES-RECEIPT: x\r\n{}",
        mail(MARIA, &to, "", "Oi.")
    );
    let received = desk.take_raw("infected", infected.into_bytes()).await;
    assert_eq!(quarantined(received), "VIRUS");
    assert_eq!(
        quarantined(desk.take_raw("broken", b"no mail".to_vec()).await),
        "MAIL_WITHOUT_HEADER"
    );
    for id in ["infected", "broken"] {
        let path = format!("/quarantine/{id}/accept");
        let body = json!({ "ticket_id": TICKET });
        let refused = desk.call(&desk::admin(), "POST", &path, Some(body)).await;
        assert_eq!(refused.code(), "STATE_CONFLICT");
        refused.expect(409);
    }
}

#[tokio::test]
async fn what_was_let_in_is_known_when_it_comes_again() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let whole = mail("carla@example.net", &to, "", "Oi.");
    quarantined(desk.take(&whole).await);
    desk.call(&desk::bia(), "POST", "/quarantine/mail-0/accept", None)
        .await
        .expect(202);
    assert_eq!(
        desk.take(&whole).await,
        service::inbound::Received::Duplicate
    );
    accepted(desk.reply(MARIA, "Oi.").await);
}

#[tokio::test]
async fn a_mail_that_says_nothing_is_let_in_with_its_subject() {
    let desk = Desk::receiving().await;
    let received = desk.reply(MARIA, " \r\n").await;
    assert_eq!(quarantined(received), "EMPTY");
    let listed = listed(&desk).await;
    let item = &listed["items"][0];
    assert!(item["reason_text"].as_str().unwrap().contains("assunto"));
    let path = format!("/quarantine/{}/accept", item["id"].as_str().unwrap());
    let let_in = desk.call(&desk::bia(), "POST", &path, None).await;
    let_in.expect(202);
    let found = desk.conversation(&desk::bia()).await;
    assert_eq!(found[0]["text"], "RES: Impressora");
}

#[tokio::test]
async fn a_copy_leads_to_the_ticket_on_which_it_is_a_message() {
    let desk = Desk::receiving().await;
    let whole = mail("carla@example.net", &desk.reply_to(MARIA), "", "Oi.");
    for _ in 0..2 {
        quarantined(desk.take(&whole).await);
    }
    let other = json!({ "requester": { "name": "Rui", "email": "rui@example.com" } });
    let integration = desk::integration();
    desk.call(&integration, "PUT", "/tickets/9001", Some(other))
        .await
        .expect(201);
    let accept = async |mail: &str, ticket: &str| {
        let path = format!("/quarantine/{mail}/accept");
        let body = json!({ "ticket_id": ticket });
        let admin = desk::admin();
        let answer = desk.call(&admin, "POST", &path, Some(body)).await;
        answer.expect(202)
    };
    let first = accept("mail-0", TICKET).await;
    for _ in 0..2 {
        let copy = accept("mail-1", "9001").await;
        assert_eq!(copy["ticket_id"], TICKET);
        assert_eq!(copy["message_id"], first["message_id"]);
    }
}
