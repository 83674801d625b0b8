//! Leases whose holder is gone.

use jiff::SignedDuration;

use super::{LAST, Sent, Sweep, minute, query};
use crate::{Result, pages};
use domain::{
    delivery::{Delivery, DeliveryStatus, Verdict},
    reason::Reason,
    times::SKEW,
};
use storage::{
    Item, Range,
    keys::{self, Due},
};
use transport::Trace;

impl Sweep {
    /// Gives up leases whose holder is gone. A transport that keeps its mails says what became of
    /// them; else nobody knows.
    pub(super) async fn expired_leases(&mut self, range: Range) -> Result<()> {
        let inner = self.inner.clone();
        for shard in 0..keys::DUE_SHARDS {
            let query = query(Due::Sending, shard, range.clone(), 100);
            let mut pages = pages::all(&inner.app, query);
            while let Some(items) = pages.next().await? {
                for item in items {
                    let given_up = self.give_up(item).await;
                    self.spare(given_up)?;
                }
                if pages.has_more() && self.time_is_up() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Gives up leases that end later than any: a clock was ahead when they were taken. Those of this
    /// process are under way. In another shard every minute.
    pub(super) async fn leases_of_the_future(&mut self) -> Result<()> {
        let lease = SignedDuration::try_from(self.inner.options.lease).unwrap_or_default();
        let range = Range::Between(keys::by_time(self.now + lease + SKEW, ""), LAST.to_owned());
        let shard = minute(self.now) % keys::DUE_SHARDS;
        let page = self.page(Due::Sending, shard, range, 100, None).await?;
        for item in page.items {
            let own = item.decode::<Delivery>();
            if own.is_ok_and(|delivery| self.inner.in_hand.holds(delivery.id)) {
                continue;
            }
            let given_up = self.give_up(item).await;
            self.spare(given_up)?;
        }
        Ok(())
    }

    async fn give_up(&mut self, item: Item) -> Result<()> {
        let Some(mut delivery) = self.read(&item) else {
            return Ok(());
        };
        if delivery.await_event() {
            return self.put_back(&mut delivery, item.version).await;
        }
        if delivery.status != DeliveryStatus::Sending {
            return Ok(());
        }
        let attempt = delivery.attempts;
        let confirmed = self.inner.transport.capabilities().confirms;
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
        let sent = self.inner.write(&mut delivery, item.version, sent).await?;
        if matches!(sent, Sent::Unknown) {
            self.inner.tally.unknown(Reason::SenderLost);
            tracing::error!(delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, attempt, reason = Reason::SenderLost.code(), "mail unknown");
        }
        self.inner.tally.count(&sent);
        self.report.add(&[sent]);
        Ok(())
    }
}
