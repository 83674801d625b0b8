//! "May this mail leave now?": one ordered list of rules, each with its reason.
//!
//! Posting asks the first two, which need the ticket's record alone; what they say is stored with the
//! delivery. The sender [walks](walk) the others before each attempt, and so does `explain` for a mail
//! that waits: the two differ in [`Places`] alone, the questions whose answer takes something. Which
//! deliveries are looked at at all (due, not leased by somebody else) is the queue's part.

mod explain;
mod facts;
mod posting;
mod stop;

pub(crate) use self::{explain::in_the_way, posting::when_posted};
pub(super) use self::{
    facts::Facts,
    stop::{Obstacle, Stop},
};
use crate::Result;

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident;)*) => {
        /// What keeps a mail back, in the order in which it is asked: the first that
        /// does names the reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum GateRule { $($(#[$doc])* $rule,)* }

        impl GateRule {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];
        }
    };
}

rules! {
    /// When it is posted: so many mails to one person on one ticket within so many minutes.
    Storm;
    /// When it is posted: an automatic mail soon after another one waits, and takes along what follows.
    Coalescing;
    /// Its message and its ticket exist.
    Content;
    /// An internal message does not go to the requester's side.
    Visibility;
    /// Its recipient has not turned automatic mail off.
    Preferences;
    /// Parameter 297 is off.
    KillSwitch;
    /// No suppression is on its address.
    Suppression;
    /// The breaker of automatic mail is closed.
    Reputation;
    /// There is a sender.
    Sender;
    /// There is an active template without errors.
    Template;
    /// The provider has not stopped the whole account.
    Circuit;
    /// The mail can be made.
    Making;
    /// What waited keeps the windows of the storm rule once more.
    Window;
    /// The mail before it to the same person has left.
    Order;
    /// The provider's rate has a place for it.
    Rate;
}

/// The questions that take something where the answer is yes: the sender takes it, `explain` only looks.
pub(super) trait Places {
    /// Makes the mail, which fails where the template or an address does.
    fn make(&mut self, facts: &Facts<'_>) -> Option<Stop>;
    /// Takes its moment in the windows.
    fn window(&mut self, facts: &Facts<'_>) -> Option<Stop>;
    /// Whether the mail before it has left.
    fn order(&mut self, facts: &Facts<'_>) -> Option<Stop>;
    /// Takes its place in the rate.
    async fn rate(&mut self, facts: &Facts<'_>) -> Result<Option<Stop>>;
}

/// The first rule that keeps a mail back, and how; `None` when it may leave.
///
/// # Errors
/// Storage, where a place in the rate is taken.
pub(super) async fn walk(
    facts: &Facts<'_>,
    places: &mut impl Places,
) -> Result<Option<(GateRule, Stop)>> {
    for rule in GateRule::ALL {
        let stop = match rule {
            GateRule::Making => places.make(facts),
            GateRule::Window => places.window(facts),
            GateRule::Order => places.order(facts),
            GateRule::Rate => places.rate(facts).await?,
            rule => facts.ask(*rule),
        };
        if let Some(stop) = stop {
            return Ok(Some((*rule, stop)));
        }
    }
    Ok(None)
}
