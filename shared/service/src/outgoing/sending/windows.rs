//! The storm rules once more, for what waited: a message takes its moment when it is posted, and when
//! many were held up together, they would leave together all the same.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::gate::Obstacle;
use crate::outgoing::thread::ThreadState;
use domain::{
    delivery::{Delivery, DeliveryStatus, Step},
    reason::Reason,
    storm::{Slot, StormLimits},
};
use storage::{Key, keys};

/// Time to the next sweep. What fits within it goes at once, and what was posted within it is
/// counted by its posting.
const SOON: SignedDuration = SignedDuration::from_secs(60);

/// When mails leave, and to whom, as far as this process decides it: by the item of the [`ThreadState`]
/// between us and a person on a ticket, in seconds since the epoch, ascending. It lasts for one run; to
/// the next one the times of that item tell what left.
#[derive(Debug, Default)]
pub(super) struct Windows(Mutex<HashMap<Key, Vec<i64>>>);

/// The moment of a mail. It is given back unless the mail leaves then or is held until then.
#[derive(Debug)]
pub(super) struct TakenMoment {
    windows: Arc<Windows>,
    key: Key,
    at: i64,
    used: bool,
}

/// When a mail may go.
#[derive(Debug)]
pub(super) enum Moment {
    /// At once: its place in the windows is taken.
    Now(TakenMoment),
    /// Not yet: what it has to wait for.
    Later(TakenMoment, Obstacle),
}

impl Windows {
    fn times(&self) -> MutexGuard<'_, HashMap<Key, Vec<i64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the moment of a mail.
    pub(super) fn take(
        self: &Arc<Self>,
        limits: &StormLimits,
        delivery: &Delivery,
        thread: &ThreadState,
        now: Timestamp,
    ) -> Moment {
        let (key, second) = (key(delivery), now.as_second());
        let mut all = self.times();
        let times = all.entry(key.clone()).or_default();
        // Others may have sent since this process last read it.
        merge(times, &thread.times);
        let at = if waited(delivery, now) {
            match limits.take(times, second) {
                Slot::Now => second,
                Slot::At(at) => at,
                Slot::None => {
                    // Behind all the others; its own moment is found when theirs are over.
                    let last = times.last().map_or(second, |last| *last);
                    times.push(last + limits.longest());
                    last + limits.longest()
                }
            }
        } else {
            insert(times, second);
            second
        };
        let place = TakenMoment {
            windows: self.clone(),
            key,
            at,
            used: false,
        };
        if at <= second + SOON.as_secs() {
            return Moment::Now(place);
        }
        let recheck_at = Timestamp::from_second(at).ok();
        Moment::Later(place, Obstacle::of_time(Reason::LoopLimit, recheck_at))
    }

    /// Forgets those whose item tells as much: all but the moments to come.
    pub(super) fn forget(&self, now: Timestamp) {
        let to_come = |times: &Vec<i64>| times.last() > Some(&now.as_second());
        self.times().retain(|_, times| to_come(times));
    }
}

impl TakenMoment {
    /// The mail leaves, or may have left, now.
    pub(super) fn leave(&mut self, now: Timestamp) {
        self.used = true;
        if let Some(times) = self.windows.times().get_mut(&self.key) {
            remove(times, self.at);
            insert(times, now.as_second());
        }
    }

    /// The mail is held until then.
    pub(super) fn keep(&mut self) {
        self.used = true;
    }

    /// When mails left to the same person on the same ticket, as far as it counts; those that are
    /// under way beside this one among them.
    pub(super) fn left(&self, limits: &StormLimits, now: Timestamp) -> Vec<i64> {
        let all = self.windows.times();
        let times = all.get(&self.key).into_iter().flatten().copied();
        let left = times.filter(|time| *time <= now.as_second()).collect();
        limits.counting(left, now.as_second())
    }
}

impl Drop for TakenMoment {
    fn drop(&mut self) {
        if !self.used
            && let Some(times) = self.windows.times().get_mut(&self.key)
        {
            remove(times, self.at);
        }
    }
}

/// Adds what is in `more` oftener, both ascending.
fn merge(times: &mut Vec<i64>, more: &[i64]) {
    let mut at = 0;
    for time in more {
        while times.get(at).is_some_and(|known| known < time) {
            at += 1;
        }
        if times.get(at) != Some(time) {
            times.insert(at, *time);
        }
        at += 1;
    }
}

fn insert(times: &mut Vec<i64>, time: i64) {
    times.insert(times.partition_point(|known| *known <= time), time);
}

fn remove(times: &mut Vec<i64>, time: i64) {
    if let Some(index) = times.iter().rposition(|known| *known == time) {
        times.remove(index);
    }
}

fn key(delivery: &Delivery) -> Key {
    keys::thread(&delivery.ticket_id, &delivery.to.key())
}

/// Whether its posting is too long ago to count. One that was tried was counted then, and one that
/// somebody sends again is to leave.
fn waited(delivery: &Delivery, now: Timestamp) -> bool {
    let resent = || {
        delivery
            .timeline
            .iter()
            .any(|entry| entry.step == Step::Resent)
    };
    match delivery.status {
        DeliveryStatus::Held => true,
        _ => delivery.attempts == 0 && now.duration_since(delivery.created_at) > SOON && !resent(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_sent_is_added_once() {
        for (known, more, all) in [
            (&[][..], &[1, 1, 2][..], &[1, 1, 2][..]),
            (&[1, 2, 9], &[1, 1, 3], &[1, 1, 2, 3, 9]),
            (&[1, 1, 2], &[1, 2, 2], &[1, 1, 2, 2]),
            (&[5], &[], &[5]),
        ] {
            let mut times = known.to_vec();
            merge(&mut times, more);
            assert_eq!(times, all, "{known:?} {more:?}");
        }
    }
}
