//! One delivery: through the rules of the [gate](super::gate) to its attempt, or to what keeps it back.

use jiff::Timestamp;

use super::{
    Inner, LoadedDelivery, Run, Sent,
    batch::Batch,
    gate::{Facts, GateRule, Obstacle, Places, Stop, walk},
    prepare::{Prepared, make},
    windows::{Moment, TakenMoment},
};
use crate::{Code, Error, Result, committed, outgoing::deliveries};
use domain::{
    catalog::Phrase,
    delivery::{Delivery, DeliveryStatus},
    reason::Reason,
};
use storage::{Expect, Version, Write, keys};

/// What a mail takes on its way through the rules. What it did not need goes back when this is dropped.
struct Taking<'a> {
    inner: &'a Inner,
    run: &'a Run,
    now: Timestamp,
    /// Whether the mail before it to the same person has left.
    in_turn: bool,
    moment: Option<Moment>,
    prepared: Option<Prepared>,
    taken: Option<TakenMoment>,
}

impl Places for Taking<'_> {
    fn make(&mut self, facts: &Facts<'_>) -> Option<Stop> {
        match make(&self.inner.app.settings, facts, self.now) {
            Ok(prepared) => {
                self.prepared = Some(prepared);
                None
            }
            Err(stop) => Some(stop),
        }
    }

    fn window(&mut self, facts: &Facts<'_>) -> Option<Stop> {
        let moment = self.moment.take();
        let moment =
            moment.unwrap_or_else(|| self.inner.moment(facts.batch, facts.delivery, self.run));
        let (taken, stop) = match moment {
            Moment::Now(taken) => (taken, None),
            Moment::Later(taken, obstacle) => (taken, Some(Stop::Hold(obstacle))),
        };
        self.taken = Some(taken);
        stop
    }

    fn order(&mut self, _: &Facts<'_>) -> Option<Stop> {
        (!self.in_turn).then_some(Stop::Wait(Reason::EarlierMailWaits))
    }

    async fn rate(&mut self, _: &Facts<'_>) -> Result<Option<Stop>> {
        let inner = self.inner;
        let has_place = inner.pacer.wait(&inner.app, self.run.end).await?;
        Ok((!has_place).then_some(Stop::Wait(Reason::RateReached)))
    }
}

impl Inner {
    /// Sends one, in the moment that was taken for it, or keeps it back.
    pub(super) async fn send_one(
        &self,
        batch: &Batch,
        read: LoadedDelivery,
        moment: Option<Moment>,
        run: &Run,
        in_turn: bool,
    ) -> Sent {
        let Ok(_permit) = self.permits.acquire().await else {
            return Sent::NoPlace;
        };
        if self.is_ending() {
            return Sent::Stopped;
        }
        let now = self.app.now();
        let taking = Taking {
            inner: self,
            run,
            now,
            in_turn,
            moment,
            prepared: None,
            taken: None,
        };
        let sent = self.pass(batch, read, taking).await;
        let sent = sent.unwrap_or_else(Sent::Error);
        self.tally.count(&sent);
        sent
    }

    async fn pass(
        &self,
        batch: &Batch,
        read: LoadedDelivery,
        mut taking: Taking<'_>,
    ) -> Result<Sent> {
        let now = taking.now;
        let open = self.circuit.open(now, self.can_ask());
        let facts = Facts {
            batch,
            delivery: &read.delivery,
            circuit: open.as_ref(),
        };
        let stop = walk(&facts, &mut taking).await?;
        match stop {
            None => match (taking.prepared, taking.taken) {
                (Some(prepared), Some(moment)) => {
                    self.attempt(read.delivery, read.version, prepared, moment)
                        .await
                }
                _ => Err(Error::new(
                    Code::Internal,
                    Phrase::verbatim("a rule took nothing"),
                )),
            },
            Some((GateRule::Order, _)) => Ok(Sent::Behind),
            Some((GateRule::Rate, _)) => Ok(Sent::NoPlace),
            Some((_, Stop::Wait(_))) => Ok(Sent::Stopped),
            // Its moment is found anew each time, so it is not an obstacle that would be met again.
            Some((GateRule::Window, Stop::Hold(later))) => {
                let held = self.write_hold(batch, read, later, self.app.now()).await;
                if let (Ok(Sent::Held), Some(moment)) = (&held, &mut taking.taken) {
                    moment.keep();
                }
                held
            }
            Some((_, Stop::Hold(obstacle))) => self.hold(batch, read, obstacle, now).await,
            Some((_, stop @ Stop::Fail(..))) => self.fail(read, stop, now).await,
        }
    }

    async fn fail(&self, read: LoadedDelivery, stop: Stop, now: Timestamp) -> Result<Sent> {
        let mut delivery = read.delivery;
        let reason = stop.reason();
        stop.record(&mut delivery, now);
        let sent = if delivery.is_unwanted() {
            tracing::info!(delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, reason = reason.code(), "mail not wanted");
            Sent::Unwanted
        } else {
            tracing::error!(delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, reason = reason.code(), "mail failed");
            Sent::Failed
        };
        self.write(&mut delivery, read.version, sent).await
    }

    /// Holds a delivery; one that is held by the same obstacle already stays as it is.
    async fn hold(
        &self,
        batch: &Batch,
        read: LoadedDelivery,
        obstacle: Obstacle,
        now: Timestamp,
    ) -> Result<Sent> {
        let delivery = &read.delivery;
        if delivery.status == DeliveryStatus::Held
            && delivery.obstacle.as_deref() == Some(&obstacle.name)
        {
            return Ok(if obstacle.recheck_at.is_some() {
                Sent::Stopped
            } else {
                Sent::Elsewhere
            });
        }
        self.write_hold(batch, read, obstacle, now).await
    }

    async fn write_hold(
        &self,
        batch: &Batch,
        read: LoadedDelivery,
        obstacle: Obstacle,
        now: Timestamp,
    ) -> Result<Sent> {
        let mut delivery = read.delivery;
        let reason = obstacle.reason.clone();
        tracing::warn!(delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, reason = reason.code(), "mail held");
        obstacle.record(&mut delivery, now);
        let mut writes = deliveries::writes(&mut delivery, Expect::Version(read.version))?;
        // A suppression that ended since it was read releases nothing any more.
        if delivery.is_because(Reason::Suppressed)
            && let Some(version) = batch.suppression(&delivery)
        {
            let key = keys::suppression(&delivery.to.key());
            writes.push(Write::check(key, Expect::Version(version.clone())));
        }
        let sent = self.commit(writes, Sent::Held).await?;
        if matches!(sent, Sent::Held) {
            self.tally.held(reason.known());
        }
        Ok(sent)
    }

    /// Writes a change that is not an attempt; another sender may have been faster.
    pub(super) async fn write(
        &self,
        delivery: &mut Delivery,
        version: Version,
        done: Sent,
    ) -> Result<Sent> {
        let writes = deliveries::writes(delivery, Expect::Version(version))?;
        self.commit(writes, done).await
    }

    async fn commit(&self, writes: Vec<Write>, done: Sent) -> Result<Sent> {
        Ok(match committed(&self.app, writes).await? {
            true => done,
            false => Sent::Elsewhere,
        })
    }
}
