//! Keeps the provider's rate: hands out moments of the schedule that all senders share. A place is
//! taken for a whole batch by one write; what a sender that ended leaves is lost time, no more.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};

use crate::{
    App, Result, committed,
    entity::{self, Entity as _},
    retrying::wait_shortly,
};
use domain::{pace::Pace, times::SKEW};
use storage::{Expect, Item, Version, Write, keys};

/// How long after its moment a place may still be used, milliseconds.
const STALE: i64 = 1000;
/// How often a write that lost a race is tried.
const MAX_CONFLICT_RETRIES: u32 = 20;

/// The pacer of one process.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    taken: Mutex<Taken>,
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Taken {
    moments: VecDeque<i64>,
    known: Option<(Pace, Option<Version>)>,
}

impl Pacer {
    /// Takes over the schedule as it was read with a batch.
    pub(super) async fn learn(&self, item: Option<&Item>) {
        self.taken.lock().await.known =
            Some((decoded(item), item.map(|item| item.version.clone())));
    }

    /// Waits for a moment at which one mail may leave. `false` when none comes before `end`: the
    /// mail stays in the queue.
    pub(super) async fn wait(&self, app: &App, end: Instant) -> Result<bool> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let moment = self.moment(app, end).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let Some(moment) = moment? else {
            return Ok(false);
        };
        // One that is past is now: even a sleep of nothing lasts until the timer's next tick.
        let wait = u64::try_from(moment - app.now().as_millisecond()).unwrap_or(0);
        if wait > 0 {
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        Ok(true)
    }

    async fn moment(&self, app: &App, end: Instant) -> Result<Option<i64>> {
        let mut taken = self.taken.lock().await;
        let left = end.checked_duration_since(Instant::now());
        let Some(left) = left.filter(|left| !left.is_zero()) else {
            return Ok(None);
        };
        let left = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
        let now = app.now().as_millisecond();
        // Neither those that are past nor those of a clock that was ahead.
        let far = now.saturating_add(SKEW.as_millis().try_into().unwrap_or(i64::MAX));
        taken
            .moments
            .retain(|moment| (now - STALE..far).contains(moment));
        if taken.moments.is_empty() && !self.take(app, &mut taken, now.saturating_add(left)).await?
        {
            return Ok(None);
        }
        let next = taken.moments.front().copied().unwrap_or(now);
        if next > now.saturating_add(left) {
            return Ok(None);
        }
        taken.moments.pop_front();
        Ok(Some(next))
    }

    /// Takes places for those who wait here. `false` when the first free one is after `latest`:
    /// then none is taken.
    async fn take(&self, app: &App, taken: &mut Taken, latest: i64) -> Result<bool> {
        let wanted = self.waiting.load(Ordering::Relaxed);
        for race in 0..MAX_CONFLICT_RETRIES {
            if race > 0 {
                wait_shortly(race).await;
            }
            let (mut pace, version) = match taken.known.take() {
                Some(known) => known,
                None => read(app).await?,
            };
            pace.forget_future(app.now());
            if pace.is_taken_until(latest) {
                taken.known = Some((pace, version));
                return Ok(false);
            }
            let Some(places) = pace.take(wanted, app.now()) else {
                taken.known = Some((pace, version));
                return Ok(true);
            };
            if let Some(version) = write(app, &pace, version).await? {
                taken
                    .moments
                    .extend((0..places.count).map(|index| places.at(index)));
                taken.known = Some((pace, Some(version)));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Changes the schedule for everyone. A lost race is run again; what cannot be written,
    /// later ones find out.
    pub(super) async fn change(&self, app: &App, change: impl Fn(&mut Pace)) {
        for race in 0..MAX_CONFLICT_RETRIES {
            if race > 0 {
                wait_shortly(race).await;
            }
            let Ok((mut pace, version)) = read(app).await else {
                return;
            };
            let before = pace.clone();
            change(&mut pace);
            if pace == before {
                return;
            }
            match write(app, &pace, version).await {
                Ok(Some(version)) => {
                    self.taken.lock().await.known = Some((pace, Some(version)));
                    return;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(cause = error.cause(), "the pace could not be changed");
                    return;
                }
            }
        }
    }
}

async fn read(app: &App) -> Result<(Pace, Option<Version>)> {
    let item = app.store.get(&[keys::pace()]).await?.pop().flatten();
    Ok((decoded(item.as_ref()), item.map(|item| item.version)))
}

/// One that cannot be read is made anew: mails must not wait for it.
pub(super) fn decoded(item: Option<&Item>) -> Pace {
    item.and_then(|item| item.decode().ok()).unwrap_or_default()
}

/// The version that was written; `None` when somebody else was faster.
async fn write(app: &App, pace: &Pace, version: Option<Version>) -> Result<Option<Version>> {
    let item = entity::Pace.item(pace)?;
    let fresh = item.version.clone();
    let expect = version.map_or(Expect::Absent, Expect::Version);
    let written = committed(app, vec![Write::store(item, expect)]).await?;
    Ok(written.then_some(fresh))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use storage::{Key, Page, Query, Storage, StorageError};

    use super::*;
    use crate::settings::Settings;

    /// Holds a schedule, and somebody else is always faster.
    struct Contended;

    #[async_trait]
    impl Storage for Contended {
        async fn get(&self, keys: &[Key]) -> std::result::Result<Vec<Option<Item>>, StorageError> {
            let mut pace = Pace::default();
            pace.learn(10.0);
            Ok(vec![Some(entity::Pace.item(&pace).unwrap()); keys.len()])
        }

        async fn query(&self, _query: Query) -> std::result::Result<Page, StorageError> {
            Ok(Page::default())
        }

        async fn commit(&self, _writes: Vec<Write>) -> std::result::Result<(), StorageError> {
            Err(StorageError::Conflict { writes: vec![0] })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_loses_a_race_for_the_schedule_waits_before_the_next() {
        let app = App::new(Arc::new(Contended), Settings::read(|_| None).unwrap());
        let races = Duration::from_millis(u64::from(MAX_CONFLICT_RETRIES) - 1);
        let pacer = Pacer::default();

        let began = Instant::now();
        let now = app.now();
        pacer.change(&app, |pace| pace.slow_down(now)).await;
        assert!(began.elapsed() >= races, "{:?}", began.elapsed());

        let began = Instant::now();
        assert!(
            !pacer
                .wait(&app, began + Duration::from_secs(9))
                .await
                .unwrap()
        );
        assert!(began.elapsed() >= races, "{:?}", began.elapsed());
    }
}
