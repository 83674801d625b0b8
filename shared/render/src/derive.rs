//! The text body, derived from the HTML when a template has none.
//!
//! For `${KEY}` templates the text is derived once, when the template is compiled, with a mark in
//! place of each key: values need no parser then, and none of them can pass for markup.

use std::fmt::Write as _;

use super::place::Place;
use super::rich;
use super::slot::{Filler, Segment, segments};

mod wrap;

pub(super) use wrap::wrap;

/// A part of a derived text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Literal(String),
    Slot(Filler, Place),
}

/// First of the private characters that mark keys; the range holds 65 534 of them.
const MARKS: u32 = 0xF_0000;
const LAST_MARK: u32 = 0xF_FFFD;

/// Derives the text of a template's HTML, by the place of each of its keys.
pub(super) fn from_template(html: &str, places: &[Place]) -> Vec<Piece> {
    let mut places = places.iter().copied();
    let mut marked = String::with_capacity(html.len());
    let mut slots: Vec<(Filler, Place)> = Vec::new();
    for segment in segments(html) {
        match segment {
            Segment::Literal(range) => {
                let literal = html[range].chars();
                marked.extend(literal.map(|c| if is_mark(c) { '\u{FFFD}' } else { c }));
            }
            Segment::Hole(_, filler) => {
                let place = places.next().unwrap_or(Place::Nowhere);
                let mark = u32::try_from(slots.len()).ok().and_then(mark);
                let (Some(filler), Some(mark)) = (filler, mark) else {
                    continue;
                };
                match place {
                    Place::Nowhere => continue,
                    Place::Quoting | Place::QuotingUrl => {
                        // Writing to a string cannot fail.
                        let _ = write!(marked, "\"{mark}\"");
                    }
                    _ => marked.push(mark),
                }
                let place = match place {
                    Place::Url | Place::QuotingUrl => Place::Url,
                    Place::UrlPart | Place::Mailbox => place,
                    _ => Place::Text,
                };
                slots.push((filler, place));
            }
        }
    }
    addressed(unmark(&from_html(&marked), &slots))
}

/// Derives a text from rendered HTML: no line is broken yet.
pub(super) fn from_html(html: &str) -> String {
    wrap::tidy(&rich::document_text(html))
}

fn mark(index: u32) -> Option<char> {
    char::from_u32(MARKS + index).filter(|c| is_mark(*c))
}

fn is_mark(c: char) -> bool {
    (MARKS..=LAST_MARK).contains(&u32::from(c))
}

fn unmark(text: &str, slots: &[(Filler, Place)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    for c in text.chars() {
        let index = u32::from(c).wrapping_sub(MARKS) as usize;
        match slots.get(index).filter(|_| is_mark(c)) {
            Some((filler, place)) => {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Slot(filler.clone(), *place));
            }
            None => literal.push(c),
        }
    }
    pieces.push(Piece::Literal(literal));
    pieces
}

/// Addresses in angle brackets that are a key's value alone: with the value the brackets go too,
/// and a link that shows its address shows it once.
fn addressed(mut pieces: Vec<Piece>) -> Vec<Piece> {
    for at in 1..pieces.len().saturating_sub(1) {
        let shown = at
            .checked_sub(2)
            .and_then(|before| pieces.get(before))
            .cloned();
        let [
            Piece::Literal(before),
            Piece::Slot(filler, place),
            Piece::Literal(after),
        ] = &mut pieces[at - 1..=at + 1]
        else {
            continue;
        };
        if *place == Place::Url && before.ends_with(" <") && after.starts_with('>') {
            before.truncate(before.len() - " <".len());
            after.remove(0);
            let twice = before.is_empty()
                && matches!(&shown, Some(Piece::Slot(known, Place::Text)) if known == filler);
            *place = if twice {
                Place::Nowhere
            } else {
                Place::Address
            };
        }
    }
    pieces
}
