//! What stops every mail of the account: while it is so, no call is made.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    App, Result,
    entity::{self, Entity as _},
};
use domain::reason::{Reason, Recorded};

/// Time to the next look at a stopped account.
const STOPPED: SignedDuration = SignedDuration::from_mins(5);

/// Longest time that a circuit is set for. What ends later was set by a clock that was ahead.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// What all senders share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingState {
    /// Why nothing is sent; none, all is well.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub circuit: Option<Open>,
}

/// The circuit breaker while it is open: no mail is attempted until it is looked at again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// What the provider refused the last attempt for.
    pub reason: Recorded<Reason>,
    /// What the provider said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// When it opened, by the clock of the sender that opened it.
    pub since: Timestamp,
    /// When it is looked at again.
    pub until: Timestamp,
    /// Whether the provider was asked since and says that the account sends.
    #[serde(default)]
    pub asked: bool,
}

impl Open {
    /// Whether it is time to look again.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now || self.until > now + LONGEST
    }

    /// Whether nothing may be sent now. A provider that can be asked whether the account sends again is
    /// asked, by the sweep, before a mail tries.
    pub fn stops(&self, now: Timestamp, can_ask: bool) -> bool {
        let waits = can_ask && self.keeps_queued() && !self.asked;
        !self.is_over(now) || waits
    }

    /// Whether deliveries stay queued behind it; behind the others they are held.
    pub fn keeps_queued(&self) -> bool {
        self.reason == Reason::SendingStopped
    }
}

/// The circuit as this process knows it.
#[derive(Debug, Default)]
pub(super) struct Circuit(Mutex<KnownCircuit>);

#[derive(Debug, Default)]
struct KnownCircuit {
    open: Option<Open>,
    /// How often this process changed it.
    changes: u64,
    /// Changes of this process that the store may not show yet.
    unpublished: u32,
}

/// What this process had changed when it began to ask the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked(u64);

/// A change to be published to the other processes.
#[derive(Debug)]
pub(super) struct Change<'a> {
    circuit: &'a Circuit,
    state: SendingState,
}

impl Circuit {
    fn known(&self) -> MutexGuard<'_, KnownCircuit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called before the store is asked.
    pub(super) fn asks(&self) -> Asked {
        Asked(self.known().changes)
    }

    /// Takes over what the store says, unless this process knows better: what it changed since it
    /// asked, or changed before and has not published yet, the answer need not show.
    pub(super) fn learn(&self, asked: Asked, state: &SendingState) {
        let mut known = self.known();
        if known.unpublished == 0 && asked == Asked(known.changes) {
            known.open.clone_from(&state.circuit);
        }
    }

    /// Why nothing may be sent now.
    pub(super) fn open(&self, now: Timestamp, can_ask: bool) -> Option<Open> {
        self.tripped().filter(|open| open.stops(now, can_ask))
    }

    /// Why nothing could be sent, even if it may be tried again.
    pub(super) fn tripped(&self) -> Option<Open> {
        self.known().open.clone()
    }

    /// Whether nothing could be sent, and a mail may try whether it can now.
    pub(super) fn may_be_tried(&self, now: Timestamp, can_ask: bool) -> bool {
        self.tripped().is_some() && self.open(now, can_ask).is_none()
    }

    /// Whether the provider is to be asked if the account may send again.
    pub(super) fn wants_asking(&self, now: Timestamp) -> bool {
        self.tripped()
            .is_some_and(|open| open.keeps_queued() && !open.asked && open.is_over(now))
    }

    /// What the provider says of a stopped account: it sends, and one mail tries, or it stays as it
    /// is for a while.
    pub(super) fn answered(&self, sends: bool, now: Timestamp) -> Option<Change<'_>> {
        let mut known = self.known();
        let open = known.open.as_mut()?;
        open.asked = sends;
        open.until = if sends { now } else { now + STOPPED };
        Some(self.changed(&mut known))
    }

    /// Opens it in this process. The first of a batch gets what must be published to the others.
    pub(super) fn trip(
        &self,
        reason: Reason,
        detail: &str,
        after: SignedDuration,
        now: Timestamp,
    ) -> Option<Change<'_>> {
        let mut known = self.known();
        if known.open.as_ref().is_some_and(|open| !open.is_over(now)) {
            return None;
        }
        let since = known
            .open
            .as_ref()
            .filter(|open| open.reason == reason)
            .map_or(now, |open| open.since);
        known.open = Some(Open {
            reason: reason.into(),
            detail: Some(detail.to_owned()),
            since,
            until: now + after.clamp(STOPPED, LONGEST),
            asked: false,
        });
        tracing::error!(
            reason = reason.code(),
            detail,
            "sending stops for the whole account"
        );
        Some(self.changed(&mut known))
    }

    /// Closes it when a mail was accepted whose call began since it opened: one that was under
    /// way already says nothing.
    pub(super) fn accepted(&self, began: Timestamp) -> Option<Change<'_>> {
        let mut known = self.known();
        // One that began long after this call did is of a clock that was ahead.
        let before = |open: &mut Open| open.since <= began || open.since > began + LONGEST;
        let open = known.open.take_if(before)?;
        tracing::info!(reason = open.reason.code(), "sending goes on");
        Some(self.changed(&mut known))
    }

    fn changed(&self, known: &mut KnownCircuit) -> Change<'_> {
        known.changes += 1;
        known.unpublished += 1;
        Change {
            circuit: self,
            state: SendingState {
                circuit: known.open.clone(),
            },
        }
    }
}

impl Change<'_> {
    /// Tells the other processes, which find out by themselves if it cannot be written.
    pub(super) async fn publish(self, app: &App) {
        if let Err(error) = store(app, &self.state).await {
            tracing::warn!(
                cause = error.cause(),
                "the state of sending could not be stored"
            );
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        let mut known = self.circuit.known();
        known.unpublished -= 1;
        // Who asked before it was published may have seen what was before.
        known.changes += 1;
    }
}

async fn store(app: &App, state: &SendingState) -> Result<()> {
    let write = entity::SendingState.put(state)?;
    Ok(app.store.commit(vec![write]).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn trip(circuit: &Circuit, second: i64) -> Option<Change<'_>> {
        circuit.trip(
            Reason::SendingStopped,
            "paused",
            SignedDuration::ZERO,
            at(second),
        )
    }

    #[test]
    fn what_was_asked_before_a_change_does_not_undo_it() {
        let circuit = Circuit::default();
        let before = circuit.asks();
        let change = trip(&circuit, 0).unwrap();
        let unpublished = circuit.asks();
        circuit.learn(before, &SendingState::default());
        circuit.learn(unpublished, &SendingState::default());
        assert!(circuit.open(at(1), false).is_some(), "not published yet");
        drop(change);
        circuit.learn(unpublished, &SendingState::default());
        assert!(circuit.open(at(1), false).is_some(), "published since");
        circuit.learn(circuit.asks(), &SendingState::default());
        assert_eq!(circuit.tripped(), None, "another process closed it");
    }

    #[test]
    fn one_of_a_batch_tells_of_a_stop() {
        let circuit = Circuit::default();
        assert!(trip(&circuit, 0).is_some());
        assert!(trip(&circuit, 1).is_none());
        assert!(circuit.accepted(at(-1)).is_none(), "under way before");
        assert!(circuit.accepted(at(2)).is_some());
        assert!(circuit.accepted(at(3)).is_none());
    }

    #[test]
    fn what_a_clock_that_was_ahead_stopped_does_not_stay_stopped() {
        let circuit = Circuit::default();
        let hours = 3 * 3600;
        drop(trip(&circuit, hours));
        assert!(circuit.open(at(hours), false).is_some());
        // The clock is right again.
        assert!(circuit.open(at(0), false).is_none());
        assert!(circuit.wants_asking(at(0)));
        assert!(circuit.may_be_tried(at(0), false));
        assert!(circuit.accepted(at(1)).is_some());
        assert_eq!(circuit.tripped(), None);
    }

    #[test]
    fn a_stopped_account_that_sends_again_lets_a_mail_try() {
        let circuit = Circuit::default();
        assert!(circuit.answered(true, at(0)).is_none(), "nothing stopped");
        drop(trip(&circuit, 0));
        assert!(!circuit.wants_asking(at(299)));
        assert!(circuit.wants_asking(at(300)));
        assert!(circuit.open(at(300), true).is_some(), "not asked yet");
        assert!(circuit.open(at(300), false).is_none(), "nobody to ask");
        drop(circuit.answered(false, at(300)));
        assert!(circuit.open(at(599), true).is_some());
        drop(circuit.answered(true, at(600)));
        assert!(circuit.open(at(600), true).is_none());
        drop(trip(&circuit, 601));
        let since = circuit.tripped().map(|open| open.since);
        assert_eq!(since, Some(at(0)), "it is the same stop");
    }
}
