//! Storage that fails, deliveries that cannot be sent: each alone.

use shared::{
    app::{deliveries, sending::Sent},
    domain::delivery::{Capacity, Delivery, DeliveryStatus, Recipient},
    store::{Item, Storage, Write},
};

use super::{
    transport::Act,
    unreliable::Fault,
    world::{MARIA, World},
};

#[tokio::test]
async fn a_claim_that_was_not_written_makes_no_call() {
    for fault in [Fault::Busy, Fault::LostRequest] {
        let world = World::new().await;
        world.store.fail("sending", fault);
        let posted = world.post("Olá").await;
        let sent = world.sender.send_queued(world.items(&posted).await).await;
        assert!(
            matches!(sent[0], Sent::Error(_) | Sent::Elsewhere),
            "{fault:?}: {sent:?}"
        );
        assert_eq!(world.transport.mails().len(), 0);
        assert_eq!(world.sender.sweep().await.unwrap().accepted, 1, "{fault:?}");
        assert_eq!(world.transport.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_found_and_used_once() {
    let world = World::new().await;
    world.store.fail("sending", Fault::LostAnswer);
    let (_, delivery) = world.send("Olá").await;
    assert_eq!(
        (delivery.status, world.transport.mails().len()),
        (DeliveryStatus::Accepted, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_outcome_is_recorded_however_often_storage_fails() {
    for fault in [Fault::Busy, Fault::LostRequest, Fault::LostAnswer] {
        let world = World::new().await;
        for _ in 0..4 {
            world.store.fail("accepted", fault);
        }
        let (posted, delivery) = world.send("Olá").await;
        assert_eq!(delivery.status, DeliveryStatus::Accepted, "{fault:?}");
        assert_eq!(delivery.timeline.len(), 1);
        world.sender.sweep().await.unwrap();
        assert_eq!(
            (world.transport.mails().len(), world.delivery(&posted).await),
            (1, delivery)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_could_not_be_recorded_is_unknown() {
    let world = World::new().await;
    for _ in 0..20 {
        world.store.fail("accepted", Fault::Busy);
    }
    let (posted, delivery) = world.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Sending);
    world.wait(jiff::SignedDuration::from_mins(3));
    world.sender.sweep().await.unwrap();
    assert_eq!(
        world.delivery(&posted).await.status,
        DeliveryStatus::Unknown
    );
    assert_eq!(world.transport.mails().len(), 1);
}

#[tokio::test]
async fn storage_that_cannot_be_read_changes_nothing() {
    let world = World::new().await;
    let posted = world.post("Olá").await;
    let items = world.items(&posted).await;
    world.store.fail_reads(1);
    let sent = world.sender.send_queued(items.clone()).await;
    assert!(
        matches!(&sent[0], Sent::Error(error) if error.is_retryable()),
        "{sent:?}"
    );
    assert!(matches!(
        world.sender.send_queued(items).await[0],
        Sent::Accepted
    ));
}

/// A delivery that no use case would make.
async fn forged(world: &World, address: &str, change: impl FnOnce(&mut Delivery)) -> Item {
    let posted = world.post("Olá").await;
    let mut delivery = world.delivery(&posted).await;
    delivery.to = Recipient {
        name: String::new(),
        address: address.to_owned(),
        capacity: Capacity::Requester,
        locale: None,
        time_zone: None,
    };
    change(&mut delivery);
    let item = deliveries::item(&delivery).unwrap();
    world
        .store
        .commit(vec![Write::put(item.clone())])
        .await
        .unwrap();
    item
}

#[tokio::test]
async fn a_poison_delivery_fails_alone() {
    let world = World::new().await;
    let mut items = vec![
        forged(&world, "não é um endereço", |_| {}).await,
        forged(&world, MARIA, |delivery| {
            delivery.message_id = uuid::Uuid::nil()
        })
        .await,
    ];
    let mut torn = forged(&world, MARIA, |_| {}).await;
    torn.data = serde_json::json!({ "id": 1 });
    items.push(torn);
    for number in 0..8 {
        let posted = world.post(&number.to_string()).await;
        items.extend(world.items(&posted).await);
    }
    let sent = world.sender.send_queued(items).await;
    assert!(
        matches!(sent[0], Sent::Failed)
            && matches!(sent[1], Sent::Failed)
            && matches!(sent[2], Sent::Error(_)),
        "{sent:?}"
    );
    assert!(
        sent[3..].iter().all(|sent| matches!(sent, Sent::Accepted)),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_panic_takes_one_delivery_and_not_its_batch() {
    let world = World::new().await;
    world.transport.then(Act::Panic);
    let mut items = Vec::new();
    for number in 0..10 {
        let posted = world.post(&number.to_string()).await;
        items.extend(world.items(&posted).await);
    }
    let sent = world.sender.send_queued(items).await;
    let accepted = sent
        .iter()
        .filter(|sent| matches!(sent, Sent::Accepted))
        .count();
    let errors = sent
        .iter()
        .filter(|sent| matches!(sent, Sent::Error(_)))
        .count();
    assert_eq!((accepted, errors), (9, 1));
}

#[tokio::test]
async fn an_internal_message_never_leaves_for_the_requester() {
    use shared::app::{
        access::Role,
        messages::{self, NewMessage},
    };
    use shared::domain::message::Visibility;
    let world = World::new().await;
    let new = NewMessage {
        text: Some("segredo".to_owned()),
        visibility: Visibility::Internal,
        ..NewMessage::default()
    };
    let technician = super::world::caller(Role::Technician);
    let posted = messages::post(&world.app, &technician, "4711", &new, None)
        .await
        .unwrap()
        .into_parts()
        .0;
    assert!(posted.deliveries.is_empty());
    // Even a delivery that should not exist is refused at the last door.
    let item = forged(&world, MARIA, |delivery| delivery.message_id = posted.id).await;
    let sent = world.sender.send_queued(vec![item.clone()]).await;
    assert!(matches!(sent[0], Sent::Failed), "{sent:?}");
    let stored = world.store.get(&[item.key]).await.unwrap()[0]
        .as_ref()
        .unwrap()
        .decode::<Delivery>()
        .unwrap();
    assert_eq!(stored.reason.as_deref(), Some("INTERNAL_MESSAGE"));
    assert_eq!(world.transport.mails().len(), 0);
}
