//! Operators and what stands between them.

use super::super::lexer::TokenKind;
use super::super::{Expr, Fault, Kind, Name};
use super::{RESERVED, Reader};
use crate::texts;

/// Most operators of one expression. A chain of them is a tree as deep as it is long, which Tera and
/// we walk by recursion; a worker thread has 2 MiB for it, and frames are large without optimisation.
const OPERATOR_LIMIT: usize = 64;

impl Reader<'_> {
    pub(super) fn operations(&mut self, least: u8) -> Result<Expr, Fault> {
        let start = self.here().start;
        let mut left = self.operand()?;
        while let Some((operator, length)) = self.operator() {
            let (binds_left, binds_right) = binding(operator);
            if binds_left < least {
                break;
            }
            self.operators += 1;
            if self.operators > OPERATOR_LIMIT {
                return Err(Fault::limit(
                    self.here(),
                    texts::script::TOO_MANY_OPERATORS.phrase(),
                ));
            }
            self.at += length;
            let of = Box::new(left);
            let kind = match operator {
                "|" => {
                    let name = self.called()?;
                    let arguments = self.arguments()?;
                    Kind::Filter {
                        of,
                        name,
                        arguments,
                    }
                }
                "is" => {
                    let negated = self.take("not");
                    let name = self.called()?;
                    let arguments = self.arguments()?;
                    Kind::Test {
                        of,
                        negated,
                        name,
                        arguments,
                    }
                }
                "if" => {
                    let condition = Box::new(self.expression(0)?);
                    self.expect("else")?;
                    let otherwise = Box::new(self.expression(0)?);
                    Kind::Ternary {
                        condition,
                        then: of,
                        otherwise,
                    }
                }
                "[" => self.subscript(of, false)?,
                _ => Kind::Binary {
                    operator,
                    left: of,
                    right: Box::new(self.expression(binds_right)?),
                },
            };
            left = Expr {
                range: self.since(start),
                kind,
            };
        }
        Ok(left)
    }

    /// The operator that comes next and how many tokens it takes.
    fn operator(&self) -> Option<(&'static str, usize)> {
        let kind = self.peek_kind()?;
        if !matches!(kind, TokenKind::Sign | TokenKind::Name) {
            return None;
        }
        if self.is("not") && self.ahead(1) == "in" {
            return Some(("not in", 2));
        }
        OPERATORS
            .iter()
            .find(|operator| self.is(operator))
            .map(|operator| (*operator, 1))
    }

    fn operand(&mut self) -> Result<Expr, Fault> {
        let start = self.here().start;
        let kind = match self.peek_kind() {
            Some(TokenKind::Number | TokenKind::Text) => {
                self.at += 1;
                Kind::Literal
            }
            Some(TokenKind::Name) => return self.named(start),
            _ if self.take("-") => self.unary("-", 20)?,
            _ if self.take("(") => {
                let inside = self.expression(0)?;
                self.expect(")")?;
                Kind::Group(Box::new(inside))
            }
            _ if self.take("[") => self.array()?,
            _ if self.take("{") => self.map()?,
            _ => return Err(self.unexpected(texts::script::A_VALUE)),
        };
        Ok(Expr {
            range: self.since(start),
            kind,
        })
    }

    fn unary(&mut self, operator: &'static str, binds: u8) -> Result<Kind, Fault> {
        if self.is("-") || self.is("not") {
            return Err(self.unexpected(texts::script::A_VALUE));
        }
        let operand = Box::new(self.expression(binds)?);
        Ok(Kind::Unary { operator, operand })
    }

    fn named(&mut self, start: usize) -> Result<Expr, Fault> {
        let name = self.name()?;
        let expression = |kind, range| Expr { range, kind };
        match name {
            "not" => {
                let kind = self.unary("not ", 5)?;
                return Ok(expression(kind, self.since(start)));
            }
            "true" | "True" | "false" | "False" | "none" | "None" | "null" => {
                return Ok(expression(Kind::Literal, self.since(start)));
            }
            "loop" => {
                self.expect(".")?;
                let field = self.name()?;
                if !["index", "index0", "first", "last", "length"].contains(&field) {
                    return Err(Fault::syntax(
                        self.since(start),
                        texts::script::LOOP_HAS_NO.phrase().with("name", field),
                    ));
                }
                return Ok(expression(Kind::Loop, self.since(start)));
            }
            _ if RESERVED.contains(&name) || name.starts_with("__") => {
                return Err(Fault::syntax(
                    self.since(start),
                    texts::script::NOT_A_VALUE.phrase().with("name", name),
                ));
            }
            _ => {}
        }
        if self.is("(") {
            let name = Name {
                name: name.to_owned(),
                range: self.since(start),
            };
            let arguments = self.arguments()?;
            return Ok(expression(
                Kind::Call { name, arguments },
                self.since(start),
            ));
        }
        let mut chain = expression(Kind::Variable(name.to_owned()), self.since(start));
        loop {
            let of = Box::new(chain);
            let kind = if self.is(".") || self.is("?.") {
                let optional = self.is("?.");
                self.at += 1;
                let name = self.name()?.to_owned();
                Kind::Attribute { of, name, optional }
            } else if self.is("[") || self.is("?[") {
                let optional = self.is("?[");
                self.at += 1;
                self.subscript(of, optional)?
            } else {
                return Ok(*of);
            };
            self.operators += 1;
            if self.operators > OPERATOR_LIMIT {
                return Err(Fault::limit(
                    self.here(),
                    texts::script::TOO_MANY_OPERATORS.phrase(),
                ));
            }
            chain = expression(kind, self.since(start));
        }
    }
}

const OPERATORS: [&str; 21] = [
    "or", "and", "in", "is", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "~", "//",
    "**", "|", "if", "[",
];

/// How strongly an operator binds to its left and its right.
fn binding(operator: &str) -> (u8, u8) {
    match operator {
        "if" => (0, 0),
        "or" => (1, 2),
        "and" => (3, 4),
        "in" | "not in" | "is" => (5, 6),
        "==" | "!=" | "<" | "<=" | ">" | ">=" => (7, 8),
        "+" | "-" => (11, 12),
        "*" | "/" | "%" | "~" | "//" => (13, 14),
        "**" => (16, 15),
        "|" => (17, 18),
        // A subscript binds to whatever stands before it.
        _ => (u8::MAX, 0),
    }
}
