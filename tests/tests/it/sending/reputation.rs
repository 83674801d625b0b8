//! The breaker of automatic mails: it opens before the provider pauses the account, lets people's
//! messages through, and what it held flows by itself.

use domain::delivery::{Delivery, DeliveryStatus};
use jiff::SignedDuration;
use mail::ses_event::{
    BounceType, Happening,
    build::{SentMail, event},
};
use service::{desk::messages::Posted, feedback};
use uuid::Uuid;

use crate::desk::Desk;

const SES: &[(&str, &str)] = &[
    ("MAIL_TRANSPORT", "ses"),
    ("CONFIGURATION_SET", "events"),
    ("COALESCE_MINUTES", "0"),
];

async fn desk() -> Desk {
    let desk = Desk::sending_with(SES).await;
    desk.transport.limit(100_000.0);
    desk.sender.sweep().await.unwrap();
    desk
}

/// Sends so many mails to as many people, of which so many come back by this event.
async fn sent(desk: &Desk, mails: usize, back: usize, happening: &Happening) {
    for number in 0..mails {
        // Places of the rate's schedule are a millisecond apart at least, and the clock stands still.
        desk.wait(SignedDuration::from_millis(1));
        let ticket = Uuid::now_v7().simple().to_string();
        let who = format!("{ticket}@example.com");
        desk.ticket_of(&ticket, &who).await;
        let posted = desk.post_on(&ticket, "Olá").await;
        desk.sender.send_queued(desk.items(&posted).await).await;
        let delivery = desk.delivery(&posted).await;
        assert_eq!(
            delivery.status,
            DeliveryStatus::Accepted,
            "{:?}",
            delivery.reason
        );
        if number < back {
            // However often it is told.
            for _ in 0..2 {
                tell(desk, &delivery, happening).await;
            }
        }
    }
}

async fn tell(desk: &Desk, delivery: &Delivery, happening: &Happening) {
    let tags = [
        ("delivery_id", delivery.id.to_string()),
        ("attempt", "1".to_owned()),
        ("message_id", delivery.message_id.to_string()),
        ("ticket_id", delivery.ticket_id.to_string()),
    ];
    let mail = SentMail {
        provider_id: format!("ses-{}", delivery.id.simple()),
        from: "desk@mensageria.example".to_owned(),
        to: delivery.to.address.to_string(),
        tags: tags.map(|(name, value)| (name.to_owned(), value)).into(),
        configuration_set: "events".to_owned(),
        at: desk.now(),
    };
    let told = event(&mail, happening, desk.now());
    feedback::apply(&desk.app, &told).await.unwrap();
}

fn bounce(sub_type: &str) -> Happening {
    Happening::Bounce {
        bounce: BounceType::Permanent,
        sub_type: sub_type.to_owned(),
        status: "5.1.1".to_owned(),
        diagnostic: "smtp; 550 5.1.1 user unknown".to_owned(),
    }
}

fn complaint() -> Happening {
    Happening::Complaint {
        feedback: "abuse".to_owned(),
        sub_type: String::new(),
    }
}

/// A message that no person wrote, and one that somebody did, each to João.
async fn both(desk: &Desk) -> [Posted; 2] {
    desk.ticket_of("2", "joao@example.com").await;
    let post = async |automatic| {
        let posted = desk
            .post_by("Alguém", &"2".parse().unwrap(), "Olá", automatic)
            .await;
        desk.sender.send_queued(desk.items(&posted).await).await;
        posted
    };
    [post(true).await, post(false).await]
}

async fn states(desk: &Desk, posted: &[Posted; 2]) -> [DeliveryStatus; 2] {
    let [automatic, human] = posted;
    [
        desk.delivery(automatic).await.status,
        desk.delivery(human).await.status,
    ]
}

#[tokio::test]
async fn automatic_mail_waits_while_too_much_bounces_and_flows_when_it_is_over() {
    let desk = desk().await;
    sent(&desk, 250, 9, &bounce("General")).await;
    desk.sender.sweep().await.unwrap();
    let before = both(&desk).await;
    assert_eq!(
        states(&desk, &before).await,
        [DeliveryStatus::Accepted; 2],
        "9 of 259"
    );
    sent(&desk, 2, 2, &bounce("General")).await;
    desk.sender.sweep().await.unwrap();
    let posted = both(&desk).await;
    assert_eq!(
        states(&desk, &posted).await,
        [DeliveryStatus::Held, DeliveryStatus::Accepted],
        "11 of about 265"
    );
    let held = desk.delivery(&posted[0]).await;
    assert_eq!(held.reason_code(), Some("REPUTATION_AT_RISK"));
    // It stays so while it is so, and writes nothing.
    let items = desk.items(&posted[0]).await;
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.items(&posted[0]).await, items);
    // People go on, and so the rate falls.
    sent(&desk, 200, 0, &bounce("General")).await;
    let report = desk.sender.sweep().await.unwrap();
    assert!(report.accepted >= 1, "{report:?}");
    assert_eq!(states(&desk, &posted).await, [DeliveryStatus::Accepted; 2]);
    assert_eq!(desk.sender.sweep().await.unwrap(), Default::default());
}

#[tokio::test]
async fn complaints_open_it_and_a_day_closes_it() {
    let desk = desk().await;
    sent(&desk, 30, 3, &complaint()).await;
    desk.sender.sweep().await.unwrap();
    let posted = both(&desk).await;
    assert_eq!(states(&desk, &posted).await[0], DeliveryStatus::Held);
    desk.wait(SignedDuration::from_hours(23));
    desk.sender.sweep().await.unwrap();
    assert_eq!(states(&desk, &posted).await[0], DeliveryStatus::Held);
    desk.wait(SignedDuration::from_hours(2));
    desk.sender.sweep().await.unwrap();
    assert_eq!(states(&desk, &posted).await, [DeliveryStatus::Accepted; 2]);
}

#[tokio::test]
async fn what_says_nothing_about_the_reputation_does_not_open_it() {
    for (happening, back) in [
        (bounce("OnAccountSuppressionList"), 20),
        (complaint(), 2),
        (
            Happening::Bounce {
                bounce: BounceType::Transient,
                sub_type: "MailboxFull".to_owned(),
                status: "4.2.2".to_owned(),
                diagnostic: String::new(),
            },
            20,
        ),
    ] {
        let desk = desk().await;
        sent(&desk, 30, back, &happening).await;
        desk.sender.sweep().await.unwrap();
        let posted = both(&desk).await;
        assert_eq!(states(&desk, &posted).await, [DeliveryStatus::Accepted; 2]);
    }
}
