//! Calls that look after the account at the provider. SES takes about one a second of them, from all
//! processes together, and a client that asks on when it is told to wait makes it longer.

use std::time::Duration;

use tokio::time::Instant;

/// Time between two calls.
const APART: Duration = Duration::from_secs(1);
/// Errors by which a provider says that it is asked too often.
const TOO_MANY: [&str; 2] = ["TooManyRequestsException", "ThrottlingException"];

/// The calls of one sweep.
#[derive(Debug, Default)]
pub(super) struct Management {
    last: Option<Instant>,
    stopped: bool,
}

impl Management {
    /// Waits for the next call; `false` when none is to be made any more, or not before `until`.
    pub(super) async fn turn(&mut self, until: Instant) -> bool {
        let at = self.last.map_or_else(Instant::now, |last| last + APART);
        if self.stopped || at > until {
            return false;
        }
        tokio::time::sleep_until(at).await;
        self.last = Some(Instant::now());
        true
    }

    /// Whether the provider said in this answer that it is asked too often: then no call follows.
    pub(super) fn was_too_many(&mut self, cause: &str) -> bool {
        let too_many = TOO_MANY.iter().any(|code| cause.contains(code));
        self.stopped |= too_many;
        too_many
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_call_a_second_until_the_provider_has_enough() {
        let began = Instant::now();
        let until = began + Duration::from_secs(60);
        let mut calls = Management::default();
        for second in 0..5 {
            assert!(calls.turn(until).await);
            assert_eq!(began.elapsed().as_secs(), second);
            assert!(!calls.was_too_many("AccessDeniedException"));
        }
        assert!(!calls.turn(Instant::now()).await, "no time");
        assert!(calls.was_too_many("TooManyRequestsException"));
        assert!(!calls.turn(until).await);
    }
}
