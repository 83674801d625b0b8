//! Send again: a new attempt, asked for by a person and recorded.

use uuid::Uuid;

use crate::{
    App, Code, Error, Result, Retrying,
    access::{Caller, View},
    desk::{
        messages::{DeliveryView, delivery_view},
        tickets::{self, is_ticket_id},
    },
    idempotency::{Once, Outcome},
    outgoing::deliveries,
    texts,
};
use domain::delivery::Delivery;
use storage::{Expect, keys};

/// Queues a new attempt of a delivery that failed, bounced, is unknown or unconfirmed.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::StateConflict`] in any other state,
/// [`Code::IdempotencyMismatch`], storage.
pub async fn delivery(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    message: Uuid,
    id: Uuid,
    once: Option<&Once>,
) -> Result<Outcome<DeliveryView>> {
    if !is_ticket_id(ticket_id) {
        return Err(tickets::not_found());
    }
    let key = keys::delivery(ticket_id, message, id);
    let mut retrying = Retrying::over(app, &key).await;
    loop {
        retrying.round().await?;
        let mut wanted = vec![keys::ticket(ticket_id), key.clone()];
        wanted.extend(once.map(Once::key));
        let found = app.store.get(&wanted).await?;
        tickets::visible_to_desk(caller, found[0].as_ref())?;
        if let Some(once) = once
            && let Some(earlier) = once.earlier(found[2].as_ref())?
        {
            return Ok(earlier);
        }
        let item = found[1]
            .as_ref()
            .ok_or_else(|| Error::not_found("delivery"))?;
        let mut delivery: Delivery = item.decode()?;
        delivery
            .resend(caller.actor(), app.now())
            .map_err(|status| {
                let status = serde_json::to_value(status).unwrap_or_default();
                let state = status.as_str().unwrap_or_default();
                Error::new(
                    Code::StateConflict,
                    texts::resend::THE_DELIVERY.with("state", state),
                )
            })?;
        let answer = delivery_view(&delivery, View::Desk);
        let expect = Expect::Version(item.version.clone());
        let mut writes = deliveries::writes(&mut delivery, expect)?;
        if let Some(once) = once {
            writes.push(once.record(app, &answer)?);
        }
        if retrying.commit(writes).await? {
            tracing::info!(ticket_id, delivery_id = %id, by = caller.log_id(), "sent again on request");
            return Ok(Outcome::Fresh(answer));
        }
    }
}
