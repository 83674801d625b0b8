//! Asks the provider now and then for its rate and for how the account stands, and keeps the answer
//! where everybody finds it: the senders their pace, the administrator the state of the account.

use jiff::Timestamp;

use super::{Inner, SendingState};
use crate::{
    App, Result,
    entity::{self, Entity as _, Loaded},
};
use domain::{
    account::{Account, Seen},
    pace::Pace,
};

/// Asks when the last answer is old, and lets the pace rise after throttling. What cannot be asked
/// or written now is tried by the next sweep.
pub(super) async fn keep(inner: &Inner, now: Timestamp) {
    let app = &inner.app;
    if !inner.can_ask() {
        return;
    }
    let asked = inner.circuit.asks();
    let stopped = match state(app).await {
        Ok(state) => {
            inner.circuit.learn(asked, &state);
            inner.circuit.wants_asking(now)
        }
        Err(_) => false,
    };
    let account = match seen(app).await {
        Ok(seen) if stopped || seen.as_ref().is_none_or(|seen| seen.is_old(now)) => {
            inner.transport.account(identity(app)).await
        }
        Ok(_) | Err(_) => None,
    };
    if stopped {
        // Without an answer a mail has to find out.
        let sends = account.as_ref().is_none_or(|account| account.sending);
        if let Some(change) = inner.circuit.answered(sends, now) {
            change.publish(app).await;
        }
    }
    let rate = account.as_ref().and_then(|account| account.rate);
    let change = |pace: &mut Pace| {
        pace.recover(now);
        if let Some(rate) = rate {
            pace.learn(rate);
        }
    };
    inner.pacer.change(app, change).await;
    if let Some(account) = account
        && let Err(error) = store(app, account, now).await
    {
        tracing::warn!(
            cause = error.cause(),
            "what the provider says of its account could not be stored"
        );
    }
}

/// What all senders share, as it is stored.
async fn state(app: &App) -> Result<SendingState> {
    let state = app.read(entity::SendingState.if_readable()).await?;
    Ok(Loaded::or_default(state).0)
}

fn identity(app: &App) -> Option<&str> {
    app.settings.mail_identity.as_deref()
}

/// What was answered last, about the identity of today.
async fn seen(app: &App) -> Result<Option<Seen>> {
    // One that cannot be read is asked for anew.
    let seen = app.read(entity::Account.if_readable()).await?;
    let seen = seen.map(|seen| seen.value);
    Ok(seen.filter(|seen| seen.identity_name.as_deref() == identity(app)))
}

async fn store(app: &App, account: Account, now: Timestamp) -> Result<()> {
    let seen = Seen {
        account,
        identity_name: identity(app).map(str::to_owned),
        asked_at: now,
    };
    let write = entity::Account.put(&seen)?;
    Ok(app.store.commit(vec![write]).await?)
}
