//! How many steps a piece of a template is.

use super::super::{Arguments, Expr, Kind, Node};
use super::SHORT_LITERAL;

/// Steps of running statements once.
pub(crate) fn body_weight(nodes: &[Node]) -> u64 {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(range) => 1 + range.len() as u64 / SHORT_LITERAL as u64,
            Node::Output(_, expression)
            | Node::Set {
                value: expression, ..
            } => 1 + weight(expression),
            Node::If {
                branches,
                otherwise,
                ..
            } => {
                let branches: u64 = branches
                    .iter()
                    .map(|(condition, body)| weight(condition) + body_weight(body))
                    .sum();
                1 + branches + body_weight(otherwise.as_deref().unwrap_or_default())
            }
            Node::For {
                target,
                body,
                otherwise,
                ..
            } => {
                1 + weight(target)
                    + body_weight(body)
                    + body_weight(otherwise.as_deref().unwrap_or_default())
            }
            Node::Break | Node::Continue => 1,
        })
        .sum()
}

/// Steps of an expression: its parts.
pub(super) fn weight(expression: &Expr) -> u64 {
    let all = |arguments: &Arguments| {
        arguments
            .iter()
            .map(|(_, value)| weight(value))
            .sum::<u64>()
    };
    let inside = match &expression.kind {
        Kind::Literal | Kind::Variable(_) | Kind::Loop => 0,
        Kind::Attribute { of, .. } => weight(of),
        Kind::Item { of, index, .. } => weight(of) + weight(index),
        Kind::Slice { of, from, to, step } => {
            weight(of)
                + [from, to, step]
                    .into_iter()
                    .flatten()
                    .map(|bound| weight(bound))
                    .sum::<u64>()
        }
        Kind::Call { arguments, .. } => all(arguments),
        Kind::Unary { operand, .. } => weight(operand),
        Kind::Binary { left, right, .. } => weight(left) + weight(right),
        Kind::Ternary {
            condition,
            then,
            otherwise,
        } => weight(condition) + weight(then) + weight(otherwise),
        Kind::Filter { of, arguments, .. } | Kind::Test { of, arguments, .. } => {
            weight(of) + all(arguments)
        }
        Kind::Array(items) => items.iter().map(|(_, item)| weight(item)).sum(),
        Kind::Map(entries) => entries.iter().map(|(_, value)| weight(value)).sum(),
        Kind::Comprehension {
            item,
            target,
            condition,
            ..
        } => weight(item) + weight(target) + condition.as_deref().map_or(0, weight),
        Kind::Group(inside) => weight(inside),
    };
    1 + inside
}
