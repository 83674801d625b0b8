//! Send again: a new attempt, asked for by a person and recorded.

use uuid::Uuid;

use crate::{
    App, Code, Error, Noun, Result, Retrying,
    access::{Caller, View},
    desk::{
        messages::{DeliveryView, delivery_view},
        tickets,
    },
    entity::{self, Entity as _},
    idempotency::{self, Once, Replayable},
    outgoing::deliveries,
    texts,
};
use domain::id::TicketId;
use storage::Expect;

/// Queues a new attempt of a delivery that failed, bounced, is unknown or unconfirmed.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::StateConflict`] in any other state,
/// [`Code::IdempotencyMismatch`], storage.
pub async fn delivery(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    message: Uuid,
    id: Uuid,
    once: Option<&Once>,
) -> Result<Replayable<DeliveryView>> {
    let stored = entity::Delivery(ticket_id, message, id);
    let mut retrying = Retrying::over(app, &stored.key()).await;
    loop {
        retrying.round().await?;
        let ticket = entity::Ticket(ticket_id);
        let wanted = (ticket, stored, once.map(Once::entity));
        let (ticket, delivery, answered) = app.read(wanted).await?;
        tickets::visible_to_desk(caller, ticket)?;
        if let Some(earlier) = idempotency::earlier(once, answered)? {
            return Ok(earlier);
        }
        let (mut delivery, version) = delivery
            .ok_or_else(|| Error::not_found(Noun::Delivery))?
            .into_parts();
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
        let mut writes = deliveries::writes(&mut delivery, Expect::Version(version))?;
        writes.extend(idempotency::record(app, once, &answer)?);
        if retrying.commit(writes).await? {
            tracing::info!(%ticket_id, delivery_id = %id, by = caller.log_id(), "sent again on request");
            return Ok(Replayable::Fresh(answer));
        }
    }
}
