//! Time on a processor: unlike the clock's, it does not grow when others work beside a test.

use std::{fs, time::Duration};

/// What this thread has spent so far. The kernel counts it at each tick, so it says nothing of less
/// than some milliseconds.
///
/// # Panics
/// Where the kernel does not tell.
pub fn spent() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux kernel");
    let nanoseconds = told.split(' ').next().and_then(|spent| spent.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number of nanoseconds"))
}
