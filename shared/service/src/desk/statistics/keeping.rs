//! Stores the sum of each hour once it is over, a piece of the work in each sweep.

use std::ops::Bound;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::counting::{self, Span};
use crate::{
    App, Result, committed,
    entity::{self, Entity as _, Loaded},
};
use domain::{
    id::TicketId,
    reputation::hour,
    statistics::{Figures, hour_start},
};
use storage::{Expect, Write, keys};

/// Hours that pass before one is counted: most mails have come to their end by then.
const SETTLED: i64 = 1;
/// How far back hours are counted where none was for long: nobody asks for more.
const BACK: i64 = super::MAX_DAYS as i64 * 24;
/// How long the sum of an hour is kept, seconds.
const KEPT: i64 = 400 * 24 * 3600;
/// Tickets that are counted together.
const TICKETS: usize = 200;

/// How far the counting came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The hour that is counted.
    hour: i64,
    /// The shard of it.
    #[serde(default)]
    shard: u32,
    /// The last ticket of the shard that was counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    after: Option<TicketId>,
    /// What was counted of the hour.
    #[serde(default)]
    figures: Figures,
}

impl Progress {
    fn at(hour: i64) -> Self {
        Self {
            hour,
            ..Self::default()
        }
    }

    fn span(&self) -> Span {
        (hour_start(self.hour), hour_start(self.hour + 1))
    }

    /// Counts some of the tickets of the hour, until a moment; the sum when it was all of them.
    async fn step(&mut self, app: &App, until: Instant) -> Result<Option<Figures>> {
        let found = counting::tickets(app, self.shard, self.span().0, None).await?;
        let found = found.unwrap_or_default();
        let rest = match &self.after {
            Some(last) => found.range::<TicketId, _>((Bound::Excluded(last), Bound::Unbounded)),
            None => found.range::<TicketId, _>(..),
        };
        let rest: Vec<TicketId> = rest.cloned().collect();
        for tickets in rest.chunks(TICKETS) {
            let counted = counting::written(app, tickets.to_vec(), self.span()).await?;
            self.figures.add(&counted);
            self.after = tickets.last().cloned();
            if Instant::now() >= until {
                return Ok(None);
            }
        }
        self.after = None;
        self.shard += 1;
        if self.shard < keys::SHARDS {
            return Ok(None);
        }
        let mut sum = std::mem::take(&mut self.figures);
        sum.counts.quarantined = counting::quarantined(app, self.span()).await?;
        *self = Self::at(self.hour + 1);
        Ok(Some(sum))
    }
}

/// Whether the hour `next` cannot be counted yet.
pub(crate) fn is_early(next: i64, now: Timestamp) -> bool {
    next + SETTLED >= hour(now)
}

/// The first hour that is not counted; `None` when the counting has not begun.
pub(super) async fn next_hour(app: &App) -> Result<Option<i64>> {
    let progress = app.read(entity::StatisticsState).await?;
    Ok(progress.map(|progress| progress.value.hour))
}

/// Counts the hours that are over, until a moment, and gives the first that is left. Where two count at
/// once, one of them loses its commit and what it counted.
pub(crate) async fn keep(app: &App, until: Instant) -> Result<i64> {
    let now = app.now();
    let known = app.read(entity::StatisticsState).await?;
    let mut expect = Loaded::expect(known.as_ref());
    let known = known.map(|known| known.value);
    let mut progress = known.clone().unwrap_or_else(|| Progress::at(hour(now)));
    if progress.hour < hour(now) - BACK {
        progress = Progress::at(hour(now) - BACK);
    }
    let mut saved = known;
    while !is_early(progress.hour, now) && Instant::now() < until {
        let counted = progress.hour;
        let Some(sum) = progress.step(app, until).await? else {
            continue;
        };
        let mut writes = Vec::new();
        if !sum.is_empty() {
            let item = entity::Statistics(counted).item(&sum)?;
            let expires = hour_start(counted).as_second() + KEPT;
            writes.push(Write::put(item.expiring(expires)));
        }
        // Hours without anything are passed over together.
        if !writes.is_empty() {
            let Some(next) = save(app, writes, &progress, expect).await? else {
                return Ok(progress.hour);
            };
            (expect, saved) = (next, Some(progress.clone()));
        }
    }
    if saved.as_ref() != Some(&progress) {
        save(app, Vec::new(), &progress, expect).await?;
    }
    Ok(progress.hour)
}

/// Stores how far it came, and what it counted; what to expect next, or nothing when another was faster.
async fn save(
    app: &App,
    mut writes: Vec<Write>,
    progress: &Progress,
    expect: Expect,
) -> Result<Option<Expect>> {
    let item = entity::StatisticsState.item(progress)?;
    let next = Expect::Version(item.version.clone());
    writes.push(Write::store(item, expect));
    Ok(committed(app, writes).await?.then_some(next))
}
