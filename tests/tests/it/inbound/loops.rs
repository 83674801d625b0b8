//! Loops end.

use jiff::SignedDuration;

use super::world::{World, accepted, ignored};
use crate::http;

#[tokio::test]
async fn two_desks_that_answer_each_other_end_after_one_mail_each() {
    let world = World::new().await;
    // Neither says that it is a machine; each answers every mail with the same words.
    let (maria, bia) = ("Seu chamado foi recebido.", "Obrigado por seu contato.");
    accepted(world.reply("maria@example.com", maria).await);
    accepted(world.reply("bia@example.com", bia).await);
    for _ in 0..5 {
        world.later(SignedDuration::from_secs(5));
        let again = world
            .reply("maria@example.com", "Seu chamado\r\nfoi recebido.")
            .await;
        assert_eq!(ignored(again), "REPEATED");
        assert_eq!(
            ignored(world.reply("bia@example.com", bia).await),
            "REPEATED"
        );
    }
    assert_eq!(world.conversation(&http::bia()).await.len(), 2);
    let deliveries: Vec<_> = world
        .store
        .items()
        .into_iter()
        .filter(|item| item.entity == "delivery")
        .map(|item| item.data["to"]["address"].clone())
        .collect();
    for desk in ["maria@example.com", "bia@example.com"] {
        let mails = deliveries.iter().filter(|to| *to == desk).count();
        assert_eq!(mails, 1, "to {desk}");
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
    assert_eq!(ignored(next), "LOOP_LIMIT");
    // Others are not concerned, nor is she ten minutes later.
    accepted(world.reply("bia@example.com", "Protocolo 5").await);
    world.later(SignedDuration::from_secs(601));
    accepted(world.reply("maria@example.com", "Protocolo 6").await);
}

#[tokio::test]
async fn people_may_say_the_same_again_later() {
    let world = World::new().await;
    accepted(world.reply("maria@example.com", "Ok").await);
    world.later(SignedDuration::from_mins(16));
    accepted(world.reply("maria@example.com", "Ok").await);
}
