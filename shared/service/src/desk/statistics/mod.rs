//! Figures of the last days, for the desk.
//!
//! Nothing is counted while messages are written and sent: that would be a write more for each. Once an
//! hour the sweep of the sender counts an hour that is over, from the tickets on which something
//! happened, and stores its sum. The hours since are counted when somebody asks, if that is not much.
//! Messages and deliveries are exact. A state is that of the moment in which its hour was counted, an
//! hour or two after the message: what bounces later is told by the deliveries that need somebody.

mod counting;
mod keeping;

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::keeping::{Progress, is_early, keep};
use crate::{
    App, Result,
    access::{Caller, Role},
    api::CountsView,
    entity, pages,
};
use domain::{
    id::TemplateId,
    reputation::hour,
    statistics::{Figures, hour_start},
};
use storage::{Query, Range, Source, keys};

/// Largest number of days in one answer.
pub const MAX_DAYS: u16 = 31;
/// Most tickets that are read for the hours that were not counted yet.
const MAX_LIVE: usize = 200;
/// Most hours that are counted when somebody asks.
const LIVE_HOURS: i64 = 4;
/// Largest number of templates that an answer names.
const MAX_TEMPLATES: usize = 20;

/// What was counted of a day, or of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Figures)]
pub struct FiguresView {
    /// The counts; their fields stand beside the others.
    #[serde(flatten)]
    pub counts: CountsView,
    /// Within how many seconds half of the delivered mails had arrived, from the writing of the message;
    /// rounded up (1, 2, 5, 10, 20, 30 seconds, 1, 2, 5, 10, 30 minutes, 1, 2, 4, 8, 24 hours). Absent
    /// when none is known to have arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_seconds: Option<i64>,
}

impl From<&Figures> for FiguresView {
    fn from(figures: &Figures) -> Self {
        Self {
            counts: figures.counts.clone().into(),
            median_seconds: figures.median_seconds(),
        }
    }
}

/// The figures of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayFigures {
    /// The day, in the time zone of the desk.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// What was counted of that day; its fields stand beside it.
    #[serde(flatten)]
    pub figures: FiguresView,
}

/// How many mails a template made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateFigures {
    /// Number of the template.
    #[schema(value_type = u64)]
    pub id: TemplateId,
    /// Its identifier, where it still exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Mails that left with it.
    pub mails: u64,
}

/// The figures of some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Statistics {
    /// Each day, the oldest first, today last; also those on which nothing happened.
    pub days: Vec<DayFigures>,
    /// All of them together.
    pub total: FiguresView,
    /// The templates that made most mails.
    pub templates: Vec<TemplateFigures>,
    /// Until when everything is counted. Before the present where so much happened since that only the
    /// next hourly count tells it.
    pub counted_until: Timestamp,
    /// Time zone of the days.
    pub time_zone: String,
}

/// The figures of the last days, today included. The route refuses more than [`MAX_DAYS`].
///
/// # Errors
/// [`Code::Forbidden`](crate::Code::Forbidden), storage.
pub async fn read(app: &App, caller: &Caller, days: u16) -> Result<Statistics> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let zone = TimeZone::get(&app.settings.default_time_zone).unwrap_or(TimeZone::UTC);
    let now = app.now();
    let today = now.to_zoned(zone.clone()).date();
    let first = today.saturating_sub((i64::from(days) - 1).days());
    let mut by_day: BTreeMap<Date, Figures> = first
        .series(1.day())
        .take(usize::from(days))
        .map(|day| (day, Figures::default()))
        .collect();
    let midnight = first.to_zoned(zone.clone());
    let from = midnight.map_or(now, |midnight| midnight.timestamp());
    let (mut hours, counted_until) = recent(app, now).await?;
    hours.extend(stored(app, hour(from), hour(now)).await?);
    let mut total = Figures::default();
    for (at, figures) in hours {
        let day = hour_start(at).to_zoned(zone.clone()).date();
        if let Some(known) = by_day.get_mut(&day) {
            known.add(&figures);
            total.add(&figures);
        }
    }
    let days = by_day.iter().map(|(day, figures)| DayFigures {
        day: *day,
        figures: figures.into(),
    });
    Ok(Statistics {
        days: days.collect(),
        templates: named(app, &total.templates).await?,
        total: (&total).into(),
        counted_until,
        time_zone: app.settings.default_time_zone.clone(),
    })
}

/// The sums that are stored, from one hour to another, both included.
async fn stored(app: &App, from: i64, to: i64) -> Result<Vec<(i64, Figures)>> {
    let key = |at| keys::statistics(at).sk;
    let query = Query::of(Source::Partition(keys::STATISTICS.to_owned()), 1000)
        .range(Range::Between(key(from), key(to)));
    let mut hours = Vec::new();
    let mut pages = pages::all(app, query);
    while let Some(items) = pages.next().await? {
        for item in &items {
            let at = item.key.sk.parse().unwrap_or_default();
            hours.push((at, item.decode()?));
        }
    }
    Ok(hours)
}

/// The hours that no sweep has counted, counted now, and until when everything is counted then. Where
/// that is too much to read there are none.
async fn recent(app: &App, now: Timestamp) -> Result<(Vec<(i64, Figures)>, Timestamp)> {
    let earliest = hour(now) - LIVE_HOURS + 1;
    let since = keeping::next_hour(app).await?.unwrap_or(earliest);
    let nothing = (Vec::new(), hour_start(since));
    if since < earliest {
        return Ok(nothing);
    }
    let mut tickets = Vec::new();
    for shard in 0..keys::SHARDS {
        let most = MAX_LIVE - tickets.len();
        let Some(found) = counting::tickets(app, shard, hour_start(since), Some(most)).await?
        else {
            return Ok(nothing);
        };
        tickets.extend(found);
    }
    let mut hours = Vec::new();
    for at in since..=hour(now) {
        let span = (hour_start(at), hour_start(at + 1));
        let mut figures = counting::written(app, tickets.clone(), span).await?;
        figures.counts.quarantined = counting::quarantined(app, span).await?;
        hours.push((at, figures));
    }
    Ok((hours, now))
}

/// The templates that made most mails, by name.
async fn named(app: &App, templates: &BTreeMap<TemplateId, u64>) -> Result<Vec<TemplateFigures>> {
    let mut most: Vec<(TemplateId, u64)> =
        templates.iter().map(|(id, mails)| (*id, *mails)).collect();
    most.sort_by_key(|(id, mails)| (std::cmp::Reverse(*mails), *id));
    most.truncate(MAX_TEMPLATES);
    let wanted = most.iter().map(|(id, _)| entity::Template(*id));
    let found = app.read(wanted.collect::<Vec<_>>()).await?;
    let named = most.into_iter().zip(found);
    let named = named.map(|((id, mails), template)| TemplateFigures {
        id,
        identifier: template.map(|template| template.value.identifier),
        mails,
    });
    Ok(named.collect())
}
