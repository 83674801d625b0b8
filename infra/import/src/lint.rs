//! Lint of the files that an import would read: the findings of reading them and of the checks
//! that templates get when they are saved; for people, for programs, for GitHub's annotations.

use std::fmt::Write as _;
use std::path::PathBuf;

use domain::{
    catalog::Language,
    diagnostic::{Diagnostic, Part, Severity},
    import::{Finding, Format, LegacyTemplate, findings_in_language},
    source::{Source, Syntax},
};
use serde::Serialize;

use crate::{Options, Progress, ReadError, read, texts};

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// One line a finding, `file:line:column: error CODE: message`.
    #[default]
    Text,
    /// One JSON document, with everything that [`Lint`] holds.
    Json,
    /// Workflow commands of GitHub Actions, which mark the lines of a pull request.
    Github,
}

impl Style {
    /// The style of that name: `text`, `json` or `github`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "github" => Some(Self::Github),
            _ => None,
        }
    }
}

/// What the linter found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// How many errors, of both kinds.
    pub errors: usize,
    /// How many warnings, of both kinds.
    pub warnings: usize,
    /// Every template that was read, those without findings too.
    pub templates: Vec<Linted>,
    /// What could not be read as it stands.
    pub findings: Vec<Finding>,
}

/// One template and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Linted {
    /// File name as the caller gave it.
    pub file: String,
    /// Line on which the template begins.
    pub line: u64,
    /// Kind of file that it stands in.
    pub format: Format,
    /// Its number, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its identifier, may be empty.
    pub identifier: String,
    /// Its subject as found, keys and all.
    pub title: String,
    /// The findings, the same as of the API; positions are within the part that each names.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads files as an import does and applies `check`, which is the one that the API applies.
pub fn lint(
    paths: &[PathBuf],
    options: &Options,
    check: &dyn Fn(&Source) -> Vec<Diagnostic>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Lint, ReadError> {
    let gathered = read(paths, options, progress)?;
    let templates: Vec<Linted> = gathered
        .templates
        .into_iter()
        .map(|template| linted(template, check))
        .collect();
    let count = |severity| {
        let diagnostics = templates
            .iter()
            .flat_map(|t| &t.diagnostics)
            .filter(|d| d.severity == severity)
            .count();
        diagnostics
            + gathered
                .findings
                .iter()
                .filter(|f| f.severity == severity)
                .count()
    };
    Ok(Lint {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        templates,
        findings: gathered.findings,
    })
}

fn linted(template: LegacyTemplate, check: &dyn Fn(&Source) -> Vec<Diagnostic>) -> Linted {
    let LegacyTemplate {
        id,
        identifier,
        title,
        html,
        text,
        origin,
        ..
    } = template;
    let source = Source {
        syntax: Syntax::Keys,
        title,
        html,
        text,
    };
    let diagnostics = check(&source);
    Linted {
        file: origin.file,
        line: origin.line,
        format: origin.format,
        id,
        identifier,
        title: source.title,
        diagnostics,
    }
}

impl Lint {
    /// What a program ends with: 1 when there is an error, 0 when there is none. Files that cannot
    /// be read at all are a [`ReadError`] and end it with 2.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.errors > 0)
    }

    /// The findings as text, for a terminal or a program, in words of that language; what programs read
    /// is the same in all.
    pub fn write(mut self, style: Style, language: Language) -> String {
        let templates = self.templates.iter_mut();
        let diagnostics = templates.map(|template| &mut template.diagnostics);
        findings_in_language(language, diagnostics, &mut self.findings);
        match style {
            Style::Json => serde_json::to_string_pretty(&self)
                .map_or_else(|_| String::new(), |json| json + "\n"),
            Style::Text => self.lines(text_line, language) + &self.summary(language),
            Style::Github => self.lines(github_line, language),
        }
    }

    fn summary(&self, language: Language) -> String {
        let summary = texts::lint::SUMMARY
            .with("templates", self.templates.len())
            .with("errors", self.errors)
            .with("warnings", self.warnings);
        summary.get(language) + "\n"
    }

    fn lines(
        &self,
        line: fn(&LocatedFinding<'_>, Language) -> String,
        language: Language,
    ) -> String {
        let mut all = String::new();
        let placed = self.templates.iter().flat_map(|t| {
            t.diagnostics
                .iter()
                .map(|d| LocatedFinding::of_diagnostic(t, d, language))
        });
        for place in placed.chain(self.findings.iter().map(LocatedFinding::of_finding)) {
            let _ = writeln!(all, "{}", line(&place, language));
        }
        all
    }
}

/// A finding of either kind, and where it is in its file.
struct LocatedFinding<'a> {
    severity: Severity,
    code: &'a str,
    file: &'a str,
    line: u64,
    /// First and last column; only known where the file is the body itself.
    columns: Option<(usize, usize)>,
    message: String,
}

impl<'a> LocatedFinding<'a> {
    fn of_finding(finding: &'a Finding) -> Self {
        Self {
            severity: finding.severity,
            code: finding.code.as_str(),
            file: &finding.file,
            line: finding.line,
            columns: None,
            message: finding.message.clone(),
        }
    }

    fn of_diagnostic(template: &'a Linted, diagnostic: &'a Diagnostic, language: Language) -> Self {
        let Diagnostic {
            severity,
            code,
            part,
            line,
            column,
            length,
            suggestion,
            message,
            ..
        } = diagnostic;
        // Some sentences ask for it already.
        let suggestion = suggestion.as_deref().filter(|one| !message.contains(*one));
        let message = match suggestion {
            Some(suggestion) => texts::lint::SUGGESTED
                .with("message", message)
                .with("suggestion", suggestion)
                .get(language),
            None => message.clone(),
        };
        let place = Self {
            severity: *severity,
            code,
            file: &template.file,
            line: template.line,
            columns: None,
            message,
        };
        if template.format == Format::Html && *part == Part::Html {
            let last = column + length.saturating_sub(1);
            return Self {
                line: *line as u64,
                columns: Some((*column, last)),
                ..place
            };
        }
        // A dump has its own lines: the position within the part stands in the message.
        let part = part.name();
        let name = match (template.id, template.identifier.as_str()) {
            (Some(id), "") => id.to_string(),
            (Some(id), identifier) => format!("{id} {identifier}"),
            (None, identifier) => identifier.to_owned(),
        };
        let message =
            format!("[{name}] {part} {line}:{column}: {}", place.message).replace("[] ", "");
        Self { message, ..place }
    }
}

fn text_line(place: &LocatedFinding<'_>, language: Language) -> String {
    let column = place
        .columns
        .map_or(String::new(), |(first, _)| format!(":{first}"));
    let line = format!(
        "{}:{}{column}: {} {}: {}",
        place.file,
        place.line,
        place.severity.word(language),
        place.code,
        place.message
    );
    on_one_line(&line)
}

/// Text without control characters, which would move a terminal's cursor or begin a line of its own.
fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// `::error file=…,line=…,col=…,endColumn=…,title=…::message`, escaped as the Actions toolkit does.
fn github_line(place: &LocatedFinding<'_>, _: Language) -> String {
    let columns = place.columns.map_or(String::new(), |(first, last)| {
        format!(",col={first},endColumn={last}")
    });
    format!(
        "::{} file={},line={}{columns},title={}::{}",
        place.severity.name(),
        escape(place.file).replace(':', "%3A").replace(',', "%2C"),
        place.line,
        escape(place.code),
        escape(&place.message),
    )
}

fn escape(text: &str) -> String {
    // CR and LF have a form of their own; no other control character has.
    let text = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    on_one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_prints_a_control_character_of_a_file() {
        let message = "a\u{1b}[2J\u{7}b\r\n::error::c\u{9b}d";
        let place = LocatedFinding {
            file: "x\u{1b}]0;y\n,z:%.html",
            line: 1,
            columns: Some((2, 3)),
            severity: Severity::Error,
            code: "CODE\n",
            message: message.to_owned(),
        };
        let [text, github] = [text_line, github_line].map(|line| line(&place, Language::En));
        for line in [&text, &github] {
            assert!(!line.contains(char::is_control), "{line:?}");
        }
        assert!(github.starts_with(
            "::error file=x ]0;y%0A%2Cz%3A%25.html,line=1,col=2,endColumn=3,title=CODE%0A::a"
        ));
    }
}
