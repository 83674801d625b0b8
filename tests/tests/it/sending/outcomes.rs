//! What each outcome of the transport makes of a delivery.

use std::time::Duration;

use domain::{
    delivery::{DeliveryStatus, Step},
    reason::Reason,
};
use jiff::SignedDuration;
use service::outgoing::{deliveries::MailRecord, sending::Sent};
use sha2::{Digest, Sha256};
use storage::{Storage, keys};
use transport::Outcome;

use super::transport::Act;
use crate::desk::{Desk, MARIA};

#[tokio::test]
async fn an_accepted_mail_is_recorded_with_its_bytes() {
    let desk = Desk::sending().await;
    let (posted, delivery) = desk.send("Olá, tudo certo?").await;
    assert_eq!(delivery.status, DeliveryStatus::Accepted);
    assert_eq!(
        (delivery.attempts, &delivery.lease, delivery.due_at),
        (1, &None, None)
    );
    let mails = desk.transport.mails();
    assert_eq!(mails.len(), 1);
    let (sent, mail) = (delivery.mail.unwrap(), &mails[0]);
    assert_eq!(
        sent.sha256,
        data_encoding::HEXLOWER.encode(&Sha256::digest(&mail.raw))
    );
    assert_eq!(
        (sent.size, sent.provider_id.as_deref()),
        (mail.raw.len(), Some("mail-1"))
    );
    assert_eq!((sent.template.number(), sent.template_version), (1, 1));
    assert_eq!(
        (mail.to.as_str(), mail.from.as_str()),
        (MARIA, "desk@mensageria.example")
    );
    assert_eq!(
        (mail.ticket_id.as_str(), mail.attempt, mail.delivery_id),
        ("4711", 1, delivery.id)
    );
    let text = String::from_utf8_lossy(&mail.raw);
    let id = format!(
        "Message-ID: <{}.1@mensageria.example>",
        delivery.id.simple()
    );
    assert!(
        text.contains("From: Central <desk@mensageria.example>") && text.contains(&id),
        "{text}"
    );
    // Where the id stays ours on the wire, it leads back to the delivery.
    let key = keys::mail(&format!("{}.1@mensageria.example", delivery.id.simple()));
    let record: MailRecord = desk.store.get(&[key]).await.unwrap()[0]
        .as_ref()
        .unwrap()
        .decode()
        .unwrap();
    assert_eq!(
        (record.message_id, record.delivery_id, record.attempt),
        (posted.id, delivery.id, 1)
    );
}

#[tokio::test]
async fn every_outcome_ends_in_a_state_that_people_see() {
    use DeliveryStatus as S;
    let reason = || "as told".to_owned();
    let second = Duration::from_secs(1);
    let table = [
        (
            Outcome::Retry {
                after: second,
                counts: false,
                reason: reason(),
            },
            S::Queued,
            "THROTTLED",
        ),
        (
            Outcome::Retry {
                after: second,
                counts: true,
                reason: reason(),
            },
            S::Queued,
            "NOT_REACHED",
        ),
        (
            Outcome::Held {
                scope: transport::Scope::Mail,
                code: Reason::SenderNotVerified,
                after: second,
                reason: reason(),
            },
            S::Held,
            "SENDER_NOT_VERIFIED",
        ),
        (
            Outcome::Held {
                scope: transport::Scope::Account,
                code: Reason::OverQuota,
                after: second,
                reason: reason(),
            },
            S::Held,
            "OVER_QUOTA",
        ),
        (
            Outcome::Refused {
                code: Reason::Rejected,
                reason: reason(),
            },
            S::Failed,
            "REJECTED",
        ),
        (
            Outcome::Stop { reason: reason() },
            S::Queued,
            "SENDING_STOPPED",
        ),
        (
            Outcome::Unknown { reason: reason() },
            S::Unknown,
            "NO_ANSWER",
        ),
    ];
    for (outcome, status, code) in table {
        let desk = Desk::sending().await;
        desk.transport.then(Act::Answer(outcome.clone()));
        let (_, delivery) = desk.send("Olá").await;
        assert_eq!(
            (delivery.status, delivery.reason_code()),
            (status, Some(code)),
            "{outcome:?}"
        );
        assert_eq!(delivery.detail.as_deref(), Some("as told"));
        assert_eq!((desk.transport.mails().len(), delivery.lease), (1, None));
        let last = delivery.timeline.last().unwrap();
        assert_eq!(last.reason, delivery.reason);
    }
}

#[tokio::test]
async fn throttling_does_not_count_and_a_mail_that_reaches_nobody_fails_after_two_days() {
    let desk = Desk::sending().await;
    let throttled = Outcome::Retry {
        after: Duration::from_secs(1),
        counts: false,
        reason: "slow".to_owned(),
    };
    let away = Outcome::Retry {
        after: Duration::from_secs(5),
        counts: true,
        reason: "away".to_owned(),
    };
    desk.transport.to(MARIA, Some(throttled));
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!((delivery.tries, delivery.attempts), (0, 1));
    assert!(delivery.due_at.unwrap() >= desk.now() + SignedDuration::from_secs(1));
    desk.transport.to(MARIA, Some(away));
    let mut tries = 0;
    let failed = loop {
        desk.wait(SignedDuration::from_mins(61));
        let report = desk.sender.sweep().await.unwrap();
        let delivery = desk.delivery(&posted).await;
        tries += 1;
        if report.failed == 1 {
            break delivery;
        }
        assert_eq!(
            (delivery.status, delivery.tries),
            (DeliveryStatus::Queued, tries)
        );
        assert!(tries < 100, "it never gives up");
    };
    assert_eq!(
        (failed.status, failed.reason_code()),
        (DeliveryStatus::Failed, Some("RETRIES_EXHAUSTED"))
    );
    assert!((47..=49).contains(&tries), "{tries}");
    assert_eq!(
        failed
            .timeline
            .iter()
            .filter(|entry| entry.step == Step::Retry)
            .count(),
        2,
        "one entry counts them"
    );
}

#[tokio::test]
async fn a_mail_goes_only_when_it_is_due() {
    let desk = Desk::sending().await;
    let later = Outcome::Retry {
        after: Duration::from_secs(60),
        counts: true,
        reason: "away".to_owned(),
    };
    desk.transport.then(Act::Answer(later));
    let (posted, _) = desk.send("Olá").await;
    let again = desk.sender.send_queued(desk.items(&posted).await).await;
    assert!(matches!(again[0], Sent::Elsewhere));
    desk.sender.sweep().await.unwrap();
    assert_eq!(desk.transport.mails().len(), 1);
    desk.wait(SignedDuration::from_mins(5));
    assert_eq!(desk.sender.sweep().await.unwrap().accepted, 1);
    let mails = desk.transport.mails();
    assert_eq!((mails.len(), mails[1].attempt), (2, 2));
    assert_ne!(
        mails[0].raw, mails[1].raw,
        "every attempt has its own id and date"
    );
}
