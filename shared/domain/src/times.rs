//! Days and times as callers write them, refused in words for people; and times that a clock which was
//! ahead has left behind.

use std::{fmt::Display, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, de::Error};

/// How far the clocks of two machines may be apart.
pub const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Whether something that has happened bears a time to come: it was written by a clock that was ahead,
/// and nothing may wait until that clock is right.
pub fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > SKEW
}

/// What is said of a text that is not a day.
pub const NOT_A_DAY: &str = "this is not a day such as 2026-01-31";
/// What is said of a text that is not a time.
pub const NOT_A_TIME: &str = "this is not a time such as 2026-01-31T10:00:00-03:00";

/// Reads a day, `YYYY-MM-DD`; the error names the form that is expected.
pub fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = String::deserialize(from)?;
    // A time of a day is one for the library, too; what was meant by its hours would be lost.
    if text.len() > "2026-01-31".len() {
        return Err(D::Error::custom(NOT_A_DAY));
    }
    read(&text, NOT_A_DAY)
}

/// A time with its offset (RFC 3339), or none; a form sends none as an empty text.
pub fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| read(&text, NOT_A_TIME)).transpose()
}

fn read<T: FromStr, E: Error>(text: &str, otherwise: impl Display) -> Result<T, E> {
    text.parse().map_err(|_| E::custom(otherwise))
}
