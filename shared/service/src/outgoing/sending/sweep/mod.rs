//! What the one-minute schedule does: everything that is due and that no event will bring.

mod events;
mod held;
mod leases;
mod queue;
mod report;
mod suppressions;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

pub use self::report::SweepReport;
use super::{
    HeldPolicy, Inner, Run, Sender, Sent, Windows, account,
    batch::{Batch, MAX_BATCH},
    gate::Facts,
    reputation,
};
use crate::{Result, desk::statistics};
use domain::delivery::Delivery;
use storage::{
    Item, Position, Query, Range, Source,
    keys::{self, Due, LAST},
};

/// How long one sweep counts figures.
const FIGURES: Duration = Duration::from_secs(3);

impl Sender {
    /// Does what is due: sends what waits, gives up expired leases, releases what is held for an
    /// obstacle that is gone, notices events that did not come.
    ///
    /// # Errors
    /// When storage cannot be read; what was done stays done.
    pub async fn sweep(&self) -> Result<SweepReport> {
        let report = self.inner.clone().sweep().await?;
        self.inner.tally.emit(self.inner.app.now());
        Ok(report)
    }

    /// For a process that knows it is alone: every lease is of a process that ended, however long
    /// it still holds. To be called before the first sweep.
    ///
    /// # Errors
    /// When storage cannot be read or written.
    pub async fn recover(&self) -> Result<SweepReport> {
        let mut sweep = Sweep::new(self.inner.clone());
        sweep.expired_leases(Range::All).await?;
        Ok(sweep.report)
    }
}

impl Inner {
    async fn sweep(self: Arc<Self>) -> Result<SweepReport> {
        let mut sweep = Sweep::new(self);
        let swept = sweep.all().await;
        // Whatever stopped it: what is not counted rings no alarm.
        sweep.emit_metrics();
        swept?;
        Ok(sweep.report)
    }
}

struct Sweep {
    inner: Arc<Inner>,
    now: Timestamp,
    began: Instant,
    /// When what is under way gives way to what comes next.
    until: Instant,
    /// Obstacles that were looked at: whether each is gone.
    looked: HashMap<String, bool>,
    windows: Arc<Windows>,
    /// When an event came last, once it was looked at; none came.
    last_event: Option<Option<Timestamp>>,
    /// Where those that are held are looked at next: in another shard every minute, so that none
    /// waits for the others to be empty.
    shard: u32,
    report: SweepReport,
}

impl Sweep {
    fn new(inner: Arc<Inner>) -> Self {
        let (now, began) = (inner.app.now(), Instant::now());
        Self {
            until: began + inner.options.sweep,
            inner,
            now,
            began,
            looked: HashMap::new(),
            windows: Arc::default(),
            last_event: None,
            shard: minute(now) % keys::DUE_SHARDS,
            report: SweepReport::default(),
        }
    }

    /// Everything, each part with a share of the time, so that none waits for another to be empty: a
    /// backlog lasts for hours, and what is freed meanwhile has to leave, too.
    async fn all(&mut self) -> Result<()> {
        account::keep(&self.inner, self.now).await;
        reputation::keep(&self.inner, self.now).await;
        let expired = Range::AtMost(format!("{}{LAST}", keys::by_time(self.now, "")));
        self.share(0.2);
        self.expired_leases(expired).await?;
        self.leases_of_the_future().await?;
        self.missing_events().await?;
        self.events_of_the_future().await?;
        self.share(0.3);
        self.ended_suppressions().await?;
        self.share(0.6);
        self.held().await?;
        let cut = Instant::now() >= self.until;
        self.share(1.0);
        self.queued().await?;
        // What of those held found no time before, where the queue left some.
        if cut && !self.time_is_up() {
            self.held().await?;
        }
        self.figures().await;
        Ok(())
    }

    /// Counts hours that are over, where the sweep has time left. What cannot be counted now is counted
    /// by the next sweep.
    async fn figures(&mut self) {
        let next = self.inner.counted.load(Ordering::Relaxed);
        if statistics::is_early(next, self.now) || self.time_is_up() {
            return;
        }
        let until = self.until.min(Instant::now() + FIGURES);
        match statistics::keep(&self.inner.app, until).await {
            Ok(next) => self.inner.counted.store(next, Ordering::Relaxed),
            Err(error) => {
                let cause = error.cause();
                tracing::warn!(cause, "the figures of an hour could not be counted");
            }
        }
    }

    /// Lets what follows go on until so much of the sweep's time is over.
    fn share(&mut self, part: f64) {
        self.until = self.began + self.inner.options.sweep.mul_f64(part);
    }

    /// What one item cannot do must not stop the others; storage that is away stops all.
    fn spare<T>(&mut self, done: Result<T>) -> Result<Option<T>> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(error) if error.is_retryable() => Err(error),
            Err(error) => {
                self.report.errors += 1;
                tracing::error!(
                    cause = error.cause(),
                    code = error.code.as_str(),
                    "an item of the sweep cannot be worked on"
                );
                Ok(None)
            }
        }
    }

    /// A delivery that cannot be read must not stop the others.
    fn read(&mut self, item: &Item) -> Option<Delivery> {
        match item.decode() {
            Ok(delivery) => Some(delivery),
            Err(error) => {
                self.report.errors += 1;
                tracing::error!(%error, "a delivery cannot be read");
                None
            }
        }
    }

    fn time_is_up(&mut self) -> bool {
        let up = Instant::now() >= self.until || self.inner.is_ending();
        self.report.cut_short |= up;
        up
    }

    async fn page(
        &self,
        kind: Due,
        shard: u32,
        range: Range,
        limit: usize,
        after: Option<Position>,
    ) -> Result<storage::Page> {
        let query = query(kind, shard, range, limit).after(after);
        Ok(self.inner.app.store.query(query).await?)
    }
}

/// What is due of a kind in a shard.
fn query(kind: Due, shard: u32, range: Range, limit: usize) -> Query {
    Query::of(Source::Index(keys::due(kind, shard)), limit).range(range)
}

fn minute(now: Timestamp) -> u32 {
    u32::try_from(now.as_second() / 60).unwrap_or_default()
}
