//! Loops end.

use jiff::SignedDuration;
use serde_json::json;

use super::world::{TICKET, World, accepted, quarantined};
use crate::http;

/// Mails that left for somebody.
fn mails_to(world: &World, who: &str) -> usize {
    let items = world.store.items();
    let deliveries = items.iter().filter(|item| item.entity == "delivery");
    deliveries
        .filter(|item| item.data["to"]["address"] == who)
        .count()
}

#[tokio::test]
async fn two_desks_that_answer_each_other_end_after_one_mail_each() {
    // Neither says that it is a machine; each answers every mail, most with a new number in it.
    let plain = |_| "Obrigado por seu contato.".to_owned();
    let protocol = |n| {
        format!("Recebemos seu contato às 10:{n:02} h. O protocolo é INC-{n}.\r\nNão responda.")
    };
    type Desk = fn(usize) -> String;
    for (number, (one, other)) in [
        (plain as Desk, protocol as Desk),
        (protocol as Desk, protocol as Desk),
    ]
    .into_iter()
    .enumerate()
    {
        let world = World::new().await;
        accepted(world.reply("maria@example.com", &one(0)).await);
        accepted(world.reply("bia@example.com", &other(0)).await);
        for n in 1..6 {
            // However slow they are.
            world.later(SignedDuration::from_mins(1 + 40 * i64::from(number == 1)));
            let again = world.reply("maria@example.com", &one(n)).await;
            assert_eq!(quarantined(again), "REPEATED");
            let again = world.reply("bia@example.com", &other(n)).await;
            assert_eq!(quarantined(again), "REPEATED");
        }
        assert_eq!(world.conversation(&http::bia()).await.len(), 2);
        for desk in ["maria@example.com", "bia@example.com"] {
            assert_eq!(mails_to(&world, desk), 1, "to {desk}");
        }
    }
}

#[tokio::test]
async fn a_machine_that_counts_ends_at_the_limit_and_people_go_on() {
    let world = World::new().await;
    for number in 0..5 {
        accepted(
            world
                .reply("maria@example.com", &format!("Protocolo {number}"))
                .await,
        );
    }
    let next = world.reply("maria@example.com", "Protocolo 5").await;
    assert_eq!(quarantined(next), "LOOP_LIMIT");
    // Others are not concerned, nor is she ten minutes later.
    accepted(world.reply("bia@example.com", "Protocolo 5").await);
    world.later(SignedDuration::from_secs(601));
    accepted(world.reply("maria@example.com", "Protocolo 6").await);
}

#[tokio::test]
async fn people_may_say_the_same_again() {
    let world = World::new().await;
    let maria = "maria@example.com";
    for _ in 0..2 {
        accepted(world.reply(maria, "Ok, obrigada!").await);
    }
    let same = "Continua sem funcionar aqui na sala.";
    accepted(world.reply(maria, same).await);
    assert_eq!(quarantined(world.reply(maria, same).await), "REPEATED");
    // To a person who wrote by hand it is an answer.
    let path = format!("/tickets/{TICKET}/messages");
    let body = json!({ "text": "E depois de reiniciar?" });
    let posted = world
        .desk
        .call(&http::bia(), "POST", &path, Some(body))
        .await;
    posted.expect(202);
    accepted(world.reply(maria, same).await);
    world.later(SignedDuration::from_mins(241));
    accepted(world.reply(maria, same).await);
}
