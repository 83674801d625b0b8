//! What a mail costs in calls of storage.

use domain::id::TemplateId;
use mail::ses_event::BounceType;
use serde_json::json;
use service::{access::Role, admin::suppressions};
use storage::{Item, Storage, Write, keys};

use super::{
    feedback::{SES, bounce, complaint, delivered, tell},
    world::{World, caller},
};

/// What every mail takes: its claim and its record.
const WRITES: usize = 2;

async fn calls(world: &World, text: &str) -> usize {
    let posted = world.post(text).await;
    let items = world.items(&posted).await;
    let mails = world.transport.mails().len();
    world.store.calls();
    world.sender.send_queued(items).await;
    assert_eq!(world.transport.mails().len(), mails + 1);
    world.store.calls()
}

#[tokio::test]
async fn a_mail_is_one_read_and_two_writes_from_the_first_on() {
    let world = World::new().await;
    assert_eq!(calls(&world, "one").await, 1 + WRITES);
    assert_eq!(calls(&world, "two").await, 1 + WRITES);
    // Another version is new to the process, and one more read.
    let html = "<p>${COMMENTTEXT}!</p>";
    world.publish(TemplateId::FIRST, "mensageria", html).await;
    assert_eq!(calls(&world, "three").await, 2 + WRITES);
    assert_eq!(calls(&world, "four").await, 1 + WRITES);
}

#[tokio::test]
async fn a_bounce_is_one_read_and_one_commit() {
    for happening in [
        bounce(BounceType::Permanent),
        bounce(BounceType::Transient),
        complaint(),
        delivered(),
    ] {
        let world = World::with(SES).await;
        let (_, delivery) = world.send("Olá").await;
        for applied in ["new", "known"] {
            world.store.calls();
            tell(&world, &delivery, &happening).await;
            let commits = usize::from(applied == "new");
            assert_eq!(world.store.calls(), 1 + commits, "{happening:?} {applied}");
        }
    }
}

#[tokio::test]
async fn a_bounce_that_names_another_address_reads_what_is_known_of_the_recipient() {
    let world = World::with(SES).await;
    let (_, delivery) = world.send("Olá").await;
    let mut elsewhere = delivery.clone();
    elsewhere.to.address = "forwarded@example.com".to_owned();
    world.store.calls();
    tell(&world, &elsewhere, &complaint()).await;
    assert_eq!(world.store.calls(), 3);
    let admin = caller(Role::Admin);
    let suppressed = suppressions::list(&world.app, &admin, 10, None).await;
    let suppressed = suppressed.unwrap().into_items();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0].address, delivery.to.address);
}

#[tokio::test]
async fn what_the_parameters_name_now_counts_and_not_what_they_named() {
    let world = World::new().await;
    let posted = world.post("before").await;
    let id = world.template("other", "<p>other</p>").await;
    world.set(417, &id.to_string()).await;
    let items = world.items(&posted).await;
    world.store.calls();
    world.sender.send_queued(items).await;
    assert_eq!(world.store.calls(), 3 + WRITES);
    let delivery = world.delivery(&posted).await;
    assert_eq!(delivery.mail.map(|mail| mail.template), Some(id));
}

#[tokio::test]
async fn a_copy_of_a_template_that_cannot_be_read_is_passed_over() {
    let world = World::new().await;
    let posted = world.post("one").await;
    let items = world.items(&posted).await;
    let broken = Item::new(
        keys::template_published(TemplateId::FIRST),
        "template_published",
        &json!({ "id": "x" }),
    )
    .unwrap();
    world.store.commit(vec![Write::put(broken)]).await.unwrap();
    world.store.calls();
    world.sender.send_queued(items).await;
    assert_eq!(world.transport.mails().len(), 1);
    assert_eq!(world.store.calls(), 2 + WRITES);
}
