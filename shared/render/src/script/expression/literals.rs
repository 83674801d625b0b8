//! What stands in brackets: indexes, arguments, lists, maps.

use super::super::lexer::TokenKind;
use super::super::{Arguments, Expr, Fault, Kind};
use super::Reader;
use crate::texts;

impl Reader<'_> {
    pub(super) fn subscript(&mut self, of: Box<Expr>, optional: bool) -> Result<Kind, Fault> {
        let from = if self.is(":") {
            None
        } else {
            Some(Box::new(self.expression(0)?))
        };
        if let Some(index) = from.clone().filter(|_| self.take("]")) {
            return Ok(Kind::Item {
                of,
                index,
                optional,
            });
        }
        self.expect(":")?;
        let to = if self.is(":") || self.is("]") {
            None
        } else {
            Some(Box::new(self.expression(0)?))
        };
        let step = if self.take(":") {
            Some(Box::new(self.expression(0)?))
        } else {
            None
        };
        self.expect("]")?;
        Ok(Kind::Slice { of, from, to, step })
    }

    /// `(name=value, …)`, or nothing.
    pub(super) fn arguments(&mut self) -> Result<Arguments, Fault> {
        let mut arguments: Arguments = Vec::new();
        if !self.take("(") {
            return Ok(arguments);
        }
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
                if self.take(")") {
                    break;
                }
            }
            let at = self.here();
            let name = self.name()?.to_owned();
            if arguments.iter().any(|(known, _)| *known == name) {
                return Err(Fault::syntax(
                    at,
                    texts::script::GIVEN_TWICE.phrase().with("name", name),
                ));
            }
            self.expect("=")?;
            arguments.push((name, self.expression(0)?));
        }
        Ok(arguments)
    }

    pub(super) fn array(&mut self) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        while !self.take("]") {
            if !items.is_empty() {
                self.expect(",")?;
                if self.take("]") {
                    break;
                }
            }
            let spread = self.take("...");
            let item = self.expression(0)?;
            if items.is_empty() && !spread && self.take("for") {
                return self.comprehension(Box::new(item));
            }
            items.push((spread, item));
        }
        Ok(Kind::Array(items))
    }

    fn comprehension(&mut self, item: Box<Expr>) -> Result<Kind, Fault> {
        let (key, value) = self.loop_names()?;
        // One above the ternary: an `if` here is the comprehension's own.
        let target = Box::new(self.expression(1)?);
        let condition = if self.take("if") {
            Some(Box::new(self.expression(1)?))
        } else {
            None
        };
        self.expect("]")?;
        Ok(Kind::Comprehension {
            item,
            key,
            value,
            target,
            condition,
        })
    }

    /// `value in` or `key, value in`.
    pub(in super::super) fn loop_names(&mut self) -> Result<(Option<String>, String), Fault> {
        let mut key = None;
        let mut value = self.new_name()?;
        if self.take(",") {
            key = Some(value);
            value = self.new_name()?;
        }
        self.expect("in")?;
        Ok((key, value))
    }

    pub(super) fn map(&mut self) -> Result<Kind, Fault> {
        let mut entries = Vec::new();
        while !self.take("}") {
            if !entries.is_empty() {
                self.expect(",")?;
                if self.take("}") {
                    break;
                }
            }
            if self.take("...") {
                entries.push((None, self.expression(0)?));
                continue;
            }
            let key = self.here();
            match self.peek_kind() {
                Some(TokenKind::Text) => self.at += 1,
                _ => return Err(self.unexpected(texts::script::A_KEY_IN_QUOTES)),
            }
            self.expect(":")?;
            entries.push((Some(key), self.expression(0)?));
        }
        Ok(Kind::Map(entries))
    }
}
