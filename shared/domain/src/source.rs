//! What a template is made of, and what becomes of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
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

/// What a template became with the values of one message to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line, no control characters, not longer than 255 characters.
    pub subject: String,
    /// The HTML body, every value escaped for the place where it stands.
    pub html: String,
    /// The text body: the template's own, or what the HTML says.
    pub text: String,
}
