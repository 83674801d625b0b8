//! What the one-minute schedule does: everything that is due and that no event will bring.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    Held, Inner, Sender, Sent, account,
    batch::{Batch, MAX_BATCH},
    prepare::still_held,
    reputation,
};
use crate::{
    app::{Result, deliveries, suppressions},
    domain::{
        delivery::{Delivery, DeliveryStatus, Overdue, Verdict},
        reason::Reason,
    },
    settings::MailTransport,
    store::{
        Item, Position, Query, Range, Source, StorageError, Write,
        keys::{self, Due},
    },
    telemetry::{Metric, emit},
    transport::Trace,
};

/// Larger than every character of a sort value.
const LAST: char = '~';
/// The character after the one that ends an obstacle's name in a sort value.
const AFTER: char = '$';
/// Before the queue is gone through again, when nothing of it could leave.
const PAUSE: Duration = Duration::from_secs(1);
/// What makes a sort value the next one: the least character that one may have.
const NEXT: char = ' ';

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
    /// Deliveries whose outcome nobody saw, expired claims among them.
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
    /// Age of the oldest delivery that waited to be sent when the sweep began.
    pub oldest: Option<Duration>,
    /// Whether time was up before everything due was done.
    pub cut_short: bool,
}

impl SweepReport {
    /// Writes it to the log.
    pub fn tell(&self) {
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
            oldest_seconds = self.oldest.map(|age| age.as_secs()),
            cut_short = self.cut_short,
            "swept"
        );
    }

    fn add(&mut self, results: &[Sent]) {
        for sent in results {
            match sent {
                Sent::Accepted => self.accepted += 1,
                Sent::Waits => self.waiting += 1,
                Sent::Held => self.held += 1,
                Sent::Failed => self.failed += 1,
                Sent::Unknown => self.unknown += 1,
                Sent::Error(_) => self.errors += 1,
                Sent::Elsewhere | Sent::Stopped | Sent::NoPlace => {}
            }
        }
    }
}

impl Sender {
    /// Does what is due: sends what waits, gives up expired claims, releases what is held for an
    /// obstacle that is gone, notices events that did not come.
    ///
    /// # Errors
    /// When storage cannot be read; what was done stays done.
    pub async fn sweep(&self) -> Result<SweepReport> {
        let report = self.inner.clone().sweep().await?;
        self.inner.tally.emit(self.inner.app.now());
        Ok(report)
    }

    /// For a process that knows it is alone: every claim is of a process that ended, however long
    /// it still holds. To be called before the first sweep.
    ///
    /// # Errors
    /// When storage cannot be read or written.
    pub async fn recover(&self) -> Result<SweepReport> {
        let mut sweep = Sweep::new(self.inner.clone());
        sweep.expired_claims(Range::All).await?;
        Ok(sweep.report)
    }
}

impl Inner {
    async fn sweep(self: Arc<Self>) -> Result<SweepReport> {
        let mut sweep = Sweep::new(self);
        let swept = sweep.all().await;
        // Whatever stopped it: what is not counted rings no alarm.
        sweep.tell();
        swept?;
        Ok(sweep.report)
    }
}

/// How far a part of the queue was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    /// To its end.
    Through,
    /// But for what found no place in the rate.
    LeftBehind,
    /// Sending is stopped for the whole account.
    Stopped,
}

struct Sweep {
    inner: Arc<Inner>,
    now: Timestamp,
    began: Instant,
    /// When what is under way gives way to what comes next.
    until: Instant,
    /// Obstacles that were looked at: whether each is gone.
    looked: HashMap<String, bool>,
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
        self.expired_claims(expired).await?;
        self.missing_events().await?;
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
        Ok(())
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
                    cause = error.cause.as_deref(),
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
        let up = Instant::now() >= self.until;
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
    ) -> Result<crate::store::Page> {
        let query = Query::of(Source::Index(keys::due(kind, shard)), limit)
            .range(range)
            .after(after);
        Ok(self.inner.app.store.query(query).await?)
    }

    /// Sends what waits, over and over while the rate leaves some of it behind.
    async fn queued(&mut self) -> Result<()> {
        let mut first = true;
        loop {
            let before = self.report.accepted;
            let pass = self.pass(std::mem::take(&mut first)).await?;
            if pass != Pass::LeftBehind || self.time_is_up() {
                return Ok(());
            }
            if self.report.accepted == before {
                // Others have all the places for now.
                tokio::time::sleep(PAUSE.min(self.until - Instant::now())).await;
            }
        }
    }

    /// Goes through the queue once, every shard in turn, so that none waits for the others to be empty.
    async fn pass(&mut self, first: bool) -> Result<Pass> {
        let grace = SignedDuration::try_from(self.inner.options.grace).unwrap_or_default();
        let due = self.now.checked_sub(grace).unwrap_or(self.now);
        let due = format!("{}{LAST}", keys::by_time(due, ""));
        let is_due = |item: &Item| item.index.as_ref().is_some_and(|index| index.sort <= due);
        let mut places: Vec<(u32, Option<Position>)> =
            (0..keys::SHARDS).map(|shard| (shard, None)).collect();
        let (mut first, mut pass) = (first, Pass::Through);
        while !places.is_empty() {
            let mut items = Vec::new();
            let mut next = Vec::new();
            for (shard, after) in places {
                let page = self
                    .page(Due::Queued, shard, Range::All, MAX_BATCH, after)
                    .await?;
                // Those that are not due yet come last.
                let more = page.items.last().is_some_and(is_due);
                items.extend(page.items);
                let position = page.next.filter(|_| more);
                next.extend(position.map(|position| (shard, Some(position))));
            }
            if std::mem::take(&mut first) {
                self.note_oldest(&items);
            }
            items.retain(is_due);
            places = next;
            pass = pass.max(self.send(items).await);
            if pass == Pass::Stopped || self.time_is_up() {
                break;
            }
        }
        Ok(pass)
    }

    async fn send(&mut self, items: Vec<Item>) -> Pass {
        let end = self.until.min(Instant::now() + self.inner.options.pace);
        let results = self.inner.clone().send_all(items, Held::Try, end).await;
        self.report.add(&results);
        let pass = |sent: &Sent| match sent {
            Sent::Stopped => Pass::Stopped,
            Sent::NoPlace => Pass::LeftBehind,
            _ => Pass::Through,
        };
        results.iter().map(pass).max().unwrap_or(Pass::Through)
    }

    /// The oldest of what comes first, those that wait for their next try among them.
    fn note_oldest(&mut self, items: &[Item]) {
        let waiting = items
            .iter()
            .filter_map(|item| item.decode::<Delivery>().ok())
            .map(|delivery| delivery.waits_since());
        let age = waiting.min().map(|oldest| self.now.duration_since(oldest));
        self.report.oldest = age.and_then(|age| Duration::try_from(age).ok());
    }

    /// Gives up claims whose holder is gone. A transport that keeps its mails says what became of
    /// them; else nobody knows.
    async fn expired_claims(&mut self, range: Range) -> Result<()> {
        for shard in 0..keys::SHARDS {
            let mut after = None;
            loop {
                let page = self
                    .page(Due::Sending, shard, range.clone(), 100, after)
                    .await?;
                for item in page.items {
                    let given_up = self.give_up(item).await;
                    self.spare(given_up)?;
                }
                after = page.next;
                if after.is_none() || self.time_is_up() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn give_up(&mut self, item: Item) -> Result<()> {
        let Some(mut delivery) = self.read(&item) else {
            return Ok(());
        };
        if delivery.status != DeliveryStatus::Sending {
            return Ok(());
        }
        let attempt = delivery.attempts;
        let confirmed = self.inner.app.settings.mail_transport == MailTransport::Ses;
        let verdict = match self.inner.transport.trace(delivery.id, attempt).await {
            Trace::Accepted { id } => Verdict::Accepted { id, confirmed },
            Trace::NotAccepted => Verdict::Retry {
                at: self.now,
                counts: false,
                reason: Reason::NotReached,
                detail: None,
            },
            Trace::CannotTell => Verdict::Unknown {
                reason: Reason::SenderLost,
                detail: None,
            },
        };
        let unknown = matches!(verdict, Verdict::Unknown { .. });
        let accepted = matches!(verdict, Verdict::Accepted { .. });
        delivery.settle(attempt, verdict, self.now);
        let sent = if unknown {
            Sent::Unknown
        } else if accepted {
            Sent::Accepted
        } else {
            Sent::Waits
        };
        let sent = self.inner.write(&delivery, item.version, sent).await?;
        if matches!(sent, Sent::Unknown) {
            tracing::error!(delivery_id = %delivery.id, ticket_id = delivery.ticket_id, attempt, reason = Reason::SenderLost.code(), "mail unknown");
        }
        self.inner.tally.count(&sent);
        self.report.add(&[sent]);
        Ok(())
    }

    /// Puts what a suppression held back into the queue, once it is over.
    async fn ended_suppressions(&mut self) -> Result<()> {
        let inner = self.inner.clone();
        let transport = inner.transport.as_ref();
        let range = Range::AtMost(format!("{}{LAST}", keys::by_time(self.now, "")));
        for shard in 0..keys::SHARDS {
            let mut after = None;
            while !self.time_is_up() {
                let page = self
                    .page(Due::Suppression, shard, range.clone(), 100, after)
                    .await?;
                for item in page.items {
                    let released = suppressions::release(&self.inner.app, transport, &item).await;
                    self.report.released += self.spare(released)?.unwrap_or_default();
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Looks at each obstacle once, and sends what waited for one that is gone.
    async fn held(&mut self) -> Result<()> {
        for shard in 0..keys::SHARDS {
            let mut range = Range::All;
            while !self.time_is_up() {
                let first = self.page(Due::Held, shard, range.clone(), 1, None).await?;
                let Some(item) = first.items.into_iter().next() else {
                    break;
                };
                let sort = item.index.as_ref().map_or("", |index| index.sort.as_str());
                let obstacle = sort.split('#').next().unwrap_or_default().to_owned();
                let from = match self.read(&item) {
                    Some(first) => {
                        self.release(shard, &obstacle, &first).await?;
                        format!("{obstacle}{AFTER}")
                    }
                    // The next one tells whether it is gone.
                    None => format!("{sort}{NEXT}"),
                };
                range = Range::Between(from, LAST.to_string());
            }
        }
        Ok(())
    }

    async fn release(&mut self, shard: u32, obstacle: &str, first: &Delivery) -> Result<()> {
        if first.due_at.is_none() {
            if self.is_gone(obstacle, first).await? {
                self.release_until(shard, obstacle, "").await?;
            }
            return Ok(());
        }
        // Time alone tells whether it is gone: those whose time has come try, and when one of them
        // goes, all the others may.
        let now = keys::by_time(self.now, "");
        let went = self.release_until(shard, obstacle, &now).await?;
        // Each of these has a time of its own.
        let own = [Reason::LoopLimit.code(), Reason::Coalesced.code()];
        if went && !own.contains(&obstacle) {
            self.release_until(shard, obstacle, "").await?;
        }
        Ok(())
    }

    /// Sends what an obstacle holds, up to a place in its order; whether one of them was accepted.
    async fn release_until(&mut self, shard: u32, obstacle: &str, until: &str) -> Result<bool> {
        let range = Range::Between(format!("{obstacle}#"), format!("{obstacle}#{until}{LAST}"));
        let before = self.report.accepted;
        let mut after = None;
        loop {
            let page = self
                .page(Due::Held, shard, range.clone(), MAX_BATCH, after)
                .await?;
            let stopped = self.send(page.items).await == Pass::Stopped;
            after = page.next;
            if after.is_none() || stopped || self.time_is_up() {
                return Ok(self.report.accepted > before);
            }
        }
    }

    async fn is_gone(&mut self, obstacle: &str, delivery: &Delivery) -> Result<bool> {
        if let Some(gone) = self.looked.get(obstacle) {
            return Ok(*gone);
        }
        let loaded = Batch::load(&self.inner.app, &self.inner.templates, &[delivery]).await;
        let Some(batch) = self.spare(loaded)? else {
            // Each of the others tells for itself.
            return Ok(true);
        };
        let gone = !still_held(&batch, delivery);
        if gone {
            tracing::info!(obstacle, "an obstacle is gone");
        }
        self.looked.insert(obstacle.to_owned(), gone);
        Ok(gone)
    }

    /// Notices events that did not come.
    async fn missing_events(&mut self) -> Result<()> {
        let range = Range::AtMost(format!("{}{LAST}", keys::by_time(self.now, "")));
        for shard in 0..keys::SHARDS {
            let mut after = None;
            loop {
                let page = self
                    .page(Due::Event, shard, range.clone(), 100, after)
                    .await?;
                for item in page.items {
                    let seen = self.overdue(item).await;
                    self.spare(seen)?;
                }
                after = page.next;
                if after.is_none() || self.time_is_up() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn overdue(&mut self, item: Item) -> Result<()> {
        let Some(mut delivery) = self.read(&item) else {
            return Ok(());
        };
        let Some(what) = delivery.overdue(self.now) else {
            return Ok(());
        };
        match self
            .inner
            .app
            .store
            .commit(vec![Write::replace(
                deliveries::item(&delivery)?,
                item.version,
            )])
            .await
        {
            Ok(()) => {}
            // An event came just now.
            Err(StorageError::Conflict { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let counter = match what {
            Overdue::Event => &mut self.report.silent,
            Overdue::Outcome => &mut self.report.unresolved,
            Overdue::Confirmation => &mut self.report.unconfirmed,
        };
        *counter += 1;
        tracing::warn!(delivery_id = %delivery.id, ticket_id = delivery.ticket_id, missing = ?what, "no event came");
        Ok(())
    }

    fn tell(&self) {
        let report = &self.report;
        let oldest = report.oldest.map_or(0.0, |age| age.as_secs_f64());
        emit(Metric::OldestQueued, oldest, self.now);
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let write = |metric, count: usize| {
            if count > 0 {
                emit(metric, count as f64, self.now);
            }
        };
        write(Metric::Silent, report.silent);
        write(Metric::Unresolved, report.unresolved);
        write(Metric::Unconfirmed, report.unconfirmed);
    }
}
