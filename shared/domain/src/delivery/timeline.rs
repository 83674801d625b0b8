//! What happened to a delivery, in order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, Step};
use crate::reason::{Reason, Recorded};

/// Most entries that are kept; beyond it the oldest ones that only tell of waiting go.
const MAX_ENTRIES: usize = 40;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When; of several alike, the last time.
    pub at: Timestamp,
    /// The kind of what happened.
    pub step: Step,
    /// Attempt that it is about; 0 before the first.
    #[serde(default)]
    pub attempt: u32,
    /// The reason of it, where the step needs one; a code that is no longer known is kept as it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Recorded<Reason>>,
    /// What the provider or server said; holds no address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Who asked for it: the `sub` of their token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// Name from their token, kept because directories forget people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by_name: Option<String>,
    /// How often in a row.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_once(times: &u32) -> bool {
    *times == 1
}

/// Who asks for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor<'a> {
    /// The `sub` of their token.
    pub sub: &'a str,
    /// Their name; empty when it is not known.
    pub name: &'a str,
}

impl<'a> From<&'a str> for Actor<'a> {
    fn from(sub: &'a str) -> Self {
        Self { sub, name: "" }
    }
}

impl Entry {
    /// The same, asked for by somebody.
    #[must_use]
    pub fn asked_by(mut self, by: Actor<'_>) -> Self {
        self.by = Some(by.sub.to_owned());
        self.by_name = Some(by.name.to_owned()).filter(|name| !name.is_empty());
        self
    }
    /// An entry without reason.
    pub fn new(at: Timestamp, step: Step, attempt: u32) -> Self {
        Self {
            at,
            step,
            attempt,
            reason: None,
            detail: None,
            by: None,
            by_name: None,
            times: 1,
        }
    }

    /// The same with its reason and what was said.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Recorded<Reason>>, detail: Option<&str>) -> Self {
        self.reason = Some(reason.into());
        self.detail = detail.map(str::to_owned);
        self
    }
}

impl Delivery {
    /// Adds an entry. Waiting for the same reason again is one entry that counts, so that a
    /// timeline stays short however long the wait.
    pub fn note(&mut self, entry: Entry) {
        if let Some(last) = self.timeline.last_mut()
            && entry.step.is_waiting()
            && last.step == entry.step
            && last.reason == entry.reason
        {
            let times = last.times.saturating_add(1);
            *last = Entry { times, ..entry };
            return;
        }
        self.insert(entry);
        if self.timeline.len() > MAX_ENTRIES {
            let oldest = self
                .timeline
                .iter()
                .position(|entry| entry.step.is_waiting())
                .unwrap_or(0);
            self.timeline.remove(oldest);
        }
    }

    /// Puts an entry in its place: by attempt, then by what follows what. What the provider tells has
    /// times of another clock.
    pub(super) fn insert(&mut self, entry: Entry) {
        let order = |entry: &Entry| (entry.attempt, entry.step.stage());
        let before = self
            .timeline
            .iter()
            .rposition(|known| order(known) <= order(&entry));
        self.timeline.insert(before.map_or(0, |at| at + 1), entry);
    }
}
