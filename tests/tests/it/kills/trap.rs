//! Where a process is killed: at a request of its own, before or after it goes through.

use std::sync::{Arc, Mutex, PoisonError};

use tests::faults::{Fate, Proxy};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The moments of an attempt at which a process may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    BeforeLease,
    AfterLease,
    RequestWritten,
    AnswerLost,
    BeforeRecording,
    AfterRecording,
}

impl Moment {
    pub(super) const ALL: [Self; 6] = [
        Self::BeforeLease,
        Self::AfterLease,
        Self::RequestWritten,
        Self::AnswerLost,
        Self::BeforeRecording,
        Self::AfterRecording,
    ];

    /// Whether the request still reaches its server.
    fn forward(self) -> bool {
        matches!(
            self,
            Self::AfterLease | Self::AnswerLost | Self::AfterRecording
        )
    }

    /// Whether the provider has the mail at this moment.
    pub(super) fn is_accepted(self) -> bool {
        self >= Self::AnswerLost
    }
}

/// A trap that waits for the nth request of its moment.
struct Set {
    moment: Moment,
    left: usize,
}

/// The ways of one sender to its table and its provider.
pub(super) struct Traps {
    pub(super) table: Proxy,
    pub(super) mail: Proxy,
    set: Arc<Mutex<Option<Set>>>,
    /// Tells when a trap has sprung.
    pub(super) sprung: UnboundedReceiver<()>,
}

impl Traps {
    /// Without a trap everything passes, but that storage is unwell for `unwell` of a thousand
    /// requests.
    pub(super) async fn before(table: &str, mail: &str, unwell: u16) -> Self {
        let (table, mail) = (Proxy::before(table).await, Proxy::before(mail).await);
        let set: Arc<Mutex<Option<Set>>> = Arc::default();
        let (sender, sprung) = unbounded_channel();
        table.rule({
            let (set, sender) = (Arc::clone(&set), sender.clone());
            move |_, request| {
                caught(&set, &at_table(request), &sender).unwrap_or_else(|| mishap(unwell))
            }
        });
        mail.rule({
            let set = Arc::clone(&set);
            let moments = [Moment::RequestWritten, Moment::AnswerLost];
            move |_, _| caught(&set, &moments, &sender).unwrap_or(Fate::Pass)
        });
        Self {
            table,
            mail,
            set,
            sprung,
        }
    }

    /// Sets a trap for the request of this moment after so many others of it.
    pub(super) fn set(&self, moment: Moment, left: usize) {
        *lock(&self.set) = Some(Set { moment, left });
    }

    /// Takes the trap away.
    pub(super) fn clear(&self) {
        *lock(&self.set) = None;
    }
}

fn lock(set: &Mutex<Option<Set>>) -> std::sync::MutexGuard<'_, Option<Set>> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The moments at which a request to the table is made: a delivery is written in its new state.
fn at_table(request: &str) -> Vec<Moment> {
    if request.contains(r#""status":{"S":"sending"}"#) {
        vec![Moment::BeforeLease, Moment::AfterLease]
    } else if request.contains(r#""status":{"S":"accepted"}"#) {
        vec![Moment::BeforeRecording, Moment::AfterRecording]
    } else {
        Vec::new()
    }
}

fn caught(
    set: &Mutex<Option<Set>>,
    moments: &[Moment],
    sprung: &UnboundedSender<()>,
) -> Option<Fate> {
    let mut set = lock(set);
    let trap = set.as_mut().filter(|trap| moments.contains(&trap.moment))?;
    let Some(left) = trap.left.checked_sub(1) else {
        let forward = trap.moment.forward();
        *set = None;
        let sprung = sprung.clone();
        return Some(Fate::Trap { forward, sprung });
    };
    trap.left = left;
    None
}

/// What storage does now and then: too busy, an answer or a request is lost, or nothing comes until
/// the sender's time-out.
fn mishap(per_mille: u16) -> Fate {
    if fastrand::u16(0..1000) >= per_mille {
        return Fate::Pass;
    }
    match fastrand::u8(0..8) {
        0..2 => Fate::dynamodb_error("ThrottlingException"),
        2..4 => Fate::LoseAnswer,
        4..6 => Fate::LoseRequest,
        // A time-out takes seconds.
        which => Fate::Stall {
            forward: which == 6,
        },
    }
}
