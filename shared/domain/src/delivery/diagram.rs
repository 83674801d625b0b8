//! Holds the state diagram of `docs/ARCHITECTURE.md` to the code: every transition that some order of
//! events makes is drawn, and nothing else.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

use jiff::{SignedDuration, Timestamp};

use super::{Delivery, DeliveryStatus as S, Observation, Step, Verdict, sample};
use crate::reason::Reason;

/// From one state to another, by the names that the API uses.
type Transitions = BTreeSet<(String, String)>;

/// Attempts and happenings that are looked through: no transition needs more.
const ATTEMPTS: u32 = 2;
const DEPTH: usize = 8;

/// What the provider tells, in the order in which one outranks the other.
const REPORTED: [S; 6] = [
    S::Accepted,
    S::Delayed,
    S::Delivered,
    S::Rejected,
    S::Bounced,
    S::Complained,
];

fn name(status: S) -> String {
    serde_json::to_value(status)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

fn verdicts(now: Timestamp) -> [Verdict; 5] {
    [
        Verdict::Accepted {
            id: "1".to_owned(),
            confirmed: true,
        },
        Verdict::Retry {
            at: now,
            counts: true,
            reason: Reason::NotReached,
            detail: None,
        },
        Verdict::Held {
            reason: Reason::KillSwitch,
            obstacle: Reason::KillSwitch.code().to_owned(),
            recheck_at: None,
            detail: None,
        },
        Verdict::Failed {
            reason: Reason::Rejected,
            detail: None,
        },
        Verdict::Unknown {
            reason: Reason::NoAnswer,
            detail: None,
        },
    ]
}

/// What may happen to a delivery next, as the use cases let it happen.
fn next(delivery: &Delivery, now: Timestamp) -> Vec<Delivery> {
    let mut after = Vec::new();
    let mut happens = |change: &dyn Fn(&mut Delivery)| {
        let mut changed = delivery.clone();
        change(&mut changed);
        after.push(changed);
    };
    if delivery.may_be_leased(now) && delivery.attempts < ATTEMPTS {
        happens(&|it| {
            let mail = sample::mail(it.attempts + 1);
            it.take_lease(now, now + SignedDuration::from_secs(90), mail);
        });
    }
    if matches!(delivery.status, S::Queued | S::Held) {
        happens(&|it| {
            let reason = Reason::KillSwitch;
            it.hold(reason, reason.code().to_owned(), None, None, now);
        });
        happens(&|it| it.fail(Reason::Rejected, None, now));
    }
    if delivery.status == S::Held {
        happens(&|it| it.release(now));
    }
    happens(&|it| {
        let _ = it.resend("bia", now);
    });
    happens(&|it| {
        it.overdue(now);
    });
    for attempt in 1..=delivery.attempts {
        for verdict in verdicts(now) {
            happens(&|it| {
                it.settle(attempt, verdict.clone(), now);
            });
        }
        for step in [
            Step::Sent,
            Step::Delayed,
            Step::Delivered,
            Step::Rejected,
            Step::Bounced,
            Step::Complained,
        ] {
            happens(&|it| {
                it.observe(Observation {
                    at: now,
                    attempt: Some(attempt),
                    step,
                    reason: None,
                    detail: None,
                    provider_id: "1".to_owned(),
                });
            });
        }
    }
    after
}

/// The transitions that the code makes.
fn made() -> Transitions {
    let mut made = Transitions::new();
    let mut known = HashSet::new();
    let mut reached = vec![sample::queued(Timestamp::UNIX_EPOCH)];
    for hours in 1..=DEPTH {
        // Long enough for everything that waits to be due.
        let now =
            Timestamp::UNIX_EPOCH + SignedDuration::from_hours(100) * i32::try_from(hours).unwrap();
        let mut further = Vec::new();
        for delivery in &reached {
            for changed in next(delivery, now) {
                if changed.status != delivery.status {
                    made.insert((name(delivery.status), name(changed.status)));
                }
                // What only tells of waiting decides nothing.
                let steps = changed
                    .timeline
                    .iter()
                    .map(|entry| (entry.step, entry.attempt));
                let steps: BTreeSet<_> = steps
                    .filter(|(step, _)| !matches!(step, Step::Held | Step::Retry | Step::Failed))
                    .map(|(step, attempt)| (attempt, format!("{step:?}")))
                    .collect();
                let waits = changed.due_at.is_some();
                if known.insert((changed.status, changed.attempts, waits, steps)) {
                    further.push(changed);
                }
            }
        }
        reached = further;
    }
    made
}

/// The transitions that are drawn. Among what the provider tells, events may skip what lies between: an
/// arrow to one of those states leads to every later one, too.
fn drawn() -> Transitions {
    let page = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("docs/ARCHITECTURE.md"))
        .find(|page| page.exists());
    let text = std::fs::read_to_string(page.unwrap()).unwrap();
    let (_, diagram) = text.split_once("stateDiagram-v2").unwrap();
    let (diagram, _) = diagram.split_once("```").unwrap();
    let mut drawn = Transitions::new();
    for line in diagram.lines().filter(|line| line.contains("-->")) {
        let (arrow, _) = line.split_once(" : ").unwrap_or((line, ""));
        let (from, to) = arrow.split_once("-->").unwrap();
        let (from, to) = (from.trim(), to.trim());
        let later = REPORTED.iter().skip_while(|step| name(**step) != to);
        let later = later.map(|step| name(*step)).chain([to.to_owned()]);
        drawn.extend(later.map(|to| (from.to_owned(), to)));
    }
    drawn.retain(|(from, to)| from != to && from != "[*]");
    drawn
}

#[test]
fn the_state_diagram_has_every_transition_of_the_code_and_no_other() {
    let (made, drawn) = (made(), drawn());
    let lacking: Vec<_> = made.difference(&drawn).collect();
    assert!(lacking.is_empty(), "not drawn: {lacking:?}");
    let invented: Vec<_> = drawn.difference(&made).collect();
    assert!(invented.is_empty(), "drawn, but never made: {invented:?}");
    let states: BTreeSet<_> = made.into_iter().flat_map(|(from, to)| [from, to]).collect();
    assert_eq!(states, S::ALL.map(name).into());
}
