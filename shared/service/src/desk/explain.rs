//! "Why did Maria not get this": who was considered, by which rule, and what became of each mail.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Result,
    access::Caller,
    api,
    desk::{
        messages::{self, deliveries_of},
        tickets,
    },
    outgoing::sending::in_the_way,
};
use domain::{
    catalog::Language,
    delivery::{Delivery, DeliveryStatus, Entry, Step},
    id::TicketId,
    reason::{Reason, Recorded},
    recipients::{Decision, RecipientRule},
};

/// A stable code and its words in the caller's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explained {
    /// The code in records, the same in every language.
    pub code: String,
    /// What it means and what to do.
    pub text: String,
}

impl Explained {
    fn reason(reason: &Recorded<Reason>, language: Language) -> Self {
        let text = reason.words().map_or("", |words| words.get(language));
        Self {
            code: reason.code().to_owned(),
            text: text.to_owned(),
        }
    }
}

/// One thing that happened to a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// When; of several alike, the last time.
    pub at: Timestamp,
    /// The kind of what happened.
    pub step: Step,
    /// The same in words.
    pub text: String,
    /// Attempt that it is about; 0 before the first.
    pub attempt: u32,
    /// The reason of it, where the step needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Explained>,
    /// What the provider or server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Name from their token, where a person asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// How often in a row.
    pub times: u32,
}

impl TimelineEntry {
    fn new(entry: &Entry, language: Language) -> Self {
        Self {
            at: entry.at,
            step: entry.step,
            text: entry.step.words().get(language).to_owned(),
            attempt: entry.attempt,
            reason: entry
                .reason
                .as_ref()
                .map(|reason| Explained::reason(reason, language)),
            detail: entry.detail.clone(),
            by: entry.by.clone(),
            by_name: entry.by_name.clone(),
            times: entry.times,
        }
    }
}

/// A delivery as the desk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryReport {
    /// Id of the delivery, half of its path in the API.
    pub id: Uuid,
    /// Whom it goes to.
    pub to: api::RecipientView,
    /// Where it is in the state machine.
    pub status: DeliveryStatus,
    /// The state in words.
    pub status_text: String,
    /// Stable code of why it waits, is held, failed, bounced or unknown.
    #[schema(value_type = Option<String>)]
    pub reason: Option<Recorded<Reason>>,
    /// The reason in words.
    pub reason_text: Option<String>,
    /// What the provider or server said.
    pub detail: Option<String>,
    /// How many attempts were begun; resends are among them.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When the state changed last.
    pub updated_at: Timestamp,
    /// When it is looked at next.
    pub next_at: Option<Timestamp>,
    /// Whether it is time for people to send it again.
    pub send_again: bool,
    /// Who decided that nothing more is to be done about this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<api::DismissedView>,
    /// The mail of the last attempt.
    pub mail: Option<api::SentMailView>,
    /// What happened, in order.
    pub timeline: Vec<TimelineEntry>,
}

impl DeliveryReport {
    /// The report in this language.
    pub fn new(delivery: &Delivery, language: Language) -> Self {
        let mut report = Self {
            id: delivery.id,
            to: delivery.to.clone().into(),
            status: delivery.status,
            status_text: delivery.status.words().get(language).to_owned(),
            reason: None,
            reason_text: None,
            detail: delivery.detail.clone(),
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
            next_at: delivery.due_at,
            send_again: delivery.wants_sending_again(),
            dismissed: delivery.dismissed.clone().map(Into::into),
            mail: delivery.mail.clone().map(Into::into),
            timeline: delivery
                .timeline
                .iter()
                .map(|entry| TimelineEntry::new(entry, language))
                .collect(),
        };
        if let Some(reason) = &delivery.reason {
            report.explain(reason, language);
        }
        report
    }

    fn explain(&mut self, reason: &Recorded<Reason>, language: Language) {
        let words = reason.words().map(|words| words.get(language).to_owned());
        self.reason = Some(reason.clone());
        self.reason_text = words.filter(|text| !text.is_empty());
    }
}

/// What was decided about one person, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Considered {
    /// Whom the decision is about, participant or not.
    pub to: api::RecipientView,
    /// The rule that decided.
    pub decision: Explained,
    /// The message in whose mail this one travels, for `COALESCED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Uuid>,
    /// Their mail, when the rule gave them one or lets the message travel in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryReport>,
}

/// Everyone who was considered for a message, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explanation {
    /// The message that is explained.
    pub message_id: Uuid,
    /// The ticket of that message.
    #[schema(value_type = String)]
    pub ticket_id: TicketId,
    /// Everyone who was considered; who has no address is among them.
    pub recipients: Vec<Considered>,
}

/// Explains a message, for the desk.
///
/// # Errors
/// [`Code::Forbidden`](crate::Code::Forbidden), [`Code::NotFound`](crate::Code::NotFound), storage.
pub async fn message(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    id: Uuid,
    language: Language,
) -> Result<Explanation> {
    let sees = |ticket| tickets::visible_to_desk(caller, ticket).map(drop);
    let ((), stored) = messages::stored(app, ticket_id, id, sees).await?;
    let mut deliveries = deliveries_of(app, ticket_id, id).await?;
    let within = stored.decisions.iter().filter_map(|one| one.within);
    for carrier in within.collect::<BTreeSet<_>>() {
        deliveries.extend(deliveries_of(app, ticket_id, carrier).await?);
    }
    let in_the_way = in_the_way(app, &deliveries).await?;
    let reports = deliveries.iter().map(|delivery| {
        let mut report = DeliveryReport::new(delivery, language);
        if let Some(reason) = in_the_way.get(&delivery.id) {
            report.explain(reason, language);
        }
        (delivery.message_id, report)
    });
    let reports: Vec<_> = reports.collect();
    let decided = stored.decisions.into_iter();
    let recipients = decided
        .map(|decision| considered(id, decision, &reports, language))
        .collect();
    Ok(Explanation {
        message_id: id,
        ticket_id: ticket_id.clone(),
        recipients,
    })
}

fn considered(
    message: Uuid,
    decision: Decision,
    reports: &[(Uuid, DeliveryReport)],
    language: Language,
) -> Considered {
    let Decision { to, rule, within } = decision;
    let carrier = match rule {
        RecipientRule::Mail => Some(message),
        _ => within,
    };
    let own = reports
        .iter()
        .find(|(message, report)| Some(*message) == carrier && report.to.address == to.address);
    let delivery = own.map(|(_, report)| report.clone());
    let decision = Explained {
        code: rule.code().to_owned(),
        text: rule.words().get(language).to_owned(),
    };
    Considered {
        to: to.into(),
        decision,
        within,
        delivery,
    }
}
