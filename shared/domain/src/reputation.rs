//! Keeps the account from being paused: while too much of what left bounces or is complained about,
//! automatic mails wait and those of people go on.
//!
//! SES puts an account under review at 5 % permanent bounces or 0.1 % complaints, and may pause it
//! at 10 % or 0.5 % (SES developer guide, "Reputation metrics", "Enforcement"). What bounces off the
//! account's own suppression list does not count there, nor here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Hours that are looked at together.
pub const HOURS: i64 = 24;
/// Fewest permanent bounces that say anything about a rate.
const LEAST_BOUNCES: u64 = 10;
/// Fewest complaints that do.
const LEAST_COMPLAINTS: u64 = 3;
/// What is left of a limit when the breaker closes: it must not flutter.
const CLOSES_BELOW: f64 = 0.75;

/// Parts of the mails that left from which on automatic ones wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReputationLimits {
    bounces: f64,
    complaints: f64,
}

impl Default for ReputationLimits {
    fn default() -> Self {
        Self {
            bounces: 0.04,
            complaints: 0.0008,
        }
    }
}

impl ReputationLimits {
    /// Reads `4/0.08`: per cent of permanent bounces, a slash, per cent of complaints. `None` when it
    /// is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let (bounces, complaints) = text.split_once('/')?;
        let part = |text: &str| {
            let percent: f64 = text.trim().parse().ok()?;
            (percent > 0.0 && percent <= 100.0).then_some(percent / 100.0)
        };
        Some(Self {
            bounces: part(bounces)?,
            complaints: part(complaints)?,
        })
    }
}

/// What the provider reported about mails that left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Permanent bounces; transient ones do not count against an account.
    #[serde(default)]
    pub bounces: u64,
    /// Complaints of recipients: each one weighs far more than a bounce.
    #[serde(default)]
    pub complaints: u64,
}

impl Counts {
    /// The sum of two counts: of two shards or of two days.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            bounces: self.bounces + other.bounces,
            complaints: self.complaints + other.complaints,
        }
    }
}

/// How many mails left, by the hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Volume(Vec<(i64, u64)>);

/// The hour of a moment, counted from the epoch.
pub fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

impl Volume {
    /// Counts mails that leave about now.
    pub fn add(&mut self, mails: usize, now: Timestamp) {
        let (hour, mails) = (hour(now), mails as u64);
        match self.0.iter_mut().find(|(known, _)| *known == hour) {
            Some((_, count)) => *count += mails,
            None => self.0.push((hour, mails)),
        }
        self.0.retain(|(known, _)| *known > hour - HOURS);
    }

    /// How many left within the last [`HOURS`].
    pub fn of_late(&self, now: Timestamp) -> u64 {
        let counted = self.0.iter().filter(|(at, _)| *at > hour(now) - HOURS);
        counted.map(|(_, count)| count).sum()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An open breaker: automatic mails wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// When it opened; what is counted from then on may close it.
    pub since: Timestamp,
}

/// The breaker as it is from now on, given what left and what the provider reported of it. While
/// nobody counts what leaves, because the provider does not say its rate, nothing can be said about
/// parts of it.
pub fn judge(
    limits: ReputationLimits,
    open: Option<&Breaker>,
    sent: u64,
    feedback_counts: Counts,
    now: Timestamp,
) -> Option<Breaker> {
    if sent == 0 {
        return None;
    }
    let factor = if open.is_some() { CLOSES_BELOW } else { 1.0 };
    let beyond = |count: u64, least: u64, limit: f64| {
        #[expect(clippy::cast_precision_loss, reason = "mails of a day, far below 2^52")]
        let part = count as f64 / sent as f64;
        count >= least && part >= limit * factor
    };
    let is_open = beyond(feedback_counts.bounces, LEAST_BOUNCES, limits.bounces)
        || beyond(
            feedback_counts.complaints,
            LEAST_COMPLAINTS,
            limits.complaints,
        );
    is_open.then(|| open.cloned().unwrap_or(Breaker { since: now }))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn it_opens_before_the_review_and_closes_when_things_are_better() {
        let limits = ReputationLimits::default();
        let counts = |bounces, complaints| Counts {
            bounces,
            complaints,
        };
        let open = Breaker { since: at(1) };
        for (before, sent, counts, after) in [
            (None, 1_000, counts(39, 0), false),
            (None, 1_000, counts(40, 0), true),
            (Some(&open), 1_000, counts(31, 0), true),
            (Some(&open), 1_000, counts(29, 0), false),
            (None, 10_000, counts(0, 7), false),
            (None, 10_000, counts(0, 8), true),
            (Some(&open), 10_000, counts(0, 7), true),
            (Some(&open), 10_000, counts(0, 5), false),
            // A few say nothing about a rate.
            (None, 20, counts(9, 2), false),
            (None, 20, counts(10, 0), true),
            (None, 0, counts(100, 100), false),
            (Some(&open), 0, counts(0, 0), false),
        ] {
            let judged = judge(limits, before, sent, counts, at(2));
            let since = if before.is_some() { at(1) } else { at(2) };
            let expected = after.then_some(Breaker { since });
            assert_eq!(judged, expected, "{sent} {counts:?}");
        }
    }

    #[test]
    fn limits_are_per_cent_below_those_of_the_provider_by_default() {
        assert_eq!(
            ReputationLimits::parse("4/0.08"),
            Some(ReputationLimits::default())
        );
        assert_eq!(
            ReputationLimits::parse(" 100 / 100 "),
            Some(ReputationLimits {
                bounces: 1.0,
                complaints: 1.0
            })
        );
        for bad in ["", "4", "4/", "/1", "-1/1", "0/1", "101/1", "a/b", "NaN/1"] {
            assert_eq!(ReputationLimits::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_of_hours_is_counted() {
        let mut volume = Volume::default();
        for hour in 0..48 {
            volume.add(10, at(hour));
            volume.add(1, at(hour));
        }
        assert_eq!(volume.of_late(at(47)), 24 * 11);
        assert_eq!(volume.of_late(at(50)), 21 * 11);
        assert_eq!(volume.of_late(at(100)), 0);
        assert_eq!(volume.0.len(), 24);
    }
}
