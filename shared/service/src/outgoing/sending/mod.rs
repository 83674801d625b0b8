//! Send what is queued. The database is the queue: a sender takes the lease of a delivery by a
//! conditional write, sends it once, and records the outcome. See `docs/ARCHITECTURE.md`, "The database is the queue".
//!
//! What must hold: a mail leaves at most once for each recorded attempt; an attempt whose outcome
//! nobody saw is never repeated by the system; every committed delivery ends in a state that a
//! person can see.

mod account;
mod attempt;
mod batch;
mod circuit;
mod gate;
mod in_hand;
mod joined;
mod lanes;
mod management;
mod one;
mod options;
mod pacer;
mod prepare;
mod reputation;
mod run;
mod sweep;
mod tally;
mod templates;
mod verdict;
mod wanted;
mod windows;

use std::sync::{
    Arc, Once,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use tokio::{sync::Semaphore, time::Instant};

pub use circuit::{Open, SendingState};
pub use gate::GateRule;
pub(crate) use gate::{in_the_way, when_posted};
use management::Management;
pub use options::{FILE_ATTEMPT, LIFE, MARGIN, Options, PACE, SWEEP};
pub use sweep::SweepReport;

use self::{
    circuit::Circuit,
    in_hand::InHand,
    pacer::Pacer,
    run::{HeldPolicy, LoadedDelivery, Run},
    tally::Tally,
    templates::Templates,
    windows::Windows,
};
use crate::{App, Error};
use storage::Item;
use transport::SharedTransport;

/// Sends deliveries. Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct Sender {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    transport: SharedTransport,
    options: Options,
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
        let inner = Inner {
            app,
            transport,
            options,
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
    /// alone. What another sender changed since it was read is left to that one, and what is
    /// held to the sweep.
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

    /// For a process that ends: takes no further lease, and returns when what is under way is recorded.
    /// A call that has not handed over its mail gives it up for the next process.
    pub async fn end(&self) {
        self.inner.ending.store(true, Ordering::Release);
        self.inner.transport.end();
        let all = u32::try_from(self.inner.options.concurrency()).unwrap_or(u32::MAX);
        // Each mail under way has one of these.
        drop(self.inner.permits.acquire_many(all).await);
        self.inner.tally.emit(self.inner.app.now());
    }

    /// How many mails this process is sending at this moment.
    pub fn under_way(&self) -> usize {
        self.inner.options.concurrency() - self.inner.permits.available_permits()
    }
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

    /// Whether this process is told to end: what is not leased stays in the queue.
    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }
}
