//! At most one call for each lease, whoever asks and however often.

use std::{sync::Arc, time::Duration};

use domain::{delivery::DeliveryStatus, pace::Pace};
use jiff::SignedDuration;
use service::{desk::messages::Posted, outgoing::sending::Sent};
use storage::{
    Storage,
    keys::{self, Due},
};
use transport::Trace;

use super::transport::LONGEST;
use crate::desk::Desk;

#[tokio::test]
async fn a_record_that_comes_five_times_is_sent_once() {
    let desk = Desk::sending().await;
    let posted = desk.post("Olá").await;
    let items = desk.items(&posted).await;
    for round in 0..5 {
        let sent = desk.sender.send_queued(items.clone()).await;
        assert_eq!(matches!(sent[0], Sent::Accepted), round == 0, "{sent:?}");
    }
    assert_eq!(desk.transport.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_at_once_send_each_mail_once() {
    let desk = Arc::new(Desk::sending().await);
    let mut items = Vec::new();
    for number in 0..70 {
        let posted = desk.post(&format!("Mensagem {number}")).await;
        items.extend(desk.items(&posted).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (sender, items) = (desk.other_sender(), items.clone());
        tasks.spawn(async move {
            let sent = sender.send_queued(items).await;
            let swept = sender.sweep().await.unwrap();
            sent.iter()
                .filter(|sent| matches!(sent, Sent::Accepted))
                .count()
                + swept.accepted
        });
    }
    let accepted: usize = tasks.join_all().await.into_iter().sum();
    let mut ids: Vec<_> = desk
        .transport
        .mails()
        .iter()
        .map(|mail| mail.delivery_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(
        (accepted, ids.len(), desk.transport.mails().len()),
        (70, 70, 70)
    );
}

/// Begins to send, and ends while the provider has not answered.
async fn interrupt(desk: &Desk, posted: &Posted) {
    desk.transport.hang();
    let (sender, items) = (desk.sender.clone(), desk.items(posted).await);
    let interrupted = tokio::spawn(async move { sender.send_queued(items).await });
    desk.transport.called().await;
    interrupted.abort();
    assert!(interrupted.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn an_interrupted_attempt_is_unknown_and_never_repeated() {
    let desk = Desk::sending().await;
    let posted = desk.post("Olá").await;
    interrupt(&desk, &posted).await;
    assert_eq!(desk.delivery(&posted).await.status, DeliveryStatus::Sending);

    let other = desk.other_sender();
    assert_eq!(
        other.sweep().await.unwrap().unknown,
        0,
        "the lease still holds"
    );
    desk.wait(SignedDuration::from_mins(2));
    assert_eq!(other.sweep().await.unwrap().unknown, 1);
    let delivery = desk.delivery(&posted).await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Unknown, Some("SENDER_LOST"))
    );
    for _ in 0..5 {
        desk.wait(SignedDuration::from_hours(1));
        other.sweep().await.unwrap();
        other.send_queued(desk.items(&posted).await).await;
    }
    assert_eq!(desk.transport.mails().len(), 1);
    assert_eq!(desk.delivery(&posted).await.status, DeliveryStatus::Unknown);
}

#[tokio::test]
async fn a_transport_that_keeps_its_mails_says_what_became_of_an_attempt() {
    let id = || "7".to_owned();
    for (trace, status, calls) in [
        (Trace::Accepted { id: id() }, DeliveryStatus::Accepted, 0),
        (Trace::NotAccepted, DeliveryStatus::Accepted, 1),
        (Trace::CannotTell, DeliveryStatus::Unknown, 0),
    ] {
        let desk = Desk::sending().await;
        let posted = desk.post("Olá").await;
        interrupt(&desk, &posted).await;
        // A new process over the same store, which knows that it is alone.
        let transport = Arc::new(super::transport::Scripted::new());
        let sender = service::outgoing::sending::Sender::new(desk.app.clone(), transport.clone());
        transport.remember(posted.deliveries[0].id, trace.clone());
        sender.recover().await.unwrap();
        sender.sweep().await.unwrap();
        let delivery = desk.delivery(&posted).await;
        assert_eq!(
            (delivery.status, transport.mails().len()),
            (status, calls),
            "{trace:?}"
        );
    }
}

#[tokio::test]
async fn a_sender_that_slept_past_its_lease_does_not_call() {
    use service::outgoing::sending::{MARGIN, Options, Sender};
    let desk = Desk::sending().await;
    let posted = desk.post("Olá").await;
    // The call and its record fit into a lease that is as long, and not into what is left of it.
    let short = Options {
        lease: LONGEST + MARGIN - Duration::from_millis(1),
        ..Options::default()
    };
    let sender = Sender::with_options(desk.app.clone(), desk.transport.clone(), short);
    let sent = sender.send_queued(desk.items(&posted).await).await;
    assert!(matches!(sent[0], Sent::Waits), "{sent:?}");
    assert_eq!(desk.transport.mails().len(), 0);
    let delivery = desk.delivery(&posted).await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Queued, Some("SENDER_SLEPT"))
    );
    // Nobody asked for a slower pace.
    let found = desk.store.get(&[keys::pace()]).await.unwrap().remove(0);
    let pace: Option<Pace> = found.map(|item| item.decode().unwrap());
    assert_eq!(pace.and_then(|pace| pace.slowed_at), None);
}

/// A change of place in the index costs as much as two writes; most events come within the lease.
#[tokio::test]
async fn an_accepted_mail_stays_where_its_lease_put_it_until_that_is_over() {
    let desk =
        Desk::sending_with(&[("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")]).await;
    let (posted, delivery) = desk.send("Olá").await;
    let place = async || {
        let index = desk.items(&posted).await.remove(0).index;
        index.map(|index| (index.partition, index.sort))
    };
    let shard = keys::due_shard(&delivery.id.to_string());
    let (partition, until) = place().await.unwrap();
    assert_eq!(partition, keys::due(Due::Sending, shard));
    assert!(until > keys::by_time(desk.now(), ""), "{until}");
    desk.wait(SignedDuration::from_mins(2));
    assert_eq!(desk.sender.sweep().await.unwrap(), Default::default());
    let (partition, due) = place().await.unwrap();
    assert_eq!(partition, keys::due(Due::Event, shard));
    assert!(due > until, "{due}");
    let found = desk.delivery(&posted).await;
    assert_eq!(found.status, DeliveryStatus::Accepted);
    assert_eq!(found.timeline, delivery.timeline);
}
