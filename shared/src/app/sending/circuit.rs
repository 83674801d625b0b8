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
    /// When one mail may try again.
    pub until: Timestamp,
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

    /// Why nothing may be sent now.
    pub(super) fn open(&self, now: Timestamp) -> Option<Open> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone().filter(|open| open.until > now)
    }

    /// Why nothing could be sent, even if it may be tried again.
    pub(super) fn tripped(&self) -> Option<Open> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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
        };
        *known = Some(open.clone());
        tracing::error!(reason, detail, "sending stops for the whole account");
        Some(open)
    }

    /// Tells the other processes that it opened, or closes it when a mail was accepted. They find
    /// out by themselves if this cannot be written.
    pub(super) async fn tell(&self, app: &App, tripped: Option<Open>, accepted: bool) {
        let state = match tripped {
            Some(open) => SendingState {
                circuit: Some(open),
            },
            None if accepted => {
                let closed = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(open) = closed else { return };
                tracing::info!(reason = open.reason, "sending goes on");
                SendingState::default()
            }
            None => return,
        };
        if let Err(error) = store(app, &state).await {
            tracing::warn!(
                cause = error.cause.as_deref(),
                "the state of sending could not be stored"
            );
        }
    }
}

async fn store(app: &App, state: &SendingState) -> Result<()> {
    let item = Item::new(keys::sending_state(), "sending_state", state)?;
    Ok(app.store.commit(vec![Write::put(item)]).await?)
}
