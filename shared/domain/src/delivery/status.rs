//! The states of a delivery and the steps of its timeline, and their order. Attempts and events both
//! move a delivery on by them, and neither knows the other.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Delivery;
use crate::reason::{Reason, Recorded};

/// How long the system waits for an event about an outcome that it did not see, and how long an
/// accepted mail may go without one before an alarm counts it.
pub const EVENT_LATE: SignedDuration = SignedDuration::from_mins(15);
/// When an accepted mail without an event counts as unconfirmed.
pub const UNCONFIRMED: SignedDuration = SignedDuration::from_hours(72);

/// State of a delivery. `docs/ARCHITECTURE.md` draws the transitions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// Waits to be sent.
    Queued,
    /// A sender holds its lease.
    Sending,
    /// The provider has it.
    Accepted,
    /// The recipient's server has it.
    Delivered,
    /// The provider is still trying.
    Delayed,
    /// The recipient's server refused it.
    Bounced,
    /// The recipient called it spam.
    Complained,
    /// The provider refused it after acceptance.
    Rejected,
    /// Waits for something that people must fix, or that must end: see the reason.
    Held,
    /// Will not be sent, see the reason.
    Failed,
    /// Nobody saw what became of the attempt; the system sends it again only where `ResendUnknownMinutes` says so.
    Unknown,
    /// Accepted, but no event came within 72 hours.
    Unconfirmed,
}

impl DeliveryStatus {
    /// How little it asks for attention: the worst state is 0.
    pub fn rank(self) -> usize {
        const WORST_FIRST: [DeliveryStatus; 12] = [
            DeliveryStatus::Bounced,
            DeliveryStatus::Rejected,
            DeliveryStatus::Failed,
            DeliveryStatus::Complained,
            DeliveryStatus::Unknown,
            DeliveryStatus::Unconfirmed,
            DeliveryStatus::Held,
            DeliveryStatus::Delayed,
            DeliveryStatus::Queued,
            DeliveryStatus::Sending,
            DeliveryStatus::Accepted,
            DeliveryStatus::Delivered,
        ];
        WORST_FIRST
            .iter()
            .position(|status| *status == self)
            .unwrap_or_default()
    }
    /// Whether somebody has the mail: no new attempt is needed.
    pub(super) fn has_mail(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Delayed | Self::Delivered | Self::Complained
        )
    }
}

/// A kind of entry of a timeline, in the order of a delivery's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// It waits for something that people or time must change.
    Held,
    /// An attempt reached nobody; another one follows.
    Retry,
    /// The provider took it.
    Accepted,
    /// It will not be sent.
    Failed,
    /// The outcome of an attempt was not seen.
    Unknown,
    /// Somebody asked for a new attempt.
    Resent,
    /// The provider says that it has the mail.
    Sent,
    /// The provider is still trying.
    Delayed,
    /// The recipient's server has it.
    Delivered,
    /// The provider refused it after it had taken it.
    Rejected,
    /// The recipient's server refused it.
    Bounced,
    /// The recipient called it spam.
    Complained,
    /// No event came in time.
    Unconfirmed,
    /// Somebody decided that nothing more is to be done.
    Dismissed,
}

impl Step {
    /// How much it says of what the provider tells, and the state that it means: the state of an attempt
    /// is that of the highest one. `None` for steps that are ours.
    pub(super) fn reported(self) -> Option<(u8, DeliveryStatus)> {
        Some(match self {
            Self::Sent => (1, DeliveryStatus::Accepted),
            Self::Delayed => (2, DeliveryStatus::Delayed),
            Self::Delivered => (3, DeliveryStatus::Delivered),
            Self::Rejected => (4, DeliveryStatus::Rejected),
            Self::Bounced => (5, DeliveryStatus::Bounced),
            Self::Complained => (6, DeliveryStatus::Complained),
            _ => return None,
        })
    }

    /// Place within an attempt.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::Retry | Self::Accepted | Self::Unknown => 0,
            Self::Sent
            | Self::Delayed
            | Self::Delivered
            | Self::Rejected
            | Self::Bounced
            | Self::Complained => self.reported().map_or(0, |(rank, _)| rank),
            Self::Unconfirmed => 7,
            // What comes between two attempts, in the order in which it happened.
            Self::Failed | Self::Resent | Self::Held | Self::Dismissed => 8,
        }
    }

    /// Whether it only tells that the delivery waits.
    pub(super) fn is_waiting(self) -> bool {
        matches!(self, Self::Held | Self::Retry)
    }
}

impl Delivery {
    /// The state, with nothing left of the one before.
    pub(super) fn enter(
        &mut self,
        status: DeliveryStatus,
        now: Timestamp,
        reason: Option<Recorded<Reason>>,
        detail: Option<String>,
    ) {
        // Somebody who looked at the state before has not seen this one.
        if self.status != status || self.reason != reason {
            self.dismissed = None;
        }
        self.status = status;
        self.updated_at = now;
        self.reason = reason;
        self.detail = detail;
        self.lease = None;
        self.obstacle = None;
        self.due_at = None;
        if !matches!(status, DeliveryStatus::Queued | DeliveryStatus::Sending) {
            self.tries = 0;
            self.trying_since = None;
        }
    }
}
