//! What an import did or would do, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::{Action, Finding, Plan, Step, findings_in_language};
use crate::{
    catalog::{Language, Phrase},
    diagnostic::{Diagnostic, Severity},
    id::TemplateId,
    texts,
};

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
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

/// The report of an import. [`Self::shown`] is the text for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether this only tells what an import would do; nothing was stored then.
    pub dry_run: bool,
    /// How many of each.
    pub totals: Totals,
    /// Each template, in the order in which they were read, without its content.
    pub templates: Vec<Line>,
    /// What did not come in as it stood.
    pub findings: Vec<Finding>,
}

/// One template in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// File, empty for a request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line of that file, 0 for a request.
    pub line: u64,
    /// What became of it.
    pub action: Action,
    /// The id it has now.
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
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// The report of a plan and of what reading found.
    pub fn new(plan: &Plan, findings: Vec<Finding>, dry_run: bool) -> Self {
        let templates: Vec<Line> = plan.steps.iter().map(Line::new).collect();
        let with = |action| templates.iter().filter(|t| t.action == action).count();
        let severities = || {
            let linted = templates
                .iter()
                .flat_map(|t| t.diagnostics.iter().map(|d| d.severity));
            linted.chain(findings.iter().map(|f| f.severity))
        };
        let renumbered = with(Action::Renumber);
        let totals = Totals {
            read: templates.len(),
            created: with(Action::Create) + renumbered,
            renumbered,
            unchanged: with(Action::Unchanged),
            kept: with(Action::Kept),
            refused: with(Action::Refused),
            errors: severities().filter(|s| *s == Severity::Error).count(),
            warnings: severities().filter(|s| *s == Severity::Warning).count(),
        };
        Self {
            dry_run,
            totals,
            templates,
            findings,
        }
    }
}

impl Report {
    /// The same with its findings in the reader's language.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        let templates = self.templates.iter_mut();
        let diagnostics = templates.map(|template| &mut template.diagnostics);
        findings_in_language(language, diagnostics, &mut self.findings);
        self
    }

    /// The text for a terminal, in the reader's language. Codes, and the parts of a template as the API
    /// names them, are the same in all.
    pub fn shown(self, language: Language) -> impl fmt::Display {
        let report = self.in_language(language);
        fmt::from_fn(move |f| report.write(f, language))
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, language: Language) -> fmt::Result {
        for template in &self.templates {
            template.write(f, language)?;
            for diagnostic in &template.diagnostics {
                write_finding(f, diagnostic, language)?;
            }
        }
        for Finding {
            severity,
            code,
            file,
            line,
            message,
            ..
        } in &self.findings
        {
            let severity = severity.word(language);
            writeln!(
                f,
                "{}:{line}: {severity} {}: {}",
                printable(file),
                code.as_str(),
                printable(message)
            )?;
        }
        writeln!(f, "{}", self.summary().get(language))
    }

    fn summary(&self) -> Phrase {
        let nothing = || Phrase::verbatim("");
        let totals = &self.totals;
        let refused = match totals.refused {
            0 => nothing(),
            refused => texts::import::TOTALS_REFUSED.with("refused", refused),
        };
        let dry_run = match self.dry_run {
            true => texts::import::DRY_RUN.phrase(),
            false => nothing(),
        };
        texts::import::TOTALS
            .with("read", totals.read)
            .with("created", totals.created)
            .with("renumbered", totals.renumbered)
            .with("unchanged", totals.unchanged)
            .with("kept", totals.kept)
            .with_phrase("refused", refused)
            .with("errors", totals.errors)
            .with("warnings", totals.warnings)
            .with_phrase("dry_run", dry_run)
    }
}

impl Line {
    fn new(step: &Step) -> Self {
        let template = &step.template;
        Self {
            file: template.origin.file.clone(),
            line: template.origin.line,
            action: step.action,
            id: step.id,
            legacy_id: template.id.filter(|id| step.id != *id),
            identifier: step.identifier.clone(),
            legacy_identifier: Some(template.identifier.clone()).filter(|i| *i != step.identifier),
            title: template.title.clone(),
            diagnostics: step.diagnostics.clone(),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, language: Language) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}:{}: ", printable(&self.file), self.line)?;
        }
        let word = match self.action {
            Action::Create => texts::import::CREATED,
            Action::Renumber => texts::import::CREATED_WITH_A_NEW_ID,
            Action::Unchanged => texts::import::UNCHANGED,
            Action::Kept => texts::import::KEPT,
            Action::Refused => texts::import::REFUSED,
        };
        let was = |was: String| texts::import::WAS.with("was", was).get(language);
        write!(f, "{}: {}", word.get(language), self.id)?;
        if let Some(id) = self.legacy_id {
            write!(f, " {}", was(id.to_string()))?;
        }
        write!(f, " {}", printable(&self.identifier))?;
        if let Some(identifier) = &self.legacy_identifier {
            write!(f, " {}", was(format!("\"{}\"", printable(identifier))))?;
        }
        writeln!(f, " \"{}\"", printable(&self.title))
    }
}

fn write_finding(
    f: &mut fmt::Formatter<'_>,
    found: &Diagnostic,
    language: Language,
) -> fmt::Result {
    let Diagnostic {
        severity,
        code,
        part,
        line,
        column,
        message,
        ..
    } = found;
    writeln!(
        f,
        "    {} {code} {} {line}:{column}: {}",
        severity.word(language),
        part.name(),
        printable(message)
    )
}

/// Text from a file on a terminal: on one line, without control characters that would move it.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
