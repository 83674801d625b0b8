//! Slots for a server's connections: there are only so many, and nobody can hold them all. When one
//! more comes, whoever keeps the server waiting longest has to go, first of the address that holds
//! the most.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::Notify;

/// A bounded number of slots.
pub(crate) struct ConnectionSlots {
    most: usize,
    held: Mutex<Held>,
    /// Tells that a slot became free, or that its holder may be sent away again.
    freed: Notify,
}

#[derive(Default)]
struct Held {
    last: u64,
    by_id: HashMap<u64, Holder>,
}

struct Holder {
    peer: IpAddr,
    /// When it last did something that brings its work on.
    since: Instant,
    /// Whether the server works for it: then nobody waits for *it*.
    working: bool,
    /// Whether it was asked to go.
    lost: bool,
    go: Arc<Notify>,
}

/// A slot, free again when this is dropped.
pub(crate) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    id: u64,
    go: Arc<Notify>,
}

impl ConnectionSlots {
    /// Makes room for so many at a time.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// A slot for a connection of this address. Waits only while the server works for all holders.
    pub(crate) async fn take(self: &Arc<Self>, peer: IpAddr) -> ConnectionSlot {
        loop {
            let freed = self.freed.notified();
            if let Some(slot) = self.try_take(peer) {
                return slot;
            }
            freed.await;
        }
    }

    fn try_take(self: &Arc<Self>, peer: IpAddr) -> Option<ConnectionSlot> {
        let mut held = self.held();
        let staying = held.by_id.values().filter(|holder| !holder.lost).count();
        if staying >= self.most {
            held.send_one_away()?;
        }
        held.last += 1;
        let id = held.last;
        let go = Arc::new(Notify::new());
        held.by_id.insert(
            id,
            Holder {
                peer,
                since: Instant::now(),
                working: false,
                lost: false,
                go: go.clone(),
            },
        );
        Some(ConnectionSlot {
            slots: self.clone(),
            id,
            go,
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Changed by whole steps only, so a panic elsewhere cannot have broken it.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// `None` when the server works for every holder.
    fn send_one_away(&mut self) -> Option<()> {
        let mut of_peer: HashMap<IpAddr, usize> = HashMap::new();
        for holder in self.by_id.values().filter(|holder| !holder.lost) {
            *of_peer.entry(holder.peer).or_default() += 1;
        }
        let waiting = self.by_id.values_mut().filter(|h| !h.lost && !h.working);
        let loser = waiting.max_by_key(|holder| {
            let holds = of_peer.get(&holder.peer).copied().unwrap_or_default();
            (holds, std::cmp::Reverse(holder.since))
        })?;
        loser.lost = true;
        // A holder that does not listen yet finds it when it does.
        loser.go.notify_one();
        Some(())
    }
}

impl ConnectionSlot {
    /// Its holder brought its work on.
    pub(crate) fn progress(&self) {
        self.change(|holder| holder.since = Instant::now());
    }

    /// Says whether the server works for the holder now: then it is not sent away.
    pub(crate) fn working(&self, working: bool) {
        self.change(|holder| {
            holder.working = working;
            holder.since = Instant::now();
        });
        if !working {
            self.slots.freed.notify_one();
        }
    }

    /// Whether the server works for the holder.
    pub(crate) fn is_working(&self) -> bool {
        let held = self.slots.held();
        held.by_id
            .get(&self.id)
            .is_some_and(|holder| holder.working)
    }

    /// Waits until the holder has to go.
    pub(crate) async fn lost(&self) {
        self.go.notified().await;
    }

    fn change(&self, with: impl FnOnce(&mut Holder)) {
        if let Some(holder) = self.slots.held().by_id.get_mut(&self.id) {
            with(holder);
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.slots.held().by_id.remove(&self.id);
        self.slots.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn peer(n: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, n])
    }

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    fn taken(slots: &Arc<ConnectionSlots>, from: u8) -> ConnectionSlot {
        now(slots.take(peer(from))).expect("a slot")
    }

    #[test]
    fn the_one_that_waits_longest_makes_room() {
        let slots = ConnectionSlots::new(3);
        let [a, b, c] = [1, 1, 1].map(|n| taken(&slots, n));
        a.progress();
        let _d = taken(&slots, 1);
        assert!(now(b.lost()).is_some());
        assert!(now(a.lost()).is_none() && now(c.lost()).is_none());
    }

    #[test]
    fn who_holds_the_most_makes_room_for_others() {
        let slots = ConnectionSlots::new(3);
        let [quiet, a, b] = [1, 2, 2].map(|n| taken(&slots, n));
        let _other = taken(&slots, 3);
        assert!(now(a.lost()).is_some());
        assert!(now(quiet.lost()).is_none() && now(b.lost()).is_none());
    }

    #[test]
    fn nobody_is_sent_away_for_whom_the_server_works() {
        let slots = ConnectionSlots::new(2);
        let [a, b] = [1, 1].map(|n| taken(&slots, n));
        a.working(true);
        b.working(true);
        let mut next = pin!(slots.take(peer(2)));
        let mut poll = || next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll().is_pending());
        a.working(false);
        assert!(poll().is_ready());
        assert!(now(a.lost()).is_some() && now(b.lost()).is_none());
    }

    #[test]
    fn a_place_that_is_given_back_is_free() {
        let slots = ConnectionSlots::new(1);
        for _ in 0..3 {
            let slot = taken(&slots, 1);
            assert!(now(slot.lost()).is_none());
        }
    }
}
