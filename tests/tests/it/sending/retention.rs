//! Messages that are kept for a time.

use service::desk::messages::StoredMessage;
use storage::{Item, Storage, keys};

use crate::desk::Desk;

async fn message(desk: &Desk, posted: &service::desk::messages::Posted) -> Item {
    let key = keys::message(&posted.ticket_id, posted.id);
    let mut found = desk.store.get(&[key]).await.unwrap();
    found.pop().flatten().unwrap()
}

#[tokio::test]
async fn a_message_ends_with_its_deliveries_whatever_became_of_them() {
    const DAYS: i64 = 30 * 24 * 3600;
    let desk = Desk::sending_with(&[("RETENTION_DAYS", "30")]).await;
    let posted = desk.post("Pode testar?").await;
    let ends = Some(posted.created_at.as_second() + DAYS);
    let item = message(&desk, &posted).await;
    assert_eq!(item.expires_at, ends);
    assert!(item.decode::<StoredMessage>().is_ok());
    assert_eq!(desk.items(&posted).await[0].expires_at, ends);
    let items = desk.items(&posted).await;
    desk.sender.send_queued(items).await;
    let sent = &desk.items(&posted).await[0];
    assert_eq!(sent.expires_at, ends, "also after it was sent");
}

#[tokio::test]
async fn messages_are_kept_for_good_unless_somebody_wants_it_otherwise() {
    for setting in [&[][..], &[("RETENTION_DAYS", "0")][..]] {
        let desk = Desk::sending_with(setting).await;
        let posted = desk.post("Pode testar?").await;
        assert_eq!(message(&desk, &posted).await.expires_at, None);
        assert_eq!(desk.items(&posted).await[0].expires_at, None);
    }
}
