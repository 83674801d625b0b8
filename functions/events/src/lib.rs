//! EventBridge edge: `TicketUpdated` and `MessageCreated`.

use serde_json::Value;
use service::{
    App, Error,
    desk::events::{self, Event},
    json::convert,
};

/// Applies one event as EventBridge delivers it. An error makes Lambda deliver it again, and after
/// the last time puts it into the dead-letter queue.
///
/// # Errors
/// What [`events::apply`] refuses, and a payload that is not an event.
pub async fn handle(app: &App, payload: Value) -> Result<(), Error> {
    let event: Event = convert(payload)?;
    events::apply(app, event).await
}
