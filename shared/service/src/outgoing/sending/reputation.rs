//! Looks at the account's reputation once a run of the schedule, and opens or closes the breaker of
//! automatic mails. See [`domain::reputation`].

use jiff::Timestamp;

use super::Inner;
use crate::{
    App, Result,
    entity::{self, Entity as _},
    pages,
};
use domain::{
    pace::Pace,
    reputation::{Counts, HOURS, hour, judge},
};
use platform::telemetry::{Metric, emit};
use storage::{Query, Range, Source, keys};

/// Judges what the provider reported against what left, and lets everybody know. What cannot be read
/// now is judged by the next sweep.
pub(super) async fn keep(inner: &Inner, now: Timestamp) {
    let app = &inner.app;
    if !inner.can_ask() {
        return;
    }
    let (pace, feedback_counts) = match (pace(app).await, feedback_counts(app, now).await) {
        (Ok(pace), Ok(feedback_counts)) => (pace, feedback_counts),
        (Err(error), _) | (_, Err(error)) => {
            let cause = error.cause();
            tracing::warn!(cause, "the account's reputation is not known");
            return;
        }
    };
    let before = pace.breaker.as_ref();
    let sent = pace.volume.of_late(now);
    let after = judge(
        app.settings.reputation_limits,
        before,
        sent,
        feedback_counts,
        now,
    );
    let (bounces, complaints) = (feedback_counts.bounces, feedback_counts.complaints);
    match (before, &after) {
        (None, Some(_)) => {
            tracing::error!(sent, bounces, complaints, "automatic mails stop");
        }
        (Some(_), None) => {
            tracing::info!(sent, bounces, complaints, "automatic mails go on");
        }
        _ => {}
    }
    if after.is_some() {
        emit(Metric::BreakerOpen, 1.0, now);
    }
    if before != after.as_ref() {
        let change = |pace: &mut Pace| pace.breaker.clone_from(&after);
        inner.pacer.change(app, change).await;
    }
}

async fn pace(app: &App) -> Result<Pace> {
    app.read(entity::Pace.or_default()).await
}

/// What the provider reported within the hours that count.
async fn feedback_counts(app: &App, now: Timestamp) -> Result<Counts> {
    let from = keys::reputation_from(hour(now) - HOURS + 1);
    let source = Source::Partition(keys::REPUTATION.to_owned());
    let range = Range::Between(from, keys::reputation_from(i64::MAX));
    let mut sum = Counts::default();
    let mut pages = pages::all(app, Query::of(source, 1000).range(range));
    while let Some(items) = pages.next().await? {
        for item in &items {
            sum = sum.with(item.decode()?);
        }
    }
    Ok(sum)
}
