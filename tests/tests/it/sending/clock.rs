//! A clock that was ahead for a while and is right again: nothing waits until the wrong time.

use domain::{delivery::DeliveryStatus, message::Side};
use jiff::SignedDuration;
use service::{
    access::Role,
    api::AuthorFields,
    desk::messages::{self, NewMessage},
};

use super::transport::Act;
use crate::desk::{Desk, caller};

/// How far ahead the clock was.
const AHEAD: SignedDuration = SignedDuration::from_hours(3);

/// A sweep each minute, until every shard had its turn.
async fn half_an_hour(desk: &Desk) {
    for _ in 0..33 {
        desk.sender.sweep().await.unwrap();
        desk.wait(SignedDuration::from_mins(1));
    }
}

#[tokio::test]
async fn a_claim_of_a_sender_that_ended_is_given_up() {
    let desk = Desk::sending().await;
    desk.wait(AHEAD);
    desk.transport.then(Act::Panic);
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Sending);
    desk.wait(-AHEAD);
    half_an_hour(&desk).await;
    assert_eq!(desk.delivery(&posted).await.status, DeliveryStatus::Unknown);
    assert_eq!(desk.transport.mails().len(), 1, "it is not sent again");
}

#[tokio::test]
async fn a_mail_held_for_its_moment_finds_it_anew() {
    let desk = Desk::sending_with(&[("STORM_LIMITS", "1/10")]).await;
    desk.wait(AHEAD);
    desk.send("um").await;
    let (second, delivery) = desk.send("dois").await;
    assert_eq!(delivery.reason_code(), Some("LOOP_LIMIT"));
    desk.wait(-AHEAD);
    desk.sender.sweep().await.unwrap();
    let status = desk.delivery(&second).await.status;
    assert_eq!(status, DeliveryStatus::Accepted);
    // The windows begin anew with the next one, and hold.
    desk.send("três").await;
    let (third, _) = desk.send("quatro").await;
    desk.sender.sweep().await.unwrap();
    let held = desk.delivery(&third).await;
    assert_eq!(held.reason_code(), Some("LOOP_LIMIT"));
    desk.wait(SignedDuration::from_mins(11));
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.delivery(&third).await.status, DeliveryStatus::Accepted);
}

#[tokio::test]
async fn what_a_switch_held_leaves_when_it_is_off() {
    let desk = Desk::sending().await;
    desk.set(297, "S").await;
    desk.wait(AHEAD);
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Held);
    desk.wait(-AHEAD);
    desk.set(297, "N").await;
    desk.sender.sweep().await.unwrap();
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn the_rate_of_the_provider_has_places_now() {
    let ses = [("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")];
    let desk = Desk::sending_with(&ses).await;
    desk.transport.limit(14.0);
    desk.sender.sweep().await.unwrap();
    desk.wait(AHEAD);
    desk.send("um").await;
    desk.wait(-AHEAD);
    for sender in [&desk.sender, &desk.other_sender()] {
        let posted = desk.post("dois").await;
        sender.send_queued(desk.items(&posted).await).await;
        let status = desk.delivery(&posted).await.status;
        assert_eq!(status, DeliveryStatus::Accepted);
    }
}

#[tokio::test]
async fn automatic_mails_wait_for_no_window_of_the_future() {
    let desk = Desk::sending().await;
    let automatic = async |text: &str| {
        let new = NewMessage {
            text: Some(text.to_owned()),
            automatic: true,
            author: Some(AuthorFields {
                name: "ITSM".to_owned(),
                email: None,
                role: Side::Technician,
            }),
            ..NewMessage::default()
        };
        let itsm = caller(Role::Integration);
        let posted = messages::post(&desk.app, &itsm, &"4711".parse().unwrap(), &new, None).await;
        posted.unwrap().into_parts().0
    };
    desk.wait(AHEAD);
    let mut posted = Vec::new();
    for text in ["um", "dois"] {
        posted.push(automatic(text).await);
    }
    desk.wait(-AHEAD);
    half_an_hour(&desk).await;
    posted.push(automatic("três").await);
    desk.sender.sweep().await.unwrap();
    for posted in posted {
        let delivery = desk.delivery(&posted).await;
        assert_eq!(delivery.status, DeliveryStatus::Accepted, "{delivery:?}");
    }
}

/// By an hour alone: less than the longest wait of a mail in the queue.
#[tokio::test]
async fn what_was_queued_leaves_soon() {
    let desk = Desk::sending().await;
    let hour = SignedDuration::from_hours(1);
    desk.wait(hour);
    let posted = desk.post("Olá").await;
    desk.wait(-hour);
    half_an_hour(&desk).await;
    assert_eq!(
        desk.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}
