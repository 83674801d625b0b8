//! How many deliveries need somebody, by state and reason.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{held, rows};
use crate::{
    App, Result,
    access::{Caller, Role},
    outgoing::deliveries::Attention,
    pages,
};
use domain::{
    catalog::Language,
    delivery::DeliveryStatus,
    reason::{Reason, Recorded},
};
use storage::{
    Query, Source,
    keys::{self, Due},
};

/// Entries that are counted in each partition of the list.
const LISTED: usize = 125;
/// Deliveries that are counted in each partition of what the sender holds: they are read whole.
const HELD: usize = 25;

/// How many deliveries need somebody, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusCounts {
    /// Refused by the recipient's server.
    pub bounced: u64,
    /// Refused by the provider after acceptance.
    pub rejected: u64,
    /// Will not be sent.
    pub failed: u64,
    /// Called spam by the recipient.
    pub complained: u64,
    /// May have left or not.
    pub unknown: u64,
    /// Accepted, and no event came.
    pub unconfirmed: u64,
    /// Waits for something that people change.
    pub held: u64,
}

impl StatusCounts {
    fn of(&mut self, status: DeliveryStatus) -> Option<&mut u64> {
        use DeliveryStatus as S;
        Some(match status {
            S::Bounced => &mut self.bounced,
            S::Rejected => &mut self.rejected,
            S::Failed => &mut self.failed,
            S::Complained => &mut self.complained,
            S::Unknown => &mut self.unknown,
            S::Unconfirmed => &mut self.unconfirmed,
            S::Held => &mut self.held,
            S::Queued | S::Sending | S::Accepted | S::Delivered | S::Delayed => return None,
        })
    }
}

/// How many are in a state for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonCount {
    /// The state that they are in.
    pub status: DeliveryStatus,
    /// The reason that they are in it for.
    #[schema(value_type = String)]
    pub reason: Recorded<Reason>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<&'static str>,
    /// How many, or at least how many: see `complete` of the answer.
    pub count: u64,
}

/// How many deliveries on the caller's tickets need somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryCounts {
    /// How many there are, in whichever state.
    pub total: u64,
    /// The same by state.
    pub by_status: StatusCounts,
    /// By state and reason, the most first.
    pub by_reason: Vec<ReasonCount>,
    /// Whether all were counted. Otherwise there are more of them: each count says "at least".
    pub complete: bool,
}

/// Counts the deliveries on the caller's tickets that need somebody, up to some hundreds of each kind.
///
/// # Errors
/// [`Code::Forbidden`](crate::Code::Forbidden), storage.
pub async fn counts(app: &App, caller: &Caller, language: Language) -> Result<DeliveryCounts> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let listed = (0..keys::SHARDS).map(keys::all_attention);
    let held_in = (0..keys::DUE_SHARDS).map(|shard| keys::due(Due::Held, shard));
    let listed = listed.map(|name| Query::of(Source::Index(name), LISTED).descending());
    let held_in = held_in.map(|name| Query::of(Source::Index(name), HELD));
    let pages = pages::each(app, listed.chain(held_in).collect()).await?;
    let complete = pages.iter().all(|page| page.next.is_none());
    let mut entries: Vec<Attention> = Vec::new();
    for item in pages.iter().flat_map(|page| &page.items) {
        match item.entity.as_str() {
            "attention" => entries.push(item.decode()?),
            _ => entries.extend(held(item)?),
        }
    }
    if !caller.is(Role::Admin) {
        let mine = rows::tickets_of(app, caller, entries.iter()).await?;
        entries.retain(|entry| mine.contains_key(&entry.ticket_id));
    }
    let mut by_status = StatusCounts::default();
    let mut reasons: BTreeMap<(DeliveryStatus, Recorded<Reason>), u64> = BTreeMap::new();
    let mut total = 0;
    for entry in entries {
        if let Some(count) = by_status.of(entry.status) {
            *count += 1;
            total += 1;
        }
        if let Some(reason) = entry.reason {
            *reasons.entry((entry.status, reason)).or_default() += 1;
        }
    }
    let mut by_reason: Vec<_> = reasons.into_iter().collect();
    by_reason.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let by_reason = by_reason
        .into_iter()
        .map(|((status, reason), count)| ReasonCount {
            status,
            reason_text: reason.words().map(|words| words.get(language)),
            reason,
            count,
        });
    Ok(DeliveryCounts {
        total,
        by_status,
        by_reason: by_reason.collect(),
        complete,
    })
}
