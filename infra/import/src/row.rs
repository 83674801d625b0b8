//! One row of any source, on its way to a template.

use shared::domain::template::Status;
use shared::import::{
    Finding, FindingCode, Format, LegacyTemplate, MAX_LEGACY_ID, Origin, legacy_status,
};
use shared::render::Severity;

use crate::Item;
use crate::encoding::has_mojibake;
use crate::sql::table::Field;

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Text(String),
    /// Neither a literal nor a call that we know: what it is, and on which line.
    Unreadable {
        what: String,
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
}

impl Row {
    pub(crate) fn new(line: u64) -> Self {
        Self {
            line,
            values: [const { None }; 5],
        }
    }

    pub(crate) fn set(&mut self, field: Field, value: Value) {
        self.values[field as usize] = Some(value);
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
                    "the status is none of the known words".to_owned(),
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
    fn add(&mut self, severity: Severity, code: FindingCode, line: u64, message: String) {
        self.findings.push(Finding {
            severity,
            code,
            file: self.file.to_owned(),
            line,
            message,
        });
    }

    fn warn(&mut self, code: FindingCode, line: u64, message: String) {
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
            Some(Value::Text(text)) => return Some(text),
            None => (
                missing,
                line,
                format!(
                    "there is no column {column}: the template is left out; some exports leave large text columns out"
                ),
            ),
            Some(Value::Null) => (
                missing,
                line,
                format!("{column} is NULL: the template is left out"),
            ),
            Some(Value::Unreadable { what, line }) => (
                FindingCode::ValueUnreadable,
                line,
                format!("{column} is {what}: the template is left out"),
            ),
            Some(Value::TooLong { line }) => (
                FindingCode::ValueTooLong,
                line,
                format!("{column} is longer than 4 MiB: the template is left out"),
            ),
        };
        self.add(Severity::Error, code, line, message);
        None
    }

    /// A value that a template can do without.
    fn aside(&mut self, field: Field, value: Option<Value>) -> Option<String> {
        let column = field.column();
        let instead = match field {
            Field::Id => "the template gets a new id",
            Field::Status => "the template comes in inactive",
            _ => "the template comes in without it",
        };
        match value? {
            Value::Text(text) => return Some(text),
            Value::Null => return None,
            Value::TooLong { line } => {
                self.warn(
                    FindingCode::ValueTooLong,
                    line,
                    format!("{column} is longer than 4 MiB: {instead}"),
                );
            }
            Value::Unreadable { what, line } => {
                self.warn(
                    FindingCode::ValueUnreadable,
                    line,
                    format!("{column} is {what}: {instead}"),
                );
            }
        }
        // Whether it was in use is not known then.
        (field == Field::Status).then(|| "E".to_owned())
    }

    fn id(&mut self, text: &str, line: u64) -> Option<u64> {
        let text = text.trim();
        // Some exports write every number with decimals.
        let whole = text.split_once('.').map_or(text, |(whole, zeros)| {
            if zeros.bytes().all(|b| b == b'0') {
                whole
            } else {
                text
            }
        });
        let id = whole
            .parse()
            .ok()
            .filter(|id| (1..=MAX_LEGACY_ID).contains(id));
        if id.is_none() && !text.is_empty() {
            self.warn(
                FindingCode::IdUnreadable,
                line,
                "the id is not a number from 1 to 9999999999: the template gets a new one"
                    .to_owned(),
            );
        }
        id
    }

    fn encoding(&mut self, field: Field, text: &str, line: u64) {
        let column = field.column();
        if text.contains('\u{fffd}') {
            self.warn(
                FindingCode::EncodingDamaged,
                line,
                format!("{column} has letters that are lost (U+FFFD)"),
            );
        } else if has_mojibake(text) {
            let message = format!(
                "{column} looks decoded with a wrong encoding (like \"Ã§\" for \"ç\"): left as it is"
            );
            self.warn(FindingCode::Mojibake, line, message);
        }
    }
}
