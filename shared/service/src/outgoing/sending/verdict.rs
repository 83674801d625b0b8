//! What follows from the outcome of a call: for its delivery, and for the whole account.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Inner, circuit::Change};
use domain::{
    delivery::{Delivery, Verdict},
    reason::Reason,
};
use transport::{Outcome, Scope};

impl Inner {
    /// What follows when too little of the lease is left for a call: none was made.
    pub(super) fn lease_too_short(&self) -> Verdict {
        Verdict::Retry {
            at: self.app.now(),
            counts: false,
            reason: Reason::LeaseTooShort,
            detail: None,
        }
    }

    /// What follows from the transport's outcome.
    pub(super) fn verdict(&self, delivery: &Delivery, outcome: &Outcome) -> Verdict {
        let now = self.app.now();
        match outcome {
            Outcome::Accepted { id } => {
                let confirmed = self.transport.capabilities().confirms;
                Verdict::Accepted {
                    id: id.clone(),
                    confirmed,
                }
            }
            Outcome::Retry {
                after,
                counts: false,
                reason,
            } => {
                let at = now + wait(*after) + jitter(wait(*after));
                Verdict::Retry {
                    at,
                    counts: false,
                    reason: Reason::Throttled,
                    detail: Some(reason.clone()),
                }
            }
            Outcome::Retry {
                after,
                counts: true,
                reason,
            } => {
                let detail = Some(reason.clone());
                match delivery.next_try(wait(*after), now, fastrand::f64()) {
                    Some(at) => Verdict::Retry {
                        at,
                        counts: true,
                        reason: Reason::NotReached,
                        detail,
                    },
                    None => Verdict::Failed {
                        reason: Reason::RetriesExhausted,
                        detail,
                    },
                }
            }
            Outcome::Held {
                code,
                after,
                reason,
                ..
            } => Verdict::Held {
                reason: *code,
                obstacle: code.code().to_owned(),
                recheck_at: Some(delivery.next_look(wait(*after), now, fastrand::f64())),
                detail: Some(reason.clone()),
            },
            Outcome::Refused { code, reason } => Verdict::Failed {
                reason: *code,
                detail: Some(reason.clone()),
            },
            Outcome::Stop { reason } => Verdict::Retry {
                at: now,
                counts: false,
                reason: Reason::SendingStopped,
                detail: Some(reason.clone()),
            },
            Outcome::Unknown { reason } => Verdict::Unknown {
                reason: Reason::NoAnswer,
                detail: Some(reason.clone()),
            },
        }
    }

    /// Stops the other mails of this process when the outcome is one of the whole account, and lets
    /// them go on when it sends.
    pub(super) fn change(&self, outcome: &Outcome, began: Timestamp) -> Option<Change<'_>> {
        let now = self.app.now();
        match outcome {
            Outcome::Held {
                scope: Scope::Mail, ..
            } => None,
            Outcome::Held {
                code,
                after,
                scope: Scope::Account,
                reason,
            } => self.circuit.trip(*code, reason, wait(*after), now),
            Outcome::Stop { reason } => {
                self.circuit
                    .trip(Reason::SendingStopped, reason, SignedDuration::ZERO, now)
            }
            Outcome::Accepted { .. } => self.circuit.accepted(began),
            _ => None,
        }
    }

    /// Tells of it, to the log and to the run's counts.
    pub(super) fn report(&self, delivery: &Delivery, verdict: &Verdict, written_at: Timestamp) {
        let (delivery_id, ticket_id, attempt) =
            (delivery.id, delivery.ticket_id.as_str(), delivery.attempts);
        let template_id = delivery.mail.as_ref().map(|mail| mail.template.number());
        match verdict {
            Verdict::Accepted { .. } => {
                let took = self.app.now().duration_since(written_at);
                self.tally.accepted(took.as_millis());
                tracing::info!(%delivery_id, ticket_id, template_id, attempt, "mail accepted");
            }
            Verdict::Retry { reason, .. } => {
                tracing::info!(%delivery_id, ticket_id, attempt, reason = reason.code(), "mail waits");
            }
            Verdict::Held { reason, .. } => {
                self.tally.held(Some(*reason));
                tracing::warn!(%delivery_id, ticket_id, template_id, attempt, reason = reason.code(), "mail held");
            }
            Verdict::Failed { reason, detail } => {
                tracing::error!(%delivery_id, ticket_id, template_id, attempt, reason = reason.code(), detail, "mail failed");
            }
            Verdict::Unknown { reason, detail } => {
                self.tally.unknown(*reason);
                tracing::error!(%delivery_id, ticket_id, attempt, reason = reason.code(), detail, "mail unknown");
            }
        }
    }
}

/// The same time, as timestamps take it.
pub(super) fn wait(after: Duration) -> SignedDuration {
    SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX)
}

/// Up to as much again: so that those who were told to wait together do not try again together.
fn jitter(wait: SignedDuration) -> SignedDuration {
    SignedDuration::try_from_secs_f64(wait.as_secs_f64() * fastrand::f64()).unwrap_or_default()
}
