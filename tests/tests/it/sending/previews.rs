//! What a preview shows is what is sent.

use domain::catalog::Language;
use service::{
    Code,
    access::Role,
    outgoing::previews::{self, Request},
};

use crate::desk::{Desk, MARIA, TICKET, caller};

const KEYS: &str = "a:AAAAAAAAAAAAAAAAAAAAAA==";

#[tokio::test]
async fn the_preview_of_a_delivery_is_the_mail_that_leaves() {
    let desk = Desk::sending_with(&[
        ("REPLY_DOMAIN", "reply.example.com"),
        ("REPLY_TOKEN_KEYS", KEYS),
    ])
    .await;
    let posted = desk.post("Olá, <b>tudo</b> certo? ${SERVICO}").await;
    let request = Request {
        template_id: Some(1),
        ticket_id: Some(TICKET.to_owned()),
        message_id: Some(posted.id),
        delivery_id: Some(posted.deliveries[0].id),
        ..Request::default()
    };
    let preview = previews::preview(&desk.app, &caller(Role::Admin), &request, Language::En)
        .await
        .unwrap();
    desk.sender.send_queued(desk.items(&posted).await).await;
    let mail = &desk.transport.mails()[0];
    assert_eq!(preview.mime.as_bytes(), mail.raw);
    let sent = desk.delivery(&posted).await.mail.unwrap();
    assert_eq!((preview.sha256, preview.size), (sent.sha256, sent.size));
    // The recipient's reply address is in it: not for a technician.
    let refused =
        previews::preview(&desk.app, &caller(Role::Technician), &request, Language::En).await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
}

#[tokio::test]
async fn a_technician_sees_a_mail_to_themself() {
    let desk = Desk::sending_with(&[
        ("REPLY_DOMAIN", "reply.example.com"),
        ("REPLY_TOKEN_KEYS", KEYS),
    ])
    .await;
    desk.post("Bom dia").await;
    let request = Request {
        template_id: Some(1),
        ticket_id: Some(TICKET.to_owned()),
        ..Request::default()
    };
    let technician = caller(Role::Technician);
    let preview = previews::preview(&desk.app, &technician, &request, Language::En)
        .await
        .unwrap();
    assert!(preview.text.contains("Bom dia") && preview.html.contains("Bom dia"));
    assert!(preview.mime.contains("bia@example.com") && !preview.mime.contains(MARIA));
    let mut stranger = technician;
    stranger.email = "stranger@example.com".parse().ok();
    let refused = previews::preview(&desk.app, &stranger, &request, Language::En).await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
}
