//! What the keys of a template in Tera must hold for its branches to be rendered: an expression in
//! `{% if SITUACAO == "Fechada" %}` fails only on the tickets that are closed.

use std::collections::BTreeMap;

use crate::{
    check::{Parsed, ParsedPart},
    script::{Expr, Kind, Node},
    texts,
};
use domain::catalog::Phrase;

/// Most branches that are tried.
const MAX_BRANCHES: usize = 8;

/// For each branch under comparisons with a text, the keys and their texts.
pub(super) fn assumptions(parsed: &Parsed) -> Vec<BTreeMap<String, String>> {
    let mut found = Vec::new();
    let parts = [
        Some(&parsed.html),
        Some(&parsed.title),
        parsed.text.as_ref(),
    ];
    for ParsedPart { text, script, .. } in parts.into_iter().flatten() {
        walk(&script.nodes, text, &BTreeMap::new(), &mut found);
    }
    found
}

/// What the keys hold, in words.
pub(super) fn holding(assumed: &BTreeMap<String, String>) -> Phrase {
    let mut keys = assumed.iter().map(|(key, text)| {
        let held = texts::script::KEY_IS.phrase();
        held.with("key", key).with("text", text)
    });
    let first = keys.next().unwrap_or_else(|| Phrase::verbatim(""));
    let held = keys.fold(first, |one, other| {
        let both = texts::script::BOTH.phrase();
        both.with_phrase("one", one).with_phrase("other", other)
    });
    texts::script::HELD_VALUES
        .phrase()
        .with_phrase("held", held)
}

fn walk(
    nodes: &[Node],
    source: &str,
    given: &BTreeMap<String, String>,
    found: &mut Vec<BTreeMap<String, String>>,
) {
    for node in nodes {
        match node {
            Node::If {
                branches,
                otherwise,
                ..
            } => {
                for (condition, body) in branches {
                    let mut inner = given.clone();
                    assume(condition, source, &mut inner);
                    if inner.len() > given.len()
                        && found.len() < MAX_BRANCHES
                        && !found.contains(&inner)
                    {
                        found.push(inner.clone());
                    }
                    walk(body, source, &inner, found);
                }
                walk(
                    otherwise.as_deref().unwrap_or_default(),
                    source,
                    given,
                    found,
                );
            }
            Node::For {
                body, otherwise, ..
            } => {
                walk(body, source, given, found);
                walk(
                    otherwise.as_deref().unwrap_or_default(),
                    source,
                    given,
                    found,
                );
            }
            _ => {}
        }
    }
}

/// Adds what makes a condition true, as far as comparisons say it.
fn assume(condition: &Expr, source: &str, given: &mut BTreeMap<String, String>) {
    match &condition.kind {
        Kind::Group(inside) => assume(inside, source, given),
        Kind::Binary {
            operator: "and",
            left,
            right,
        } => {
            assume(left, source, given);
            assume(right, source, given);
        }
        Kind::Binary {
            operator: "or",
            left,
            ..
        } => assume(left, source, given),
        Kind::Binary {
            operator: "==",
            left,
            right,
        } => {
            let pair = variable(left)
                .zip(text(right, source))
                .or_else(|| variable(right).zip(text(left, source)));
            if let Some((name, text)) = pair {
                given.insert(name.to_owned(), text.to_owned());
            }
        }
        _ => {}
    }
}

/// The variable whose value is compared, also behind filters such as `lower`.
fn variable(expression: &Expr) -> Option<&str> {
    match &expression.kind {
        Kind::Variable(name) => Some(name),
        Kind::Group(of) | Kind::Filter { of, .. } => variable(of),
        _ => None,
    }
}

fn text<'a>(expression: &Expr, source: &'a str) -> Option<&'a str> {
    let written = source.get(expression.range.clone())?;
    let quote = written.chars().next().filter(|c| "\"'`".contains(*c))?;
    (expression.kind == Kind::Literal)
        .then(|| written.trim_matches(quote))
        .filter(|text| !text.is_empty())
}
