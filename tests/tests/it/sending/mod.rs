//! Sending: leases, outcomes, holds and sweeps over the embedded store, with a transport that does
//! as it is told and a store that fails as it is told.

mod account;
mod attention;
mod calls;
mod clock;
mod coalescing;
mod conversation;
mod ending;
mod faults;
mod feedback;
mod gate;
mod holds;
mod identities;
mod leases;
mod metrics;
mod order;
mod outcomes;
mod pace;
mod parameters;
mod people;
mod preferences;
mod previews;
mod reputation;
mod resend_many;
mod retention;
mod shares;
mod statistics;
mod storms;
mod suppressions;
mod sweeps;
pub(crate) mod transport;
pub(crate) mod unreliable;
