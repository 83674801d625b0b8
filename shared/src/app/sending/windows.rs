//! The storm rules once more, for what waited: a message takes its moment when it is posted, and when
//! many were held up together, they would leave together all the same.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::prepare::Obstacle;
use crate::{
    app::{conversation::Wire, deliveries::address_key},
    domain::{
        delivery::{Delivery, DeliveryStatus},
        reason::Reason,
        storm::{Limits, Slot},
    },
    store::{Key, keys},
};

/// Time to the next sweep. What fits within it goes at once, and what was posted within it is counted
/// by its posting.
const SOON: SignedDuration = SignedDuration::from_secs(60);

/// What this process lets go to whom, by the item of the [`Wire`] between us and a person on a
/// ticket. It lasts for one run; to the next one the times of that item tell what left.
#[derive(Debug, Default)]
pub(super) struct Windows(Mutex<HashMap<Key, Times>>);

#[derive(Debug, Default)]
struct Times {
    /// Moments that are given out, past and to come.
    taken: Vec<i64>,
    /// When mails left.
    left: Vec<i64>,
}

/// The moment of a mail. It is given back unless the mail leaves.
#[derive(Debug)]
pub(super) struct Place {
    windows: Arc<Windows>,
    key: Key,
    at: i64,
    has_left: bool,
}

impl Windows {
    fn times(&self) -> MutexGuard<'_, HashMap<Key, Times>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the moment of a mail.
    ///
    /// # Errors
    /// What it has to wait for, when that is not now.
    pub(super) fn take(
        self: &Arc<Self>,
        limits: &Limits,
        delivery: &Delivery,
        wire: &Wire,
        now: Timestamp,
    ) -> Result<Place, Obstacle> {
        let (key, second) = (key(delivery), now.as_second());
        let mut all = self.times();
        let times = all.entry(key.clone()).or_insert_with(|| Times {
            taken: wire.times.clone(),
            left: wire.times.clone(),
        });
        let at = if waited(delivery, now) {
            match limits.take(&mut times.taken, second) {
                Slot::Now => second,
                Slot::At(at) => at,
                // Behind all the others; its own moment is found when theirs are over.
                Slot::None => times.taken.last().map_or(second, |last| *last) + limits.longest(),
            }
        } else {
            let place = times.taken.partition_point(|time| *time <= second);
            times.taken.insert(place, second);
            second
        };
        if at <= second + SOON.as_secs() {
            return Ok(Place {
                windows: self.clone(),
                key,
                at,
                has_left: false,
            });
        }
        let look_at = Timestamp::from_second(at).ok();
        Err(Obstacle::of_time(Reason::LoopLimit, look_at))
    }

    /// Forgets those whose item tells as much: all but the moments to come.
    pub(super) fn forget(&self, now: Timestamp) {
        let to_come = |times: &Times| times.taken.last() > Some(&now.as_second());
        self.times().retain(|_, times| to_come(times));
    }
}

impl Place {
    /// The mail left, or may have.
    pub(super) fn leave(&mut self, now: Timestamp) {
        self.has_left = true;
        if let Some(times) = self.windows.times().get_mut(&self.key) {
            times.left.push(now.as_second());
        }
    }

    /// When mails left to the same person on the same ticket, as far as it counts.
    pub(super) fn left(&self, limits: &Limits, now: Timestamp) -> Vec<i64> {
        let all = self.windows.times();
        let left = all.get(&self.key).map(|times| times.left.clone());
        limits.counting(left.unwrap_or_default(), now.as_second())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.has_left {
            return;
        }
        if let Some(times) = self.windows.times().get_mut(&self.key)
            && let Some(index) = times.taken.iter().rposition(|time| *time == self.at)
        {
            times.taken.remove(index);
        }
    }
}

fn key(delivery: &Delivery) -> Key {
    keys::wire(&delivery.ticket_id, &address_key(delivery))
}

/// Whether its posting is too long ago to count. One that was tried was counted then, and one that
/// somebody sends again is to leave.
fn waited(delivery: &Delivery, now: Timestamp) -> bool {
    match delivery.status {
        DeliveryStatus::Held => true,
        _ => delivery.attempts == 0 && now.duration_since(delivery.created_at) > SOON,
    }
}
