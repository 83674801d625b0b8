//! `INSERT … SELECT` of literals: the spelling of scripts that insert only what is not there yet
//! (`SELECT 1, 'x' FROM dual WHERE NOT EXISTS (…)`), and of many rows with `UNION ALL`.

use super::lexer::Token;
use super::table::Columns;
use super::{SqlReader, State};
use crate::{
    row::{Row, Value},
    texts,
};

impl SqlReader<'_> {
    /// The values after `SELECT`.
    pub(super) fn select(&mut self, columns: Columns) {
        self.modifiers();
        let token = self.lexer.next(true);
        self.lexer.back(token);
        let line = self.lexer.line;
        match self.derived() {
            Derived::Query => return self.state = State::Select(columns),
            Derived::Other => {
                self.not_read(line, texts::findings::INSERT_ELSEWHERE.phrase());
                self.union();
                return;
            }
            Derived::No => {}
        }
        let mut row = Row::new(line);
        self.held = 0;
        let (mut count, mut literal) = (0, true);
        loop {
            match self.value(true) {
                Ok(value) => {
                    literal &= !matches!(value, Value::Unreadable { .. });
                    if let Some(field) = columns.at(count) {
                        row.set(field, value);
                    }
                }
                Err(stop) => return self.stopped(stop, line),
            }
            count += 1;
            self.alias();
            let token = self.lexer.next(true);
            if token != Token::Punct(b',') {
                self.lexer.back(token);
                break;
            }
        }
        if columns.fits(count) {
            self.finish(row);
        } else if !literal {
            self.not_read(line, texts::findings::INSERT_ELSEWHERE.phrase());
        } else {
            self.wrong_count(line, count, &columns);
        }
        if self.union() {
            self.state = State::Select(columns);
        }
    }

    /// `* FROM (SELECT …) AS tmp`, by which scripts for MySQL insert only what is not there yet: the
    /// values are those of the query in it.
    fn derived(&mut self) -> Derived {
        let token = self.lexer.next(true);
        if token != Token::Punct(b'*') {
            self.lexer.back(token);
            return Derived::No;
        }
        for expected in [Some(b"from".as_slice()), None, Some(b"select")] {
            let token = self.lexer.next(true);
            let found = match expected {
                Some(word) => token == Token::Word && self.lexer.word == word,
                None => token == Token::Punct(b'('),
            };
            if !found {
                self.lexer.back(token);
                return Derived::Other;
            }
        }
        Derived::Query
    }

    /// `ALL`, `DISTINCT` and `TOP (1)`.
    fn modifiers(&mut self) {
        loop {
            let token = self.lexer.next(true);
            match (token, self.lexer.word.as_slice()) {
                (Token::Word, b"all" | b"distinct") => {}
                (Token::Word, b"top") => {
                    let token = self.lexer.next(true);
                    if token == Token::Punct(b'(') {
                        self.lexer.next(true);
                        self.lexer.next(true);
                    }
                }
                _ => return self.lexer.back(token),
            }
        }
    }

    /// `AS name`, or a name alone.
    fn alias(&mut self) {
        let token = self.lexer.next(true);
        match token {
            Token::Word if self.lexer.word == b"as" => {
                self.lexer.next(true);
            }
            Token::Word if !ends_values(&self.lexer.word) => {}
            Token::Quoted | Token::Double => {}
            _ => self.lexer.back(token),
        }
    }

    /// Passes the rest of a `SELECT`; whether another one follows by `UNION`.
    fn union(&mut self) -> bool {
        let mut depth = 0usize;
        loop {
            let token = self.lexer.next(false);
            match token {
                Token::Punct(b'(') => depth += 1,
                Token::Punct(b')') => depth = depth.saturating_sub(1),
                Token::Word if depth == 0 && self.lexer.word == b"union" => {
                    return self.select_follows();
                }
                Token::Word if depth == 0 && begins_statement(&self.lexer.word) => {}
                Token::Punct(b';')
                | Token::End
                | Token::Broken { .. }
                | Token::Unterminated { .. } => {}
                _ => continue,
            }
            if !matches!(token, Token::Punct(b'(' | b')')) {
                self.lexer.back(token);
                return false;
            }
        }
    }

    fn select_follows(&mut self) -> bool {
        loop {
            let token = self.lexer.next(true);
            match (token, self.lexer.word.as_slice()) {
                (Token::Word, b"all" | b"distinct") | (Token::Punct(b'('), _) => {}
                (Token::Word, b"select") => return true,
                _ => {
                    self.lexer.back(token);
                    return false;
                }
            }
        }
    }
}

/// What `SELECT *` selects from.
enum Derived {
    /// Another query, whose `SELECT` has been passed.
    Query,
    Other,
    /// There is no `*`.
    No,
}

/// Words that end the values of a `SELECT` or `SET`.
pub(super) fn ends_values(word: &[u8]) -> bool {
    begins_statement(word)
        || matches!(
            word,
            b"from"
                | b"where"
                | b"union"
                | b"order"
                | b"group"
                | b"having"
                | b"limit"
                | b"into"
                | b"on"
                | b"for"
                | b"option"
                | b"returning"
        )
}

pub(super) fn begins_statement(word: &[u8]) -> bool {
    matches!(
        word,
        b"insert"
            | b"go"
            | b"commit"
            | b"set"
            | b"update"
            | b"delete"
            | b"select"
            | b"create"
            | b"alter"
            | b"drop"
            | b"if"
            | b"begin"
            | b"end"
            | b"declare"
            | b"print"
            | b"exec"
            | b"execute"
            | b"merge"
            | b"use"
            | b"truncate"
    )
}
