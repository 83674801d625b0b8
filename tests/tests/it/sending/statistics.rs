//! Figures of the last days: exact, counted once, and without a write of their own for each message.

use domain::message::{Side, Visibility};
use jiff::SignedDuration;
use serde_json::{Value, json};
use service::{
    access::Role,
    api::AuthorFields,
    desk::messages::{self, NewMessage},
};
use storage::{Storage, keys};

use crate::desk::{Answer, Desk, NUMBER, admin, caller, maria};

async fn read(desk: &Desk, days: &str) -> Answer {
    let path = format!("/statistics?days={days}");
    desk.call(&admin(), "GET", &path, None).await
}

async fn write(desk: &Desk, new: NewMessage, role: Role) {
    let posted = messages::post(&desk.app, &caller(role), &NUMBER, &new, None).await;
    let posted = posted.unwrap().into_parts().0;
    desk.sender.send_queued(desk.items(&posted).await).await;
}

fn text(text: &str) -> NewMessage {
    NewMessage {
        text: Some(text.to_owned()),
        ..NewMessage::default()
    }
}

/// Two of the technician, one of them internal, one of Maria, which two get, and one of the system.
async fn some(desk: &Desk) {
    write(desk, text("Olá"), Role::Technician).await;
    let note = NewMessage {
        visibility: Visibility::Internal,
        ..text("nota")
    };
    write(desk, note, Role::Technician).await;
    for (name, role, automatic) in [
        ("Maria", Side::Requester, false),
        ("Sistema", Side::Technician, true),
    ] {
        let new = NewMessage {
            author: Some(AuthorFields {
                name: name.to_owned(),
                email: None,
                role,
            }),
            automatic,
            ..text("oi")
        };
        write(desk, new, Role::Integration).await;
    }
}

fn expected(times: u64) -> Value {
    json!({
        "messages": 4 * times, "of_requesters": times, "of_technicians": 2 * times,
        "automatic": times, "internal": times, "replies": 0, "quarantined": 0,
        "mails": { "accepted": 4 * times }, "unwanted": 0,
    })
}

#[tokio::test]
async fn what_happened_is_told_at_once_and_the_same_once_its_hour_is_stored() {
    let desk = Desk::sending_with(&[("DEFAULT_TIME_ZONE", "UTC")]).await;
    desk.sender.sweep().await.unwrap();
    some(&desk).await;
    let live = read(&desk, "2").await.expect(200);
    assert_eq!(live["total"], expected(1), "{live}");
    assert_eq!(
        live["templates"],
        json!([{ "id": 1, "identifier": "mensageria", "mails": 4 }])
    );
    assert_eq!(live["days"].as_array().unwrap().len(), 2);
    assert_eq!(live["counted_until"], desk.now().to_string());
    let hour = domain::reputation::hour(desk.now());
    desk.wait(SignedDuration::from_hours(2));
    for _ in 0..3 {
        desk.sender.sweep().await.unwrap();
    }
    let stored = desk.store.get(&[keys::statistics(hour)]).await.unwrap();
    assert!(stored[0].is_some());
    let later = read(&desk, "3").await.expect(200);
    assert_eq!(later["total"], expected(1), "{later}");
    // Another process counts nothing again, and what comes later is added.
    desk.other_sender().sweep().await.unwrap();
    desk.wait(SignedDuration::from_hours(30));
    desk.other_sender().sweep().await.unwrap();
    assert_eq!(read(&desk, "3").await.expect(200)["total"], expected(1));
}

#[tokio::test]
async fn where_the_count_is_behind_it_says_until_when() {
    let desk = Desk::sending_with(&[("DEFAULT_TIME_ZONE", "UTC")]).await;
    desk.sender.sweep().await.unwrap();
    let begun = desk.now();
    some(&desk).await;
    desk.wait(SignedDuration::from_hours(12));
    let behind = read(&desk, "2").await.expect(200);
    let start = domain::statistics::hour_start(domain::reputation::hour(begun));
    assert_eq!(behind["counted_until"], start.to_string());
    assert_eq!(behind["total"]["messages"], 0);
}

#[tokio::test]
async fn a_message_and_its_mail_write_nothing_for_the_figures() {
    let desk = Desk::sending().await;
    desk.sender.sweep().await.unwrap();
    some(&desk).await;
    let partition = storage::Source::Partition(keys::STATISTICS.to_owned());
    let query = storage::Query::of(partition, 100);
    let found = desk.store.query(query).await.unwrap().items;
    assert_eq!(found.len(), 1, "how far it came, and no figures");
    // A sweep in an hour that is counted asks nothing for them.
    desk.store.calls();
    desk.sender.sweep().await.unwrap();
    let first = desk.store.calls();
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.store.calls(), first);
}

#[tokio::test]
async fn days_have_bounds_and_requesters_no_figures() {
    let desk = Desk::new();
    for days in ["0", "32"] {
        let refused = read(&desk, days).await.expect(400);
        assert_eq!(refused["code"], "REQUEST_INVALID");
    }
    read(&desk, "x").await.expect(400);
    assert_eq!(
        read(&desk, "31").await.expect(200)["days"]
            .as_array()
            .unwrap()
            .len(),
        31
    );
    let refused = desk.call(&maria(), "GET", "/statistics", None).await;
    refused.expect(403);
}
