//! One row of any source, on its way to a template.

use domain::{
    catalog::{Phrase, Texts},
    diagnostic::Severity,
    id::TemplateId,
    import::{Finding, FindingCode, Format, LegacyTemplate, Origin, kept_id, legacy_status},
    template::Status,
};

use crate::{
    Item,
    encoding::{self, has_mojibake},
    sql::{
        escape::hex,
        table::{Field, Named},
    },
    texts,
};

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Text(String),
    /// Neither a literal nor a call that we know: what it is, and on which line.
    Unreadable {
        what: Phrase,
        line: u64,
    },
    /// More than is kept.
    TooLong {
        line: u64,
    },
}

/// The values of a row that matter.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    values: [Option<Value>; 5],
    /// Which of the names of its column each value came under.
    ranks: [usize; 5],
}

impl Row {
    pub(crate) fn new(line: u64) -> Self {
        Self {
            line,
            values: [const { None }; 5],
            ranks: [usize::MAX; 5],
        }
    }

    /// The value of a column; that of an earlier name of the same field stays.
    pub(crate) fn set(&mut self, Named { field, rank }: Named, value: Value) {
        let field = field as usize;
        if rank < self.ranks[field] {
            self.ranks[field] = rank;
            self.values[field] = Some(value);
        }
    }

    /// The template, unless its subject or body cannot be read, and what is to be said about it.
    pub(crate) fn finish(self, file: &str, format: Format) -> Vec<Item> {
        let line = self.line;
        let [id, title, html, status, identifier] = self.values;
        let mut report = Findings {
            file,
            findings: Vec::new(),
        };
        let title = report.content(Field::Title, title, line, FindingCode::TitleMissing);
        let html = report.content(Field::Html, html, line, FindingCode::BodyMissing);
        let id = report
            .aside(Field::Id, id)
            .and_then(|id| report.id(&id, line));
        let status = match report.aside(Field::Status, status) {
            None => Status::Active,
            Some(word) => legacy_status(&word).unwrap_or_else(|| {
                report.warn(
                    FindingCode::StatusUnknown,
                    line,
                    texts::findings::STATUS_UNKNOWN.with("word", shown(&word)),
                );
                Status::Inactive
            }),
        };
        let identifier = report
            .aside(Field::Identifier, identifier)
            .unwrap_or_default();
        let mut items = Vec::new();
        if let (Some(title), Some(html)) = (title, html) {
            for (field, text) in [(Field::Title, &title), (Field::Html, &html)] {
                report.encoding(field, text, line);
            }
            let origin = Origin {
                file: file.to_owned(),
                line,
                format,
            };
            let identifier = identifier.trim().to_owned();
            items.push(Item::Template(LegacyTemplate {
                id,
                identifier,
                title,
                html,
                text: None,
                status,
                origin,
            }));
        }
        items.extend(report.findings.into_iter().map(Item::Finding));
        items
    }
}

struct Findings<'a> {
    file: &'a str,
    findings: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, code: FindingCode, line: u64, message: Phrase) {
        self.findings
            .push(Finding::new(severity, code, self.file, line, message));
    }

    fn warn(&mut self, code: FindingCode, line: u64, message: Phrase) {
        self.add(Severity::Warning, code, line, message);
    }

    /// Subject or body: without it there is no template.
    fn content(
        &mut self,
        field: Field,
        value: Option<Value>,
        line: u64,
        missing: FindingCode,
    ) -> Option<String> {
        let column = field.column();
        let (code, line, message) = match value {
            Some(Value::Text(text))
                if is_placeholder(&text) || field == Field::Html && is_large_object(&text) =>
            {
                (
                    missing,
                    line,
                    texts::findings::PLACEHOLDER
                        .phrase()
                        .with("word", text.trim()),
                )
            }
            Some(Value::Text(text)) => return Some(from_bytea(&text).unwrap_or(text)),
            None => (missing, line, texts::findings::NO_COLUMN.phrase()),
            Some(Value::Null) => (missing, line, texts::findings::IS_NULL.phrase()),
            Some(Value::Unreadable { what, line }) => (
                FindingCode::ValueUnreadable,
                line,
                unreadable(what, texts::findings::LEFT_OUT),
            ),
            Some(Value::TooLong { line }) => (
                FindingCode::ValueTooLong,
                line,
                too_long(texts::findings::LEFT_OUT),
            ),
        };
        self.add(Severity::Error, code, line, message.with("column", column));
        None
    }

    /// A value that a template can do without.
    fn aside(&mut self, field: Field, value: Option<Value>) -> Option<String> {
        let column = field.column();
        let instead = match field {
            Field::Id => texts::findings::NEW_ID,
            Field::Status => texts::findings::COMES_INACTIVE,
            _ => texts::findings::COMES_WITHOUT,
        };
        match value? {
            Value::Text(text) => return Some(text),
            Value::Null => return None,
            Value::TooLong { line } => {
                let message = too_long(instead).with("column", column);
                self.warn(FindingCode::ValueTooLong, line, message);
            }
            Value::Unreadable { what, line } => {
                let message = unreadable(what, instead).with("column", column);
                self.warn(FindingCode::ValueUnreadable, line, message);
            }
        }
        // Whether it was in use is not known then.
        (field == Field::Status).then(|| "E".to_owned())
    }

    fn id(&mut self, text: &str, line: u64) -> Option<u64> {
        let id = legacy_id(text);
        if id.is_none() && !text.trim().is_empty() {
            self.warn(
                FindingCode::IdUnreadable,
                line,
                texts::findings::ID_UNREADABLE.phrase(),
            );
        }
        id
    }

    fn encoding(&mut self, field: Field, text: &str, line: u64) {
        let column = field.column();
        if text.contains('\u{fffd}') {
            let message = texts::findings::COLUMN_DAMAGED.phrase();
            self.warn(
                FindingCode::EncodingDamaged,
                line,
                message.with("column", column),
            );
        } else if has_mojibake(text) {
            let message = texts::findings::COLUMN_MOJIBAKE.phrase();
            self.warn(FindingCode::Mojibake, line, message.with("column", column));
        }
    }
}

/// Says what a value is that cannot be read, and what follows; the column is still to be named.
fn unreadable(what: Phrase, instead: Texts) -> Phrase {
    texts::findings::VALUE_UNREADABLE
        .phrase()
        .with_phrase("what", what)
        .with_phrase("instead", instead)
}

/// The same of a value that is too long.
fn too_long(instead: Texts) -> Phrase {
    texts::findings::VALUE_TOO_LONG
        .phrase()
        .with_phrase("instead", instead)
}

/// The id that a number means, however an export writes it: `755.00` and `755,00` of a column with
/// decimals, `1.752` with its thousands set apart, `7,54E+02` of a spreadsheet. None when it is not
/// a whole number from 1 to ten digits, or when digits of it are lost (`1,23457E+09`).
pub(crate) fn legacy_id(text: &str) -> Option<u64> {
    // An apostrophe says to a spreadsheet that it is a text, and so do quotation marks to other programs.
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '’'));
    // French and Swiss programs set thousands apart with a space.
    let joined = thousands_joined(text);
    let text = joined.as_deref().unwrap_or(text);
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<usize>().ok()?),
        None => (text, 0),
    };
    let mut groups = number.split(['.', ',']);
    let whole = groups.next().filter(|digits| !digits.is_empty())?;
    let groups: Vec<&str> = groups.collect();
    if ![whole]
        .iter()
        .chain(&groups)
        .all(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let digits = match groups.as_slice() {
        [] if exponent == 0 => whole.to_owned(),
        // Every digit of the number must be there: an exponent beyond them stands for lost ones.
        [decimals] if exponent > 0 && decimals.len() >= exponent => {
            let (kept, rest) = decimals.split_at(exponent);
            without_fraction(whole.to_owned() + kept, rest)?
        }
        _ if exponent > 0 => return None,
        [.., last] if groups.len() > 1 || whole.len() <= 3 && last.len() == 3 => {
            // Groups of three; after other marks the last one may hold the decimals.
            let (thousands, decimals) = match groups.split_last() {
                Some((last, before)) if last.len() != 3 && !before.is_empty() => (before, *last),
                _ => (groups.as_slice(), ""),
            };
            if whole.len() > 3 || thousands.iter().any(|group| group.len() != 3) {
                return None;
            }
            without_fraction(whole.to_owned() + &thousands.concat(), decimals)?
        }
        [decimals] => without_fraction(whole.to_owned(), decimals)?,
        _ => return None,
    };
    let id = digits.parse().ok()?;
    kept_id(id).map(TemplateId::number)
}

/// "1 752" without its spaces, where they stand between groups of three digits.
fn thousands_joined(text: &str) -> Option<String> {
    let space = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}');
    let mut groups = text.split(space);
    let first = groups.next()?;
    let whole = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let mut others = groups.peekable();
    others.peek()?;
    let (1..=3, true) = (first.len(), whole(first)) else {
        return None;
    };
    others
        .all(|group| group.len() == 3 && whole(group))
        .then(|| text.replace(space, ""))
}

fn without_fraction(whole: String, decimals: &str) -> Option<String> {
    decimals.bytes().all(|b| b == b'0').then_some(whole)
}

/// What databases and their programs call large text, and what has no value.
const LARGE: &[&str] = &[
    "clob",
    "nclob",
    "blob",
    "lob",
    "hugeclob",
    "hugeblob",
    "longtext",
    "long text",
    "ntext",
    "text",
    "memo",
    "long",
    "xmltype",
    "bfile",
    "null",
    "binary",
    "binary data",
    "data",
    "large object",
];

/// Whether it is the number under which PostgreSQL keeps a large object, the first of which is
/// 16384, in place of its content.
fn is_large_object(text: &str) -> bool {
    let text = text.trim();
    (5..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// The text of a column of bytes as PostgreSQL writes it, `\x3c703e`.
fn from_bytea(text: &str) -> Option<String> {
    let digits = text.trim().strip_prefix("\\x")?;
    hex(digits.as_bytes()).map(encoding::text)
}

/// A word of a status as it may stand in a message.
pub(crate) fn shown(word: &str) -> String {
    let word: String = word
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(20)
        .collect();
    format!("\"{word}\"")
}

/// Whether an export wrote a word for its large text columns in place of their content:
/// `[CLOB]`, `(HUGECLOB)`, `<Clob>`, `oracle.sql.CLOB@1f2e3d`.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    if text.len() > 100 {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let wrapped = [('[', ']'), ('(', ')'), ('<', '>'), ('{', '}')]
        .into_iter()
        .find_map(|(open, close)| lower.strip_prefix(open)?.strip_suffix(close));
    let named = |name: &str| {
        // "[BLOB - 3 KB]": the size stands behind it.
        let kind = name.split([' ', '-', ':', ',']).next().unwrap_or_default();
        let sized = name.contains(|c: char| c.is_ascii_digit());
        LARGE.contains(&name) || LARGE.contains(&kind) && sized
    };
    // What Java prints of an object of the driver.
    let object = lower.rsplit_once('@').is_some_and(|(class, hash)| {
        class.ends_with("lob") && hash.bytes().all(|b| b.is_ascii_hexdigit())
    });
    wrapped.is_some_and(named) || object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_as_exports_write_them() {
        for (text, id) in [
            ("751", 751),
            (" 751 ", 751),
            ("755.00", 755),
            ("755,00", 755),
            ("1.752", 1752),
            ("1,752", 1752),
            ("1.752,00", 1752),
            ("1,234,567.0", 1_234_567),
            ("1.234.567", 1_234_567),
            ("7,54E+02", 754),
            ("7.54e2", 754),
            ("7.540E+02", 754),
            ("1234.000", 1234),
            ("'751", 751),
            ("\"751\"", 751),
            ("1 752", 1752),
            ("1\u{a0}752", 1752),
            ("9999999999", 9_999_999_999),
        ] {
            assert_eq!(legacy_id(text), Some(id), "{text}");
        }
        for text in [
            "",
            "0",
            "-1",
            "7,5",
            "1,23457E+09",
            "1E+02",
            "7.54E-02",
            "a",
            "1 2",
            "1 7521",
            "1..2",
            "1.2.3",
            "12.34.567",
            "99999999999",
            "1.5E99999999999999999999",
        ] {
            assert_eq!(legacy_id(text), None, "{text}");
        }
    }

    #[test]
    fn words_in_place_of_large_text() {
        for word in [
            "[CLOB]",
            "(HUGECLOB)",
            " <Clob> ",
            "[BLOB]",
            "oracle.sql.CLOB@1f2e3d",
            "javax.sql.rowset.serial.SerialClob@7a",
            "<Long Text>",
            "[BLOB - 3 KB]",
            "(null)",
            "[Binary data]",
        ] {
            assert!(is_placeholder(word), "{word}");
        }
        for text in [
            "clob",
            "<p>",
            "[x]",
            "<p>[CLOB]</p>",
            "bob@example.com",
            "[text] x",
            "lob@example.com",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
