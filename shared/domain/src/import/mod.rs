//! Templates that come from another system: what was read, what becomes of each, and the report.
//!
//! Reading files is not here (a function takes JSON only): see the package `import`.

mod identifier;
mod plan;
mod report;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use identifier::{MAX_IDENTIFIER, normalise};
pub use plan::{Action, Existing, Plan, Step, digest, plan};
pub use report::{Line, Report, Totals};

use crate::{
    catalog::{Language, Phrase},
    diagnostic::{Diagnostic, Severity},
    id::TemplateId,
    template::Status,
};

/// The largest id that is kept: ten digits, Oracle's `NUMBER(10)` and more than MySQL's `INT`.
pub const MAX_LEGACY_ID: u64 = 9_999_999_999;

/// A template as the other system kept it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LegacyTemplate {
    /// Its number there, from 1 to [`MAX_LEGACY_ID`]; none when it had none that can be read.
    pub id: Option<u64>,
    /// Short name as found: may be empty, too long or taken.
    pub identifier: String,
    /// Subject as found, with the keys of the old system.
    pub title: String,
    /// HTML body as found; nothing is sanitised, the linter only tells.
    pub html: String,
    /// Text body, where there is one; derived from the HTML otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it was in use.
    pub status: Status,
    /// Where it was found.
    pub origin: Origin,
}

impl LegacyTemplate {
    /// Its number there, when it may be its number here too.
    pub fn kept_id(&self) -> Option<TemplateId> {
        self.id.and_then(kept_id)
    }
}

/// A number of the other system as an id here: from 1 to [`MAX_LEGACY_ID`]. A larger one would leave
/// none for the templates that come after it.
pub fn kept_id(number: u64) -> Option<TemplateId> {
    TemplateId::new(number).filter(|id| id.number() <= MAX_LEGACY_ID)
}

/// Where a template was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// File name as the caller gave it; empty when it came in a request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line on which its row begins, from 1; 0 when it came in a request.
    pub line: u64,
    /// What kind of file it was in.
    pub format: Format,
}

/// The kinds of files that templates are read from; each finding and each template names one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The body of a request.
    #[default]
    Json,
    /// A SQL dump or deployment script.
    Sql,
    /// Comma, semicolon or tab separated values with a header line.
    Csv,
    /// One HTML file a template.
    Html,
    /// An export in XML of MySQL's own tools or of phpMyAdmin.
    Xml,
}

/// Something that did not come in as it stood, or came in with a doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// An error when a template was left out, a warning otherwise.
    pub severity: Severity,
    /// Stable code, see [`FindingCode`].
    pub code: FindingCode,
    /// File name as the caller gave it.
    pub file: String,
    /// Line of the file, counted from 1, where the row or value begins.
    pub line: u64,
    /// What it is about, for people; never the content of a template.
    pub message: String,
    /// The message in every language; it does not travel.
    #[serde(skip)]
    pub phrase: Option<Phrase>,
}

impl Finding {
    /// A finding that says this, in English until [`Self::in_language`] is asked.
    pub fn new(
        severity: Severity,
        code: FindingCode,
        file: impl Into<String>,
        line: u64,
        phrase: impl Into<Phrase>,
    ) -> Self {
        let phrase = phrase.into();
        Self {
            severity,
            code,
            file: file.into(),
            line,
            message: phrase.get(Language::En),
            phrase: Some(phrase),
        }
    }

    /// The same finding in the reader's language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if let Some(phrase) = &self.phrase {
            self.message = phrase.get(language);
        }
        self
    }
}

/// Puts the findings about each template, and those of reading, into the reader's language.
pub fn findings_in_language<'a>(
    language: Language,
    diagnostics: impl Iterator<Item = &'a mut Vec<Diagnostic>>,
    findings: &mut Vec<Finding>,
) {
    for of_template in diagnostics {
        let found = std::mem::take(of_template).into_iter();
        *of_template = found.map(|one| one.in_language(language)).collect();
    }
    let found = std::mem::take(findings).into_iter();
    *findings = found.map(|one| one.in_language(language)).collect();
}

/// What a finding says, as a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingCode {
    /// A value is neither a literal nor a call that we know; its template is left out when the
    /// value was the subject or the body.
    ValueUnreadable,
    /// A row does not parse, or has another number of values than columns.
    RowUnreadable,
    /// A value is larger than 4 MiB.
    ValueTooLong,
    /// The row has no body: some exports leave large text columns out.
    BodyMissing,
    /// The row has no subject.
    TitleMissing,
    /// The id is not a number that can be kept; the template gets a new one.
    IdUnreadable,
    /// The status is not one of the known words; the template comes in inactive.
    StatusUnknown,
    /// A statement changes the table in a way that is not followed.
    StatementNotRead,
    /// A string is not closed.
    UnterminatedString,
    /// A comment is not closed.
    UnterminatedComment,
    /// `COPY` in another format than text.
    CopyFormat,
    /// Text that was decoded with the wrong encoding before it was exported; left as it is.
    Mojibake,
    /// Bytes that are not text in the encoding of the file.
    EncodingDamaged,
    /// `INDEX.tsv` names a file that is not there or cannot be read.
    FileMissing,
    /// The file holds no template.
    NothingFound,
    /// The store refuses the template; it is left out.
    NotStored,
}

impl FindingCode {
    /// The code as it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValueUnreadable => "VALUE_UNREADABLE",
            Self::RowUnreadable => "ROW_UNREADABLE",
            Self::ValueTooLong => "VALUE_TOO_LONG",
            Self::BodyMissing => "BODY_MISSING",
            Self::TitleMissing => "TITLE_MISSING",
            Self::IdUnreadable => "ID_UNREADABLE",
            Self::StatusUnknown => "STATUS_UNKNOWN",
            Self::StatementNotRead => "STATEMENT_NOT_READ",
            Self::UnterminatedString => "UNTERMINATED_STRING",
            Self::UnterminatedComment => "UNTERMINATED_COMMENT",
            Self::CopyFormat => "COPY_FORMAT",
            Self::Mojibake => "MOJIBAKE",
            Self::EncodingDamaged => "ENCODING_DAMAGED",
            Self::FileMissing => "FILE_MISSING",
            Self::NothingFound => "NOTHING_FOUND",
            Self::NotStored => "NOT_STORED",
        }
    }
}

/// The status behind a legacy word: `A`, `Ativo`, `S`, `1` and their like are active, `I`, `E`
/// (excluded), `N`, `0` inactive, nothing at all active. None for any other word.
pub fn legacy_status(word: &str) -> Option<Status> {
    match word.trim().to_lowercase().as_str() {
        "" | "a" | "ativo" | "ativa" | "activo" | "activa" | "active" | "s" | "sim" | "sí"
        | "si" | "y" | "yes" | "1" | "t" | "true" | "verdadeiro" | "verdadero" => {
            Some(Status::Active)
        }
        "i" | "inativo" | "inativa" | "inactivo" | "inactiva" | "inactive" | "e" | "excluido"
        | "excluído" | "excluida" | "excluída" | "n" | "não" | "nao" | "no" | "0" | "f"
        | "false" | "falso" => Some(Status::Inactive),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words() {
        assert_eq!(legacy_status("A"), Some(Status::Active));
        assert_eq!(legacy_status(" a "), Some(Status::Active));
        assert_eq!(legacy_status(""), Some(Status::Active));
        assert_eq!(legacy_status("E"), Some(Status::Inactive));
        assert_eq!(legacy_status("Inativo"), Some(Status::Inactive));
        assert_eq!(legacy_status("Activo"), Some(Status::Active));
        assert_eq!(legacy_status("VERDADEIRO"), Some(Status::Active));
        assert_eq!(legacy_status("Inactivo"), Some(Status::Inactive));
        assert_eq!(legacy_status("?"), None);
    }

    #[test]
    fn codes_are_written_alike_everywhere() {
        for code in [
            FindingCode::ValueUnreadable,
            FindingCode::CopyFormat,
            FindingCode::Mojibake,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
