//! What answers an internal message stays internal, whichever way it comes in.

use domain::message::{Side, Visibility};
use mail::token::reply::ReplyAudience;
use serde_json::json;
use service::{desk::messages::StoredMessage, outgoing::deliveries::MailRecord};
use storage::{Item, Storage, Write, keys};
use tests::memory::Memory;
use uuid::Uuid;

use crate::desk;
use crate::desk::{DOMAIN, Desk, NUMBER, TICKET, accepted, mail, quarantined};

const BIA: &str = "bia@example.com";
/// Without what SES found out.
const UNPROVEN: &str = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
    Authentication-Results: amazonses.com; spf=none; dkim=none; dmarc=none\r\nX-SES-RECEIPT: x\r\n";

/// An internal message, and a header that answers the mail about it.
async fn internal_message(desk: &Desk<Memory>) -> &'static str {
    let path = format!("/tickets/{TICKET}/messages");
    let body = json!({ "text": "Só entre nós.", "visibility": "internal" });
    let posted = desk
        .call(&desk::bia(), "POST", &path, Some(body))
        .await
        .expect(202);
    let record = MailRecord {
        ticket_id: NUMBER.clone(),
        message_id: posted["id"].as_str().unwrap().parse().unwrap(),
        delivery_id: Uuid::now_v7(),
        attempt: 1,
    };
    let item = Item::new(keys::mail("0100018f-aaaa-000000"), "mail", &record).unwrap();
    desk.store.commit(vec![Write::put(item)]).await.unwrap();
    "In-Reply-To: <0100018f-aaaa-000000@email.amazonses.com>\r\n"
}

/// It is internal, the requester sees nothing, and nobody outside the desk gets mail.
async fn stays_inside(desk: &Desk<Memory>, message: Uuid) -> StoredMessage {
    let key = keys::message(&NUMBER, message);
    let found = desk.store.get(&[key]).await.unwrap();
    let stored: StoredMessage = found[0].as_ref().unwrap().decode().unwrap();
    assert_eq!(stored.message.visibility, Visibility::Internal);
    assert!(desk.conversation(&desk::maria()).await.is_empty());
    for item in desk.store.items() {
        if item.entity == "delivery" {
            assert_eq!(item.data["to"]["address"], BIA, "mail to the desk alone");
        }
    }
    stored
}

async fn let_in(desk: &Desk<Memory>, header: &str, from: &str, reason: &str) -> Uuid {
    let whole = mail(from, &desk.reply_to(BIA), header, "Endereço errado, sim.");
    let raw = [UNPROVEN.as_bytes(), whole.as_bytes()].concat();
    let id = desk.next_id();
    assert_eq!(quarantined(desk.take_raw(&id, raw).await), reason);
    let path = format!("/quarantine/{id}/accept");
    let accepted = desk.call(&desk::bia(), "POST", &path, None).await;
    let message = accepted.expect(202)["message_id"].clone();
    message.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_reply_of_the_desk_stays_inside() {
    let desk = Desk::receiving().await;
    let header = internal_message(&desk).await;
    let whole = mail(BIA, &desk.reply_to(BIA), header, "Endereço errado, sim.");
    let id = accepted(desk.take(whole).await);
    stays_inside(&desk, id).await;
}

#[tokio::test]
async fn a_reply_without_a_trace_of_the_mail_it_answers_stays_inside_by_its_token() {
    let desk = Desk::receiving().await;
    let token = desk.token_of(TICKET, BIA, ReplyAudience::DeskInternal);
    let to = format!("reply+{token}@{DOMAIN}");
    let id = accepted(desk.take(mail(BIA, &to, "", "Vou ligar.")).await);
    stays_inside(&desk, id).await;
    // Also when she has left the ticket since.
    let left = "rui@example.com";
    let token = desk.token_of(TICKET, left, ReplyAudience::DeskInternal);
    let to = format!("reply+{token}@{DOMAIN}");
    let id = accepted(desk.take(mail(left, &to, "", "Eu já liguei.")).await);
    let stored = stays_inside(&desk, id).await;
    assert_eq!(stored.message.author.role, Side::Technician);
}

#[tokio::test]
async fn who_left_the_ticket_answers_from_the_side_they_stood_on() {
    let desk = Desk::receiving().await;
    for (audience, role, told) in [
        (ReplyAudience::Desk, Side::Technician, "maria@example.com"),
        (ReplyAudience::Requester, Side::Requester, BIA),
    ] {
        let token = desk.token_of(TICKET, "rui@example.com", audience);
        let to = format!("reply+{token}@{DOMAIN}");
        let text = format!("Falei com o fornecedor hoje: {told}");
        let id = accepted(desk.take(mail("rui@example.com", &to, "", &text)).await);
        let found = desk.store.get(&[keys::message(&NUMBER, id)]).await.unwrap();
        let stored: StoredMessage = found[0].as_ref().unwrap().decode().unwrap();
        assert_eq!(stored.message.author.role, role);
        let to_them = |item: &Item| {
            item.entity == "delivery"
                && item.data["message_id"] == json!(id)
                && item.data["to"]["address"] == told
        };
        assert!(desk.store.items().iter().any(to_them), "{told} is told");
    }
}

#[tokio::test]
async fn a_reply_that_somebody_lets_in_stays_inside() {
    let desk = Desk::receiving().await;
    let header = internal_message(&desk).await;
    let id = let_in(&desk, header, BIA, "DMARC_NOT_PROVEN").await;
    stays_inside(&desk, id).await;
    // Of a group's address, from somebody's own: nobody but the desk got the mail that it answers.
    let id = let_in(&desk, header, "ana.privado@example.net", "SENDER_NOT_KNOWN").await;
    let stored = stays_inside(&desk, id).await;
    assert_eq!(stored.message.author.role, Side::Technician);
}
