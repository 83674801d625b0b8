//! How a sender works: numbers that a deployment may choose.

use std::time::Duration;

/// Time for what comes after a call: its record, storage that has to be asked again included.
pub const MARGIN: Duration = Duration::from_secs(10);

/// How long a run of the function may last, its `Timeout` in the template.
pub const LIFE: Duration = Duration::from_secs(90);

/// A sweep of the function: it begins every minute and works nearly as long, so that a backlog
/// drains without a pause.
pub const SWEEP: Duration = Duration::from_secs(58);

/// How long a mail waits for its place in the provider's rate.
pub const PACE: Duration = Duration::from_secs(20);

/// Numbers of one sender.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Mails under way at once.
    pub concurrency: usize,
    /// How long a claim holds: longer than the transport's longest call and [`MARGIN`].
    pub lease: Duration,
    /// How long a run waits for mails that the provider takes its time over, before it leaves them to
    /// themselves and goes on with others. A function that is frozen between its runs waits for all.
    pub linger: Option<Duration>,
    /// How long a sweep leaves new deliveries to the stream.
    pub grace: Duration,
    /// How long a mail waits for its moment in the provider's rate before it is left in the queue.
    pub pace: Duration,
    /// How long a sweep goes on.
    pub sweep: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 16,
            lease: Duration::from_secs(90),
            linger: None,
            grace: Duration::ZERO,
            pace: PACE,
            sweep: Duration::from_secs(45),
        }
    }
}

impl Options {
    /// With claims that outlast a call of this length, its record included.
    #[must_use]
    pub fn lasting(mut self, longest_call: Duration) -> Self {
        self.lease = self.lease.max(longest_call + 2 * MARGIN);
        self
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency.max(1)
    }
}
