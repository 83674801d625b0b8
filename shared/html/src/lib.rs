#![doc = include_str!("../README.md")]

mod element;
mod escape;

pub use element::{Element, Kind};
pub use escape::{escape, is_unwanted_control, write_escaped};
