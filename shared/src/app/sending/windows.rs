//! The storm rules for what waited: a message takes its place in the windows when it is posted, and
//! when many of them were held up together, they would leave together all the same.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use super::prepare::Obstacle;
use crate::{
    app::conversation::Wire,
    domain::{
        reason::Reason,
        storm::{Limits, Slot},
    },
    store::Key,
};

/// What fits within the time to the next sweep goes at once, seconds.
const SOON: i64 = 60;

/// Moments taken during one sweep, by the [`Wire`] between us and a person on a ticket. From one
/// sweep to the next the times of that item tell them.
#[derive(Debug, Default)]
pub(super) struct Windows(Mutex<HashMap<Key, Vec<i64>>>);

/// A moment that a mail took.
#[derive(Debug)]
pub(super) struct Place(Key, i64);

impl Windows {
    fn taken(&self) -> MutexGuard<'_, HashMap<Key, Vec<i64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the moment of a mail.
    ///
    /// # Errors
    /// What it has to wait for, when that is not now.
    pub(super) fn take(
        &self,
        limits: &Limits,
        key: Key,
        wire: &Wire,
        now: Timestamp,
    ) -> Result<Place, Obstacle> {
        let second = now.as_second();
        let mut taken = self.taken();
        let times = taken
            .entry(key.clone())
            .or_insert_with(|| wire.times.clone());
        let at = match limits.take(times, second) {
            Slot::Now => second,
            Slot::At(at) => at,
            // Behind all the others; its own moment is found when theirs are over.
            Slot::None => times.last().map_or(second, |last| last + limits.longest()),
        };
        if at <= second + SOON {
            return Ok(Place(key, at));
        }
        let look_at = Timestamp::from_second(at).ok();
        Err(Obstacle::of_time(Reason::LoopLimit, look_at))
    }

    /// Gives back the moment of a mail that did not leave.
    pub(super) fn give_back(&self, place: &Place) {
        if let Some(times) = self.taken().get_mut(&place.0)
            && let Some(index) = times.iter().rposition(|time| *time == place.1)
        {
            times.remove(index);
        }
    }

    /// When mails left, this one among them.
    pub(super) fn left(&self, place: &Place, now: Timestamp) -> Vec<i64> {
        let latest = now.as_second() + SOON;
        let taken = self.taken();
        let times = taken.get(&place.0).into_iter().flatten();
        times.copied().filter(|time| *time <= latest).collect()
    }
}
