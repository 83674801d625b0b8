//! What a batch reads: the keys that its deliveries are likely to need, in one read, and the items.

use std::collections::{BTreeSet, HashMap};

use super::{batch::MAX_BATCH, templates::Templates};
use crate::{
    App, Result,
    entity::{Entity, Loaded},
};
use domain::{delivery::Delivery, id::TemplateId};
use storage::{Item, Key, MAX_GET, keys};

/// Most keys that one delivery asks for.
const KEYS: usize = 6;
/// Most templates that are asked for before it is clear which are needed.
const GUESSED_TEMPLATES: usize = MAX_GET - 3 - UNKNOWN_TEMPLATES - KEYS * MAX_BATCH;
/// Most templates that are read whole before it is clear which are needed: parameters name three.
const UNKNOWN_TEMPLATES: usize = 3;

/// Templates that are probably needed.
pub(super) struct Guess {
    /// Those that were named when the deliveries were queued, then those that are known.
    pub(super) ids: Vec<TemplateId>,
    /// Those of which this process knows no version.
    unknown: Vec<TemplateId>,
}

impl Guess {
    pub(super) fn new(cache: &Templates, deliveries: &[&Delivery]) -> Self {
        let known = cache.ids();
        let named: BTreeSet<TemplateId> =
            deliveries.iter().filter_map(|one| one.template).collect();
        let others = known.iter().filter(|id| !named.contains(id));
        let mut ids: Vec<TemplateId> = named.iter().chain(others).copied().collect();
        ids.truncate(GUESSED_TEMPLATES);
        let unknown = ids.iter().filter(|id| !known.contains(id));
        let unknown = unknown.take(UNKNOWN_TEMPLATES).copied().collect();
        Self { ids, unknown }
    }
}

/// The keys of what these deliveries need.
pub(super) fn wanted(deliveries: &[&Delivery], guess: &Guess) -> Vec<Key> {
    let mut wanted = vec![keys::parameters(), keys::sending_state(), keys::pace()];
    wanted.extend(guess.ids.iter().map(|id| keys::template(*id)));
    wanted.extend(guess.unknown.iter().map(|id| keys::template_published(*id)));
    for delivery in deliveries {
        wanted.push(keys::ticket(&delivery.ticket_id));
        wanted.push(keys::message(&delivery.ticket_id, delivery.message_id));
        let address = delivery.to.key();
        wanted.push(keys::suppression(&address));
        wanted.push(keys::thread(&delivery.ticket_id, &address));
        wanted.push(keys::preferences(&address));
        let earlier = delivery.after.filter(|earlier| {
            let mut batch = deliveries.iter();
            batch.all(|one| one.id != earlier.delivery)
        });
        wanted.extend(
            earlier.map(|earlier| {
                keys::delivery(&delivery.ticket_id, earlier.message, earlier.delivery)
            }),
        );
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// What was read for a batch, by key; what is absent was not there.
#[derive(Default)]
pub(super) struct ReadItems(HashMap<Key, Item>);

impl ReadItems {
    pub(super) async fn load(app: &App, wanted: Vec<Key>) -> Result<Self> {
        let items = app.store.get(&wanted).await?;
        Ok(Self(
            items
                .into_iter()
                .flatten()
                .map(|item| (item.key.clone(), item))
                .collect(),
        ))
    }

    pub(super) fn item(&self, key: &Key) -> Option<&Item> {
        self.0.get(key)
    }

    pub(super) fn read<E: Entity>(&self, entity: E) -> Result<Option<Loaded<E::Document>>> {
        Ok(self.item(&entity.key()).map(Loaded::of).transpose()?)
    }
}
