//! More mail than the account may send in a while: two senders over the fake SES, which throttles
//! what comes too fast.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use fake_ses::FakeSes;
use platform::aws::Aws;
use service::outgoing::sending::{Sender, Sent};
use storage::{Key, embedded::Embedded};
use tokio::task::JoinSet;
use transport::ses::Ses;

use super::{desk, float, items, outcomes, post, shared_storage};
use crate::Failure;

/// Senders at once.
const SENDERS: usize = 2;
/// Mails of a batch of the stream.
const BATCH: usize = 10;

/// How messages drain at a rate that SES holds them to.
#[derive(Clone, Copy, Debug)]
pub struct Throttled {
    /// Messages.
    pub messages: usize,
    /// Mails a second that the account may send.
    pub rate: f64,
    /// From the first to the last.
    pub took: Duration,
    /// Calls of `SendEmail`.
    pub calls: u64,
    /// Those that were throttled.
    pub throttled: u64,
    /// Mails that ended as failed or unknown.
    pub failed: usize,
}

impl Throttled {
    /// The time that it takes over the least that the rate allows.
    pub fn over_ideal(&self) -> f64 {
        self.took.as_secs_f64() / (float(self.messages) / self.rate)
    }

    /// Part of the calls that were throttled.
    pub fn part_throttled(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let part = self.throttled as f64 / self.calls.max(1) as f64;
        part
    }
}

/// Sends `messages` at `rate` mails a second.
///
/// # Errors
/// When a message is refused, or a mail is neither sent nor failed in the end.
pub async fn measure(messages: usize, rate: f64) -> Result<Throttled, Failure> {
    let fake = FakeSes::start().await?;
    fake.settings(|settings| {
        settings.max_send_rate = Some(rate);
        settings.events = false;
    });
    let desk = desk(shared_storage(Embedded::in_memory()?)).await?;
    let app = desk.app.clone();
    let sender = || -> Result<Sender, Failure> {
        let url = fake.url();
        let environment = |name: &str| match name {
            "AWS_REGION" => Some("us-east-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("bench".to_owned()),
            "AWS_ENDPOINT_URL" => Some(url.clone()),
            _ => None,
        };
        let ses = Ses::new(
            Aws::from_environment(&environment)?.ses(),
            Some("events".to_owned()),
        );
        Ok(Sender::new(app.clone(), Arc::new(ses)))
    };
    // As the schedule does each minute: it asks for the rate, and finds what a sender left.
    let schedule = sender()?;
    schedule.sweep().await?;
    let keys = post(&desk, messages).await?;
    let batches: VecDeque<Vec<Key>> = keys.chunks(BATCH).map(<[Key]>::to_vec).collect();
    let batches = Arc::new(Mutex::new(batches));
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..SENDERS {
        let (sender, app, batches) = (sender()?, app.clone(), Arc::clone(&batches));
        tasks.spawn(async move {
            loop {
                let next = batches
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front();
                let Some(batch) = next else {
                    return Ok::<_, Failure>(());
                };
                for sent in sender.send_queued(items(&app, &batch).await?).await {
                    if let Sent::Error(error) = sent {
                        return Err(error.into());
                    }
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let (mut accepted, mut failed) = outcomes(&app, &keys).await?;
    while accepted + failed < messages {
        let report = schedule.sweep().await?;
        if report.accepted == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        (accepted, failed) = outcomes(&app, &keys).await?;
        if started.elapsed().as_secs_f64() > 3.0 * float(messages) / rate + 60.0 {
            return Err(format!("{accepted} of {messages} mails left in time").into());
        }
    }
    let counts = fake.counts();
    Ok(Throttled {
        messages,
        rate,
        took: started.elapsed(),
        calls: counts.sends,
        throttled: counts.throttled,
        failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn everything_leaves_and_nothing_fails() {
        let throttled = measure(60, 50.0).await.unwrap();
        assert_eq!(throttled.failed, 0);
        assert_eq!(throttled.calls, 60 + throttled.throttled);
    }
}
