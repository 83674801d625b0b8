//! The state machine: one symbol, a byte of literal text or a hole, at a time.

use std::ops::Range;

use super::elements::{Elements, Tag};
use super::{Inside, Place, Places, Unsafe};
use crate::render::unsafe_html;

/// What stands right after a hole.
#[derive(Clone, Copy)]
enum Follower {
    Byte(u8),
    Hole,
    End,
}

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
#[derive(Default)]
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

pub(super) struct Machine<'a> {
    html: &'a str,
    holes: &'a [Range<usize>],
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
    /// Holes that only white space and other holes came before.
    early: Vec<usize>,
    begun: bool,
    places: Places,
}

impl<'a> Machine<'a> {
    pub(super) fn new(html: &'a str, holes: &'a [Range<usize>]) -> Self {
        Self {
            html,
            holes,
            state: State::Data,
            tag: TagInProgress::default(),
            comment: CommentEnd::default(),
            comment_head: String::new(),
            elements: Elements::default(),
            conditional: None,
            raw: String::new(),
            raw_unsafe: None,
            early: Vec::new(),
            begun: false,
            places: Places::default(),
        }
    }

    pub(super) fn run(&mut self) {
        let bytes = self.html.as_bytes();
        let mut at = 0;
        let mut next_hole = 0;
        while at < bytes.len() {
            if let Some(hole) = self.holes.get(next_hole).filter(|hole| hole.start == at) {
                let follower = self.follower(next_hole);
                let place = self.hole(next_hole, follower);
                self.places.holes.push(place);
                next_hole += 1;
                at = hole.end;
                continue;
            }
            self.byte(at, bytes[at]);
            at += 1;
        }
    }

    pub(super) fn finish(mut self) -> Places {
        let end = self.html.len();
        if let Some((start, what)) = self.raw_unsafe.take() {
            self.remove(start..end, what);
        }
        // A tag that never ends is no tag to a browser, but to others it may be.
        let in_tag = !matches!(
            self.state,
            State::Data | State::Raw(_) | State::Comment | State::Bogus
        );
        if in_tag {
            self.end_attribute(end);
            let parts = std::mem::take(&mut self.tag.attributes);
            self.places.unsafe_parts.extend(parts);
        }
        self.places
    }

    /// What stands right after a hole.
    fn follower(&self, hole: usize) -> Follower {
        let end = self.holes[hole].end;
        if self
            .holes
            .get(hole + 1)
            .is_some_and(|next| next.start == end)
        {
            return Follower::Hole;
        }
        match self.html.as_bytes().get(end) {
            Some(byte) => Follower::Byte(*byte),
            None => Follower::End,
        }
    }

    fn hole(&mut self, index: usize, follower: Follower) -> Place {
        let place = self.place(follower);
        if let Some((end, _)) = &mut self.conditional {
            // After a hyphen a value could complete the end of the comment.
            if end.dashes > 0 || end.bang {
                return Place::Nowhere;
            }
        }
        if place == Place::Nowhere {
            return place;
        }
        if let Some((end, _)) = &mut self.conditional {
            *end = CommentEnd::default();
        }
        if self.state == State::Data && !self.begun && self.conditional.is_none() {
            self.early.push(index);
        }
        match self.state {
            State::BeforeValue if matches!(place, Place::Quoting | Place::QuotingUrl) => {
                self.tag.value_has_hole = true;
                self.state = State::AfterValue;
                self.end_attribute(self.holes[index].end);
            }
            State::BeforeValue => {
                self.tag.value_has_hole = true;
                self.state = State::Value(None);
            }
            State::Value(_) => self.tag.value_has_hole = true,
            _ => {}
        }
        if self.conditional.is_some() {
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
        match self.state {
            State::Data if self.elements.in_code() => Place::Nowhere,
            State::Data => Place::Body(self.elements.markup()),
            State::Raw(0) if matches!(self.raw.as_str(), "title" | "textarea") => Place::Plain,
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
        let name = self.tag.attribute.as_str();
        if self.tag.end || unsafe_html::takes_no_value(name) {
            return Place::Nowhere;
        }
        if unsafe_html::is_url(name) {
            return if self.tag.value.trim().is_empty() && !self.tag.value_has_hole {
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
        if let Some((end, _)) = &mut self.conditional
            && end.step(byte)
        {
            self.leave_conditional(at);
            return;
        }
        match self.state {
            State::Data => match byte {
                b'<' => {
                    self.tag = TagInProgress {
                        start: at,
                        ..TagInProgress::default()
                    };
                    self.state = State::TagOpen;
                }
                _ if !byte.is_ascii_whitespace() => self.begin_body(),
                _ => {}
            },
            State::TagOpen => match byte {
                b'/' => self.state = State::EndTagOpen,
                b'!' => {
                    self.comment_head.clear();
                    self.state = State::MarkupDeclaration;
                }
                b'?' => self.state = State::Bogus,
                b if b.is_ascii_alphabetic() => self.begin_tag_name(byte),
                b'<' => {
                    self.begin_body();
                    self.tag.start = at;
                }
                _ => {
                    self.begin_body();
                    self.state = State::Data;
                }
            },
            State::EndTagOpen => match byte {
                b'>' => self.state = State::Data,
                b if b.is_ascii_alphabetic() => {
                    self.tag.end = true;
                    self.begin_tag_name(byte);
                }
                _ => self.state = State::Bogus,
            },
            State::TagName => match byte {
                b'>' => self.end_tag(at),
                b'/' | b' ' | b'\t' | b'\n' | b'\r' | 0x0c => self.state = State::BeforeName,
                _ => self.tag.name.push(char::from(byte.to_ascii_lowercase())),
            },
            State::BeforeName | State::AfterValue => self.before_name(at, byte),
            State::Name => match byte {
                b'=' => self.state = State::BeforeValue,
                b'>' | b'/' => {
                    self.end_attribute(at);
                    self.before_name(at, byte);
                }
                b if b.is_ascii_whitespace() => self.state = State::AfterName,
                _ => self
                    .tag
                    .attribute
                    .push(char::from(byte.to_ascii_lowercase())),
            },
            State::AfterName => match byte {
                b'=' => self.state = State::BeforeValue,
                b if b.is_ascii_whitespace() => {}
                _ => {
                    self.end_attribute(at);
                    self.before_name(at, byte);
                }
            },
            State::BeforeValue => match byte {
                b'"' | b'\'' => self.state = State::Value(Some(byte)),
                b'>' => {
                    self.end_attribute(at);
                    self.end_tag(at);
                }
                b if b.is_ascii_whitespace() => {}
                _ => {
                    self.tag.value.push(char::from(byte));
                    self.state = State::Value(None);
                }
            },
            State::Value(Some(quote)) => {
                if byte == quote {
                    self.end_attribute(at + 1);
                    self.state = State::AfterValue;
                } else {
                    self.tag.value.push(char::from(byte));
                }
            }
            State::Value(None) => match byte {
                b'>' => {
                    self.end_attribute(at);
                    self.end_tag(at);
                }
                b if b.is_ascii_whitespace() => {
                    self.end_attribute(at);
                    self.state = State::BeforeName;
                }
                _ => self.tag.value.push(char::from(byte)),
            },
            State::MarkupDeclaration => self.markup_declaration(byte),
            State::Bogus => {
                if byte == b'>' {
                    self.state = State::Data;
                }
            }
            State::Comment => self.in_comment(byte),
            State::Raw(matched) => self.in_raw(at, byte, matched),
        }
    }

    /// Text in a comment, Outlook's too, begins nothing.
    fn begin_body(&mut self) {
        self.begun = self.begun || self.conditional.is_none();
    }

    fn begin_tag_name(&mut self, byte: u8) {
        self.tag.name.push(char::from(byte.to_ascii_lowercase()));
        self.state = State::TagName;
    }

    fn before_name(&mut self, at: usize, byte: u8) {
        match byte {
            b'>' => self.end_tag(at),
            b'/' => self.state = State::BeforeName,
            b if b.is_ascii_whitespace() => self.state = State::BeforeName,
            _ => {
                self.tag.attribute.clear();
                self.tag.value.clear();
                self.tag.value_has_hole = false;
                self.tag.attribute_start = at;
                self.tag
                    .attribute
                    .push(char::from(byte.to_ascii_lowercase()));
                self.state = State::Name;
            }
        }
    }

    fn end_attribute(&mut self, at: usize) {
        let tag = &mut self.tag;
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
        let tag = std::mem::take(&mut self.tag);
        self.state = State::Data;
        let kind = Tag::of(&tag.name);
        if tag.end && self.raw_unsafe.is_some() {
            return self.end_raw(at + 1);
        }
        if kind != Tag::Document {
            if !unsafe_html::is_metadata(&tag.name) {
                self.begin_body();
            }
        } else if !self.begun {
            self.forget_early();
        }
        let removal = unsafe_html::element(&tag.name, tag.equivalent);
        if tag.end {
            self.elements.end(&tag.name, kind);
        } else {
            self.elements.start(&tag.name, kind);
        }
        // In SVG and MathML only a script is raw text.
        let raw = unsafe_html::has_raw_text(&tag.name)
            && (!self.elements.in_foreign() || tag.name == "script");
        if raw && !tag.end {
            self.raw_unsafe = removal.map(|what| (tag.start, what));
            if removal.is_none() {
                self.places.unsafe_parts.extend(tag.attributes);
            }
            self.elements.end(&tag.name, kind);
            self.raw = tag.name;
            self.state = State::Raw(0);
            return;
        }
        match removal {
            Some(what) => self.remove(tag.start..at + 1, what),
            None => self.places.unsafe_parts.extend(tag.attributes),
        }
    }

    fn markup_declaration(&mut self, byte: u8) {
        self.comment_head.push(char::from(byte));
        match self.comment_head.as_str() {
            "-" => {}
            "--" => {
                self.comment_head.clear();
                self.comment = CommentEnd::begin();
                self.state = State::Comment;
            }
            head if head.ends_with('>') => self.state = State::Data,
            head if head.len() >= 7 => {
                if head.eq_ignore_ascii_case("doctype") && !self.begun {
                    self.forget_early();
                }
                self.state = State::Bogus;
            }
            _ => {}
        }
    }

    fn in_comment(&mut self, byte: u8) {
        if self.comment.step(byte) {
            self.state = State::Data;
            return;
        }
        // `<!--[if mso]>`: Outlook reads what follows, so it is read here too.
        if self.conditional.is_none() && self.comment_head.len() < 200 {
            self.comment_head
                .push(char::from(byte.to_ascii_lowercase()));
            let head = self.comment_head.trim_start();
            if head.starts_with("[if") && head.ends_with("]>") {
                let outside = std::mem::take(&mut self.elements);
                self.conditional = Some((CommentEnd::default(), outside));
                self.state = State::Data;
            }
        }
    }

    fn leave_conditional(&mut self, at: usize) {
        if let Some((start, what)) = self.raw_unsafe.take() {
            // What ends the comment stays.
            let tail = if self.html[..at].ends_with('!') { 3 } else { 2 };
            self.remove(start..at - tail, what);
        }
        let parts = std::mem::take(&mut self.tag.attributes);
        self.places.unsafe_parts.extend(parts);
        if let Some((_, outside)) = self.conditional.take() {
            self.elements = outside;
        }
        self.state = State::Data;
    }

    /// Raw text ends with `</name` and white space, `/` or `>`.
    fn in_raw(&mut self, at: usize, byte: u8, matched: usize) {
        let name = self.raw.as_bytes();
        let expected = match matched {
            0 => Some(b'<'),
            1 => Some(b'/'),
            n => name.get(n - 2).copied(),
        };
        self.state = match expected {
            Some(expected) if byte.eq_ignore_ascii_case(&expected) => State::Raw(matched + 1),
            None if byte == b'>' => {
                self.end_raw(at + 1);
                State::Data
            }
            None if byte.is_ascii_whitespace() || byte == b'/' => {
                // Attributes of an end tag mean nothing, but they can hold a `>`.
                self.tag = TagInProgress {
                    start: at,
                    end: true,
                    name: std::mem::take(&mut self.raw),
                    ..TagInProgress::default()
                };
                State::BeforeName
            }
            _ if byte == b'<' => State::Raw(1),
            _ => State::Raw(0),
        };
    }

    fn end_raw(&mut self, end: usize) {
        if let Some((start, what)) = self.raw_unsafe.take() {
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
