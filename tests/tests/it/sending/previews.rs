//! What a preview shows is what is sent.

use service::{
    Code,
    access::Role,
    outgoing::previews::{self, Request},
};

use super::world::{MARIA, TICKET, World, caller};

const KEYS: &str = "a:AAAAAAAAAAAAAAAAAAAAAA==";

#[tokio::test]
async fn the_preview_of_a_delivery_is_the_mail_that_leaves() {
    let world = World::with(&[
        ("REPLY_DOMAIN", "reply.example.com"),
        ("REPLY_TOKEN_KEYS", KEYS),
    ])
    .await;
    let posted = world.post("Olá, <b>tudo</b> certo? ${SERVICO}").await;
    let request = Request {
        template_id: Some(1),
        ticket_id: Some(TICKET.to_owned()),
        message_id: Some(posted.id),
        delivery_id: Some(posted.deliveries[0].id),
        ..Request::default()
    };
    let preview = previews::preview(&world.app, &caller(Role::Admin), &request)
        .await
        .unwrap();
    world.sender.send_queued(world.items(&posted).await).await;
    let mail = &world.transport.mails()[0];
    assert_eq!(preview.mime.as_bytes(), mail.raw);
    let sent = world.delivery(&posted).await.mail.unwrap();
    assert_eq!((preview.sha256, preview.size), (sent.sha256, sent.size));
    // The recipient's reply address is in it: not for a technician.
    let refused = previews::preview(&world.app, &caller(Role::Technician), &request).await;
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
}

#[tokio::test]
async fn a_technician_sees_a_mail_to_themself() {
    let world = World::with(&[
        ("REPLY_DOMAIN", "reply.example.com"),
        ("REPLY_TOKEN_KEYS", KEYS),
    ])
    .await;
    world.post("Bom dia").await;
    let request = Request {
        template_id: Some(1),
        ticket_id: Some(TICKET.to_owned()),
        ..Request::default()
    };
    let technician = caller(Role::Technician);
    let preview = previews::preview(&world.app, &technician, &request)
        .await
        .unwrap();
    assert!(preview.text.contains("Bom dia") && preview.html.contains("Bom dia"));
    assert!(preview.mime.contains("bia@example.com") && !preview.mime.contains(MARIA));
    let mut stranger = technician;
    stranger.email = Some("stranger@example.com".to_owned());
    let refused = previews::preview(&world.app, &stranger, &request).await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
}
