//! Imports of templates: what is brought, and what became of it.

use super::{DiagnosticView, each};
use domain::{
    diagnostic::Severity,
    id::TemplateId,
    import::{self, Action, FindingCode, Format},
    template::Status,
};

exchanged! {
    /// Where a template was found.
    #[derive(Default)]
    #[schema(as = Origin)]
    pub struct OriginFields = import::Origin {
        /// File name as the caller gave it; empty when it came in a request.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pub file: String,
        /// Line on which its row begins, from 1; 0 when it came in a request.
        #[serde(default)]
        pub line: u64,
        /// What kind of file it was in.
        #[serde(default)]
        pub format: Format,
    }

    /// A template as the other system kept it. Also accepts the column names of CITSmart
    /// (`idmodeloemail`, `titulo`, `texto`, `situacao` as status word, `identificador`).
    #[schema(as = LegacyTemplate)]
    pub struct LegacyTemplateFields = import::LegacyTemplate {
        /// Its number there, from 1 to 9999999999; null when it had none that can be read.
        #[serde(default, alias = "idmodeloemail")]
        pub id: Option<u64>,
        /// Short name as found: may be empty, too long or taken.
        #[serde(default, alias = "identificador")]
        pub identifier: String,
        /// Subject as found, with the keys of the old system.
        #[serde(alias = "titulo")]
        pub title: String,
        /// HTML body as found; nothing is sanitised, the linter only tells.
        #[serde(alias = "texto")]
        pub html: String,
        /// Text body, where there is one; derived from the HTML otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub text: Option<String>,
        /// Whether it was in use.
        #[serde(default)]
        pub status: Status,
        /// Where it was found.
        #[serde(default)]
        pub origin: OriginFields,
    }
}

shown! {
    /// Something that did not come in as it stood, or came in with a doubt.
    #[schema(as = Finding)]
    pub struct FindingView = import::Finding, without phrase {
        /// An error when a template was left out, a warning otherwise.
        pub severity: Severity,
        /// Stable code.
        pub code: FindingCode,
        /// File name as the caller gave it.
        pub file: String,
        /// Line of the file, counted from 1, where the row or value begins.
        pub line: u64,
        /// What it is about, for people; never the content of a template.
        pub message: String,
    }

    /// How many of each.
    #[schema(as = Totals)]
    pub struct TotalsView = import::Totals {
        /// Templates that were read.
        pub read: usize,
        /// Those that came in, renumbered ones among them.
        pub created: usize,
        /// Those that came in with a new id since theirs was taken.
        pub renumbered: usize,
        /// Those that were there already.
        pub unchanged: usize,
        /// Those that came in before and have been changed since.
        pub kept: usize,
        /// Those that the store would not take.
        pub refused: usize,
        /// Errors, of the linter and of reading.
        pub errors: usize,
        /// Warnings, of the linter and of reading.
        pub warnings: usize,
    }

    /// One template in a report.
    #[schema(as = Line)]
    pub struct LineView = import::Line {
        /// File, empty for a request.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub file: String,
        /// Line of that file, 0 for a request.
        pub line: u64,
        /// What became of it.
        pub action: Action,
        /// The id it has now.
        #[schema(value_type = u64)]
        pub id: TemplateId,
        /// The id it had, when that is another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub legacy_id: Option<u64>,
        /// The identifier it has now.
        pub identifier: String,
        /// The identifier it had, when that is another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub legacy_identifier: Option<String>,
        /// Its subject, as it was read.
        pub title: String,
        /// Findings of the linter.
        pub diagnostics: Vec<DiagnosticView> = each(diagnostics),
    }

    /// The report of an import. Its `Display` is the text for a terminal.
    #[schema(as = Report)]
    pub struct ReportView = import::Report {
        /// Whether this only tells what an import would do; nothing was stored then.
        pub dry_run: bool,
        /// How many of each.
        pub totals: TotalsView,
        /// Each template, in the order in which they were read, without its content.
        pub templates: Vec<LineView> = each(templates),
        /// What did not come in as it stood.
        pub findings: Vec<FindingView> = each(findings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_names_are_accepted() {
        let read: LegacyTemplateFields = serde_json::from_str(
            r#"{"idmodeloemail":7,"titulo":"t","texto":"x","identificador":"cp"}"#,
        )
        .unwrap();
        assert_eq!(
            (read.id, read.identifier.as_str(), read.status),
            (Some(7), "cp", Status::Active)
        );
    }
}
