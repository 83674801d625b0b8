//! `${KEY}` templates and Tera: scan → diagnostics → compile → render. The only place that knows Tera.
//!
//! [`scan`](mod@scan) finds keys and defects with their positions; [`place`] says where in the HTML each
//! one stands; [`check`](fn@check()) turns both into findings; [`compile`](fn@compile) translates a
//! template into Tera once, so that it can be kept; [`Compiled::render`] fills it. A value is
//! escaped for the place it stands in and is never scanned again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod check;
mod compile;
mod context;
mod derive;
mod entity;
mod escape;
mod layout;
mod place;
mod position;
mod rich;
mod scan;
mod script;
mod slot;
mod token;
mod unsafe_html;
mod values;
mod words;
mod work;

pub use compile::{Checks, Compiled, Mode, check, compile};
pub use context::{LinkMaker, RenderContext, RenderError};
pub use escape::escape_html;
pub use rich::RichText;
pub use token::{Action, LONGEST_TOKEN_MINUTES, TokenSpec};
pub use values::{
    ValuesContext, format_date, format_date_time, sample_values, ticket_link, values,
};

/// Makes what is made once a process, and which the first mail would have to wait for.
pub fn warm() {
    compile::warm();
    rich::warm();
}

/// In which language a template is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    /// `${KEY}`, everything else literal.
    #[default]
    Keys,
    /// Tera over the same keys.
    Tera,
}

/// A template's source text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// In which language it is written.
    #[serde(default)]
    pub syntax: Syntax,
    /// Subject, plain text with keys.
    pub title: String,
    /// HTML body.
    pub html: String,
    /// Text body; derived from the rendered HTML when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

/// Which part of a template a finding is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The subject.
    Title,
    /// The HTML body.
    Html,
    /// The text body.
    Text,
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

/// A finding in a template. Codes are listed in the API contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code, for example `UNKNOWN_KEY`.
    pub code: String,
    /// Which part it is in.
    pub part: Part,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Length in characters.
    pub length: usize,
    /// The text it is about, at most 80 characters of it.
    pub found: String,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
    /// What is wrong, for people.
    pub message: String,
}

/// What a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Plain text: escaped in HTML.
    Text(String),
    /// Plain text whose newlines become `<br>` in HTML.
    Lines(String),
    /// Rich text, sanitised when it was made: markup in HTML, flattened in text.
    Html(RichText),
    /// A link: `<a>` in HTML text, the bare URL in an attribute and in plain text.
    Link(String),
}

/// Values by canonical key; a key without one renders as nothing.
pub type Values = BTreeMap<String, Value>;

/// A rendered template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line, no control characters, not longer than 255 characters.
    pub subject: String,
    /// HTML body.
    pub html: String,
    /// Text body.
    pub text: String,
}
