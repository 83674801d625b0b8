//! Figures of the last days.

use axum::{Json, extract::State};
use serde::Deserialize;
use service::{
    App,
    desk::statistics::{self, Statistics},
};
use utoipa::IntoParams;
use web::{
    caller::{Agents, Only},
    problem::HttpError,
    query::{RuledQuery, Rules, Wrong},
};

/// Of which days figures are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatisticsQuery {
    /// How many, today included: 1 to 31, 7 when absent.
    #[serde(default = "week")]
    #[param(minimum = 1, maximum = 31, default = 7)]
    days: u16,
}

impl Rules for StatisticsQuery {
    fn check(&self, wrong: &mut Wrong) {
        wrong.bound("days", self.days.into(), statistics::MAX_DAYS.into());
    }
}

fn week() -> u16 {
    7
}

/// Figures of the last days: messages, what became of their mails, replies, the quarantine. Messages and
/// mails are exact; a state is that of an hour or two after its message.
#[utoipa::path(get, path = "/statistics", operation_id = "statistics_read", tag = "statistics", params(StatisticsQuery),
    responses((status = 200, body = Statistics)))]
pub(crate) async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    RuledQuery(wanted): RuledQuery<StatisticsQuery>,
) -> Result<Json<Statistics>, HttpError> {
    Ok(Json(statistics::read(&app, &caller, wanted.days).await?))
}
