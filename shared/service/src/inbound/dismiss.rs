//! Somebody decides that a mail does not become a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Mail, MailStatus,
    quarantine::{conflict, found},
};
use crate::{
    App, Code, Result, Retrying, access::Caller, api::MailView, idempotency::Replayable, texts,
};

use domain::{
    characters::is_blank,
    id::{MailId, TicketId},
};
use storage::{Write, keys};

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// Takes a mail off the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dismiss {
    /// Why, for those who look for the mail later.
    pub reason: String,
}

/// Takes a mail off the list of those that wait, with a reason that is kept. It can still be let in
/// until its bytes are gone. Doing it again answers the same.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::Invalid`] without a reason,
/// [`Code::StateConflict`] for a mail that is a message; storage.
pub async fn dismiss(
    app: &App,
    caller: &Caller,
    id: &MailId,
    wanted: &Dismiss,
) -> Result<Replayable<MailView>> {
    let reason = wanted.reason.trim();
    let mut findings = app.findings();
    if is_blank(reason) {
        let missing = texts::dismiss::SAY_WHY_THE_MAIL_IS_DISMISSED.phrase();
        findings.add("REASON_MISSING", "reason", missing);
    }
    findings.max_chars("reason", reason, MAX_REASON);
    findings.finish(Code::Invalid)?;
    let mut retrying = Retrying::over(app, &keys::inbound(id)).await;
    loop {
        retrying.round().await?;
        let (seen, version, _) = found(app, caller, id).await?;
        if seen.status == MailStatus::Accepted {
            return Err(conflict(texts::dismiss::IT_IS_A_MESSAGE_ALREADY.phrase()));
        }
        if seen.status == MailStatus::Dismissed {
            return Ok(Replayable::Replayed(seen.into()));
        }
        let after = Mail {
            status: MailStatus::Dismissed,
            dismissed_by: Some(caller.sub.clone()),
            dismissed_by_name: Some(caller.name.clone()),
            dismissed_at: Some(app.now()),
            dismissed_because: Some(reason.to_owned()),
            ..seen
        };
        let write = Write::replace(after.item()?, version);
        if retrying.commit(vec![write]).await? {
            tracing::info!(
                mail_id = %id,
                ticket_id = after.ticket_id.as_ref().map(TicketId::as_str),
                "mail dismissed"
            );
            return Ok(Replayable::Fresh(after.into()));
        }
    }
}
