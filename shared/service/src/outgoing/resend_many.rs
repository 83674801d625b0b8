//! Send many again, after an outage: by state, reason, time and ticket, a bounded part with each call.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Result,
    access::{Caller, Role},
    committed, cursor,
    idempotency::{self, Once, Replayable},
    outgoing::deliveries,
    texts,
};
use domain::{
    delivery::{Delivery, DeliveryStatus},
    id::TicketId,
    reason::{Effect, Reason, Recorded},
    times,
};
use storage::{Expect, Item, Position, Query, Range, Source, keys};

/// How long one call works: an answer of API Gateway has 30 seconds.
const BUDGET: Duration = Duration::from_secs(8);
/// Most deliveries of one call.
const MAX_RESENT: usize = 100;
/// Deliveries of a ticket that are read at once.
const READ: usize = 100;

/// Which deliveries are sent again; none that somebody dismissed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ResendMany)]
pub struct ResendFilter {
    /// In which of the states `unknown`, `unconfirmed`, `failed` and `bounced`; `unknown` when absent.
    #[serde(default)]
    pub statuses: Option<Vec<DeliveryStatus>>,
    /// For which of these reasons (`NO_ANSWER`, `SENDER_LOST`, …); for any when absent.
    #[serde(default)]
    pub reasons: Option<Vec<String>>,
    /// Of messages that were written from then on. This, or `ticket_id`, is needed.
    #[serde(default, deserialize_with = "times::time")]
    pub from: Option<Timestamp>,
    /// Of messages that were written until then.
    #[serde(default, deserialize_with = "times::time")]
    pub to: Option<Timestamp>,
    /// On this ticket alone.
    #[serde(default)]
    pub ticket_id: Option<String>,
    /// Only says which they are.
    #[serde(default)]
    pub dry_run: bool,
    /// Most deliveries of this call, 1 to 100; 100 when absent.
    #[serde(default)]
    pub limit: Option<usize>,
    /// `next_cursor` of the call before, for the same choice.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// One of the deliveries that the call is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResentDelivery {
    /// Ticket of the message.
    #[schema(value_type = String)]
    pub ticket_id: TicketId,
    /// The message that it carries.
    pub message_id: Uuid,
    /// Id of the delivery itself.
    pub id: Uuid,
    /// The state in which it was found.
    pub status: DeliveryStatus,
    /// Why it was in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Recorded<Reason>>,
}

/// What a call did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ResentMany)]
pub struct Resent {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// How many were chosen by this call.
    pub matched: usize,
    /// How many of them are in the queue again.
    pub resent: usize,
    /// How many of them may arrive twice: nobody saw whether they arrived the first time.
    pub may_arrive_twice: usize,
    /// How many wait for their event still, and are left alone until 15 minutes are over.
    pub too_early: usize,
    /// How many changed in the meantime and were left alone.
    pub changed: usize,
    /// Each delivery that the counts are about.
    pub deliveries: Vec<ResentDelivery>,
    /// Give it back as `cursor` to go on; null when everything was looked through.
    pub next_cursor: Option<String>,
}

/// Where a call goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct ResendCursor {
    shard: u32,
    /// In the list of tickets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    after: Option<Position>,
    /// The ticket that is looked through, and where in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    ticket: Option<TicketId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    inside: Option<Position>,
}

/// Sends again what was chosen. The same call again finds what is left of it; with the same
/// idempotency key it answers as the first time.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`], [`Code::CursorInvalid`], [`Code::IdempotencyMismatch`],
/// storage.
pub async fn deliveries(
    app: &App,
    caller: &Caller,
    wanted: &ResendFilter,
    once: Option<&Once>,
) -> Result<Replayable<Resent>> {
    caller.require(&[Role::Admin])?;
    let chosen = Chosen::of(app, wanted)?;
    let answered = app.read(once.map(Once::entity)).await?;
    if let Some(earlier) = idempotency::earlier(once, answered)? {
        return Ok(earlier);
    }
    let choice = chosen.choice();
    let scope = ["resend", choice.as_str()];
    let mut place = match wanted.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => cursor::read(&scope, cursor)?,
        None => chosen.start(),
    };
    let mut done = Resent {
        dry_run: wanted.dry_run,
        ..Resent::default()
    };
    let until = Instant::now() + BUDGET;
    let mut more = true;
    while more && done.matched < chosen.most && Instant::now() < until {
        more = chosen.step(app, caller, &mut place, &mut done).await?;
    }
    done.next_cursor = match more {
        true => cursor::written(&scope, &place),
        false => None,
    };
    tracing::info!(
        by = caller.log_id(),
        dry_run = done.dry_run,
        matched = done.matched,
        resent = done.resent,
        may_arrive_twice = done.may_arrive_twice,
        "many are sent again on request"
    );
    if let Some(once) = once {
        // Where another call with this key was faster, each delivery is sent again once all the same.
        committed(app, vec![once.record(app, &done)?]).await?;
    }
    Ok(Replayable::Fresh(done))
}

/// A choice that was checked.
struct Chosen<'a> {
    wanted: &'a ResendFilter,
    statuses: Vec<DeliveryStatus>,
    /// Any when absent.
    reasons: Option<Vec<Reason>>,
    /// The one ticket that it is about.
    ticket: Option<TicketId>,
    most: usize,
}

impl<'a> Chosen<'a> {
    fn of(app: &App, wanted: &'a ResendFilter) -> Result<Self> {
        use DeliveryStatus as S;
        let mut findings = app.findings();
        let statuses = wanted.statuses.clone().unwrap_or_else(|| vec![S::Unknown]);
        let may = [S::Unknown, S::Unconfirmed, S::Failed, S::Bounced];
        if statuses.is_empty() || statuses.iter().any(|status| !may.contains(status)) {
            let message = texts::resend_many::ONE_OR_MORE_OF_UNKNOWN_UNCONFIRMED.phrase();
            findings.add("STATUS_INVALID", "statuses", message);
        }
        let possible = Reason::ALL
            .iter()
            .copied()
            .filter(|one| one.may_need_somebody() && one.effect() != Effect::Holds);
        let possible: Vec<&str> = possible.map(Reason::code).collect();
        let mut reason = |(at, code): (usize, &String)| {
            let found = Reason::find(code);
            if found.is_none() {
                let message = texts::resend_many::THERE_IS_NO_SUCH_REASON.phrase();
                let message = message.with("known", possible.join(", "));
                findings.add("REASON_UNKNOWN", &format!("reasons[{at}]"), message);
            }
            found
        };
        let codes = wanted.reasons.as_ref();
        let reasons = codes.map(|codes| codes.iter().enumerate().filter_map(&mut reason).collect());
        let ticket = wanted.ticket_id.as_ref().map(|id| id.parse::<TicketId>());
        match &ticket {
            None if wanted.from.is_none() => {
                let message = texts::resend_many::SAY_FROM_WHEN.phrase();
                findings.add("FROM_MISSING", "from", message);
            }
            Some(Err(_)) => {
                let message = texts::resend_many::THIS_IS_NOT_A_TICKETS_NUMBER.phrase();
                findings.add("TICKET_INVALID", "ticket_id", message);
            }
            _ => {}
        }
        if let (Some(from), Some(to)) = (wanted.from, wanted.to)
            && from > to
        {
            let message = texts::resend_many::IT_ENDS_BEFORE_IT_BEGINS.phrase();
            findings.add("RANGE_INVALID", "to", message);
        }
        let most = wanted.limit.unwrap_or(MAX_RESENT);
        if !(1..=MAX_RESENT).contains(&most) {
            let message = texts::resend_many::FROM_ONE_TO_MAX.phrase();
            findings.add("LIMIT_INVALID", "limit", message.with("max", MAX_RESENT));
        }
        findings.finish(Code::Invalid)?;
        Ok(Self {
            wanted,
            statuses,
            reasons,
            ticket: ticket.and_then(std::result::Result::ok),
            most,
        })
    }

    /// The choice that a cursor belongs to.
    fn choice(&self) -> String {
        let choice = ResendFilter {
            dry_run: false,
            limit: None,
            cursor: None,
            ..self.wanted.clone()
        };
        serde_json::to_string(&choice).unwrap_or_default()
    }

    /// Where the first call begins.
    fn start(&self) -> ResendCursor {
        ResendCursor {
            ticket: self.ticket.clone(),
            ..ResendCursor::default()
        }
    }

    /// The next part: of a ticket, or the next ticket. False at the end.
    async fn step(
        &self,
        app: &App,
        caller: &Caller,
        place: &mut ResendCursor,
        done: &mut Resent,
    ) -> Result<bool> {
        if let Some(id) = place.ticket.clone() {
            place.inside = self
                .ticket(app, caller, &id, place.inside.take(), done)
                .await?;
            if place.inside.is_none() {
                place.ticket = None;
            }
            let one_alone = self.ticket.is_some();
            return Ok(!one_alone || place.inside.is_some());
        }
        // The activity of a ticket is never before that of its messages.
        let from = keys::by_time(self.wanted.from.unwrap_or_default(), "");
        let query = Query::of(Source::Index(keys::all_tickets(place.shard)), 1)
            .range(Range::Between(from, keys::LAST.to_owned()))
            .after(place.after.take());
        let page = app.store.query(query).await?;
        if let Some(item) = page.items.first() {
            place.after = Some(Position {
                key: item.key.clone(),
                sort: item.index.as_ref().map(|index| index.sort.clone()),
            });
            place.ticket = keys::ticket_of(&item.key.pk);
            return Ok(true);
        }
        place.shard += 1;
        if place.shard < keys::SHARDS {
            return Ok(true);
        }
        place.shard = 0;
        Ok(false)
    }

    /// A part of a ticket's deliveries; where to go on in it.
    async fn ticket(
        &self,
        app: &App,
        caller: &Caller,
        id: &TicketId,
        after: Option<Position>,
        done: &mut Resent,
    ) -> Result<Option<Position>> {
        let source = Source::Partition(keys::ticket_partition(id));
        let query = Query::of(source.clone(), READ)
            .range(Range::Prefix(keys::DELIVERIES.to_owned()))
            .after(after);
        let page = app.store.query(query).await?;
        let last = page.items.len();
        for (at, item) in page.items.iter().enumerate() {
            let delivery: Delivery = item.decode()?;
            if self.takes(&delivery) {
                self.resend(app, caller, item, delivery, done).await?;
            }
            if done.matched >= self.most && at + 1 < last {
                return Ok(Some(source.position(item)));
            }
        }
        Ok(page.next)
    }

    fn takes(&self, delivery: &Delivery) -> bool {
        let for_this = |reasons: &Vec<Reason>| {
            let reason = delivery.known_reason();
            reason.is_some_and(|reason| reasons.contains(&reason))
        };
        delivery.dismissed.is_none()
            && self.statuses.contains(&delivery.status)
            && self.reasons.as_ref().is_none_or(for_this)
            && self
                .wanted
                .from
                .is_none_or(|from| from <= delivery.created_at)
            && self.wanted.to.is_none_or(|to| delivery.created_at <= to)
            // It waits for no event: it will never be sent.
            && !delivery.is_unwanted()
    }

    async fn resend(
        &self,
        app: &App,
        caller: &Caller,
        item: &Item,
        mut delivery: Delivery,
        done: &mut Resent,
    ) -> Result<()> {
        if !delivery.wants_sending_again() {
            done.too_early += 1;
            return Ok(());
        }
        let found = ResentDelivery {
            ticket_id: delivery.ticket_id.clone(),
            message_id: delivery.message_id,
            id: delivery.id,
            status: delivery.status,
            reason: delivery.reason.clone(),
        };
        if !self.wanted.dry_run {
            if delivery.resend(caller.actor(), app.now()).is_err() {
                return Ok(());
            }
            let expect = Expect::Version(item.version.clone());
            let writes = deliveries::writes(&mut delivery, expect)?;
            if !committed(app, writes).await? {
                // An event came, or somebody else sent it again.
                done.changed += 1;
                return Ok(());
            }
            done.resent += 1;
        }
        done.matched += 1;
        use DeliveryStatus as S;
        done.may_arrive_twice += usize::from(matches!(found.status, S::Unknown | S::Unconfirmed));
        done.deliveries.push(found);
        Ok(())
    }
}
