//! Rules that stop a storm of mail: at most so many to one recipient on one ticket within so many
//! minutes. What is beyond waits for the first moment at which it fits.

/// Most mails that wait for a moment of theirs; what is beyond is not a conversation.
pub const MAX_WAITING: usize = 200;

/// The sliding windows of the setting `StormLimits`, such as
/// `10/10,15/30,25/60`: mails within minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StormLimits(Vec<Window>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    most: usize,
    seconds: i64,
}

/// What becomes of one more mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// It may go: every window has room.
    Now,
    /// It may go at this time, seconds since the epoch.
    At(i64),
    /// Too many wait already.
    None,
}

impl Default for StormLimits {
    fn default() -> Self {
        let window = |most, minutes: i64| Window {
            most,
            seconds: minutes * 60,
        };
        Self(vec![window(10, 10), window(15, 30), window(25, 60)])
    }
}

impl StormLimits {
    /// Reads `10/10,15/30,25/60`: mails, a slash, minutes. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let windows = text.split(',').map(|part| {
            let (most, minutes) = part.trim().split_once('/')?;
            let (most, minutes): (usize, i64) =
                (most.trim().parse().ok()?, minutes.trim().parse().ok()?);
            ((1..=1000).contains(&most) && (1..=1440).contains(&minutes)).then_some(Window {
                most,
                seconds: minutes * 60,
            })
        });
        windows.collect::<Option<Vec<_>>>().map(Self)
    }

    /// Seconds after which a mail counts no more.
    pub fn longest(&self) -> i64 {
        self.0
            .iter()
            .map(|window| window.seconds)
            .max()
            .unwrap_or(0)
    }

    /// The times that some window still counts, ascending.
    pub fn counting(&self, mut times: Vec<i64>, now: i64) -> Vec<i64> {
        let most = self.0.iter().map(|window| window.most).max().unwrap_or(0);
        times.retain(|time| *time > now - self.longest());
        times.drain(..times.len().saturating_sub(most));
        times
    }

    /// Finds the moment of one more mail and adds it to `times`: those of the mails before it and of
    /// those that wait, seconds since the epoch, ascending. Times that do not count any more go.
    pub fn take(&self, times: &mut Vec<i64>, now: i64) -> Slot {
        times.retain(|time| *time > now - self.longest());
        self.drop_unfounded(times, now);
        if times.iter().filter(|time| **time > now).count() >= MAX_WAITING {
            return Slot::None;
        }
        // Nobody passes those who wait already.
        let mut at = times.last().map_or(now, |last| now.max(*last));
        while let Some(later) = self
            .0
            .iter()
            .filter_map(|window| window.later(times, at))
            .max()
        {
            at = later;
        }
        times.push(at);
        if at > now { Slot::At(at) } else { Slot::Now }
    }
    /// Forgets times to come that no window gave out: those of mails that left while
    /// a clock was ahead.
    fn drop_unfounded(&self, times: &mut Vec<i64>, now: i64) {
        let mut kept: Vec<i64> = Vec::with_capacity(times.len());
        for time in times.drain(..) {
            let last = kept.last().copied().unwrap_or(i64::MIN);
            let given_out = || {
                let after = |window: &Window| {
                    let before = kept.len().checked_sub(window.most);
                    before.is_some_and(|before| kept[before] + window.seconds == time)
                };
                (last > now && time == last)
                    || time.checked_sub(self.longest()) == Some(last)
                    || self.0.iter().any(after)
            };
            if time <= now || given_out() {
                kept.push(time);
            }
        }
        *times = kept;
    }
}

impl Window {
    /// When one more fits, if not at this time.
    fn later(self, times: &[i64], at: i64) -> Option<i64> {
        let oldest = *times.get(times.len().checked_sub(self.most)?)?;
        (oldest + self.seconds > at).then_some(oldest + self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_eleventh_within_ten_minutes_waits() {
        let (limits, mut times) = (StormLimits::default(), Vec::new());
        for second in 0..10 {
            assert_eq!(limits.take(&mut times, second), Slot::Now);
        }
        assert_eq!(limits.take(&mut times, 10), Slot::At(600));
        // Nobody passes it, and the next ones follow as the windows allow.
        assert_eq!(limits.take(&mut times, 11), Slot::At(601));
        for _ in 0..3 {
            limits.take(&mut times, 12);
        }
        assert_eq!(
            limits.take(&mut times, 12),
            Slot::At(1800),
            "fifteen in half an hour"
        );
        // An hour later nothing is left of it.
        assert_eq!(limits.take(&mut times, 10_000), Slot::Now);
        assert_eq!(times.len(), 1);
    }

    #[test]
    fn what_left_while_a_clock_was_ahead_does_not_count() {
        let limits = StormLimits::default();
        let three_hours = 3 * 3600;
        let mut times: Vec<i64> = (0..25).map(|second| three_hours + second).collect();
        assert_eq!(limits.take(&mut times, 100), Slot::Now);
        assert_eq!(times, [100]);
        // What was given out for later is kept.
        let mut times = Vec::new();
        for _ in 0..30 {
            limits.take(&mut times, 100);
        }
        let given_out = times.clone();
        limits.take(&mut times, 101);
        assert_eq!(times[..30], given_out);
    }

    #[test]
    fn a_loop_ends() {
        let (limits, mut times) = (StormLimits::default(), Vec::new());
        let slots: Vec<_> = (0..1000)
            .map(|second| limits.take(&mut times, second))
            .collect();
        let count = |wanted: fn(&Slot) -> bool| slots.iter().filter(|slot| wanted(slot)).count();
        assert_eq!(count(|slot| *slot == Slot::Now), 10);
        assert_eq!(count(|slot| *slot == Slot::None), 785);
        assert!(times.len() <= MAX_WAITING + 25);
    }

    #[test]
    fn limits_are_read_as_they_are_written() {
        assert_eq!(
            StormLimits::parse("10/10, 15/30,25/60"),
            Some(StormLimits::default())
        );
        for bad in [
            "",
            "10",
            "0/10",
            "10/0",
            "-1/5",
            "1/1,",
            "10/10;15/30",
            "1001/5",
            "1/1441",
            "a/b",
        ] {
            assert_eq!(StormLimits::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_window_is_ever_exceeded(gaps in prop::collection::vec(0i64..200, 1..200)) {
            let (limits, mut times, mut all, mut now) = (StormLimits::default(), Vec::new(), Vec::new(), 0);
            for gap in gaps {
                now += gap;
                match limits.take(&mut times, now) {
                    Slot::Now => all.push(now),
                    Slot::At(at) => { prop_assert!(at > now); all.push(at) }
                    Slot::None => {}
                }
            }
            for window in &limits.0 {
                for (index, at) in all.iter().enumerate() {
                    let within = all[..=index].iter().filter(|time| **time > at - window.seconds).count();
                    prop_assert!(within <= window.most);
                }
            }
        }
    }
}
