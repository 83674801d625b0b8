//! PostgreSQL's `COPY … FROM stdin`, text format.

use domain::{diagnostic::Severity, import::FindingCode};

use super::escape;
use super::lexer::{MAX_VALUE, Token};
use super::table::{Columns, is_templates};
use super::{SqlReader, State};
use crate::{
    encoding,
    row::{Row, Value},
    texts,
};

/// Longest line that is kept, in bytes.
const MAX_LINE: usize = 2 * MAX_VALUE;

impl SqlReader<'_> {
    /// Reads what follows `COPY`: the table, its columns and how rows are written.
    pub(super) fn copy(&mut self) {
        let Some(table) = self.name() else { return };
        let line = self.lexer.line;
        let wanted = is_templates(&table);
        let mut columns = self.columns.clone();
        let mut token = self.lexer.next(true);
        if token == Token::Punct(b'(') {
            match self.names() {
                Some(names) => columns = Columns::named(&names),
                None => return,
            }
            token = self.lexer.next(true);
        }
        if token != Token::Word || self.lexer.word != b"from" {
            return self.lexer.back(token);
        }
        let token = self.lexer.next(true);
        if token != Token::Word || self.lexer.word != b"stdin" {
            if wanted {
                self.not_read(line, texts::findings::COPY_FROM_FILE.phrase());
            }
            return self.lexer.back(token);
        }
        let mut simple = true;
        loop {
            match self.lexer.next(true) {
                Token::Punct(b';') => break,
                Token::Word
                    if matches!(self.lexer.word.as_slice(), b"with" | b"format" | b"text") => {}
                Token::Punct(b'(' | b')') => {}
                Token::End => return,
                token @ (Token::Broken { .. } | Token::Unterminated { .. }) => {
                    return self.unclosed(token);
                }
                _ => simple = false,
            }
        }
        self.lexer.rest_of_line();
        if wanted && !simple {
            let message = texts::findings::COPY_FORMAT.phrase();
            self.find(Severity::Error, FindingCode::CopyFormat, line, message);
        }
        self.state = State::Copy(Some(columns).filter(|_| wanted && simple));
    }

    /// One line of data, or all of them when they are not wanted.
    pub(super) fn copy_line(&mut self, columns: Option<Columns>) {
        let Some(columns) = columns else {
            return self.lexer.pass_copied_lines();
        };
        if self.lexer.input.peek().is_some() && !self.lexer.ends_copied_lines() {
            self.copy_row(&columns);
            self.state = State::Copy(Some(columns));
        }
    }

    fn copy_row(&mut self, columns: &Columns) {
        let number = self.lexer.input.line();
        let mut line = Vec::new();
        let mut overflow = false;
        loop {
            let window = self.lexer.input.window();
            if window.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', window);
            let part = &window[..end.unwrap_or(window.len())];
            overflow |= line.len() + part.len() > MAX_LINE;
            if !overflow {
                line.extend_from_slice(part);
            }
            let n = part.len() + usize::from(end.is_some());
            self.lexer.input.advance(n);
            if end.is_some() {
                break;
            }
        }
        if overflow {
            let message = texts::findings::ROW_TOO_LONG.phrase();
            return self.find(Severity::Error, FindingCode::ValueTooLong, number, message);
        }
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let mut row = Row::new(number);
        let mut count = 0;
        for value in line.split(|b| *b == b'\t') {
            if let Some(field) = columns.at(count) {
                row.set(
                    field,
                    match value {
                        b"\\N" => Value::Null,
                        value => Value::Text(encoding::text(escape::c_style(value))),
                    },
                );
            }
            count += 1;
        }
        if columns.fits(count) {
            self.finish(row);
        } else {
            self.wrong_count(number, count, columns);
        }
    }
}
