//! What SES tells afterwards: states, notices, suppressions; in any order, any number of times.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use domain::{
    catalog::Language,
    delivery::{Capacity, Delivery, DeliveryStatus},
    message::{Channel, Visibility},
    suppression::Cause,
};
use jiff::{SignedDuration, Timestamp};
use mail::ses_event::{
    BounceType, Happening,
    build::{SentMail, event},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use service::{
    App, Code,
    access::{Caller, Role},
    admin::suppressions,
    api::MessageView,
    desk::messages::{self, Posted, Reading},
    feedback::{self, Applied},
};
use storage::{
    Expect, Item, Key, Order, Page, Position, Query, SharedStorage, Storage, StorageError, Write,
    keys,
};
use transport::Outcome;

use super::transport::Act;
use crate::desk::{Desk, MARIA, NUMBER, admin, bia, caller};

pub(super) const SES: &[(&str, &str)] =
    &[("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")];

pub(super) fn bounce(kind: BounceType) -> Happening {
    Happening::Bounce {
        bounce: kind,
        sub_type: "General".to_owned(),
        status: "5.1.1".to_owned(),
        diagnostic: "smtp; 550 5.1.1 user unknown".to_owned(),
    }
}

pub(super) fn complaint() -> Happening {
    Happening::Complaint {
        feedback: "abuse".to_owned(),
        sub_type: String::new(),
    }
}

pub(super) fn delivered() -> Happening {
    Happening::Delivery {
        response: "250 ok".to_owned(),
    }
}

pub(super) fn delayed() -> Happening {
    Happening::Delay {
        kind: "MailboxFull".to_owned(),
        diagnostic: "452 later".to_owned(),
        expires: None,
    }
}

/// An event about the first attempt of a delivery, with these tags.
pub(super) fn told(
    delivery: &Delivery,
    happening: &Happening,
    at: Timestamp,
    tags: &[&str],
) -> Value {
    let all = [
        ("delivery_id", delivery.id.to_string()),
        ("attempt", "1".to_owned()),
        ("message_id", delivery.message_id.to_string()),
        ("ticket_id", delivery.ticket_id.to_string()),
        ("kind", "message".to_owned()),
    ];
    let sent = SentMail {
        provider_id: format!("ses-{}", delivery.id.simple()),
        from: "desk@mensageria.example".to_owned(),
        to: delivery.to.address.to_string(),
        tags: all
            .into_iter()
            .filter(|(name, _)| tags.contains(name))
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        configuration_set: "events".to_owned(),
        at,
    };
    event(&sent, happening, at)
}

pub(super) const ALL: &[&str] = &["delivery_id", "attempt", "message_id", "ticket_id", "kind"];

/// Tells the desk, with all tags, now.
pub(super) async fn tell(desk: &Desk, delivery: &Delivery, happening: &Happening) -> Applied {
    feedback::apply(&desk.app, &told(delivery, happening, desk.now(), ALL))
        .await
        .unwrap()
}

pub(super) async fn conversation(desk: &Desk) -> Vec<MessageView> {
    read(desk, &caller(Role::Admin)).await
}

/// What this person reads of the conversation.
async fn read(desk: &Desk, caller: &Caller) -> Vec<MessageView> {
    let all = Reading::All(Order::Ascending);
    let part = messages::list(&desk.app, caller, &NUMBER, all, 100, None, Language::En);
    let listed = part.await.unwrap().rows.into_items();
    listed.into_iter().map(|listed| listed.message).collect()
}

#[tokio::test]
async fn what_never_left_did_not_arrive_whatever_is_told() {
    let desk = Desk::sending_with(SES).await;
    desk.set(297, "S").await;
    let (posted, held) = desk.send("Olá").await;
    assert_eq!((held.status, held.attempts), (DeliveryStatus::Held, 0));
    let tags = &["delivery_id", "message_id", "ticket_id"];
    for happening in [delivered(), bounce(BounceType::Permanent), complaint()] {
        for tags in [tags, ALL] {
            let event = told(&held, &happening, desk.now(), tags);
            let applied = feedback::apply(&desk.app, &event).await.unwrap();
            assert_eq!(applied, Applied::Foreign);
        }
    }
    assert_eq!(desk.delivery(&posted).await.status, DeliveryStatus::Held);
    desk.set(297, "N").await;
    desk.sender.sweep().await.unwrap();
    let sent = desk.delivery(&posted).await;
    assert_eq!((sent.status, sent.attempts), (DeliveryStatus::Accepted, 1));
    // Nor did an attempt that nobody made.
    let mut event = told(&sent, &delivered(), desk.now(), ALL);
    event["detail"]["mail"]["tags"]["attempt"] = json!(["2"]);
    let applied = feedback::apply(&desk.app, &event).await.unwrap();
    assert_eq!(applied, Applied::Foreign);
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn an_unknown_outcome_is_resolved_by_its_event() {
    let desk = Desk::sending_with(SES).await;
    desk.transport.then(Act::Answer(Outcome::Unknown {
        reason: "dropped".to_owned(),
    }));
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Unknown);
    assert_eq!(
        tell(&desk, &delivery, &Happening::Send).await,
        Applied::Changed(DeliveryStatus::Accepted)
    );
    let after = desk.delivery(&posted).await;
    assert_eq!(
        after.mail.unwrap().provider_id.unwrap(),
        format!("ses-{}", delivery.id.simple())
    );
    assert_eq!(
        tell(&desk, &delivery, &Happening::Send).await,
        Applied::Known
    );
    desk.wait(SignedDuration::from_hours(1));
    assert_eq!(
        desk.sender.sweep().await.unwrap(),
        Default::default(),
        "nothing is sent again, nothing is missed"
    );
    assert_eq!(desk.transport.mails().len(), 1);
}

#[tokio::test]
async fn a_time_that_cannot_be_is_not_counted_on() {
    let happenings = [
        Happening::Send,
        delivered(),
        delayed(),
        bounce(BounceType::Permanent),
        bounce(BounceType::Transient),
        complaint(),
    ];
    for time in [
        "9999-12-30T00:00:00Z",
        "2099-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
    ] {
        for happening in &happenings {
            let desk = Desk::sending_with(SES).await;
            let (posted, delivery) = desk.send("Olá").await;
            let told = told(&delivery, happening, time.parse().unwrap(), ALL);
            feedback::apply(&desk.app, &told).await.expect(time);
            let after = desk.delivery(&posted).await;
            let day = SignedDuration::from_hours(24);
            let near = |at: Timestamp| at.duration_since(desk.now()).abs() < day;
            assert!(near(after.updated_at), "{time} {happening:?}");
            assert!(
                after.timeline.iter().all(|entry| near(entry.at)),
                "{time} {happening:?}"
            );
            if after.status == DeliveryStatus::Delayed {
                desk.wait(SignedDuration::from_hours(24 * 15));
                desk.sender.sweep().await.unwrap();
                let late = desk.delivery(&posted).await;
                assert_eq!(late.status, DeliveryStatus::Unconfirmed, "{time}");
            }
        }
    }
}

#[tokio::test]
async fn an_event_before_our_own_record_is_no_loss() {
    let desk = Desk::sending_with(SES).await;
    let posted = desk.post("Olá").await;
    desk.transport.hang();
    let (sender, items) = (desk.sender.clone(), desk.items(&posted).await);
    let sending = tokio::spawn(async move { sender.send_queued(items).await });
    desk.transport.called().await;
    let leased = desk.delivery(&posted).await;
    assert_eq!(leased.status, DeliveryStatus::Sending);
    assert_eq!(
        tell(&desk, &leased, &delivered()).await,
        Applied::Changed(DeliveryStatus::Delivered)
    );
    desk.transport.go_on();
    sending.await.unwrap();
    let delivery = desk.delivery(&posted).await;
    assert_eq!(
        (delivery.status, delivery.attempts),
        (DeliveryStatus::Delivered, 1)
    );
    assert!(
        delivery.timeline.len() == 2,
        "both are told: {:?}",
        delivery.timeline
    );
}

#[tokio::test]
async fn a_delivery_is_found_however_little_the_event_says() {
    for (tags, recorded) in [
        (ALL, true),
        (&["delivery_id", "ticket_id"][..], true),
        (&["delivery_id", "ticket_id"][..], false),
        (&["delivery_id"][..], false),
        (&[][..], true),
    ] {
        let desk = Desk::sending_with(SES).await;
        if !recorded {
            desk.transport.then(Act::Answer(Outcome::Unknown {
                reason: "dropped".to_owned(),
            }));
        } else {
            let id = || "ses-known".to_owned();
            desk.transport
                .then(Act::Answer(Outcome::Accepted { id: id() }));
        }
        let (posted, delivery) = desk.send("Olá").await;
        let mut event = told(&delivery, &delivered(), desk.now(), tags);
        if recorded {
            event["detail"]["mail"]["messageId"] = "ses-known".into();
        }
        let applied = feedback::apply(&desk.app, &event).await.unwrap();
        assert_eq!(
            applied,
            Applied::Changed(DeliveryStatus::Delivered),
            "{tags:?} {recorded}"
        );
        assert_eq!(
            desk.delivery(&posted).await.status,
            DeliveryStatus::Delivered
        );
    }
}

#[tokio::test]
async fn what_is_not_ours_changes_nothing() {
    let desk = Desk::sending_with(SES).await;
    let (_, delivery) = desk.send("Olá").await;
    let mut stranger = delivery.clone();
    stranger.id = uuid::Uuid::now_v7();
    for tags in [ALL, &["delivery_id"], &[]] {
        let event = told(&stranger, &delivered(), desk.now(), tags);
        assert_eq!(
            feedback::apply(&desk.app, &event).await.unwrap(),
            Applied::Foreign
        );
    }
    let mut hostile = told(&delivery, &delivered(), desk.now(), ALL);
    hostile["detail"]["mail"]["tags"]["ticket_ref"] = json!(["VCM0NzExI0QjMQ"]);
    hostile["detail"]["mail"]["tags"]["delivery_id"] = json!(["../../x"]);
    assert_eq!(
        feedback::apply(&desk.app, &hostile).await.unwrap(),
        Applied::Foreign
    );
    for nothing in [
        json!({}),
        json!({ "detail": { "eventType": "Bounce" } }),
        json!([]),
    ] {
        let error = feedback::apply(&desk.app, &nothing).await.unwrap_err();
        assert_eq!(error.code, Code::BodyInvalid);
    }
    let open = json!({ "detail": { "eventType": "Open", "mail": { "messageId": "x" } } });
    assert_eq!(
        feedback::apply(&desk.app, &open).await.unwrap(),
        Applied::Ignored
    );
}

#[tokio::test]
async fn a_permanent_bounce_is_told_in_the_conversation_and_to_the_responsible_once() {
    let desk = Desk::sending_with(SES).await;
    let (_, delivery) = desk.send("Olá").await;
    for _ in 0..3 {
        tell(&desk, &delivery, &bounce(BounceType::Permanent)).await;
    }
    let messages = conversation(&desk).await;
    assert_eq!(messages.len(), 2);
    let notice = &messages[1];
    assert_eq!(
        (notice.source, notice.visibility),
        (Channel::System, Visibility::Internal)
    );
    assert!(
        notice.text.contains(MARIA) && notice.text.contains("550 5.1.1 user unknown"),
        "{}",
        notice.text
    );
    // Within the next run the responsible has the mail, in the thread of the ticket.
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    let mails = desk.transport.mails();
    let mail = mails.last().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.kind),
        ("bia@example.com", "bounce-notice")
    );
    let raw = String::from_utf8_lossy(&mail.raw);
    assert!(
        raw.contains("References: <t.4711@mensageria.example>"),
        "{raw}"
    );
    // The requester sees nothing of it.
    let mut maria = caller(Role::Requester);
    maria.email = MARIA.parse().ok();
    let seen = read(&desk, &maria).await;
    assert_eq!(seen.len(), 1);
    // A notice that bounces makes no further one.
    let notice = posted(notice, mail.delivery_id);
    let own = desk.delivery(&notice).await;
    assert_eq!(own.to.capacity, Capacity::Responsible);
    tell(&desk, &own, &bounce(BounceType::Permanent)).await;
    assert_eq!(conversation(&desk).await.len(), 2);
}

#[tokio::test]
async fn a_late_bounce_says_what_it_was_itself_told() {
    let desk = Desk::sending_with(SES).await;
    desk.transport.then(Act::Answer(Outcome::Unknown {
        reason: "dropped".to_owned(),
    }));
    let (posted, delivery) = desk.send("Olá").await;
    desk.wait(SignedDuration::from_hours(1));
    let path = format!(
        "/tickets/{}/messages/{}/deliveries/{}/resend",
        delivery.ticket_id, delivery.message_id, delivery.id
    );
    desk.call(&bia(), "POST", &path, None).await.expect(202);
    desk.sender.sweep().await.unwrap();
    let mut arrived = told(&delivery, &delivered(), desk.now(), ALL);
    arrived["detail"]["mail"]["tags"]["attempt"] = serde_json::json!(["2"]);
    feedback::apply(&desk.app, &arrived).await.unwrap();
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Delivered
    );
    tell(&desk, &delivery, &bounce(BounceType::Permanent)).await;
    let messages = conversation(&desk).await;
    let notice = &messages.last().unwrap().text;
    assert!(
        notice.contains("550 5.1.1 user unknown") && !notice.contains("250 ok"),
        "{notice}"
    );
    let blocked = desk.call(&admin(), "GET", "/suppressions", None).await;
    let blocked = blocked.expect(200).to_string();
    assert!(
        blocked.contains("550 5.1.1") && !blocked.contains("250 ok"),
        "{blocked}"
    );
}

/// A message and one delivery of it, as if it had just been posted.
fn posted(message: &MessageView, delivery: uuid::Uuid) -> Posted {
    serde_json::from_value(json!({
        "id": message.id, "ticket_id": message.ticket_id, "created_at": message.created_at,
        "deliveries": [{ "id": delivery, "to": "x", "status": "queued" }],
    }))
    .unwrap()
}

/// A store whose queries have always a next page.
struct Endless {
    inner: SharedStorage,
    queries: AtomicUsize,
}

#[async_trait]
impl Storage for Endless {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StorageError> {
        self.inner.get(keys).await
    }

    async fn query(&self, _: Query) -> Result<Page, StorageError> {
        let queries = self.queries.fetch_add(1, Ordering::Relaxed);
        assert!(queries < 1000, "the search has no end");
        let key = keys::pace();
        let next = Some(Position { key, sort: None });
        let items = Vec::new();
        Ok(Page { items, next })
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StorageError> {
        self.inner.commit(writes).await
    }
}

#[tokio::test]
async fn a_delivery_is_looked_for_among_many_and_not_among_all() {
    let desk = Desk::sending_with(SES).await;
    let (_, delivery) = desk.send("Olá").await;
    let store = Arc::new(Endless {
        inner: desk.store.clone(),
        queries: AtomicUsize::new(0),
    });
    let app = App::new(store.clone(), (*desk.app.settings).clone());
    let event = told(
        &delivery,
        &delivered(),
        desk.now(),
        &["delivery_id", "ticket_id"],
    );
    let applied = feedback::apply(&app, &event).await.unwrap();
    assert_eq!(applied, Applied::Foreign);
    // Its ticket, and two kinds of waiting in each shard where its id may stand.
    let shards = keys::due_shards(&delivery.id.to_string()).count();
    let places = 1 + 2 * shards;
    assert_eq!(store.queries.load(Ordering::Relaxed), places * 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the order and the repeats: one state, one notice of each bad news, one suppression.
    #[test]
    fn every_order_ends_the_same(order in prop::collection::vec(0usize..5, 5..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::sending_with(SES).await;
            let (posted, delivery) = desk.send("Olá").await;
            let events = [Happening::Send, delayed(), delivered(), bounce(BounceType::Permanent), complaint()];
            let start = desk.now();
            for which in order.iter().copied().chain(0..5) {
                let at = start + SignedDuration::from_secs(60 * which as i64);
                feedback::apply(&desk.app, &told(&delivery, &events[which], at, ALL)).await.unwrap();
            }
            let after = desk.delivery(&posted).await;
            prop_assert_eq!(after.status, DeliveryStatus::Complained);
            // That the provider has it is told by its answer already, unless the event was needed for more.
            let steps: BTreeSet<_> = after.timeline.iter().map(|entry| format!("{:?}", entry.step)).collect();
            let sent = usize::from(steps.contains("Sent"));
            prop_assert_eq!((after.timeline.len(), steps.len()), (5 + sent, 5 + sent));
            let conversation = conversation(&desk).await;
            let notices = conversation.iter().filter(|one| one.source == Channel::System);
            prop_assert_eq!(notices.count(), 2);
            let list = suppressions::list(&desk.app, &caller(Role::Admin), 25, None).await.unwrap().into_items();
            prop_assert_eq!(list.len(), 1);
            prop_assert_eq!(list[0].cause, Cause::Complaint);
            Ok(())
        })?;
    }
}

/// Tells that the provider has the mail, under the id by which it answered.
async fn confirm(desk: &Desk, delivery: &Delivery) -> Applied {
    let mut event = told(delivery, &Happening::Send, desk.now(), ALL);
    let id = delivery
        .mail
        .as_ref()
        .and_then(|mail| mail.provider_id.clone());
    if let Some(id) = id {
        event["detail"]["mail"]["messageId"] = Value::from(id);
    }
    feedback::apply(&desk.app, &event).await.unwrap()
}

#[tokio::test]
async fn what_only_confirms_an_answer_is_not_written_and_shows_that_events_come() {
    let desk = Desk::sending_with(SES).await;
    let (posted, delivery) = desk.send("Olá").await;
    let stored = desk.items(&posted).await;
    assert_eq!(confirm(&desk, &delivery).await, Applied::Known);
    assert_eq!(desk.items(&posted).await, stored);
    // It is slow to arrive, and nothing is wrong.
    desk.wait(SignedDuration::from_mins(16));
    assert_eq!(desk.sender.sweep().await.unwrap().silent, 0);
    // Nothing is told of a later one.
    desk.send("two").await;
    desk.wait(SignedDuration::from_mins(16));
    assert_eq!(desk.sender.sweep().await.unwrap().silent, 1);
    desk.wait(SignedDuration::from_hours(72));
    assert_eq!(desk.sender.sweep().await.unwrap().unconfirmed, 2);
}

#[tokio::test]
async fn a_confirmation_is_written_where_more_follows_from_it() {
    let desk = Desk::sending_with(SES).await;
    let unseen = || {
        Act::Answer(Outcome::Unknown {
            reason: "dropped".to_owned(),
        })
    };
    desk.transport.then(unseen());
    let (_, lost) = desk.send("lost").await;
    assert_eq!(lost.status, DeliveryStatus::Unknown);
    let accepted = Applied::Changed(DeliveryStatus::Accepted);
    assert_eq!(confirm(&desk, &lost).await, accepted);
    // The mail's id does not lead to its delivery yet.
    let (posted, delivery) = desk.send("two").await;
    let id = delivery
        .mail
        .as_ref()
        .and_then(|mail| mail.provider_id.clone())
        .unwrap();
    let gone = Write::delete(keys::mail(&id), Expect::Anything);
    desk.store.commit(vec![gone]).await.unwrap();
    assert_eq!(confirm(&desk, &delivery).await, accepted);
    let found = desk.store.get(&[keys::mail(&id)]).await.unwrap();
    assert!(found[0].is_some());
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}
