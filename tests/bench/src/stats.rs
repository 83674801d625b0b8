//! Figures of many runs.

use std::time::Duration;

/// Durations of many runs, sorted.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<Duration>);

impl Sample {
    /// The `part`-th quantile (0.5 is the median), by the nearest rank; zero of nothing.
    pub fn quantile(&self, part: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        // Far below the precision of a float.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        let at = (part * last as f64).round() as usize;
        self.0.get(at).copied().unwrap_or_default()
    }

    /// The median.
    pub fn median(&self) -> Duration {
        self.quantile(0.5)
    }
}

impl FromIterator<Duration> for Sample {
    fn from_iter<I: IntoIterator<Item = Duration>>(runs: I) -> Self {
        let mut runs: Vec<_> = runs.into_iter().collect();
        runs.sort_unstable();
        Self(runs)
    }
}

/// Milliseconds with two digits after the point.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

/// A figure beside its target.
pub fn verdict(holds: bool) -> &'static str {
    if holds { "ok" } else { "MISSED" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_runs_that_were() {
        let sample: Sample = (1..=21).rev().map(Duration::from_millis).collect();
        assert_eq!(sample.median(), Duration::from_millis(11));
        assert_eq!(sample.quantile(0.95), Duration::from_millis(20));
        assert_eq!(Sample::default().median(), Duration::ZERO);
    }
}
