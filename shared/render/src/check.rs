//! Findings in a template: everything at once, each at the text it is about.

use super::place::Place;
use super::position::Lines;
use super::script::{SOURCE_LIMIT, Script};
use super::{Diagnostic, Part, Severity, Source, Syntax};
use crate::texts;
use domain::characters::is_blank;

mod checker;
mod names;

use checker::Checker;
use names::Names;

/// How strict compiling is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For templates saved through the API: every error refuses the template.
    Strict,
    /// For imported templates: errors of keys are warnings, and what cannot be understood stands
    /// for nothing. An empty title or body stays an error, with which it compiles.
    Lenient,
}

/// A part, cleaned and parsed.
pub(super) struct ParsedPart {
    pub(super) text: String,
    pub(super) script: Script,
    /// The place of each hole of HTML, in the order of the source; a text has none.
    pub(super) places: Vec<Place>,
}

/// A template, cleaned and parsed.
pub(super) struct Parsed {
    pub(super) title: ParsedPart,
    pub(super) html: ParsedPart,
    pub(super) text: Option<ParsedPart>,
}

/// Most characters of a title, and of the subject made from it.
pub(super) const TITLE_LIMIT: usize = 255;

/// What makes a mail without subject or text: an imported template can be read all the same, but no
/// parameter may name it.
pub(super) const EMPTY: [&str; 2] = ["TITLE_EMPTY", "BODY_EMPTY"];

/// Everything that can be said without rendering, and the template when it could be read.
pub(super) fn findings(source: &Source, mode: Mode) -> (Vec<Diagnostic>, Option<Parsed>) {
    let mut findings = too_large(source);
    if !findings.is_empty() {
        return (findings, None);
    }
    let mut names = Names::default();
    let mut ticket = false;
    let mut examine = |part, text: &str| {
        let mut checker = Checker {
            lines: Lines::new(part, text),
            part,
            text,
            syntax: source.syntax,
            names: &mut names,
            findings: Vec::new(),
            ticket: false,
        };
        let parsed = checker.part();
        ticket |= checker.ticket;
        let mut found = checker.findings;
        found.sort_by_key(|finding| (finding.line, finding.column));
        findings.append(&mut found);
        parsed
    };
    let title = examine(Part::Title, &source.title);
    let html = examine(Part::Html, &source.html);
    // A form sends an empty field for a text that nobody wrote: it is derived, as without one.
    let written = source.text.as_ref().filter(|text| !is_blank(text));
    let text = written.map(|text| examine(Part::Text, text));
    // What cannot be read may name the ticket.
    let read = title.is_some() && html.is_some() && text.as_ref().is_none_or(Option::is_some);
    if !ticket && read {
        findings.push(Lines::new(Part::Html, &source.html).finding(
            Severity::Warning,
            "NO_TICKET_KEY",
            0..0,
            Some("${IDSOLICITACAOSERVICO}".to_owned()),
            "nothing in the template says which ticket the mail is about",
        ));
    }
    if mode == Mode::Lenient {
        let lasting = ["UNSAFE_HTML", "TERA_SYNTAX", "TERA_LIMIT"];
        for finding in &mut findings {
            let code = finding.code.as_str();
            if !lasting.contains(&code) && !EMPTY.contains(&code) {
                finding.severity = Severity::Warning;
            }
        }
    }
    let parsed = match (title, html, text) {
        (Some(title), Some(html), None) => Some(Parsed {
            title,
            html,
            text: None,
        }),
        (Some(title), Some(html), Some(Some(text))) => Some(Parsed {
            title,
            html,
            text: Some(text),
        }),
        _ => None,
    };
    (findings, parsed)
}

/// A template in Tera that is too large is not even looked at.
fn too_large(source: &Source) -> Vec<Diagnostic> {
    let text = source.text.as_ref().map_or(0, String::len);
    let size = source.title.len() + source.html.len() + text;
    if source.syntax == Syntax::Keys || size <= SOURCE_LIMIT {
        return Vec::new();
    }
    Vec::from([Lines::new(Part::Html, "").finding(
        Severity::Error,
        "TERA_LIMIT",
        0..0,
        None,
        texts::script::TOO_LARGE
            .phrase()
            .with("max", SOURCE_LIMIT / 1024)
            .with("size", size),
    )])
}

#[cfg(test)]
mod tests {
    use domain::catalog::Language;

    use super::*;

    /// Templates with something wrong in each way that the checks know.
    const WRONG: &[(Syntax, &str, &str)] = &[
        (Syntax::Keys, "", ""),
        (
            Syntax::Keys,
            "${NOMECONTATTO} ${nomecontato} ${XQZWY}",
            "<p>x</p>",
        ),
        (
            Syntax::Keys,
            "x",
            "<p>${ NOMECONTATO } ${NOMECONTATO &nope; {TOKEN(1,2)}</p>",
        ),
        (
            Syntax::Keys,
            "a\u{1}",
            "<p>${NOME<b>CONTATO}</b><script>x</script></p>",
        ),
        (Syntax::Tera, "x", "<p>{% if %}</p>"),
        (Syntax::Tera, "x", "<p>{{ NOMECONTATO | nope }}</p>"),
    ];

    #[test]
    fn every_finding_has_its_words_in_every_language() {
        let mut seen = std::collections::BTreeSet::new();
        for (syntax, title, html) in WRONG {
            let source = Source {
                syntax: *syntax,
                title: (*title).to_owned(),
                html: (*html).to_owned(),
                text: None,
            };
            for found in crate::check(&source) {
                let said =
                    Language::ALL.map(|language| found.clone().in_language(language).message);
                assert!(said[0] != said[1] && said[2] != said[1], "{said:?}");
                assert!(
                    said.iter().all(|text| !text.contains("{found}")),
                    "{said:?}"
                );
                seen.insert(found.code);
            }
        }
        assert!(seen.len() >= 8, "{seen:?}");
    }
}
