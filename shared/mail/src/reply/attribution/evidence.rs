//! What in a line says that a machine wrote it: an address, a date, a time.

use super::Proof;

/// What in a line says that a machine wrote it.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Evidence {
    /// Something of the form `x@y` stands in it.
    pub(super) address: bool,
    /// It stands in brackets.
    pub(super) bracketed: bool,
    /// The address stands last, bracketed.
    pub(super) ends_with_address: bool,
    /// A time of day.
    pub(super) time: bool,
    /// A year of four digits, or a date of three numbers.
    pub(super) year: bool,
    /// A day and a month as numbers.
    pub(super) day: bool,
}

impl Evidence {
    pub(in super::super) fn of(body: &str) -> Self {
        let address = body
            .split('@')
            .zip(body.split('@').skip(1))
            .any(|(before, after)| {
                before.ends_with(|c: char| c.is_alphanumeric() || "._-+'".contains(c))
                    && after.starts_with(char::is_alphanumeric)
            });
        let bytes = body.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let time = (1..bytes.len()).any(|at| {
            // "24.11.26" and "10.0.0.12" hold none.
            let numbers = bytes[at] == b'.'
                && (bytes.get(at + 3) == Some(&b'.') && digit(at + 4)
                    || (2..=3).any(|back| at > back && bytes[at - back] == b'.'));
            matches!(bytes[at], b':' | b'.' | b'h')
                && digit(at - 1)
                && digit(at + 1)
                && digit(at + 2)
                && !digit(at + 3)
                && !numbers
        });
        let slash =
            |at: usize| at > 0 && bytes.get(at) == Some(&b'/') && digit(at - 1) && digit(at + 1);
        let day = (1..bytes.len()).any(slash);
        let year = body.split(|c: char| !c.is_ascii_digit()).any(|digits| {
            digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
        }) || (1..bytes.len()).any(|at| slash(at) && (slash(at + 2) || slash(at + 3)))
            || body.split([' ', ',']).any(is_short_date);
        Self {
            address,
            bracketed: address && body.contains(['<', '(', '[']),
            ends_with_address: address && body.ends_with(['>', ')', ']']),
            time,
            year,
            day,
        }
    }

    pub(super) fn any(self) -> bool {
        self.address || self.time || self.year || self.day
    }

    pub(super) fn has_day_or_time(self) -> bool {
        self.time || self.year || self.day
    }

    pub(in super::super) fn has_time(self) -> bool {
        self.time
    }

    pub(in super::super) fn has_address(self) -> bool {
        self.address
    }

    /// Whether an address stands in it, and something in brackets.
    pub(in super::super) fn is_bracketed(self) -> bool {
        self.bracketed
    }

    /// A date with its year and a time.
    pub(in super::super) fn dated(self) -> bool {
        self.year && self.time
    }

    pub(super) fn proof(self) -> Proof {
        if self.address || self.dated() {
            Proof::Sure
        } else if self.year {
            Proof::Dated
        } else {
            Proof::Weak
        }
    }
}

/// A day with a year of two digits: "24.11.26", "24-11-26".
fn is_short_date(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    ['.', '-'].iter().any(|mark| {
        let parts: Vec<Option<u8>> = word
            .splitn(4, *mark)
            .map(|part| part.parse().ok())
            .collect();
        matches!(parts[..], [Some(day), Some(month), Some(_)] if day <= 31 && month <= 12)
    })
}
