#![doc = include_str!("../README.md")]

pub mod body;
pub mod caller;
pub mod headers;
pub mod health;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod page;
pub mod path;
pub mod problem;
pub mod query;
pub mod respond;
mod texts;
