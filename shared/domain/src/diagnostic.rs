//! What is wrong with a template, and where.

mod words;

use crate::{
    catalog::{Language, Phrase},
    texts,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which part of a template a finding is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The subject, called `title` wherever templates are read or written.
    Title,
    /// The HTML body, which every template has.
    Html,
    /// The text body, where the template has one of its own.
    Text,
}

impl Part {
    /// The field of a template that it is, as the API calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Html => "html",
            Self::Text => "text",
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The template cannot be saved.
    Error,
    /// It can, and somebody should look.
    Warning,
}

impl Severity {
    /// The word that programs read, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    /// The word that people read.
    pub fn word(self, language: Language) -> &'static str {
        match self {
            Self::Error => texts::severity::ERROR.get(language),
            Self::Warning => texts::severity::WARNING.get(language),
        }
    }
}

/// A finding in a template. Codes are listed in the API contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code, for example `UNKNOWN_KEY`.
    pub code: String,
    /// Which part it is in.
    pub part: Part,
    /// Line in that part, counted from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Length of the marked text in characters (Unicode scalar values), not bytes.
    pub length: usize,
    /// The text it is about, at most 80 characters of it.
    pub found: String,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
    /// What is wrong, for people.
    pub message: String,
    /// The same in every language; it does not travel.
    #[serde(skip)]
    pub particulars: Option<Phrase>,
}

impl Diagnostic {
    /// The finding with these words, in English until [`Self::in_language`] is asked.
    #[must_use]
    pub fn saying(mut self, particulars: Phrase) -> Self {
        self.message = particulars.get(Language::En);
        self.particulars = Some(particulars);
        self
    }

    /// The finding within a phrase that has a place for its `message`.
    #[must_use]
    pub fn under(mut self, phrase: Phrase) -> Self {
        let particulars = self.particulars.take();
        let message = particulars.unwrap_or_else(|| Phrase::verbatim(&self.message));
        self.saying(phrase.with_phrase("message", message))
    }
}
