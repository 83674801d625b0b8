//! Tickets, messages, templates, parameters and deliveries: pure rules, no I/O, no AWS type.

pub mod account;
pub mod coalesce;
pub mod delivery;
pub mod legacy;
pub mod loops;
pub mod message;
pub mod pace;
pub mod parameter;
pub mod reason;
pub mod recipients;
pub mod reputation;
pub mod storm;
pub mod suppression;
pub mod template;
pub mod ticket;
pub mod times;
pub mod words;
