//! `/local/inbound`: a raw mail, as SES would put it into the bucket.

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Query, State, rejection::QueryRejection},
    routing::post,
};
use domain::{address::Address, id::MailId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{
    App, Code, Error,
    inbound::{self, Arrival, MAX_RAW_MAIL, Received, Trust},
};
use web::problem::HttpError;

use crate::texts;

/// Where a mail is put in as if a server had received it.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/local/inbound", post(inbound))
        .with_state(app)
}

/// Recipients of the envelope.
#[derive(Debug, Deserialize)]
struct Envelope {
    /// Comma-separated; what the mail itself names when absent.
    #[serde(default)]
    to: String,
}

async fn inbound(
    State(app): State<App>,
    envelope: Result<Query<Envelope>, QueryRejection>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), HttpError> {
    let Query(envelope) = envelope.map_err(|_| {
        Error::new(
            Code::RequestInvalid,
            texts::inbox::TO_IS_A_LIST_OF_ADDRESSES.phrase(),
        )
    })?;
    let most = usize::try_from(MAX_RAW_MAIL).unwrap_or(usize::MAX);
    let raw = to_bytes(body, most).await.map_err(|_| {
        Error::new(
            Code::TooLarge,
            texts::inbox::A_MAIL_HAS_AT_MOST_40_MB.phrase(),
        )
    })?;
    let envelope = envelope
        .to
        .split(',')
        .filter_map(|to| Address::parse(to).ok());
    let (id, received) = take(&app, raw.into(), envelope.collect()).await?;
    let answer = match received {
        Received::Message {
            ticket_id,
            message_id,
        } => {
            json!({ "id": id, "status": "accepted", "ticket_id": ticket_id, "message_id": message_id })
        }
        Received::Quarantined(reason) => {
            json!({ "id": id, "status": "quarantined", "reason": reason.code() })
        }
        Received::Ignored(reason) => {
            json!({ "id": id, "status": "ignored", "reason": reason.code() })
        }
        Received::Duplicate => json!({ "id": id, "status": "duplicate" }),
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Takes in a mail that came to this machine. Nobody checked who sent it: that it says so is enough
/// here, unless it carries findings in the way that SES writes them.
pub(crate) async fn take(
    app: &App,
    raw: Vec<u8>,
    envelope: Vec<Address>,
) -> Result<(MailId, Received), Error> {
    let id = MailId::fresh();
    let arrival = Arrival {
        id: id.clone(),
        raw,
        envelope,
        trust: Trust::ThisMachine,
    };
    Ok((id, inbound::keep_and_receive(app, arrival).await?))
}
