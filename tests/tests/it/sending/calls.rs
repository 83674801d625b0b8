//! What a mail costs in calls of storage.

use domain::id::TemplateId;
use mail::ses_event::BounceType;
use serde_json::json;
use service::{access::Role, admin::suppressions};
use storage::{Item, Storage, Write, keys};

use super::feedback::SES;
use super::feedback::bounce;
use super::feedback::complaint;
use super::feedback::delivered;
use super::feedback::tell;
use crate::desk::{Desk, caller};

/// What every mail takes: its lease and its record.
const WRITES: usize = 2;

async fn calls(desk: &Desk, text: &str) -> usize {
    let posted = desk.post(text).await;
    let items = desk.items(&posted).await;
    let mails = desk.transport.mails().len();
    desk.store.calls();
    desk.sender.send_queued(items).await;
    assert_eq!(desk.transport.mails().len(), mails + 1);
    desk.store.calls()
}

#[tokio::test]
async fn a_mail_is_one_read_and_two_writes_from_the_first_on() {
    let desk = Desk::sending().await;
    assert_eq!(calls(&desk, "one").await, 1 + WRITES);
    assert_eq!(calls(&desk, "two").await, 1 + WRITES);
    // Another version is new to the process, and one more read.
    let html = "<p>${COMMENTTEXT}!</p>";
    desk.publish(TemplateId::FIRST, "mensageria", html).await;
    assert_eq!(calls(&desk, "three").await, 2 + WRITES);
    assert_eq!(calls(&desk, "four").await, 1 + WRITES);
}

#[tokio::test]
async fn a_bounce_is_one_read_and_one_commit() {
    for happening in [
        bounce(BounceType::Permanent),
        bounce(BounceType::Transient),
        complaint(),
        delivered(),
    ] {
        let desk = Desk::sending_with(SES).await;
        let (_, delivery) = desk.send("Olá").await;
        for applied in ["new", "known"] {
            desk.store.calls();
            tell(&desk, &delivery, &happening).await;
            let commits = usize::from(applied == "new");
            assert_eq!(desk.store.calls(), 1 + commits, "{happening:?} {applied}");
        }
    }
}

#[tokio::test]
async fn a_bounce_that_names_another_address_reads_what_is_known_of_the_recipient() {
    let desk = Desk::sending_with(SES).await;
    let (_, delivery) = desk.send("Olá").await;
    let mut elsewhere = delivery.clone();
    elsewhere.to.address = "forwarded@example.com".into();
    desk.store.calls();
    tell(&desk, &elsewhere, &complaint()).await;
    assert_eq!(desk.store.calls(), 3);
    let admin = caller(Role::Admin);
    let suppressed = suppressions::list(&desk.app, &admin, 10, None).await;
    let suppressed = suppressed.unwrap().into_items();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0].address, delivery.to.address.as_str());
}

#[tokio::test]
async fn what_the_parameters_name_now_counts_and_not_what_they_named() {
    let desk = Desk::sending().await;
    let posted = desk.post("before").await;
    let id = desk.template("other", "<p>other</p>").await;
    desk.set(417, &id.to_string()).await;
    let items = desk.items(&posted).await;
    desk.store.calls();
    desk.sender.send_queued(items).await;
    assert_eq!(desk.store.calls(), 3 + WRITES);
    let delivery = desk.delivery(&posted).await;
    assert_eq!(delivery.mail.map(|mail| mail.template), Some(id));
}

#[tokio::test]
async fn a_copy_of_a_template_that_cannot_be_read_is_passed_over() {
    let desk = Desk::sending().await;
    let posted = desk.post("one").await;
    let items = desk.items(&posted).await;
    let broken = Item::new(
        keys::template_published(TemplateId::FIRST),
        "template_published",
        &json!({ "id": "x" }),
    )
    .unwrap();
    desk.store.commit(vec![Write::put(broken)]).await.unwrap();
    desk.store.calls();
    desk.sender.send_queued(items).await;
    assert_eq!(desk.transport.mails().len(), 1);
    assert_eq!(desk.store.calls(), 2 + WRITES);
}
