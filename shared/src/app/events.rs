//! What the ITSM system tells by events: the same use cases as over HTTP.

use serde::Deserialize;
use serde_json::Value;

use super::{
    App, Code, Error, Result,
    access::{Caller, Role},
    idempotency::Once,
    messages::{self, NewMessage},
    tickets,
};
use crate::{
    catalog::phrase,
    domain::{legacy, message::Channel, ticket::Ticket},
    http::body::convert,
};

/// Version of the event details that this code reads.
pub const VERSION: u64 = 1;

/// An EventBridge event.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// Id of the event: the idempotency key.
    pub id: String,
    /// `TicketUpdated` or `MessageCreated`.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// System that sent it.
    pub source: String,
    /// What happened, see the schemas under `infra/events/`.
    pub detail: Value,
}

/// Applies an event. The same event twice changes nothing more.
///
/// # Errors
/// [`Code::BodyInvalid`] for an event that cannot be read or is of a later version, and the errors
/// of [`tickets::put`] and [`messages::post_from`].
pub async fn apply(app: &App, event: Event) -> Result<()> {
    let caller = Caller {
        sub: format!("event:{}", event.source),
        email: None,
        name: event.source.clone(),
        roles: vec![Role::Integration],
        groups: Vec::new(),
    };
    let version = event.detail.get("version").unwrap_or(&Value::Null);
    if !version.is_null() && version.as_u64() != Some(VERSION) {
        let detail = format!(
            "Event {} has version {version}; this code reads version {VERSION}. Deploy the newer one first.",
            event.id
        );
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    let mut detail = event.detail;
    let ticket = snapshot(&mut detail)?;
    match event.detail_type.as_str() {
        "TicketUpdated" => {
            tickets::put(app, &caller, &ticket.id.clone(), ticket).await?;
        }
        "MessageCreated" => {
            let mut message = detail
                .get_mut("message")
                .map(Value::take)
                .unwrap_or_default();
            let bytes = message.to_string();
            legacy::message(&mut message);
            if let Some(fields) = message.as_object_mut() {
                // What only a person at a screen says; a source's own fields may be called so.
                for field in ["attachments", "if_seen", "delay_s"] {
                    fields.remove(field);
                }
            }
            messages::spelt(&message)?;
            let new: NewMessage = convert(message)?;
            let once = Once::new(&caller, "event", &event.id, bytes.as_bytes())?;
            let id = ticket.id.clone();
            tickets::put(app, &caller, &id, ticket).await?;
            messages::post_from(app, &caller, &id, &new, Some(&once), Channel::Event).await?;
        }
        other => {
            let detail = format!(
                "Event {} is of type {other:?}; TicketUpdated and MessageCreated are read.",
                event.id
            );
            return Err(Error::new(Code::BodyInvalid, detail));
        }
    }
    tracing::info!(
        event_id = event.id,
        detail_type = event.detail_type,
        "event applied"
    );
    Ok(())
}

fn snapshot(detail: &mut Value) -> Result<Ticket> {
    let mut snapshot = detail
        .get_mut("ticket")
        .map(Value::take)
        .unwrap_or_default();
    if !snapshot.is_object() {
        return Err(Error::new(
            Code::BodyInvalid,
            phrase(
                "O detail do evento não tem ticket: um objeto com pelo menos o id.",
                "The event's detail has no ticket: an object with id at least.",
                "El detail del evento no tiene ticket: un objeto con al menos el id.",
            ),
        ));
    }
    legacy::ticket(&mut snapshot);
    convert(snapshot)
}
