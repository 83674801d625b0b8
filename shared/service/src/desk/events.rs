//! What the ITSM system tells by events: the same use cases as over HTTP.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    App, Code, Error, Findings, Result,
    access::{Caller, Role},
    desk::{
        messages::{self, NewMessage},
        tickets,
    },
    idempotency::Once,
    json::{convert, unknown},
    texts,
};
use domain::{legacy, message::Channel};

/// Version of the event details that this code reads.
pub const VERSION: u64 = 1;
/// How long an event is known again, seconds: longer than the fourteen days that one may wait
/// among the dead letters.
const KNOWN: i64 = 15 * 24 * 3600;

/// An event of the ITSM system as EventBridge delivers it.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// Id of the event: the idempotency key.
    pub id: String,
    /// What the detail is: `TicketUpdated` or `MessageCreated`.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// System that sent it.
    pub source: String,
    /// When it was sent, in whole seconds (RFC 3339).
    #[serde(default)]
    pub time: Option<String>,
    /// What happened, see the schemas under `infra/events/`.
    pub detail: Value,
}

/// Applies an event. The same event again changes nothing more, and one that comes late overwrites
/// nothing that was said after it.
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
        let detail = texts::events::LATER_VERSION
            .with("id", &event.id)
            .with("version", version)
            .with("known", VERSION);
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    if !["TicketUpdated", "MessageCreated"].contains(&event.detail_type.as_str()) {
        let detail = texts::events::UNKNOWN_TYPE
            .with("id", &event.id)
            .with("type", format_args!("{:?}", event.detail_type));
        return Err(Error::new(Code::BodyInvalid, detail));
    }
    let mut detail = event.detail;
    let fields = snapshot(&mut detail)?;
    let id = text(&fields, "id").to_owned();
    // Everything is read before anything is changed.
    let message = match event.detail_type.as_str() {
        "MessageCreated" => {
            let given = detail.get_mut("message").map(Value::take);
            Some(message(app, &caller, &event.id, given.unwrap_or_default())?)
        }
        _ => None,
    };
    let once = once(
        &caller,
        "event ticket",
        &event.id,
        &Value::Object(fields.clone()),
    )?;
    let sent_at = event.time.and_then(|time| time.parse().ok());
    let put = tickets::update(app, &caller, &id, &fields, sent_at, &once).await?;
    let (put, _) = put.into_parts();
    for warning in &put.warnings {
        let (code, field) = (&warning.code, warning.field.as_deref());
        tracing::warn!(
            event_id = event.id,
            ticket_id = id,
            code,
            field,
            "part of a ticket cannot be used"
        );
    }
    if let Some((new, once)) = message {
        let id = tickets::id(&id)?;
        messages::post_from(app, &caller, &id, &new, Some(&once), Channel::Event).await?;
    }
    tracing::info!(
        event_id = event.id,
        detail_type = event.detail_type,
        applied = put.applied,
        "event applied"
    );
    Ok(())
}

/// The message of an event, and by what it is known again.
fn message(
    app: &App,
    caller: &Caller,
    event: &str,
    mut given: Value,
) -> Result<(NewMessage, Once)> {
    let once = once(caller, "event", event, &given)?;
    legacy::message(&mut given, &app.local_now());
    if let Some(fields) = given.as_object_mut() {
        // What only a person at a screen says; a source's own fields may be called so.
        for field in ["attachments", "if_seen", "delay_s"] {
            fields.remove(field);
        }
    }
    if let Some(fields) = given.as_object() {
        refuse(legacy::unreadable_in_message(fields))?;
    }
    messages::reject_misspelled_fields(&given)?;
    Ok((convert(given)?, once))
}

fn once(caller: &Caller, what: &str, event: &str, body: &Value) -> Result<Once> {
    let once = Once::new(caller, what, event, body.to_string().as_bytes())?;
    Ok(once.kept(KNOWN))
}

/// The fields of the ticket that the event names, under their names of today.
fn snapshot(detail: &mut Value) -> Result<Map<String, Value>> {
    let mut snapshot = detail
        .get_mut("ticket")
        .map(Value::take)
        .unwrap_or_default();
    legacy::ticket(&mut snapshot);
    match snapshot {
        Value::Object(fields) if !text(&fields, "id").is_empty() => {
            refuse(legacy::unreadable_in_ticket(&fields))?;
            Ok(fields)
        }
        _ => Err(Error::new(
            Code::BodyInvalid,
            texts::events::THE_EVENTS_DETAIL_HAS_NO_TICKET.phrase(),
        )),
    }
}

/// Refuses fields as the API refuses those that it does not know.
fn refuse<'a>(fields: impl Iterator<Item = &'a str>) -> Result<()> {
    let findings = fields.map(|field| unknown("FIELD_UNKNOWN", field, &[]));
    Findings::from(findings.collect::<Vec<_>>()).finish(Code::Invalid)
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
