//! A process that is told to end takes no further lease, and records what is under way.

use domain::delivery::DeliveryStatus;

use crate::desk::Desk;

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_more_is_claimed() {
    let desk = Desk::sending().await;
    desk.ticket_of("4712", "rui@example.com").await;
    let first = desk.post("1").await;
    desk.transport.hang();
    let sender = desk.sender.clone();
    let sweep = tokio::spawn(async move { sender.sweep().await });
    desk.transport.called().await;
    let second = desk.post_on("4712", "2").await;
    let behind = desk.post("3").await;
    let sender = desk.sender.clone();
    let mut ending = tokio::spawn(async move { sender.end().await });
    tokio::task::yield_now().await;
    assert!(!ending.is_finished(), "a mail is under way");
    desk.transport.go_on();
    (&mut ending).await.unwrap();
    sweep.await.unwrap().unwrap();
    assert_eq!(desk.delivery(&first).await.status, DeliveryStatus::Accepted);
    let sent = desk.sender.send_queued(desk.items(&second).await).await;
    assert!(matches!(sent[0], service::outgoing::sending::Sent::Stopped));
    for left in [&second, &behind] {
        assert_eq!(desk.delivery(left).await.status, DeliveryStatus::Queued);
    }
    assert_eq!(desk.transport.mails().len(), 1);
    // The next process sends them.
    assert_eq!(desk.other_sender().sweep().await.unwrap().accepted, 2);
}
