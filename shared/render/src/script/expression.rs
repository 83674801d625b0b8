//! Expressions, by operator precedence as Tera 2 has it.

use crate::texts;
use domain::catalog::Phrase;
use std::ops::Range;

use super::lexer::{Token, TokenKind};
use super::{Expr, Fault, Name};

mod literals;
mod operations;

/// Deepest nesting of an expression; Tera stops at 40 of its own levels.
const DEPTH_LIMIT: usize = 16;

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
            Some(_) => Err(self.unexpected(texts::script::END_OF_TAG)),
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
            Err(self.unexpected(Phrase::verbatim(format!("`{text}`"))))
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

    pub(super) fn unexpected(&self, wanted: impl Into<Phrase>) -> Fault {
        let found = match self.peek() {
            "" => texts::script::END_OF_TAG.phrase(),
            found => Phrase::verbatim(format!("`{found}`")),
        };
        let message = texts::script::EXPECTED.phrase();
        let message = message
            .with_phrase("wanted", wanted)
            .with_phrase("found", found);
        Fault::syntax(self.here(), message)
    }

    /// A name that is bound: by `set` or `for`.
    pub(super) fn new_name(&mut self) -> Result<String, Fault> {
        let at = self.here();
        let name = self.name()?;
        if RESERVED.contains(&name) || name.starts_with("__") {
            return Err(Fault::syntax(
                at,
                texts::script::NOT_A_NAME.phrase().with("name", name),
            ));
        }
        Ok(name.to_owned())
    }

    pub(super) fn name(&mut self) -> Result<&'a str, Fault> {
        if self.peek_kind() != Some(TokenKind::Name) {
            return Err(self.unexpected(texts::script::A_NAME));
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
            return Err(Fault::limit(self.here(), texts::script::TOO_DEEP.phrase()));
        }
        let expression = self.operations(least);
        self.depth -= 1;
        expression
    }
}
