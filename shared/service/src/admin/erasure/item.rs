//! What is left of one item: it is written until nobody was faster.

use super::{Counts, scrub::Subject, ticket};
use crate::{App, Result, Retrying, committed};
use storage::Item;

/// What an item came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settled {
    /// Whether something of it was erased.
    pub(super) changed: bool,
    /// Whether it is a mail to the person that is under way, which is to be looked at again.
    pub(super) under_way: bool,
}

/// Writes what is left of an item, however often somebody else writes it meanwhile. What was counted of a
/// write that was lost does not count, but for files: they are gone.
pub(super) async fn settle(
    app: &App,
    subject: &Subject,
    item: Item,
    counts: &mut Counts,
) -> Result<Settled> {
    let key = item.key.clone();
    let mut found = Some(item);
    let mut retrying: Option<Retrying<'_>> = None;
    while let Some(item) = found {
        let mut counted = *counts;
        let left = ticket::left(app, subject, &item, &mut counted).await;
        counts.files = counted.files;
        let (writes, under_way) = left?;
        let changed = !writes.is_empty();
        if !changed || committed(app, writes).await? {
            *counts = counted;
            return Ok(Settled { changed, under_way });
        }
        if retrying.is_none() {
            retrying = Some(Retrying::over(app, &key).await);
        }
        if let Some(retrying) = &mut retrying {
            retrying.round().await?;
        }
        found = app
            .store
            .get(std::slice::from_ref(&key))
            .await?
            .pop()
            .flatten();
    }
    Ok(Settled::default())
}
