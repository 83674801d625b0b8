//! What a rule says of a mail that it keeps back.

use jiff::Timestamp;

use domain::{
    delivery::Delivery,
    reason::{Reason, Recorded},
};

/// How a mail is kept back, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It stays in the queue as it is, and is looked at again: nothing is recorded.
    Wait(Reason),
    /// It is held for an obstacle.
    Hold(Obstacle),
    /// It will not be sent; with more about it.
    Fail(Reason, Option<String>),
}

impl Stop {
    /// The code that the delivery gets.
    pub(in super::super) fn reason(&self) -> Recorded<Reason> {
        match self {
            Self::Wait(reason) | Self::Fail(reason, _) => (*reason).into(),
            Self::Hold(obstacle) => obstacle.reason.clone(),
        }
    }

    /// Records it in the delivery.
    pub(crate) fn record(self, delivery: &mut Delivery, now: Timestamp) {
        match self {
            Self::Wait(_) => {}
            Self::Hold(obstacle) => obstacle.record(delivery, now),
            Self::Fail(reason, detail) => delivery.fail(reason, detail, now),
        }
    }
}

/// What a delivery waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// Why: the circuit may be open for a reason of another version.
    pub(in super::super) reason: Recorded<Reason>,
    /// What makes two obstacles the same: the code, and what it is about.
    pub(in super::super) name: String,
    /// Next look, where time alone may help.
    pub(in super::super) recheck_at: Option<Timestamp>,
    /// What the timeline says beside the code.
    pub(in super::super) detail: Option<String>,
}

impl Obstacle {
    /// One that people must remove, `about` a part of the configuration; empty, about all mail.
    pub(super) fn new(reason: Reason, about: &str) -> Self {
        let code = reason.code();
        let name = if about.is_empty() {
            code.to_owned()
        } else {
            format!("{code}/{about}")
        };
        Self {
            reason: reason.into(),
            name,
            recheck_at: None,
            detail: None,
        }
    }

    /// One that is over at some time.
    pub(in super::super) fn of_time(reason: Reason, recheck_at: Option<Timestamp>) -> Self {
        Self {
            recheck_at,
            ..Self::new(reason, "")
        }
    }

    /// Holds the delivery for it.
    pub(in super::super) fn record(self, delivery: &mut Delivery, now: Timestamp) {
        delivery.hold(self.reason, self.name, self.recheck_at, self.detail, now);
    }
}
