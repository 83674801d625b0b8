//! A transport that does as it is told and keeps what it got.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::account::{Account, Standing};
use tokio::sync::{Notify, Semaphore};
use transport::{
    Capabilities, MailTransport, Outcome, OutgoingMail, Trace, Transport, Unsuppressed,
};
use uuid::Uuid;

/// What it says of its longest call.
pub(crate) const LONGEST: Duration = Duration::from_secs(20);

/// What it does with a mail.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Answers with this outcome.
    Answer(Outcome),
    /// Takes the mail and panics.
    Panic,
}

/// The transport. Without a script it accepts everything.
pub(crate) struct Scripted {
    script: Mutex<VecDeque<Act>>,
    by_recipient: Mutex<BTreeMap<String, Outcome>>,
    mails: Mutex<Vec<OutgoingMail>>,
    traces: Mutex<BTreeMap<Uuid, Trace>>,
    rate: Mutex<Option<f64>>,
    stopped: Mutex<Option<bool>>,
    keeps_on_list: Mutex<bool>,
    unsuppressed: Mutex<Vec<String>>,
    gate: Semaphore,
    called: Notify,
    kind: MailTransport,
}

impl Scripted {
    pub(crate) fn new() -> Self {
        Self::like(MailTransport::Outbox)
    }

    /// One that can do what this kind can.
    pub(crate) fn like(kind: MailTransport) -> Self {
        Self {
            kind,
            script: Mutex::default(),
            by_recipient: Mutex::default(),
            mails: Mutex::default(),
            traces: Mutex::default(),
            rate: Mutex::default(),
            stopped: Mutex::default(),
            keeps_on_list: Mutex::default(),
            unsuppressed: Mutex::default(),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            called: Notify::new(),
        }
    }

    /// The next calls answer so, in order.
    pub(crate) fn then(&self, act: Act) {
        lock(&self.script).push_back(act);
    }

    /// Mail to this address is always answered so; `None` accepts again.
    pub(crate) fn to(&self, address: &str, outcome: Option<Outcome>) {
        let mut answers = lock(&self.by_recipient);
        match outcome {
            Some(outcome) => answers.insert(address.to_owned(), outcome),
            None => answers.remove(address),
        };
    }

    /// What it says of an earlier attempt.
    pub(crate) fn remember(&self, delivery: Uuid, trace: Trace) {
        lock(&self.traces).insert(delivery, trace);
    }

    /// The provider's rate, mails a second.
    pub(crate) fn limit(&self, rate: f64) {
        *lock(&self.rate) = Some(rate);
    }

    /// Whether the provider says that the account sends.
    pub(crate) fn sends(&self, sends: bool) {
        *lock(&self.stopped) = Some(!sends);
    }

    /// Whether the provider refuses to take addresses off its list.
    pub(crate) fn keep_on_list(&self, keeps: bool) {
        *lock(&self.keeps_on_list) = keeps;
    }

    /// The addresses that it was asked to take off its list, in order.
    pub(crate) fn unsuppressed(&self) -> Vec<String> {
        lock(&self.unsuppressed).clone()
    }

    /// Calls hang from now on.
    pub(crate) fn hang(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Calls that hang go on, and later ones do not hang.
    pub(crate) fn go_on(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    /// Waits until a mail was handed over.
    pub(crate) async fn called(&self) {
        self.called.notified().await;
    }

    /// The mails it was handed, in order.
    pub(crate) fn mails(&self) -> Vec<OutgoingMail> {
        lock(&self.mails).clone()
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        let number = {
            let mut mails = lock(&self.mails);
            mails.push(mail.clone());
            mails.len()
        };
        self.called.notify_one();
        let Ok(_permit) = self.gate.acquire().await else {
            return Outcome::Unknown {
                reason: "closed".to_owned(),
            };
        };
        tokio::task::yield_now().await;
        let act = lock(&self.script).pop_front();
        let fixed = lock(&self.by_recipient).get(mail.to.as_str()).cloned();
        match act.or(fixed.map(Act::Answer)) {
            Some(Act::Answer(outcome)) => outcome,
            Some(Act::Panic) => panic!("the transport broke"),
            None => Outcome::Accepted {
                id: format!("mail-{number}"),
            },
        }
    }

    fn longest_call(&self) -> Duration {
        LONGEST
    }

    fn capabilities(&self) -> Capabilities {
        self.kind.capabilities()
    }

    async fn unsuppress(&self, address: &str) -> Result<Unsuppressed, String> {
        lock(&self.unsuppressed).push(address.to_owned());
        match *lock(&self.keeps_on_list) {
            true => Err("AccessDeniedException".to_owned()),
            false => Ok(Unsuppressed::Removed),
        }
    }

    async fn account(&self, _: Option<&str>) -> Option<Account> {
        let (rate, stopped) = (*lock(&self.rate), *lock(&self.stopped));
        (rate.is_some() || stopped.is_some()).then_some(Account {
            rate,
            sending: stopped != Some(true),
            production: true,
            identity: Standing::Ready,
            configuration_set: Standing::Ready,
        })
    }

    async fn trace(&self, delivery_id: Uuid, _: u32) -> Trace {
        lock(&self.traces)
            .get(&delivery_id)
            .cloned()
            .unwrap_or(Trace::CannotTell)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
