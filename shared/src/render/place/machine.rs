//! The state machine: one symbol, a byte of literal text or a hole, at a time.

use std::ops::Range;

use super::elements::{Elements, Tag};
use super::{Follower, Inside, Place, Places, Unsafe};
use crate::render::unsafe_html;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Data,
    TagOpen,
    EndTagOpen,
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value(Option<u8>),
    AfterValue,
    MarkupDeclaration,
    Bogus,
    Comment,
    /// Text that only the element's own end tag ends; how much of it has matched.
    Raw(usize),
}

/// Progress towards the end of a comment.
#[derive(Clone, Copy, Debug, Default)]
struct CommentEnd {
    dashes: usize,
    bang: bool,
    start: bool,
}

impl CommentEnd {
    fn begin() -> Self {
        Self {
            start: true,
            ..Self::default()
        }
    }

    /// Takes a byte and says whether the comment ends with it.
    fn step(&mut self, byte: u8) -> bool {
        match byte {
            b'>' if self.bang || self.dashes >= 2 || self.start => return true,
            b'-' => {
                self.dashes = if self.bang { 1 } else { self.dashes + 1 };
                self.bang = false;
                self.start = self.start && self.dashes < 2;
            }
            b'!' if self.dashes >= 2 => {
                self.bang = true;
                self.dashes = 0;
            }
            _ => *self = Self::default(),
        }
        false
    }
}

/// The tag being read.
#[derive(Clone, Debug, Default)]
struct TagInProgress {
    start: usize,
    end: bool,
    name: String,
    attribute: String,
    attribute_start: usize,
    /// What of the value is literal, with where it starts.
    value: String,
    value_has_hole: bool,
    attributes: Vec<Unsafe>,
    /// `http-equiv` of a `<meta>`.
    equivalent: bool,
}

/// Where the tokenizer is: all that what follows depends on.
#[derive(Clone, Debug)]
pub(in super::super) struct Position {
    state: State,
    tag: TagInProgress,
    comment: CommentEnd,
    comment_head: String,
    elements: Elements,
    /// The conditional comment we are in, and the elements outside it.
    conditional: Option<(CommentEnd, Elements)>,
    /// Name of the element whose raw text we are in, and where its unsafe part started.
    raw: String,
    raw_unsafe: Option<(usize, &'static str)>,
    /// Whether the body has begun: something that is no white space came.
    begun: bool,
}

impl Position {
    /// Whether what follows is read the same way from both.
    fn agrees(&self, other: &Self) -> bool {
        let state = |position: &Self| match position.state {
            State::AfterValue => State::BeforeName,
            state => state,
        };
        let value = |tag: &TagInProgress| tag.value.trim().is_empty() && !tag.value_has_hole;
        let tag = match state(self) {
            State::Data | State::Comment | State::Bogus | State::Raw(_) => true,
            State::Value(_) | State::BeforeValue => {
                self.tag.name == other.tag.name
                    && self.tag.attribute == other.tag.attribute
                    && value(&self.tag) == value(&other.tag)
            }
            _ => self.tag.name == other.tag.name && self.tag.end == other.tag.end,
        };
        let raw = !matches!(self.state, State::Raw(_)) || self.raw == other.raw;
        state(self) == state(other)
            && tag
            && raw
            && self.conditional.is_some() == other.conditional.is_some()
    }
}

/// The tokenizer: feed it literal text and holes in the order of the source.
pub(in super::super) struct Machine<'a> {
    html: &'a str,
    at: Position,
    /// Holes that only white space and other holes came before.
    early: Vec<usize>,
    places: Places,
}

impl<'a> Machine<'a> {
    pub(in super::super) fn new(html: &'a str) -> Self {
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

    /// Reads literal text.
    pub(in super::super) fn text(&mut self, range: Range<usize>) {
        let bytes = self.html.as_bytes();
        for at in range {
            self.byte(at, bytes[at]);
        }
    }

    /// Where it is now, to come back to.
    pub(in super::super) fn position(&self) -> Position {
        self.at.clone()
    }

    /// Goes back to where a branch began, and says where it ended.
    pub(in super::super) fn go(&mut self, to: Position) -> Position {
        std::mem::replace(&mut self.at, to)
    }

    /// Joins another branch's end with where it is now.
    pub(in super::super) fn join(&mut self, other: &Position, statement: &Range<usize>) {
        if !self.at.agrees(other) {
            self.places.uneven.push(statement.clone());
        }
        self.at.elements.join(&other.elements);
        self.at.begun = self.at.begun && other.begun;
    }

    pub(in super::super) fn finish(mut self) -> Places {
        let end = self.html.len();
        if let Some((start, what)) = self.at.raw_unsafe.take() {
            self.remove(start..end, what);
        }
        // A tag that never ends is no tag to a browser, but to others it may be.
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

    /// Reads a hole.
    pub(in super::super) fn hole(&mut self, end: usize, follower: Follower) {
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
                Place::UrlPart => Place::Comment(Inside::UrlPart),
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
            return if self.at.tag.value.trim().is_empty() && !self.at.tag.value_has_hole {
                Place::Url
            } else {
                Place::UrlPart
            };
        }
        match quote {
            Some(_) => Place::Attribute,
            None => Place::Unquoted,
        }
    }

    fn byte(&mut self, at: usize, byte: u8) {
        if let Some((end, _)) = &mut self.at.conditional
            && end.step(byte)
        {
            self.leave_conditional(at);
            return;
        }
        match self.at.state {
            State::Data => match byte {
                b'<' => {
                    self.at.tag = TagInProgress {
                        start: at,
                        ..TagInProgress::default()
                    };
                    self.at.state = State::TagOpen;
                }
                _ if !byte.is_ascii_whitespace() => self.begin_body(),
                _ => {}
            },
            State::TagOpen => match byte {
                b'/' => self.at.state = State::EndTagOpen,
                b'!' => {
                    self.at.comment_head.clear();
                    self.at.state = State::MarkupDeclaration;
                }
                b'?' => self.at.state = State::Bogus,
                b if b.is_ascii_alphabetic() => self.begin_tag_name(byte),
                b'<' => {
                    self.begin_body();
                    self.at.tag.start = at;
                }
                _ => {
                    self.begin_body();
                    self.at.state = State::Data;
                }
            },
            State::EndTagOpen => match byte {
                b'>' => self.at.state = State::Data,
                b if b.is_ascii_alphabetic() => {
                    self.at.tag.end = true;
                    self.begin_tag_name(byte);
                }
                _ => self.at.state = State::Bogus,
            },
            State::TagName => match byte {
                b'>' => self.end_tag(at),
                b'/' | b' ' | b'\t' | b'\n' | b'\r' | 0x0c => self.at.state = State::BeforeName,
                _ => self.at.tag.name.push(char::from(byte.to_ascii_lowercase())),
            },
            State::BeforeName | State::AfterValue => self.before_name(at, byte),
            State::Name => match byte {
                b'=' => self.at.state = State::BeforeValue,
                b'>' | b'/' => {
                    self.end_attribute(at);
                    self.before_name(at, byte);
                }
                b if b.is_ascii_whitespace() => self.at.state = State::AfterName,
                _ => self
                    .at
                    .tag
                    .attribute
                    .push(char::from(byte.to_ascii_lowercase())),
            },
            State::AfterName => match byte {
                b'=' => self.at.state = State::BeforeValue,
                b if b.is_ascii_whitespace() => {}
                _ => {
                    self.end_attribute(at);
                    self.before_name(at, byte);
                }
            },
            State::BeforeValue => match byte {
                b'"' | b'\'' => self.at.state = State::Value(Some(byte)),
                b'>' => {
                    self.end_attribute(at);
                    self.end_tag(at);
                }
                b if b.is_ascii_whitespace() => {}
                _ => {
                    self.at.tag.value.push(char::from(byte));
                    self.at.state = State::Value(None);
                }
            },
            State::Value(Some(quote)) => {
                if byte == quote {
                    self.end_attribute(at + 1);
                    self.at.state = State::AfterValue;
                } else {
                    self.at.tag.value.push(char::from(byte));
                }
            }
            State::Value(None) => match byte {
                b'>' => {
                    self.end_attribute(at);
                    self.end_tag(at);
                }
                b if b.is_ascii_whitespace() => {
                    self.end_attribute(at);
                    self.at.state = State::BeforeName;
                }
                _ => self.at.tag.value.push(char::from(byte)),
            },
            State::MarkupDeclaration => self.markup_declaration(byte),
            State::Bogus => {
                if byte == b'>' {
                    self.at.state = State::Data;
                }
            }
            State::Comment => self.in_comment(byte),
            State::Raw(matched) => self.in_raw(at, byte, matched),
        }
    }

    /// Text in a comment, Outlook's too, begins nothing.
    fn begin_body(&mut self) {
        self.at.begun = self.at.begun || self.at.conditional.is_none();
    }

    fn begin_tag_name(&mut self, byte: u8) {
        self.at.tag.name.push(char::from(byte.to_ascii_lowercase()));
        self.at.state = State::TagName;
    }

    fn before_name(&mut self, at: usize, byte: u8) {
        match byte {
            b'>' => self.end_tag(at),
            b'/' => self.at.state = State::BeforeName,
            b if b.is_ascii_whitespace() => self.at.state = State::BeforeName,
            _ => {
                self.at.tag.attribute.clear();
                self.at.tag.value.clear();
                self.at.tag.value_has_hole = false;
                self.at.tag.attribute_start = at;
                self.at
                    .tag
                    .attribute
                    .push(char::from(byte.to_ascii_lowercase()));
                self.at.state = State::Name;
            }
        }
    }

    fn end_attribute(&mut self, at: usize) {
        let tag = &mut self.at.tag;
        if tag.attribute.is_empty() {
            return;
        }
        if let Some(what) = unsafe_html::attribute(&tag.name, &tag.attribute, &tag.value) {
            tag.attributes.push(Unsafe {
                range: tag.attribute_start..at,
                what,
            });
        }
        if tag.attribute == "http-equiv" {
            tag.equivalent = true;
        }
        tag.attribute.clear();
    }

    /// A whole tag has been read; `at` is its `>`.
    fn end_tag(&mut self, at: usize) {
        let tag = std::mem::take(&mut self.at.tag);
        self.at.state = State::Data;
        let kind = Tag::of(&tag.name);
        if tag.end && self.at.raw_unsafe.is_some() {
            return self.end_raw(at + 1);
        }
        if kind != Tag::Document {
            if !unsafe_html::is_metadata(&tag.name) {
                self.begin_body();
            }
        } else if !self.at.begun {
            self.forget_early();
        }
        let removal = unsafe_html::element(&tag.name, tag.equivalent);
        if tag.end {
            self.at.elements.end(&tag.name, kind);
        } else {
            self.at.elements.start(&tag.name, kind);
        }
        // In SVG and MathML only a script is raw text.
        let raw = unsafe_html::has_raw_text(&tag.name)
            && (!self.at.elements.in_foreign() || tag.name == "script");
        if raw && !tag.end {
            self.at.raw_unsafe = removal.map(|what| (tag.start, what));
            if removal.is_none() {
                self.places.unsafe_parts.extend(tag.attributes);
            }
            self.at.elements.end(&tag.name, kind);
            self.at.raw = tag.name;
            self.at.state = State::Raw(0);
            return;
        }
        match removal {
            Some(what) => self.remove(tag.start..at + 1, what),
            None => self.places.unsafe_parts.extend(tag.attributes),
        }
    }

    fn markup_declaration(&mut self, byte: u8) {
        self.at.comment_head.push(char::from(byte));
        match self.at.comment_head.as_str() {
            "-" => {}
            "--" => {
                self.at.comment_head.clear();
                self.at.comment = CommentEnd::begin();
                self.at.state = State::Comment;
            }
            head if head.ends_with('>') => self.at.state = State::Data,
            head if head.len() >= 7 => {
                if head.eq_ignore_ascii_case("doctype") && !self.at.begun {
                    self.forget_early();
                }
                self.at.state = State::Bogus;
            }
            _ => {}
        }
    }

    fn in_comment(&mut self, byte: u8) {
        if self.at.comment.step(byte) {
            self.at.state = State::Data;
            return;
        }
        // `<!--[if mso]>`: Outlook reads what follows, so it is read here too.
        if self.at.conditional.is_none() && self.at.comment_head.len() < 200 {
            self.at
                .comment_head
                .push(char::from(byte.to_ascii_lowercase()));
            let head = self.at.comment_head.trim_start();
            if head.starts_with("[if") && head.ends_with("]>") {
                let outside = std::mem::take(&mut self.at.elements);
                self.at.conditional = Some((CommentEnd::default(), outside));
                self.at.state = State::Data;
            }
        }
    }

    fn leave_conditional(&mut self, at: usize) {
        if let Some((start, what)) = self.at.raw_unsafe.take() {
            // What ends the comment stays.
            let tail = if self.html[..at].ends_with('!') { 3 } else { 2 };
            self.remove(start..at - tail, what);
        }
        let parts = std::mem::take(&mut self.at.tag.attributes);
        self.places.unsafe_parts.extend(parts);
        if let Some((_, outside)) = self.at.conditional.take() {
            self.at.elements = outside;
        }
        self.at.state = State::Data;
    }

    /// Raw text ends with `</name` and white space, `/` or `>`.
    fn in_raw(&mut self, at: usize, byte: u8, matched: usize) {
        let name = self.at.raw.as_bytes();
        let expected = match matched {
            0 => Some(b'<'),
            1 => Some(b'/'),
            n => name.get(n - 2).copied(),
        };
        self.at.state = match expected {
            Some(expected) if byte.eq_ignore_ascii_case(&expected) => State::Raw(matched + 1),
            None if byte == b'>' => {
                self.end_raw(at + 1);
                State::Data
            }
            None if byte.is_ascii_whitespace() || byte == b'/' => {
                // Attributes of an end tag mean nothing, but they can hold a `>`.
                self.at.tag = TagInProgress {
                    start: at,
                    end: true,
                    name: std::mem::take(&mut self.at.raw),
                    ..TagInProgress::default()
                };
                State::BeforeName
            }
            _ if byte == b'<' => State::Raw(1),
            _ => State::Raw(0),
        };
    }

    fn end_raw(&mut self, end: usize) {
        if let Some((start, what)) = self.at.raw_unsafe.take() {
            self.remove(start..end, what);
        }
    }

    /// A document that says where it starts starts there: no value may stand before.
    fn forget_early(&mut self) {
        for index in self.early.drain(..) {
            if let Some(place) = self.places.holes.get_mut(index) {
                *place = Place::Nowhere;
            }
        }
    }

    fn remove(&mut self, range: Range<usize>, what: &'static str) {
        self.places.unsafe_parts.push(Unsafe { range, what });
    }
}
