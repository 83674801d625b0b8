//! One byte of literal text after the other.

use std::ops::Range;

use html::{Element, Kind};

use super::Machine;
use super::position::{CommentEnd, State, TagInProgress};
use crate::{
    place::{Place, Unsafe},
    unsafe_html,
    work::looked_at,
};

/// What browsers and mail programs read in more than one way.
const AMBIGUOUS: &str = "a text that hides markup";

impl Machine<'_> {
    pub(super) fn byte(&mut self, at: usize, byte: u8) {
        looked_at(1);
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
                    self.at.tag.push_value(byte);
                    self.at.state = State::Value(None);
                }
            },
            State::Value(Some(quote)) => {
                if byte == quote {
                    self.end_attribute(at + 1);
                    self.at.state = State::AfterValue;
                } else {
                    self.at.tag.push_value(byte);
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
                _ => self.at.tag.push_value(byte),
            },
            State::MarkupDeclaration => self.markup_declaration(at, byte),
            State::Bogus => {
                if byte == b'>' {
                    self.at.state = State::Data;
                    let start = self.at.tag.start;
                    if unsafe_html::declares_other_charset(&self.html[start..at]) {
                        self.remove_quietly(start..at + 1);
                    }
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

    pub(super) fn end_attribute(&mut self, at: usize) {
        let tag = &mut self.at.tag;
        if tag.attribute.is_empty() {
            return;
        }
        if let Some(what) = unsafe_html::attribute(&tag.name, &tag.attribute, &tag.value) {
            tag.attributes.push(Unsafe {
                range: tag.attribute_start..at,
                what,
                quiet: false,
            });
        }
        if tag.name == "meta" {
            match tag.attribute.as_str() {
                "http-equiv" => tag.directs |= unsafe_html::is_directive(&tag.value),
                "charset" => tag.other_charset |= !unsafe_html::is_utf8(&tag.value),
                "content" => tag.other_charset |= unsafe_html::names_other_charset(&tag.value),
                _ => {}
            }
        }
        tag.attribute.clear();
    }

    /// A whole tag has been read; `at` is its `>`.
    fn end_tag(&mut self, at: usize) {
        let tag = std::mem::take(&mut self.at.tag);
        self.at.state = State::Data;
        let element = Element::of(&tag.name);
        let kind = element.kind();
        if tag.end && self.at.raw_unsafe.is_some() {
            return self.end_raw(at + 1);
        }
        if kind != Kind::Document {
            if !element.is_metadata() {
                self.begin_body();
            }
        } else if !tag.end && !self.at.begun {
            self.forget_early();
        }
        // The end of a script that does not begin here ends nothing; without it, what another
        // removal joins could begin one that never ends.
        let stray = tag.end && element.has_raw_text();
        let mut removal = unsafe_html::element(&tag.name, tag.directs).filter(|_| !stray);
        if !tag.end && self.at.elements.in_foreign() && !self.is_read_alike(&tag.name, at + 1) {
            removal = removal.or(Some(AMBIGUOUS));
        }
        if tag.end {
            self.at.elements.end(&tag.name, kind);
        } else {
            self.at.elements.start(&tag.name, kind);
        }
        // In SVG and MathML only a script is raw text.
        let raw =
            element.has_raw_text() && (!self.at.elements.in_foreign() || tag.name == "script");
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
            // Where scripts run it is raw text, in mail programs it is not.
            None if tag.name == "noscript" => self.remove_quietly(tag.start..at + 1),
            // The part is in UTF-8, whatever the template was once kept in.
            None if tag.other_charset => self.remove_quietly(tag.start..at + 1),
            None => self.places.unsafe_parts.extend(tag.attributes),
        }
    }

    /// Whether browsers agree on what an element's content is in SVG or MathML: some elements within end
    /// them or are HTML again, and there a style or a title is raw text. Where its own end tag is the
    /// next one, both readings are the same.
    fn is_read_alike(&self, name: &str, content: usize) -> bool {
        if !Element::of(name).has_raw_text() || name == "script" {
            return true;
        }
        let content = &self.html[content..];
        let length = content.find('<').unwrap_or(content.len());
        looked_at(length);
        let next = content[length..].strip_prefix("</").unwrap_or_default();
        next.get(..name.len())
            .is_some_and(|next| next.eq_ignore_ascii_case(name))
    }

    fn markup_declaration(&mut self, at: usize, byte: u8) {
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
                // Text up to `]]>` in SVG and MathML, a comment up to `>` elsewhere.
                if head == "[CDATA[" && self.at.elements.in_foreign() {
                    self.remove(self.at.tag.start..at + 1, AMBIGUOUS);
                    self.at.state = State::Data;
                    return;
                }
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

    pub(super) fn remove(&mut self, range: Range<usize>, what: &'static str) {
        self.places.unsafe_parts.push(Unsafe {
            range,
            what,
            quiet: false,
        });
    }

    fn remove_quietly(&mut self, range: Range<usize>) {
        self.places.unsafe_parts.push(Unsafe {
            range,
            what: "another character set",
            quiet: true,
        });
    }
}
