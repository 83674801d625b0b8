//! From a source text to a template that can be kept and rendered often.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use tera::{Delimiters, Tera};

use super::check::{check_with, untranslatable};
use super::place::{Place, places};
use super::slot::{Segment, Slot, holes, segments};
use super::{
    Diagnostic, RenderContext, RenderError, Rendered, Severity, Source, Values, derive, escape,
    unsafe_html,
};

mod subject;

pub(super) use subject::LIMIT as TITLE_LIMIT;

/// How strict compiling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For templates saved through the API: every error refuses the template.
    Strict,
    /// For imported templates: errors of keys are warnings, and what cannot be understood stands
    /// for nothing.
    Lenient,
}

/// Names of the parts. Tera escapes by name, so the ending matters.
const SUBJECT: &str = "subject.txt";
const HTML: &str = "body.html";
const TEXT: &str = "body.txt";

/// Most bytes of a rendered part: beyond it no provider takes the mail.
const OUTPUT_LIMIT: usize = 10 * 1024 * 1024;

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
    tera.set_escape_fn(escape::write_html);
    tera.autoescape_on([".html"]);
    tera
});

/// A compiled template. Rendering does not change it, so it can be kept and shared.
#[derive(Clone)]
pub struct Compiled {
    tera: Tera,
    names: Vec<Cow<'static, str>>,
    slots: Vec<Slot>,
    warnings: Vec<Diagnostic>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiled")
            .field("slots", &self.slots.len())
            .field("warnings", &self.warnings.len())
            .finish_non_exhaustive()
    }
}

/// Checks and translates a template.
///
/// # Errors
/// All findings, warnings among them, when one of them is an error.
pub fn compile(source: &Source, mode: Mode) -> Result<Compiled, Vec<Diagnostic>> {
    let warnings = check_with(source, mode);
    if warnings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        return Err(warnings);
    }
    let clean = |text: &str| {
        text.chars()
            .filter(|c| !escape::is_unwanted_control(*c))
            .collect()
    };
    let title: String = clean(&source.title);
    let html: String = clean(&source.html);
    let html = unsafe_html::strip(&html).unwrap_or_default();

    let mut translation = Translation::default();
    let subject = translation.text(&title);
    let body = translation.html(&html);
    let text = match &source.text {
        Some(text) => translation.text(&clean(text)),
        None => translation.pieces(derive::from_template(&html)),
    };
    let mut tera = EMPTY.clone();
    let parts = [(SUBJECT, subject), (HTML, body), (TEXT, text)];
    match tera.add_raw_templates(parts) {
        Ok(()) => Ok(Compiled {
            tera,
            names: (0..translation.slots.len()).map(name).collect(),
            slots: translation.slots,
            warnings,
        }),
        Err(error) => Err(vec![untranslatable(&error)]),
    }
}

/// Name of a slot's variable.
fn name(index: usize) -> Cow<'static, str> {
    Cow::Owned(format!("k{index}"))
}

impl Compiled {
    /// Findings that did not stop the template.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Fills the template. Keys without a value stand for nothing.
    ///
    /// # Errors
    /// [`RenderError`] when a part grows beyond what a mail may hold.
    pub fn render(
        &self,
        values: &Values,
        context: &RenderContext<'_>,
    ) -> Result<Rendered, RenderError> {
        let mut filled = tera::Context::new();
        for (name, slot) in self.names.iter().zip(&self.slots) {
            filled.insert_value(name.clone(), slot.fill(values, context));
        }
        Ok(Rendered {
            subject: subject::one_line(&self.part(SUBJECT, &filled)?),
            html: self.part(HTML, &filled)?,
            text: derive::wrap(&self.part(TEXT, &filled)?),
        })
    }

    fn part(&self, name: &str, filled: &tera::Context) -> Result<String, RenderError> {
        let text = self
            .tera
            .render(name, filled)
            .map_err(|error| RenderError::Tera(error.to_string()))?;
        if text.len() > OUTPUT_LIMIT {
            return Err(RenderError::Limit("more than 10 MiB of output"));
        }
        Ok(text)
    }
}

/// Source text on its way to Tera.
#[derive(Default)]
struct Translation {
    slots: Vec<Slot>,
    known: HashMap<Slot, usize>,
}

impl Translation {
    fn html(&mut self, html: &str) -> String {
        let mut places = places(html, &holes(html)).holes.into_iter();
        self.segments(html, || places.next().unwrap_or(Place::Nowhere))
    }

    fn text(&mut self, text: &str) -> String {
        self.segments(text, || Place::Text)
    }

    fn segments(&mut self, text: &str, mut place: impl FnMut() -> Place) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        for segment in segments(text) {
            match segment {
                Segment::Literal(range) => out.push_str(&text[range]),
                Segment::Hole(_, filler) => {
                    let place = place();
                    if let Some(filler) = filler {
                        self.slot(&mut out, Slot { filler, place });
                    }
                }
            }
        }
        out
    }

    fn pieces(&mut self, pieces: Vec<derive::Piece>) -> String {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                derive::Piece::Literal(text) => out.push_str(&text),
                derive::Piece::Slot(filler) => {
                    let place = Place::Text;
                    self.slot(&mut out, Slot { filler, place });
                }
            }
        }
        out
    }

    fn slot(&mut self, out: &mut String, slot: Slot) {
        if slot.place == Place::Nowhere {
            return;
        }
        let slots = &mut self.slots;
        let index = *self.known.entry(slot).or_insert_with_key(|slot| {
            slots.push(slot.clone());
            slots.len() - 1
        });
        out.push_str("\u{1}{");
        out.push_str(&name(index));
        out.push_str("}\u{1}");
    }
}

#[cfg(test)]
mod tests;
