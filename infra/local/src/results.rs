//! What SES would tell about the mails of the outbox: delivery results without an account.

use serde_json::Value;
use shared::app::{App, feedback};
use tokio::sync::{mpsc::UnboundedReceiver, watch};

use crate::runner::stopped;

/// Applies simulated events until the server ends; those that are there already are applied first.
pub(crate) async fn apply(
    app: App,
    mut events: UnboundedReceiver<Value>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let event = tokio::select! {
            biased;
            event = events.recv() => event,
            () = stopped(&mut stop) => return,
        };
        let Some(event) = event else { return };
        if let Err(error) = feedback::apply(&app, &event).await {
            tracing::error!(
                code = error.code.as_str(),
                cause = error.cause.as_deref(),
                "a result of a mail is lost"
            );
        }
    }
}
