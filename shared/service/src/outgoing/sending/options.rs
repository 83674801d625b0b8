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

/// How long a sweep of the function leaves new deliveries to the stream, which brings them within a
/// second or two.
const GRACE: Duration = Duration::from_secs(20);

/// Longest attempt of the function to read a file from the bucket: three of them fit into what a sweep
/// leaves. A mail links to what does not come.
pub const FILE_ATTEMPT: Duration = Duration::from_secs(5);

/// Numbers of one sender.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Mails under way at once.
    pub concurrency: usize,
    /// How long a lease holds: longer than the transport's longest call and [`MARGIN`].
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
    /// Those of the function: whatever is under way when a sweep or the wait for a place ends is done, a
    /// call of this length and its record included, when the function must end.
    pub fn of_function(concurrency: usize, longest_call: Duration) -> Self {
        let room = LIFE.saturating_sub(longest_call + MARGIN);
        Self {
            sweep: SWEEP.min(room),
            pace: PACE.min(room),
            grace: GRACE,
            concurrency,
            ..Self::default()
        }
    }

    /// With leases that outlast a call of this length, its record included.
    #[must_use]
    pub fn lasting(mut self, longest_call: Duration) -> Self {
        self.lease = self.lease.max(longest_call + 2 * MARGIN);
        self
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_the_function_ends_in_time_whatever_its_transport() {
        for (call, sweep) in [
            (20, SWEEP),
            (50, Duration::from_secs(30)),
            (79, Duration::from_secs(1)),
        ] {
            let call = Duration::from_secs(call);
            let options = Options::of_function(8, call);
            assert_eq!(options.sweep, sweep);
            for work in [options.sweep, options.pace] {
                assert!(work + call + MARGIN <= LIFE, "{call:?}");
            }
        }
        assert_eq!(Options::of_function(8, LIFE).sweep, Duration::ZERO);
        assert_eq!(Options::of_function(8, Duration::ZERO).pace, PACE);
    }
}
