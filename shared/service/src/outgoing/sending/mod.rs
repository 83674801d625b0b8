//! Send what is queued. The database is the queue: a delivery is claimed by a conditional write,
//! sent once, and its outcome recorded. See `docs/ARCHITECTURE.md`, "The database is the queue".
//!
//! What must hold: a mail leaves at most once for each recorded attempt; an attempt whose outcome
//! nobody saw is never repeated by the system; every committed delivery ends in a state that a
//! person can see.

mod account;
mod attempt;
mod batch;
mod circuit;
mod in_hand;
mod joined;
mod lanes;
mod management;
mod options;
mod pacer;
mod prepare;
mod reputation;
mod sweep;
mod tally;
mod templates;
mod windows;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
    time::Instant,
};
use tracing::Instrument as _;

use crate::texts;

pub use attempt::TicketReference;
pub use circuit::{Open, SendingState};
pub(crate) use management::Management;
pub use options::{LIFE, MARGIN, Options, PACE, SWEEP};
pub use sweep::SweepReport;

use self::{
    batch::{Batch, MAX_BATCH},
    circuit::Circuit,
    in_hand::{Hold, InHand},
    lanes::{Lane, lanes},
    pacer::Pacer,
    prepare::{Decision, Desk, Obstacle, Prepared, decide, may_go},
    tally::Tally,
    templates::Templates,
    windows::{Moment, Windows},
};
use crate::{App, Code, Error, Result, outgoing::deliveries};
use domain::{
    delivery::{Delivery, DeliveryStatus},
    reason::Reason,
};
use mail::token::Keyring;
use storage::{Expect, Item, StorageError, Version, Write, keys};
use transport::SharedTransport;

/// Turns of the executor until the first request of a process has left, connection included.
const UNTIL_ASKED: usize = 8;

/// Sends deliveries. Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct Sender {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    transport: SharedTransport,
    options: Options,
    keys: Option<Keyring>,
    templates: Templates,
    circuit: Circuit,
    pacer: Pacer,
    tally: Tally,
    permits: Arc<Semaphore>,
    warmed: Once,
    ending: AtomicBool,
    /// The first hour whose figures are not counted, as far as this process knows.
    counted: AtomicI64,
    in_hand: Arc<InHand>,
}

/// What became of one delivery in this run.
#[derive(Debug)]
pub enum Sent {
    /// The provider has it.
    Accepted,
    /// Nothing was sent; another try follows.
    Waits,
    /// It is held, with its reason.
    Held,
    /// It will not be sent.
    Failed,
    /// It will not be sent, as its recipient wishes.
    Unwanted,
    /// Nobody saw what became of it.
    Unknown,
    /// Nothing to do: another sender has it, it is not due, or it is not to be sent any more.
    Elsewhere,
    /// It was left in the queue: the account may not send now.
    Stopped,
    /// It was left in the queue: there was no place for it in the provider's rate, or no time.
    NoPlace,
    /// It was left where it is: the mail before it to the same person has not left.
    Behind,
    /// The provider takes its time; the outcome is recorded when it answers.
    UnderWay,
    /// The delivery could not be worked on; it stays as it is.
    Error(Error),
}

impl Sender {
    /// A sender over this transport.
    pub fn new(app: App, transport: SharedTransport) -> Self {
        Self::with_options(app, transport, Options::default())
    }

    /// The same with other numbers.
    pub fn with_options(app: App, transport: SharedTransport, options: Options) -> Self {
        let keys = Keyring::new(&app.settings.reply_token_keys).ok();
        let inner = Inner {
            app,
            transport,
            options,
            keys,
            templates: Templates::default(),
            circuit: Circuit::default(),
            pacer: Pacer::default(),
            tally: Tally::default(),
            permits: Arc::new(Semaphore::new(options.concurrency())),
            warmed: Once::new(),
            ending: AtomicBool::new(false),
            counted: AtomicI64::new(i64::MIN / 2),
            in_hand: Arc::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Sends deliveries as they were read; answers for each, in order. One that fails does so
    /// alone. What another sender changed since it was read is left to that one, and what is held
    /// to the sweep.
    pub async fn send_queued(&self, items: Vec<Item>) -> Vec<Sent> {
        let run = Run {
            held: HeldPolicy::Stay,
            end: Instant::now() + self.inner.options.pace,
            windows: Arc::default(),
        };
        let results = self.inner.clone().send_all(items, run).await;
        self.inner.tally.emit(self.inner.app.now());
        results
    }

    /// For a process that ends: claims nothing more, and returns when what is under way is recorded.
    /// A call that has not handed over its mail gives it up for the next process.
    pub async fn end(&self) {
        self.inner.ending.store(true, Ordering::Release);
        self.inner.transport.end();
        let all = u32::try_from(self.inner.options.concurrency()).unwrap_or(u32::MAX);
        // Each mail under way has one of these.
        drop(self.inner.permits.acquire_many(all).await);
        self.inner.tally.emit(self.inner.app.now());
    }

    /// Mails under way.
    pub fn under_way(&self) -> usize {
        self.inner.options.concurrency() - self.inner.permits.available_permits()
    }
}

/// Whether those that are held are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HeldPolicy {
    Stay,
    Try,
}

/// What deliveries that are sent together go by.
#[derive(Clone)]
struct Run {
    held: HeldPolicy,
    /// No call begins after it.
    end: Instant,
    /// The storm rules for what waited.
    windows: Arc<Windows>,
}

/// A delivery as it was read.
struct LoadedDelivery {
    place: usize,
    delivery: Delivery,
    version: Version,
    /// Nobody else in this process works on it meanwhile.
    _hold: Hold,
}

impl Inner {
    /// Whether the provider tells how the account stands.
    fn can_ask(&self) -> bool {
        self.transport.capabilities().has_account
    }

    /// Whether so much is in hand already that more would only wait.
    fn is_busy(&self) -> bool {
        self.in_hand.len() > 16 * self.options.concurrency()
    }

    /// Whether this process is told to end: what is not claimed stays in the queue.
    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    async fn send_all(self: Arc<Self>, items: Vec<Item>, run: Run) -> Vec<Sent> {
        self.warm();
        let mut results: Vec<Option<Sent>> = items.iter().map(|_| None).collect();
        let mut waiting = Vec::with_capacity(items.len());
        let now = self.app.now();
        let wanted = |delivery: &Delivery| {
            delivery.may_be_claimed(now)
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
            batches.spawn(sending.in_current_span());
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
                    may_go(&batch, &read.delivery)
                        .then(|| self.moment(&batch, &read.delivery, &run))
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
            tasks.spawn(sending.in_current_span());
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
    fn moment(&self, batch: &Batch, delivery: &Delivery, run: &Run) -> Moment {
        let (limits, wire) = (&self.app.settings.storm_limits, batch.wire(delivery));
        run.windows.take(limits, delivery, &wire, self.app.now())
    }

    async fn send_one(
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
        let open = self.circuit.open(now, self.can_ask());
        let desk = Desk {
            settings: &self.app.settings,
            keys: self.keys.as_ref(),
        };
        let result = match decide(desk, batch, &read.delivery, open.as_ref(), now) {
            Decision::Send(prepared) => {
                let moment = moment.unwrap_or_else(|| self.moment(batch, &read.delivery, run));
                self.send_prepared(batch, read, *prepared, moment, run, in_turn)
                    .await
            }
            Decision::Wait => Ok(Sent::Stopped),
            Decision::Hold(obstacle) => self.hold(batch, read, obstacle, now).await,
            Decision::Fail(reason, detail) => {
                let mut delivery = read.delivery;
                delivery.fail(reason.code(), detail, now);
                let sent = if delivery.is_unwanted() {
                    tracing::info!(delivery_id = %delivery.id, ticket_id = delivery.ticket_id, reason = reason.code(), "mail not wanted");
                    Sent::Unwanted
                } else {
                    tracing::error!(delivery_id = %delivery.id, ticket_id = delivery.ticket_id, reason = reason.code(), "mail failed");
                    Sent::Failed
                };
                self.write(&mut delivery, read.version, sent).await
            }
        };
        let sent = result.unwrap_or_else(Sent::Error);
        self.tally.count(&sent);
        sent
    }

    /// Sends a mail in its moment and its place in the provider's rate, or holds it until its moment.
    async fn send_prepared(
        &self,
        batch: &Batch,
        read: LoadedDelivery,
        prepared: Prepared,
        moment: Moment,
        run: &Run,
        in_turn: bool,
    ) -> Result<Sent> {
        match moment {
            // The one before it to the same person has not left; what is in its own way was seen to.
            Moment::Now(_) if !in_turn => Ok(Sent::Behind),
            Moment::Now(place) => match self.pacer.wait(&self.app, run.end).await? {
                true => {
                    self.attempt(read.delivery, read.version, prepared, place)
                        .await
                }
                false => Ok(Sent::NoPlace),
            },
            Moment::Later(mut place, later) => {
                let held = self.write_hold(batch, read, later, self.app.now()).await;
                if matches!(held, Ok(Sent::Held)) {
                    place.keep();
                }
                held
            }
        }
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
        tracing::warn!(delivery_id = %delivery.id, ticket_id = delivery.ticket_id, reason = obstacle.reason, "mail held");
        delivery.hold(
            &obstacle.reason,
            obstacle.name,
            obstacle.recheck_at,
            obstacle.detail,
            now,
        );
        let mut writes = deliveries::writes(&mut delivery, Expect::Version(read.version))?;
        // A suppression that ended since it was read releases nothing any more.
        if delivery.reason.as_deref() == Some(Reason::Suppressed.code())
            && let Some(version) = batch.suppression(&delivery)
        {
            let key = keys::suppression(&delivery.to.key());
            writes.push(Write::check(key, Expect::Version(version.clone())));
        }
        let sent = self.commit(writes, Sent::Held).await?;
        if matches!(sent, Sent::Held) {
            self.tally.held(&obstacle.reason);
        }
        Ok(sent)
    }

    /// Writes a change that is no attempt; another sender may have been faster.
    async fn write(&self, delivery: &mut Delivery, version: Version, done: Sent) -> Result<Sent> {
        let writes = deliveries::writes(delivery, Expect::Version(version))?;
        self.commit(writes, done).await
    }

    async fn commit(&self, writes: Vec<Write>, done: Sent) -> Result<Sent> {
        match self.app.store.commit(writes).await {
            Ok(()) => Ok(done),
            Err(StorageError::Conflict { .. }) => Ok(Sent::Elsewhere),
            Err(error) => Err(error.into()),
        }
    }
}
