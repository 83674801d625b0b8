//! Many deliveries at once: which of them, in which batches, and one after the other where they go to
//! the same person.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tracing::Instrument as _;

use super::{
    Inner, Sent,
    batch::{Batch, MAX_BATCH},
    gate::Facts,
    in_hand::Hold,
    lanes::{self, Lane, lanes},
    windows::{Moment, Windows},
};
use crate::{Code, Error, texts};
use domain::delivery::{Delivery, DeliveryStatus};
use storage::{Item, Version};

/// Turns of the executor until the first request of a process has left, connection included.
const UNTIL_ASKED: usize = 8;

/// Whether those that are held are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HeldPolicy {
    Stay,
    Try,
}

/// What deliveries that are sent together go by.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) held: HeldPolicy,
    /// No call begins after it.
    pub(super) end: Instant,
    /// The storm rules for what waited.
    pub(super) windows: Arc<Windows>,
}

/// A delivery as it was read.
pub(super) struct LoadedDelivery {
    place: usize,
    pub(super) delivery: Delivery,
    pub(super) version: Version,
    /// Nobody else in this process works on it meanwhile.
    _hold: Hold,
}

impl Inner {
    pub(super) async fn send_all(self: Arc<Self>, items: Vec<Item>, run: Run) -> Vec<Sent> {
        self.warm();
        let mut results: Vec<Option<Sent>> = items.iter().map(|_| None).collect();
        let mut waiting = Vec::with_capacity(items.len());
        let now = self.app.now();
        let wanted = |delivery: &Delivery| {
            delivery.may_be_leased(now)
                && (run.held == HeldPolicy::Try || delivery.status != DeliveryStatus::Held)
        };
        for (place, item) in items.into_iter().enumerate() {
            match item.decode::<Delivery>() {
                Ok(delivery) if wanted(&delivery) => match self.in_hand.take(delivery.id) {
                    Some(hold) => waiting.push(LoadedDelivery {
                        place,
                        delivery,
                        version: item.version,
                        _hold: hold,
                    }),
                    None => results[place] = Some(Sent::UnderWay),
                },
                Ok(_) => results[place] = Some(Sent::Elsewhere),
                Err(error) => results[place] = Some(Sent::Error(error.into())),
            }
        }
        let mut batches = JoinSet::new();
        for following in lanes(waiting, MAX_BATCH) {
            let (sender, run) = (self.clone(), run.clone());
            let sending = async move {
                let mut results = Vec::new();
                for batch in following {
                    results.extend(sender.clone().send_batch(batch, run.clone()).await);
                }
                results
            };
            // Boxed: to start and to end a task moves it several times.
            batches.spawn(Box::pin(sending).in_current_span());
        }
        while let Some(ended) = batches.join_next().await {
            for (place, sent) in ended.unwrap_or_default() {
                results[place] = Some(sent);
            }
        }
        run.windows.forget(now);
        let lost = || {
            Sent::Error(Error::new(
                Code::Internal,
                texts::sending::THE_DELIVERYS_TASK_ENDED_WITHOUT.phrase(),
            ))
        };
        results
            .into_iter()
            .map(|sent| sent.unwrap_or_else(lost))
            .collect()
    }

    /// Makes what the first mail of a process needs while storage is being asked.
    fn warm(self: &Arc<Self>) {
        self.warmed.call_once(|| {
            let sender = Arc::clone(self);
            tokio::spawn(async move {
                for _ in 0..UNTIL_ASKED {
                    tokio::task::yield_now().await;
                }
                sender.transport.warm();
                render::warm();
            });
        });
    }

    /// One read for all, then each on its own, side by side.
    async fn send_batch(
        self: Arc<Self>,
        mut reads: Vec<LoadedDelivery>,
        run: Run,
    ) -> Vec<(usize, Sent)> {
        let deliveries: Vec<&Delivery> = reads.iter().map(|read| &read.delivery).collect();
        let asked = self.circuit.asks();
        let batch = match Batch::load(&self.app, &self.templates, &deliveries, run.end).await {
            Ok(batch) => Arc::new(batch),
            // One that cannot be read must not stop the others: each alone, then.
            Err(error) if reads.len() > 1 && !error.is_retryable() => {
                let mut results = Vec::with_capacity(reads.len());
                for read in reads {
                    results
                        .extend(Box::pin(self.clone().send_batch(vec![read], run.clone())).await);
                }
                return results;
            }
            Err(error) => {
                return reads
                    .into_iter()
                    .map(|read| (read.place, Sent::Error(error.clone())))
                    .collect();
            }
        };
        self.circuit.learn(asked, &batch.state);
        self.pacer.learn(batch.pace.as_ref()).await;
        let mut results = Vec::with_capacity(reads.len());
        // After a stop of the whole account one mail tries whether it goes on, and not all of them.
        let can_ask = self.can_ask();
        let mut lane = Lane::default();
        while !reads.is_empty() && self.circuit.may_be_tried(self.app.now(), can_ask) {
            let first = reads.remove(0);
            results.push(
                self.send_in_turn(&batch, first, None, &run, &mut lane)
                    .await,
            );
        }
        let (ended, mut arriving) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let mut missing: BTreeSet<usize> = reads.iter().map(|read| read.place).collect();
        for following in lanes::by_person(reads) {
            // In their order, whichever gets to its call first.
            let moments: Vec<_> = following
                .iter()
                .map(|read| {
                    let facts = Facts {
                        batch: &batch,
                        delivery: &read.delivery,
                        circuit: None,
                    };
                    let goes = facts.held_by().is_none();
                    goes.then(|| self.moment(&batch, &read.delivery, &run))
                })
                .collect();
            let (sender, batch, run) = (self.clone(), batch.clone(), run.clone());
            let (mut lane, ended) = (lane.clone(), ended.clone());
            let sending = async move {
                for (read, moment) in following.into_iter().zip(moments) {
                    let sent = sender
                        .send_in_turn(&batch, read, moment, &run, &mut lane)
                        .await;
                    // Nobody listens any more when the run went on without them.
                    let _ = ended.send(sent);
                }
            };
            tasks.spawn(Box::pin(sending).in_current_span());
        }
        drop(ended);
        let linger = self.options.linger.map(|time| Instant::now() + time);
        loop {
            let next = arriving.recv();
            let next = match linger {
                Some(linger) => tokio::time::timeout_at(linger, next).await,
                None => Ok(next.await),
            };
            match next {
                Ok(Some((place, sent))) => {
                    missing.remove(&place);
                    results.push((place, sent));
                }
                Ok(None) => {
                    // One whose task ended early has no result, and is told of above.
                    while let Some(ended) = tasks.join_next().await {
                        if let Err(error) = ended {
                            tracing::error!(%error, "the task of a delivery ended early");
                        }
                    }
                    return results;
                }
                Err(_) => {
                    tasks.detach_all();
                    results.extend(missing.into_iter().map(|place| (place, Sent::UnderWay)));
                    return results;
                }
            }
        }
    }

    /// Sends one, unless the one before it to the same person has not left.
    async fn send_in_turn(
        &self,
        batch: &Batch,
        read: LoadedDelivery,
        moment: Option<Moment>,
        run: &Run,
        lane: &mut Lane,
    ) -> (usize, Sent) {
        let (place, id) = (read.place, read.delivery.id);
        let in_turn = lane.may_go(&read.delivery, batch, self.app.now());
        let sent = self.send_one(batch, read, moment, run, in_turn).await;
        lane.note(id, &sent);
        (place, sent)
    }

    /// When a delivery may go by the storm rules.
    pub(super) fn moment(&self, batch: &Batch, delivery: &Delivery, run: &Run) -> Moment {
        let (limits, thread) = (&self.app.settings.storm_limits, batch.thread(delivery));
        run.windows.take(limits, delivery, &thread, self.app.now())
    }
}
