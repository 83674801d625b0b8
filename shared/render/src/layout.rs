//! A template's HTML, keys and statements walked together: the place of everything that is
//! written, in the order of the source.

use super::place::{Follower, Machine, Places};
use super::script::{Node, Script};
use super::slot::{Segment, segments};

/// Walks a script over its HTML. Holes come in the order in which a translation meets them.
pub(super) fn lay_out(html: &str, script: &Script) -> Places {
    let mut walk = Walk {
        html,
        machine: Machine::new(html),
    };
    walk.nodes(&script.nodes, Follower::End);
    walk.machine.finish()
}

struct Walk<'a> {
    html: &'a str,
    machine: Machine<'a>,
}

impl Walk<'_> {
    /// Walks statements; `last` is what stands after the last one.
    fn nodes(&mut self, nodes: &[Node], last: Follower) {
        for (index, node) in nodes.iter().enumerate() {
            let follower = match nodes.get(index + 1) {
                None => last,
                Some(Node::Text(range)) => self.first(&self.html[range.clone()]),
                Some(_) => Follower::Hole,
            };
            self.node(node, follower);
        }
    }

    fn node(&mut self, node: &Node, follower: Follower) {
        match node {
            Node::Text(range) => self.text(range.start, &self.html[range.clone()], follower),
            Node::Output(range, _) => self.machine.hole(range.end, follower),
            Node::If {
                at,
                branches,
                otherwise,
            } => {
                let before = self.machine.position();
                let mut ends = Vec::new();
                for (_, body) in branches {
                    self.nodes(body, Follower::Hole);
                    ends.push(self.machine.go(before.clone()));
                }
                self.nodes(otherwise.as_deref().unwrap_or_default(), Follower::Hole);
                for end in &ends {
                    self.machine.join(end, at);
                }
            }
            Node::For {
                at,
                body,
                otherwise,
                ..
            } => {
                let before = self.machine.position();
                self.nodes(body, Follower::Hole);
                let end = self.machine.go(before);
                self.nodes(otherwise.as_deref().unwrap_or_default(), Follower::Hole);
                self.machine.join(&end, at);
            }
            Node::Set { .. } | Node::Break | Node::Continue => {}
        }
    }

    fn text(&mut self, start: usize, text: &str, follower: Follower) {
        let segments = segments(text);
        for (index, segment) in segments.iter().enumerate() {
            match segment {
                Segment::Literal(range) => {
                    self.machine.text(start + range.start..start + range.end);
                }
                Segment::Hole(range, _) => {
                    let follower = match segments.get(index + 1) {
                        None => follower,
                        Some(Segment::Literal(next)) => byte(&text[next.clone()]),
                        Some(Segment::Hole(..)) => Follower::Hole,
                    };
                    self.machine.hole(start + range.end, follower);
                }
            }
        }
    }

    /// What a text begins with.
    fn first(&self, text: &str) -> Follower {
        match segments(text).first() {
            Some(Segment::Literal(range)) => byte(&text[range.clone()]),
            _ => Follower::Hole,
        }
    }
}

fn byte(text: &str) -> Follower {
    text.bytes().next().map_or(Follower::End, Follower::Byte)
}
