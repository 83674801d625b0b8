//! One attempt: lease, call, record. The lease is the last thing before the call and the record the
//! first thing after it, so that as little as possible can come between.

use std::time::Duration;

use jiff::SignedDuration;

use super::{Inner, Sent, options::MARGIN, prepare::Prepared, verdict::wait, windows::TakenMoment};
use crate::{
    Error, Result,
    desk::tickets::TicketReference,
    entity::{self, Entity as _},
    outgoing::deliveries,
    outgoing::thread::{ThreadState, accepted_header_ids},
    retrying::wait_shortly,
};
use domain::{
    catalog::Phrase,
    delivery::{Delivery, Verdict},
    reason::Reason,
};
use storage::{Expect, Item, StorageError, Version, When, Write, keys};
use transport::OutgoingMail;

/// How often a write that must not be lost is tried.
const TRIES: u32 = 6;
/// First wait between two tries of a write; it doubles.
const BETWEEN: Duration = Duration::from_millis(50);

/// What an accepted mail adds to its thread, and the thread before it.
struct ThreadEntry {
    header_id: String,
    earlier: ThreadState,
    moment: TakenMoment,
}

/// A delivery whose lease was taken, as it was written.
struct Leased {
    delivery: Delivery,
    version: Version,
}

impl Inner {
    /// Sends a prepared delivery that was read at `version`, in its moment.
    pub(super) async fn attempt(
        &self,
        delivery: Delivery,
        version: Version,
        prepared: Prepared,
        moment: TakenMoment,
    ) -> Result<Sent> {
        let written_at = prepared.written_at;
        // Between the wait for its place and here the process may have been told to end.
        if self.is_ending() {
            return Ok(Sent::Stopped);
        }
        let Some(leased) = self.take_lease(delivery, version, &prepared).await? else {
            return Ok(Sent::Elsewhere);
        };
        let attempt = leased.delivery.attempts;
        let ids = (leased.delivery.id, leased.delivery.ticket_id.clone());
        let mut entry = ThreadEntry {
            header_id: prepared.mail.header_id.clone(),
            earlier: prepared.earlier,
            moment,
        };
        let outgoing = OutgoingMail {
            from: prepared.mail.from,
            to: prepared.mail.to,
            raw: prepared.mail.composed.raw,
            delivery_id: ids.0,
            attempt,
            ticket_id: ids.1,
            message_id: leased.delivery.message_id,
            kind: prepared.kind,
        };
        let began = self.app.now();
        let outcome = if self.may_still_call(&leased.delivery) {
            Some(self.transport.send(&outgoing).await)
        } else {
            None
        };
        let (verdict, change) = match &outcome {
            Some(outcome) => (
                self.verdict(&leased.delivery, outcome),
                self.change(outcome, began),
            ),
            None => (self.lease_too_short(), None),
        };
        if matches!(verdict, Verdict::Accepted { .. } | Verdict::Unknown { .. }) {
            entry.moment.leave(began);
        }
        let recorded = self.record(leased, &verdict, &entry).await;
        if let Some(change) = change {
            change.publish(&self.app).await;
        }
        let recorded = recorded?;
        self.report(&recorded, &verdict, written_at);
        if matches!(
            &verdict,
            Verdict::Retry {
                reason: Reason::Throttled,
                ..
            }
        ) {
            let now = self.app.now();
            self.pacer
                .change(&self.app, |pace| pace.slow_down(now))
                .await;
        }
        Ok(match verdict {
            Verdict::Accepted { .. } => Sent::Accepted,
            Verdict::Retry { .. } => Sent::Waits,
            Verdict::Held { .. } => Sent::Held,
            Verdict::Failed { .. } => Sent::Failed,
            Verdict::Unknown { .. } => Sent::Unknown,
        })
    }

    /// `None` when somebody else has it.
    async fn take_lease(
        &self,
        mut delivery: Delivery,
        version: Version,
        prepared: &Prepared,
    ) -> Result<Option<Leased>> {
        let now = self.app.now();
        let until =
            now + SignedDuration::try_from(self.options.lease).unwrap_or(SignedDuration::MAX);
        delivery.take_lease(now, until, prepared.sent.clone());
        let (item, entry) = deliveries::stored(&mut delivery)?;
        let taken = item.version.clone();
        let mut writes = vec![Write::replace(item, version)];
        writes.extend(entry);
        if let Some(reference) = &prepared.mail.reference {
            let ticket = TicketReference {
                ticket_id: delivery.ticket_id.clone(),
            };
            writes.push(entity::TicketReference(reference).put(&ticket)?);
        }
        match self.app.store.commit(writes).await {
            Ok(()) => Ok(Some(Leased {
                delivery,
                version: taken,
            })),
            Err(StorageError::Conflict { .. }) => Ok(None),
            // Whether it was written can be read: without the lease there is no call.
            Err(StorageError::Unknown(_)) => {
                let mine = self
                    .stored(&delivery)
                    .await?
                    .is_some_and(|item| item.version == taken);
                Ok(mine.then_some(Leased {
                    delivery,
                    version: taken,
                }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the lease lasts for the longest call and its record.
    fn may_still_call(&self, delivery: &Delivery) -> bool {
        let least = wait(self.transport.longest_call() + MARGIN);
        delivery
            .lease
            .as_ref()
            .is_some_and(|lease| lease.until.duration_since(self.app.now()) >= least)
    }

    /// Records a verdict, whatever was written in the meantime. Only when storage stays away does
    /// it give up: then the lease expires and the delivery is `unknown`, as it must be.
    async fn record(
        &self,
        leased: Leased,
        verdict: &Verdict,
        entry: &ThreadEntry,
    ) -> Result<Delivery> {
        let attempt = leased.delivery.attempts;
        let (mut before, mut version) = (leased.delivery, leased.version);
        let mut trouble = None;
        for tried in 0..TRIES {
            let mut after = before.clone();
            if !after.settle(attempt, verdict.clone(), self.app.now()) {
                return Ok(after);
            }
            let expect = Expect::Version(version.clone());
            let mut writes = deliveries::writes(&mut after, expect)?;
            if let Verdict::Accepted { id, .. } = verdict {
                let assigned = self.transport.capabilities().assigns_ids;
                let ids = accepted_header_ids(&self.app.settings, assigned, id, &entry.header_id);
                let address = after.to.key();
                let earlier = ThreadState {
                    ids: entry.earlier.ids.clone(),
                    times: entry
                        .moment
                        .left(&self.app.settings.storm_limits, after.updated_at),
                };
                let thread = earlier.with(&self.app, &after.ticket_id, &address, ids)?;
                writes.push(Write::alone(thread, When::After));
                let id = if assigned {
                    id
                } else {
                    entry.header_id.trim_matches(['<', '>'])
                };
                writes.push(deliveries::mail_record(&self.app, &after, attempt, id)?);
            }
            match self.app.store.commit(writes).await {
                Ok(()) => return Ok(after),
                Err(
                    error @ (StorageError::Conflict { .. }
                    | StorageError::Unknown(_)
                    | StorageError::Contended(_)
                    | StorageError::Busy(_)),
                ) => {
                    if matches!(error, StorageError::Conflict { .. }) {
                        wait_shortly(tried + 1).await;
                    } else {
                        tokio::time::sleep(between(tried)).await;
                    }
                    trouble = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
            if let Ok(Some(item)) = self.stored(&before).await {
                before = item.decode()?;
                version = item.version;
            }
        }
        let error = trouble.map_or_else(
            || {
                Error::new(
                    crate::Code::Unavailable,
                    Phrase::verbatim("no try was made"),
                )
            },
            Error::from,
        );
        tracing::error!(delivery_id = %before.id, cause = error.cause(), "an outcome could not be recorded");
        Err(error)
    }

    /// The delivery as it is stored now, asked for more than once.
    pub(super) async fn stored(&self, delivery: &Delivery) -> Result<Option<Item>> {
        let key = keys::delivery(&delivery.ticket_id, delivery.message_id, delivery.id);
        for tried in 1..TRIES {
            match self.app.store.get(std::slice::from_ref(&key)).await {
                Ok(mut found) => return Ok(found.pop().flatten()),
                Err(error) if error.is_retryable() => {
                    tokio::time::sleep(between(tried - 1)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.app.store.get(&[key]).await?.pop().flatten())
    }
}

/// The wait after so many tries that storage did not answer: a half to one and a half of what doubles
/// with each, so that those whom it left alone together do not come back together.
fn between(tried: u32) -> Duration {
    (BETWEEN * (1 << tried)).mul_f64(0.5 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_at_random_about_a_wait_that_doubles() {
        for tried in 0..TRIES {
            let least = BETWEEN.mul_f64(f64::from(1 << tried) / 2.0);
            let waits: Vec<_> = (0..100).map(|_| between(tried)).collect();
            assert!(waits.iter().all(|wait| (least..=least * 3).contains(wait)));
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }
}
