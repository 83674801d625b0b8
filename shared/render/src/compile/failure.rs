//! What went wrong in Tera, as a finding at a position of the template, or as an error that
//! repeats no value.

use tera::ErrorKind;

use super::{HTML, Outputs, SUBJECT, TEXT, said};
use crate::{RenderError, check::Parsed, position::Lines, script::budget::Exceeded, texts};
use domain::{
    diagnostic::{Diagnostic, Part, Severity},
    source::Source,
};

/// A failure of Tera.
#[derive(Debug)]
pub(super) struct Failure {
    part: Part,
    /// Where in the translation, when Tera says.
    offset: Option<usize>,
    message: String,
    exceeded: Option<Exceeded>,
}

impl Failure {
    pub(super) fn new(error: &tera::Error, exceeded: Option<Exceeded>) -> Self {
        let (part, offset, message) = match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => (
                part_of(report.filename()),
                Some(report.span().range.start),
                report.message().to_owned(),
            ),
            other => (Part::Html, None, other.to_string()),
        };
        Self {
            part,
            offset,
            message,
            exceeded,
        }
    }

    /// The same, knowing what of the budget was used up.
    pub(super) fn because(self, exceeded: Option<Exceeded>) -> Self {
        Self {
            exceeded: exceeded.or(self.exceeded),
            ..self
        }
    }

    /// Whether it is the budget that was used up.
    pub(super) fn is_limit(&self) -> bool {
        self.exceeded.is_some() || self.message.contains("too complex")
    }

    /// The failure as a finding about the template.
    pub(super) fn finding(self, source: &Source, parsed: &Parsed, outputs: &Outputs) -> Diagnostic {
        let (output, read, written) = match self.part {
            Part::Title => (&outputs.subject, Some(&parsed.title), Some(&source.title)),
            Part::Html => (&outputs.html, Some(&parsed.html), Some(&source.html)),
            Part::Text => (&outputs.text, parsed.text.as_ref(), source.text.as_ref()),
        };
        let text = written.map(String::as_str).unwrap_or_default();
        // Where something was taken out before translation, positions no longer fit.
        let fits = read.is_some_and(|read| read.text == text);
        let known = self.offset.filter(|_| fits);
        let at = known.map_or(0, |offset| output.origin(offset).min(text.len()));
        let end = match known {
            Some(_) => text[at..]
                .find(['\n', '}', '%'])
                .map_or(text.len(), |length| at + length),
            None => at,
        };
        let (code, message) = match self.exceeded {
            Some(exceeded) => ("TERA_LIMIT", exceeded.words().phrase()),
            None if self.message.contains("too complex") => {
                ("TERA_LIMIT", texts::budget::COMPLEX.phrase())
            }
            None => ("TERA_SYNTAX", said::phrase(&self.message)),
        };
        Lines::new(self.part, text).finding(Severity::Error, code, at..end, None, message)
    }

    /// The failure as an error, without what Tera says: it may repeat a value of the ticket.
    pub(super) fn into_error(self) -> RenderError {
        match self.exceeded {
            Some(exceeded) => RenderError::Limit(exceeded.words()),
            None => RenderError::Tera(self.part),
        }
    }
}

fn part_of(name: &str) -> Part {
    match name {
        SUBJECT => Part::Title,
        TEXT => Part::Text,
        HTML => Part::Html,
        _ => Part::Html,
    }
}
