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
    row::{Row, Value, legacy_id},
    sql::{
        escape,
        table::{Columns, Field},
    },
    texts,
};

/// Longest record that is kept, in bytes.
const MAX_RECORD: usize = 16 * 1024 * 1024;
/// Most fields of a record that are kept.
const MAX_FIELDS: usize = 256;
/// Most blanks around a quote.
const MAX_BLANKS: usize = 64;
/// How much of a table is looked at to tell how its values are written.
const SAMPLE: usize = 512 * 1024;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// In quotes where they need them, with quotes doubled in them (RFC 4180).
    Quotes,
    /// In quotes too, where a backslash takes away the meaning of what follows it: MySQL's
    /// `INTO OUTFILE … ENCLOSED BY '"'`.
    Backslashes,
    /// Without quotes, with `\n`, `\t` and `\\` for what would end a value: `mysql --batch`.
    Batch,
}

/// Reads from a stream; the separator is the one that makes most known columns of the header.
pub(crate) fn read<'a>(
    stream: Box<dyn Read + 'a>,
    file: &str,
    options: &Options,
) -> io::Result<Items<'a>> {
    let stream = encoding::open(stream, options.encoding)?;
    let mut input = Input::new(line_ends::unified(stream, line_ends::first_line)?);
    let separator = separator(&mut input);
    let style = style(input.ahead(SAMPLE), separator);
    Ok(Box::new(CsvReader {
        input,
        separator,
        style,
        resumed: false,
        file: file.to_owned(),
        columns: None,
        ready: Vec::new(),
        ended: false,
    }))
}

/// The separator, from the header line; a line `sep=;` of Excel says it, and is passed.
fn separator(input: &mut Input<'_>) -> u8 {
    while matches!(input.ahead(2), [b'\n', ..] | [b'\r', b'\n']) {
        input.advance(1);
    }
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
    [b'|', b'\t', b',', b';']
        .into_iter()
        .max_by_key(known)
        .unwrap_or(b';')
}

/// How the values of a table are written of which this is the beginning.
fn style(sample: &[u8], separator: u8) -> Style {
    let values = || sample.split(|b| *b == separator || *b == b'\n');
    let mut backslashes = sample.iter().enumerate().filter(|(_, b)| **b == b'\\');
    if separator == b'\t' && backslashes.next().is_some() {
        let quoted =
            |value: &[u8]| value.len() > 1 && value.starts_with(b"\"") && value.ends_with(b"\"");
        let escapes = values().all(|value| escape::batch(value).is_some());
        if escapes && !values().any(|value| quoted(value.trim_ascii_end())) {
            return Style::Batch;
        }
    }
    match misread(sample, separator, true) < misread(sample, separator, false) {
        true => Style::Backslashes,
        false => Style::Quotes,
    }
}

/// How many closing quotes are followed by something else than the end of a value.
fn misread(sample: &[u8], separator: u8, backslashes: bool) -> usize {
    let (mut rest, mut wrong) = (sample, 0);
    loop {
        rest = blanks_passed(rest, separator);
        let mut quoted = rest.starts_with(b"\"");
        rest = &rest[usize::from(quoted)..];
        while quoted {
            let Some(n) = memchr::memchr2(b'"', b'\\', rest) else {
                return wrong;
            };
            rest = match &rest[n..] {
                [b'\\', _, after @ ..] if backslashes => after,
                [b'"', b'"', after @ ..] => after,
                [b'"', after @ ..] => {
                    quoted = !ends_value(blanks_passed(after, separator), separator);
                    wrong += usize::from(quoted);
                    after
                }
                after => &after[1..],
            };
        }
        let Some(n) = memchr::memchr2(separator, b'\n', rest) else {
            return wrong;
        };
        rest = &rest[n + 1..];
    }
}

/// Whether a value ends before this text.
fn ends_value(text: &[u8], separator: u8) -> bool {
    match text {
        [] | [b'\n', ..] | [b'\r'] | [b'\r', b'\n', ..] => true,
        [byte, ..] => *byte == separator,
    }
}

/// What stands behind blanks, of which a tab may be none.
fn blanks_passed(text: &[u8], separator: u8) -> &[u8] {
    let blanks = text.iter().take_while(|b| is_blank(**b, separator)).count();
    &text[blanks..]
}

fn is_blank(byte: u8, separator: u8) -> bool {
    byte == b' ' || byte == b'\t' && separator != b'\t'
}

struct CsvReader<'a> {
    input: Input<'a>,
    separator: u8,
    style: Style,
    /// What came last could not be read, and this may still be a part of it.
    resumed: bool,
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
    /// More stands behind a closing quote: it, or one before it, is in the wrong place.
    Glued,
}

impl CsvReader<'_> {
    fn record(&mut self) -> Record {
        let (mut fields, mut held) = (Vec::new(), 0);
        self.input.set_mark();
        loop {
            let field = match self.field() {
                Ok(field) => field,
                Err(broken) => return broken,
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

    /// One field, up to its separator or the end of the line.
    fn field(&mut self) -> Result<Vec<u8>, Record> {
        let blanks = self.blanks();
        if self.style == Style::Batch || self.input.peek_at(blanks) != Some(b'"') {
            return Ok(self.bare());
        }
        let begin = self.input.since_mark().map(<[u8]>::len);
        self.input.advance(blanks + 1);
        let field = self.quoted().ok_or(Record::Unclosed)?;
        let after = self.blanks();
        let separator = self.separator;
        if ends_value(&self.input.ahead(after + 2)[after..], separator) {
            self.input.advance(after);
            if self.input.peek() == Some(b'\r') && separator != b'\r' {
                self.input.advance(1);
            }
            return Ok(field);
        }
        // A text that begins with a blank may well have a word in quotes.
        match begin {
            Some(begin) if blanks > 0 && self.input.go_back(begin) => Ok(self.bare()),
            _ => Err(Record::Glued),
        }
    }

    /// How many blanks come next.
    fn blanks(&mut self) -> usize {
        let mut n = 0;
        while n < MAX_BLANKS
            && self
                .input
                .peek_at(n)
                .is_some_and(|b| is_blank(b, self.separator))
        {
            n += 1;
        }
        n
    }

    /// What stands in quotes, of which the first has been passed; none when no quote closes it.
    fn quoted(&mut self) -> Option<Vec<u8>> {
        let mut field = Vec::new();
        let backslashes = self.style == Style::Backslashes;
        loop {
            self.take_until(&mut field, |window| match backslashes {
                true => memchr::memchr2(b'"', b'\\', window),
                false => memchr::memchr(b'"', window),
            });
            let escaped = self.input.peek()? == b'\\';
            let next = self.input.peek_at(1);
            match next {
                Some(letter) if escaped => escape::mysql(letter, &mut field),
                Some(b'"') => field.push(b'"'),
                _ => {
                    self.input.advance(1);
                    return (!escaped).then_some(field);
                }
            }
            self.input.advance(2);
        }
    }

    fn bare(&mut self) -> Vec<u8> {
        let mut field = Vec::new();
        let separator = self.separator;
        self.take_until(&mut field, |window| {
            memchr::memchr2(separator, b'\n', window)
        });
        if self.input.peek() != Some(separator) && field.ends_with(b"\r") {
            field.pop();
        }
        field
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
        if std::mem::take(&mut self.resumed) && !is_row(&fields, columns) {
            self.resumed = true;
            return;
        }
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
                    bytes if self.style == Style::Batch => {
                        Value::Text(encoding::text(escape::batch(bytes).unwrap_or(value)))
                    }
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
        self.ended = !self.resume();
        let message = if self.ended {
            texts::findings::QUOTE_UNCLOSED
        } else {
            texts::findings::QUOTE_UNCLOSED_RESUMED
        };
        self.find(FindingCode::UnterminatedString, line, message.phrase());
    }

    /// The same of a record whose quotes are not where they should be. What follows may be the rest
    /// of it, up to what is a row again.
    fn glued(&mut self, line: u64) {
        let first_line = self
            .input
            .since_mark()
            .is_some_and(|record| memchr::memchr(b'\n', record).is_none());
        if first_line {
            self.take_until(&mut Vec::new(), |window| memchr::memchr(b'\n', window));
            self.input.advance(1);
        } else if !self.resume() {
            return self.unclosed(line);
        }
        self.resumed = self.columns.is_some();
        let message = texts::findings::QUOTE_MISPLACED.phrase();
        self.find(FindingCode::RowUnreadable, line, message);
    }

    /// Goes back to the end of the first line of a record.
    fn resume(&mut self) -> bool {
        let next = self
            .input
            .since_mark()
            .and_then(|record| memchr::memchr(b'\n', record));
        next.is_some_and(|end| self.input.go_back(end + 1))
    }

    fn find(&mut self, code: FindingCode, line: u64, message: Phrase) {
        let finding = Finding::new(Severity::Error, code, &*self.file, line, message);
        self.ready = vec![Item::Finding(finding)];
    }
}

/// Whether these are the values of a row: as many as there are columns, or with an id.
fn is_row(fields: &[Vec<u8>], columns: &Columns) -> bool {
    let id = fields.iter().enumerate().any(|(n, value)| {
        columns.at(n).is_some_and(|named| named.field == Field::Id)
            && str::from_utf8(value).is_ok_and(|id| legacy_id(id).is_some())
    });
    id || fields.len() == columns.len()
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
                Record::Glued => self.glued(line),
            }
            self.input.clear_mark();
        }
    }
}
