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
        ("TEMPLATE_TOO_LARGE", _) => texts::diagnostics::TEMPLATE_TOO_LARGE.phrase(),
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
        // A warning that is stored with its template has its English alone: what it is about says more than that.
        let particulars = self.particulars.clone();
        let particulars = particulars.unwrap_or_else(|| Phrase::verbatim(&self.found));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Texts;
    use crate::diagnostic::{Part, Severity};

    #[test]
    fn a_finding_that_was_stored_is_not_english_in_another_language() {
        let finding = Diagnostic {
            severity: Severity::Warning,
            code: "TOKEN_INVALID".into(),
            part: Part::Html,
            line: 1,
            column: 1,
            length: 8,
            found: "{TOKEN(x)}".into(),
            suggestion: None,
            message: String::new(),
            particulars: None,
        };
        let finding = finding.saying(
            Texts {
                pt: "três",
                en: "three",
                es: "tres",
            }
            .into(),
        );
        assert_eq!(finding.message, "three");
        let told = finding.clone().in_language(Language::Pt).message;
        assert_eq!(told, "o link {TOKEN(…)} não está certo: três");
        let stored = serde_json::to_string(&finding).expect("JSON");
        let read: Diagnostic = serde_json::from_str(&stored).expect("a finding");
        assert_eq!(read.message, "three");
        let told = read.in_language(Language::Pt).message;
        assert_eq!(told, "o link {TOKEN(…)} não está certo: {TOKEN(x)}");
    }
}
