//! Findings of templates in the languages of their readers, by their codes.

use super::Diagnostic;
use crate::{
    catalog::{Language, Phrase},
    texts,
};

/// What each code says. `{found}` is the text it is about, `{suggestion}` what to write instead,
/// `{message}` the particulars.
fn sentence(code: &str, suggested: bool) -> Option<Phrase> {
    Some(match (code, suggested) {
        ("UNKNOWN_KEY", true) => texts::diagnostics::UNKNOWN_KEY_SUGGESTED.phrase(),
        ("UNKNOWN_KEY", false) => texts::diagnostics::UNKNOWN_KEY.phrase(),
        ("WRONG_CASE", _) => texts::diagnostics::WRONG_CASE.phrase(),
        ("MALFORMED_KEY", _) => texts::diagnostics::MALFORMED_KEY.phrase(),
        ("UNCLOSED_KEY", _) => texts::diagnostics::UNCLOSED_KEY.phrase(),
        ("KEY_SPLIT_BY_MARKUP", _) => texts::diagnostics::KEY_SPLIT_BY_MARKUP.phrase(),
        ("TOKEN_INVALID", _) => texts::diagnostics::TOKEN_INVALID.phrase(),
        ("TERA_SYNTAX", _) => texts::diagnostics::TERA_SYNTAX.phrase(),
        ("TERA_LIMIT", _) => texts::diagnostics::TERA_LIMIT.phrase(),
        ("TITLE_TOO_LONG", _) => texts::diagnostics::TITLE_TOO_LONG.phrase(),
        ("TITLE_EMPTY", _) => texts::diagnostics::TITLE_EMPTY.phrase(),
        ("BODY_EMPTY", _) => texts::diagnostics::BODY_EMPTY.phrase(),
        ("CONTROL_CHARACTER", _) => texts::diagnostics::CONTROL_CHARACTER.phrase(),
        ("NO_TICKET_KEY", _) => texts::diagnostics::NO_TICKET_KEY.phrase(),
        ("BAD_ENTITY", _) => texts::diagnostics::BAD_ENTITY.phrase(),
        ("UNSAFE_HTML", _) => texts::diagnostics::UNSAFE_HTML.phrase(),
        _ => return None,
    })
}

impl Diagnostic {
    /// What is wrong, in every language, with what it is about as values.
    pub fn phrase(&self) -> Phrase {
        let suggestion = self.suggestion.as_deref();
        let Some(sentence) = sentence(&self.code, suggestion.is_some()) else {
            return Phrase::verbatim(&self.message);
        };
        let particulars = self.particulars.clone();
        let particulars = particulars.unwrap_or_else(|| Phrase::verbatim(&self.message));
        sentence
            .with("found", &self.found)
            .with("suggestion", suggestion.unwrap_or_default())
            .with_phrase("message", particulars)
    }

    /// The same finding in the reader's language; in English with all particulars.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if language != Language::En {
            self.message = self.phrase().get(language);
        }
        self
    }
}
