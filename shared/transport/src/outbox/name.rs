//! Names of the outbox's files.

use std::fmt;

use uuid::Uuid;

use super::{Entry, OutgoingMail};

/// `{number}_{delivery}_{attempt}_{kind}_{ticket}.eml`: all that a listing
/// tells without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileName {
    pub(super) number: u64,
    pub(super) delivery_id: Uuid,
    pub(super) attempt: u32,
    pub(super) kind: String,
    pub(super) ticket_id: String,
}

const TEMPORARY: &str = ".outgoing-";

impl FileName {
    pub(super) fn new(number: u64, mail: &OutgoingMail) -> Self {
        Self {
            number,
            delivery_id: mail.delivery_id,
            attempt: mail.attempt,
            // The ticket comes last: it alone may hold the separator.
            kind: safe(mail.kind, 32).replace('_', "-"),
            ticket_id: mail.ticket_id.to_string(),
        }
    }

    /// The parts of a name that [`FileName`] wrote; `None` for every other file.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".eml")?.splitn(5, '_');
        let number = parts.next()?;
        let parsed = Self {
            number: number.parse().ok().filter(|n| *n > 0)?,
            delivery_id: parts.next()?.parse().ok()?,
            attempt: parts.next()?.parse().ok()?,
            kind: parts.next()?.to_owned(),
            ticket_id: parts.next()?.to_owned(),
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl From<FileName> for Entry {
    fn from(name: FileName) -> Self {
        Self {
            number: name.number,
            delivery_id: name.delivery_id,
            attempt: name.attempt,
            kind: name.kind,
            ticket_id: name.ticket_id,
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:06}_{}_{}_{}_{}.eml",
            self.number, self.delivery_id, self.attempt, self.kind, self.ticket_id
        )
    }
}

/// What a ticket id may hold anyway, so that no name leaves the folder.
fn safe(text: &str, most: usize) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    text.chars()
        .take(most)
        .map(|c| if allowed(c) { c } else { '-' })
        .collect()
}

/// A name for a mail that is not yet in its place.
pub(super) fn temporary() -> String {
    format!("{TEMPORARY}{}.tmp", Uuid::now_v7())
}

/// Whether a killed process left this file.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY) && name.ends_with(".tmp")
}
