//! The rules that are answered from what was read for the batch.

use super::{
    super::{batch::Batch, circuit::Open, templates::CachedTemplate},
    GateRule, Obstacle, Stop,
};
use domain::{
    address::Mailbox,
    delivery::{Delivery, DeliveryStatus},
    message::{Message, Visibility},
    parameter,
    reason::Reason,
    template::{Status, Summary},
    ticket::Ticket,
};

/// A delivery, and what was read for it.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(in super::super) batch: &'a Batch,
    pub(in super::super) delivery: &'a Delivery,
    /// Why nothing may be sent at all.
    pub(in super::super) circuit: Option<&'a Open>,
}

/// The published version of a template, compiled.
type Published<'a> = (&'a Summary, &'a CachedTemplate);

impl<'a> Facts<'a> {
    /// How this rule keeps the mail back, if it does and if what was read tells.
    pub(super) fn ask(&self, rule: GateRule) -> Option<Stop> {
        let hold = |reason| Stop::Hold(Obstacle::new(reason, ""));
        match rule {
            GateRule::Content => self.content().err(),
            GateRule::Visibility => {
                let requester = self.delivery.to.capacity.is_requester_side();
                let internal = |message: &Message| message.visibility == Visibility::Internal;
                (requester && self.message_is(internal))
                    .then_some(Stop::Fail(Reason::InternalMessage, None))
            }
            GateRule::Preferences => (self.is_automatic() && self.batch.is_muted(self.delivery))
                .then_some(Stop::Fail(Reason::AutomaticUnwanted, None)),
            GateRule::KillSwitch => {
                let on = self.batch.parameters.is_on(parameter::KILL_SWITCH);
                on.then(|| hold(Reason::KillSwitch))
            }
            GateRule::Suppression => {
                let suppression = self.batch.suppression(self.delivery);
                suppression.map(|_| hold(Reason::Suppressed))
            }
            GateRule::Reputation => {
                (self.batch.at_risk && self.is_automatic()).then(|| hold(Reason::ReputationAtRisk))
            }
            GateRule::Sender => self.sender().err(),
            GateRule::Template => self.template().err(),
            GateRule::Circuit => self.circuit.map(behind),
            // Asked when it was posted, and recorded then.
            GateRule::Storm | GateRule::Coalescing => None,
            // What was read does not tell.
            GateRule::Making | GateRule::Window | GateRule::Order | GateRule::Rate => None,
        }
    }

    /// What people must remove, or what must end, before the mail may leave: the first rule that holds it.
    pub(in super::super) fn held_by(&self) -> Option<Obstacle> {
        GateRule::ALL.iter().find_map(|rule| match self.ask(*rule) {
            Some(Stop::Hold(obstacle)) => Some(obstacle),
            _ => None,
        })
    }

    /// Whether what a held delivery waits for is still there, without making its mail.
    pub(in super::super) fn is_still_held(&self) -> bool {
        let name = match (self.held_by(), self.template()) {
            (Some(obstacle), _) => obstacle.name,
            // A version that could not be filled for this delivery will not be for the next look either.
            (None, Ok((summary, _))) => self.invalid(summary).name,
            (None, Err(_)) => return false,
        };
        self.delivery.status == DeliveryStatus::Held
            && self.delivery.obstacle.as_ref() == Some(&name)
    }

    /// The ticket and the message.
    pub(in super::super) fn content(&self) -> Result<(&'a Ticket, &'a Message), Stop> {
        let content = self.batch.content(self.delivery);
        content.ok_or(Stop::Fail(Reason::MessageMissing, None))
    }

    /// Who the mail is from.
    pub(in super::super) fn sender(&self) -> Result<&'a Mailbox, Stop> {
        let missing = || Stop::Hold(Obstacle::new(Reason::SenderNotSet, ""));
        self.batch.sender_of(self.delivery).ok_or_else(missing)
    }

    /// The template that the mail is made from.
    pub(in super::super) fn template(&self) -> Result<Published<'a>, Stop> {
        let (batch, side) = (self.batch, self.side());
        let hold = |reason, about: &str| Stop::Hold(Obstacle::new(reason, about));
        let id = batch
            .template_of(self.delivery)
            .ok_or_else(|| hold(Reason::TemplateNotSet, side))?;
        let about = || format!("{side}/{id}");
        let missing = || hold(Reason::TemplateMissing, &about());
        let (summary, loaded) = batch.template(id).ok_or_else(missing)?;
        if summary.status != Status::Active {
            return Err(hold(Reason::TemplateInactive, &about()));
        }
        if summary.errors > 0 {
            return Err(Stop::Hold(self.invalid(summary)));
        }
        let loaded = loaded.as_deref().ok_or_else(missing)?;
        Ok((summary, loaded))
    }

    /// The obstacle of a version that has errors, or cannot be filled with this ticket.
    pub(in super::super) fn invalid(&self, summary: &Summary) -> Obstacle {
        let about = format!("{}/{}.{}", self.side(), summary.id, summary.version);
        Obstacle::new(Reason::TemplateInvalid, &about)
    }

    fn is_automatic(&self) -> bool {
        self.message_is(Message::is_automatic)
    }

    fn message_is(&self, like: impl FnOnce(&Message) -> bool) -> bool {
        self.content().is_ok_and(|(_, message)| like(message))
    }

    fn side(&self) -> &'static str {
        if self.delivery.to.capacity.is_requester_side() {
            "requester"
        } else {
            "desk"
        }
    }
}

fn behind(open: &Open) -> Stop {
    if open.keeps_queued() {
        return Stop::Wait(Reason::SendingStopped);
    }
    Stop::Hold(Obstacle {
        reason: open.reason.clone(),
        name: open.reason.code().to_owned(),
        recheck_at: Some(open.until),
        detail: open.detail.clone(),
    })
}
