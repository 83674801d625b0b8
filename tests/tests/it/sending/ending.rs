//! A process that is told to end claims nothing more, and records what is under way.

use domain::delivery::DeliveryStatus;

use super::world::World;

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_more_is_claimed() {
    let world = World::new().await;
    world.ticket("4712", "rui@example.com").await;
    let first = world.post("1").await;
    world.transport.hang();
    let sender = world.sender.clone();
    let sweep = tokio::spawn(async move { sender.sweep().await });
    world.transport.called().await;
    let second = world.post_on("4712", "2").await;
    let behind = world.post("3").await;
    let sender = world.sender.clone();
    let mut ending = tokio::spawn(async move { sender.end().await });
    tokio::task::yield_now().await;
    assert!(!ending.is_finished(), "a mail is under way");
    world.transport.go_on();
    (&mut ending).await.unwrap();
    sweep.await.unwrap().unwrap();
    assert_eq!(
        world.delivery(&first).await.status,
        DeliveryStatus::Accepted
    );
    let sent = world.sender.send_queued(world.items(&second).await).await;
    assert!(matches!(sent[0], service::outgoing::sending::Sent::Stopped));
    for left in [&second, &behind] {
        assert_eq!(world.delivery(left).await.status, DeliveryStatus::Queued);
    }
    assert_eq!(world.transport.mails().len(), 1);
    // The next process sends them.
    assert_eq!(world.other_sender().sweep().await.unwrap().accepted, 2);
}
