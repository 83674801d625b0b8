//! What is held, and leaves when its obstacle is gone.

use super::super::Management;
use super::{Batch, Facts, LAST, MAX_BATCH, Sweep, queue::Pass, suppressions};
use crate::Result;
use domain::{
    delivery::Delivery,
    reason::Reason,
    times::{SKEW, is_ahead},
};
use storage::{
    Item, Query, Range, Source,
    keys::{self, Due},
};

/// The character after the one that ends an obstacle's name in a sort value.
const AFTER: char = '$';
/// What makes a sort value the next one: the least character that one may have.
const NEXT: char = ' ';

impl Sweep {
    /// Puts what a suppression held back into the queue, once it is over.
    pub(super) async fn ended_suppressions(&mut self) -> Result<()> {
        let inner = self.inner.clone();
        let transport = inner.transport.as_ref();
        let range = Range::AtMost(format!("{}{LAST}", keys::by_time(self.now, "")));
        let mut calls = Management::default();
        for shard in 0..keys::DUE_SHARDS {
            let mut after = None;
            while !self.time_is_up() {
                let page = self
                    .page(Due::Suppression, shard, range.clone(), 100, after)
                    .await?;
                for item in page.items {
                    let until = self.until;
                    let released =
                        suppressions::release(&inner.app, transport, &item, until, &mut calls)
                            .await;
                    let released = self.spare(released)?.unwrap_or_default();
                    self.report.released += released.deliveries;
                    self.report.errors += released.errors;
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Looks at each obstacle once, and sends what waited for one that is gone. When time is up, the
    /// next look begins where this one ended.
    pub(super) async fn held(&mut self) -> Result<()> {
        for _ in 0..keys::DUE_SHARDS {
            let shard = self.shard;
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
                range = Range::Between(from, LAST.to_owned());
            }
            if self.time_is_up() {
                break;
            }
            self.shard = (shard + 1) % keys::DUE_SHARDS;
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
        let own_time = Reason::find(obstacle).is_some_and(Reason::ends_by_itself);
        if went && !own_time {
            self.release_until(shard, obstacle, "").await?;
        }
        self.release_of_the_future(shard, obstacle).await
    }

    /// Lets those try that were held by a clock that was ahead: their moments are as far off. What a
    /// rule gives a moment of its own finds that moment anew.
    async fn release_of_the_future(&mut self, shard: u32, obstacle: &str) -> Result<()> {
        let from = keys::by_time(self.now + SKEW, "");
        let range = Range::Between(format!("{obstacle}#{from}"), format!("{obstacle}#{LAST}"));
        let query = Query::of(Source::Index(keys::due(Due::Held, shard)), MAX_BATCH)
            .range(range)
            .descending();
        let mut items = self.inner.app.store.query(query).await?.items;
        items.retain(|item| {
            let delivery = item.decode::<Delivery>();
            delivery.is_ok_and(|delivery| is_ahead(delivery.updated_at, self.now))
        });
        if !items.is_empty() {
            self.send(items).await;
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
            let mut items = page.items;
            // What was tried in this sweep and is held again for the same would be met again.
            items.retain(|item| self.waited_before(item));
            let stopped = self.send(items).await == Pass::Stopped;
            after = page.next;
            if after.is_none() || stopped || self.time_is_up() {
                return Ok(self.report.accepted > before);
            }
        }
    }

    fn waited_before(&self, item: &Item) -> bool {
        let delivery = item.decode::<Delivery>();
        delivery.map_or(true, |delivery| {
            delivery.updated_at <= self.now || is_ahead(delivery.updated_at, self.now)
        })
    }

    async fn is_gone(&mut self, obstacle: &str, delivery: &Delivery) -> Result<bool> {
        if let Some(gone) = self.looked.get(obstacle) {
            return Ok(*gone);
        }
        let loaded = Batch::load(
            &self.inner.app,
            &self.inner.templates,
            &[delivery],
            self.until,
        )
        .await;
        let Some(batch) = self.spare(loaded)? else {
            // Each of the others tells for itself.
            return Ok(true);
        };
        let facts = Facts {
            batch: &batch,
            delivery,
            circuit: None,
        };
        let gone = !facts.is_still_held();
        if gone {
            tracing::info!(obstacle, "an obstacle is gone");
        }
        self.looked.insert(obstacle.to_owned(), gone);
        Ok(gone)
    }
}
