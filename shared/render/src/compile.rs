//! From a source text to a template that can be kept and rendered often.

use std::borrow::Cow;
use std::sync::LazyLock;

use tera::{Delimiters, Tera};

use super::check::{self, Mode, Parsed};
use super::script::budget::Allowance;
use super::script::emit::Output;
use super::script::{budget, filters, functions};
use super::slot::{Filler, Slot};
use super::{
    Diagnostic, RenderContext, RenderError, Rendered, Severity, Source, Syntax, Value, Values,
    derive,
};

mod bounded;
mod branches;
mod failure;
mod said;
mod subject;
mod translation;
mod trial;

use failure::Failure;
use translation::Translation;
use trial::Trial;

/// Names of the parts. Tera escapes by name, so the ending matters.
const SUBJECT: &str = "subject.txt";
const HTML: &str = "body.html";
const TEXT: &str = "body.txt";

/// Tera with nothing in it. Delimiters are control characters, which no template may hold, so
/// `{{` and `{%` in a template are literal.
static EMPTY: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.set_delimiters(Delimiters {
        block_start: Cow::Borrowed("\u{1}%"),
        block_end: Cow::Borrowed("%\u{1}"),
        variable_start: Cow::Borrowed("\u{1}{"),
        variable_end: Cow::Borrowed("}\u{1}"),
        comment_start: Cow::Borrowed("\u{1}#"),
        comment_end: Cow::Borrowed("#\u{1}"),
    })
    .expect("six different delimiters of two bytes, set before any template");
    tera.set_escape_fn(html::write_escaped);
    tera.autoescape_on([".html"]);
    functions::register(&mut tera);
    filters::register(&mut tera);
    tera
});

/// Makes what all templates share, which the first one would have to wait for.
pub(super) fn warm() {
    LazyLock::force(&EMPTY);
}

/// A compiled template. Rendering does not change it, so it can be kept and shared.
#[derive(Clone)]
pub struct Compiled {
    tera: Tera,
    syntax: Syntax,
    /// Values written for a place.
    slots: Vec<(Cow<'static, str>, Slot)>,
    /// Values that expressions work with.
    variables: Vec<(String, Option<Filler>)>,
    /// Whether the text is derived from the HTML once it is rendered.
    derives_text: bool,
    warnings: Vec<Diagnostic>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled")
            .field("syntax", &self.syntax)
            .field("slots", &self.slots.len())
            .field("warnings", &self.warnings.len())
            .finish_non_exhaustive()
    }
}

/// Checks a template of one language as if it were saved, see [`Checks::check`].
pub fn check(source: &Source) -> Vec<Diagnostic> {
    Checks::default().check(source)
}

/// Checks the languages of one template. One budget serves them all, so a template with many
/// languages takes no longer to check than one.
#[derive(Debug)]
pub struct Checks {
    trials: Allowance,
    /// For the trials of single branches, which end without a word when it is used up.
    branches: Allowance,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            trials: Allowance::TEMPLATE,
            branches: Allowance::RENDERING,
        }
    }
}

impl Checks {
    /// Checks one language as if it were saved. Findings come in the order title, HTML, text, each
    /// part from its start.
    pub fn check(&mut self, source: &Source) -> Vec<Diagnostic> {
        match source.syntax {
            Syntax::Keys => check::findings(source, Mode::Strict).0,
            // Only a trial shows what a template with loops comes to.
            Syntax::Tera => match compile_within(source, Mode::Strict, self) {
                Ok(compiled) => compiled.warnings,
                Err(findings) => findings,
            },
        }
    }
}

/// Checks and translates a template. One in Tera is tried too: on the catalogue's samples, with no
/// value at all, and with values that nobody expects.
///
/// # Errors
/// All findings, warnings among them, when one of them is an error.
pub fn compile(source: &Source, mode: Mode) -> Result<Compiled, Vec<Diagnostic>> {
    compile_within(source, mode, &mut Checks::default())
}

fn compile_within(
    source: &Source,
    mode: Mode,
    checks: &mut Checks,
) -> Result<Compiled, Vec<Diagnostic>> {
    let (mut findings, parsed) = check::findings(source, mode);
    let refused = findings.iter().any(|finding| {
        let readable = mode == Mode::Lenient && check::EMPTY.contains(&finding.code.as_str());
        finding.severity == Severity::Error && !readable
    });
    let Some(parsed) = parsed.filter(|_| !refused) else {
        return Err(findings);
    };
    let (compiled, outputs) = translate(source.syntax, &parsed, &findings);
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(error) => {
            let failure = Failure::new(&error, None);
            findings.push(failure.finding(source, &parsed, &outputs));
            return Err(findings);
        }
    };
    if source.syntax == Syntax::Keys || mode == Mode::Lenient {
        return Ok(compiled);
    }
    for trial in Trial::ALL {
        let values = trial.values();
        let context = RenderContext::default();
        if let Err(failure) = compiled.fill(&values, &context, &mut checks.trials) {
            let finding = failure.finding(source, &parsed, &outputs);
            findings.push(trial.under(finding));
            return Err(findings);
        }
    }
    for assumed in branches::assumptions(&parsed) {
        for trial in [Trial::Hostile, Trial::Empty] {
            let mut values = trial.values();
            let texts = assumed.iter();
            values.extend(texts.map(|(key, text)| (key.clone(), Value::Text(text.clone()))));
            let context = RenderContext::default();
            match compiled.fill(&values, &context, &mut checks.branches) {
                Ok(_) => {}
                Err(failure) if failure.is_limit() => return Ok(compiled),
                Err(failure) => {
                    let finding = trial.under(failure.finding(source, &parsed, &outputs));
                    findings.push(finding.under(branches::holding(&assumed)));
                    return Err(findings);
                }
            }
        }
    }
    Ok(compiled)
}

/// Where a template that [`compile`] takes fails on these values, if it does. The finding may repeat a
/// value: it is for people who may see them all.
pub fn failure(
    source: &Source,
    values: &Values,
    context: &RenderContext<'_>,
) -> Option<Diagnostic> {
    let (findings, parsed) = check::findings(source, Mode::Lenient);
    let parsed = parsed?;
    let (compiled, outputs) = translate(source.syntax, &parsed, &findings);
    let mut allowance = Allowance::RENDERING;
    let filled = compiled.ok()?.fill(values, context, &mut allowance);
    Some(filled.err()?.finding(source, &parsed, &outputs))
}

/// The translation of each part.
struct Outputs {
    subject: Output,
    html: Output,
    text: Output,
}

fn translate(
    syntax: Syntax,
    parsed: &Parsed,
    warnings: &[Diagnostic],
) -> (tera::TeraResult<Compiled>, Outputs) {
    let mut translation = Translation::default();
    let derives_text = parsed.text.is_none() && syntax == Syntax::Tera;
    let outputs = Outputs {
        subject: translation.text(&parsed.title),
        html: translation.html(&parsed.html),
        text: match &parsed.text {
            Some(text) => translation.text(text),
            None if derives_text => Output::default(),
            None => translation.pieces(derive::from_template(
                &parsed.html.text,
                &parsed.html.places,
            )),
        },
    };
    let mut tera = EMPTY.clone();
    let added = tera.add_raw_templates([
        (SUBJECT, &outputs.subject.text),
        (HTML, &outputs.html.text),
        (TEXT, &outputs.text.text),
    ]);
    let compiled = added.map(|()| Compiled {
        tera,
        syntax,
        derives_text,
        variables: translation.variables(),
        slots: translation.slots(),
        warnings: warnings.to_vec(),
    });
    (compiled, outputs)
}

impl Compiled {
    /// Findings that did not stop the template.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Fills the template. Keys without a value stand for nothing.
    ///
    /// # Errors
    /// [`RenderError`] when a part grows beyond what a mail may hold, or, for a template in Tera,
    /// when it goes beyond its budget or an expression fails on these values.
    pub fn render(
        &self,
        values: &Values,
        context: &RenderContext<'_>,
    ) -> Result<Rendered, RenderError> {
        let mut allowance = Allowance::RENDERING;
        self.fill(values, context, &mut allowance)
            .map_err(Failure::into_error)
    }

    fn fill(
        &self,
        values: &Values,
        context: &RenderContext<'_>,
        allowance: &mut Allowance,
    ) -> Result<Rendered, Failure> {
        let mut filled = tera::Context::new();
        // Slots are in the order of their keys, as values are: one walk finds them all.
        let mut left = values.iter().peekable();
        for (name, slot) in &self.slots {
            let value = match slot.filler.key() {
                Some(key) => {
                    while left.next_if(|(known, _)| known.as_str() < key).is_some() {}
                    let found = left.peek().filter(|(known, _)| known.as_str() == key);
                    found.map(|(_, value)| Cow::Borrowed(*value))
                }
                None => slot.filler.value(values, context),
            };
            filled.insert_value(name.clone(), slot.fill(value.as_deref()));
        }
        for (name, filler) in &self.variables {
            let value = match filler {
                Some(filler) => filler.plain(values, context),
                None => tera::Value::normal_string(""),
            };
            filled.insert_value(name.clone(), value);
        }
        match self.syntax {
            Syntax::Keys => self.parts(&filled, bounded::KEYS_LIMIT),
            Syntax::Tera => {
                let (rendered, exceeded) = budget::within(context.locale, allowance, || {
                    self.parts(&filled, bounded::TERA_LIMIT)
                });
                rendered.map_err(|failure| failure.because(exceeded))
            }
        }
    }

    fn parts(&self, filled: &tera::Context, limit: bounded::Limit) -> Result<Rendered, Failure> {
        let part = |name| {
            bounded::render(&self.tera, name, filled, limit)
                .map_err(|(error, exceeded)| Failure::new(&error, exceeded))
        };
        let subject = part(SUBJECT)?;
        let html = part(HTML)?;
        let text = if self.derives_text {
            derive::from_html(&html)
        } else {
            part(TEXT)?
        };
        Ok(Rendered {
            subject: subject::one_line(subject),
            text: derive::wrap(&text),
            html,
        })
    }
}

#[cfg(test)]
mod tests;
