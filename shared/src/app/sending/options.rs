//! How a sender works: numbers that a deployment may choose.

use std::time::Duration;

/// Numbers of one sender.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Mails under way at once.
    pub concurrency: usize,
    /// How long a claim holds: longer than a call, its record and the life of a function's run.
    pub lease: Duration,
    /// How much of the lease must be left when the call starts: more than a call may take.
    pub call: Duration,
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
            call: Duration::from_secs(30),
            grace: Duration::ZERO,
            pace: Duration::from_secs(20),
            sweep: Duration::from_secs(45),
        }
    }
}
