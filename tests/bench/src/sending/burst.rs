//! A burst at once, at a rate that is not an obstacle: everything is in the queue, and runs of the
//! schedule drain it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use service::outgoing::sending::Sender;
use storage::embedded::Embedded;

use super::{desk, outcomes, post, shared_storage, slow::Accepting};
use crate::Failure;

/// How a burst of messages drains.
#[derive(Clone, Copy, Debug)]
pub struct Burst {
    /// Messages.
    pub messages: usize,
    /// Mails a second that the account may send.
    pub rate: f64,
    /// Time until all were in the queue.
    pub posted: Duration,
    /// Time from then until all had left.
    pub drained: Duration,
    /// Mails that ended as failed or unknown.
    pub failed: usize,
}

/// Posts `messages`, then sends them.
///
/// # Errors
/// When one is refused, or the queue does not drain.
pub async fn measure(messages: usize, rate: f64) -> Result<Burst, Failure> {
    let desk = desk(shared_storage(Embedded::in_memory()?)).await?;
    let transport = Arc::new(Accepting::new(Duration::ZERO, Some(rate)));
    let sender = Sender::new(desk.app.clone(), transport.clone());
    sender.sweep().await?;
    let started = Instant::now();
    let keys = post(&desk, messages).await?;
    let posted = started.elapsed();
    let started = Instant::now();
    loop {
        let before = transport.accepted();
        sender.sweep().await?;
        if transport.accepted() >= messages {
            break;
        }
        if transport.accepted() == before {
            return Err(format!("the queue stands still at {before} of {messages}").into());
        }
    }
    let drained = started.elapsed();
    let (accepted, failed) = outcomes(&desk.app, &keys).await?;
    if accepted + failed != messages {
        return Err(format!("{accepted} of {messages} mails left").into());
    }
    Ok(Burst {
        messages,
        rate,
        posted,
        drained,
        failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_queue_drains() {
        let burst = measure(200, 10_000.0).await.unwrap();
        assert_eq!(burst.failed, 0);
    }
}
