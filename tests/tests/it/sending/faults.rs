//! Storage that fails, deliveries that cannot be sent: each alone.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::delivery::{Capacity, Delivery, DeliveryStatus, Recipient};
use service::outgoing::{
    deliveries,
    sending::{Sender, Sent},
};
use storage::{Expect, Item, Storage, Write, keys};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use transport::{Outcome, OutgoingMail, SharedTransport, Transport, outbox::Outbox};

use super::transport::Act;
use super::unreliable::Fault;
use crate::desk::{Desk, MARIA};

#[tokio::test]
async fn a_claim_that_was_not_written_makes_no_call() {
    for fault in [Fault::Busy, Fault::LostRequest] {
        let desk = Desk::sending().await;
        desk.store.fail("sending", fault);
        let posted = desk.post("Olá").await;
        let sent = desk.sender.send_queued(desk.items(&posted).await).await;
        assert!(
            matches!(sent[0], Sent::Error(_) | Sent::Elsewhere),
            "{fault:?}: {sent:?}"
        );
        assert_eq!(desk.transport.mails().len(), 0);
        assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1, "{fault:?}");
        assert_eq!(desk.transport.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_found_and_used_once() {
    let desk = Desk::sending().await;
    desk.store.fail("sending", Fault::LostAnswer);
    let (_, delivery) = desk.send("Olá").await;
    assert_eq!(
        (delivery.status, desk.transport.mails().len()),
        (DeliveryStatus::Accepted, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_outcome_is_recorded_however_often_storage_fails() {
    for fault in [Fault::Busy, Fault::LostRequest, Fault::LostAnswer] {
        let desk = Desk::sending().await;
        for _ in 0..4 {
            desk.store.fail("accepted", fault);
        }
        let (posted, delivery) = desk.send("Olá").await;
        assert_eq!(delivery.status, DeliveryStatus::Accepted, "{fault:?}");
        assert_eq!(delivery.timeline.len(), 1);
        desk.sender.sweep().await.unwrap();
        assert_eq!(
            (desk.transport.mails().len(), desk.delivery(&posted).await),
            (1, delivery)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_could_not_be_recorded_is_unknown() {
    let desk = Desk::sending().await;
    for _ in 0..20 {
        desk.store.fail("accepted", Fault::Busy);
    }
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Sending);
    desk.wait(jiff::SignedDuration::from_mins(3));
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.delivery(&posted).await.status, DeliveryStatus::Unknown);
    assert_eq!(desk.transport.mails().len(), 1);
}

#[tokio::test]
async fn storage_that_cannot_be_read_changes_nothing() {
    let desk = Desk::sending().await;
    let posted = desk.post("Olá").await;
    let items = desk.items(&posted).await;
    desk.store.fail_reads(1);
    let sent = desk.sender.send_queued(items.clone()).await;
    assert!(
        matches!(&sent[0], Sent::Error(error) if error.is_retryable()),
        "{sent:?}"
    );
    assert!(matches!(
        desk.sender.send_queued(items).await[0],
        Sent::Accepted
    ));
}

/// A delivery that no use case would make.
async fn forged(desk: &Desk, address: &str, change: impl FnOnce(&mut Delivery)) -> Item {
    let posted = desk.post("Olá").await;
    let mut delivery = desk.delivery(&posted).await;
    delivery.to = Recipient {
        name: String::new(),
        address: address.into(),
        capacity: Capacity::Requester,
        locale: None,
        time_zone: None,
    };
    change(&mut delivery);
    let item = deliveries::item(&delivery).unwrap();
    desk.store
        .commit(vec![Write::put(item.clone())])
        .await
        .unwrap();
    item
}

#[tokio::test]
async fn a_poison_delivery_fails_alone() {
    let desk = Desk::sending().await;
    let mut items = vec![
        forged(&desk, "não é um endereço", |_| {}).await,
        forged(&desk, MARIA, |delivery| {
            delivery.message_id = uuid::Uuid::nil()
        })
        .await,
    ];
    let mut torn = forged(&desk, MARIA, |_| {}).await;
    torn.data = serde_json::json!({ "id": 1 });
    items.push(torn);
    desk.ticket_of("4712", MARIA).await;
    for number in 0..8 {
        let posted = desk.post_on("4712", &number.to_string()).await;
        items.extend(desk.items(&posted).await);
    }
    let sent = desk.sender.send_queued(items).await;
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
async fn a_template_that_is_deleted_or_makes_too_much_stops_its_own_mails_alone() {
    // The requester's side has a template that is gone in the end, the desk's one that fills 30 MB
    // with a long message.
    let desk = Desk::sending().await;
    let gone = desk.template("some", "${COMMENTTEXT}").await;
    let swelling = desk.template("muito", &"${COMMENTTEXT}".repeat(300)).await;
    desk.set(251, &gone.to_string()).await;
    desk.set(253, &swelling.to_string()).await;
    let long = "a".repeat(100_000);
    let mut items = Vec::new();
    for text in ["curto", long.as_str()] {
        let posted = desk.post_as_requester(text).await;
        items.extend(desk.items(&posted).await);
    }
    for text in ["um", "dois"] {
        let posted = desk.post(text).await;
        items.extend(desk.items(&posted).await);
    }
    let delete = Write::delete(keys::template(gone), Expect::Anything);
    desk.store.commit(vec![delete]).await.unwrap();
    let count = items.len();
    let sent = desk.sender.send_queued(items.clone()).await;
    let mut reasons = Vec::new();
    for item in &items {
        let key = std::slice::from_ref(&item.key);
        let found = desk.store.get(key).await.unwrap().remove(0).unwrap();
        let delivery: Delivery = found.decode().unwrap();
        reasons.push(delivery.reason_code().unwrap_or_default().to_owned());
    }
    let of = |wanted: &str| reasons.iter().filter(|reason| *reason == wanted).count();
    // Two people of the desk for each of the requester's messages.
    assert_eq!(
        (of(""), of("TEMPLATE_INVALID"), of("TEMPLATE_MISSING")),
        (2, 2, 2),
        "{reasons:?}"
    );
    assert_eq!(count, 6);
    assert_eq!(
        sent.iter()
            .filter(|one| matches!(one, Sent::Accepted))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_process_that_ends_at_any_moment_of_an_attempt_sends_each_mail_once_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    for (number, moment) in Moment::ALL.into_iter().enumerate() {
        let desk = Desk::sending().await;
        let home = folder.path().join(number.to_string());
        let outbox: SharedTransport = Arc::new(Outbox::open(&home).unwrap());
        let (ended, mut when) = unbounded_channel();
        let doomed = Doomed {
            moment,
            inner: outbox.clone(),
            ended,
        };
        let first = Sender::new(desk.app.clone(), Arc::new(doomed));
        let posted = desk.post("Olá").await;
        if moment != Moment::BeforeLease {
            let items = desk.items(&posted).await;
            let attempt = tokio::spawn(async move { first.send_queued(items).await });
            when.recv().await.unwrap();
            attempt.abort();
            assert!(attempt.await.unwrap_err().is_cancelled());
        }
        // The next process knows that it is alone.
        let next = Sender::new(desk.app.clone(), outbox.clone());
        next.recover().await.unwrap();
        for _ in 0..3 {
            next.sweep().await.unwrap();
        }
        let delivery = desk.delivery(&posted).await;
        assert_eq!(delivery.status, DeliveryStatus::Accepted, "{moment:?}");
        let mails = std::fs::read_dir(&home).unwrap();
        let mails = mails.filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".eml")
        });
        assert_eq!(mails.count(), 1, "{moment:?}");
    }
}

/// When a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    BeforeLease,
    AfterLease,
    BeforeRecording,
}

impl Moment {
    const ALL: [Self; 3] = [Self::BeforeLease, Self::AfterLease, Self::BeforeRecording];
}

/// A transport whose process ends at a moment: it tells, and never answers.
struct Doomed {
    moment: Moment,
    inner: SharedTransport,
    ended: UnboundedSender<()>,
}

#[async_trait]
impl Transport for Doomed {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        if self.moment == Moment::BeforeRecording {
            self.inner.send(mail).await;
        }
        let _ = self.ended.send(());
        std::future::pending().await
    }

    fn longest_call(&self) -> Duration {
        self.inner.longest_call()
    }
}

#[tokio::test]
async fn a_panic_takes_one_delivery_and_not_its_batch() {
    let desk = Desk::sending().await;
    desk.transport.then(Act::Panic);
    let mut items = Vec::new();
    for number in 0..10 {
        let ticket = format!("T{number}");
        desk.ticket_of(&ticket, MARIA).await;
        let posted = desk.post_on(&ticket, "Olá").await;
        items.extend(desk.items(&posted).await);
    }
    let sent = desk.sender.send_queued(items).await;
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
    use domain::message::Visibility;
    use service::{
        access::Role,
        desk::messages::{self, NewMessage},
    };
    let desk = Desk::sending().await;
    let new = NewMessage {
        text: Some("segredo".to_owned()),
        visibility: Visibility::Internal,
        ..NewMessage::default()
    };
    let technician = crate::desk::caller(Role::Technician);
    let posted = messages::post(&desk.app, &technician, &"4711".parse().unwrap(), &new, None)
        .await
        .unwrap()
        .into_parts()
        .0;
    assert!(posted.deliveries.is_empty());
    // Even a delivery that should not exist is refused at the last door.
    let item = forged(&desk, MARIA, |delivery| delivery.message_id = posted.id).await;
    let sent = desk.sender.send_queued(vec![item.clone()]).await;
    assert!(matches!(sent[0], Sent::Failed), "{sent:?}");
    let stored = desk.store.get(&[item.key]).await.unwrap()[0]
        .as_ref()
        .unwrap()
        .decode::<Delivery>()
        .unwrap();
    assert_eq!(stored.reason_code(), Some("INTERNAL_MESSAGE"));
    assert_eq!(desk.transport.mails().len(), 0);
}
