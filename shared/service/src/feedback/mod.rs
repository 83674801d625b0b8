//! What the provider tells about mails: applied in any order, any number of times, also before our
//! own record. Everything that follows from an event is one commit with the event itself, so that
//! it happens once.

mod find;
pub(crate) mod last_event;
mod notice;
mod reputation;
mod suppressing;

use jiff::SignedDuration;
use serde_json::Value;

use self::{notice::News, suppressing::Bounced};
use crate::{App, Code, Error, Result, Retrying, outgoing::deliveries, texts};
use domain::{
    address::Address,
    delivery::{Delivery, DeliveryStatus, Observation, Step},
    reason::Reason,
};
use mail::ses_event::{self, BounceType, Happening, SesEvent, SesEventError};
use platform::telemetry::{Metric, emit};
use storage::{Expect, Write};

/// How far the clock of the provider may be from ours. A time that is further off cannot be: counted on,
/// it would keep a delivery waiting for years, or leave the calendar.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Something was new: the delivery is in this state now.
    Changed(DeliveryStatus),
    /// It told nothing new: events come twice, and in any order.
    Known,
    /// It is about no mail of ours.
    Foreign,
    /// It says nothing about where a mail is.
    Ignored,
    /// It is about a test mail, which is not a delivery: its address was looked at.
    TestMail,
}

/// Applies an event of SES, as EventBridge brings it.
///
/// # Errors
/// [`Code::BodyInvalid`] for what is not an event of SES, storage.
pub async fn apply(app: &App, document: &Value) -> Result<Applied> {
    let read = ses_event::parse(document).map_err(|error| {
        let detail = match error {
            SesEventError::NotAnEvent => texts::ses_events::NOT_ABOUT_A_MAIL,
            SesEventError::UnknownType => texts::ses_events::UNKNOWN_TYPE,
            SesEventError::NoMessageId => texts::ses_events::NO_MESSAGE_ID,
            SesEventError::NoTime => texts::ses_events::NO_TIME,
        };
        Error::new(Code::BodyInvalid, detail.phrase()).because(error.code())
    })?;
    let Some(mut event) = read else {
        return Ok(Applied::Ignored);
    };
    if event.at > app.now() + CLOCK_SKEW {
        event.at = app.now();
    }
    if suppressing::is_test(&event) {
        return suppressing::test_mail(app, &event).await;
    }
    let mut retrying = Retrying::over(app, &find::turn(&event)).await;
    loop {
        retrying.round().await?;
        let Some(found) = find::delivery(app, &event).await? else {
            tracing::info!(
                tagged = event.delivery_id.is_some(),
                "an event about no mail of ours"
            );
            return Ok(Applied::Foreign);
        };
        let Delivery {
            id,
            attempts,
            created_at,
            ..
        } = found.delivery.value;
        event.at = event.at.max(created_at - CLOCK_SKEW);
        let attempt = event.attempt.or(found.attempt).unwrap_or(attempts);
        // An attempt is recorded before its mail leaves: what tells of another one is not ours, and a
        // delivery that never left must not be taken for one that arrived.
        if !(1..=attempts).contains(&attempt) {
            tracing::warn!(delivery_id = %id, "an event about an attempt that never was");
            return Ok(Applied::Foreign);
        }
        if confirms_only(app, &event, &found, attempt) {
            last_event::note(app).await?;
            return Ok(Applied::Known);
        }
        let Some(change) = Change::of(app, &event, found, attempt).await? else {
            return Ok(Applied::Known);
        };
        if retrying.commit(change.writes).await? {
            let delivery = &change.delivery;
            tracing::info!(
                delivery_id = %delivery.id, ticket_id = %delivery.ticket_id, status = ?delivery.status,
                reason = delivery.reason_code(), "an event was applied"
            );
            count(app, &event.happening);
            return Ok(Applied::Changed(delivery.status));
        }
    }
}

/// Whether an event says no more than the answer to the call did: that the provider has the mail. It is
/// not written, unless the state follows from it or the mail's id does not lead to the delivery yet.
fn confirms_only(app: &App, event: &SesEvent, found: &find::StoredDelivery, attempt: u32) -> bool {
    let delivery = &found.delivery.value;
    let led_to = found.recorded || !app.capabilities.assigns_ids;
    if event.happening != Happening::Send || !led_to || !delivery.was_answered(attempt) {
        return false;
    }
    let mut after = delivery.clone();
    after.observe(observation(event, attempt));
    after.status == delivery.status
}

/// What an event changes.
struct Change {
    delivery: Delivery,
    writes: Vec<Write>,
}

impl Change {
    /// `None` when everything was known.
    async fn of(
        app: &App,
        event: &SesEvent,
        found: find::StoredDelivery,
        attempt: u32,
    ) -> Result<Option<Self>> {
        let (mut delivery, version) = found.delivery.into_parts();
        let observation = observation(event, attempt);
        // What this event says: the state may be that of a later attempt.
        let said = observation.detail.clone();
        if !delivery.observe(observation) {
            return Ok(None);
        }
        let mut writes = deliveries::writes(&mut delivery, Expect::Version(version))?;
        if !found.recorded && app.capabilities.assigns_ids {
            writes.push(deliveries::mail_record(
                app,
                &delivery,
                attempt,
                &event.provider_id,
            )?);
        }
        if suppressing::is_harm(&event.happening) {
            let bounced = Bounced::of(&delivery, said.clone());
            let address = event.recipient.as_ref().map(Address::key);
            let known = match found.suppressing {
                Some(known) if address == Some(&bounced.address) => known,
                _ => {
                    let wanted = suppressing::wanted(app, event, &bounced.address);
                    app.read(wanted).await?
                }
            };
            writes.extend(suppressing::writes(app, event, &bounced, known)?);
        }
        if let Some(news) = News::of(&event.happening) {
            let known = match found.notice {
                Some(known) => known,
                None => {
                    let wanted = notice::wanted(&delivery.ticket_id, delivery.message_id);
                    app.read(wanted).await?
                }
            };
            writes.extend(notice::writes(app, &delivery, news, said, known).await?);
        }
        Ok(Some(Self { delivery, writes }))
    }
}

fn observation(event: &SesEvent, attempt: u32) -> Observation {
    let said = |parts: &[&String]| {
        let parts: Vec<&str> = parts
            .iter()
            .map(|part| part.as_str())
            .filter(|part| !part.is_empty())
            .collect();
        Some(parts.join(" · ")).filter(|text| !text.is_empty())
    };
    let (step, reason, detail) = match &event.happening {
        Happening::Send => (Step::Sent, None, None),
        Happening::Delivery { response } => (Step::Delivered, None, said(&[response])),
        Happening::Delay {
            kind, diagnostic, ..
        } => (
            Step::Delayed,
            Some(Reason::Delayed),
            said(&[kind, diagnostic]),
        ),
        Happening::Reject { reason } => {
            (Step::Rejected, Some(Reason::RefusedLater), said(&[reason]))
        }
        Happening::Bounce {
            bounce,
            sub_type,
            diagnostic,
            ..
        } => {
            let reason = match bounce {
                BounceType::Permanent => Reason::Bounced,
                BounceType::Transient => Reason::BouncedForNow,
                BounceType::Undetermined => Reason::BounceUndetermined,
            };
            (Step::Bounced, Some(reason), said(&[sub_type, diagnostic]))
        }
        Happening::Complaint { feedback, sub_type } => (
            Step::Complained,
            Some(Reason::Complained),
            said(&[feedback, sub_type]),
        ),
    };
    Observation {
        at: event.at,
        attempt: Some(attempt),
        step,
        reason,
        detail,
        provider_id: event.provider_id.clone(),
    }
}

fn count(app: &App, happening: &Happening) {
    let metric = match happening {
        Happening::Bounce {
            bounce: BounceType::Permanent,
            ..
        } => Metric::Bounced,
        Happening::Complaint { .. } => Metric::Complained,
        _ => return,
    };
    emit(metric, 1.0, app.now());
}
