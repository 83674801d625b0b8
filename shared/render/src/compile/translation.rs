//! From parsed parts to Tera source.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::{
    check::ParsedPart,
    derive,
    place::Place,
    script::{
        Expr, Kind, Node,
        emit::{Output, body_weight},
        filters::LINES,
        names,
    },
    slot::{Filler, Segment, Slot, named, segments},
};
use domain::catalog::keys;

/// Source text on its way to Tera.
#[derive(Default)]
pub(super) struct Translation {
    slots: Vec<Slot>,
    known: HashMap<Slot, usize>,
    variables: BTreeSet<String>,
}

impl Translation {
    pub(super) fn html(&mut self, part: &ParsedPart) -> Output {
        let mut places = part.places.iter().copied();
        self.part(part, &mut || places.next().unwrap_or(Place::Nowhere))
    }

    pub(super) fn text(&mut self, part: &ParsedPart) -> Output {
        self.part(part, &mut || Place::Text)
    }

    pub(super) fn pieces(&mut self, pieces: Vec<derive::Piece>) -> Output {
        let mut out = Output::default();
        for piece in pieces {
            match piece {
                derive::Piece::Literal(text) => out.push(&text),
                derive::Piece::Slot(filler, place) => self.slot(&mut out, filler, place),
            }
        }
        out
    }

    /// Variables of the slots, in the order of their keys.
    pub(super) fn slots(self) -> Vec<(Cow<'static, str>, Slot)> {
        let named = self.slots.into_iter().enumerate();
        let mut slots: Vec<_> = named
            .map(|(index, slot)| (slot_name(index), slot))
            .collect();
        slots.sort_by(|(_, a), (_, b)| a.filler.key().cmp(&b.filler.key()));
        slots
    }

    /// Names that expressions use, and what each stands for.
    pub(super) fn variables(&self) -> Vec<(String, Option<Filler>)> {
        self.variables
            .iter()
            .map(|name| (name.clone(), named(name)))
            .collect()
    }

    fn part(&mut self, part: &ParsedPart, place: &mut dyn FnMut() -> Place) -> Output {
        let names = names(&part.script);
        self.variables
            .extend(names.free.iter().map(|name| name.name.clone()));
        // Set in a branch that is not taken, a name stands for nothing.
        self.variables.extend(names.set.iter().cloned());
        let mut writer = Writer {
            translation: self,
            source: &part.text,
            bound: &names.bound,
            place,
            out: Output::default(),
        };
        writer.nodes(&part.script.nodes);
        writer.out
    }

    fn slot(&mut self, out: &mut Output, filler: Filler, place: Place) {
        if place == Place::Nowhere {
            return;
        }
        let slots = &mut self.slots;
        let slot = Slot::new(filler, place);
        let index = *self.known.entry(slot).or_insert_with_key(|slot| {
            slots.push(slot.clone());
            slots.len() - 1
        });
        out.push("\u{1}{");
        out.push(&slot_name(index));
        out.push("}\u{1}");
    }
}

/// Name of a slot's variable. Names in templates cannot begin with two underscores.
fn slot_name(index: usize) -> Cow<'static, str> {
    const FIRST: [&str; 32] = [
        "__k00", "__k01", "__k02", "__k03", "__k04", "__k05", "__k06", "__k07", "__k08", "__k09",
        "__k10", "__k11", "__k12", "__k13", "__k14", "__k15", "__k16", "__k17", "__k18", "__k19",
        "__k20", "__k21", "__k22", "__k23", "__k24", "__k25", "__k26", "__k27", "__k28", "__k29",
        "__k30", "__k31",
    ];
    match FIRST.get(index) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("__k{index}")),
    }
}

struct Writer<'w> {
    translation: &'w mut Translation,
    source: &'w str,
    bound: &'w BTreeSet<String>,
    place: &'w mut dyn FnMut() -> Place,
    out: Output,
}

impl Writer<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(range) => self.text(&self.source[range.clone()]),
                Node::Output(_, expression) => self.output(expression),
                Node::Set {
                    name,
                    global,
                    value,
                } => {
                    let word = if *global { "set_global" } else { "set" };
                    self.tag(&format!("{word} {name} = "), |writer| {
                        writer.out.expression(writer.source, value);
                    });
                }
                Node::If {
                    branches,
                    otherwise,
                    ..
                } => {
                    for (index, (condition, body)) in branches.iter().enumerate() {
                        self.tag(if index == 0 { "if " } else { "elif " }, |writer| {
                            writer.out.expression(writer.source, condition);
                        });
                        self.nodes(body);
                    }
                    self.otherwise(otherwise.as_deref());
                    self.tag("endif", |_| {});
                }
                Node::For {
                    key,
                    value,
                    target,
                    body,
                    otherwise,
                    ..
                } => {
                    self.tag("for ", |writer| {
                        let turn = body_weight(body);
                        writer
                            .out
                            .turns(writer.source, key.as_deref(), value, target, turn);
                    });
                    self.nodes(body);
                    self.otherwise(otherwise.as_deref());
                    self.tag("endfor", |_| {});
                }
                Node::Break => self.tag("break", |_| {}),
                Node::Continue => self.tag("continue", |_| {}),
            }
        }
    }

    fn otherwise(&mut self, nodes: Option<&[Node]>) {
        if let Some(nodes) = nodes {
            self.tag("else", |_| {});
            self.nodes(nodes);
        }
    }

    fn tag(&mut self, word: &str, inside: impl FnOnce(&mut Self)) {
        self.out.push("\u{1}% ");
        self.out.push(word);
        inside(self);
        self.out.push(" %\u{1}");
    }

    fn text(&mut self, text: &str) {
        for segment in segments(text) {
            match segment {
                Segment::Literal(range) => self.out.push(&text[range]),
                Segment::Hole(_, filler) => {
                    let place = (self.place)();
                    if let Some(filler) = filler {
                        self.translation.slot(&mut self.out, filler, place);
                    }
                }
            }
        }
    }

    fn output(&mut self, expression: &Expr) {
        let place = (self.place)();
        // A key by itself brings its markup, as `${KEY}` does; in an expression it is plain text.
        if let Kind::Variable(name) = &expression.kind
            && !self.bound.contains(name)
            && keys::find(name).is_some()
            && let Some(filler) = named(name)
        {
            return self.translation.slot(&mut self.out, filler, place);
        }
        let (expression, lines) = match &expression.kind {
            Kind::Filter { of, name, .. } if name.name == LINES => (&**of, true),
            _ => (expression, false),
        };
        self.out.mark(expression.range.start);
        self.out.push("\u{1}{ __out(v=");
        self.out.expression(self.source, expression);
        self.out
            .push(&format!(", p={}, l={lines}) }}\u{1}", place.number()));
    }
}
