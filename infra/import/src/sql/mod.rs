//! Templates out of SQL scripts and dumps.
//!
//! A script is not parsed as a whole: among hundreds of statements in four dialects, with and
//! without semicolons, in procedures and blocks, only words outside strings and comments are
//! looked at, and what follows `INSERT` into the table of templates is read in detail. Why this is
//! not a parser crate: `docs/decisions/0006-importer-tokenizer.md`.

mod calls;
mod copy;
pub(crate) mod dialect;
pub(crate) mod escape;
mod expression;
mod insert;
mod lexer;
mod select;
mod sniff;
mod strings;
pub(crate) mod table;

use std::collections::VecDeque;
use std::io::{self, Read};

use domain::{
    catalog::Phrase,
    diagnostic::Severity,
    import::{Finding, FindingCode, Format},
};
use encoding_rs::Encoding;

use self::dialect::Dialect;
use self::lexer::{Lexer, Token};
use self::table::{Columns, is_templates};
use crate::{Item, encoding, input::Input, line_ends, row::Row, texts};

/// Most columns of a table that is altered, more than any database has.
const MAX_COLUMNS: usize = 4096;

/// Most times that a table is altered: each time its columns are gone through.
const MAX_ALTERED: usize = 256;

/// Where in a script we are.
#[derive(Debug)]
enum State {
    /// Between statements that matter.
    Scan,
    /// Before a row of `VALUES`.
    Values(Columns),
    /// Within a row of `VALUES` that began on that line.
    Row(Columns, u64),
    /// Before the values of a `SELECT`.
    Select(Columns),
    /// Before a line of `COPY … FROM stdin`; without columns the lines are passed over.
    Copy(Option<Columns>),
    /// At the end of the script, or of what can be read of it.
    Done,
}

/// Reads templates out of a script, one after the other.
pub(crate) struct SqlReader<'a> {
    lexer: Lexer<'a>,
    file: String,
    state: State,
    /// The names of the columns of the table as the script creates it.
    created: Option<Vec<String>>,
    /// The columns of a row that does not name them.
    columns: Columns,
    /// How many times it was altered.
    altered: usize,
    /// Within `INSERT ALL`: each `INTO` begins a row.
    insert_all: bool,
    ready: VecDeque<Item>,
    /// Depth of parentheses within a value.
    depth: usize,
    /// Bytes of text held for the row that is being read.
    held: usize,
}

impl<'a> SqlReader<'a> {
    /// Reads from `reader`; `file` names it in findings, and may tell the dialect.
    pub(crate) fn new(
        reader: impl Read + 'a,
        file: &str,
        dialect: Option<Dialect>,
        named: Option<&'static Encoding>,
    ) -> io::Result<Self> {
        let reader = encoding::open(reader, named)?;
        let mut reader = line_ends::unified(reader, line_ends::alone)?;
        let mut sample = vec![0; sniff::SAMPLE];
        let n = encoding::read_up_to(&mut reader, &mut sample)?;
        sample.truncate(n);
        let rules = sniff::rules(file, &sample, n < sniff::SAMPLE, dialect);
        Ok(Self {
            lexer: Lexer::new(Input::new(io::Cursor::new(sample).chain(reader)), rules),
            file: file.to_owned(),
            state: State::Scan,
            created: None,
            columns: Columns::legacy(),
            altered: 0,
            insert_all: false,
            ready: VecDeque::new(),
            depth: 0,
            held: 0,
        })
    }

    /// Goes on to the next statement that matters, or to the end.
    fn scan(&mut self) {
        loop {
            match self.lexer.next(false) {
                Token::Word => {
                    self.word();
                    if !matches!(self.state, State::Scan) || !self.ready.is_empty() {
                        return;
                    }
                }
                Token::ClientLine => {
                    self.client_line();
                    if !self.ready.is_empty() {
                        return;
                    }
                }
                Token::Punct(b';') => self.insert_all = false,
                token @ (Token::Broken { .. } | Token::Unterminated { .. }) => {
                    self.unclosed(token);
                    return;
                }
                Token::End => {
                    self.state = State::Done;
                    return;
                }
                _ => {}
            }
        }
    }

    /// Looks at a word between statements.
    fn word(&mut self) {
        match self.lexer.word.as_slice() {
            b"insert" | b"replace" => self.insert(),
            b"into" if self.insert_all => self.insert_into(),
            b"select" => self.insert_all = false,
            b"copy" => self.copy(),
            b"create" => self.create(),
            b"alter" => self.alter(),
            b"update" => self.other_statement("UPDATE"),
            b"delete" => self.other_statement("DELETE"),
            b"merge" => self.other_statement("MERGE"),
            b"truncate" => self.other_statement("TRUNCATE"),
            b"load" => self.loaded("LOAD DATA", &[b"data", b"xml"]),
            b"bulk" => self.loaded("BULK INSERT", &[b"insert"]),
            b"prepare" => self.prepared(),
            b"exec" | b"execute" => self.executed(),
            _ => {}
        }
    }

    /// A statement that changes templates in a way that is not followed.
    fn other_statement(&mut self, statement: &str) {
        let mut token = self.lexer.next(true);
        let line = self.lexer.line;
        while token == Token::Word && is_filler(&self.lexer.word) {
            // TOP (1)
            if self.lexer.word == b"top" {
                for _ in 0..3 {
                    token = self.lexer.next(true);
                    if !matches!(token, Token::Punct(b'(' | b')') | Token::Number) {
                        break;
                    }
                }
                if token == Token::Punct(b')') {
                    token = self.lexer.next(true);
                }
                continue;
            }
            token = self.lexer.next(true);
        }
        self.lexer.back(token);
        let Some(target) = self.name() else { return };
        if is_templates(&target) || self.is_alias_of_templates(&target) {
            let what = texts::findings::STATEMENT_OF_TABLE
                .phrase()
                .with("statement", statement);
            self.not_read(line, what);
        }
    }

    /// Whether the rest of a statement joins the table of templates, or calls it by that name:
    /// `UPDATE m SET … FROM modelosemails m`.
    fn is_alias_of_templates(&mut self, target: &str) -> bool {
        let (mut depth, mut joined) = (0usize, true);
        loop {
            let token = self.lexer.next(false);
            match token {
                Token::Punct(b'(') => depth += 1,
                Token::Punct(b')') if depth > 0 => depth -= 1,
                Token::Word if depth > 0 => {}
                Token::Word if self.lexer.word == b"set" => joined = false,
                Token::Word
                    if matches!(self.lexer.word.as_slice(), b"from" | b"join" | b"using") =>
                {
                    let joins = joined && self.lexer.word == b"join";
                    if !self.name().is_some_and(|table| is_templates(&table)) {
                        continue;
                    }
                    let mut token = self.lexer.next(true);
                    if token == Token::Word && self.lexer.word == b"as" {
                        token = self.lexer.next(true);
                    }
                    self.lexer.back(token);
                    let alias = match token {
                        Token::Word => self.lexer.word.as_slice(),
                        Token::Quoted | Token::Double => self.lexer.text.as_slice(),
                        _ => b"",
                    };
                    if joins || alias.eq_ignore_ascii_case(target.as_bytes()) {
                        return true;
                    }
                }
                Token::Word if select::begins_statement(&self.lexer.word) => {
                    self.lexer.back(token);
                    return false;
                }
                Token::Punct(b';')
                | Token::End
                | Token::Broken { .. }
                | Token::Unterminated { .. } => {
                    self.lexer.back(token);
                    return false;
                }
                _ => {}
            }
        }
    }

    /// `LOAD DATA … INTO TABLE`, `BULK INSERT`: rows that stand in another file.
    fn loaded(&mut self, statement: &str, second: &[&[u8]]) {
        let token = self.lexer.next(true);
        let line = self.lexer.line;
        if token != Token::Word || !second.contains(&self.lexer.word.as_slice()) {
            return self.lexer.back(token);
        }
        if self.lexer.word != b"insert" {
            loop {
                let token = self.lexer.next(true);
                match token {
                    Token::Word if self.lexer.word == b"into" => break,
                    Token::Word | Token::Text | Token::Double => {}
                    _ => return self.lexer.back(token),
                }
            }
            let token = self.lexer.next(true);
            if token != Token::Word || self.lexer.word != b"table" {
                self.lexer.back(token);
            }
        }
        if self.name().is_some_and(|table| is_templates(&table)) {
            let what = texts::findings::STATEMENT_OF_TABLE
                .phrase()
                .with("statement", statement);
            self.not_read(line, what);
        }
    }

    /// A line for `psql` that reads another file.
    fn client_line(&mut self) {
        let line = self.lexer.line;
        let text = String::from_utf8_lossy(&self.lexer.text).to_lowercase();
        let what = match text.split_once(char::is_whitespace) {
            Some(("\\copy", copied)) => {
                let into = copied.split_once(" from ").map(|(table, _)| table);
                let mut words = into
                    .unwrap_or_default()
                    .split(|c: char| !c.is_alphanumeric() && c != '_');
                words
                    .any(is_templates)
                    .then_some(texts::findings::COPY_FROM_FILE)
            }
            Some(("\\i" | "\\ir" | "\\include" | "\\include_relative", _)) => {
                Some(texts::findings::FILE_INCLUDED)
            }
            _ => None,
        };
        if let Some(what) = what {
            self.not_read(line, what.phrase());
        }
    }

    /// `PREPARE name FROM '…'`.
    fn prepared(&mut self) {
        self.name();
        let token = self.lexer.next(true);
        if token == Token::Word && self.lexer.word == b"from" {
            return self.executed();
        }
        self.lexer.back(token);
    }

    /// A statement that is a string: it is not run here.
    fn executed(&mut self) {
        let mut token = self.lexer.next(true);
        while matches!(token, Token::Punct(b'(' | b'.' | b'='))
            || token == Token::Word
                && matches!(
                    self.lexer.word.as_slice(),
                    b"immediate" | b"sp_executesql" | b"sys" | b"dbo" | b"@stmt" | b"@statement"
                )
        {
            token = self.lexer.next(true);
        }
        let line = self.lexer.line;
        if token != Token::Text {
            return self.lexer.back(token);
        }
        let statement = encoding::text(std::mem::take(&mut self.lexer.text));
        let mut words = statement.split(|c: char| !c.is_alphanumeric() && c != '_');
        if words.any(is_templates) {
            self.not_read(line, texts::findings::STATEMENT_IN_STRING.phrase());
        }
    }

    fn not_read(&mut self, line: u64, what: Phrase) {
        let message = texts::findings::NOT_FOLLOWED
            .phrase()
            .with_phrase("what", what);
        self.find(
            Severity::Warning,
            FindingCode::StatementNotRead,
            line,
            message,
        );
    }

    /// The last part of a name such as `[base].dbo."modelosemails"`, when a name comes next.
    fn name(&mut self) -> Option<String> {
        let mut name = None;
        loop {
            let token = self.lexer.next(true);
            match token {
                Token::Word => name = Some(String::from_utf8_lossy(&self.lexer.word).into_owned()),
                Token::Quoted | Token::Double => {
                    name = Some(String::from_utf8_lossy(&self.lexer.text).into_owned())
                }
                _ => {
                    self.lexer.back(token);
                    return name;
                }
            }
            let mut dots = 0;
            let after = loop {
                let token = self.lexer.next(true);
                if token != Token::Punct(b'.') {
                    break token;
                }
                dots += 1;
            };
            self.lexer.back(after);
            if dots == 0 {
                return name;
            }
        }
    }

    /// `CREATE TABLE`: the order of columns of the table of templates.
    fn create(&mut self) {
        let mut kinds = 0;
        loop {
            let token = self.lexer.next(true);
            match (token, self.lexer.word.as_slice()) {
                (Token::Word, b"table") => break,
                (Token::Word, b"or" | b"replace") => {}
                (Token::Word, b"insert" | b"update" | b"delete" | b"merge") => {
                    return self.lexer.back(token);
                }
                // GLOBAL TEMPORARY, CACHED and whatever other kinds of tables there are.
                (Token::Word, _) if kinds < 2 => kinds += 1,
                _ => return self.lexer.back(token),
            }
        }
        let token = self.lexer.next(true);
        if token == Token::Word && self.lexer.word == b"if" {
            self.lexer.next(true);
            self.lexer.next(true);
        } else {
            self.lexer.back(token);
        }
        if !self.name().is_some_and(|table| is_templates(&table)) {
            return;
        }
        let token = self.lexer.next(true);
        if token != Token::Punct(b'(') {
            return self.lexer.back(token);
        }
        if let Some(names) = self.names() {
            self.columns = Columns::named(&names);
            self.created = Some(names).filter(|names| names.len() <= MAX_COLUMNS);
        }
    }

    /// `ALTER TABLE`: columns that the table of templates gets or loses after it was created.
    fn alter(&mut self) {
        let mut token = self.lexer.next(true);
        if token != Token::Word || self.lexer.word != b"table" {
            return self.lexer.back(token);
        }
        token = self.lexer.next(true);
        while token == Token::Word
            && matches!(self.lexer.word.as_slice(), b"only" | b"if" | b"exists")
        {
            token = self.lexer.next(true);
        }
        self.lexer.back(token);
        let templates = self.name().is_some_and(|table| is_templates(&table));
        let follow = templates && self.altered < MAX_ALTERED;
        let Some(mut names) = self.created.take_if(|_| follow) else {
            return;
        };
        self.altered += 1;
        let (mut depth, mut begins, mut added) = (0usize, true, None);
        loop {
            token = self.lexer.next(true);
            let first = std::mem::replace(&mut begins, false);
            match token {
                Token::Punct(b'(') => depth += 1,
                Token::Punct(b')') => depth = depth.saturating_sub(1),
                Token::Punct(b',') if depth == 0 => (begins, added) = (true, None),
                Token::Word if depth > 0 => {}
                Token::Word if first && self.lexer.word == b"add" => added = self.added(&mut names),
                Token::Word if first && self.lexer.word == b"drop" => {
                    if let Some(column) = self.column() {
                        names.retain(|name| !name.eq_ignore_ascii_case(&column));
                    }
                }
                Token::Word if self.lexer.word == b"first" => move_to(&mut names, added.take(), 0),
                Token::Word if self.lexer.word == b"after" => {
                    let before = self.name().unwrap_or_default();
                    let place = names
                        .iter()
                        .position(|name| name.eq_ignore_ascii_case(&before));
                    if let Some(place) = place {
                        move_to(&mut names, added.take(), place + 1);
                    }
                }
                Token::Word
                    if !first
                        && self.lexer.word != b"set"
                        && select::begins_statement(&self.lexer.word) =>
                {
                    break;
                }
                Token::Punct(b';')
                | Token::End
                | Token::Broken { .. }
                | Token::Unterminated { .. } => break,
                _ => {}
            }
        }
        self.lexer.back(token);
        self.columns = Columns::named(&names);
        self.created = Some(names);
    }

    /// After `ADD`: the place of the column that comes with it, if it is one alone.
    fn added(&mut self, names: &mut Vec<String>) -> Option<usize> {
        let token = self.lexer.next(true);
        if token == Token::Punct(b'(') {
            names.extend(self.names().unwrap_or_default());
            names.truncate(MAX_COLUMNS);
            return None;
        }
        self.lexer.back(token);
        names.truncate(MAX_COLUMNS - 1);
        names.push(self.column()?);
        Some(names.len() - 1)
    }

    /// `COLUMN IF NOT EXISTS name`; none when it is something else that a table has.
    fn column(&mut self) -> Option<String> {
        let mut token = self.lexer.next(true);
        while token == Token::Word
            && matches!(
                self.lexer.word.as_slice(),
                b"column" | b"if" | b"not" | b"exists"
            )
        {
            token = self.lexer.next(true);
        }
        self.lexer.back(token);
        let other = token == Token::Word
            && (is_constraint(&self.lexer.word)
                || matches!(
                    self.lexer.word.as_slice(),
                    b"default" | b"partition" | b"period"
                ));
        if other { None } else { self.name() }
    }

    /// The first name of each item up to the closing parenthesis, without keys and constraints.
    /// None when the list does not end.
    fn names(&mut self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        let (mut depth, mut first) = (1usize, true);
        loop {
            let token = self.lexer.next(true);
            let begins = std::mem::replace(&mut first, false);
            match token {
                Token::Word if begins && !is_constraint(&self.lexer.word) => {
                    names.push(String::from_utf8_lossy(&self.lexer.word).into_owned());
                }
                Token::Quoted | Token::Double if begins => {
                    names.push(String::from_utf8_lossy(&self.lexer.text).into_owned());
                }
                Token::Punct(b'(') => depth += 1,
                Token::Punct(b')') => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(names);
                    }
                }
                Token::Punct(b',') => first = depth == 1,
                Token::Punct(b';')
                | Token::End
                | Token::Broken { .. }
                | Token::Unterminated { .. } => {
                    self.lexer.back(token);
                    return None;
                }
                _ => {}
            }
        }
    }

    /// Says that a string or comment is not closed.
    fn unclosed(&mut self, token: Token) {
        let (code, line, message) = match token {
            Token::Broken { line } => (
                FindingCode::UnterminatedString,
                line,
                texts::findings::STRING_BROKEN,
            ),
            Token::Unterminated {
                line,
                comment: false,
            } => (
                FindingCode::UnterminatedString,
                line,
                texts::findings::STRING_UNCLOSED,
            ),
            Token::Unterminated {
                line,
                comment: true,
            } => (
                FindingCode::UnterminatedComment,
                line,
                texts::findings::COMMENT_UNCLOSED,
            ),
            _ => return,
        };
        self.state = State::Scan;
        self.find(Severity::Error, code, line, message.phrase());
    }

    fn find(&mut self, severity: Severity, code: FindingCode, line: u64, message: Phrase) {
        let finding = Finding::new(severity, code, &*self.file, line, message);
        self.ready.push_back(Item::Finding(finding));
    }

    fn finish(&mut self, row: Row) {
        self.ready.extend(row.finish(&self.file, Format::Sql));
    }
}

impl Iterator for SqlReader<'_> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(Ok(item));
            }
            match std::mem::replace(&mut self.state, State::Scan) {
                State::Scan => self.scan(),
                State::Values(columns) => self.values(columns),
                State::Row(columns, line) => self.row(columns, line),
                State::Select(columns) => self.select(columns),
                State::Copy(columns) => self.copy_line(columns),
                State::Done => {
                    self.state = State::Done;
                    return self.lexer.input.take_error().map(Err);
                }
            }
        }
    }
}

/// Words between a statement and its table.
fn is_filler(word: &[u8]) -> bool {
    matches!(
        word,
        b"from" | b"into" | b"only" | b"table" | b"top" | b"ignore" | b"quick" | b"low_priority"
    )
}

/// Moves the last of the names to a place before it.
fn move_to(names: &mut [String], last: Option<usize>, place: usize) {
    if let Some(moved) = last.and_then(|last| names.get_mut(place..=last)) {
        moved.rotate_right(1);
    }
}

fn is_constraint(word: &[u8]) -> bool {
    matches!(
        word,
        b"primary"
            | b"key"
            | b"unique"
            | b"constraint"
            | b"index"
            | b"foreign"
            | b"check"
            | b"fulltext"
            | b"spatial"
            | b"exclude"
            | b"like"
    )
}
