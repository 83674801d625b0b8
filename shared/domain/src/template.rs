//! E-mail templates ("modelos de e-mail") as an administrator stores them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    catalog::{Language, LanguageTag},
    diagnostic::{Diagnostic, Severity},
    id::TemplateId,
    source::{Source, Syntax},
};

/// Whether a template may be used; honoured when a mail is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Mails may be made from it.
    #[default]
    Active,
    /// Kept for its history; no mail is made from it.
    Inactive,
}

/// The parts of a template that a language may have of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Subject of the mail, keys allowed, at most 255 characters.
    pub title: String,
    /// HTML body in this language, keys allowed.
    pub html: String,
    /// Text body; derived from the HTML when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

impl Variant {
    /// The variant as a template of this syntax.
    pub fn source(&self, syntax: Syntax) -> Source {
        Source {
            syntax,
            title: self.title.clone(),
            html: self.html.clone(),
            text: self.text.clone(),
        }
    }
}

/// The current state of a template without its bodies: what lists show and parameters check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Number, as parameters hold it.
    pub id: TemplateId,
    /// Number of the published version.
    pub version: u64,
    /// Short name that is unique in the installation; what people and imports find it by.
    pub identifier: String,
    /// Subject in the template's first language, keys and all.
    pub title: String,
    /// Whether it may be used.
    pub status: Status,
    /// In which language it is written.
    pub syntax: Syntax,
    /// Languages that it has besides its own.
    pub locales: Vec<String>,
    /// Findings that stop a parameter from naming it: an imported template may have them.
    pub errors: usize,
    /// Findings that somebody should look at. Those of a version from before they were counted are none.
    #[serde(default)]
    pub warnings: usize,
    /// When the published version was made.
    pub updated_at: Timestamp,
    /// Who made it: the `sub` of their token.
    pub updated_by: String,
    /// Name from their token; empty in records that are older than this field.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub updated_by_name: String,
    /// Why the published version was made, in the words of who made it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub comment: String,
}

/// One immutable version of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Number, as parameters hold it.
    pub id: TemplateId,
    /// 1 for the first, counted up by every change.
    pub version: u64,
    /// Short name, at most 20 characters without spaces, unique whatever its case.
    pub identifier: String,
    /// Whether it may be used.
    pub status: Status,
    /// The template, in its own (default) language.
    #[serde(flatten)]
    pub source: Source,
    /// Other languages by BCP 47 tag; a missing one falls back to the default.
    #[serde(default)]
    pub locales: BTreeMap<String, Variant>,
    /// When this version was made.
    pub updated_at: Timestamp,
    /// Who made it: the `sub` of their token.
    pub updated_by: String,
    /// Name from their token; empty in records that are older than this field.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub updated_by_name: String,
    /// Why this version was made, in the words of who made it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub comment: String,
    /// Findings of the last check: warnings, and for an imported template errors too.
    #[serde(default)]
    pub warnings: Vec<Diagnostic>,
}

impl Template {
    /// What lists show of it.
    pub fn summary(&self) -> Summary {
        let found = |severity| {
            let those = self.warnings.iter().filter(|one| one.severity == severity);
            those.count()
        };
        Summary {
            id: self.id,
            version: self.version,
            identifier: self.identifier.clone(),
            title: self.source.title.clone(),
            status: self.status,
            syntax: self.source.syntax,
            locales: self.locales.keys().cloned().collect(),
            errors: found(Severity::Error),
            warnings: found(Severity::Warning),
            updated_at: self.updated_at,
            updated_by: self.updated_by.clone(),
            updated_by_name: self.updated_by_name.clone(),
            comment: self.comment.clone(),
        }
    }

    /// The same with its findings in the reader's language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        let found = self.warnings.into_iter();
        self.warnings = found.map(|one| one.in_language(language)).collect();
        self
    }
}

/// What a template says, in its own language and others; it may be one that is not stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// In its own (default) language.
    pub source: Source,
    /// In others, by BCP 47 tag.
    pub locales: BTreeMap<String, Variant>,
}

impl From<Template> for Content {
    fn from(template: Template) -> Self {
        Self {
            source: template.source,
            locales: template.locales,
        }
    }
}

impl Content {
    /// Which of its languages serves the one asked for: that tag, then the longest that it begins
    /// with, then one of the same language; `None` is the default.
    pub fn tag_for(&self, locale: &str) -> Option<&str> {
        let wanted = LanguageTag::read(locale)?;
        wanted.best(self.locales.keys().map(String::as_str))
    }

    /// The tag of the language in which the variant for `locale` is written: what dates, numbers
    /// and words of the mail follow. A template in its own language is written in `default`. The
    /// recipient's own tag is the better one where it is of that language: it names the region.
    pub fn tag_sent<'a>(&'a self, locale: &'a str, default: &'a str) -> &'a str {
        let variant = self.tag_for(locale).unwrap_or(default);
        let language = |tag| LanguageTag::read(tag).map(|tag| tag.language().to_owned());
        if language(variant) == language(locale) {
            locale
        } else {
            variant
        }
    }

    /// The template in the language asked for: that tag, then its language alone, then the default.
    pub fn in_locale(&self, locale: &str) -> Source {
        match self.tag_for(locale).and_then(|tag| self.locales.get(tag)) {
            None => self.source.clone(),
            Some(variant) => variant.source(self.source.syntax),
        }
    }
}
