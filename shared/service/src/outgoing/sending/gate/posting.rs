//! The rules that are asked when a message is posted, with the ticket's record alone.

use jiff::Timestamp;

use super::{GateRule, Obstacle, Stop};
use domain::{reason::Reason, storm::Slot};

/// How a mail that is posted now is kept back, if it is: by its place in the windows of the storm rule,
/// and by the moment until which an automatic one waits for what follows it.
pub(crate) fn when_posted(slot: Slot, joins_until: Option<Timestamp>) -> Option<Stop> {
    let hold = |reason, until| Some(Stop::Hold(Obstacle::of_time(reason, until)));
    GateRule::ALL.iter().find_map(|rule| match (rule, slot) {
        (GateRule::Storm, Slot::At(at)) => {
            let at = Timestamp::from_second(at).ok();
            hold(Reason::LoopLimit, at.max(joins_until))
        }
        (GateRule::Storm, Slot::None) => Some(Stop::Fail(Reason::TooManyWaiting, None)),
        (GateRule::Coalescing, _) => {
            joins_until.and_then(|until| hold(Reason::Coalesced, Some(until)))
        }
        _ => None,
    })
}
