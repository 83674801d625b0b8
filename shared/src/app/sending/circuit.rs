//! What stops every mail of the account: while it is so, no call is made.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    app::{App, Result},
    domain::reason::Reason,
    store::{Item, Write, keys},
};

/// Time to the next look at a stopped account.
const STOPPED: SignedDuration = SignedDuration::from_mins(5);

/// What all senders share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingState {
    /// Why nothing is sent; none, all is well.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub circuit: Option<Open>,
}

/// An open circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Stable code.
    pub reason: String,
    /// What the provider said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it is looked at again.
    pub until: Timestamp,
    /// Whether the provider was asked since and says that the account sends.
    #[serde(default)]
    pub asked: bool,
}

impl Open {
    /// Whether deliveries stay queued behind it; behind the others they are held.
    pub fn keeps_queued(&self) -> bool {
        self.reason == Reason::SendingStopped.code()
    }
}

/// The circuit as this process knows it.
#[derive(Debug, Default)]
pub(super) struct Circuit(Mutex<Option<Open>>);

impl Circuit {
    /// Takes over what the store says.
    pub(super) fn learn(&self, state: &SendingState) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone_from(&state.circuit);
    }

    /// Why nothing may be sent now. A provider that can be asked whether the account sends again is
    /// asked, by the sweep, before a mail tries.
    pub(super) fn open(&self, now: Timestamp, can_ask: bool) -> Option<Open> {
        let waits = |open: &Open| can_ask && open.keeps_queued() && !open.asked;
        self.tripped()
            .filter(|open| open.until > now || waits(open))
    }

    /// Why nothing could be sent, even if it may be tried again.
    pub(super) fn tripped(&self) -> Option<Open> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether the provider is to be asked if the account may send again.
    pub(super) fn wants_asking(&self, now: Timestamp) -> bool {
        self.tripped()
            .is_some_and(|open| open.keeps_queued() && !open.asked && open.until <= now)
    }

    /// What the provider says of a stopped account: it sends, and one mail tries, or it stays as it is
    /// for a while.
    pub(super) async fn asked(&self, app: &App, sends: bool, now: Timestamp) {
        let Some(mut open) = self.tripped() else {
            return;
        };
        open.asked = sends;
        open.until = if sends { now } else { now + STOPPED };
        let state = SendingState {
            circuit: Some(open),
        };
        self.learn(&state);
        tell(app, &state).await;
    }

    /// Opens it in this process. The first of a batch gets what must be told to the others.
    pub(super) fn trip(
        &self,
        reason: &str,
        detail: &str,
        after: SignedDuration,
        now: Timestamp,
    ) -> Option<Open> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_some_and(|open| open.until > now) {
            return None;
        }
        let since = known
            .as_ref()
            .filter(|open| open.reason == reason)
            .map_or(now, |open| open.since);
        let open = Open {
            reason: reason.to_owned(),
            detail: Some(detail.to_owned()),
            since,
            until: now + after.max(STOPPED),
            asked: false,
        };
        *known = Some(open.clone());
        tracing::error!(reason, detail, "sending stops for the whole account");
        Some(open)
    }

    /// Tells the other processes that it opened, or closes it when a mail was accepted whose call
    /// began since: one that was under way already says nothing.
    pub(super) async fn tell(&self, app: &App, tripped: Option<Open>, accepted: Option<Timestamp>) {
        let state = match (tripped, accepted) {
            (Some(open), _) => SendingState {
                circuit: Some(open),
            },
            (None, Some(began)) => {
                let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(open) = known.take_if(|open| open.since <= began) else {
                    return;
                };
                tracing::info!(reason = open.reason, "sending goes on");
                SendingState::default()
            }
            (None, None) => return,
        };
        tell(app, &state).await;
    }
}

/// The other processes find out by themselves if this cannot be written.
async fn tell(app: &App, state: &SendingState) {
    if let Err(error) = store(app, state).await {
        tracing::warn!(
            cause = error.cause.as_deref(),
            "the state of sending could not be stored"
        );
    }
}

async fn store(app: &App, state: &SendingState) -> Result<()> {
    let item = Item::new(keys::sending_state(), "sending_state", state)?;
    Ok(app.store.commit(vec![Write::put(item)]).await?)
}
