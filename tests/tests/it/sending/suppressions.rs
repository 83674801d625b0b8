//! Who is written to no more, and what ends it.

use std::sync::Arc;

use domain::{delivery::DeliveryStatus, reason::Reason, suppression::Cause};
use fake_ses::FakeSes;
use jiff::SignedDuration;
use mail::ses_event::{BounceType, Happening};
use serde_json::json;
use service::{
    Code,
    access::{Caller, Role},
    admin::suppressions,
    feedback::{self, Applied},
    outgoing::{resend, sending::Sender},
};
use transport::Outcome;

use super::feedback::ALL;
use super::feedback::SES;
use super::feedback::bounce;
use super::feedback::complaint;
use super::feedback::conversation;
use super::feedback::delayed;
use super::feedback::delivered;
use super::feedback::tell;
use super::feedback::told;
use crate::desk::{Desk, MARIA, NUMBER, TICKET, admin, bia, caller, maria};
use crate::logged::Logged;
use crate::transport::call;
use crate::transport::ses::ses;

#[tokio::test]
async fn bounces_and_complaints_suppress_the_address() {
    for (happening, cause, status) in [
        (
            bounce(BounceType::Permanent),
            Some(Cause::Bounce),
            DeliveryStatus::Bounced,
        ),
        (
            complaint(),
            Some(Cause::Complaint),
            DeliveryStatus::Complained,
        ),
        (bounce(BounceType::Transient), None, DeliveryStatus::Bounced),
        (
            bounce(BounceType::Undetermined),
            None,
            DeliveryStatus::Bounced,
        ),
        (
            Happening::Reject {
                reason: "Bad content".to_owned(),
            },
            None,
            DeliveryStatus::Rejected,
        ),
        (delayed(), None, DeliveryStatus::Delayed),
    ] {
        let desk = Desk::sending_with(SES).await;
        let (_, delivery) = desk.send("Olá").await;
        assert_eq!(
            tell(&desk, &delivery, &happening).await,
            Applied::Changed(status),
            "{happening:?}"
        );
        let list = suppressions::list(&desk.app, &caller(Role::Admin), 25, None)
            .await
            .unwrap()
            .into_items();
        assert_eq!(
            list.first().map(|suppression| suppression.cause),
            cause,
            "{happening:?}"
        );
        if let Some(suppression) = list.first() {
            assert_eq!(
                (
                    suppression.address.as_str(),
                    suppression.origin.as_ref().map(|origin| origin.delivery_id)
                ),
                (MARIA, Some(delivery.id))
            );
            let (_, next) = desk.send("de novo").await;
            assert_eq!(next.reason_code(), Some("SUPPRESSED"));
        }
    }
}

#[tokio::test]
async fn three_transient_bounces_within_seven_days_suppress_for_two_weeks() {
    let desk = Desk::sending_with(SES).await;
    for round in 0..3 {
        let (_, delivery) = desk.send(&format!("{round}")).await;
        assert_eq!(delivery.status, DeliveryStatus::Accepted, "{round}");
        tell(&desk, &delivery, &bounce(BounceType::Transient)).await;
        tell(&desk, &delivery, &bounce(BounceType::Transient)).await;
        desk.wait(SignedDuration::from_hours(48));
    }
    let (held, delivery) = desk.send("retido").await;
    assert_eq!(delivery.reason_code(), Some("SUPPRESSED"));
    desk.wait(SignedDuration::from_hours(13 * 24));
    let report = desk.sender.sweep().await.unwrap();
    assert_eq!(
        (report.released, report.accepted),
        (1, 1),
        "it ends by itself"
    );
    assert_eq!(desk.delivery(&held).await.status, DeliveryStatus::Accepted);
    desk.wait(SignedDuration::from_mins(20));
    desk.sender.sweep().await.unwrap();
    let list = suppressions::list(&desk.app, &caller(Role::Admin), 25, None)
        .await
        .unwrap()
        .into_items();
    assert!(list.is_empty());
}

#[tokio::test]
async fn a_lifted_suppression_lets_go_what_it_held() {
    let desk = Desk::sending_with(SES).await;
    let admin = caller(Role::Admin);
    let (_, delivery) = desk.send("Olá").await;
    tell(&desk, &delivery, &complaint()).await;
    let (held, _) = desk.send("retido").await;
    desk.wait(SignedDuration::from_hours(24 * 300));
    assert_eq!(
        desk.sender.sweep().await.unwrap().released,
        0,
        "a complaint does not end"
    );
    for (address, reason, code) in [
        (MARIA, " ", Code::Invalid),
        ("other@example.com", "x", Code::NotFound),
        ("no address", "x", Code::NotFound),
    ] {
        let error = suppressions::lift(&desk.app, &admin, address, reason)
            .await
            .unwrap_err();
        assert_eq!(error.code, code, "{address}");
    }
    let error = suppressions::lift(&desk.app, &caller(Role::Technician), MARIA, "x")
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::Forbidden);
    suppressions::lift(&desk.app, &admin, "MARIA@Example.com", "ligou e pediu")
        .await
        .unwrap();
    assert_eq!(
        suppressions::lift(&desk.app, &admin, MARIA, "x")
            .await
            .unwrap_err()
            .code,
        Code::NotFound
    );
    let report = desk.sender.sweep().await.unwrap();
    assert_eq!((report.released, report.accepted), (1, 1));
    assert_eq!(desk.delivery(&held).await.status, DeliveryStatus::Accepted);
    // A late repetition of the event is known; a new complaint suppresses again.
    tell(&desk, &delivery, &complaint()).await;
    let (_, next) = desk.send("vai").await;
    assert_eq!(next.status, DeliveryStatus::Accepted);
    tell(&desk, &next, &complaint()).await;
    assert_eq!(
        desk.send("não vai").await.1.reason_code(),
        Some("SUPPRESSED")
    );
}

#[tokio::test]
async fn a_test_mail_that_bounces_suppresses_its_address_like_any_other() {
    let admin = caller(Role::Admin);
    let undetermined = bounce(BounceType::Undetermined);
    for (happening, cause) in [
        (bounce(BounceType::Permanent), Some(Cause::Bounce)),
        (complaint(), Some(Cause::Complaint)),
        (bounce(BounceType::Transient), None),
        (undetermined, None),
        (delivered(), None),
    ] {
        let desk = Desk::sending_with(SES).await;
        let (_, mut delivery) = desk.send("Olá").await;
        // A test mail has tags, but no delivery: whoever made the tags up names a ticket of ours.
        delivery.id = uuid::Uuid::now_v7();
        delivery.message_id = uuid::Uuid::nil();
        let mut event = told(&delivery, &happening, desk.now(), ALL);
        event["detail"]["mail"]["tags"]["kind"] = json!(["test"]);
        desk.store.calls();
        for _ in 0..3 {
            feedback::apply(&desk.app, &event).await.unwrap();
        }
        // Three for the first, one for each that repeats it: no delivery is looked for.
        assert!(desk.store.calls() <= 5, "{happening:?}");
        let list = suppressions::list(&desk.app, &admin, 25, None)
            .await
            .unwrap()
            .into_items();
        let causes: Vec<_> = list
            .iter()
            .map(|one| (one.address.as_str(), one.cause))
            .collect();
        assert_eq!(
            causes,
            Vec::from_iter(cause.map(|cause| (MARIA, cause))),
            "{happening:?}"
        );
        assert!(list.iter().all(|one| one.origin.is_none()));
        assert_eq!(conversation(&desk).await.len(), 1, "no ticket is told");
        let held = desk.send("de novo").await.1.status == DeliveryStatus::Held;
        assert_eq!(held, cause.is_some());
        // Mail that is not ours says nothing to us.
        event["detail"]["mail"]["tags"]["kind"] = json!(["newsletter"]);
        let foreign = feedback::apply(&desk.app, &event).await.unwrap();
        assert_eq!(foreign, Applied::Foreign);
    }
}

#[tokio::test]
async fn what_is_lifted_is_taken_off_the_list_of_the_provider_first() {
    let desk = Desk::sending_with(SES).await;
    let (_, delivery) = desk.send("Olá").await;
    tell(&desk, &delivery, &complaint()).await;
    // Bia is told.
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    let (held, _) = desk.send("retido").await;
    suppressions::lift(&desk.app, &caller(Role::Admin), MARIA, "ligou e pediu")
        .await
        .unwrap();
    desk.transport.keep_on_list(true);
    for _ in 0..3 {
        let report = desk.sender.sweep().await.unwrap();
        assert_eq!((report.released, report.accepted), (0, 0));
    }
    assert_eq!(desk.delivery(&held).await.status, DeliveryStatus::Held);
    assert_eq!(
        desk.transport.unsuppressed(),
        [MARIA; 3],
        "each run tries again"
    );
    desk.transport.keep_on_list(false);
    let report = desk.sender.sweep().await.unwrap();
    assert_eq!((report.released, report.accepted), (1, 1));
    // What is done is not asked for again, and what ends by itself is done the same way.
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.transport.unsuppressed().len(), 4);
    tell(
        &desk,
        &desk.send("outra").await.1,
        &bounce(BounceType::Permanent),
    )
    .await;
    desk.wait(SignedDuration::from_hours(24 * 181));
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.transport.unsuppressed().len(), 5);
}

/// SES keeps an address as it was sent to, and its list tells `Maria@` from `maria@`.
#[tokio::test]
async fn every_spelling_that_mail_went_to_is_taken_off_the_providers_list() {
    let desk = Desk::sending_with(SES).await;
    let fake = FakeSes::start().await.unwrap();
    let sender = Sender::new(desk.app.clone(), Arc::new(ses(&fake.url())));
    let spellings = ["Maria@example.com", "MARIA@example.com"];
    let mut sent = Vec::new();
    for (ticket, spelling) in ["2", "3"].into_iter().zip(spellings) {
        desk.ticket_of(ticket, spelling).await;
        let posted = desk.post_on(ticket, "Olá").await;
        sender.send_queued(desk.items(&posted).await).await;
        sent.push(desk.delivery(&posted).await);
    }
    let path = "/v2/email/suppression/addresses";
    for (delivery, spelling) in sent.iter().zip(spellings) {
        let body = format!(r#"{{"EmailAddress": "{spelling}", "Reason": "COMPLAINT"}}"#);
        call(&fake.url(), "PUT", path, &body).await;
        assert_eq!(
            tell(&desk, delivery, &complaint()).await,
            Applied::Changed(DeliveryStatus::Complained)
        );
    }
    assert_eq!(sender.sweep().await.unwrap().accepted, 2, "Bia is told");
    let held = desk.post_on("2", "de novo").await;
    sender.send_queued(desk.items(&held).await).await;
    assert_eq!(desk.delivery(&held).await.status, DeliveryStatus::Held);
    suppressions::lift(&desk.app, &caller(Role::Admin), MARIA, "ligou e pediu")
        .await
        .unwrap();
    let report = sender.sweep().await.unwrap();
    assert_eq!((report.released, report.accepted), (1, 1));
    assert!(fake.state().with(|inner| inner.suppressed.is_empty()));
    let mails = fake.mails();
    assert_eq!(mails.last().unwrap().to, ["Maria@example.com"]);
}

/// What a suppression held leaves one by one until an outcome shows that the address takes mail.
#[tokio::test]
async fn of_what_was_held_one_leaves_first_and_the_rest_after_its_outcome() {
    let desk = Desk::sending_with(SES).await;
    let bounced = bounce(BounceType::Permanent);
    tell(&desk, &desk.send("Olá").await.1, &bounced).await;
    desk.sender.sweep().await.unwrap();
    let mut held = Vec::new();
    for number in 0..5 {
        held.push(desk.send(&number.to_string()).await.0);
    }
    let lift = async || {
        suppressions::lift(&desk.app, &caller(Role::Admin), MARIA, "pediu")
            .await
            .unwrap();
    };
    lift().await;
    for (sweep, accepted) in [1, 0, 0].into_iter().enumerate() {
        let report = desk.sender.sweep().await.unwrap();
        assert_eq!(report.accepted, accepted, "{sweep}");
    }
    // It bounces again: the others stay where they are.
    tell(&desk, &desk.delivery(&held[0]).await, &bounced).await;
    desk.sender.sweep().await.unwrap();
    for one in &held[1..] {
        assert_eq!(desk.delivery(one).await.status, DeliveryStatus::Held);
    }
    // The next time it arrives, and they follow.
    lift().await;
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 0);
    let first = desk.delivery(&held[1]).await;
    tell(&desk, &first, &delivered()).await;
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 3);
}

#[tokio::test]
async fn what_was_lifted_while_the_clock_was_ahead_leaves_when_it_is_right_again() {
    let desk = Desk::sending_with(SES).await;
    tell(
        &desk,
        &desk.send("Olá").await.1,
        &bounce(BounceType::Permanent),
    )
    .await;
    let (posted, held) = desk.send("de novo").await;
    assert_eq!(held.reason_code(), Some("SUPPRESSED"));
    let ahead = SignedDuration::from_hours(3);
    desk.wait(ahead);
    suppressions::lift(&desk.app, &caller(Role::Admin), MARIA, "pediu")
        .await
        .unwrap();
    desk.wait(-ahead);
    desk.sender.sweep().await.unwrap();
    let status = desk.delivery(&posted).await.status;
    assert_eq!(status, DeliveryStatus::Accepted);
}

/// What a person does about a mail, and what a provider says of it, is logged without an address.
#[tokio::test]
async fn no_line_about_a_mail_holds_an_address() {
    let (logged, _guard) = Logged::here();
    let desk = Desk::sending_with(SES).await;
    let person = |role| Caller {
        sub: "ana@example.com".to_owned(),
        ..caller(role)
    };
    let (posted, delivery) = desk.send("Olá").await;
    tell(&desk, &delivery, &bounce(BounceType::Permanent)).await;
    let (_, held) = desk.send("de novo").await;
    assert_eq!(held.reason_code(), Some("SUPPRESSED"));
    suppressions::lift(&desk.app, &person(Role::Admin), MARIA, "corrigido")
        .await
        .unwrap();
    let admin = person(Role::Admin);
    resend::delivery(&desk.app, &admin, &NUMBER, posted.id, delivery.id, None)
        .await
        .unwrap();
    let refused = Outcome::Refused {
        code: Reason::Rejected,
        // As transports give it: masked.
        reason: "550 <b***@example.com> unknown".to_owned(),
    };
    desk.transport.to("bia@example.com", Some(refused));
    let posted = desk.post_as_requester("Oi").await;
    desk.sender.send_queued(desk.items(&posted).await).await;
    desk.sender.sweep().await.unwrap();
    let lines = logged.lines();
    for told in [
        "a suppression was lifted",
        "sent again on request",
        "mail failed",
    ] {
        assert!(
            lines.iter().any(|line| line.contains(told)),
            "{told} {lines:#?}"
        );
    }
    let leaks = lines
        .iter()
        .filter(|line| line.replace("***@", "").contains('@'));
    let leaks: Vec<_> = leaks.collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[tokio::test]
async fn an_address_is_suppressed_by_hand_found_told_on_its_tickets_and_lifted() {
    let desk = Desk::sending_with(SES).await;
    let add = async |body: serde_json::Value| {
        desk.call(&admin(), "POST", "/suppressions", Some(body))
            .await
    };
    let wrong = add(json!({"address": "no address", "reason": " "}))
        .await
        .expect(422);
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 2);
    let made = add(json!({"address": "MARIA@example.com", "reason": "pediu"}))
        .await
        .expect(201);
    assert_eq!(
        (&made["cause"], &made["address"]),
        (&json!("manual"), &json!(MARIA))
    );
    assert_eq!(made["added"]["by_name"], "admin");
    add(json!({"address": MARIA, "reason": "de novo"}))
        .await
        .expect(200);
    assert_eq!(desk.send("Olá").await.1.reason_code(), Some("SUPPRESSED"));
    for (q, found) in [("maria", 1), ("MARIA@", 1), ("rui", 0)] {
        let page = desk
            .call(&admin(), "GET", &format!("/suppressions?q={q}"), None)
            .await
            .expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{q}");
    }
    let path = format!("/suppressions/{MARIA}");
    let one = desk.call(&admin(), "GET", &path, None).await.expect(200);
    assert_eq!(
        (&one["holds"], &one["holds_more"]),
        (&json!(1), &json!(false))
    );
    let ticket = format!("/tickets/{TICKET}");
    let seen = desk.call(&bia(), "GET", &ticket, None).await.expect(200);
    assert_eq!(seen["blocked"][0]["address"], MARIA);
    assert_eq!(seen["blocked"][0]["cause"], "manual");
    let hers = desk.call(&maria(), "GET", &ticket, None).await.expect(200);
    assert!(hers.get("blocked").is_none(), "{hers}");
    desk.call(&admin(), "DELETE", &path, Some(json!({"reason": "voltou"})))
        .await;
    assert_eq!(desk.call(&admin(), "GET", &path, None).await.status, 404);
    add(json!({"address": MARIA, "reason": "outra vez"}))
        .await
        .expect(201);
    let again = desk.call(&admin(), "GET", &path, None).await.expect(200);
    assert_eq!(again["lifts"][0]["reason"], "voltou");
    assert_eq!(again["lifts"][0]["by_name"], "admin");
}
