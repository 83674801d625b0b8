//! Deliveries that need somebody: what nothing but a person can bring further.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Actor, Delivery, DeliveryStatus, Entry, Step};
use crate::reason::Reason;

/// Who decided that nothing more is to be done about a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissed {
    /// When they decided, by the clock of the function.
    pub at: Timestamp,
    /// The `sub` of their token.
    pub by: String,
    /// Name from their token, kept because directories forget people.
    pub by_name: String,
    /// Why; may be empty.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reason: String,
}

impl Delivery {
    /// Whether only a person can bring it further, and none has dismissed it.
    pub fn needs_somebody(&self) -> bool {
        self.dismissed.is_none() && self.is_stuck()
    }

    /// Whether nothing but a person can bring it further. What is held for all mail alike (a switch, a
    /// template) is not: ending that lets all of them go. An unknown one waits for its event first.
    pub fn is_stuck(&self) -> bool {
        use DeliveryStatus as S;
        match self.status {
            S::Bounced | S::Complained | S::Rejected | S::Unconfirmed => true,
            S::Failed => !self.is_unwanted(),
            S::Unknown => self.due_at.is_none(),
            S::Held => self.is_because(Reason::Suppressed),
            S::Queued | S::Sending | S::Accepted | S::Delivered | S::Delayed => false,
        }
    }

    /// Whether nobody waits for it: its recipient was erased, or wants no automatic mail.
    pub fn is_unwanted(&self) -> bool {
        self.known_reason().is_some_and(Reason::is_unwanted)
    }

    /// Records that nothing more is to be done about its state; `false` when somebody said so already.
    ///
    /// # Errors
    /// The present state, when it needs nobody.
    pub fn dismiss(&mut self, dismissed: Dismissed) -> Result<bool, DeliveryStatus> {
        if !self.is_stuck() {
            return Err(self.status);
        }
        if self.dismissed.is_some() {
            return Ok(false);
        }
        let by = Actor {
            sub: &dismissed.by,
            name: &dismissed.by_name,
        };
        self.note(Entry::new(dismissed.at, Step::Dismissed, self.attempts).asked_by(by));
        self.dismissed = Some(dismissed);
        Ok(true)
    }
}
