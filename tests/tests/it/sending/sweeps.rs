//! What the schedule does, and how much it costs.

use std::time::Duration;

use domain::delivery::{DeliveryStatus, Step};
use jiff::SignedDuration;
use service::{
    desk::tickets::TicketReference,
    outgoing::sending::{Options, Sender},
};
use storage::{Storage, keys};
use transport::Outcome;

use super::transport::Act;
use crate::desk::Desk;

const SES: &[(&str, &str)] = &[("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")];

#[tokio::test]
async fn an_accepted_mail_without_an_event_is_noticed_and_then_unconfirmed() {
    let desk = Desk::sending_with(SES).await;
    let (posted, _) = desk.send("Olá").await;
    desk.wait(SignedDuration::from_mins(14));
    assert_eq!(desk.sender.sweep().await.unwrap().silent, 0);
    desk.wait(SignedDuration::from_mins(2));
    assert_eq!(desk.sender.sweep().await.unwrap().silent, 1);
    assert_eq!(desk.sender.sweep().await.unwrap().silent, 0, "told once");
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
    desk.wait(SignedDuration::from_hours(72));
    assert_eq!(desk.sender.sweep().await.unwrap().unconfirmed, 1);
    let delivery = desk.delivery(&posted).await;
    assert_eq!(
        (delivery.status, delivery.timeline.last().unwrap().step),
        (DeliveryStatus::Unconfirmed, Step::Unconfirmed)
    );
    assert_eq!(desk.sender.sweep().await.unwrap(), Default::default());
}

#[tokio::test]
async fn where_no_events_come_an_accepted_mail_is_left_alone() {
    let desk = Desk::sending().await;
    let (posted, _) = desk.send("Olá").await;
    desk.wait(SignedDuration::from_hours(100));
    assert_eq!(desk.sender.sweep().await.unwrap(), Default::default());
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn an_unknown_outcome_is_offered_again_after_a_quarter_of_an_hour() {
    let desk = Desk::sending_with(SES).await;
    desk.transport.then(Act::Answer(Outcome::Unknown {
        reason: "dropped".to_owned(),
    }));
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Unknown);
    desk.wait(SignedDuration::from_mins(16));
    assert_eq!(desk.sender.sweep().await.unwrap().unresolved, 1);
    assert_eq!(desk.sender.sweep().await.unwrap(), Default::default());
    assert_eq!(desk.delivery(&posted).await.status, DeliveryStatus::Unknown);
    assert_eq!(desk.transport.mails().len(), 1);
}

#[tokio::test]
async fn new_deliveries_are_left_to_the_stream_for_a_moment() {
    let desk = Desk::sending().await;
    let options = Options {
        grace: Duration::from_secs(20),
        ..Options::default()
    };
    let sender = Sender::with_options(desk.app.clone(), desk.transport.clone(), options);
    desk.post("Olá").await;
    assert_eq!(sender.sweep().await.unwrap().accepted, 0);
    desk.wait(SignedDuration::from_secs(21));
    let report = sender.sweep().await.unwrap();
    assert_eq!(
        (report.accepted, report.oldest),
        (1, Some(Duration::from_secs(21)))
    );
}

#[tokio::test]
async fn a_sweep_stops_when_its_time_is_up() {
    let desk = Desk::sending().await;
    for number in 0..300 {
        desk.post(&number.to_string()).await;
    }
    let options = Options {
        sweep: Duration::ZERO,
        ..Options::default()
    };
    let hurried = Sender::with_options(desk.app.clone(), desk.transport.clone(), options);
    let report = hurried.sweep().await.unwrap();
    assert!(report.cut_short && report.accepted < 300, "{report:?}");
    assert_eq!(
        report.accepted + desk.sender.sweep().await.unwrap().accepted,
        300
    );
}

#[tokio::test]
async fn a_warm_batch_costs_one_read_and_two_writes_a_mail() {
    let desk = Desk::sending().await;
    desk.send("aquecer").await;
    let mut items = Vec::new();
    for number in 0..10 {
        let posted = desk.post(&number.to_string()).await;
        items.extend(desk.items(&posted).await);
    }
    desk.store.calls();
    desk.sender.send_queued(items).await;
    assert_eq!(desk.store.calls(), 1 + 2 * 10);
    assert_eq!(desk.transport.mails().len(), 11);
}

#[tokio::test]
async fn an_idle_sweep_costs_one_query_a_partition() {
    let desk = Desk::sending().await;
    desk.sender.sweep().await.unwrap();
    desk.store.calls();
    desk.sender.sweep().await.unwrap();
    // And three that look for what a clock that was ahead left behind.
    assert_eq!(desk.store.calls(), 5 * keys::DUE_SHARDS as usize + 3);
}

#[tokio::test]
async fn a_long_ticket_id_is_stored_under_its_reference_before_the_mail_leaves() {
    let keys_setting = "a:AAAAAAAAAAAAAAAAAAAAAA==";
    let desk = Desk::sending_with(&[
        ("REPLY_DOMAIN", "reply.example.com"),
        ("REPLY_TOKEN_KEYS", keys_setting),
    ])
    .await;
    let ticket = "INC-2026-000000000123456789";
    desk.ticket_of(ticket, "maria@example.com").await;
    desk.post_on(ticket, "Olá").await;
    desk.sender.sweep().await.unwrap();
    let raw = String::from_utf8(desk.transport.mails()[0].raw.clone()).unwrap();
    assert!(
        raw.contains("Reply-To: reply+a") && raw.contains("@reply.example.com"),
        "{raw}"
    );
    assert!(
        raw.contains(&format!("<t.{ticket}@reply.example.com>")),
        "{raw}"
    );
    let reference = mail::token::reply::reference(&ticket.parse().unwrap());
    let found = desk
        .store
        .get(&[keys::ticket_reference(&reference)])
        .await
        .unwrap();
    let stored: TicketReference = found[0].as_ref().unwrap().decode().unwrap();
    assert_eq!(stored.ticket_id, ticket);
}
