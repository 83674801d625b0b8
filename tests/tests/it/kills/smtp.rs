//! Mails through an SMTP server that misbehaves in every way: none accepted twice, none lost.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::delivery::{Delivery, DeliveryStatus};
use jiff::SignedDuration;
use service::outgoing::sending::{Options, Sender};
use tests::smtp::{At, Server, Way};
use transport::{
    Transport as _,
    smtp::{Patience, Smtp},
};

use crate::desk::Desk;

/// Mails without `FAULT_MAILS`; with it, a tenth as many.
const MAILS: usize = 60;

fn way() -> Way {
    let say = |at, text: &[u8]| Way::Say(at, text.to_vec());
    let long = format!("250 {}", "x".repeat(3000));
    let ways = [
        Way::Well,
        Way::Well,
        say(At::Banner, b"220 caf\xe9"),
        say(At::Banner, b"421 4.3.2 too busy"),
        say(At::Banner, b"no server"),
        say(At::Hello, b"502 5.5.1 what?"),
        say(At::Mail, b"451 4.3.0 later"),
        say(At::Mail, b"530 5.7.0 Authentication required"),
        say(At::Recipient, b"450 4.2.0 greylisted"),
        say(At::Recipient, b"554 5.7.1 Relay access denied"),
        say(At::Recipient, b"553 5.7.1 Sender address rejected"),
        say(At::Text, b"452 4.3.1 disk full"),
        say(At::Text, b"250 aceito \xe7"),
        say(At::Text, long.as_bytes()),
        Way::Slow(At::Banner, Duration::from_millis(20)),
        Way::Slow(At::Text, Duration::from_millis(20)),
        Way::Cut(At::Banner),
        Way::Cut(At::Mail),
        Way::Cut(At::Data),
        Way::Cut(At::Text),
        Way::CutWithin(3),
    ];
    ways[fastrand::usize(..ways.len())].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_smtp_server_that_misbehaves_takes_every_mail_once() {
    let mails = std::env::var("FAULT_MAILS")
        .ok()
        .and_then(|text| text.parse().ok());
    let mails = mails.map_or(MAILS, |mails: usize| mails.div_ceil(10));
    let desk = Desk::sending().await;
    let server = Server::start(|_| way()).await.unwrap();
    let smtp = Smtp::from_url(&server.url, Patience::STANDARD).unwrap();
    let options = Options::default().lasting(smtp.longest_call());
    let sender = Sender::with_options(desk.app.clone(), Arc::new(smtp), options);
    let mut posted = Vec::new();
    for number in 0..mails {
        let ticket = format!("T{}", number % 20);
        if number < 20 {
            let requester = format!("person{number}@example.com");
            desk.ticket_of(&ticket, &requester).await;
        }
        posted.push(desk.post_on(&ticket, &format!("number-{number}-end")).await);
    }
    let mut ended = BTreeMap::new();
    for _ in 0..400 {
        sender.sweep().await.unwrap();
        desk.wait(SignedDuration::from_mins(10));
        ended.clear();
        for one in &posted {
            let delivery: Delivery = desk.delivery(one).await;
            *ended
                .entry(format!("{:?}", delivery.status))
                .or_insert(0_usize) += 1;
        }
        let open = ["Queued", "Sending", "Held"];
        if open.iter().all(|status| !ended.contains_key(*status)) {
            break;
        }
    }
    let taken = server.taken();
    let text = |number: usize| format!("number-{number}-end").into_bytes();
    let (mut twice, mut lost) = (0, 0);
    for (number, one) in posted.iter().enumerate() {
        let wanted = text(number);
        let found = |text: &[u8]| text.windows(wanted.len()).any(|part| part == wanted);
        let times = taken.iter().filter(|mail| found(&mail.text)).count();
        let status = desk.delivery(one).await.status;
        twice += usize::from(times > 1);
        // One whose outcome nobody saw is for people to look at.
        let gone = times == 0 && status != DeliveryStatus::Unknown;
        lost += usize::from(gone || status == DeliveryStatus::Failed);
    }
    println!("{mails} mails over SMTP: {ended:?}; accepted twice: {twice}, lost: {lost}");
    assert_eq!((twice, lost), (0, 0), "{ended:?}");
    assert_eq!(
        ended.values().sum::<usize>(),
        ended.get("Accepted").unwrap_or(&0) + ended.get("Unknown").unwrap_or(&0),
        "{ended:?}"
    );
}
