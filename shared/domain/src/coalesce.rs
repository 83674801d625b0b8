//! Automatic mails to one recipient on one ticket: the first leaves at once; what follows within the
//! window waits for its end and leaves as one mail, so that a system that writes ten messages in a
//! minute sends two mails and not ten.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most messages that travel in the mail of another one.
pub const MAX_JOINED: usize = 20;

/// Most windows that follow each other without a pause. A mail that leaves later than the last of them
/// is of a clock that was ahead.
const MAX_WINDOWS: i32 = 12;

/// The newest automatic mail to a recipient on a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automatic {
    /// When it left, or may leave.
    pub at: Timestamp,
    /// The one that waits for the window's end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiting: Option<Waiting>,
}

/// A mail that takes along what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The message that its mail was made for.
    pub message: Uuid,
    /// The delivery that leaves, with the later messages in its mail.
    pub delivery: Uuid,
}

impl Automatic {
    /// When the next one may leave, if not now.
    pub fn later(&self, window: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        let end = self.at.checked_add(window).unwrap_or(self.at);
        let farthest = now.checked_add(window.saturating_mul(MAX_WINDOWS));
        (end > now && farthest.is_ok_and(|farthest| end <= farthest)).then_some(end)
    }

    /// Whether it says nothing any more about mails from now on.
    pub fn is_over(&self, window: SignedDuration, now: Timestamp) -> bool {
        self.waiting.is_none() && self.later(window, now).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_with_a_mail_and_ends() {
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let window = SignedDuration::from_mins(5);
        let one = Automatic {
            at: at(10),
            waiting: None,
        };
        for (minute, later) in [(10, Some(15)), (14, Some(15)), (15, None), (20, None)] {
            assert_eq!(one.later(window, at(minute)), later.map(at));
            assert_eq!(one.is_over(window, at(minute)), later.is_none());
        }
        assert_eq!(one.later(SignedDuration::ZERO, at(10)), None);
        // It left by a clock that was three hours ahead.
        assert_eq!(one.later(window, at(10 - 180)), None);
    }
}
