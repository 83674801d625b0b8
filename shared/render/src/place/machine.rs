//! The state machine: one symbol, a byte of literal text or a hole, at a time.

use std::ops::Range;

use super::elements::Elements;
use super::{Follower, Inside, Place, Places};
use crate::unsafe_html;

mod bytes;
mod position;

pub(crate) use position::Position;
use position::{CommentEnd, State, TagInProgress};

/// The tokenizer: feed it literal text and holes in the order of the source.
pub(crate) struct Machine<'a> {
    html: &'a str,
    at: Position,
    /// Holes that only white space and other holes came before.
    early: Vec<usize>,
    places: Places,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self {
            html,
            at: Position {
                state: State::Data,
                tag: TagInProgress::default(),
                comment: CommentEnd::default(),
                comment_head: String::new(),
                elements: Elements::default(),
                conditional: None,
                raw: String::new(),
                raw_unsafe: None,
                begun: false,
            },
            early: Vec::new(),
            places: Places::default(),
        }
    }

    pub(crate) fn text(&mut self, range: Range<usize>) {
        let bytes = self.html.as_bytes();
        for at in range {
            self.byte(at, bytes[at]);
        }
    }

    /// Where it is now, to come back to.
    pub(crate) fn position(&self) -> Position {
        self.at.clone()
    }

    /// Goes back to where a branch began, and says where it ended.
    pub(crate) fn go(&mut self, to: Position) -> Position {
        std::mem::replace(&mut self.at, to)
    }

    /// Joins another branch's end with where it is now.
    pub(crate) fn join(&mut self, other: &Position, statement: &Range<usize>) {
        if !self.at.agrees(other) {
            self.places.uneven.push(statement.clone());
        }
        // Once a branch wrote something of a URL, what follows is not a start of one: percent-encoded
        // it is harmless after either branch.
        if self.at.tag.value.is_empty() {
            self.at.tag.value.clone_from(&other.tag.value);
        }
        self.at.tag.value_has_hole |= other.tag.value_has_hole;
        self.at.elements.join(&other.elements);
        self.at.begun = self.at.begun && other.begun;
    }

    pub(crate) fn finish(mut self) -> Places {
        let end = self.html.len();
        if let Some((start, what)) = self.at.raw_unsafe.take() {
            self.remove(start..end, what);
        }
        // A tag that never ends is not a tag to a browser, but to others it may be.
        let in_tag = !matches!(
            self.at.state,
            State::Data | State::Raw(_) | State::Comment | State::Bogus
        );
        if in_tag {
            self.end_attribute(end);
            let parts = std::mem::take(&mut self.at.tag.attributes);
            self.places.unsafe_parts.extend(parts);
        }
        self.places
            .unsafe_parts
            .sort_by_key(|part| part.range.start);
        self.places
    }

    pub(crate) fn hole(&mut self, end: usize, follower: Follower) {
        let index = self.places.holes.len();
        let place = self.hole_place(index, end, follower);
        self.places.holes.push(place);
    }

    fn hole_place(&mut self, index: usize, hole_end: usize, follower: Follower) -> Place {
        let place = self.place(follower);
        if let Some((end, _)) = &mut self.at.conditional {
            // After a hyphen a value could complete the end of the comment.
            if end.dashes > 0 || end.bang {
                return Place::Nowhere;
            }
        }
        if place == Place::Nowhere {
            return place;
        }
        if let Some((end, _)) = &mut self.at.conditional {
            *end = CommentEnd::default();
        }
        if self.at.state == State::Data && !self.at.begun && self.at.conditional.is_none() {
            self.early.push(index);
        }
        match self.at.state {
            State::BeforeValue if matches!(place, Place::Quoting | Place::QuotingUrl) => {
                self.at.tag.value_has_hole = true;
                self.at.state = State::AfterValue;
                self.end_attribute(hole_end);
            }
            State::BeforeValue => {
                self.at.tag.value_has_hole = true;
                self.at.state = State::Value(None);
            }
            State::Value(_) => self.at.tag.value_has_hole = true,
            _ => {}
        }
        if self.at.conditional.is_some() {
            return match place {
                Place::Body(_) | Place::Plain => Place::Comment(Inside::Text),
                Place::Attribute => Place::Comment(Inside::Attribute),
                Place::Url => Place::Comment(Inside::Url),
                Place::UrlPart | Place::Mailbox => Place::Comment(Inside::UrlPart),
                other => other,
            };
        }
        place
    }

    fn place(&self, follower: Follower) -> Place {
        match self.at.state {
            State::Data if self.at.elements.in_code() => Place::Nowhere,
            State::Data => Place::Body(self.at.elements.markup()),
            State::Raw(0) if matches!(self.at.raw.as_str(), "title" | "textarea") => Place::Plain,
            State::Value(quote) => self.value_place(quote),
            State::BeforeValue => {
                let place = self.value_place(None);
                let whole = match follower {
                    Follower::End => true,
                    Follower::Byte(byte) => byte.is_ascii_whitespace() || byte == b'>',
                    // Two values and nothing else: both may be empty, and then the next
                    // attribute would become the value.
                    Follower::Hole => return Place::Nowhere,
                };
                match place {
                    Place::Unquoted if whole => Place::Quoting,
                    Place::Url if whole => Place::QuotingUrl,
                    // The rest of the value is literal: a URL that begins with a key needs quotes.
                    Place::Url => Place::Nowhere,
                    other => other,
                }
            }
            _ => Place::Nowhere,
        }
    }

    fn value_place(&self, quote: Option<u8>) -> Place {
        let name = self.at.tag.attribute.as_str();
        if self.at.tag.end || unsafe_html::takes_no_value(name) {
            return Place::Nowhere;
        }
        if unsafe_html::is_url(name) {
            return if self.at.tag.value.is_empty() && !self.at.tag.value_has_hole {
                Place::Url
            } else if self.at.tag.value.starts_with("mailto:") {
                Place::Mailbox
            } else {
                Place::UrlPart
            };
        }
        match quote {
            Some(_) => Place::Attribute,
            None => Place::Unquoted,
        }
    }
}
