//! Erase a person: what is stored under an address, on the order of an administrator.
//!
//! One call works for a few seconds and says how far it came; the next one goes on there, until it is
//! done. Everything is looked through: whoever was taken off a ticket long ago wrote on it all the same.
//! Doing it again finds nothing more. The record of it holds a digest and a mask in place of the
//! address.

mod item;
mod record;
mod scrub;
mod ticket;
mod turn;
mod walk;

use std::time::Duration;

use tokio::time::Instant;

pub use self::record::{Counts, Erasure, NewErasure, Status};
pub(crate) use self::record::{Stored, Working};
use self::{
    record::Stage,
    scrub::Subject,
    turn::{Begun, Work, begin},
    walk::step,
};
use crate::{
    App, Code, Error, Result,
    access::{Caller, Role},
    admin::parameters,
    api::ErasureView,
    committed,
    desk::messages::{ours, senders},
    idempotency::{Once, Replayable},
    pages::{self, Bounds, Rows},
    texts,
};
use domain::{
    address::Address,
    characters::is_blank,
    system::{SystemAddress as S, is_system},
};
use storage::{Expect, Position, Query, Source, Write, keys};

/// How long one call works: an answer of API Gateway has 30 seconds.
const BUDGET: Duration = Duration::from_secs(8);
/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// The records of erasures, newest first.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<ErasureView>> {
    caller.require(&[Role::Admin])?;
    let query = Query::of(Source::Index(keys::ERASURES.to_owned()), limit)
        .descending()
        .after(after);
    pages::read(app, query, Bounds::of(limit), |item| {
        let stored: Stored = item.decode()?;
        Ok(Some(stored.erasure.into()))
    })
    .await
}

/// Erases a person, or goes on with it. Until it is done the same request is sent again. One call works
/// on it at a time: another one says how far it was.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`], [`Code::IdempotencyMismatch`], storage.
pub async fn erase(
    app: &App,
    caller: &Caller,
    new: &NewErasure,
    once: Option<&Once>,
) -> Result<Replayable<ErasureView>> {
    caller.require(&[Role::Admin])?;
    let subject = checked(app, new).await?;
    let Work {
        mut stored,
        version,
        turn,
    } = match begin(app, caller, &subject, &new.reason, once).await? {
        Begun::Here(work) => *work,
        Begun::Elsewhere(erasure) => return Ok(Replayable::Fresh(erasure.into())),
        Begun::Before(erasure) => return Ok(Replayable::Replayed(erasure.into())),
    };
    let until = Instant::now() + BUDGET;
    let mut worked = Ok(());
    while stored.progress.stage != Stage::Done && worked.is_ok() && Instant::now() < until {
        let stage = stored.progress.stage;
        worked = step(app, &subject, &mut stored).await;
        // What is under way ends by itself; the next call looks again.
        if stage == Stage::UnderWay && !stored.progress.under_way.is_empty() {
            break;
        }
    }
    if stored.progress.stage == Stage::Done {
        stored.erasure.status = Status::Done;
        stored.erasure.finished_at = Some(app.now());
    }
    let over = keys::erasure_turn(&subject.digest);
    let writes = vec![
        Write::replace(stored.item()?, version),
        Write::delete(over, Expect::Version(turn)),
    ];
    let saved = committed(app, writes).await;
    match worked {
        // Others write what is to be erased: the next call goes on there.
        Err(error) if !error.is_retryable() => return Err(error),
        _ => {}
    }
    if !saved? {
        return Err(Error::busy());
    }
    tracing::info!(
        erasure_id = %stored.erasure.id,
        by = stored.erasure.by,
        status = ?stored.erasure.status,
        erased = ?stored.erasure.erased,
        "a person is erased"
    );
    Ok(Replayable::Fresh(stored.erasure.into()))
}

async fn checked(app: &App, new: &NewErasure) -> Result<Subject> {
    let mut findings = app.findings();
    findings.max_chars("reason", &new.reason, MAX_REASON);
    if is_blank(&new.reason) {
        let message = texts::erasure::ON_WHICH_GROUND_THE_DATA_IS_ERASED.phrase();
        findings.add("REASON_MISSING", "reason", message);
    }
    let address = Address::parse(&new.address);
    match &address {
        Err(error) => findings.add("ADDRESS_INVALID", "address", error.words().phrase()),
        Ok(address) => {
            let parameters = parameters::load(app).await?;
            let senders = senders(app, &parameters);
            let system = is_system(address, ours(app, &senders));
            if system.is_some_and(|kind| [S::OwnSender, S::OwnReplyDomain].contains(&kind)) {
                let message = texts::erasure::THIS_ADDRESS_IS_THE_SYSTEMS_OWN.phrase();
                findings.add("SYSTEM_ADDRESS", "address", message);
            }
        }
    }
    findings.finish(Code::Invalid)?;
    address
        .map(|address| Subject::new(&address))
        .map_err(|error| Error::new(Code::Invalid, error.words().phrase()))
}
