//! What waits to be sent.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::{HeldPolicy, LAST, MAX_BATCH, Run, Sent, Sweep, minute};
use crate::Result;
use domain::{delivery::Delivery, times::SKEW};
use storage::{
    Item, Position, Query, Range, Source,
    keys::{self, Due},
};

/// Before the queue is gone through again, when nothing of it could leave.
const PAUSE: Duration = Duration::from_secs(1);

/// How far a part of the queue was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pass {
    /// To its end: nothing of it waits for this sweep.
    Through,
    /// But for what waits for the mail before it.
    Behind,
    /// But for what found no place in the rate.
    LeftBehind,
    /// Sending is stopped for the whole account.
    Stopped,
}

impl Sweep {
    /// Sends what waits, over and over while the rate leaves some of it behind.
    pub(super) async fn queued(&mut self) -> Result<()> {
        self.far_off().await?;
        let mut first = true;
        loop {
            let before = self.report.accepted;
            let pass = self.pass(std::mem::take(&mut first)).await?;
            let went_on = self.report.accepted > before;
            let again = pass == Pass::LeftBehind || (pass == Pass::Behind && went_on);
            if !again || self.time_is_up() {
                return Ok(());
            }
            if !went_on {
                // Others have all the places for now.
                let left = self.until.saturating_duration_since(Instant::now());
                tokio::time::sleep(PAUSE.min(left)).await;
            }
        }
    }

    /// Sends what a clock that was ahead put into the queue: its time is as far off.
    async fn far_off(&mut self) -> Result<()> {
        let from = keys::by_time(self.now + SKEW, "");
        // In another shard every minute.
        let shard = minute(self.now) % keys::DUE_SHARDS;
        let query = Query::of(Source::Index(keys::due(Due::Queued, shard)), MAX_BATCH)
            .range(Range::Between(from, LAST.to_owned()))
            .descending();
        let mut items = self.inner.app.store.query(query).await?.items;
        items.retain(|item| {
            let delivery = item.decode::<Delivery>();
            delivery.is_ok_and(|delivery| delivery.may_be_leased(self.now))
        });
        if !items.is_empty() {
            self.send(items).await;
        }
        Ok(())
    }

    /// Goes through the queue once, every shard in turn, so that none waits for the others to be empty.
    async fn pass(&mut self, first: bool) -> Result<Pass> {
        let grace = SignedDuration::try_from(self.inner.options.grace).unwrap_or_default();
        let due = self.now.checked_sub(grace).unwrap_or(self.now);
        let due = format!("{}{LAST}", keys::by_time(due, ""));
        let is_due = |item: &Item| item.index.as_ref().is_some_and(|index| index.sort <= due);
        let mut places: Vec<(u32, Option<Position>)> =
            (0..keys::DUE_SHARDS).map(|shard| (shard, None)).collect();
        let (mut first, mut pass) = (first, Pass::Through);
        // What more is read now would only be in hand, waiting for those that are under way.
        while !places.is_empty() && !self.inner.is_busy() {
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

    /// Sends these, held ones too.
    pub(super) async fn send(&mut self, items: Vec<Item>) -> Pass {
        let end = self.until.min(Instant::now() + self.inner.options.pace);
        let run = Run {
            held: HeldPolicy::Try,
            end,
            windows: self.windows.clone(),
        };
        let results = self.inner.clone().send_all(items, run).await;
        self.report.add(&results);
        let pass = |sent: &Sent| match sent {
            Sent::Stopped => Pass::Stopped,
            Sent::Behind => Pass::Behind,
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
}
