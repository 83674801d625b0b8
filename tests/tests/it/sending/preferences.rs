//! What a person wishes of their mail: its language, its times, and none that no person wrote.

use domain::delivery::DeliveryStatus;
use jiff::SignedDuration;
use serde_json::{Value, json};
use service::{desk::messages::Posted, outgoing::sending::Sent};

use crate::desk::{Desk, MARIA, TICKET, admin, bia, integration, maria, person};

async fn wish(desk: &Desk, who: &Value, wishes: Value) {
    desk.call(who, "PUT", "/me/preferences", Some(wishes))
        .await
        .expect(200);
}

/// What the ITSM system says, as its own doing or in the name of a technician.
async fn told(desk: &Desk, automatic: bool) -> Posted {
    desk.post_by_system("Em andamento", automatic).await
}

#[tokio::test]
async fn they_are_those_of_the_caller_alone_and_checked() {
    let desk = Desk::new();
    let read = async |who: &Value| desk.call(who, "GET", "/me/preferences", None).await;
    let nothing = json!({ "locale": null, "time_zone": null, "mute_automatic": false });
    assert_eq!(read(&maria()).await.expect(200), nothing);
    let set = json!({ "locale": "PT-br", "time_zone": "America/Manaus", "mute_automatic": true });
    wish(&desk, &maria(), set).await;
    let kept = json!({ "locale": "pt-BR", "time_zone": "America/Manaus", "mute_automatic": true });
    assert_eq!(read(&maria()).await.expect(200), kept);
    let me = desk.call(&maria(), "GET", "/me", None).await.expect(200);
    assert_eq!(me["preferences"], kept);
    for other in [bia(), admin()] {
        assert_eq!(read(&other).await.expect(200), nothing);
    }
    // The same person with another spelling of the address and another subject.
    let same = person("technician", "MARIA@example.com", &[]);
    assert_eq!(read(&same).await.expect(200), kept);
    for (body, code, field) in [
        (json!({ "locale": "pt_BR" }), "LOCALE_INVALID", "locale"),
        (
            json!({ "locale": "x".repeat(70) }),
            "LOCALE_INVALID",
            "locale",
        ),
        (
            json!({ "time_zone": "Brasilia" }),
            "TIME_ZONE_INVALID",
            "time_zone",
        ),
        (
            json!({ "time_zone": "../etc/passwd" }),
            "TIME_ZONE_INVALID",
            "time_zone",
        ),
    ] {
        let refused = desk
            .call(&maria(), "PUT", "/me/preferences", Some(body))
            .await
            .expect(422);
        assert_eq!(refused["errors"][0]["code"], code);
        assert_eq!(refused["errors"][0]["field"], field);
    }
    assert_eq!(read(&maria()).await.expect(200), kept);
    // What is left out goes back to what is usual.
    wish(&desk, &maria(), json!({ "locale": "" })).await;
    assert_eq!(read(&maria()).await.expect(200), nothing);
    let mut nameless = maria();
    nameless["email_verified"] = json!(false);
    read(&nameless).await.expect(403);
    read(&integration()).await.expect(403);
}

#[tokio::test]
async fn who_wants_no_automatic_mail_gets_what_people_write_and_explain_says_why() {
    let desk = Desk::sending().await;
    wish(&desk, &maria(), json!({ "mute_automatic": true })).await;
    let by_system = told(&desk, true).await;
    let sent = desk.sender.send_queued(desk.items(&by_system).await).await;
    assert!(matches!(sent[0], Sent::Unwanted), "{sent:?}");
    let delivery = desk.delivery(&by_system).await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Failed, Some("AUTOMATIC_UNWANTED"))
    );
    assert!(desk.transport.mails().is_empty());
    // Nobody has to do anything about it, and nobody sends it again.
    let path = format!("/tickets/{TICKET}/messages/{}", by_system.id);
    let explained = desk
        .call(&bia(), "GET", &format!("{path}/explain"), None)
        .await
        .expect(200);
    let shown = explained.to_string();
    assert!(shown.contains("AUTOMATIC_UNWANTED"), "{shown}");
    assert!(shown.contains("not to get automatic mail"), "{shown}");
    let counts = desk
        .call(&admin(), "GET", "/deliveries/counts", None)
        .await
        .expect(200);
    let none = |value: &Value| value.as_u64().is_none_or(|count| count == 0);
    let counted = counts["by_status"].as_object().expect("an object");
    assert!(counted.values().all(none), "{counts}");
    let resend = format!("{path}/deliveries/{}/resend", delivery.id);
    desk.call(&bia(), "POST", &resend, None).await.expect(409);
    let by_person = told(&desk, false).await;
    let sent = desk.sender.send_queued(desk.items(&by_person).await).await;
    assert!(matches!(sent[0], Sent::Accepted), "{sent:?}");
    desk.send("Olá").await;
    assert_eq!(desk.transport.mails().len(), 2);
}

#[tokio::test]
async fn what_waited_for_its_window_is_not_sent_to_whoever_wants_none_any_more() {
    let desk = Desk::sending().await;
    let first = told(&desk, true).await;
    desk.sender.send_queued(desk.items(&first).await).await;
    let waiting = told(&desk, true).await;
    desk.sender.send_queued(desk.items(&waiting).await).await;
    assert_eq!(desk.transport.mails().len(), 1);
    wish(&desk, &maria(), json!({ "mute_automatic": true })).await;
    desk.wait(SignedDuration::from_secs(301));
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.transport.mails().len(), 1);
    let delivery = desk.delivery(&waiting).await;
    assert_eq!(delivery.reason_code(), Some("AUTOMATIC_UNWANTED"));
}

/// The language and zone of a person go before those of the ticket, in the mail, in its preview before
/// sending, and in that of its next attempt.
#[tokio::test]
async fn mail_is_in_the_language_and_the_times_of_its_recipient() {
    let desk = Desk::unconfigured(&[]).await;
    let template = json!({
        "identifier": "m", "title": "Chamado ${IDSOLICITACAOSERVICO}",
        "html": "<p>Olá ${DATAHORA} ${COMMENTTEXT}</p>",
        "locales": { "es": { "title": "Ticket ${IDSOLICITACAOSERVICO}",
            "html": "<p>Hola ${DATAHORA} ${COMMENTTEXT}</p>" } },
    });
    let made = desk
        .call(&admin(), "POST", "/templates", Some(template))
        .await
        .expect(201);
    desk.set(417, &made["id"].to_string()).await;
    let (before, _) = desk.send("um").await;
    let wishes = json!({ "locale": "es", "time_zone": "Asia/Tokyo" });
    wish(&desk, &maria(), wishes).await;
    let asked = json!({ "text": "dois" });
    let path = format!("/tickets/{TICKET}/messages/preview");
    let preview = desk
        .call(&bia(), "POST", &path, Some(asked))
        .await
        .expect(200);
    assert_eq!(preview["subject"], "Ticket 4711");
    let (after, delivery) = desk.send("dois").await;
    let subjects: Vec<String> = desk
        .transport
        .mails()
        .iter()
        .map(|mail| String::from_utf8_lossy(&mail.raw).into_owned())
        .collect();
    assert!(
        subjects[0].contains("Subject: Chamado 4711"),
        "{}",
        subjects[0]
    );
    assert!(
        subjects[1].contains("Subject: Ticket 4711"),
        "{}",
        subjects[1]
    );
    let hour = |zone: &str| {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        desk.now().to_zoned(zone).strftime("%H:%M").to_string()
    };
    assert!(
        subjects[0].contains(&hour("America/Sao_Paulo")),
        "{}",
        subjects[0]
    );
    assert!(subjects[1].contains(&hour("Asia/Tokyo")), "{}", subjects[1]);
    let next = json!({ "template_id": made["id"], "ticket_id": TICKET, "message_id": after.id,
        "delivery_id": delivery.id });
    let next = desk
        .call(&admin(), "POST", "/templates/preview", Some(next))
        .await
        .expect(200);
    assert_eq!(next["subject"], "Ticket 4711");
    assert_eq!(before.deliveries[0].to, MARIA);
}
