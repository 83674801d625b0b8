//! Values as people and tools write them: literals, what joins them, and calls that only wrap them.

use super::SqlReader;
use super::lexer::{MAX_VALUE, Token};
use super::select::ends_values;
use crate::{encoding, row::Value, texts};
use domain::catalog::Phrase;

/// How deep calls and parentheses may nest.
const MAX_DEPTH: usize = 32;
/// Most bytes of text in a row.
pub(super) const MAX_ROW: usize = 2 * MAX_VALUE;

/// Why a row breaks off.
pub(super) enum Stop {
    /// In a string or comment that is not closed.
    Unclosed(Token),
    /// At the end of the stream or of the statement.
    End,
}

/// Why a value ends before its end.
pub(super) enum Halt {
    Stop(Stop),
    Unreadable(Phrase),
    TooLong,
}

/// A value while it is read: none for NULL.
pub(super) type Part = Option<String>;

impl SqlReader<'_> {
    /// A value, up to what follows it. In a list of a `SELECT` (or `SET`) also words may follow.
    pub(super) fn value(&mut self, in_select: bool) -> Result<Value, Stop> {
        self.depth = 0;
        let token = self.lexer.next(true);
        self.lexer.back(token);
        let line = self.lexer.line;
        let read = self.expression(0).and_then(|part| {
            let token = self.lexer.next(true);
            let ended = match token {
                Token::Punct(b',' | b')' | b';') | Token::End => true,
                Token::Word | Token::Quoted | Token::Double => in_select,
                _ => false,
            };
            self.lexer.back(token);
            if ended {
                Ok(part)
            } else {
                Err(self.unknown(token))
            }
        });
        let value = match read {
            Ok(None) => Value::Null,
            Ok(Some(text)) => Value::Text(encoding::joined(text)),
            Err(Halt::Stop(stop)) => return Err(stop),
            Err(Halt::Unreadable(what)) => {
                self.pass_value(in_select)?;
                Value::Unreadable { what, line }
            }
            Err(Halt::TooLong) => {
                self.pass_value(in_select)?;
                Value::TooLong { line }
            }
        };
        Ok(value)
    }

    /// Passes what is left of a value that cannot be read.
    fn pass_value(&mut self, in_select: bool) -> Result<(), Stop> {
        loop {
            let token = self.lexer.next(false);
            match token {
                Token::Punct(b'(') => self.depth += 1,
                Token::Punct(b')') if self.depth > 0 => self.depth -= 1,
                Token::Punct(b')' | b',') if self.depth == 0 => {
                    self.lexer.back(token);
                    return Ok(());
                }
                Token::Word if in_select && self.depth == 0 && ends_values(&self.lexer.word) => {
                    self.lexer.back(token);
                    return Ok(());
                }
                Token::Punct(b';') | Token::End => {
                    self.lexer.back(token);
                    return if in_select { Ok(()) } else { Err(Stop::End) };
                }
                Token::Broken { .. } | Token::Unterminated { .. } => {
                    return Err(Stop::Unclosed(token));
                }
                _ => {}
            }
        }
    }

    pub(super) fn expression(&mut self, depth: usize) -> Result<Part, Halt> {
        let mut number = self.is_number();
        let mut whole = self.term(depth)?;
        loop {
            let token = self.lexer.next(true);
            match token {
                // A sum: nothing is reckoned here.
                Token::Punct(b'+') if number && self.is_number() => {
                    return Err(Halt::Unreadable(texts::findings::NOT_LITERAL.phrase()));
                }
                Token::Concat | Token::Punct(b'+') => {
                    number = false;
                    if let Some(more) = self.term(depth)? {
                        whole.get_or_insert_default().push_str(&more);
                    }
                }
                Token::Cast => self.pass_type()?,
                Token::Word if self.lexer.word == b"collate" => {
                    self.name();
                }
                _ => {
                    self.lexer.back(token);
                    return Ok(whole);
                }
            }
        }
    }

    /// Whether a number comes next.
    fn is_number(&mut self) -> bool {
        let token = self.lexer.next(true);
        self.lexer.back(token);
        token == Token::Number
    }

    fn term(&mut self, depth: usize) -> Result<Part, Halt> {
        if depth > MAX_DEPTH {
            return Err(Halt::Unreadable(texts::findings::NESTED_TOO_DEEP.phrase()));
        }
        let token = self.lexer.next(true);
        match token {
            Token::Text | Token::Double => self.literal().map(Some),
            Token::Number => Ok(Some(String::from_utf8_lossy(&self.lexer.word).into_owned())),
            Token::Punct(b'-') => {
                let number = self.term(depth + 1)?;
                Ok(number.map(|number| format!("-{number}")))
            }
            Token::Punct(b'(') => {
                self.depth += 1;
                let part = self.expression(depth + 1)?;
                self.close()?;
                Ok(part)
            }
            Token::Word => self.word_term(depth),
            _ => {
                self.lexer.back(token);
                Err(self.unknown(token))
            }
        }
    }

    /// A string, and those right behind it that continue it.
    fn literal(&mut self) -> Result<String, Halt> {
        let mut whole = self.decoded()?;
        loop {
            let token = self.lexer.next(true);
            if token != Token::Text {
                self.lexer.back(token);
                return Ok(whole);
            }
            whole += &self.decoded()?;
        }
    }

    fn decoded(&mut self) -> Result<String, Halt> {
        self.held += self.lexer.text.len();
        if self.lexer.overflow || self.held > MAX_ROW {
            return Err(Halt::TooLong);
        }
        Ok(encoding::piece(std::mem::take(&mut self.lexer.text)))
    }

    fn word_term(&mut self, depth: usize) -> Result<Part, Halt> {
        let mut word = String::from_utf8_lossy(&self.lexer.word).into_owned();
        match word.as_str() {
            "null" | "default" => return Ok(None),
            "true" => return Ok(Some("1".to_owned())),
            "false" => return Ok(Some("0".to_owned())),
            "select" | "with" => return Err(Halt::Unreadable(texts::findings::SUBSELECT.phrase())),
            "case" => return Err(Halt::Unreadable(texts::findings::CASE_EXPRESSION.phrase())),
            _ => {}
        }
        loop {
            let token = self.lexer.next(true);
            match token {
                Token::Punct(b'(') => {
                    self.depth += 1;
                    return self.call(&word, depth + 1);
                }
                // A typed literal (DATE '…') or one with a character set (_utf8 '…').
                Token::Text
                    if word.starts_with('_')
                        || matches!(
                            word.as_str(),
                            "text" | "varchar" | "date" | "timestamp" | "binary"
                        ) =>
                {
                    return self.literal().map(Some);
                }
                Token::Punct(b'.') => {
                    // The last part of a qualified name says what is called.
                    let token = self.lexer.next(true);
                    if token != Token::Word {
                        self.lexer.back(token);
                        return Err(Halt::Unreadable(name_of(&word)));
                    }
                    word = String::from_utf8_lossy(&self.lexer.word).into_owned();
                }
                Token::Broken { .. } | Token::Unterminated { .. } => {
                    return Err(Halt::Stop(Stop::Unclosed(token)));
                }
                _ => {
                    self.lexer.back(token);
                    return Err(Halt::Unreadable(name_of(&word)));
                }
            }
        }
    }

    /// What to say of a token that no value has; it has been given back.
    pub(super) fn unknown(&mut self, token: Token) -> Halt {
        match token {
            Token::Broken { .. } | Token::Unterminated { .. } => {
                // Taken again, since nobody else may pass it.
                self.lexer.next(true);
                Halt::Stop(Stop::Unclosed(token))
            }
            Token::End => Halt::Stop(Stop::End),
            Token::Punct(b'?' | b':' | b'&') => {
                Halt::Unreadable(texts::findings::SQL_PLACEHOLDER.phrase())
            }
            _ => Halt::Unreadable(texts::findings::NOT_LITERAL.phrase()),
        }
    }
}

/// What a bare name in the place of a value is.
fn name_of(word: &str) -> Phrase {
    let kind = if word.starts_with(['$', '@']) {
        texts::findings::VARIABLE
    } else {
        texts::findings::NAME
    };
    kind.phrase().with("name", shown(word))
}

/// A name as it may stand in a message: short, and with nothing but letters, digits and `$@_`.
pub(super) fn shown(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '$' | '@' | '_'))
        .take(40)
        .collect()
}
