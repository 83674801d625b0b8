//! Attempts to send: lease, verdict, and what follows when neither comes.
//!
//! A lease is written before the call and is the only right to make it. One that expires without a
//! verdict becomes `unknown`: whether the call was made cannot be told, so it is not made again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Actor, Delivery, DeliveryStatus, EVENT_LATE, Entry, Step, UNCONFIRMED};
use crate::{
    id::TemplateId,
    reason::{Reason, Recorded},
    times::is_ahead,
};

/// Longest time between the first and the last try of a mail that reaches nobody.
pub(super) const RETRY_TIME: SignedDuration = SignedDuration::from_hours(48);
/// Tries that a mail has at least, and at most: a clock that jumps must neither end them nor let them
/// go on for ever.
const TRIES: std::ops::Range<u32> = 20..1000;
/// Who sends again what nobody asked for.
const BY_THE_SYSTEM: &str = "system";
/// Longest wait between two tries.
const RETRY_MAX: SignedDuration = SignedDuration::from_mins(30);
/// Longer than any wait of a queued delivery, its jitter included.
pub const WAIT_MAX: SignedDuration = SignedDuration::from_hours(2);
/// Longest wait for people to fix something, between two checks of our own.
pub const LOOK_MAX: SignedDuration = SignedDuration::from_hours(1);

/// The right to send a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// When it was taken; the date of the mail.
    pub at: Timestamp,
    /// When it expires: whoever finds it later settles the delivery.
    pub until: Timestamp,
}

/// The mail of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMail {
    /// Number of the attempt, from 1; a resend continues the count.
    pub attempt: u32,
    /// SHA-256 of the MIME message, 64 hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub size: usize,
    /// Template that it was made from.
    pub template: TemplateId,
    /// Version of the template.
    pub template_version: u64,
    /// Id at the provider, once it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provider_id: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider took it, under this id; `confirmed` when its events will tell more.
    Accepted {
        /// Id at the provider.
        id: String,
        /// Whether an event must come.
        confirmed: bool,
    },
    /// Nothing was sent; it goes on at this time.
    Retry {
        /// Not before this time, whatever wakes the sender earlier.
        at: Timestamp,
        /// Whether it counts as a try.
        counts: bool,
        /// What the next attempt waits for; shown until then.
        reason: Reason,
        /// What the provider said, if anything, without addresses.
        detail: Option<String>,
    },
    /// Nothing was sent; it waits for something that people must fix.
    Held {
        /// What has to be fixed, as a code that people get words for.
        reason: Reason,
        /// What it waits for.
        obstacle: String,
        /// Next look, if time alone may help.
        recheck_at: Option<Timestamp>,
        /// What the provider said, if anything, without addresses.
        detail: Option<String>,
    },
    /// Nothing was sent, nor will be.
    Failed {
        /// What makes every further attempt useless.
        reason: Reason,
        /// What the provider said, if anything, without addresses.
        detail: Option<String>,
    },
    /// It may have been sent.
    Unknown {
        /// Why nobody can say whether the mail left.
        reason: Reason,
        /// What was seen of the failure, without addresses.
        detail: Option<String>,
    },
}

/// Which event did not come in time for a delivery that waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// An event of an accepted mail within 15 minutes.
    Event,
    /// The event that resolves an unknown outcome: people may send it again now.
    Outcome,
    /// Any event of an accepted mail within 72 hours.
    Confirmation,
}

impl Delivery {
    /// Whether a sender may take its lease now.
    pub fn may_be_leased(&self, now: Timestamp) -> bool {
        match self.status {
            // A time that no wait reaches is of a clock that was ahead, as is one set in the future.
            DeliveryStatus::Queued => {
                let far = |due| due <= now || due > now + WAIT_MAX;
                self.due_at.is_none_or(far) || is_ahead(self.updated_at, now)
            }
            DeliveryStatus::Held => true,
            _ => false,
        }
    }

    /// Takes its lease: the next attempt belongs to the caller until `until`.
    pub fn take_lease(&mut self, now: Timestamp, until: Timestamp, mail: SentMail) {
        self.attempts = mail.attempt;
        if self.status == DeliveryStatus::Held {
            self.queued_at = Some(now);
        }
        self.enter(DeliveryStatus::Sending, now, None, None);
        self.lease = Some(Lease { at: now, until });
        self.due_at = Some(until);
        self.mail = Some(mail);
        // Its turn has come. What is not needed any more is not written with each change.
        self.after = None;
    }

    /// Records what became of an attempt. A verdict that comes after the state moved on (the lease
    /// expired, an event was faster, somebody asked for a new attempt) only counts when it says
    /// that the provider has the mail. `false` when it changes nothing.
    pub fn settle(&mut self, attempt: u32, verdict: Verdict, now: Timestamp) -> bool {
        let mine = self.status == DeliveryStatus::Sending && self.attempts == attempt;
        match verdict {
            Verdict::Accepted { id, confirmed } => return self.accept(attempt, id, confirmed, now),
            _ if !mine => return false,
            Verdict::Retry {
                at,
                counts,
                reason,
                detail,
            } => self.retry(at, counts, reason, detail, now),
            Verdict::Held {
                reason,
                obstacle,
                recheck_at,
                detail,
            } => {
                self.hold(reason, obstacle, recheck_at, detail, now);
            }
            Verdict::Failed { reason, detail } => self.fail(reason, detail, now),
            Verdict::Unknown { reason, detail } => {
                self.note(
                    Entry::new(now, Step::Unknown, attempt).because(reason, detail.as_deref()),
                );
                self.enter(DeliveryStatus::Unknown, now, Some(reason.into()), detail);
                self.due_at = Some(now + EVENT_LATE);
            }
        }
        true
    }

    /// Holds it before or after an attempt that sent nothing.
    pub fn hold(
        &mut self,
        reason: impl Into<Recorded<Reason>>,
        obstacle: String,
        recheck_at: Option<Timestamp>,
        detail: Option<String>,
        now: Timestamp,
    ) {
        let reason = reason.into();
        let entry = Entry::new(now, Step::Held, self.attempts);
        self.note(entry.because(reason.clone(), detail.as_deref()));
        self.enter(DeliveryStatus::Held, now, Some(reason), detail);
        self.obstacle = Some(obstacle);
        self.due_at = recheck_at;
    }

    /// Asks for a new attempt: only for one that failed, bounced, is unknown or unconfirmed.
    ///
    /// # Errors
    /// The present state, when it does not allow this.
    pub fn resend<'a>(
        &mut self,
        by: impl Into<Actor<'a>>,
        now: Timestamp,
    ) -> Result<(), DeliveryStatus> {
        use DeliveryStatus as S;
        if !matches!(
            self.status,
            S::Failed | S::Bounced | S::Unknown | S::Unconfirmed
        ) || self.is_unwanted()
        {
            return Err(self.status);
        }
        self.note(Entry::new(now, Step::Resent, self.attempts).asked_by(by.into()));
        self.enter(DeliveryStatus::Queued, now, None, None);
        (self.tries, self.trying_since) = (0, None);
        self.queued_at = Some(now);
        Ok(())
    }

    /// Sends an unknown one again that no event has confirmed for `after`, where the operator wants that
    /// and at the risk that it arrives twice: once, and recorded as the system's doing. When it is too
    /// early it is looked at again. Whether it is in the queue again; `None` where this is not for it.
    pub fn resend_unknown(&mut self, after: SignedDuration, now: Timestamp) -> Option<bool> {
        let again = |entry: &Entry| {
            entry.step == Step::Resent && entry.by.as_deref() == Some(BY_THE_SYSTEM)
        };
        if self.status != DeliveryStatus::Unknown || self.timeline.iter().any(again) {
            return None;
        }
        let at = self
            .updated_at
            .checked_add(after)
            .unwrap_or(self.updated_at);
        if now < at {
            self.due_at = Some(at);
            return Some(false);
        }
        self.resend(BY_THE_SYSTEM, now).is_ok().then_some(true)
    }

    /// Whether it is time for people to send it again. An unknown one waits for its event first.
    pub fn wants_sending_again(&self) -> bool {
        use DeliveryStatus as S;
        match self.status {
            S::Failed => !self.is_unwanted(),
            S::Bounced | S::Unconfirmed => true,
            S::Unknown => self.due_at.is_none(),
            _ => false,
        }
    }

    /// Puts a held one back into the queue.
    pub fn release(&mut self, now: Timestamp) {
        self.queued_at = Some(now);
        self.enter(DeliveryStatus::Queued, now, None, None);
    }

    /// Ends it: it will not be sent.
    pub fn fail(&mut self, reason: Reason, detail: Option<String>, now: Timestamp) {
        self.note(Entry::new(now, Step::Failed, self.attempts).because(reason, detail.as_deref()));
        self.enter(DeliveryStatus::Failed, now, Some(reason.into()), detail);
    }

    /// Whether it is accepted and still stands where its lease put it: most events come before that
    /// lease is over, and then it has not been moved for nothing.
    pub fn stands_at_lease(&self) -> bool {
        let late = self.updated_at + EVENT_LATE;
        self.status == DeliveryStatus::Accepted && self.due_at.is_some_and(|due| due < late)
    }

    /// Waits for its event from now on, its lease being over; `false` when it did already.
    pub fn await_event(&mut self) -> bool {
        let stands = self.stands_at_lease();
        if stands {
            self.due_at = Some(self.updated_at + EVENT_LATE);
        }
        stands
    }

    /// Whether the provider's answer to an attempt was seen.
    pub fn was_answered(&self, attempt: u32) -> bool {
        let accepted = |entry: &Entry| entry.step == Step::Accepted && entry.attempt == attempt;
        self.timeline.iter().any(accepted)
    }

    /// Notices that an event did not come in time; `None` when it waits for none.
    pub fn overdue(&mut self, now: Timestamp) -> Option<Overdue> {
        let due = self.due_at.filter(|due| *due <= now)?;
        match self.status {
            DeliveryStatus::Unknown => {
                self.due_at = None;
                Some(Overdue::Outcome)
            }
            DeliveryStatus::Accepted | DeliveryStatus::Delayed => {
                let accepted = self.updated_at;
                if due < accepted + UNCONFIRMED {
                    self.due_at = Some(accepted + UNCONFIRMED);
                    return Some(Overdue::Event);
                }
                self.note(Entry::new(now, Step::Unconfirmed, self.attempts));
                self.enter(DeliveryStatus::Unconfirmed, now, None, None);
                Some(Overdue::Confirmation)
            }
            _ => None,
        }
    }

    /// Waits for its event from now on: the time until which it waited was of a clock that was ahead.
    pub fn wait_anew(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.due_at = Some(now + EVENT_LATE);
    }

    /// When the next try of one that reached nobody comes: the least wait, doubled with every try
    /// up to half an hour, plus up to as much again. `jitter` is 0 to 1. `None` after two days and
    /// [`TRIES`].
    pub fn next_try(
        &self,
        after: SignedDuration,
        now: Timestamp,
        jitter: f64,
    ) -> Option<Timestamp> {
        let too_long = |since| now.duration_since(since) > RETRY_TIME;
        let enough = self.tries >= TRIES.start && self.trying_since.is_some_and(too_long);
        if enough || self.tries >= TRIES.end {
            return None;
        }
        Some(now + spread(doubled(after, self.tries, RETRY_MAX), jitter))
    }

    /// When an obstacle of its own is looked at next: the least wait, doubled with every look
    /// up to an hour.
    pub fn next_look(&self, after: SignedDuration, now: Timestamp, jitter: f64) -> Timestamp {
        let looks = self
            .timeline
            .last()
            .filter(|last| last.step == Step::Held)
            .map_or(0, |last| last.times);
        now + spread(doubled(after, looks, LOOK_MAX.max(after)), jitter / 4.0)
    }

    fn accept(&mut self, attempt: u32, id: String, confirmed: bool, now: Timestamp) -> bool {
        if self.was_answered(attempt) {
            return false;
        }
        // The provider's events may be faster than our record of its answer, which came before.
        let reported = self
            .timeline
            .iter()
            .filter(|entry| entry.attempt == attempt);
        let reported = reported.filter(|entry| entry.step.reported().is_some());
        let at = reported
            .map(|entry| entry.at)
            .min()
            .map_or(now, |at| at.min(now));
        self.note(Entry::new(at, Step::Accepted, attempt));
        if let Some(mail) = self.mail.as_mut().filter(|mail| mail.attempt == attempt) {
            mail.provider_id = Some(id);
        }
        let newer = self.attempts > attempt;
        match self.status {
            DeliveryStatus::Sending if newer => {}
            // Queued or held by a new attempt that is not needed any more.
            DeliveryStatus::Sending
            | DeliveryStatus::Unknown
            | DeliveryStatus::Queued
            | DeliveryStatus::Held
            | DeliveryStatus::Failed => {
                let lease = self.lease.as_ref().map(|lease| lease.until);
                self.enter(DeliveryStatus::Accepted, now, None, None);
                let late = now + EVENT_LATE;
                self.due_at = confirmed.then(|| lease.map_or(late, |until| until.min(late)));
            }
            _ => {}
        }
        true
    }

    fn retry(
        &mut self,
        at: Timestamp,
        counts: bool,
        reason: Reason,
        detail: Option<String>,
        now: Timestamp,
    ) {
        self.note(Entry::new(now, Step::Retry, self.attempts).because(reason, detail.as_deref()));
        self.enter(DeliveryStatus::Queued, now, Some(reason.into()), detail);
        if counts {
            self.tries += 1;
            self.trying_since.get_or_insert(now);
        }
        self.due_at = Some(at);
    }
}

fn doubled(after: SignedDuration, times: u32, most: SignedDuration) -> SignedDuration {
    after.saturating_mul(1i32 << times.min(16)).min(most)
}

fn spread(wait: SignedDuration, jitter: f64) -> SignedDuration {
    let extra = wait.as_secs_f64() * jitter.clamp(0.0, 1.0);
    wait + SignedDuration::try_from_secs_f64(extra).unwrap_or_default()
}

#[cfg(test)]
mod tests;
