//! Expressions, by operator precedence as Tera 2 has it.

use std::ops::Range;

use super::lexer::{Token, TokenKind};
use super::{Arguments, Expr, Fault, Kind, Name};

/// Deepest nesting of an expression; Tera stops at 40 of its own levels.
const DEPTH_LIMIT: usize = 16;
/// Most operators of one expression, as in Tera.
const OPERATOR_LIMIT: usize = 200;

/// Names that mean something of their own.
pub(super) const RESERVED: [&str; 16] = [
    "true", "True", "false", "False", "loop", "self", "and", "or", "not", "is", "in", "continue",
    "break", "none", "None", "null",
];

/// Reads the tokens of one tag.
pub(super) struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    /// The tag, for faults at its end.
    tag: Range<usize>,
    depth: usize,
    operators: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, tag: Range<usize>, tokens: &'a [Token]) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            tag,
            depth: 0,
            operators: 0,
        }
    }

    /// The rest of the tag is one expression.
    pub(super) fn whole_expression(&mut self) -> Result<Expr, Fault> {
        let expression = self.expression(0)?;
        self.end()?;
        Ok(expression)
    }

    pub(super) fn end(&self) -> Result<(), Fault> {
        match self.tokens.get(self.at) {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end of the tag")),
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The next token's text, empty at the end.
    pub(super) fn peek(&self) -> &'a str {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> &'a str {
        self.tokens
            .get(self.at + by)
            .map_or("", |token| &self.text[token.range.clone()])
    }

    fn peek_kind(&self) -> Option<TokenKind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    /// Whether the next token is this sign or word; a text in quotes never is.
    fn is(&self, text: &str) -> bool {
        matches!(self.peek_kind(), Some(TokenKind::Sign | TokenKind::Name)) && self.peek() == text
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, text: &str) -> Result<(), Fault> {
        if self.take(text) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{text}`")))
        }
    }

    /// Where the next token stands, or the tag's end.
    fn here(&self) -> Range<usize> {
        self.tokens
            .get(self.at)
            .map_or(self.tag.end.saturating_sub(2)..self.tag.end, |token| {
                token.range.clone()
            })
    }

    pub(super) fn unexpected(&self, wanted: &str) -> Fault {
        let found = match self.peek() {
            "" => "the end of the tag".to_owned(),
            found => format!("`{found}`"),
        };
        Fault::syntax(self.here(), format!("expected {wanted}, found {found}"))
    }

    /// A name that is bound: by `set` or `for`.
    pub(super) fn new_name(&mut self) -> Result<String, Fault> {
        let at = self.here();
        let name = self.name()?;
        if RESERVED.contains(&name) || name.starts_with("__") {
            return Err(Fault::syntax(
                at,
                format!("`{name}` cannot be used as a name"),
            ));
        }
        Ok(name.to_owned())
    }

    pub(super) fn name(&mut self) -> Result<&'a str, Fault> {
        if self.peek_kind() != Some(TokenKind::Name) {
            return Err(self.unexpected("a name"));
        }
        let name = self.peek();
        self.at += 1;
        Ok(name)
    }

    fn called(&mut self) -> Result<Name, Fault> {
        let range = self.here();
        let name = self.name()?.to_owned();
        Ok(Name { name, range })
    }

    fn since(&self, start: usize) -> Range<usize> {
        let end = self
            .at
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        start..end.map_or(start, |token| token.range.end)
    }

    pub(super) fn expression(&mut self, least: u8) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Fault::limit(
                self.here(),
                "the expression is nested too deeply",
            ));
        }
        let expression = self.operations(least);
        self.depth -= 1;
        expression
    }

    fn operations(&mut self, least: u8) -> Result<Expr, Fault> {
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
                    "the expression has too many operators",
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
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Expr {
            range: self.since(start),
            kind,
        })
    }

    fn unary(&mut self, operator: &'static str, binds: u8) -> Result<Kind, Fault> {
        if self.is("-") || self.is("not") {
            return Err(self.unexpected("a value"));
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
                        format!("`loop` has no `{field}`"),
                    ));
                }
                return Ok(expression(Kind::Loop, self.since(start)));
            }
            _ if RESERVED.contains(&name) || name.starts_with("__") => {
                return Err(Fault::syntax(
                    self.since(start),
                    format!("`{name}` is no value"),
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
                    "the expression has too many operators",
                ));
            }
            chain = expression(kind, self.since(start));
        }
    }

    /// What follows `[`: an index or a slice.
    fn subscript(&mut self, of: Box<Expr>, optional: bool) -> Result<Kind, Fault> {
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
    fn arguments(&mut self) -> Result<Arguments, Fault> {
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
                return Err(Fault::syntax(at, format!("`{name}` is given twice")));
            }
            self.expect("=")?;
            arguments.push((name, self.expression(0)?));
        }
        Ok(arguments)
    }

    fn array(&mut self) -> Result<Kind, Fault> {
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
    pub(super) fn loop_names(&mut self) -> Result<(Option<String>, String), Fault> {
        let mut key = None;
        let mut value = self.new_name()?;
        if self.take(",") {
            key = Some(value);
            value = self.new_name()?;
        }
        self.expect("in")?;
        Ok((key, value))
    }

    fn map(&mut self) -> Result<Kind, Fault> {
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
                _ => return Err(self.unexpected("a key in quotes")),
            }
            self.expect(":")?;
            entries.push((Some(key), self.expression(0)?));
        }
        Ok(Kind::Map(entries))
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
