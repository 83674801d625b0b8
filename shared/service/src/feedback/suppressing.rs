//! What a bounce or complaint does to its address, whatever the mail was.

use uuid::Uuid;

use super::{Applied, count, observation, reputation};
use crate::{
    App, Result, Retrying,
    admin::suppressions,
    entity::{self, Entity as _, Loaded, Nothing, Wanted},
    outgoing::test_mails::KIND,
};
use domain::{
    address::{AddressKey, WrittenAddress},
    delivery::Delivery,
    reputation::Counts,
    suppression::{Cause, Origin, Suppression, TransientBounces},
};
use mail::ses_event::{BounceType, Happening, SesEvent};
use storage::Write;

/// How long transient bounces are remembered, seconds.
const BOUNCES_KEPT: i64 = 8 * 24 * 3600;

/// A mail that bounced.
pub(super) struct Bounced {
    /// The address, as it is compared.
    pub(super) address: AddressKey,
    /// The address, as the mail was sent to it.
    sent_to: WrittenAddress,
    /// The delivery, or the test mail's own id.
    id: Uuid,
    origin: Option<Origin>,
    detail: Option<String>,
}

impl Bounced {
    /// The mail of a delivery, and what the recipient's server said of it.
    pub(super) fn of(delivery: &Delivery, detail: Option<String>) -> Self {
        Self {
            address: delivery.to.key(),
            sent_to: delivery.to.address.clone(),
            id: delivery.id,
            origin: Some(Origin {
                ticket_id: delivery.ticket_id.clone(),
                message_id: delivery.message_id,
                delivery_id: delivery.id,
            }),
            detail,
        }
    }
}

/// Whether an event tells of harm: to its address, or to the account's reputation.
pub(super) fn is_harm(happening: &Happening) -> bool {
    matches!(
        happening,
        Happening::Bounce { .. } | Happening::Complaint { .. }
    )
}

/// Whether an event is about a test mail: the tag says so, which is ours to set.
pub(super) fn is_test(event: &SesEvent) -> bool {
    event.kind_tag.as_deref() == Some(KIND)
}

/// Applies an event about a test mail: it belongs to no ticket, and its address is as good or bad as
/// that of any other mail.
pub(super) async fn test_mail(app: &App, event: &SesEvent) -> Result<Applied> {
    let (Some(address), Some(id)) = (&event.recipient, event.delivery_id) else {
        return Ok(Applied::Foreign);
    };
    let bounced = Bounced {
        address: address.key().clone(),
        sent_to: address.clone().into(),
        id,
        origin: None,
        detail: observation(event, 1).detail,
    };
    let kind = match &event.happening {
        Happening::Bounce { bounce, .. } => bounce.name(),
        Happening::Complaint { .. } => "Complaint",
        _ => return Ok(Applied::TestMail),
    };
    let mark = entity::TestBounce(id, kind);
    let mut retrying = Retrying::over(app, &mark.key()).await;
    loop {
        retrying.round().await?;
        let state = wanted(app, event, &bounced.address);
        let (known, state) = app.read((mark, state)).await?;
        if known.is_some() {
            return Ok(Applied::Known);
        }
        let mut writes = writes(app, event, &bounced, state)?;
        let ends = app.now().as_second() + BOUNCES_KEPT;
        let marked = mark.item(&Nothing {})?.expiring(ends);
        writes.push(Write::create(marked));
        if retrying.commit(writes).await? {
            tracing::info!("an event about a test mail was applied");
            count(app, &event.happening);
            return Ok(Applied::TestMail);
        }
    }
}

/// What is known of an address, and counted of the account.
pub(super) type SuppressionFacts = (
    Option<Loaded<Suppression>>,
    Option<Loaded<TransientBounces>>,
    Option<Loaded<Counts>>,
);

/// What the writes of a bounce or complaint count on.
pub(super) fn wanted(
    app: &App,
    event: &SesEvent,
    address: &AddressKey,
) -> impl Wanted<Found = SuppressionFacts> {
    (
        entity::Suppression(address),
        entity::TransientBounces(address),
        reputation::of(app, event),
    )
}

/// The writes that a bounce or complaint makes in the suppression list and
/// in the account's reputation.
pub(super) fn writes(
    app: &App,
    event: &SesEvent,
    mail: &Bounced,
    (suppression, bounces, counts): SuppressionFacts,
) -> Result<Vec<Write>> {
    let mut writes = Vec::new();
    let cause = match event.happening {
        Happening::Complaint { .. } => Some(Cause::Complaint),
        Happening::Bounce {
            bounce: BounceType::Permanent,
            ..
        } => Some(Cause::Bounce),
        Happening::Bounce {
            bounce: BounceType::Transient,
            ..
        } => {
            let (write, too_many) = transient(app, event, mail, bounces)?;
            writes.push(write);
            too_many.then_some(Cause::Transient)
        }
        _ => None,
    };
    if let Some(cause) = cause {
        let (origin, detail) = (mail.origin.clone(), mail.detail.clone());
        let new = Suppression::new(&mail.sent_to, cause, origin, detail, app.now());
        writes.extend(suppressions::suppress(suppression, new, app.now())?);
    }
    writes.extend(reputation::write(app, event, counts)?);
    Ok(writes)
}

fn transient(
    app: &App,
    event: &SesEvent,
    mail: &Bounced,
    known: Option<Loaded<TransientBounces>>,
) -> Result<(Write, bool)> {
    let (mut bounces, expect) = Loaded::or_default(known);
    let too_many = bounces.count(mail.id, event.at);
    let item = entity::TransientBounces(&mail.address).item(&bounces)?;
    let item = item.expiring(app.now().as_second() + BOUNCES_KEPT);
    Ok((Write::store(item, expect), too_many))
}
