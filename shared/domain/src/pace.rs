//! How fast mails leave: one schedule that every sender takes its places from, so that together
//! they keep the provider's rate without asking each other.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    reputation::{Breaker, Volume},
    times::is_ahead,
};

/// Least rate after throttling, mails a second.
const SLOWEST: f64 = 0.5;
/// What is left of the rate after a throttled call.
const SLOWER: f64 = 0.8;
/// What each [`QUIET`] without one gives back, as a part of the limit.
const FASTER: f64 = 0.1;
/// Most of the schedule that one sender takes at once, seconds.
const MAX_SECONDS: f64 = 1.0;
/// The rate that throttling is measured against where no limit is known: that of most new accounts.
const UNKNOWN: f64 = 14.0;
/// Throttled calls this near to each other are of one burst.
const TOGETHER: SignedDuration = SignedDuration::from_secs(2);
/// Without throttling for so long, the rate rises a step.
const QUIET: SignedDuration = SignedDuration::from_secs(10);

/// The schedule of places that all senders of one stack share, at the provider's rate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// The provider's limit, mails a second; none, no schedule is kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<f64>,
    /// The rate in force, lower than the limit after throttling.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rate: Option<f64>,
    /// When a call was throttled last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slowed_at: Option<Timestamp>,
    /// Until when quiet time was given back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub raised_at: Option<Timestamp>,
    /// First moment that nobody has taken, milliseconds since the epoch.
    #[serde(default)]
    pub free_at: i64,
    /// How many places were taken, by the hour: mails that left.
    #[serde(skip_serializing_if = "Volume::is_empty", default)]
    pub volume: Volume,
    /// Why automatic mails wait; none, they do not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub breaker: Option<Breaker>,
}

/// Places that a sender took: a first moment, the gap to the next one, and how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
    /// The first, milliseconds since the epoch.
    pub first: i64,
    /// Between two of them, milliseconds.
    pub gap: f64,
    /// How many there are, the first included.
    pub count: usize,
}

impl Pace {
    /// The rate in force, if there is one.
    pub fn rate(&self) -> Option<f64> {
        self.rate.or(self.limit).filter(|rate| *rate > 0.0)
    }

    /// Forgets times that a clock which was ahead has left: nobody takes places as far from now, and
    /// nothing would leave before.
    pub fn forget_future(&mut self, now: Timestamp) {
        let free_at = Timestamp::from_millisecond(self.free_at);
        if free_at.map_or(self.free_at > 0, |at| is_ahead(at, now)) {
            self.free_at = now.as_millisecond();
        }
        for at in [&mut self.slowed_at, &mut self.raised_at] {
            if at.is_some_and(|at| is_ahead(at, now)) {
                *at = Some(now);
            }
        }
    }

    /// Whether all places are taken up to then, milliseconds since the epoch.
    pub fn is_taken_until(&self, latest: i64) -> bool {
        self.rate().is_some() && self.free_at > latest
    }

    /// Takes up to `wanted` places from now on, at most a second's worth, at the rate that quiet time
    /// gave back. `None` when no schedule is kept.
    pub fn take(&mut self, wanted: usize, now: Timestamp) -> Option<Places> {
        self.forget_future(now);
        self.recover(now);
        let rate = self.rate()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number"
        )]
        let most = (rate * MAX_SECONDS).ceil() as usize;
        let count = wanted.clamp(1, most.max(1));
        let gap = 1000.0 / rate;
        let first = self.free_at.max(now.as_millisecond());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "milliseconds of a second or two"
        )]
        let taken = (gap * count as f64).ceil() as i64;
        self.free_at = first + taken;
        self.volume.add(count, now);
        Some(Places { first, gap, count })
    }

    /// Slows down after a throttled call. Those that were under way with it count as one.
    pub fn slow_down(&mut self, now: Timestamp) {
        self.forget_future(now);
        let lately = |at: Timestamp| now.duration_since(at) < TOGETHER;
        if self.slowed_at.is_some_and(lately) {
            return;
        }
        // Without a limit of the provider's, its answer is the first that is known of one.
        let rate = self.rate().unwrap_or(UNKNOWN);
        self.rate = Some((rate * SLOWER).max(SLOWEST));
        self.slowed_at = Some(now);
    }

    /// Gives back what time without throttling is worth: towards the limit, or, where none is known,
    /// on upwards until nothing is left to keep.
    pub fn recover(&mut self, now: Timestamp) {
        let Some(rate) = self.rate else { return };
        let since = self.slowed_at.max(self.raised_at).unwrap_or(now);
        let steps = now.duration_since(since).as_secs() / QUIET.as_secs();
        let Ok(steps @ 1..) = u32::try_from(steps) else {
            return;
        };
        let limit = self.limit.unwrap_or(UNKNOWN);
        self.rate = Some(rate + limit * FASTER * f64::from(steps)).filter(|rate| *rate < limit);
        self.raised_at = Some(now);
    }

    /// Takes over the provider's limit.
    pub fn learn(&mut self, limit: f64) {
        self.limit = (limit > 0.0).then_some(limit);
        self.rate = self
            .rate
            .filter(|rate| self.limit.is_none_or(|limit| *rate < limit));
    }
}

impl Places {
    /// The moment of one of them, milliseconds since the epoch.
    pub fn at(&self, index: usize) -> i64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "milliseconds of a second or two"
        )]
        let offset = (self.gap * index as f64) as i64;
        self.first + offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn a_clock_that_was_ahead_stops_nobody() {
        let (hours, now) = (3 * 3_600_000, 1_800_000_000_000);
        let mut pace = Pace::default();
        pace.learn(10.0);
        pace.slow_down(at(now + hours));
        pace.take(10, at(now + hours)).unwrap();
        assert!(pace.free_at > now + hours);
        // The clock is right again.
        let places = pace.take(1, at(now)).unwrap();
        assert_eq!(places.first, now);
        let slower = pace.rate().unwrap();
        pace.recover(at(now + 60_000));
        assert!(pace.rate().unwrap() > slower, "quiet time counts from now");
        pace.slow_down(at(now + 61_000));
        assert!(pace.rate().unwrap() < 10.0);
    }

    #[test]
    fn senders_together_keep_the_rate() {
        let mut pace = Pace::default();
        assert_eq!(pace.take(10, at(0)), None, "no limit is known");
        pace.learn(14.0);
        let mut moments = Vec::new();
        for round in 0..50 {
            let places = pace.take(10, at(round * 10)).unwrap();
            moments.extend((0..places.count).map(|index| places.at(index)));
        }
        moments.sort_unstable();
        assert_eq!(moments.len(), 500);
        for start in moments.iter().copied() {
            let within = moments
                .iter()
                .filter(|moment| (start..start + 1000).contains(*moment))
                .count();
            assert!(within <= 15, "{within} within a second");
        }
        let all = moments.last().unwrap() - moments[0];
        assert!((35_500..37_000).contains(&all), "{all}");
    }

    #[test]
    fn nobody_takes_more_than_a_second() {
        let mut pace = Pace::default();
        pace.learn(14.0);
        assert_eq!(pace.take(1000, at(0)).unwrap().count, 14);
        pace.learn(0.5);
        assert_eq!(pace.take(1000, at(0)).unwrap().count, 1);
        assert_eq!(pace.take(0, at(0)).unwrap().count, 1);
    }

    /// What a provider throttles now and then costs little: a call of fifty at
    /// random, whatever the rate.
    #[test]
    fn a_throttled_call_now_and_then_does_not_stop_the_rest() {
        let mut pace = Pace::default();
        pace.learn(14.0);
        let (mut now, mut sent) = (0, 0);
        while now < 3_600_000 {
            let places = pace.take(1, at(now)).unwrap();
            now = places.first;
            sent += 1;
            if sent % 50 == 0 {
                pace.slow_down(at(now));
            }
        }
        let mean = f64::from(sent) / 3600.0;
        assert!(mean > 4.0, "{mean} a second");
    }

    #[test]
    fn throttling_slows_down_and_passes() {
        let mut pace = Pace::default();
        pace.learn(14.0);
        pace.slow_down(at(0));
        pace.slow_down(at(1_000));
        assert!((pace.rate().unwrap() - 11.2).abs() < 0.01, "one burst");
        for second in 1..100 {
            pace.slow_down(at(second * 3_000));
        }
        assert_eq!(pace.rate(), Some(0.5));
        pace.recover(at(300_000));
        assert_eq!(pace.rate(), Some(0.5), "too soon");
        for _ in 0..4 {
            pace.recover(at(307_000));
        }
        assert!((pace.rate().unwrap() - 1.9).abs() < 0.01, "a step, once");
        pace.recover(at(317_000));
        assert!((pace.rate().unwrap() - 3.3).abs() < 0.01);
        pace.take(1, at(400_000));
        assert_eq!(pace.rate(), Some(14.0), "whoever takes a place asks, too");
        pace.slow_down(at(500_000));
        pace.learn(5.0);
        assert_eq!(pace.rate(), Some(5.0), "a new limit counts at once");
        let mut unknown = Pace::default();
        unknown.slow_down(at(0));
        assert!((unknown.rate().unwrap() - 11.2).abs() < 0.01);
        unknown.recover(at(100_000));
        assert_eq!(unknown.rate(), None, "no limit is known, none is kept");
    }
}
