//! Mails to one person on one ticket leave one after the other, in the order in which they were
//! written; all others leave side by side. See [`domain::delivery`], "order".

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::{LoadedDelivery, Sent, batch::Batch};
use domain::{address::AddressKey, delivery::Delivery, id::TicketId};

/// What became of those before, in this run.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane(HashMap<Uuid, Next>);

/// What an earlier mail leaves to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It left, or never will.
    Over,
    /// It waits; how long the next one waits with it is a rule.
    Waits,
    /// Nothing leaves now, or another process has it.
    Stays,
}

impl Lane {
    /// Whether it is this one's turn.
    pub(super) fn may_go(&self, delivery: &Delivery, batch: &Batch, now: Timestamp) -> bool {
        let Some(earlier) = delivery.after else {
            return true;
        };
        let waits = || {
            let before = batch.before(delivery);
            before.is_some_and(|before| delivery.waits_for(before, now))
        };
        match self.0.get(&earlier.delivery) {
            Some(Next::Over) => true,
            Some(Next::Stays) => false,
            Some(Next::Waits) | None => !waits(),
        }
    }

    pub(super) fn note(&mut self, id: Uuid, sent: &Sent) {
        let next = match sent {
            Sent::Accepted | Sent::Failed | Sent::Unwanted | Sent::Unknown => Next::Over,
            Sent::Waits | Sent::Held => Next::Waits,
            Sent::Elsewhere
            | Sent::Behind
            | Sent::Stopped
            | Sent::NoPlace
            | Sent::UnderWay
            | Sent::Error(_) => Next::Stays,
        };
        self.0.insert(id, next);
    }
}

/// What is read, in batches of at most so many. Batches of one list follow each other; the lists go
/// side by side. All mails to one person on one ticket are in one list, the earliest first.
pub(super) fn lanes(reads: Vec<LoadedDelivery>, most: usize) -> Vec<Vec<Vec<LoadedDelivery>>> {
    let mut all: Vec<Vec<Vec<LoadedDelivery>>> = Vec::new();
    let mut open: Vec<LoadedDelivery> = Vec::new();
    for mut following in by_person(reads) {
        if following.len() > most {
            let mut batches = Vec::new();
            while !following.is_empty() {
                let rest = following.split_off(following.len().min(most));
                batches.push(std::mem::replace(&mut following, rest));
            }
            all.push(batches);
        } else {
            if open.len() + following.len() > most {
                all.push(vec![std::mem::take(&mut open)]);
            }
            open.append(&mut following);
        }
    }
    if !open.is_empty() {
        all.push(vec![open]);
    }
    all
}

/// What is read, by person and ticket: the people in the order of their first mail, and the mails of
/// each in the order in which they were written.
pub(super) fn by_person(reads: Vec<LoadedDelivery>) -> Vec<Vec<LoadedDelivery>> {
    let mut places: BTreeMap<(TicketId, AddressKey), usize> = BTreeMap::new();
    let mut all: Vec<Vec<LoadedDelivery>> = Vec::new();
    for read in reads {
        let person = (read.delivery.ticket_id.clone(), read.delivery.to.key());
        let place = *places.entry(person).or_insert(all.len());
        match all.get_mut(place) {
            Some(following) => following.push(read),
            None => all.push(vec![read]),
        }
    }
    for following in &mut all {
        following.sort_by_key(|read| (read.delivery.created_at, read.delivery.message_id));
    }
    all
}
