//! How a sender works: numbers that a deployment may choose.

use std::time::Duration;

/// Time for what comes after a call: its record, storage that has to be asked again included.
pub const MARGIN: Duration = Duration::from_secs(10);

/// Numbers of one sender.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Mails under way at once.
    pub concurrency: usize,
    /// How long a claim holds: longer than the transport's longest call and [`MARGIN`].
    pub lease: Duration,
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
            grace: Duration::ZERO,
            pace: Duration::from_secs(20),
            sweep: Duration::from_secs(45),
        }
    }
}
