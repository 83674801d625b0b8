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

use super::transport::Act;
use crate::desk::{Desk, MARIA};

/// Posts one mail, which must be held under `code` and stay so.
async fn held(desk: &Desk, code: &str) -> Posted {
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Held, Some(code))
    );
    let before = desk.items(&posted).await;
    let report = desk.sender.sweep().await.unwrap();
    assert_eq!((report.accepted, report.held), (0, 0), "{code}");
    assert_eq!(desk.items(&posted).await, before, "a look writes nothing");
    posted
}

/// The next sweep must send what was held, the one after it nothing.
async fn flows(desk: &Desk, count: usize) {
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, count);
    assert_eq!(desk.sender.sweep().await.unwrap(), Default::default());
    assert_eq!(desk.transport.mails().len(), count);
}

#[tokio::test]
async fn the_kill_switch() {
    let desk = Desk::sending().await;
    desk.set(297, "S").await;
    held(&desk, "KILL_SWITCH").await;
    let more = 40;
    for number in 0..more {
        desk.send(&number.to_string()).await;
    }
    desk.set(297, "N").await;
    flows(&desk, more + 1).await;
}

#[tokio::test]
async fn no_template_chosen() {
    let desk = Desk::unconfigured(&[]).await;
    held(&desk, "TEMPLATE_NOT_SET").await;
    // The other direction's template does not help.
    let id = desk
        .template("mensageria", "${COMMENTTEXT}")
        .await
        .to_string();
    desk.set(253, &id).await;
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 0);
    desk.set(251, &id).await;
    flows(&desk, 1).await;
}

#[tokio::test]
async fn no_sender() {
    let desk = Desk::sending_with(&[("MAIL_FROM", "")]).await;
    held(&desk, "SENDER_NOT_SET").await;
    desk.set(10, "desk@mensageria.example").await;
    flows(&desk, 1).await;
}

/// Writes the published state of a template as no use case would let it be while it is in use.
async fn force(desk: &Desk, change: impl FnOnce(&mut serde_json::Value)) {
    let key = keys::template(TemplateId::FIRST);
    let mut item = desk
        .store
        .get(std::slice::from_ref(&key))
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    change(&mut item.data);
    let fresh = Item::new(key, "template", &item.data).unwrap();
    desk.store.commit(vec![Write::put(fresh)]).await.unwrap();
}

#[tokio::test]
async fn a_template_that_is_gone_inactive_or_invalid() {
    let desk = Desk::sending().await;
    force(&desk, |summary| summary["status"] = "inactive".into()).await;
    held(&desk, "TEMPLATE_INACTIVE").await;
    force(&desk, |summary| {
        summary["status"] = "active".into();
        summary["errors"] = 1.into();
    })
    .await;
    // What was held for the one reason is held for the other now.
    assert_eq!(desk.sender.sweep().await.unwrap().held, 1);
    held(&desk, "TEMPLATE_INVALID").await;
    desk.store
        .commit(vec![Write::delete(
            keys::template(TemplateId::FIRST),
            storage::Expect::Anything,
        )])
        .await
        .unwrap();
    assert_eq!(desk.sender.sweep().await.unwrap().held, 2);
    held(&desk, "TEMPLATE_MISSING").await;
    let other = desk.template("outro", "${COMMENTTEXT}").await;
    desk.set(417, &other.to_string()).await;
    flows(&desk, 3).await;
}

#[tokio::test]
async fn a_new_version_releases_what_an_invalid_one_held() {
    let desk = Desk::sending().await;
    force(&desk, |summary| summary["errors"] = 1.into()).await;
    let posted = held(&desk, "TEMPLATE_INVALID").await;
    desk.publish(TemplateId::FIRST, "mensageria", "<p>${COMMENTTEXT}</p>")
        .await;
    flows(&desk, 1).await;
    let sent = desk.delivery(&posted).await.mail.unwrap();
    assert_eq!(sent.template_version, 2);
}

#[tokio::test]
async fn a_suppressed_address_is_held_and_the_provider_not_asked() {
    let desk = Desk::sending().await;
    let origin = Origin {
        ticket_id: "1".parse().unwrap(),
        message_id: Uuid::nil(),
        delivery_id: Uuid::nil(),
    };
    let suppression =
        Suppression::new(&MARIA.into(), Cause::Bounce, Some(origin), None, desk.now());
    let entry = Item::new(
        keys::suppression(&suppression.address),
        "suppression",
        &suppression,
    )
    .unwrap();
    desk.store.commit(vec![Write::put(entry)]).await.unwrap();
    held(&desk, "SUPPRESSED").await;
    desk.ticket_of("2", "joao@example.com").await;
    desk.post_on("2", "Outro").await;
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1, "others go");
    assert_eq!(desk.transport.mails()[0].to.as_str(), "joao@example.com");
}

#[tokio::test]
async fn an_identity_that_is_not_verified_is_tried_again_by_itself() {
    let desk = Desk::sending().await;
    let refusal = || Outcome::Held {
        scope: transport::Scope::Mail,
        code: Reason::SenderNotVerified,
        after: Duration::from_secs(300),
        reason: "Email address is not verified".to_owned(),
    };
    desk.transport.to(MARIA, Some(refusal()));
    let (first, _) = desk.send("um").await;
    // In the sandbox it is the recipient who is not verified: others go.
    desk.ticket_of("2", "joao@example.com").await;
    let other = desk.post_on("2", "dois").await;
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.delivery(&other).await.status, DeliveryStatus::Accepted);
    desk.ticket_of("3", MARIA).await;
    let second = desk.post_on("3", "três").await;
    desk.sender.send_queued(desk.items(&second).await).await;
    let mut calls = desk.transport.mails().len();
    for minutes in [7, 13, 26, 51, 76] {
        desk.wait(SignedDuration::from_mins(minutes));
        assert_eq!(desk.sender.sweep().await.unwrap().held, 2, "{minutes}");
        calls += 2;
        assert_eq!(desk.sender.sweep().await.unwrap().held, 0, "no hot loop");
        assert_eq!(desk.transport.mails().len(), calls);
    }
    let delivery = desk.delivery(&first).await;
    assert_eq!(delivery.timeline.len(), 1, "one entry counts the looks");
    assert_eq!(delivery.timeline[0].times, 6);
    desk.transport.to(MARIA, None);
    desk.wait(SignedDuration::from_mins(90));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 2);
    assert_eq!(
        desk.delivery(&second).await.status,
        DeliveryStatus::Accepted
    );
}

#[tokio::test]
async fn a_quota_that_is_used_up_stops_everything_without_a_call() {
    let desk = Desk::sending().await;
    let quota = Outcome::Held {
        scope: transport::Scope::Account,
        code: Reason::OverQuota,
        after: Duration::from_secs(600),
        reason: "Daily message quota exceeded".to_owned(),
    };
    desk.transport.then(Act::Answer(quota.clone()));
    held(&desk, "OVER_QUOTA").await;
    for number in 0..5 {
        let (_, delivery) = desk.send(&number.to_string()).await;
        assert_eq!(
            (delivery.status, delivery.reason_code()),
            (DeliveryStatus::Held, Some("OVER_QUOTA"))
        );
        assert_eq!(delivery.attempts, 0);
    }
    assert_eq!(
        desk.transport.mails().len(),
        1,
        "one call found out for all"
    );
    // A new process knows it too.
    let other = desk.other_sender();
    let posted = desk.post("mais um").await;
    other.send_queued(desk.items(&posted).await).await;
    assert_eq!(desk.transport.mails().len(), 1);
    // After the time one mail tries, and not all of them.
    desk.wait(SignedDuration::from_mins(14));
    desk.transport.then(Act::Answer(quota));
    other.sweep().await.unwrap();
    assert_eq!(desk.transport.mails().len(), 2);
    desk.wait(SignedDuration::from_mins(30));
    assert_eq!(other.sweep().await.unwrap().accepted, 7);
    assert_eq!(desk.transport.mails().len(), 9);
}

#[tokio::test]
async fn a_stopped_account_leaves_everything_queued() {
    let desk = Desk::sending().await;
    let stop = Outcome::Stop {
        reason: "AccountSuspendedException".to_owned(),
    };
    desk.transport.to(MARIA, Some(stop));
    let (first, delivery) = desk.send("um").await;
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Queued, Some("SENDING_STOPPED"))
    );
    for number in 0..40 {
        desk.send(&number.to_string()).await;
    }
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.transport.mails().len(), 1);
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.sweep().await.unwrap();
    assert!(
        (1..=8).contains(&(desk.transport.mails().len() - 1)),
        "a few try, not all"
    );
    desk.transport.to(MARIA, None);
    desk.wait(SignedDuration::from_mins(6));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 41);
    assert_eq!(desk.delivery(&first).await.status, DeliveryStatus::Accepted);
}

#[tokio::test]
async fn a_provider_that_can_be_asked_is_asked_before_a_mail_tries_a_stopped_account() {
    let desk =
        Desk::sending_with(&[("MAIL_TRANSPORT", "ses"), ("CONFIGURATION_SET", "events")]).await;
    let stop = Outcome::Stop {
        reason: "SendingPausedException".to_owned(),
    };
    desk.transport.to(MARIA, Some(stop));
    desk.send("um").await;
    for number in 0..20 {
        desk.send(&number.to_string()).await;
    }
    assert_eq!(desk.transport.mails().len(), 1);
    // However long it stays so, no mail tries: not those of the stream, not those of the sweep.
    desk.transport.sends(false);
    for _ in 0..3 {
        desk.wait(SignedDuration::from_mins(6));
        desk.sender.sweep().await.unwrap();
        desk.send("mais um").await;
    }
    assert_eq!(desk.transport.mails().len(), 1);
    // It says that it sends, and one mail finds that it does not.
    desk.transport.sends(true);
    desk.wait(SignedDuration::from_mins(6));
    desk.sender.sweep().await.unwrap();
    let tried = desk.transport.mails().len() - 1;
    assert!((1..=3).contains(&tried), "{tried}");
    desk.transport.to(MARIA, None);
    desk.wait(SignedDuration::from_mins(6));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 24);
}

#[tokio::test]
async fn a_mail_that_was_under_way_when_the_account_stopped_says_nothing_of_it() {
    let desk = Desk::sending().await;
    desk.ticket_of("2", "rui@example.com").await;
    let (early, late) = (desk.post("um").await, desk.post_on("2", "dois").await);
    let (early, late) = (desk.items(&early).await, desk.items(&late).await);
    // The first call hangs; while it does, the account stops.
    let stop = Outcome::Stop {
        reason: "AccountSuspendedException".to_owned(),
    };
    desk.transport.to("rui@example.com", Some(stop));
    desk.transport.hang();
    let (one, other) = (desk.sender.clone(), desk.sender.clone());
    let first = tokio::spawn(async move { one.send_queued(early).await });
    desk.transport.called().await;
    desk.wait(SignedDuration::from_secs(1));
    let second = tokio::spawn(async move { other.send_queued(late).await });
    desk.transport.called().await;
    desk.wait(SignedDuration::from_secs(1));
    desk.transport.go_on();
    let _ = tokio::join!(first, second);
    let tried = desk.transport.mails().len();
    desk.send("três").await;
    assert_eq!(desk.transport.mails().len(), tried, "it is still stopped");
}

/// A server that takes no mail for one recipient stops nobody else, and health says what is wrong.
#[tokio::test]
async fn a_refused_account_is_told_by_health_and_stops_no_other_mail() {
    use domain::catalog::Language;
    use service::{access::Role, admin::readiness};
    let smtp = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", "smtp://localhost")];
    let desk = Desk::sending_with(&smtp).await;
    let smtp_account = async || {
        let admin = crate::desk::caller(Role::Admin);
        let found = readiness::look(&desk.app, &admin, Language::En)
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
    desk.transport.to(MARIA, Some(refusal));
    let (_, delivery) = desk.send("um").await;
    assert_eq!(delivery.reason_code(), Some("SMTP_AUTH"));
    let (ready, detail) = smtp_account().await;
    assert!(!ready && detail.contains("Relay access denied"), "{detail}");
    desk.ticket_of("2", "joao@example.com").await;
    desk.post_on("2", "dois").await;
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1, "others go");
    desk.transport.to(MARIA, None);
    desk.wait(SignedDuration::from_mins(10));
    desk.sender.sweep().await.unwrap();
    assert!(smtp_account().await.0);
}
