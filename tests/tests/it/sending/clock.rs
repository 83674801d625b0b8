//! A clock that was ahead for a while and is right again: nothing waits until the wrong time.

use domain::{
    delivery::DeliveryStatus,
    message::{Author, Role as Side},
};
use jiff::SignedDuration;
use service::{
    access::Role,
    desk::messages::{self, NewMessage},
};

use super::{
    transport::Act,
    world::{World, caller},
};

/// How far ahead the clock was.
const AHEAD: SignedDuration = SignedDuration::from_hours(3);

/// A sweep each minute, until every shard had its turn.
async fn half_an_hour(world: &World) {
    for _ in 0..33 {
        world.sender.sweep().await.unwrap();
        world.wait(SignedDuration::from_mins(1));
    }
}

#[tokio::test]
async fn a_claim_of_a_sender_that_ended_is_given_up() {
    let world = World::new().await;
    world.wait(AHEAD);
    world.transport.then(Act::Panic);
    let (posted, delivery) = world.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Sending);
    world.wait(-AHEAD);
    half_an_hour(&world).await;
    assert_eq!(
        world.delivery(&posted).await.status,
        DeliveryStatus::Unknown
    );
    assert_eq!(world.transport.mails().len(), 1, "it is not sent again");
}

#[tokio::test]
async fn a_mail_held_for_its_moment_finds_it_anew() {
    let world = World::with(&[("STORM_LIMITS", "1/10")]).await;
    world.wait(AHEAD);
    world.send("um").await;
    let (second, delivery) = world.send("dois").await;
    assert_eq!(delivery.reason_code(), Some("LOOP_LIMIT"));
    world.wait(-AHEAD);
    world.sender.sweep().await.unwrap();
    let status = world.delivery(&second).await.status;
    assert_eq!(status, DeliveryStatus::Accepted);
    // The windows begin anew with the next one, and hold.
    world.send("três").await;
    let (third, _) = world.send("quatro").await;
    world.sender.sweep().await.unwrap();
    let held = world.delivery(&third).await;
    assert_eq!(held.reason_code(), Some("LOOP_LIMIT"));
    world.wait(SignedDuration::from_mins(11));
    world.sender.sweep().await.unwrap();
    assert_eq!(
        world.delivery(&third).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn what_a_switch_held_leaves_when_it_is_off() {
    let world = World::new().await;
    world.set(297, "S").await;
    world.wait(AHEAD);
    let (posted, delivery) = world.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Held);
    world.wait(-AHEAD);
    world.set(297, "N").await;
    world.sender.sweep().await.unwrap();
    assert_eq!(
        world.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn the_rate_of_the_provider_has_places_now() {
    let ses = [("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")];
    let world = World::with(&ses).await;
    world.transport.limit(14.0);
    world.sender.sweep().await.unwrap();
    world.wait(AHEAD);
    world.send("um").await;
    world.wait(-AHEAD);
    for sender in [&world.sender, &world.other_sender()] {
        let posted = world.post("dois").await;
        sender.send_queued(world.items(&posted).await).await;
        let status = world.delivery(&posted).await.status;
        assert_eq!(status, DeliveryStatus::Accepted);
    }
}

#[tokio::test]
async fn automatic_mails_wait_for_no_window_of_the_future() {
    let world = World::new().await;
    let automatic = async |text: &str| {
        let new = NewMessage {
            text: Some(text.to_owned()),
            automatic: true,
            author: Some(Author {
                name: "ITSM".to_owned(),
                email: None,
                role: Side::Technician,
            }),
            ..NewMessage::default()
        };
        let itsm = caller(Role::Integration);
        let posted = messages::post(&world.app, &itsm, &"4711".parse().unwrap(), &new, None).await;
        posted.unwrap().into_parts().0
    };
    world.wait(AHEAD);
    let mut posted = Vec::new();
    for text in ["um", "dois"] {
        posted.push(automatic(text).await);
    }
    world.wait(-AHEAD);
    half_an_hour(&world).await;
    posted.push(automatic("três").await);
    world.sender.sweep().await.unwrap();
    for posted in posted {
        let delivery = world.delivery(&posted).await;
        assert_eq!(delivery.status, DeliveryStatus::Accepted, "{delivery:?}");
    }
}

/// By an hour alone: less than the longest wait of a mail in the queue.
#[tokio::test]
async fn what_was_queued_leaves_soon() {
    let world = World::new().await;
    let hour = SignedDuration::from_hours(1);
    world.wait(hour);
    let posted = world.post("Olá").await;
    world.wait(-hour);
    half_an_hour(&world).await;
    assert_eq!(
        world.delivery(&posted).await.status,
        DeliveryStatus::Accepted
    );
}
