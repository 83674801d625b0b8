//! What a reply costs in calls of storage, and how it fares when others write at the same moment.

use std::sync::Arc;

use service::{
    inbound::{self, Arrival, Received, Trust},
    outgoing::deliveries::MailRecord,
};
use storage::{Item, Storage, Write, keys};
use tests::memory::Memory;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::desk::{Desk, NUMBER, SEAL, bia, mail};
use crate::sending::unreliable::Unreliable;

const MARIA: &str = "maria@example.com";

/// The mail under an id of its own.
fn arrival(desk: &Desk<Memory>, whole: &str) -> Arrival {
    Arrival {
        id: desk.next_id().parse().unwrap(),
        raw: [SEAL, whole].concat().into_bytes(),
        envelope: Vec::new(),
        trust: Trust::Ses,
    }
}

#[tokio::test]
async fn a_reply_is_two_reads_and_one_commit_and_a_third_read_where_a_mail_leads_to_its_message() {
    let desk = Desk::receiving().await;
    let store = Arc::new(Unreliable::new(desk.store.clone()));
    let mut app = desk.app.clone();
    app.store = store.clone();
    let record = MailRecord {
        ticket_id: NUMBER.clone(),
        message_id: Uuid::now_v7(),
        delivery_id: Uuid::now_v7(),
        attempt: 1,
    };
    let item = Item::new(keys::mail("0100018f-aaaa-000000"), "mail", &record).unwrap();
    desk.store.commit(vec![Write::put(item)]).await.unwrap();
    let answers = "In-Reply-To: <0100018f-aaaa-000000@email.amazonses.com>\r\n";
    for (header, calls) in [("", 3), (answers, 4)] {
        let text = format!("Já são {calls} dias.");
        let whole = mail(MARIA, &desk.reply_to(MARIA), header, &text);
        let received = inbound::receive(&app, arrival(&desk, &whole)).await;
        assert!(matches!(received, Ok(Received::Message { .. })));
        assert_eq!(store.calls(), calls);
    }
}

#[tokio::test]
async fn of_many_mails_at_once_none_is_lost_and_none_comes_twice() {
    let desk = Arc::new(Desk::receiving().await);
    let mut takers = JoinSet::new();
    for number in 0..9 {
        let whole = mail(MARIA, &desk.reply_to(MARIA), "", &format!("n {number}"));
        for arrival in [arrival(&desk, &whole), arrival(&desk, &whole)] {
            let app = desk.app.clone();
            // As Lambda does, until it is taken in.
            takers.spawn(async move {
                loop {
                    if let Ok(received) = inbound::receive(&app, arrival.clone()).await {
                        return received;
                    }
                }
            });
        }
    }
    let received = takers.join_all().await;
    let count = |wanted: fn(&Received) -> bool| received.iter().filter(|one| wanted(one)).count();
    assert_eq!(count(|one| matches!(one, Received::Message { .. })), 9);
    assert_eq!(count(|one| matches!(one, Received::Duplicate)), 9);
    assert_eq!(desk.conversation(&bia()).await.len(), 9);
}
