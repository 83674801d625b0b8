//! Tickets, messages, templates, parameters and deliveries: pure rules, no I/O, no AWS type.

pub mod accents;
pub mod account;
pub mod address;
pub mod catalog;
pub mod coalesce;
pub mod delivery;
pub mod diagnostic;
pub mod import;
pub mod legacy;
pub mod loops;
pub mod mask;
pub mod message;
pub mod pace;
pub mod parameter;
pub mod reason;
pub mod recipients;
pub mod reputation;
pub mod source;
pub mod storm;
pub mod suppression;
pub mod system;
pub mod template;
pub mod ticket;
pub mod times;
pub mod words;
