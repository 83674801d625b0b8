#![doc = include_str!("../README.md")]

mod element;
mod escape;
mod text;

pub use element::{Element, Kind};
pub use escape::{escape, is_unwanted_control, write_escaped};
pub use text::{Owed, item_mark};
