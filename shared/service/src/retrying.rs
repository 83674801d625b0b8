//! Going on after a lost race: read again, and write again.
//!
//! Writers of one thing agree by its version: of several at once one wins, and the others begin anew.
//! Those who lost together wait for a random time, so that they do not meet together again.

use std::time::Duration;

use tokio::time::Instant;

use crate::{App, Error, Result};
use storage::{Key, StorageError, Turn, Write};

/// What waits are counted in: how long a round took, but no less than this and no more than the slowest
/// round that is expected. A wait that is shorter than a round meets the same writers again.
const UNIT: Duration = Duration::from_millis(20);
/// The slowest round that is expected of a store.
pub(crate) const SLOWEST_ROUND: Duration = Duration::from_millis(60);
/// Longest wait, in units; the first one is at most one, and it doubles with every lost race.
const LONGEST: f64 = 20.0;
/// Units that are waited in all before the caller is told that too many write at once: two
/// and a half seconds.
const PATIENCE: f64 = 125.0;
/// Longest wait of [`wait_shortly`], milliseconds.
const LONGEST_SHORT: u64 = 20;

/// The rounds of a use case that reads, decides and writes until it loses no race:
///
/// ```ignore
/// let mut retrying = Retrying::over(app, &keys::ticket(id)).await;
/// loop {
///     retrying.round().await?;
///     // read and decide
///     if retrying.commit(writes).await? {
///         return Ok(answer);
///     }
/// }
/// ```
pub(crate) struct Retrying<'a> {
    app: &'a App,
    rounds: u32,
    began: Instant,
    /// Longest next wait, and what was waited, in units.
    longest: f64,
    waited: f64,
    turn: Turn,
}

impl<'a> Retrying<'a> {
    /// Rounds over what is at `key`. Where the store is of this process alone, they begin when nobody
    /// else here has a round over it, so that there is no race; a use case takes one key at most.
    pub(crate) async fn over(app: &'a App, key: &Key) -> Self {
        Self {
            app,
            rounds: 0,
            began: Instant::now(),
            longest: 1.0,
            waited: 0.0,
            turn: app.store.turn(key).await,
        }
    }

    /// Goes on with the turn at another key, once a round has told which.
    pub(crate) async fn turn(&mut self, key: &Key) {
        // Never two at once: two writers could wait for each other.
        self.turn = Turn::default();
        self.turn = self.app.store.turn(key).await;
    }

    /// Begins a round: the first at once, each further one after a wait.
    ///
    /// # Errors
    /// [`Code::Unavailable`](crate::Code::Unavailable) when it has waited long enough.
    pub(crate) async fn round(&mut self) -> Result<()> {
        self.rounds += 1;
        if self.rounds > 1 {
            if self.waited >= PATIENCE {
                tracing::warn!(rounds = self.rounds - 1, "too many write the same at once");
                return Err(Error::busy());
            }
            let wait = self.longest * fastrand::f64();
            let unit = self.began.elapsed().min(self.app.slowest_round).max(UNIT);
            tokio::time::sleep(unit.mul_f64(wait)).await;
            self.waited += wait;
            self.longest = LONGEST.min(self.longest * 2.0);
        }
        self.began = Instant::now();
        Ok(())
    }

    /// Commits what the round decided; `false` when somebody else was faster.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<bool> {
        committed(self.app, writes).await
    }
}

/// As [`Retrying::commit`], for a part of a round.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn committed(app: &App, writes: Vec<Write>) -> Result<bool> {
    match app.store.commit(writes).await {
        Ok(()) => Ok(true),
        Err(StorageError::Conflict { .. } | StorageError::Contended(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A wait after the first, second, … lost race of those who cannot wait for as long as [`Retrying`] does:
/// while they hold a mail in their hands, or others wait for the place that they take.
pub(crate) async fn wait_shortly(races: u32) {
    let longest = u64::from(races).saturating_mul(2).clamp(1, LONGEST_SHORT);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(1..=longest))).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Code, settings::Settings};
    use storage::{embedded::Embedded, keys};

    #[tokio::test(start_paused = true)]
    async fn rounds_wait_for_longer_and_end_after_a_few_seconds() {
        let store = Arc::new(Embedded::in_memory().unwrap());
        let app = App::new(store, Settings::read(|_| None).unwrap());
        let mut retrying = Retrying::over(&app, &keys::parameters()).await;
        let began = Instant::now();
        retrying.round().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO, "the first is at once");
        let mut rounds = 1;
        let error = loop {
            match retrying.round().await {
                Ok(()) => rounds += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.code, Code::Unavailable);
        // Full jitter: about twice as many as if each wait were the longest.
        assert!((11..60).contains(&rounds), "{rounds}");
        let waited = began.elapsed();
        let bounds = Duration::from_millis(2500)..Duration::from_millis(3000);
        assert!(bounds.contains(&waited), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_cannot_wait_for_long_waits_shortly() {
        for races in 0..50 {
            let began = Instant::now();
            wait_shortly(races).await;
            let bounds = Duration::from_millis(1)..=Duration::from_millis(LONGEST_SHORT);
            assert!(bounds.contains(&began.elapsed()), "{races}");
        }
    }

    #[tokio::test]
    async fn one_at_a_time_has_the_turn_at_a_key_of_the_embedded_store() {
        let store = Arc::new(Embedded::in_memory().unwrap());
        let app = App::new(store, Settings::read(|_| None).unwrap());
        let [key, other] = ["1", "2"].map(|id| keys::ticket(&id.parse().unwrap()));
        let first = Retrying::over(&app, &key).await;
        let mut second = Box::pin(Retrying::over(&app, &key));
        let is_waiting = tokio::select! {
            biased;
            _ = &mut second => false,
            _ = Retrying::over(&app, &other) => true,
        };
        assert!(is_waiting);
        drop(first);
        second.await;
    }
}
