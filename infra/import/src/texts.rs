//! What this crate says to people: constants that its build script writes from `locales/`.

use domain::catalog::Texts;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
