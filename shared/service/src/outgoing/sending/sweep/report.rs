//! What a sweep reports: to the log, and as metrics.

use std::time::Duration;

use super::{Sent, Sweep};
use platform::telemetry::{Metric, emit_all};

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Mails that the provider took.
    pub accepted: usize,
    /// Deliveries that another try follows for.
    pub waiting: usize,
    /// Deliveries held, again or for the first time.
    pub held: usize,
    /// Deliveries that will not be sent.
    pub failed: usize,
    /// Deliveries whose outcome nobody saw, expired leases among them.
    pub unknown: usize,
    /// Deliveries that could not be worked on.
    pub errors: usize,
    /// Accepted mails that no event came for in 15 minutes.
    pub silent: usize,
    /// Unknown ones that people may send again from now on.
    pub unresolved: usize,
    /// Accepted mails that no event came for in 72 hours.
    pub unconfirmed: usize,
    /// Deliveries that a suppression held and that are queued again.
    pub released: usize,
    /// Unknown ones that the system sends again, as the settings say.
    pub resent: usize,
    /// Age of the oldest delivery that waited to be sent when the sweep began.
    pub oldest: Option<Duration>,
    /// Whether time was up before everything due was done.
    pub cut_short: bool,
}

impl SweepReport {
    /// Writes it to the log.
    pub fn log(&self) {
        tracing::info!(
            accepted = self.accepted,
            waiting = self.waiting,
            held = self.held,
            failed = self.failed,
            unknown = self.unknown,
            errors = self.errors,
            silent = self.silent,
            unresolved = self.unresolved,
            unconfirmed = self.unconfirmed,
            released = self.released,
            resent = self.resent,
            oldest_seconds = self.oldest.map(|age| age.as_secs()),
            cut_short = self.cut_short,
            "swept"
        );
    }

    pub(super) fn add(&mut self, results: &[Sent]) {
        for sent in results {
            match sent {
                Sent::Accepted => self.accepted += 1,
                Sent::Waits => self.waiting += 1,
                Sent::Held => self.held += 1,
                Sent::Failed => self.failed += 1,
                Sent::Unknown => self.unknown += 1,
                Sent::Error(_) => self.errors += 1,
                Sent::Elsewhere
                | Sent::Unwanted
                | Sent::Behind
                | Sent::Stopped
                | Sent::NoPlace
                | Sent::UnderWay => {}
            }
        }
    }
}

impl Sweep {
    /// Writes the metrics of this sweep into the log, in CloudWatch's embedded format.
    pub(super) fn emit_metrics(&self) {
        let report = &self.report;
        let oldest = report.oldest.map_or(0.0, |age| age.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let counted = |metric, count: usize| (count > 0).then(|| (metric, vec![count as f64]));
        let counts = [
            counted(Metric::Silent, report.silent),
            counted(Metric::Unresolved, report.unresolved),
            counted(Metric::Unconfirmed, report.unconfirmed),
        ];
        let mut metrics = vec![(Metric::OldestQueued, vec![oldest])];
        metrics.extend(counts.into_iter().flatten());
        emit_all(&metrics, self.now);
    }
}
