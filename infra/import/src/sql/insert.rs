//! `INSERT` in its spellings.

use domain::{diagnostic::Severity, import::FindingCode};

use super::expression::Stop;
use super::lexer::Token;
use super::table::{Columns, Named, is_templates};
use super::{SqlReader, State};
use crate::{row::Row, texts};

impl SqlReader<'_> {
    /// After `INSERT` or `REPLACE`.
    pub(super) fn insert(&mut self) {
        loop {
            let token = self.lexer.next(true);
            match (token, self.lexer.word.as_slice()) {
                (
                    Token::Word,
                    b"low_priority" | b"delayed" | b"high_priority" | b"ignore" | b"or"
                    | b"replace" | b"abort" | b"fail" | b"rollback",
                ) => {}
                (Token::Word, b"into") => break,
                (Token::Word, b"all" | b"first") => {
                    self.insert_all = true;
                    return;
                }
                _ => {
                    self.lexer.back(token);
                    break;
                }
            }
        }
        self.insert_into();
    }

    /// After `INTO`: the table, its columns, and what begins the rows.
    pub(super) fn insert_into(&mut self) {
        if !self.name().is_some_and(|table| is_templates(&table)) {
            return;
        }
        let line = self.lexer.line;
        let mut columns = self.columns.clone();
        // An alias and clauses such as OVERRIDING SYSTEM VALUE or OUTPUT may stand between.
        for _ in 0..32 {
            let token = self.lexer.next(true);
            match (token, self.lexer.word.as_slice()) {
                (Token::Word, b"values" | b"value") => {
                    // VALUE may belong to PostgreSQL's OVERRIDING SYSTEM VALUE: then VALUES follows.
                    let token = self.lexer.next(true);
                    self.lexer.back(token);
                    if token == Token::Word && self.lexer.word == b"values" {
                        continue;
                    }
                    self.state = State::Values(columns);
                    return;
                }
                (Token::Word, b"select") => {
                    self.insert_all = false;
                    self.state = State::Select(columns);
                    return;
                }
                (Token::Word, b"set") => return self.assignments(line),
                (Token::Word, b"with" | b"exec" | b"execute" | b"default" | b"table") => break,
                (Token::Punct(b'('), _) => {
                    let token = self.lexer.next(true);
                    self.lexer.back(token);
                    if token == Token::Word && self.lexer.word == b"select" {
                        continue;
                    }
                    match self.names() {
                        Some(names) if names.is_empty() => {}
                        Some(names) => columns = Columns::named(&names),
                        None => return self.row_unreadable(line),
                    }
                }
                (
                    Token::Punct(b';')
                    | Token::End
                    | Token::Broken { .. }
                    | Token::Unterminated { .. },
                    _,
                ) => {
                    self.lexer.back(token);
                    return;
                }
                _ => {}
            }
        }
        self.not_read(line, texts::findings::INSERT_ELSEWHERE.phrase());
    }

    /// The beginning of a row of `VALUES`.
    pub(super) fn values(&mut self, columns: Columns) {
        let token = self.lexer.next(true);
        let line = self.lexer.line;
        match token {
            Token::Punct(b'(') => self.state = State::Row(columns, line),
            Token::Word if self.lexer.word == b"row" => self.state = State::Values(columns),
            _ => self.lexer.back(token),
        }
    }

    /// One row of `VALUES`, and whether another one follows.
    pub(super) fn row(&mut self, columns: Columns, line: u64) {
        let mut row = Row::new(line);
        self.held = 0;
        let mut position = 0;
        let count = loop {
            match self.value(false) {
                Ok(value) => {
                    if let Some(field) = columns.at(position) {
                        row.set(field, value);
                    }
                }
                Err(stop) => return self.stopped(stop, line),
            }
            position += 1;
            match self.lexer.next(true) {
                Token::Punct(b',') => {}
                Token::Punct(b')') => break position,
                token => {
                    self.lexer.back(token);
                    return self.row_unreadable(line);
                }
            }
        };
        if columns.fits(count) {
            self.finish(row);
        } else {
            self.wrong_count(line, count, &columns);
        }
        let token = self.lexer.next(true);
        let line = self.lexer.line;
        match token {
            Token::Punct(b',') => self.state = State::Values(columns),
            // The comma before it is missing, unless it is a query that begins another statement.
            Token::Punct(b'(') => {
                let token = self.lexer.next(true);
                self.lexer.back(token);
                let query = token == Token::Word
                    && matches!(self.lexer.word.as_slice(), b"select" | b"with" | b"values");
                if !query {
                    self.state = State::Row(columns, line);
                }
            }
            _ => self.lexer.back(token),
        }
    }

    /// MySQL's `INSERT … SET column = value, …`.
    fn assignments(&mut self, line: u64) {
        let mut row = Row::new(line);
        self.held = 0;
        loop {
            let Some(column) = self.name() else {
                return self.row_unreadable(line);
            };
            let mut token = self.lexer.next(true);
            // MySQL takes `:=` as well.
            if token == Token::Punct(b':') {
                token = self.lexer.next(true);
            }
            if token != Token::Punct(b'=') {
                return self.row_unreadable(line);
            }
            match self.value(true) {
                Ok(value) => {
                    if let Some(field) = Named::of(&column) {
                        row.set(field, value);
                    }
                }
                Err(stop) => return self.stopped(stop, line),
            }
            let token = self.lexer.next(true);
            if token != Token::Punct(b',') {
                self.lexer.back(token);
                break;
            }
        }
        self.finish(row);
    }

    pub(super) fn wrong_count(&mut self, line: u64, count: usize, columns: &Columns) {
        let message = texts::findings::WRONG_COUNT.phrase();
        let message = message.with("count", count).with("columns", columns.len());
        self.find(Severity::Error, FindingCode::RowUnreadable, line, message);
    }

    pub(super) fn row_unreadable(&mut self, line: u64) {
        let message = texts::findings::ROW_UNREADABLE.phrase();
        self.find(Severity::Error, FindingCode::RowUnreadable, line, message);
    }

    /// A row that breaks off.
    pub(super) fn stopped(&mut self, stop: Stop, line: u64) {
        match stop {
            Stop::Unclosed(token) => self.unclosed(token),
            Stop::End => self.row_unreadable(line),
        }
    }
}
