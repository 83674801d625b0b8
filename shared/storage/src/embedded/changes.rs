//! What the table's stream is on AWS: news of which entities were written.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::watch;

/// How many commits wrote an entity since the store was opened.
pub(super) type Counts = BTreeMap<String, u64>;

/// News of written entities. What happens between two calls of [`Changes::next`] is kept, however
/// long they are apart; many commits may come as one piece of news.
#[derive(Debug)]
pub struct Changes {
    counts: watch::Receiver<Counts>,
    seen: Counts,
}

impl Changes {
    pub(super) fn new(mut counts: watch::Receiver<Counts>) -> Self {
        let seen = counts.borrow_and_update().clone();
        Self { counts, seen }
    }

    /// Waits for the next commits and gives the entities that they put or removed; `None` once
    /// the store is closed. Cancel safe.
    pub async fn next(&mut self) -> Option<BTreeSet<String>> {
        loop {
            let changed = self.counts.changed().await;
            let now = self.counts.borrow_and_update().clone();
            let news: BTreeSet<_> = now
                .iter()
                .filter(|(entity, count)| self.seen.get(*entity) != Some(count))
                .map(|(entity, _)| entity.clone())
                .collect();
            self.seen = now;
            if !news.is_empty() {
                return Some(news);
            }
            changed.ok()?;
        }
    }
}
