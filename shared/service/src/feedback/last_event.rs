//! That events come at all. The provider tells twice of a mail that arrives, first that it has it; where
//! its answer to the call said so already, that changes nothing of the delivery and is not written
//! there. One item for all of them says when that was, so that a mail that is slow to arrive is told from
//! one whose events are lost.

use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    App, Result,
    entity::{self, Entity as _},
};

/// How often a process writes it at most.
const EVERY: SignedDuration = SignedDuration::from_mins(5);

/// When an event came last that changed nothing else.
#[derive(Serialize, Deserialize)]
pub(crate) struct LastEvent {
    at: Timestamp,
}

/// Notes that an event came.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn note(app: &App) -> Result<()> {
    let now = app.now();
    let before = Timestamp::from_millisecond(app.event_noted.load(Ordering::Relaxed));
    let since = before.map_or(EVERY, |before| now.duration_since(before));
    // A time in the future is of a clock that was wrong.
    if (SignedDuration::ZERO..EVERY).contains(&since) {
        return Ok(());
    }
    let write = entity::LastEvent.put(&LastEvent { at: now })?;
    app.store.commit(vec![write]).await?;
    app.event_noted
        .store(now.as_millisecond(), Ordering::Relaxed);
    Ok(())
}

/// Until when events came for certain, as long as a process may leave it unwritten included.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn read(app: &App) -> Result<Option<Timestamp>> {
    let last = app.read(entity::LastEvent).await?;
    Ok(last.map(|last| last.value.at + EVERY))
}
