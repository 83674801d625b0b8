//! What holds a mail, under which code, and that it flows by itself when the obstacle is gone.

use std::time::Duration;

use domain::{
    delivery::DeliveryStatus,
    id::TemplateId,
    reason::Reason,
    suppression::{Cause, Origin, Suppression},
};
use jiff::SignedDuration;
use service::desk::messages::Posted;
use storage::{Item, Storage, Write, keys};
use transport::Outcome;

use uuid::Uuid;

use super::{
    transport::Act,
    world::{MARIA, World},
};

/// Posts one mail, which must be held under `code` and stay so.
async fn held(world: &World, code: &str) -> Posted {
    let (posted, delivery) = world.send("Olá").await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Held, Some(code))
    );
    let before = world.items(&posted).await;
    let report = world.sender.sweep().await.unwrap();
    assert_eq!((report.accepted, report.held), (0, 0), "{code}");
    assert_eq!(world.items(&posted).await, before, "a look writes nothing");
    posted
}

/// The next sweep must send what was held, the one after it nothing.
async fn flows(world: &World, count: usize) {
    assert_eq!(world.sender.sweep().await.unwrap().accepted, count);
    assert_eq!(world.sender.sweep().await.unwrap(), Default::default());
    assert_eq!(world.transport.mails().len(), count);
}

#[tokio::test]
async fn the_kill_switch() {
    let world = World::new().await;
    world.set(297, "S").await;
    held(&world, "KILL_SWITCH").await;
    let more = 40;
    for number in 0..more {
        world.send(&number.to_string()).await;
    }
    world.set(297, "N").await;
    flows(&world, more + 1).await;
}

#[tokio::test]
async fn no_template_chosen() {
    let world = World::bare(&[]).await;
    held(&world, "TEMPLATE_NOT_SET").await;
    // The other direction's template is no help.
    let id = world
        .template("mensageria", "${COMMENTTEXT}")
        .await
        .to_string();
    world.set(253, &id).await;
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 0);
    world.set(251, &id).await;
    flows(&world, 1).await;
}

#[tokio::test]
async fn no_sender() {
    let world = World::with(&[("MAIL_FROM", "")]).await;
    held(&world, "SENDER_NOT_SET").await;
    world.set(10, "desk@mensageria.example").await;
    flows(&world, 1).await;
}

/// Writes the published state of a template as no use case would let it be while it is in use.
async fn force(world: &World, change: impl FnOnce(&mut serde_json::Value)) {
    let key = keys::template(TemplateId::FIRST);
    let mut item = world
        .store
        .get(std::slice::from_ref(&key))
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    change(&mut item.data);
    let fresh = Item::new(key, "template", &item.data).unwrap();
    world.store.commit(vec![Write::put(fresh)]).await.unwrap();
}

#[tokio::test]
async fn a_template_that_is_gone_inactive_or_invalid() {
    let world = World::new().await;
    force(&world, |summary| summary["status"] = "inactive".into()).await;
    held(&world, "TEMPLATE_INACTIVE").await;
    force(&world, |summary| {
        summary["status"] = "active".into();
        summary["errors"] = 1.into();
    })
    .await;
    // What was held for the one reason is held for the other now.
    assert_eq!(world.sender.sweep().await.unwrap().held, 1);
    held(&world, "TEMPLATE_INVALID").await;
    world
        .store
        .commit(vec![Write::delete(
            keys::template(TemplateId::FIRST),
            storage::Expect::Anything,
        )])
        .await
        .unwrap();
    assert_eq!(world.sender.sweep().await.unwrap().held, 2);
    held(&world, "TEMPLATE_MISSING").await;
    let other = world.template("outro", "${COMMENTTEXT}").await;
    world.set(417, &other.to_string()).await;
    flows(&world, 3).await;
}

#[tokio::test]
async fn a_new_version_releases_what_an_invalid_one_held() {
    let world = World::new().await;
    force(&world, |summary| summary["errors"] = 1.into()).await;
    let posted = held(&world, "TEMPLATE_INVALID").await;
    world
        .publish(TemplateId::FIRST, "mensageria", "<p>${COMMENTTEXT}</p>")
        .await;
    flows(&world, 1).await;
    let sent = world.delivery(&posted).await.mail.unwrap();
    assert_eq!(sent.template_version, 2);
}

#[tokio::test]
async fn a_suppressed_address_is_held_and_the_provider_not_asked() {
    let world = World::new().await;
    let origin = Origin {
        ticket_id: "1".parse().unwrap(),
        message_id: Uuid::nil(),
        delivery_id: Uuid::nil(),
    };
    let suppression = Suppression::new(MARIA, Cause::Bounce, Some(origin), None, world.now());
    let entry = Item::new(keys::suppression(MARIA), "suppression", &suppression).unwrap();
    world.store.commit(vec![Write::put(entry)]).await.unwrap();
    held(&world, "SUPPRESSED").await;
    world.ticket("2", "joao@example.com").await;
    world.post_on("2", "Outro").await;
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 1, "others go");
    assert_eq!(world.transport.mails()[0].to.as_str(), "joao@example.com");
}

#[tokio::test]
async fn an_identity_that_is_not_verified_is_tried_again_by_itself() {
    let world = World::new().await;
    let refusal = || Outcome::Held {
        scope: transport::Scope::Mail,
        code: Reason::SenderNotVerified,
        after: Duration::from_secs(300),
        reason: "Email address is not verified".to_owned(),
    };
    world.transport.to(MARIA, Some(refusal()));
    let (first, _) = world.send("um").await;
    // In the sandbox it is the recipient who is not verified: others go.
    world.ticket("2", "joao@example.com").await;
    let other = world.post_on("2", "dois").await;
    world.sender.sweep().await.unwrap();
    assert_eq!(
        world.delivery(&other).await.status,
        DeliveryStatus::Accepted
    );
    world.ticket("3", MARIA).await;
    let second = world.post_on("3", "três").await;
    world.sender.send_queued(world.items(&second).await).await;
    let mut calls = world.transport.mails().len();
    for minutes in [7, 13, 26, 51, 76] {
        world.wait(SignedDuration::from_mins(minutes));
        assert_eq!(world.sender.sweep().await.unwrap().held, 2, "{minutes}");
        calls += 2;
        assert_eq!(world.sender.sweep().await.unwrap().held, 0, "no hot loop");
        assert_eq!(world.transport.mails().len(), calls);
    }
    let delivery = world.delivery(&first).await;
    assert_eq!(delivery.timeline.len(), 1, "one entry counts the looks");
    assert_eq!(delivery.timeline[0].times, 6);
    world.transport.to(MARIA, None);
    world.wait(SignedDuration::from_mins(90));
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 2);
    assert_eq!(
        world.delivery(&second).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn a_quota_that_is_used_up_stops_everything_without_a_call() {
    let world = World::new().await;
    let quota = Outcome::Held {
        scope: transport::Scope::Account,
        code: Reason::OverQuota,
        after: Duration::from_secs(600),
        reason: "Daily message quota exceeded".to_owned(),
    };
    world.transport.then(Act::Answer(quota.clone()));
    held(&world, "OVER_QUOTA").await;
    for number in 0..5 {
        let (_, delivery) = world.send(&number.to_string()).await;
        assert_eq!(
            (delivery.status, delivery.reason_code()),
            (DeliveryStatus::Held, Some("OVER_QUOTA"))
        );
        assert_eq!(delivery.attempts, 0);
    }
    assert_eq!(
        world.transport.mails().len(),
        1,
        "one call found out for all"
    );
    // A new process knows it too.
    let other = world.other_sender();
    let posted = world.post("mais um").await;
    other.send_queued(world.items(&posted).await).await;
    assert_eq!(world.transport.mails().len(), 1);
    // After the time one mail tries, and not all of them.
    world.wait(SignedDuration::from_mins(14));
    world.transport.then(Act::Answer(quota));
    other.sweep().await.unwrap();
    assert_eq!(world.transport.mails().len(), 2);
    world.wait(SignedDuration::from_mins(30));
    assert_eq!(other.sweep().await.unwrap().accepted, 7);
    assert_eq!(world.transport.mails().len(), 9);
}

#[tokio::test]
async fn a_stopped_account_leaves_everything_queued() {
    let world = World::new().await;
    let stop = Outcome::Stop {
        reason: "AccountSuspendedException".to_owned(),
    };
    world.transport.to(MARIA, Some(stop));
    let (first, delivery) = world.send("um").await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Queued, Some("SENDING_STOPPED"))
    );
    for number in 0..40 {
        world.send(&number.to_string()).await;
    }
    world.sender.sweep().await.unwrap();
    assert_eq!(world.transport.mails().len(), 1);
    world.wait(SignedDuration::from_mins(6));
    world.sender.sweep().await.unwrap();
    assert!(
        (1..=8).contains(&(world.transport.mails().len() - 1)),
        "a few try, not all"
    );
    world.transport.to(MARIA, None);
    world.wait(SignedDuration::from_mins(6));
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 41);
    assert_eq!(
        world.delivery(&first).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn a_provider_that_can_be_asked_is_asked_before_a_mail_tries_a_stopped_account() {
    let world = World::with(&[("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")]).await;
    let stop = Outcome::Stop {
        reason: "SendingPausedException".to_owned(),
    };
    world.transport.to(MARIA, Some(stop));
    world.send("um").await;
    for number in 0..20 {
        world.send(&number.to_string()).await;
    }
    assert_eq!(world.transport.mails().len(), 1);
    // However long it stays so, no mail tries: not those of the stream, not those of the sweep.
    world.transport.sends(false);
    for _ in 0..3 {
        world.wait(SignedDuration::from_mins(6));
        world.sender.sweep().await.unwrap();
        world.send("mais um").await;
    }
    assert_eq!(world.transport.mails().len(), 1);
    // It says that it sends, and one mail finds that it does not.
    world.transport.sends(true);
    world.wait(SignedDuration::from_mins(6));
    world.sender.sweep().await.unwrap();
    let tried = world.transport.mails().len() - 1;
    assert!((1..=3).contains(&tried), "{tried}");
    world.transport.to(MARIA, None);
    world.wait(SignedDuration::from_mins(6));
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 24);
}

#[tokio::test]
async fn a_mail_that_was_under_way_when_the_account_stopped_says_nothing_of_it() {
    let world = World::new().await;
    world.ticket("2", "rui@example.com").await;
    let (early, late) = (world.post("um").await, world.post_on("2", "dois").await);
    let (early, late) = (world.items(&early).await, world.items(&late).await);
    // The first call hangs; while it does, the account stops.
    let stop = Outcome::Stop {
        reason: "AccountSuspendedException".to_owned(),
    };
    world.transport.to("rui@example.com", Some(stop));
    world.transport.hang();
    let (one, other) = (world.sender.clone(), world.sender.clone());
    let first = tokio::spawn(async move { one.send_queued(early).await });
    world.transport.called().await;
    world.wait(SignedDuration::from_secs(1));
    let second = tokio::spawn(async move { other.send_queued(late).await });
    world.transport.called().await;
    world.wait(SignedDuration::from_secs(1));
    world.transport.go_on();
    let _ = tokio::join!(first, second);
    let tried = world.transport.mails().len();
    world.send("três").await;
    assert_eq!(world.transport.mails().len(), tried, "it is still stopped");
}

/// A server that takes no mail for one recipient stops nobody else, and health says what is wrong.
#[tokio::test]
async fn a_refused_account_is_told_by_health_and_stops_no_other_mail() {
    use domain::catalog::Language;
    use service::{access::Role, admin::readiness};
    let smtp = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", "smtp://localhost")];
    let world = World::with(&smtp).await;
    let smtp_account = async || {
        let admin = super::world::caller(Role::Admin);
        let found = readiness::look(&world.app, &admin, Language::En)
            .await
            .unwrap();
        let check = found
            .checks
            .into_iter()
            .find(|check| check.id == "smtp_account");
        (found.ready, check.unwrap().detail)
    };
    assert!(smtp_account().await.0);
    let refusal = Outcome::Held {
        code: Reason::SmtpAuth,
        after: Duration::from_secs(300),
        scope: transport::Scope::Mail,
        reason: "554 5.7.1 Relay access denied".to_owned(),
    };
    world.transport.to(MARIA, Some(refusal));
    let (_, delivery) = world.send("um").await;
    assert_eq!(delivery.reason_code(), Some("SMTP_AUTH"));
    let (ready, detail) = smtp_account().await;
    assert!(!ready && detail.contains("Relay access denied"), "{detail}");
    world.ticket("2", "joao@example.com").await;
    world.post_on("2", "dois").await;
    assert_eq!(world.sender.sweep().await.unwrap().accepted, 1, "others go");
    world.transport.to(MARIA, None);
    world.wait(SignedDuration::from_mins(10));
    world.sender.sweep().await.unwrap();
    assert!(smtp_account().await.0);
}
