//! From expressions to Tera, with everything that can cost wrapped in what charges for it.

use super::filters::{SIZED, looks_at_all};
use super::{Arguments, Expr, Kind};

mod weight;

pub(in super::super) use weight::body_weight;
use weight::weight;

/// Longest literal that makes comparing with it cheap, in bytes.
const SHORT_LITERAL: usize = 64;

/// Tera source under way, with where each piece of it came from.
#[derive(Debug, Default)]
pub(in super::super) struct Output {
    pub(in super::super) text: String,
    /// Offset here, offset in the template's source; in order.
    origins: Vec<(usize, usize)>,
}

impl Output {
    pub(in super::super) fn mark(&mut self, origin: usize) {
        self.origins.push((self.text.len(), origin));
    }

    /// Where in the template's source a piece of the translation comes from.
    pub(in super::super) fn origin(&self, offset: usize) -> usize {
        let at = self.origins.partition_point(|(here, _)| *here <= offset);
        at.checked_sub(1)
            .and_then(|at| self.origins.get(at))
            .map_or(0, |(_, origin)| *origin)
    }

    pub(in super::super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// An expression of the template `source`.
    pub(in super::super) fn expression(&mut self, source: &str, expression: &Expr) {
        self.mark(expression.range.start);
        let verbatim = &source[expression.range.clone()];
        match &expression.kind {
            Kind::Literal | Kind::Loop => self.push(verbatim),
            Kind::Variable(name) => self.push(name),
            Kind::Attribute { of, name, optional } if is_chain(of) => {
                self.expression(source, of);
                self.push(if *optional { "?." } else { "." });
                self.push(name);
            }
            Kind::Attribute { of, name, optional } => {
                self.call(source, "__idx", &[("v", of)]);
                self.more(&format!("i=\"{name}\", o={optional}"));
            }
            Kind::Item {
                of,
                index,
                optional,
            } => {
                self.call(source, "__idx", &[("v", of), ("i", index)]);
                self.more(&format!("o={optional}"));
            }
            Kind::Slice { of, from, to, step } => {
                let mut arguments: Vec<(&str, &Expr)> = Vec::from([("v", &**of)]);
                for (name, bound) in [("a", from), ("b", to), ("s", step)] {
                    arguments.extend(bound.as_deref().map(|bound| (name, bound)));
                }
                self.call(source, "__slice", &arguments);
            }
            Kind::Call { name, arguments } => {
                self.push(&name.name);
                self.arguments(source, arguments);
            }
            Kind::Unary { operator, operand } => {
                self.push(operator);
                self.expression(source, operand);
            }
            Kind::Binary {
                operator,
                left,
                right,
            } => self.binary(source, operator, left, right),
            Kind::Ternary {
                condition,
                then,
                otherwise,
            } => {
                self.expression(source, then);
                self.push(" if ");
                self.expression(source, condition);
                self.push(" else ");
                self.expression(source, otherwise);
            }
            Kind::Filter {
                of,
                name,
                arguments,
            } => {
                let sized = SIZED.iter().find(|(known, _)| *known == name.name);
                match sized {
                    Some((_, copies)) => self.value(source, of, *copies),
                    None => self.expression(source, of),
                }
                self.push(" | ");
                self.mark(name.range.start);
                self.push(&name.name);
                self.arguments(source, arguments);
            }
            Kind::Test {
                of,
                negated,
                name,
                arguments,
            } => {
                if looks_at_all(&name.name) {
                    self.value(source, of, 0);
                } else {
                    self.expression(source, of);
                }
                self.push(if *negated { " is not " } else { " is " });
                self.mark(name.range.start);
                self.push(&name.name);
                self.arguments(source, arguments);
            }
            Kind::Array(items) => self.array(source, items),
            Kind::Map(entries) => {
                self.push("__keep(v={");
                for (key, value) in entries {
                    match key {
                        Some(key) => {
                            self.push(&source[key.clone()]);
                            self.push(": ");
                            self.expression(source, value);
                        }
                        None => {
                            self.push("...");
                            self.value(source, value, 1);
                        }
                    }
                    self.push(", ");
                }
                self.push("})");
            }
            Kind::Comprehension {
                item,
                key,
                value,
                target,
                condition,
            } => {
                let turn = weight(item) + condition.as_deref().map_or(0, weight);
                self.push("__keep(v=[");
                self.expression(source, item);
                self.push(" for ");
                self.turns(source, key.as_deref(), value, target, turn);
                if let Some(condition) = condition {
                    self.push(" if ");
                    self.expression(source, condition);
                }
                self.push("])");
            }
            Kind::Group(inside) => {
                self.push("(");
                self.expression(source, inside);
                self.push(")");
            }
        }
    }

    /// `key, value in target`, paid for all turns.
    pub(in super::super) fn turns(
        &mut self,
        source: &str,
        key: Option<&str>,
        value: &str,
        target: &Expr,
        turn: u64,
    ) {
        if let Some(key) = key {
            self.push(key);
            self.push(", ");
        }
        self.push(value);
        self.push(" in ");
        self.mark(target.range.start);
        self.call(source, "__iter", &[("v", target)]);
        self.more(&format!("w={turn}"));
    }

    fn array(&mut self, source: &str, items: &[(bool, Expr)]) {
        self.push("__keep(v=[");
        for (spread, item) in items {
            if *spread {
                self.push("...");
                self.value(source, item, 1);
            } else {
                self.expression(source, item);
            }
            self.push(", ");
        }
        self.push("])");
    }

    fn binary(&mut self, source: &str, operator: &str, left: &Expr, right: &Expr) {
        match operator {
            "~" => {
                let mut parts = Vec::new();
                flatten(left, &mut parts);
                parts.push(right);
                self.push("__cat(");
                for (index, part) in parts.into_iter().enumerate() {
                    self.push(&format!("a{index}="));
                    self.expression(source, part);
                    self.push(", ");
                }
                self.push(")");
            }
            "in" => self.call(source, "__in", &[("a", left), ("b", right)]),
            "not in" => {
                self.push("(not ");
                self.call(source, "__in", &[("a", left), ("b", right)]);
                self.push(")");
            }
            "==" | "!=" | "<" | "<=" | ">" | ">=" if !is_short(left) && !is_short(right) => {
                self.value(source, left, 0);
                self.sign(operator);
                self.value(source, right, 0);
            }
            _ => {
                self.expression(source, left);
                self.sign(operator);
                self.expression(source, right);
            }
        }
    }

    fn sign(&mut self, operator: &str) {
        self.push(" ");
        self.push(operator);
        self.push(" ");
    }

    /// The value of an expression, paid for.
    fn value(&mut self, source: &str, expression: &Expr, copies: u8) {
        self.call(source, "__val", &[("v", expression)]);
        if copies > 0 {
            self.more(&format!("c={copies}"));
        }
    }

    fn call(&mut self, source: &str, name: &str, arguments: &[(&str, &Expr)]) {
        self.push(name);
        self.push("(");
        for (index, (name, value)) in arguments.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.push(name);
            self.push("=");
            self.expression(source, value);
        }
        self.push(")");
    }

    /// Adds arguments to the call that was just written.
    fn more(&mut self, arguments: &str) {
        self.text.pop();
        self.push(", ");
        self.push(arguments);
        self.push(")");
    }

    fn arguments(&mut self, source: &str, arguments: &Arguments) {
        if arguments.is_empty() {
            return;
        }
        self.push("(");
        for (name, value) in arguments {
            self.push(name);
            self.push("=");
            if value.kind == Kind::Literal {
                self.expression(source, value);
            } else {
                self.value(source, value, 1);
            }
            self.push(", ");
        }
        self.push(")");
    }
}

/// Names and their attributes, which Tera looks up in a moment.
fn is_chain(expression: &Expr) -> bool {
    match &expression.kind {
        Kind::Variable(_) => true,
        Kind::Attribute { of, .. } => is_chain(of),
        _ => false,
    }
}

fn is_short(expression: &Expr) -> bool {
    expression.kind == Kind::Literal && expression.range.len() <= SHORT_LITERAL
}

fn flatten<'a>(expression: &'a Expr, parts: &mut Vec<&'a Expr>) {
    match &expression.kind {
        Kind::Binary {
            operator: "~",
            left,
            right,
        } => {
            flatten(left, parts);
            parts.push(right);
        }
        _ => parts.push(expression),
    }
}
