//! What follows when a suppression is over: the provider's own list, one mail first, then the rest of
//! what it held.

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::{
    App, Result, committed,
    entity::{self, Entity as _, Loaded},
    outgoing::{deliveries, sending::Management},
};
use domain::{
    delivery::{Delivery, DeliveryStatus},
    suppression::{Origin, Suppression},
    times::is_ahead,
};
use platform::telemetry::{Metric, emit};
use storage::{Expect, Item, Query, Source, Version, Write, keys};
use transport::Transport;

/// Deliveries that are looked at together.
const RELEASED: usize = 50;
/// How long the outcome of the first mail is waited for, once it was accepted or held.
const FIRST_LASTS: SignedDuration = SignedDuration::from_mins(15);
/// How long a suppression that is over stays, so that nothing it held is overlooked.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);

/// What a suppression that is over let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Released {
    /// Back in the queue.
    pub(super) deliveries: usize,
    /// Passed over, as they cannot be worked on.
    pub(super) errors: usize,
}

/// Puts what a suppression held back into the queue, once it expired or was lifted; the next call
/// goes on where this one found no more time. The suppression goes when nothing was left for a
/// while: the index that tells what it held may lag behind.
pub(super) async fn release(
    app: &App,
    transport: &dyn Transport,
    ended: &Item,
    until: Instant,
    calls: &mut Management,
) -> Result<Released> {
    let mut released = Released::default();
    let mut suppression: Suppression = ended.decode()?;
    let Some(ended_at) = suppression
        .ends_at()
        .filter(|_| !suppression.is_active(app.now()))
    else {
        return Ok(released);
    };
    let mut version = ended.version.clone();
    if !suppression.in_step {
        let Some(written) =
            keep_in_step(app, transport, &mut suppression, version, until, calls).await?
        else {
            return Ok(released);
        };
        version = written;
    }
    if let Some(first) = suppression.first.clone() {
        match outcome_of(app, transport, &first).await? {
            Outcome::Open => return Ok(released),
            Outcome::Good => {}
            // The next one tries.
            Outcome::Bad => suppression.first = None,
        }
    }
    if suppression.first.is_none() {
        let held = Source::Index(keys::suppressed(&suppression.address));
        let held = app.store.query(Query::of(held, 1)).await?.items;
        if let Some(item) = held.first() {
            let left = let_first(app, &mut suppression, item, version).await?;
            released.deliveries = usize::from(left);
            return Ok(released);
        }
    }
    let mut after = None;
    loop {
        let held = Source::Index(keys::suppressed(&suppression.address));
        let page = app
            .store
            .query(Query::of(held, RELEASED).after(after))
            .await?;
        for item in page.items {
            match requeue(app, &item).await {
                Ok(done) => released.deliveries += usize::from(done),
                Err(error) if error.is_retryable() => return Err(error),
                Err(error) => {
                    released.errors += 1;
                    tracing::error!(
                        cause = error.cause(),
                        "a suppressed delivery cannot be worked on"
                    );
                }
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
        if Instant::now() >= until {
            return Ok(released);
        }
    }
    if released != Released::default() || app.now().duration_since(ended_at) < SETTLED {
        return Ok(released);
    }
    // Nothing looks for it any more; the backend removes it.
    let mut over = entity::Suppression(&suppression.address).item(&suppression)?;
    over.index = None;
    let over = over.expiring(app.now().as_second());
    // It stays where it was suppressed anew in the meantime.
    committed(app, vec![Write::replace(over, version)]).await?;
    Ok(released)
}

/// Takes the address, in every spelling that mail went to, off the provider's own list, which would
/// refuse its mail as ours did. The next sweep tries again what does not work; until then its mail
/// stays held. Gives the version that was written, if it was.
async fn keep_in_step(
    app: &App,
    transport: &dyn Transport,
    suppression: &mut Suppression,
    version: Version,
    until: Instant,
    calls: &mut Management,
) -> Result<Option<Version>> {
    for spelling in suppression.sent_to() {
        // A transport without an account keeps no list.
        if transport.capabilities().has_account && !calls.turn(until).await {
            return Ok(None);
        }
        if let Err(cause) = transport.unsuppress(spelling).await {
            if calls.was_too_many(&cause) {
                tracing::info!("the provider is asked on by the next sweep");
                return Ok(None);
            }
            tracing::error!(cause, "an address stays on the provider's suppression list");
            emit(Metric::NotLifted, 1.0, app.now());
            return Ok(None);
        }
    }
    suppression.in_step = true;
    let item = entity::Suppression(&suppression.address).item(suppression)?;
    let written = item.version.clone();
    // Else it was suppressed anew in the meantime.
    let kept = committed(app, vec![Write::replace(item, version)]).await?;
    Ok(kept.then_some(written))
}

/// How the first mail after a suppression ended.
enum Outcome {
    /// The mail has left, and nothing tells yet what became of it.
    Open,
    /// The address takes mail.
    Good,
    /// It tells nothing of the address, or nothing good.
    Bad,
}

/// Looks at the first mail. An event tells of it where events come; after a quarter of an hour without
/// one an acceptance is all that is known. Where it bounced, the address is suppressed anew, and the
/// rest is held by that.
async fn outcome_of(app: &App, transport: &dyn Transport, first: &Origin) -> Result<Outcome> {
    use DeliveryStatus as S;
    let first = entity::Delivery(&first.ticket_id, first.message_id, first.delivery_id);
    let Some(Loaded {
        value: delivery, ..
    }) = app.read(first).await?
    else {
        return Ok(Outcome::Bad);
    };
    let waited = app.now().duration_since(delivery.updated_at) > FIRST_LASTS
        || is_ahead(delivery.updated_at, app.now());
    Ok(match delivery.status {
        S::Delivered => Outcome::Good,
        S::Accepted if waited || !transport.capabilities().confirms => Outcome::Good,
        S::Delayed if waited => Outcome::Good,
        S::Failed | S::Bounced | S::Complained | S::Rejected | S::Unknown | S::Unconfirmed => {
            Outcome::Bad
        }
        // Something else holds it, for all we know the address is well.
        S::Held if waited => Outcome::Bad,
        _ => Outcome::Open,
    })
}

/// Puts the first of what a suppression held into the queue, and remembers which one it is; `false`
/// where the address was suppressed anew or somebody else was faster.
async fn let_first(
    app: &App,
    suppression: &mut Suppression,
    item: &Item,
    version: Version,
) -> Result<bool> {
    let mut delivery: Delivery = item.decode()?;
    if delivery.status != DeliveryStatus::Held {
        return Ok(false);
    }
    delivery.release(app.now());
    suppression.first = Some(Origin {
        ticket_id: delivery.ticket_id.clone(),
        message_id: delivery.message_id,
        delivery_id: delivery.id,
    });
    let mut writes = deliveries::writes(&mut delivery, Expect::Version(item.version.clone()))?;
    let item = entity::Suppression(&suppression.address).item(suppression)?;
    writes.push(Write::replace(item, version));
    committed(app, writes).await
}

async fn requeue(app: &App, item: &Item) -> Result<bool> {
    let mut delivery: Delivery = item.decode()?;
    if delivery.status != DeliveryStatus::Held {
        return Ok(false);
    }
    delivery.release(app.now());
    let writes = deliveries::writes(&mut delivery, Expect::Version(item.version.clone()))?;
    committed(app, writes).await
}
