//! Templates, their versions, and what is found in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{converted, each};
use crate::admin::templates::Draft;
use domain::{
    diagnostic::{self, Part, Severity},
    id::TemplateId,
    source::{self, Syntax},
    template::{self, Status},
};

/// What an administrator writes of a template. Its texts in all languages, with the warnings that stay
/// with it, have at most 393 216 bytes in UTF-8: a larger one has the finding `TEMPLATE_TOO_LARGE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "Written")]
#[schema(as = Draft)]
pub struct TemplateFields {
    /// Short name, at most 20 characters without spaces, unique whatever its case.
    /// A preview needs none.
    pub identifier: String,
    /// Whether it may be used.
    #[serde(default)]
    pub status: Status,
    /// The template, in its own (default) language.
    #[serde(flatten)]
    pub source: SourceFields,
    /// Other languages by BCP 47 tag, at most 20.
    #[serde(default)]
    pub locales: BTreeMap<String, VariantFields>,
    /// Why it was changed, for those who look at its versions: at most 500 characters.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub comment: String,
    /// The number that it says it has: see [`Draft::id`].
    #[serde(skip)]
    pub id: Option<TemplateId>,
}

/// A template as it is read: flat, so that a field that is not known is noticed. What an answer shows
/// beside its fields may be sent back to where it came from, and says nothing.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    syntax: Syntax,
    title: String,
    html: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    locales: BTreeMap<String, VariantFields>,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    id: Option<TemplateId>,
    #[serde(default, rename = "version")]
    _version: Value,
    #[serde(default, rename = "updated_at")]
    _updated_at: Value,
    #[serde(default, rename = "updated_by")]
    _updated_by: Value,
    #[serde(default, rename = "updated_by_name")]
    _updated_by_name: Value,
    #[serde(default, rename = "warnings")]
    _warnings: Value,
    #[serde(default, rename = "used_by")]
    _used_by: Value,
}

impl From<Written> for TemplateFields {
    fn from(written: Written) -> Self {
        Self {
            identifier: written.identifier,
            status: written.status,
            source: SourceFields {
                syntax: written.syntax,
                title: written.title,
                html: written.html,
                text: written.text,
            },
            locales: written.locales,
            comment: written.comment,
            id: written.id,
        }
    }
}

impl From<TemplateFields> for Draft {
    fn from(written: TemplateFields) -> Self {
        Self {
            identifier: written.identifier,
            status: written.status,
            source: written.source.into(),
            locales: converted(written.locales),
            comment: written.comment,
            id: written.id,
        }
    }
}

impl From<Draft> for TemplateFields {
    fn from(draft: Draft) -> Self {
        Self {
            identifier: draft.identifier,
            status: draft.status,
            source: draft.source.into(),
            locales: converted(draft.locales),
            comment: draft.comment,
            id: draft.id,
        }
    }
}

exchanged! {
    /// A template's source text.
    #[derive(Default)]
    #[schema(as = Source)]
    pub struct SourceFields = source::Source {
        /// In which language it is written.
        #[serde(default)]
        pub syntax: Syntax,
        /// Subject, plain text with keys.
        pub title: String,
        /// HTML body with keys: a whole document or a fragment.
        pub html: String,
        /// Text body; derived from the rendered HTML when absent.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        pub text: Option<String>,
    }

    /// The parts of a template that a language may have of its own.
    #[derive(Default)]
    #[schema(as = Variant)]
    pub struct VariantFields = template::Variant {
        /// Subject of the mail, keys allowed, at most 255 characters.
        pub title: String,
        /// HTML body in this language, keys allowed.
        pub html: String,
        /// Text body; derived from the HTML when absent.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        pub text: Option<String>,
    }
}

shown! {
    /// A finding in a template. Codes are listed in the API contract.
    #[schema(as = Diagnostic)]
    pub struct DiagnosticView = diagnostic::Diagnostic, without particulars {
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
        #[serde(skip_serializing_if = "Option::is_none")]
        pub suggestion: Option<String>,
        /// What is wrong, for people.
        pub message: String,
    }

    /// The current state of a template without its bodies: what lists show and parameters check.
    #[schema(as = Summary)]
    pub struct SummaryView = template::Summary {
        /// Number, as parameters hold it.
        #[schema(value_type = u64)]
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
        #[serde(skip_serializing_if = "String::is_empty")]
        pub updated_by_name: String,
        /// Why the published version was made, in the words of who made it.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub comment: String,
    }

    /// One immutable version of a template.
    #[schema(as = Template)]
    pub struct TemplateView = template::Template {
        /// Number, as parameters hold it.
        #[schema(value_type = u64)]
        pub id: TemplateId,
        /// 1 for the first, counted up by every change.
        pub version: u64,
        /// Short name, at most 20 characters without spaces, unique whatever its case.
        pub identifier: String,
        /// Whether it may be used.
        pub status: Status,
        /// The template, in its own (default) language.
        #[serde(flatten)]
        pub source: SourceFields,
        /// Other languages by BCP 47 tag; a missing one falls back to the default.
        #[serde(default)]
        pub locales: BTreeMap<String, VariantFields> = converted(locales),
        /// When this version was made.
        pub updated_at: Timestamp,
        /// Who made it: the `sub` of their token.
        pub updated_by: String,
        /// Name from their token; empty in records that are older than this field.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub updated_by_name: String,
        /// Why this version was made, in the words of who made it.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub comment: String,
        /// Findings of the last check: warnings, and for an imported template errors too.
        #[serde(default)]
        pub warnings: Vec<DiagnosticView> = each(warnings),
    }
}
