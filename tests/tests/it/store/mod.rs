//! Storage: one contract for every backend, and what is particular to each.

mod backends;
mod contract;
mod crash;
mod faults;
mod model;
