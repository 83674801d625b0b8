//! Somebody decides that nothing more is to be done about a delivery, or about many.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::DeliveryRef;
use crate::{
    App, Code, Error, Findings, Noun, Result, Retrying,
    access::Caller,
    desk::tickets,
    entity::{self, Entity as _},
    outgoing::deliveries,
    texts,
};
use domain::{
    catalog::Language,
    delivery::{Delivery, Dismissed},
};
use storage::Expect;

/// Longest reason, in characters.
const MAX_REASON: usize = 500;
/// Most deliveries of one request.
pub const MAX_DISMISSED: usize = 100;

/// Why nothing more is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dismiss {
    /// The reason, kept with who gave it; may be left out.
    #[serde(default)]
    pub reason: String,
}

/// Which deliveries nothing more is to be done about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DismissMany {
    /// The deliveries, 1 to 100.
    pub deliveries: Vec<DeliveryRef>,
    /// The reason, kept with who gave it; may be left out.
    #[serde(default)]
    pub reason: String,
}

/// What became of one of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DismissedOne {
    /// Which delivery it was; its fields stand beside the others.
    #[serde(flatten)]
    pub delivery: DeliveryRef,
    /// Whether it is off the list.
    pub dismissed: bool,
    /// Stable code of why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What became of many, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DismissedMany {
    /// One entry for each that was named, in that order.
    pub items: Vec<DismissedOne>,
}

/// Takes a delivery off the list of those that need somebody, until its state changes. Who did it and
/// why is kept. Doing it again answers the same.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::StateConflict`] for one that needs nobody,
/// [`Code::Invalid`] for a reason that is too long, storage.
pub async fn dismiss(
    app: &App,
    caller: &Caller,
    which: &DeliveryRef,
    wanted: &Dismiss,
) -> Result<Delivery> {
    checked(&wanted.reason, app.findings())?;
    one(app, caller, which, wanted.reason.trim()).await
}

/// The same for many: each is decided on its own.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`] for none, too many, or a reason that is too long; storage.
pub async fn dismiss_many(
    app: &App,
    caller: &Caller,
    wanted: &DismissMany,
    language: Language,
) -> Result<DismissedMany> {
    let mut findings = app.findings();
    if !(1..=MAX_DISMISSED).contains(&wanted.deliveries.len()) {
        let range = texts::dismiss::ARE_1_TO_DELIVERIES.phrase();
        findings.add(
            "OUT_OF_RANGE",
            "deliveries",
            range.with("max", MAX_DISMISSED),
        );
    }
    checked(&wanted.reason, findings)?;
    let mut items = Vec::with_capacity(wanted.deliveries.len());
    for which in &wanted.deliveries {
        let refused = match one(app, caller, which, wanted.reason.trim()).await {
            Ok(_) => None,
            Err(error)
                if matches!(
                    error.code,
                    Code::NotFound | Code::Forbidden | Code::StateConflict
                ) =>
            {
                Some(error)
            }
            Err(error) => return Err(error),
        };
        items.push(DismissedOne {
            delivery: which.clone(),
            dismissed: refused.is_none(),
            code: refused.as_ref().map(|error| error.code.as_str()),
            detail: refused.map(|error| error.detail.get(language)),
        });
    }
    Ok(DismissedMany { items })
}

fn checked(reason: &str, mut findings: Findings) -> Result<()> {
    findings.max_chars("reason", reason, MAX_REASON);
    findings.finish(Code::Invalid)
}

async fn one(app: &App, caller: &Caller, which: &DeliveryRef, reason: &str) -> Result<Delivery> {
    let ticket_id = tickets::id(&which.ticket_id)?;
    let stored = entity::Delivery(&ticket_id, which.message_id, which.id);
    let mut retrying = Retrying::over(app, &stored.key()).await;
    loop {
        retrying.round().await?;
        let wanted = (entity::Ticket(&ticket_id), stored);
        let (ticket, delivery) = app.read(wanted).await?;
        tickets::visible_to_desk(caller, ticket)?;
        let (mut delivery, version) = delivery
            .ok_or_else(|| Error::not_found(Noun::Delivery))?
            .into_parts();
        let dismissed = Dismissed {
            at: app.now(),
            by: caller.sub.clone(),
            by_name: caller.name.clone(),
            reason: reason.to_owned(),
        };
        let changed = delivery.dismiss(dismissed).map_err(|_| {
            let detail = texts::dismiss::THE_DELIVERY_WAITS_FOR_NOBODY.phrase();
            Error::new(Code::StateConflict, detail)
        })?;
        if !changed {
            return Ok(delivery);
        }
        let writes = deliveries::writes(&mut delivery, Expect::Version(version))?;
        if retrying.commit(writes).await? {
            tracing::info!(
                ticket_id = which.ticket_id, delivery_id = %which.id, by = caller.log_id(),
                "delivery dismissed"
            );
            return Ok(delivery);
        }
    }
}
