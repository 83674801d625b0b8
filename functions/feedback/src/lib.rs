//! EventBridge edge: events of SES about mails of ours.

use serde_json::Value;
use service::{
    App, Error,
    feedback::{self, Applied},
};

/// Applies one event as EventBridge delivers it. An error makes Lambda deliver it again, and after
/// the last time puts it into the dead-letter queue.
///
/// # Errors
/// What [`feedback::apply`] refuses.
pub async fn handle(app: &App, payload: Value) -> Result<Applied, Error> {
    feedback::apply(app, &payload).await
}
