//! The turn at an erasure: one call works on a person's at a time.

use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    record::{Counts, Erasure, Progress, Status, Stored, Working},
    scrub::Subject,
};
use crate::{
    App, Result, Retrying,
    access::Caller,
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
};
use domain::mask::{mask, mask_within};
use storage::{Order, Query, Range, Source, Version, Write, keys};

/// How long a call has the turn: longer than any call lives. After one that broke off, the next begins
/// when it is over.
const TURN: SignedDuration = SignedDuration::from_secs(60);

/// An erasure that this call works on.
pub(super) struct Work {
    pub(super) stored: Stored,
    /// Version of its record.
    pub(super) version: Version,
    /// Version of the turn.
    pub(super) turn: Version,
}

/// What a call finds.
pub(super) enum Begun {
    /// It works on it.
    Here(Box<Work>),
    /// Another call works on it; this is its record.
    Elsewhere(Erasure),
    /// Its idempotency key is that of an erasure which is done.
    Before(Erasure),
}

/// Takes the turn at the erasure of this person that is not done, or at a new one. An idempotency key is
/// remembered with its erasure, so that the same request goes on with it until it is done.
pub(super) async fn begin(
    app: &App,
    caller: &Caller,
    subject: &Subject,
    reason: &str,
    once: Option<&Once>,
) -> Result<Begun> {
    let place = entity::ErasureTurn(&subject.digest);
    let mut retrying = Retrying::over(app, &place.key()).await;
    loop {
        retrying.round().await?;
        let (turn, answered) = app.read((place, once.map(Once::entity))).await?;
        let known: Option<Replayable<Uuid>> = idempotency::earlier(once, answered)?;
        let known = known.map(|known| known.into_parts().0);
        if let Some(id) = known
            && let Some(Loaded { value: stored, .. }) =
                app.read(entity::Erasure(&subject.digest, id)).await?
            && stored.erasure.status == Status::Done
        {
            return Ok(Begun::Before(stored.erasure));
        }
        let remembered = |erasure: &Erasure| match known {
            Some(_) => Ok(None),
            None => idempotency::record(app, once, &erasure.id),
        };
        let running = running(app, subject).await?;
        let is_taken = turn
            .as_ref()
            .is_some_and(|turn| turn.value.until > app.now());
        if let (true, Some((stored, _))) = (is_taken, &running) {
            let record = remembered(&stored.erasure)?;
            if record.is_none() || retrying.commit(record.into_iter().collect()).await? {
                return Ok(Begun::Elsewhere(stored.erasure.clone()));
            }
            continue;
        }
        let until = app.now() + TURN;
        let item = place.item(&Working { until })?;
        let turn_version = item.version.clone();
        let mut writes = vec![Write::store(item, Loaded::expect(turn.as_ref()))];
        let (stored, version) = match running {
            Some(running) => running,
            None => {
                let stored = new_record(app, caller, subject, reason);
                let item = stored.item()?;
                let version = item.version.clone();
                writes.push(Write::create(item));
                (stored, version)
            }
        };
        writes.extend(remembered(&stored.erasure)?);
        if retrying.commit(writes).await? {
            return Ok(Begun::Here(Box::new(Work {
                stored,
                version,
                turn: turn_version,
            })));
        }
    }
}

/// The erasure of this person that is not done.
async fn running(app: &App, subject: &Subject) -> Result<Option<(Stored, Version)>> {
    let query = Query {
        order: Order::Descending,
        ..Query::of(Source::Partition(keys::ERASURES.to_owned()), 1)
            .range(Range::Prefix(keys::erasures_of(&subject.digest)))
    };
    let Some(item) = app.store.query(query).await?.items.pop() else {
        return Ok(None);
    };
    let stored: Stored = item.decode()?;
    let is_running = stored.erasure.status == Status::Running;
    Ok(is_running.then_some((stored, item.version)))
}

fn new_record(app: &App, caller: &Caller, subject: &Subject, reason: &str) -> Stored {
    Stored {
        erasure: Erasure {
            id: Uuid::now_v7(),
            digest: subject.digest.clone(),
            address: mask(subject.key.as_str()),
            by: caller.log_id(),
            by_address: caller.email.as_ref().map(|email| mask(email.as_str())),
            reason: mask_within(reason.trim(), &[]),
            status: Status::Running,
            begun_at: app.now(),
            finished_at: None,
            erased: Counts::default(),
            suppression_kept: false,
        },
        progress: Progress::default(),
    }
}
