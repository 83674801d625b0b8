//! Templates out of separated values (RFC 4180): comma, semicolon or tab, quotes, a header line
//! with the names of the columns.

use std::io::{self, Read};

use domain::{
    catalog::Phrase,
    diagnostic::Severity,
    import::{Finding, FindingCode, Format},
};

use crate::{
    Item, Items, Options, encoding,
    input::Input,
    line_ends,
    row::{Row, Value},
    sql::table::{Columns, Field},
    texts,
};

/// Longest record that is kept, in bytes.
const MAX_RECORD: usize = 16 * 1024 * 1024;
/// Most fields of a record that are kept.
const MAX_FIELDS: usize = 256;

/// Reads from a stream; the separator is the one that makes most known columns of the header.
pub(crate) fn read<'a>(
    stream: Box<dyn Read + 'a>,
    file: &str,
    options: &Options,
) -> io::Result<Items<'a>> {
    let stream = encoding::open(stream, options.encoding)?;
    let mut input = Input::new(line_ends::unified(stream, line_ends::first_line)?);
    let separator = separator(&mut input);
    Ok(Box::new(CsvReader {
        input,
        separator,
        file: file.to_owned(),
        columns: None,
        ready: Vec::new(),
        ended: false,
    }))
}

/// The separator, from the header line; a line `sep=;` of Excel says it, and is passed.
fn separator(input: &mut Input<'_>) -> u8 {
    let head = input.ahead(64 * 1024);
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    let line = &head[..end];
    if let [b's', b'e', b'p', b'=', separator, rest @ ..] = line
        && rest.trim_ascii().is_empty()
    {
        let separator = *separator;
        input.advance(end + 1);
        return separator;
    }
    let line = encoding::text(line.to_vec());
    let known = |separator: &u8| {
        line.split(char::from(*separator))
            .filter(|name| Field::named(name).is_some())
            .count()
    };
    [b'\t', b',', b';']
        .into_iter()
        .max_by_key(known)
        .unwrap_or(b';')
}

struct CsvReader<'a> {
    input: Input<'a>,
    separator: u8,
    file: String,
    columns: Option<Columns>,
    /// What comes next, the last first.
    ready: Vec<Item>,
    ended: bool,
}

/// What a line holds.
enum Record {
    Fields(Vec<Vec<u8>>),
    TooLong,
    /// A quote is open to the end of the file.
    Unclosed,
}

impl CsvReader<'_> {
    fn record(&mut self) -> Record {
        let (mut fields, mut held) = (Vec::new(), 0);
        self.input.set_mark();
        loop {
            let Some(field) = self.field() else {
                return Record::Unclosed;
            };
            held += field.len();
            if held <= MAX_RECORD && fields.len() < MAX_FIELDS {
                fields.push(field);
            }
            let separated = self.input.peek() == Some(self.separator);
            self.input.advance(1);
            if !separated {
                break;
            }
        }
        if held > MAX_RECORD {
            Record::TooLong
        } else {
            Record::Fields(fields)
        }
    }

    /// One field, up to its separator or the end of the line; none when its quote is not closed.
    fn field(&mut self) -> Option<Vec<u8>> {
        let mut field = Vec::new();
        if self.input.peek() == Some(b'"') {
            self.input.advance(1);
            loop {
                self.take_until(&mut field, |window| memchr::memchr(b'"', window));
                self.input.peek()?;
                self.input.advance(1);
                if self.input.peek() != Some(b'"') {
                    break;
                }
                field.push(b'"');
                self.input.advance(1);
            }
        }
        let quoted = field.len();
        let separator = self.separator;
        self.take_until(&mut field, |window| {
            memchr::memchr2(separator, b'\n', window)
        });
        if self.input.peek() != Some(separator) && field.len() > quoted && field.ends_with(b"\r") {
            field.pop();
        }
        Some(field)
    }

    /// Takes bytes up to the one that is looked for, or to the end; only so many are kept.
    fn take_until(&mut self, field: &mut Vec<u8>, find: impl Fn(&[u8]) -> Option<usize>) {
        loop {
            let window = self.input.window();
            let found = find(window);
            let n = found.unwrap_or(window.len());
            if field.len() <= MAX_RECORD {
                field.extend_from_slice(&window[..n]);
            }
            self.input.advance(n);
            if found.is_some() || n == 0 {
                return;
            }
        }
    }

    fn fields(&mut self, mut fields: Vec<Vec<u8>>, line: u64) {
        if fields.iter().all(Vec::is_empty) {
            return;
        }
        let Some(columns) = &self.columns else {
            return self.header(fields, line);
        };
        // Spreadsheets leave out separators at the end of a row, or write more of them than the
        // header has: only a value beyond the columns makes a row that does not fit.
        while fields.len() > columns.len() && fields.last().is_some_and(Vec::is_empty) {
            fields.pop();
        }
        if fields.len() > columns.len() {
            let message = texts::findings::WRONG_COUNT
                .phrase()
                .with("count", fields.len())
                .with("columns", columns.len());
            return self.find(FindingCode::RowUnreadable, line, message);
        }
        let mut row = Row::new(line);
        for (n, value) in fields.into_iter().enumerate() {
            if let Some(field) = columns.at(n) {
                let value = match value.as_slice() {
                    b"NULL" | b"\\N" => Value::Null,
                    _ => Value::Text(encoding::text(unwrapped(value))),
                };
                row.set(field, value);
            }
        }
        self.ready = row.finish(&self.file, Format::Csv);
        self.ready.reverse();
    }

    fn header(&mut self, fields: Vec<Vec<u8>>, line: u64) {
        let names: Vec<String> = fields.into_iter().map(encoding::text).collect();
        let columns = Columns::named(&names);
        let has = |field| {
            (0..columns.len()).any(|n| columns.at(n).is_some_and(|named| named.field == field))
        };
        if !has(Field::Title) || !has(Field::Html) {
            self.ended = true;
            let message = texts::findings::NO_HEADER.phrase();
            return self.find(FindingCode::RowUnreadable, line, message);
        }
        self.columns = Some(columns);
    }

    /// Goes on behind the first line of a record whose quote is not closed.
    fn unclosed(&mut self, line: u64) {
        let next = self
            .input
            .since_mark()
            .and_then(|record| memchr::memchr(b'\n', record));
        let resumed = next.is_some_and(|end| self.input.go_back(end + 1));
        self.ended = !resumed;
        let message = if resumed {
            texts::findings::QUOTE_UNCLOSED_RESUMED
        } else {
            texts::findings::QUOTE_UNCLOSED
        };
        self.find(FindingCode::UnterminatedString, line, message.phrase());
    }

    fn find(&mut self, code: FindingCode, line: u64, message: Phrase) {
        let finding = Finding::new(Severity::Error, code, &*self.file, line, message);
        self.ready = vec![Item::Finding(finding)];
    }
}

/// A value without the formula `="…"` in which spreadsheets keep a number as text.
fn unwrapped(value: Vec<u8>) -> Vec<u8> {
    match value.as_slice() {
        [b'=', b'"', inside @ .., b'"'] if !inside.contains(&b'"') => inside.to_vec(),
        _ => value,
    }
}

impl Iterator for CsvReader<'_> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.ready.pop() {
                return Some(Ok(item));
            }
            if self.ended || self.input.peek().is_none() {
                self.ended = true;
                return self.input.take_error().map(Err);
            }
            let line = self.input.line();
            match self.record() {
                Record::Fields(fields) => self.fields(fields, line),
                Record::TooLong => {
                    self.find(
                        FindingCode::ValueTooLong,
                        line,
                        texts::findings::RECORD_TOO_LONG.phrase(),
                    );
                }
                Record::Unclosed => self.unclosed(line),
            }
            self.input.clear_mark();
        }
    }
}
