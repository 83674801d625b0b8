use std::collections::BTreeSet;

use super::*;
use crate::delivery::sample::{self, mail};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn queued() -> Delivery {
    sample::queued(now())
}

fn leased() -> Delivery {
    let mut delivery = queued();
    delivery.take_lease(now(), now() + SignedDuration::from_secs(90), mail(1));
    delivery
}

fn accepted(id: &str) -> Verdict {
    Verdict::Accepted {
        id: id.to_owned(),
        confirmed: true,
    }
}

fn verdicts() -> Vec<(Verdict, DeliveryStatus)> {
    vec![
        (accepted("1"), DeliveryStatus::Accepted),
        (
            Verdict::Retry {
                at: now(),
                counts: true,
                reason: Reason::NotReached,
                detail: None,
            },
            DeliveryStatus::Queued,
        ),
        (
            Verdict::Held {
                reason: Reason::KillSwitch,
                obstacle: Reason::KillSwitch.code().to_owned(),
                recheck_at: None,
                detail: None,
            },
            DeliveryStatus::Held,
        ),
        (
            Verdict::Failed {
                reason: Reason::Rejected,
                detail: None,
            },
            DeliveryStatus::Failed,
        ),
        (
            Verdict::Unknown {
                reason: Reason::NoAnswer,
                detail: None,
            },
            DeliveryStatus::Unknown,
        ),
    ]
}

#[test]
fn each_verdict_leads_to_its_state_and_ends_the_lease() {
    for (verdict, status) in verdicts() {
        let mut delivery = leased();
        assert!(delivery.settle(1, verdict.clone(), now()));
        assert_eq!(
            (delivery.status, &delivery.lease, delivery.timeline.len()),
            (status, &None, 1),
            "{verdict:?}"
        );
        // The same verdict again, as after a write whose answer was lost, changes nothing.
        let before = delivery.clone();
        assert!(!delivery.settle(1, verdict, now()));
        assert_eq!(delivery, before);
    }
}

#[test]
fn only_an_acceptance_counts_when_the_state_has_moved_on() {
    let moved: Vec<fn(&mut Delivery)> = vec![
        |delivery| delivery.status = DeliveryStatus::Unknown,
        |delivery| delivery.status = DeliveryStatus::Queued,
        |delivery| delivery.status = DeliveryStatus::Failed,
        |delivery| delivery.status = DeliveryStatus::Held,
    ];
    for change in moved {
        for (verdict, status) in verdicts() {
            let mut delivery = leased();
            change(&mut delivery);
            let before = delivery.clone();
            let changed = delivery.settle(1, verdict, now());
            assert_eq!(changed, status == DeliveryStatus::Accepted);
            assert_eq!(
                delivery.status,
                if changed { status } else { before.status }
            );
        }
    }
}

#[test]
fn a_late_acceptance_does_not_touch_a_newer_attempt() {
    let mut delivery = leased();
    delivery.take_lease(now(), now() + SignedDuration::from_secs(90), mail(2));
    assert!(delivery.settle(1, accepted("old"), now()));
    assert_eq!(
        (delivery.status, delivery.attempts),
        (DeliveryStatus::Sending, 2)
    );
    assert_eq!(
        delivery.mail.as_ref().unwrap().provider_id,
        None,
        "that mail is another one"
    );
    assert!(delivery.settle(2, accepted("new"), now()));
    assert_eq!(delivery.mail.unwrap().provider_id.as_deref(), Some("new"));
}

#[test]
fn only_what_waits_may_be_leased() {
    use DeliveryStatus as S;
    let later = now() + SignedDuration::from_secs(1);
    for status in [
        S::Queued,
        S::Sending,
        S::Accepted,
        S::Delivered,
        S::Delayed,
        S::Bounced,
        S::Complained,
        S::Rejected,
        S::Held,
        S::Failed,
        S::Unknown,
        S::Unconfirmed,
    ] {
        let mut delivery = queued();
        delivery.status = status;
        let waits = matches!(status, S::Queued | S::Held);
        assert_eq!(delivery.may_be_leased(now()), waits, "{status:?}");
        delivery.due_at = Some(later);
        assert_eq!(delivery.may_be_leased(now()), status == S::Held);
        assert_eq!(delivery.may_be_leased(later), waits);
    }
}

#[test]
fn waits_grow_and_end() {
    let mut delivery = queued();
    let least = SignedDuration::from_secs(5);
    let mut waits = Vec::new();
    for tries in 0..12 {
        delivery.tries = tries;
        for jitter in [0.0, 1.0] {
            let wait = delivery
                .next_try(least, now(), jitter)
                .unwrap()
                .duration_since(now());
            assert!(
                wait >= least && wait <= SignedDuration::from_hours(1),
                "{wait}"
            );
            waits.push(wait);
        }
    }
    assert_eq!(
        waits.iter().collect::<BTreeSet<_>>().len(),
        12,
        "5 s doubled up to 30 minutes, and twice that"
    );
    // A clock that jumps ends nothing after a few tries, and no clock keeps a delivery forever.
    delivery.trying_since = Some(now() - SignedDuration::from_hours(49));
    assert!(delivery.next_try(least, now(), 0.5).is_some());
    delivery.tries = TRIES.start;
    assert_eq!(delivery.next_try(least, now(), 0.5), None);
    delivery.trying_since = Some(now());
    assert!(delivery.next_try(least, now(), 0.5).is_some());
    delivery.tries = TRIES.end;
    assert_eq!(delivery.next_try(least, now(), 0.5), None);
}

#[test]
fn a_timeline_stays_short_however_long_the_wait() {
    let mut delivery = queued();
    for round in 0..1000 {
        let reason = if round % 2 == 0 {
            Reason::KillSwitch
        } else {
            Reason::SenderNotSet
        };
        delivery.hold(reason, reason.code().to_owned(), None, None, now());
    }
    delivery.fail(Reason::Rejected, None, now());
    assert_eq!(delivery.timeline.len(), 40);
    assert_eq!(delivery.timeline.last().unwrap().step, Step::Failed);
    let bytes = serde_json::to_vec(&delivery).unwrap().len();
    assert!(bytes < 8_000, "{bytes}");
}
