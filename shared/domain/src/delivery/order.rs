//! The order of mails to one person on one ticket: that in which they were written.
//!
//! A mail waits while the one before it waits, is under way or is held for something that holds both.
//! It does not wait for ever: one that is held for itself alone, or that a server takes for hours to
//! accept, lets the later ones go after [`ORDER_KEPT`].

use jiff::{SignedDuration, Timestamp};

use super::{Delivery, DeliveryStatus};
use crate::reason::Reason;

/// How long a mail waits for the one before it, counted from when it was queued itself, or from when
/// the one before began to be refused, whichever came later.
pub const ORDER_KEPT: SignedDuration = SignedDuration::from_mins(15);

impl Delivery {
    /// Whether the mail before it, as it stands, keeps this one waiting.
    pub fn waits_for(&self, before: &Self, now: Timestamp) -> bool {
        before.may_leave_yet() && !self.waited_enough(before.trying_since, now)
    }

    /// Whether it has waited for the one before for as long as it has to.
    fn waited_enough(&self, refused_since: Option<Timestamp>, now: Timestamp) -> bool {
        let since = refused_since.map_or(self.waits_since(), |at| at.max(self.waits_since()));
        // A time in the future is of a clock that was wrong.
        since > now || now.duration_since(since) > ORDER_KEPT
    }

    /// Whether it may leave before those that were written after it. What a rule holds back for a
    /// moment of its own lets them pass: a person's message never waits for an automatic one.
    fn may_leave_yet(&self) -> bool {
        let own_moment = [
            Reason::LoopLimit,
            Reason::Coalesced,
            Reason::ReputationAtRisk,
        ];
        match self.status {
            DeliveryStatus::Queued | DeliveryStatus::Sending => true,
            DeliveryStatus::Held => {
                let reason = self.known_reason();
                !reason.is_some_and(|reason| own_moment.contains(&reason))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::sample::queued;

    #[test]
    fn a_mail_waits_for_the_one_before_as_long_as_that_may_leave() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (mut before, later) = (queued(now), queued(now));
        assert!(later.waits_for(&before, now));
        let held = |before: &mut Delivery, reason: Reason| {
            before.hold(reason, reason.code().to_owned(), None, None, now);
        };
        for (reason, waits) in [
            (Reason::KillSwitch, true),
            (Reason::SmtpAuth, true),
            (Reason::Suppressed, true),
            (Reason::Coalesced, false),
            (Reason::LoopLimit, false),
            (Reason::ReputationAtRisk, false),
        ] {
            held(&mut before, reason);
            assert_eq!(later.waits_for(&before, now), waits, "{reason:?}");
        }
        for status in [
            DeliveryStatus::Accepted,
            DeliveryStatus::Delivered,
            DeliveryStatus::Bounced,
            DeliveryStatus::Failed,
            DeliveryStatus::Unknown,
        ] {
            before.status = status;
            assert!(!later.waits_for(&before, now), "{status:?}");
        }
    }

    #[test]
    fn it_does_not_wait_for_ever() {
        let posted = Timestamp::from_second(1_800_000_000).unwrap();
        let (mut before, later) = (queued(posted), queued(posted));
        let after = |time| posted + time;
        let (kept, second) = (ORDER_KEPT, SignedDuration::from_secs(1));
        assert!(later.waits_for(&before, after(kept)));
        assert!(!later.waits_for(&before, after(kept + second)));
        // What both waited for is over, and the first one is refused only now.
        before.trying_since = Some(after(kept));
        assert!(later.waits_for(&before, after(kept + kept)));
        assert!(!later.waits_for(&before, after(kept + kept + second)));
        // Posted by a clock that was ahead.
        assert!(!later.waits_for(&before, posted - second));
    }
}
