//! Events that did not come.

use jiff::Timestamp;

use super::{LAST, Sweep, minute, query};
use crate::{Result, committed, feedback::last_event, outgoing::deliveries, pages};
use domain::{
    delivery::{Delivery, Overdue, UNCONFIRMED},
    times::SKEW,
};
use storage::{
    Expect, Item, Range, Version,
    keys::{self, Due},
};

impl Sweep {
    /// Notices events that did not come.
    pub(super) async fn missing_events(&mut self) -> Result<()> {
        let range = Range::AtMost(format!("{}{LAST}", keys::by_time(self.now, "")));
        let inner = self.inner.clone();
        for shard in 0..keys::DUE_SHARDS {
            let query = query(Due::Event, shard, range.clone(), 100);
            let mut pages = pages::all(&inner.app, query);
            while let Some(items) = pages.next().await? {
                for item in items {
                    let seen = self.overdue(item).await;
                    self.spare(seen)?;
                }
                if pages.has_more() && self.time_is_up() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Lets what waits for an event longer than anything does begin anew: a clock was ahead. In
    /// another shard every minute.
    pub(super) async fn events_of_the_future(&mut self) -> Result<()> {
        let from = self.now + UNCONFIRMED + SKEW;
        let range = Range::Between(keys::by_time(from, ""), LAST.to_owned());
        let shard = minute(self.now) % keys::DUE_SHARDS;
        for item in self.page(Due::Event, shard, range, 100, None).await?.items {
            let Some(mut delivery) = self.read(&item) else {
                continue;
            };
            delivery.wait_anew(self.now);
            self.put_back(&mut delivery, item.version).await?;
        }
        Ok(())
    }

    /// Stores one that waits for an event, unless that came just now.
    pub(super) async fn put_back(&self, delivery: &mut Delivery, version: Version) -> Result<()> {
        let writes = deliveries::writes(delivery, Expect::Version(version))?;
        committed(&self.inner.app, writes).await?;
        Ok(())
    }

    async fn overdue(&mut self, item: Item) -> Result<()> {
        let Some(mut delivery) = self.read(&item) else {
            return Ok(());
        };
        let again = self.send_unknown_again(&mut delivery);
        let what = match again {
            Some(_) => Overdue::Outcome,
            None => match delivery.overdue(self.now) {
                Some(what) => what,
                None => return Ok(()),
            },
        };
        let writes = deliveries::writes(&mut delivery, Expect::Version(item.version))?;
        if !committed(&self.inner.app, writes).await? {
            // An event came just now.
            return Ok(());
        }
        if again == Some(true) {
            self.report.resent += 1;
            tracing::warn!(delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, "an unknown one is sent again, as the settings say");
            return Ok(());
        }
        // Events come: this mail is only slow, and what was told of it changed nothing.
        if what == Overdue::Event && self.events_came_since(delivery.updated_at).await? {
            return Ok(());
        }
        let counter = match what {
            Overdue::Event => &mut self.report.silent,
            Overdue::Outcome => &mut self.report.unresolved,
            Overdue::Confirmation => &mut self.report.unconfirmed,
        };
        *counter += 1;
        tracing::warn!(delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, missing = ?what, "no event came");
        Ok(())
    }

    /// Whether an event of any mail came since then; looked at once in a sweep.
    async fn events_came_since(&mut self, at: Timestamp) -> Result<bool> {
        let last = match self.last_event {
            Some(last) => last,
            None => *self
                .last_event
                .insert(last_event::read(&self.inner.app).await?),
        };
        Ok(last.is_some_and(|last| last >= at))
    }

    /// Sends one again whose outcome nobody saw, where the operator wants that and events would have
    /// told of its arrival. Whether it is in the queue again; `None` where this is not for it.
    fn send_unknown_again(&self, delivery: &mut Delivery) -> Option<bool> {
        let after = self.inner.app.settings.resend_unknown_after?;
        let confirms = self.inner.transport.capabilities().confirms;
        confirms.then(|| delivery.resend_unknown(after, self.now))?
    }
}
