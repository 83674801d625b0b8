//! What a run did, counted: one line of each metric for a run, however many mails it sent.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;

use super::Sent;
use domain::reason::Reason;
use platform::telemetry::{Metric, emit_all};

/// Counts of a run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    held: AtomicU64,
    blocked: AtomicU64,
    failed: AtomicU64,
    unknown: AtomicU64,
    unanswered: AtomicU64,
    lost: AtomicU64,
    times: Mutex<Vec<i128>>,
}

impl Tally {
    /// A mail was accepted this many milliseconds after its message was written.
    pub(super) fn accepted(&self, milliseconds: i128) {
        self.times
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(milliseconds);
    }

    /// A delivery was held; a reason that this version does not know is not a fault of this one.
    pub(super) fn held(&self, reason: Option<Reason>) {
        if reason.is_some_and(Reason::is_fault) {
            self.blocked.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Nobody saw the outcome of a call, for this reason.
    pub(super) fn unknown(&self, reason: Reason) {
        let counter = match reason {
            Reason::SenderLost => &self.lost,
            _ => &self.unanswered,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Anything else happened to a delivery.
    pub(super) fn count(&self, sent: &Sent) {
        let counter = match sent {
            Sent::Held => &self.held,
            Sent::Failed => &self.failed,
            Sent::Unknown => &self.unknown,
            _ => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes the metrics and starts again.
    pub(super) fn emit(&self, at: Timestamp) {
        let times = std::mem::take(&mut *self.times.lock().unwrap_or_else(PoisonError::into_inner));
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts and milliseconds stay far below 2^52"
        )]
        let times: Vec<f64> = times.into_iter().map(|time| time.max(0) as f64).collect();
        let count = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        let counts = [
            (Metric::Sent, times.len() as u64),
            (Metric::Held, count(&self.held)),
            (Metric::Blocked, count(&self.blocked)),
            (Metric::Failed, count(&self.failed)),
            (Metric::Unknown, count(&self.unknown)),
            (Metric::UnknownNoAnswer, count(&self.unanswered)),
            (Metric::UnknownSenderLost, count(&self.lost)),
        ];
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let counts = counts.map(|(metric, count)| (metric, vec![count as f64]));
        let mut metrics: Vec<_> = counts.into_iter().filter(|(_, of)| *of != [0.0]).collect();
        metrics.push((Metric::TimeToAccepted, times));
        emit_all(&metrics, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_provider_or_configuration_hold_is_counted_apart() {
        let tally = Tally::default();
        for (reason, blocked) in [
            (Reason::KillSwitch, 0),
            (Reason::Suppressed, 0),
            (Reason::OverQuota, 1),
            (Reason::TemplateMissing, 2),
            (Reason::LoopLimit, 2),
        ] {
            tally.held(Some(reason));
            let counted = tally.blocked.load(Ordering::Relaxed);
            assert_eq!(counted, blocked, "{reason:?}");
        }
    }
}
