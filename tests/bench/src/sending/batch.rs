//! A batch of ten beside a batch of one, with storage and SES as far away as they are.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::tests::memory::Memory;
use service::outgoing::sending::Sender;

use super::{
    desk, items, outcomes, post, shared_storage,
    slow::{Accepting, Counts, Slow},
};
use crate::{Failure, stats::Sample};

/// Time of a storage call.
pub const STORAGE: Duration = Duration::from_millis(5);
/// Time of a call of SES.
pub const SES: Duration = Duration::from_millis(30);
/// Mails of a batch.
pub const MAILS: usize = 10;
/// Far more than is sent: the schedule is kept, and nothing waits for it.
const RATE: f64 = 100_000.0;

/// How much longer a batch of many takes than one of a single mail.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Time of a batch of one.
    pub one: Sample,
    /// Time of a batch of [`MAILS`].
    pub ten: Sample,
    /// Storage calls of a batch of one and of one of [`MAILS`]: reads, queries, commits, and those of
    /// the rate's schedule, which the batch shares.
    pub calls: [[usize; 4]; 2],
}

impl Batch {
    /// Storage calls that each further mail of a batch makes.
    pub fn calls_a_mail(&self) -> f64 {
        let [one, ten] = self.calls.map(|calls| calls[..3].iter().sum::<usize>());
        super::float(ten.saturating_sub(one)) / super::float(MAILS - 1)
    }
}

/// Sends `runs` batches of each size in turn.
///
/// # Errors
/// When a mail is not accepted.
pub async fn measure(runs: usize) -> Result<Batch, Failure> {
    let counts = Counts::default();
    let memory = Arc::new(Memory::default());
    let desk = desk(memory.clone()).await?;
    let mut app = desk.app.clone();
    app.store = shared_storage(Slow::new(memory, STORAGE, counts.clone()));
    let sender = Sender::new(app.clone(), Arc::new(Accepting::new(SES, Some(RATE))));
    // The rate is asked for, and the template compiled, once in the life of a process.
    sender.sweep().await?;
    let keys = post(&desk, runs * (MAILS + 1) + 1).await?;
    let (first, rest) = keys.split_at(1);
    sender.send_queued(items(&app, first).await?).await;
    let (mut one, mut ten, mut calls) = (Vec::new(), Vec::new(), [[0; 4]; 2]);
    for batch in rest.chunks(MAILS + 1) {
        for (size, part) in [(0, &batch[..1]), (1, &batch[1..])] {
            let items = items(&app, part).await?;
            counts.take();
            let started = Instant::now();
            sender.send_queued(items).await;
            let took = started.elapsed();
            calls[size] = counts.take();
            if size == 0 { &mut one } else { &mut ten }.push(took);
        }
    }
    let (accepted, _) = outcomes(&app, &keys).await?;
    if accepted != keys.len() {
        return Err(format!("{accepted} of {} mails were accepted", keys.len()).into());
    }
    Ok(Batch {
        one: one.into_iter().collect(),
        ten: ten.into_iter().collect(),
        calls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mail_needs_two_storage_calls_beyond_those_that_the_batch_shares() {
        let batch = measure(2).await.unwrap();
        assert_eq!(batch.calls[0][..3], [1, 0, 2]);
        assert!(batch.calls[0][3] <= 1, "{:?}", batch.calls);
        assert_eq!(batch.calls[1][..3], [1, 0, 20]);
        assert!(batch.calls[1][3] < MAILS, "{:?}", batch.calls);
        assert!((batch.calls_a_mail() - 2.0).abs() < 1e-9);
    }
}
