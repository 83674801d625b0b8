//! The suppression list: made by bounces and complaints, lifted by administrators.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Noun, Result, Retrying,
    access::{Caller, Role},
    api,
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once},
    pages::{self, Bounds, Rows},
    texts,
};
use domain::{
    address::{Address, AddressKey},
    characters::is_blank,
    suppression::{Added, Cause, Lifted, Suppression},
};
use storage::{Position, Query, Source, Write, keys};

/// Longest reason for lifting a suppression, in characters.
const MAX_REASON: usize = 500;
/// How long the record of a lifted one is kept, seconds.
const LIFTED_KEPT: i64 = 400 * 24 * 3600;
/// Addresses that a search reads at once, and how often.
const SEARCHED: usize = 500;
const SEARCH_CALLS: usize = 4;
/// Deliveries of an address that are counted.
const COUNTED: usize = 100;
/// Lifts of an address that are told.
const LIFTS: usize = 20;

/// The suppressed addresses. A page may be short while there is a next one.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<api::SuppressionView>> {
    search(app, caller, None, limit, after).await
}

/// The suppressed addresses that hold this text. A page may be short, or empty, while there is a next
/// one: it looks at a bounded number of them.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn search(
    app: &App,
    caller: &Caller,
    q: Option<&str>,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<api::SuppressionView>> {
    caller.require(&[Role::Admin])?;
    let q = q.map(|q| q.trim().to_lowercase());
    // Who looks for one among many reads more at once than is shown.
    let read = if q.is_some() { SEARCHED } else { limit };
    let query = Query::of(Source::Partition(keys::SUPPRESSIONS.to_owned()), read).after(after);
    let bounds = match q {
        Some(_) => Bounds::of(limit).calls(SEARCH_CALLS),
        None => Bounds::of(limit),
    };
    let rows = pages::read(app, query, bounds, |item| {
        let suppression: Suppression = item.decode()?;
        let found = q
            .as_ref()
            .is_none_or(|q| suppression.address.as_str().contains(q));
        Ok((found && suppression.is_active(app.now())).then_some(suppression))
    })
    .await?;
    Ok(rows.map(Into::into))
}

/// A suppressed address with what it holds and what was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuppressionDetails {
    /// The suppression itself; its fields stand beside the others.
    #[serde(flatten)]
    pub suppression: api::SuppressionView,
    /// Deliveries that wait for its end.
    pub holds: usize,
    /// Whether there are more than were counted.
    pub holds_more: bool,
    /// When it was lifted before, the last time first.
    pub lifts: Vec<api::LiftedView>,
}

/// One suppressed address.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn read(app: &App, caller: &Caller, address: &str) -> Result<SuppressionDetails> {
    caller.require(&[Role::Admin])?;
    let missing = || Error::not_found(Noun::Suppression);
    let address = Address::parse(address).map_err(|_| missing())?;
    let found = app.read(entity::Suppression(address.key())).await?;
    let suppression = found.ok_or_else(missing)?.value;
    if !suppression.is_active(app.now()) {
        return Err(missing());
    }
    let held = Source::Index(keys::suppressed(address.key()));
    let lifted = Source::Partition(keys::lifted(address.key()));
    let queries = vec![
        Query::of(held, COUNTED),
        Query::of(lifted, LIFTS).descending(),
    ];
    let pages = pages::each(app, queries).await?;
    let mut lifts = Vec::new();
    for item in &pages[1].items {
        lifts.extend(item.decode::<Suppression>()?.lifted);
    }
    Ok(SuppressionDetails {
        suppression: suppression.into(),
        holds: pages[0].items.len(),
        holds_more: pages[0].next.is_some(),
        lifts: api::each(lifts),
    })
}

/// Suppresses an address on somebody's decision, until it is lifted. One that is suppressed for at
/// least as good a cause stays as it is; `true` when it is new.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`] for no address or no reason, [`Code::IdempotencyMismatch`], storage.
pub async fn add(
    app: &App,
    caller: &Caller,
    address: &str,
    reason: &str,
    once: Option<&Once>,
) -> Result<idempotency::Replayable<(Suppression, bool)>> {
    caller.require(&[Role::Admin])?;
    let mut findings = app.findings();
    let parsed = Address::parse(address.trim()).ok();
    if parsed.is_none() {
        let wanted = texts::suppressions::ONE_E_MAIL_ADDRESS.phrase();
        findings.add("ADDRESS_INVALID", "address", wanted);
    }
    if is_blank(reason) {
        let missing = texts::suppressions::WHY_NO_MAIL_GOES_TO_THIS_ADDRESS.phrase();
        findings.add("REASON_MISSING", "reason", missing);
    }
    findings.max_chars("reason", reason, MAX_REASON);
    findings.finish(Code::Invalid)?;
    let parsed = parsed.ok_or_else(|| Error::not_found(Noun::Suppression))?;
    let suppressed = entity::Suppression(parsed.key());
    let mut retrying = Retrying::over(app, &suppressed.key()).await;
    loop {
        retrying.round().await?;
        let wanted = (suppressed, once.map(Once::entity));
        let (present, answered) = app.read(wanted).await?;
        if let Some(earlier) = idempotency::earlier(once, answered)? {
            return Ok(earlier);
        }
        let sent_to = parsed.clone().into();
        let mut new = Suppression::new(&sent_to, Cause::Manual, None, None, app.now());
        new.added = Some(Added {
            by: caller.sub.clone(),
            by_name: caller.name.clone(),
            reason: reason.trim().to_owned(),
        });
        let known = present.as_ref().map(|present| &present.value);
        let stays = known.filter(|one| one.is_active(app.now()) && one.cause >= Cause::Manual);
        if let Some(known) = stays {
            return Ok(idempotency::Replayable::Fresh((known.clone(), false)));
        }
        let Some(write) = suppress(present, new.clone(), app.now())? else {
            return Ok(idempotency::Replayable::Fresh((new, false)));
        };
        let mut writes = vec![write];
        let answer = (new, true);
        writes.extend(idempotency::record(app, once, &answer)?);
        if retrying.commit(writes).await? {
            tracing::info!(by = caller.log_id(), "an address was suppressed by hand");
            return Ok(idempotency::Replayable::Fresh(answer));
        }
    }
}

/// A suppressed address among those of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Blocked {
    /// The address, as addresses are compared.
    #[schema(value_type = String)]
    pub address: AddressKey,
    /// What it was suppressed for.
    pub cause: Cause,
    /// Since when no mail goes there.
    pub since: Timestamp,
    /// Until when; none, until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
    /// What the server said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// Which of these addresses are suppressed.
pub(crate) async fn blocked(app: &App, addresses: &BTreeSet<AddressKey>) -> Result<Vec<Blocked>> {
    let wanted = addresses.iter().map(entity::Suppression);
    let found = app.read(wanted.collect::<Vec<_>>()).await?;
    let found = found.into_iter().flatten().map(|one| one.value);
    let active = found.filter(|one| one.is_active(app.now()));
    let blocked = active.map(|one| Blocked {
        address: one.address,
        cause: one.cause,
        since: one.since,
        until: one.until,
        detail: one.detail,
    });
    Ok(blocked.collect())
}

/// Lifts a suppression: what it held leaves within a minute. Who did it and why is recorded.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::Invalid`] without a reason, storage.
pub async fn lift(app: &App, caller: &Caller, address: &str, reason: &str) -> Result<()> {
    caller.require(&[Role::Admin])?;
    let missing = || Error::not_found(Noun::Suppression);
    let address = Address::parse(address).map_err(|_| missing())?;
    let mut findings = app.findings();
    findings.max_chars("reason", reason, MAX_REASON);
    if is_blank(reason) {
        findings.add(
            "REASON_MISSING",
            "reason",
            texts::suppressions::WHY_MAIL_MAY_GO_TO_THIS_ADDRESS_AGAIN.phrase(),
        );
    }
    findings.finish(Code::Invalid)?;
    let suppressed = entity::Suppression(address.key());
    let mut retrying = Retrying::over(app, &suppressed.key()).await;
    loop {
        retrying.round().await?;
        let (mut suppression, version) = app
            .read(suppressed)
            .await?
            .ok_or_else(missing)?
            .into_parts();
        if !suppression.is_active(app.now()) {
            return Err(missing());
        }
        let by = caller.sub.clone();
        suppression.lifted = Some(Lifted {
            at: app.now(),
            by,
            by_name: caller.name.clone(),
            reason: reason.trim().to_owned(),
        });
        let record = entity::LiftedSuppression(address.key(), Uuid::now_v7());
        let ends = app.now().as_second() + LIFTED_KEPT;
        let writes = vec![
            Write::replace(suppressed.item(&suppression)?, version),
            Write::create(record.item(&suppression)?.expiring(ends)),
        ];
        if retrying.commit(writes).await? {
            tracing::info!(by = caller.log_id(), "a suppression was lifted");
            return Ok(());
        }
    }
}

/// The write that suppresses an address. One that is for at least as good a cause already stays,
/// and only learns of a new spelling.
pub(crate) fn suppress(
    present: Option<Loaded<Suppression>>,
    mut new: Suppression,
    now: Timestamp,
) -> Result<Option<Write>> {
    let expect = Loaded::expect(present.as_ref());
    if let Some(mut known) = present.map(|present| present.value) {
        // Transient bounces that go on make it last longer.
        let renews = known.cause == new.cause && new.cause == Cause::Transient;
        if known.is_active(now) && known.cause >= new.cause && !renews {
            if !known.add_spellings(&new) {
                return Ok(None);
            }
            new = known;
        } else {
            new.add_spellings(&known);
        }
    }
    let suppressed = entity::Suppression(&new.address);
    Ok(Some(suppressed.store(&new, expect)?))
}
