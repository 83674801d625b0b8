//! What the provider tells about a mail afterwards. Events come late, twice and in any order, also
//! before our own record: what is kept of them is a set, and the state follows from the set, so
//! that every order ends in the same state.

use jiff::Timestamp;

use super::{Delivery, DeliveryStatus, Entry, Step, UNCONFIRMED};
use crate::reason::{Reason, Recorded};

/// One thing that the provider reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When it happened, by the provider's clock.
    pub at: Timestamp,
    /// Which attempt it is about; the last one when the event does not say.
    pub attempt: Option<u32>,
    /// What happened: one of the steps that only the provider tells.
    pub step: Step,
    /// Stable code, for what is not a success.
    pub reason: Option<Reason>,
    /// What the provider or the recipient's server said, without addresses.
    pub detail: Option<String>,
    /// Id of the mail at the provider.
    pub provider_id: String,
}

impl Delivery {
    /// Takes in what the provider reported; `false` when it was known.
    pub fn observe(&mut self, observation: Observation) -> bool {
        let attempt = observation.attempt.unwrap_or(self.attempts);
        let mut entry = Entry::new(observation.at, observation.step, attempt);
        entry.reason = observation.reason.map(Recorded::from);
        entry.detail = observation.detail.filter(|detail| !detail.is_empty());
        if observation.step.reported().is_none() || !self.keep(entry) {
            return false;
        }
        if let Some(mail) = self.mail.as_mut().filter(|mail| mail.attempt == attempt) {
            mail.provider_id.get_or_insert(observation.provider_id);
        }
        if self.is_open_to(attempt) {
            self.follow(attempt);
        }
        true
    }

    /// Keeps an entry of the provider, one for each step of an attempt; `false` when nothing is new.
    fn keep(&mut self, mut entry: Entry) -> bool {
        let same = |known: &Entry| known.step == entry.step && known.attempt == entry.attempt;
        if let Some(at) = self.timeline.iter().position(same) {
            if weight(&self.timeline[at]) <= weight(&entry) {
                return false;
            }
            entry.by = self.timeline.remove(at).by;
        }
        self.insert(entry);
        true
    }

    /// Whether the state is that of this attempt, or yields to what the provider reports of it.
    fn is_open_to(&self, attempt: u32) -> bool {
        let Some((_, status, _)) = self.highest_step(attempt) else {
            return false;
        };
        let newest = attempt >= self.attempts;
        let resent = self
            .timeline
            .iter()
            .any(|entry| entry.step == Step::Resent && entry.attempt >= attempt);
        match self.status {
            // A new attempt waits: it is not needed when somebody has the mail after all.
            DeliveryStatus::Queued | DeliveryStatus::Held | DeliveryStatus::Failed if resent => {
                status.has_mail()
            }
            DeliveryStatus::Sending => newest,
            _ => newest || status == DeliveryStatus::Complained,
        }
    }

    /// The highest step that the provider reported of an attempt.
    fn highest_step(&self, attempt: u32) -> Option<(u8, DeliveryStatus, &Entry)> {
        let entries = self
            .timeline
            .iter()
            .filter(|entry| entry.attempt == attempt);
        let ranked = entries.filter_map(|entry| {
            entry
                .step
                .reported()
                .map(|(rank, status)| (rank, status, entry))
        });
        ranked.max_by_key(|(rank, ..)| *rank)
    }

    /// Takes the state that follows from what the provider reported of an attempt.
    fn follow(&mut self, attempt: u32) {
        let Some((_, status, entry)) = self.highest_step(attempt) else {
            return;
        };
        let (reason, detail) = (entry.reason.clone(), entry.detail.clone());
        let times = self.timeline.iter().map(|entry| entry.at);
        let at = times.max().unwrap_or(self.created_at);
        self.enter(status, at, reason, detail);
        if matches!(status, DeliveryStatus::Accepted | DeliveryStatus::Delayed) {
            self.due_at = Some(at + UNCONFIRMED);
        }
    }
}

/// Which of two entries about the same step is kept: the smaller one. Of delays the last, of
/// bounces the most final, else the first.
fn weight(entry: &Entry) -> (u8, i128, Option<&Recorded<Reason>>, Option<&String>) {
    let finality = match entry.reason.as_ref().and_then(Recorded::known) {
        Some(Reason::Bounced) => 0,
        Some(Reason::BounceUndetermined) => 1,
        _ => 2,
    };
    let nanos = entry.at.as_nanosecond();
    let time = if entry.step == Step::Delayed {
        -nanos
    } else {
        nanos
    };
    (finality, time, entry.reason.as_ref(), entry.detail.as_ref())
}

#[cfg(test)]
mod tests;
