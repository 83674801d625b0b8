//! Names that a template uses and does not set itself: its keys.

use std::collections::BTreeSet;

use super::filters::LINES;
use super::{Arguments, Expr, Kind, Name, Node, Script};

/// What a script's names are.
#[derive(Debug, Default)]
pub(in super::super) struct Names {
    /// Used and not bound, in the order of the text.
    pub(in super::super) free: Vec<Name>,
    /// Bound somewhere by `set`: may be used before, and stand for nothing then.
    pub(in super::super) set: BTreeSet<String>,
    /// Bound anywhere, by loops too.
    pub(in super::super) bound: BTreeSet<String>,
    /// Filters, tests and functions.
    pub(in super::super) calls: Vec<(Callable, Name)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Callable {
    Filter,
    Test,
    Function,
}

/// Collects the names of a script.
pub(in super::super) fn names(script: &Script) -> Names {
    let mut names = Names::default();
    collect_sets(&script.nodes, &mut names);
    let mut walk = Walk {
        names,
        loops: Vec::new(),
    };
    walk.nodes(&script.nodes);
    walk.names
}

fn collect_sets(nodes: &[Node], names: &mut Names) {
    for node in nodes {
        match node {
            Node::Set { name, .. } => {
                names.set.insert(name.clone());
                names.bound.insert(name.clone());
            }
            Node::If {
                branches,
                otherwise,
                ..
            } => {
                for (_, body) in branches {
                    collect_sets(body, names);
                }
                collect_sets(otherwise.as_deref().unwrap_or_default(), names);
            }
            Node::For {
                body, otherwise, ..
            } => {
                collect_sets(body, names);
                collect_sets(otherwise.as_deref().unwrap_or_default(), names);
            }
            _ => {}
        }
    }
}

struct Walk {
    names: Names,
    loops: Vec<String>,
}

impl Walk {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(_) | Node::Break | Node::Continue => {}
                // Here alone it has a meaning, so it is not reported as a call.
                Node::Output(
                    _,
                    Expr {
                        kind: Kind::Filter { of, name, .. },
                        ..
                    },
                ) if name.name == LINES => self.expression(of),
                Node::Output(_, expression)
                | Node::Set {
                    value: expression, ..
                } => {
                    self.expression(expression);
                }
                Node::If {
                    branches,
                    otherwise,
                    ..
                } => {
                    for (condition, body) in branches {
                        self.expression(condition);
                        self.nodes(body);
                    }
                    self.nodes(otherwise.as_deref().unwrap_or_default());
                }
                Node::For {
                    key,
                    value,
                    target,
                    body,
                    otherwise,
                    ..
                } => {
                    self.expression(target);
                    self.within(key.as_deref(), value, |walk| walk.nodes(body));
                    self.nodes(otherwise.as_deref().unwrap_or_default());
                }
            }
        }
    }

    fn within(&mut self, key: Option<&str>, value: &str, inside: impl FnOnce(&mut Self)) {
        let outside = self.loops.len();
        self.loops
            .extend(key.into_iter().chain([value]).map(str::to_owned));
        self.names
            .bound
            .extend(self.loops[outside..].iter().cloned());
        inside(self);
        self.loops.truncate(outside);
    }

    fn arguments(&mut self, arguments: &Arguments) {
        for (_, value) in arguments {
            self.expression(value);
        }
    }

    fn call(&mut self, callable: Callable, name: &Name) {
        self.names.calls.push((callable, name.clone()));
    }

    fn expression(&mut self, expression: &Expr) {
        let range = &expression.range;
        match &expression.kind {
            Kind::Literal | Kind::Loop => {}
            Kind::Variable(name) => {
                if !self.names.set.contains(name) && !self.loops.contains(name) {
                    let (name, range) = (name.clone(), range.clone());
                    self.names.free.push(Name { name, range });
                }
            }
            Kind::Attribute { of, .. } => self.expression(of),
            Kind::Item { of, index, .. } => {
                self.expression(of);
                self.expression(index);
            }
            Kind::Slice { of, from, to, step } => {
                self.expression(of);
                for bound in [from, to, step].into_iter().flatten() {
                    self.expression(bound);
                }
            }
            Kind::Call { name, arguments } => {
                self.call(Callable::Function, name);
                self.arguments(arguments);
            }
            Kind::Unary { operand, .. } => self.expression(operand),
            Kind::Binary { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
            Kind::Ternary {
                condition,
                then,
                otherwise,
            } => {
                for part in [condition, then, otherwise] {
                    self.expression(part);
                }
            }
            Kind::Filter {
                of,
                name,
                arguments,
            } => {
                self.expression(of);
                self.call(Callable::Filter, name);
                self.arguments(arguments);
            }
            Kind::Test {
                of,
                name,
                arguments,
                ..
            } => {
                self.expression(of);
                self.call(Callable::Test, name);
                self.arguments(arguments);
            }
            Kind::Array(items) => {
                for (_, item) in items {
                    self.expression(item);
                }
            }
            Kind::Map(entries) => {
                for (_, value) in entries {
                    self.expression(value);
                }
            }
            Kind::Comprehension {
                item,
                key,
                value,
                target,
                condition,
            } => {
                self.expression(target);
                self.within(key.as_deref(), value, |walk| {
                    walk.expression(item);
                    if let Some(condition) = condition {
                        walk.expression(condition);
                    }
                });
            }
            Kind::Group(inside) => self.expression(inside),
        }
    }
}
