//! Loops end.

use jiff::SignedDuration;
use serde_json::json;

use crate::desk;
use crate::desk::{Desk, TICKET, accepted, quarantined};

/// What a desk that answers every mail by itself writes the nth time.
type Answers = fn(usize) -> String;

/// Lets two desks answer every mail that they get, this much later; how many mails each got.
async fn answering(maria: Answers, bia: Answers, later: SignedDuration) -> [usize; 2] {
    let desk = Desk::receiving().await;
    let desks = [("maria@example.com", maria), ("bia@example.com", bia)];
    accepted(desk.reply(desks[0].0, &maria(0)).await);
    let mut got = [0, 0];
    // Without an end it goes on and on.
    for _ in 0..50 {
        desk.wait(later);
        let items = desk.store.items();
        let deliveries = || items.iter().filter(|item| item.entity == "delivery");
        let mails = desks.map(|(who, _)| {
            deliveries()
                .filter(|item| item.data["to"]["address"] == who)
                .count()
        });
        for (place, (who, says)) in desks.into_iter().enumerate() {
            while got[place] < mails[place] {
                got[place] += 1;
                desk.reply(who, &says(got[place])).await;
            }
        }
    }
    got
}

#[tokio::test]
async fn two_desks_that_answer_each_other_get_one_mail_each() {
    // Neither says that it is a machine; one always says the same, one has a new number each time.
    let plain: Answers = |_| "Obrigado por seu contato.".to_owned();
    let protocol: Answers = |n| {
        format!("Recebemos seu contato às 10:{n:02} h. O protocolo é INC-{n}.\r\nNão responda.")
    };
    for (maria, bia) in [(plain, plain), (plain, protocol), (protocol, protocol)] {
        for minutes in [0, 1, 100] {
            let later = SignedDuration::from_mins(minutes);
            assert_eq!(answering(maria, bia, later).await, [1, 1], "{minutes}");
        }
    }
}

#[tokio::test]
async fn desks_that_never_repeat_themselves_end_at_the_limit() {
    let other: Answers = |n| "nova resposta ".repeat(n + 2);
    let mails = answering(other, other, SignedDuration::from_secs(5)).await;
    assert!(mails.into_iter().all(|got| got <= 5), "{mails:?}");
}

#[tokio::test]
async fn machines_that_never_repeat_themselves_end_at_the_limit_and_people_go_on() {
    let desk = Desk::receiving().await;
    let (maria, bia) = ("maria@example.com", "bia@example.com");
    for number in 0..5 {
        accepted(desk.reply(maria, &format!("Protocolo {number}")).await);
        accepted(desk.reply(bia, &format!("Número {number}")).await);
    }
    let next = desk.reply(maria, "Protocolo 5").await;
    assert_eq!(quarantined(next), "LOOP_LIMIT");
    // Others are not concerned, nor is she ten minutes later.
    accepted(desk.reply("fabio@example.com", "Protocolo 5").await);
    desk.wait(SignedDuration::from_secs(601));
    accepted(desk.reply(maria, "Protocolo 6").await);
}

#[tokio::test]
async fn people_may_write_many_mails_in_a_row() {
    let desk = Desk::receiving().await;
    for number in 0..30 {
        let text = format!("E mais uma coisa, a de número {}.", number % 3);
        accepted(desk.reply("maria@example.com", &text).await);
    }
    assert_eq!(desk.conversation(&desk::bia()).await.len(), 30);
}

#[tokio::test]
async fn people_may_say_the_same_again() {
    let desk = Desk::receiving().await;
    let (maria, bia) = ("maria@example.com", "bia@example.com");
    let same = "Continua sem funcionar aqui na sala.";
    for number in 0..2 {
        accepted(desk.reply(maria, "Ok, obrigada!").await);
        accepted(desk.reply(bia, &format!("Verifiquei {number}.")).await);
    }
    accepted(desk.reply(maria, same).await);
    accepted(desk.reply(bia, "Verifiquei outra vez.").await);
    assert_eq!(quarantined(desk.reply(maria, same).await), "REPEATED");
    // To a person who wrote by hand it is an answer.
    let path = format!("/tickets/{TICKET}/messages");
    let body = json!({ "text": "E depois de reiniciar?" });
    let bias = desk::bia();
    let posted = desk.call(&bias, "POST", &path, Some(body)).await;
    posted.expect(202);
    accepted(desk.reply(maria, same).await);
}
