//! Secrets of our own mails that come back within an answer: nobody else gets them.

use serde_json::json;

use crate::desk;
use crate::desk::{DOMAIN, Desk, TICKET, accepted, mail, quarantined};

const MARIA: &str = "maria@example.com";

#[tokio::test]
async fn a_quoted_mail_hands_nobody_its_links_and_addresses() {
    let desk = Desk::receiving().await;
    let (link, reply) = (desk.approval(), desk.token(TICKET, MARIA));
    let to = desk.reply_to(MARIA);
    let encoded = format!("https%3A%2F%2Fdesk.example.org%2Flinks%2F{link}");
    let bodies = [
        (
            "",
            format!(
                "Sim.\r\n\r\nEm 05/06/2025 14:03, Central <reply+{reply}@{DOMAIN}> escreveu:\r\n> Aprovar: https://desk.example.org/links/{link}"
            ),
        ),
        (
            "",
            format!(
                "Ok, veja https://desk.example.org/links/{link} e https://safelinks.example/?url={encoded}&data=x"
            ),
        ),
        (
            "",
            format!(
                "Certo.\r\nhttps://desk.example.org/links/{}=\r\n{}",
                &link[..40],
                &link[40..]
            ),
        ),
        (
            "Content-Type: text/html\r\n",
            format!(
                "<p>Pronto.</p><p><a href='https://desk.example.org/links/{link}'>Aprovar</a> <a href='mailto:reply+{reply}@{DOMAIN}'>Responder</a> reply+{reply}@{DOMAIN}</p>"
            ),
        ),
        (
            "Content-Type: multipart/mixed; boundary=BB\r\n",
            format!(
                "--BB\r\n\r\nSegue.\r\n--BB\r\nContent-Type: application/pdf; name=\"reply+{reply}@{DOMAIN}.pdf\"\r\n\r\nx\r\n--BB\r\nContent-Type: application/pdf; name=\"{link}.pdf\"\r\n\r\nx\r\n--BB--"
            ),
        ),
        (
            "Content-Type: text/html\r\n",
            format!(
                "<p>Já.</p><blockquote type=cite><a href='https://desk.example.org/links/{link}'>https://desk.example.org/links/{link}</a></blockquote>"
            ),
        ),
    ];
    let mut known = String::new();
    // Anybody can write anything as their name.
    let carla = format!("\"{link}\" <carla@example.net>");
    for (headers, body) in &bodies {
        accepted(desk.take(mail(MARIA, &to, headers, body)).await);
        // The same from a stranger waits in the quarantine.
        let received = desk.take(mail(&carla, &to, headers, body)).await;
        quarantined(received);
    }
    known.push_str(&json!(desk.conversation(&desk::bia()).await).to_string());
    let admin = desk::admin();
    for status in ["quarantined", "accepted"] {
        let path = format!("/quarantine?limit=100&status={status}");
        known.push_str(
            &desk
                .call(&admin, "GET", &path, None)
                .await
                .expect(200)
                .to_string(),
        );
    }
    // What somebody lets in is the same mail.
    for number in [1, 3, 5, 7, 9] {
        let path = format!("/quarantine/mail-{number}/accept");
        desk.call(&admin, "POST", &path, None).await.expect(202);
    }
    known.push_str(&json!(desk.conversation(&desk::bia()).await).to_string());
    // And what a person pastes into the portal.
    let pasted = [
        json!({ "text": format!("Não entendi: https://desk.example.org/links/{link}") }),
        json!({ "html": format!("<p>Colado: <a href=\"https:&#47;&#47;desk.example.org&#47;links&#47;{link}\">x</a> reply+{reply}@{DOMAIN}</p>") }),
    ];
    for body in pasted {
        let path = format!("/tickets/{TICKET}/messages");
        desk.call(&desk::maria(), "POST", &path, Some(body))
            .await
            .expect(202);
    }
    known.push_str(&json!(desk.conversation(&desk::bia()).await).to_string());
    assert!(known.contains("Aprovar") && known.contains("Colado") && known.contains('…'));
    for (name, token) in [("link", &link), ("reply", &reply)] {
        assert!(!known.contains(&token[4..24]), "{name}: {known}");
        assert!(
            !known.contains(&token[token.len() - 20..]),
            "{name}: {known}"
        );
    }
}

#[tokio::test]
async fn texts_of_a_ticket_hand_nobody_its_links() {
    let desk = Desk::receiving().await;
    let link = desk.approval();
    for field in ["description", "response", "observation"] {
        let text = format!("<p>Veja <a href='https://desk.example.org/links/{link}'>aqui</a></p>");
        let snapshot = json!({ "requester": { "email": MARIA }, field: text });
        let path = &format!("/tickets/{field}");
        let desk = &desk;
        let put = desk
            .call(&desk::integration(), "PUT", path, Some(snapshot))
            .await;
        put.expect(201);
        let found = desk
            .call(&desk::admin(), "GET", path, None)
            .await
            .expect(200);
        assert!(found[field].as_str().unwrap().contains("Veja"), "{found}");
        assert!(!found.to_string().contains(&link[..40]), "{found}");
    }
}
