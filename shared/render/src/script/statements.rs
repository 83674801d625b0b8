//! Statements: what stands between `{%` and `%}`.

use crate::texts;
use std::ops::Range;

use super::expression::Reader;
use super::lexer::{Piece, pieces};
use super::{Fault, Node, Script};

/// Most bytes of a template in Tera, its parts together.
pub(in super::super) const SOURCE_LIMIT: usize = 100 * 1024;
/// Deepest nesting of statements.
const DEPTH_LIMIT: usize = 12;
/// Most `elif`s on the way to any statement, those of the statements around it counted: Tera reads
/// each as an `if` inside the `else` of the one before, by recursion and without a limit of its own.
const BRANCH_LIMIT: usize = 40;

/// Tags that Tera knows and templates of mails do not have.
const REFUSED: [&str; 9] = [
    "include",
    "extends",
    "block",
    "endblock",
    "import",
    "macro",
    "filter",
    "component",
    "<",
];

/// Reads a template in Tera.
pub(in super::super) fn parse(text: &str) -> Result<Script, Fault> {
    let pieces = pieces(text)?;
    let tags = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Tag(range, _) => Some(range.clone()),
            _ => None,
        })
        .collect();
    let mut parser = Parser {
        text,
        pieces: &pieces,
        at: 0,
        depth: 0,
        branches: 0,
        loops: 0,
    };
    let nodes = parser.body()?;
    match parser.end_tag() {
        None => Ok(Script { nodes, tags }),
        Some((range, name)) => Err(Fault::syntax(
            range,
            texts::script::NOTHING_TO_END.phrase().with("name", name),
        )),
    }
}

struct Parser<'a> {
    text: &'a str,
    pieces: &'a [Piece],
    at: usize,
    depth: usize,
    branches: usize,
    loops: usize,
}

impl<'a> Parser<'a> {
    /// Statements up to a tag that ends or continues the statement around them.
    fn body(&mut self) -> Result<Vec<Node>, Fault> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.at) {
            match piece {
                Piece::Text(range) => nodes.push(Node::Text(range.clone())),
                Piece::Output(range, tokens) => {
                    let mut reader = Reader::new(self.text, range.clone(), tokens);
                    nodes.push(Node::Output(range.clone(), reader.whole_expression()?));
                }
                Piece::Tag(..) if self.end_tag().is_some() => break,
                Piece::Tag(range, tokens) => {
                    let mut reader = Reader::new(self.text, range.clone(), tokens);
                    self.at += 1;
                    nodes.push(self.statement(range, &mut reader)?);
                    continue;
                }
            }
            self.at += 1;
        }
        Ok(nodes)
    }

    /// The tag we stand at, when it ends or continues a statement.
    fn end_tag(&self) -> Option<(Range<usize>, &'a str)> {
        let Piece::Tag(range, tokens) = self.pieces.get(self.at)? else {
            return None;
        };
        let name = &self.text[tokens.first()?.range.clone()];
        matches!(
            name,
            "elif" | "else" | "endif" | "endfor" | "endset" | "endfilter"
        )
        .then(|| (range.clone(), name))
    }

    fn statement(&mut self, range: &Range<usize>, reader: &mut Reader<'a>) -> Result<Node, Fault> {
        if reader.is_at_end() {
            return Err(Fault::syntax(
                range.clone(),
                texts::script::TAG_EMPTY.phrase(),
            ));
        }
        let refused = reader.peek();
        if REFUSED.contains(&refused) {
            return Err(Fault::syntax(
                range.clone(),
                texts::script::NOT_AVAILABLE.phrase().with("name", refused),
            ));
        }
        let node = match reader.name()? {
            "if" => return self.nested(range, |parser| parser.condition(range, reader)),
            "for" => return self.nested(range, |parser| parser.repetition(range, reader)),
            name @ ("set" | "set_global") => {
                let global = name == "set_global";
                let name = reader.new_name()?;
                if reader.is_at_end() || reader.peek() == "|" {
                    return Err(Fault::syntax(
                        range.clone(),
                        texts::script::SET_TAKES_VALUE.phrase(),
                    ));
                }
                reader.expect("=")?;
                let value = reader.whole_expression()?;
                Node::Set {
                    name,
                    global,
                    value,
                }
            }
            "break" if self.loops > 0 => Node::Break,
            "continue" if self.loops > 0 => Node::Continue,
            other => {
                return Err(Fault::syntax(
                    range.clone(),
                    texts::script::NO_SUCH_TAG.phrase().with("name", other),
                ));
            }
        };
        reader.end()?;
        Ok(node)
    }

    fn nested(
        &mut self,
        range: &Range<usize>,
        statement: impl FnOnce(&mut Self) -> Result<Node, Fault>,
    ) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Fault::limit(
                range.clone(),
                texts::script::TOO_MANY_LEVELS.phrase(),
            ));
        }
        let node = statement(self);
        self.depth -= 1;
        node
    }

    fn condition(&mut self, at: &Range<usize>, reader: &mut Reader<'a>) -> Result<Node, Fault> {
        let before = self.branches;
        let node = self.branches(at, reader.whole_expression()?);
        self.branches = before;
        node
    }

    /// The branches of an `if` whose first condition is this.
    fn branches(&mut self, at: &Range<usize>, first: super::Expr) -> Result<Node, Fault> {
        let mut branches = Vec::new();
        let mut expression = first;
        loop {
            let body = self.body()?;
            branches.push((expression, body));
            let (range, name) = self.closing(at, "endif")?;
            match name {
                "elif" => {
                    self.branches += 1;
                    if self.branches > BRANCH_LIMIT {
                        return Err(Fault::limit(
                            range,
                            texts::script::TOO_MANY_BRANCHES
                                .phrase()
                                .with("max", BRANCH_LIMIT),
                        ));
                    }
                    expression = self.continued(&range)?;
                }
                "else" => {
                    self.at += 1;
                    let otherwise = self.body()?;
                    match self.closing(at, "endif")? {
                        (_, "endif") => self.at += 1,
                        (range, name) => return Err(misplaced(range, name)),
                    }
                    return Ok(Node::If {
                        at: at.clone(),
                        branches,
                        otherwise: Some(otherwise),
                    });
                }
                "endif" => {
                    self.at += 1;
                    return Ok(Node::If {
                        at: at.clone(),
                        branches,
                        otherwise: None,
                    });
                }
                name => return Err(misplaced(range, name)),
            }
        }
    }

    /// The expression of the `elif` we stand at.
    fn continued(&mut self, range: &Range<usize>) -> Result<super::Expr, Fault> {
        let Some(Piece::Tag(_, tokens)) = self.pieces.get(self.at) else {
            return Err(Fault::syntax(
                range.clone(),
                texts::script::TAG_EMPTY.phrase(),
            ));
        };
        self.at += 1;
        let mut reader = Reader::new(self.text, range.clone(), tokens);
        reader.expect("elif")?;
        reader.whole_expression()
    }

    fn repetition(&mut self, at: &Range<usize>, reader: &mut Reader<'a>) -> Result<Node, Fault> {
        let (key, value) = reader.loop_names()?;
        let target = reader.whole_expression()?;
        self.loops += 1;
        let body = self.body()?;
        self.loops -= 1;
        let mut otherwise = None;
        let mut closing = self.closing(at, "endfor")?;
        if closing.1 == "else" {
            self.at += 1;
            otherwise = Some(self.body()?);
            closing = self.closing(at, "endfor")?;
        }
        if closing.1 != "endfor" {
            return Err(misplaced(closing.0, closing.1));
        }
        self.at += 1;
        Ok(Node::For {
            at: at.clone(),
            key,
            value,
            target,
            body,
            otherwise,
        })
    }

    fn closing(
        &self,
        opened: &Range<usize>,
        wanted: &str,
    ) -> Result<(Range<usize>, &'a str), Fault> {
        self.end_tag().ok_or_else(|| {
            Fault::syntax(
                opened.clone(),
                texts::script::TAG_WITHOUT_END.phrase().with("name", wanted),
            )
        })
    }
}

fn misplaced(range: Range<usize>, name: &str) -> Fault {
    Fault::syntax(
        range,
        texts::script::ENDS_SOMETHING_ELSE
            .phrase()
            .with("name", name),
    )
}
