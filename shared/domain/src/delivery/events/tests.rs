use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::delivery::{Verdict, sample};

fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn sending() -> Delivery {
    let mut delivery = sample::queued(start());
    delivery.id = Uuid::nil();
    take_lease(&mut delivery, 1);
    delivery
}

fn take_lease(delivery: &mut Delivery, attempt: u32) {
    let until = start() + SignedDuration::from_secs(90);
    delivery.take_lease(start(), until, sample::mail(attempt));
}

fn observation(step: Step, second: i64) -> Observation {
    let reason = match step {
        Step::Delayed => Some(Reason::Delayed),
        Step::Bounced => Some(Reason::Bounced),
        Step::Complained => Some(Reason::Complained),
        Step::Rejected => Some(Reason::RefusedLater),
        _ => None,
    };
    Observation {
        at: start() + SignedDuration::from_secs(second),
        attempt: Some(1),
        step,
        reason,
        detail: reason.map(|reason| format!("{} {second}", reason.code())),
        provider_id: "ses-1".to_owned(),
    }
}

fn accepted() -> Verdict {
    Verdict::Accepted {
        id: "ses-1".to_owned(),
        confirmed: true,
    }
}

/// Everything that can be reported about one mail, some of it more than once with other times.
fn everything() -> Vec<Observation> {
    let mut all: Vec<_> = [
        (Step::Sent, 1),
        (Step::Delayed, 60),
        (Step::Delayed, 600),
        (Step::Delivered, 700),
        (Step::Bounced, 720),
        (Step::Bounced, 90),
        (Step::Rejected, 5),
        (Step::Complained, 9000),
    ]
    .map(|(step, second)| observation(step, second))
    .into();
    let mut transient = observation(Step::Bounced, 30);
    transient.reason = Some(Reason::BouncedForNow);
    all.push(transient);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_order_with_repeats_ends_in_the_same_delivery(
        chosen in prop::collection::vec(0..everything().len(), 1..12),
        order in any::<u64>(),
        place in 0usize..12,
    ) {
        let all = everything();
        let apply = |order: Vec<usize>, ours_at: usize| {
            let mut delivery = sending();
            for (at, which) in order.iter().enumerate() {
                if at == ours_at {
                    delivery.settle(1, accepted(), start());
                }
                delivery.observe(all[*which].clone());
            }
            delivery.settle(1, accepted(), start());
            delivery
        };
        let once: Vec<usize> = chosen.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let expected = apply(once, 0);
        let mut shuffled = chosen.clone();
        let mut random = fastrand::Rng::with_seed(order);
        random.shuffle(&mut shuffled);
        prop_assert_eq!(apply(shuffled, place), expected);
    }
}

#[test]
fn all_permutations_of_the_five_events_end_in_one_state() {
    let events = [
        observation(Step::Sent, 1),
        observation(Step::Delayed, 60),
        observation(Step::Delivered, 700),
        observation(Step::Bounced, 720),
        observation(Step::Complained, 9000),
    ];
    let (mut ends, mut count) = (std::collections::HashSet::new(), 0);
    // Every sequence of five out of five, so every permutation and every kind of repeat.
    for number in 0..5usize.pow(6) {
        let sequence: Vec<usize> = (0..6).map(|digit| number / 5usize.pow(digit) % 5).collect();
        let mut delivery = sending();
        for which in &sequence {
            delivery.observe(events[*which].clone());
        }
        let highest = sequence.iter().max().unwrap();
        let expected = events[*highest].step.reported().unwrap().1;
        assert_eq!(delivery.status, expected, "{sequence:?}");
        count += 1;
        if (0..5).all(|which| sequence.contains(&which)) {
            ends.insert(serde_json::to_string(&delivery).unwrap());
        }
    }
    assert_eq!((ends.len(), count), (1, 15_625));
}

#[test]
fn an_event_resolves_what_nobody_saw() {
    let mut delivery = sending();
    delivery.settle(
        1,
        Verdict::Unknown {
            reason: Reason::NoAnswer,
            detail: None,
        },
        start(),
    );
    assert!(delivery.observe(observation(Step::Sent, 1)));
    assert_eq!(
        (delivery.status, delivery.reason_code()),
        (DeliveryStatus::Accepted, None)
    );
    assert_eq!(
        delivery.mail.as_ref().unwrap().provider_id.as_deref(),
        Some("ses-1")
    );
    assert!(delivery.due_at.unwrap() >= start() + SignedDuration::from_hours(72));
    assert!(!delivery.observe(observation(Step::Sent, 1)), "known");
}

#[test]
fn a_new_attempt_that_waits_is_dropped_when_the_old_one_arrived_after_all() {
    for (first, step, after) in [
        (
            DeliveryStatus::Unknown,
            Step::Sent,
            DeliveryStatus::Accepted,
        ),
        (
            DeliveryStatus::Unknown,
            Step::Delivered,
            DeliveryStatus::Delivered,
        ),
        (
            DeliveryStatus::Unknown,
            Step::Bounced,
            DeliveryStatus::Queued,
        ),
        (
            DeliveryStatus::Bounced,
            Step::Delivered,
            DeliveryStatus::Queued,
        ),
        (
            DeliveryStatus::Bounced,
            Step::Complained,
            DeliveryStatus::Complained,
        ),
    ] {
        let mut delivery = sending();
        match first {
            DeliveryStatus::Bounced => drop(delivery.observe(observation(Step::Bounced, 2))),
            _ => drop(delivery.settle(
                1,
                Verdict::Unknown {
                    reason: Reason::NoAnswer,
                    detail: None,
                },
                start(),
            )),
        }
        delivery.resend("bia", start()).unwrap();
        delivery.observe(observation(step, 3));
        assert_eq!(delivery.status, after, "{first:?} {step:?}");
    }
}

#[test]
fn a_newer_attempt_keeps_its_state_unless_the_recipient_complains() {
    let mut delivery = sending();
    delivery.observe(observation(Step::Bounced, 2));
    delivery.resend("bia", start()).unwrap();
    take_lease(&mut delivery, 2);
    delivery.observe(observation(Step::Delivered, 3));
    assert_eq!(delivery.status, DeliveryStatus::Sending);
    let second = |step, second| Observation {
        attempt: Some(2),
        provider_id: "ses-2".to_owned(),
        ..observation(step, second)
    };
    delivery.observe(second(Step::Delivered, 9));
    assert_eq!(
        (
            delivery.status,
            delivery.mail.as_ref().unwrap().provider_id.as_deref()
        ),
        (DeliveryStatus::Delivered, Some("ses-2"))
    );
    delivery.observe(observation(Step::Delayed, 1));
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
    delivery.observe(observation(Step::Complained, 20));
    assert_eq!(delivery.status, DeliveryStatus::Complained);
}

#[test]
fn only_what_ended_badly_may_be_sent_again() {
    use DeliveryStatus as S;
    for (status, may) in [
        (S::Queued, false),
        (S::Sending, false),
        (S::Accepted, false),
        (S::Delivered, false),
        (S::Delayed, false),
        (S::Bounced, true),
        (S::Complained, false),
        (S::Rejected, false),
        (S::Held, false),
        (S::Failed, true),
        (S::Unknown, true),
        (S::Unconfirmed, true),
    ] {
        let mut delivery = sending();
        delivery.status = status;
        assert_eq!(delivery.resend("bia", start()).is_ok(), may, "{status:?}");
        assert_eq!(delivery.status, if may { S::Queued } else { status });
    }
}

#[test]
fn what_the_provider_took_comes_before_what_it_tells_of_it() {
    let mut delivery = sending();
    delivery.observe(observation(Step::Sent, 1));
    delivery.observe(observation(Step::Delivered, 2));
    let accepted = Verdict::Accepted {
        id: "ses-1".to_owned(),
        confirmed: true,
    };
    assert!(delivery.settle(1, accepted, start() + SignedDuration::from_secs(3)));
    let steps: Vec<_> = delivery.timeline.iter().map(|entry| entry.step).collect();
    assert_eq!(steps, [Step::Accepted, Step::Sent, Step::Delivered]);
    assert!(delivery.timeline.is_sorted_by_key(|entry| entry.at));
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
}
