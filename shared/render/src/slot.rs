//! Slots: what is filled in at a place, and how a value is written there.

use std::borrow::Cow;
use std::ops::Range;

use super::place::{Inside, Markup, Place};
use super::scan::{What, scan};
use super::{RenderContext, TokenSpec, Value, Values, escape};
use domain::catalog::{KeyKind, keys};

/// What fills a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Filler {
    /// A key of the catalogue, by its canonical name.
    Key(&'static str),
    /// A key of the site's own.
    Extra(String),
    /// A link that asks for a decision, made when the mail is.
    Token(TokenSpec),
}

/// A place in a template and what fills it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub(super) filler: Filler,
    pub(super) place: Place,
}

/// A stretch of a template's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Written as it stands.
    Literal(Range<usize>),
    /// Replaced, by nothing when there is no filler.
    Hole(Range<usize>, Option<Filler>),
}

/// A text as literal stretches and holes, in order.
///
/// A sound template has sound keys alone. In an imported one a defect that leaves no doubt (case,
/// spaces, markup) gets the value that was meant, any other stands for nothing.
pub(super) fn segments(text: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut at = 0;
    for found in scan(text) {
        let Range { start, end } = found.range;
        push_literal(&mut segments, at..start);
        at = end;
        match found.what {
            What::Key(name) => segments.push(Segment::Hole(start..end, filler(name))),
            What::Escaped => push_literal(&mut segments, start + 1..end),
            What::Token(Ok(spec)) => {
                segments.push(Segment::Hole(start..end, Some(Filler::Token(spec))));
            }
            What::Token(Err(problem)) => {
                let legacy = problem.legacy().cloned().map(Filler::Token);
                segments.push(Segment::Hole(start..end, legacy));
            }
            What::Backslash(name) => {
                push_literal(&mut segments, start..start + 1);
                segments.push(Segment::Hole(start + 1..end, filler(name)));
            }
            What::Malformed(name) => {
                let known = filler(&name).filter(|filler| matches!(filler, Filler::Key(_)));
                segments.push(Segment::Hole(start..end, known));
            }
            What::Unclosed(_) => segments.push(Segment::Hole(start..end, None)),
            What::Split(name, markup) => push_split(&mut segments, start..end, &name, &markup),
        }
    }
    push_literal(&mut segments, at..text.len());
    segments
}

fn push_literal(segments: &mut Vec<Segment>, range: Range<usize>) {
    if !range.is_empty() {
        segments.push(Segment::Literal(range));
    }
}

/// The markup inside a split key stays; the longest stretch of the rest takes the value.
fn push_split(
    segments: &mut Vec<Segment>,
    whole: Range<usize>,
    name: &str,
    markup: &[Range<usize>],
) {
    let mut pieces = Vec::new();
    let mut at = whole.start;
    for tag in markup {
        pieces.push(at..tag.start);
        at = tag.end;
    }
    pieces.push(at..whole.end);
    let longest = pieces.iter().map(Range::len).max().unwrap_or_default();
    let mut value = filler(name).filter(|filler| matches!(filler, Filler::Key(_)));
    for (index, piece) in pieces.into_iter().enumerate() {
        if index > 0 {
            push_literal(segments, markup[index - 1].clone());
        }
        let filler = if piece.len() == longest {
            value.take()
        } else {
            None
        };
        if !piece.is_empty() {
            segments.push(Segment::Hole(piece, filler));
        }
    }
}

/// What a name stands for, in the case it is written or the one that was meant.
fn filler(name: &str) -> Option<Filler> {
    if let Some(key) = keys::find(name) {
        return Some(Filler::Key(key.name));
    }
    let site = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    if name.bytes().all(site) {
        return Some(Filler::Extra(name.to_owned()));
    }
    let meant = keys::find(keys::find_in_any_case(name)?)?;
    Some(Filler::Key(meant.name))
}

/// What a name of a template in Tera stands for.
pub(super) fn named(name: &str) -> Option<Filler> {
    filler(name)
}

impl Filler {
    /// Whether its value is plain text wherever it stands. Then one variable serves every place
    /// that Tera's escaping, or none, is right for.
    fn is_plain(&self) -> bool {
        match self {
            Self::Key(name) => keys::find(name).is_some_and(|key| {
                !matches!(key.kind, KeyKind::Html | KeyKind::Lines | KeyKind::Link)
            }),
            Self::Extra(_) => true,
            Self::Token(_) => false,
        }
    }

    /// The key whose value it is; a token link has none.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::Key(name) => Some(name),
            Self::Extra(name) => Some(name),
            Self::Token(_) => None,
        }
    }

    pub(super) fn value<'v>(
        &self,
        values: &'v Values,
        context: &RenderContext<'_>,
    ) -> Option<Cow<'v, Value>> {
        match self {
            Self::Key(name) => values.get(*name).map(Cow::Borrowed),
            Self::Extra(name) => values.get(name).map(Cow::Borrowed),
            Self::Token(spec) => match context.link_maker {
                Some(make) => Some(Cow::Owned(Value::Link(make(spec)))),
                None => values.get("LINKSOLICITACAOSERVICO").map(Cow::Borrowed),
            },
        }
    }

    /// The value as plain text, for expressions.
    pub(super) fn plain(&self, values: &Values, context: &RenderContext<'_>) -> tera::Value {
        match self.value(values, context) {
            Some(value) => tera::Value::normal_string(&escape::plain(text(&value))),
            None => tera::Value::normal_string(""),
        }
    }
}

impl Slot {
    /// A slot; places that are written alike become the same.
    pub(super) fn new(filler: Filler, place: Place) -> Self {
        let alike = matches!(
            place,
            Place::Body(_) | Place::Plain | Place::Attribute | Place::Text
        );
        let place = if alike && filler.is_plain() {
            Place::Plain
        } else {
            place
        };
        Self { filler, place }
    }

    /// The value as Tera gets it: marked safe where it is already written for its place, else
    /// left to Tera's escaping.
    pub(super) fn fill(&self, value: Option<&Value>) -> tera::Value {
        match value {
            Some(value) => written(value, self.place),
            None => match self.place {
                Place::Quoting | Place::QuotingUrl => tera::Value::safe_string("\"\""),
                _ => tera::Value::safe_string(""),
            },
        }
    }
}

/// Text that a template in Tera made, written for its place.
pub(super) fn computed(text: String, lines: bool, place: Place) -> tera::Value {
    let value = if lines {
        Value::Lines(text)
    } else {
        Value::Text(text)
    };
    written(&value, place)
}

fn written(value: &Value, place: Place) -> tera::Value {
    let safe = |text: &str| tera::Value::safe_string(text);
    let escaped_by_tera = |text: &str| tera::Value::normal_string(text);
    match place {
        Place::Body(markup) => body(value, markup),
        Place::Plain => escaped_by_tera(&escape::plain(text(value))),
        Place::Attribute => escaped_by_tera(text(value)),
        Place::Unquoted => safe(&escape::unquoted(text(value))),
        Place::Quoting => safe(&format!("\"{}\"", html::escape(text(value)))),
        Place::Url => escaped_by_tera(escape::url(text(value))),
        Place::QuotingUrl => safe(&format!("\"{}\"", html::escape(escape::url(text(value))))),
        Place::UrlPart => safe(&escape::url_part(text(value), true)),
        Place::Mailbox => safe(&escape::url_part(text(value), true).replace("%40", "@")),
        Place::Address => match escape::url(text(value)) {
            "" => safe(""),
            url => safe(&format!(" <{url}>")),
        },
        Place::Comment(Inside::Text | Inside::Attribute) => safe(&escape::comment(text(value))),
        Place::Comment(Inside::Url) => safe(&escape::comment(escape::url(text(value)))),
        Place::Comment(Inside::UrlPart) => safe(&escape::url_part(text(value), false)),
        Place::Text => safe(&escape::plain(text(value))),
        Place::Nowhere => safe(""),
    }
}

fn body(value: &Value, markup: Markup) -> tera::Value {
    match value {
        Value::Lines(lines) if markup != Markup::None => {
            tera::Value::safe_string(&escape::lines(lines))
        }
        Value::Text(text) | Value::Lines(text) => tera::Value::normal_string(text),
        Value::Html(rich) => match rich.within(markup) {
            Some(html) => tera::Value::safe_string(html),
            None => tera::Value::normal_string(rich.text()),
        },
        Value::Link(url) => {
            let url = escape::url(url);
            if url.is_empty() || !matches!(markup, Markup::Blocks | Markup::Inline) {
                return tera::Value::normal_string(url);
            }
            let url = html::escape(url);
            tera::Value::safe_string(&format!("<a href=\"{url}\">{url}</a>"))
        }
    }
}

/// A value as plain text.
pub(super) fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) | Value::Lines(text) => text,
        Value::Html(rich) => rich.text(),
        Value::Link(url) => escape::url(url),
    }
}
