//! `syntax: tera`: templates with conditions, loops and filters, written by administrators.
//!
//! Tera has no budget of its own, so a template is parsed here first, into the tree below, and
//! given to Tera with every operation that can cost more than a moment wrapped in a function that
//! counts (see [`budget`]). What the tree cannot say (includes, blocks, components, captures) is
//! refused. A `${KEY}` template is the same tree with one text in it.

use std::ops::Range;

use domain::catalog::Phrase;

pub(super) mod budget;
pub(super) mod emit;
mod expression;
pub(super) mod filters;
pub(super) mod functions;
mod lexer;
mod scope;
mod statements;

pub(super) use scope::{Callable, names};
pub(super) use statements::{SOURCE_LIMIT, parse};

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: String,
    pub(super) range: Range<usize>,
}

/// Something wrong with a template in Tera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// `TERA_SYNTAX` or `TERA_LIMIT`: part of the API's contract.
    pub(super) code: &'static str,
    pub(super) range: Range<usize>,
    pub(super) suggestion: Option<String>,
    pub(super) message: Phrase,
}

impl Fault {
    fn syntax(range: Range<usize>, message: Phrase) -> Self {
        Self {
            code: "TERA_SYNTAX",
            range,
            suggestion: None,
            message,
        }
    }

    fn limit(range: Range<usize>, message: Phrase) -> Self {
        Self {
            code: "TERA_LIMIT",
            ..Self::syntax(range, message)
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Script {
    pub(super) nodes: Vec<Node>,
    /// Where `{% … %}` tags stand.
    pub(super) tags: Vec<Range<usize>>,
}

impl Script {
    /// A template without Tera: one text.
    pub(super) fn literal(text: &str) -> Self {
        Self {
            nodes: Vec::from([Node::Text(0..text.len())]),
            tags: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Literal text, with `${KEY}` in it.
    Text(Range<usize>),
    /// `{{ expression }}`, whose value is written.
    Output(Range<usize>, Expr),
    /// `{% if %}`, `{% elif %}` …, and what follows `{% else %}`.
    If {
        at: Range<usize>,
        branches: Vec<(Expr, Vec<Node>)>,
        otherwise: Option<Vec<Node>>,
    },
    /// `{% for key, value in target %}`.
    For {
        at: Range<usize>,
        key: Option<String>,
        value: String,
        target: Expr,
        body: Vec<Node>,
        otherwise: Option<Vec<Node>>,
    },
    /// `{% set name = value %}`.
    Set {
        name: String,
        global: bool,
        value: Expr,
    },
    /// `{% break %}` of the innermost loop.
    Break,
    /// `{% continue %}` of the innermost loop.
    Continue,
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

pub(super) type Arguments = Vec<(String, Expr)>;

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A string, number, boolean or `none`, as written.
    Literal,
    /// A name: of a key, a loop or a `set`.
    Variable(String),
    /// `loop.index` and its like.
    Loop,
    Attribute {
        of: Box<Expr>,
        name: String,
        optional: bool,
    },
    Item {
        of: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    Slice {
        of: Box<Expr>,
        from: Option<Box<Expr>>,
        to: Option<Box<Expr>>,
        step: Option<Box<Expr>>,
    },
    Call {
        name: Name,
        arguments: Arguments,
    },
    Unary {
        operator: &'static str,
        operand: Box<Expr>,
    },
    Binary {
        operator: &'static str,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Ternary {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Filter {
        of: Box<Expr>,
        name: Name,
        arguments: Arguments,
    },
    Test {
        of: Box<Expr>,
        negated: bool,
        name: Name,
        arguments: Arguments,
    },
    /// Items, each maybe spread.
    Array(Vec<(bool, Expr)>),
    /// Keys as written, or none for a spread.
    Map(Vec<(Option<Range<usize>>, Expr)>),
    Comprehension {
        item: Box<Expr>,
        key: Option<String>,
        value: String,
        target: Box<Expr>,
        condition: Option<Box<Expr>>,
    },
    /// An expression in parentheses.
    Group(Box<Expr>),
}

#[cfg(test)]
mod tests;
