//! What a bounce or complaint does to its address, whatever the mail was.

use uuid::Uuid;

use super::{Applied, count, observation, reputation};
use crate::{
    App, Result, Retrying,
    admin::suppressions,
    outgoing::{deliveries, test_mails::KIND},
};
use domain::{
    address::Address,
    delivery::Delivery,
    suppression::{Cause, Origin, Suppression, TransientBounces},
};
use mail::ses_event::{BounceType, Happening, SesEvent};
use storage::{Action, Expect, Item, Write, keys};

/// How long transient bounces are remembered, seconds.
const BOUNCES_KEPT: i64 = 8 * 24 * 3600;

/// A mail that bounced.
pub(super) struct Bounced {
    /// The address, as it is compared.
    address: String,
    /// The address, as the mail was sent to it.
    sent_to: String,
    /// The delivery, or the test mail's own id.
    id: Uuid,
    origin: Option<Origin>,
    detail: Option<String>,
}

impl Bounced {
    /// The mail of a delivery.
    pub(super) fn of(delivery: &Delivery) -> Self {
        let address = deliveries::address_key(delivery);
        let sent_to = Address::parse(&delivery.to.address)
            .map_or_else(|_| address.clone(), |sent_to| sent_to.as_str().to_owned());
        Self {
            address,
            sent_to,
            id: delivery.id,
            origin: Some(Origin {
                ticket_id: delivery.ticket_id.clone(),
                message_id: delivery.message_id,
                delivery_id: delivery.id,
            }),
            detail: delivery.detail.clone(),
        }
    }
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
        address: address.key().to_owned(),
        sent_to: address.as_str().to_owned(),
        id,
        origin: None,
        detail: observation(event, 1).detail,
    };
    let kind = match &event.happening {
        Happening::Bounce { bounce, .. } => bounce.name(),
        Happening::Complaint { .. } => "Complaint",
        _ => return Ok(Applied::TestMail),
    };
    let mark = keys::test_bounce(id, kind);
    let mut retrying = Retrying::over(app, &mark).await;
    loop {
        retrying.round().await?;
        if app.store.get(std::slice::from_ref(&mark)).await?[0].is_some() {
            return Ok(Applied::Known);
        }
        let mut writes = writes(app, event, &bounced).await?;
        let ends = app.now().as_second() + BOUNCES_KEPT;
        let told = Item::new(mark.clone(), "test_bounce", &serde_json::json!({}))?.expiring(ends);
        writes.push(Write::create(told));
        if retrying.commit(writes).await? {
            tracing::info!("an event about a test mail was applied");
            count(app, &event.happening);
            return Ok(Applied::TestMail);
        }
    }
}

/// The writes that a bounce or complaint makes in the suppression list and in the account's
/// reputation; none for any other event.
pub(super) async fn writes(app: &App, event: &SesEvent, mail: &Bounced) -> Result<Vec<Write>> {
    let (Happening::Bounce { .. } | Happening::Complaint { .. }) = event.happening else {
        return Ok(Vec::new());
    };
    let found = app
        .store
        .get(&[
            keys::suppression(&mail.address),
            keys::transient_bounces(&mail.address),
            reputation::key(app, event),
        ])
        .await?;
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
            let (write, too_many) = transient(app, event, mail, found[1].as_ref())?;
            writes.push(write);
            too_many.then_some(Cause::Transient)
        }
        _ => None,
    };
    if let Some(cause) = cause {
        let (origin, detail) = (mail.origin.clone(), mail.detail.clone());
        let new = Suppression::new(&mail.sent_to, cause, origin, detail, app.now());
        writes.extend(suppressions::suppress(found[0].as_ref(), new, app.now())?);
    }
    writes.extend(reputation::write(app, event, found[2].as_ref())?);
    Ok(writes)
}

fn transient(
    app: &App,
    event: &SesEvent,
    mail: &Bounced,
    known: Option<&Item>,
) -> Result<(Write, bool)> {
    let mut bounces: TransientBounces = known.map(Item::decode).transpose()?.unwrap_or_default();
    let too_many = bounces.count(mail.id, event.at);
    let key = keys::transient_bounces(&mail.address);
    let item = Item::new(key, "transient_bounces", &bounces)?
        .expiring(app.now().as_second() + BOUNCES_KEPT);
    let expect = known.map_or(Expect::Absent, |item| Expect::Version(item.version.clone()));
    let action = Action::Put(item);
    Ok((Write { action, expect }, too_many))
}
