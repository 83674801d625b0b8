//! Findings in a template: everything at once, each at the text it is about.

use std::collections::HashMap;

use super::compile::{Mode, TITLE_LIMIT};
use super::place::places;
use super::position::Lines;
use super::scan::{Found, What, scan};
use super::slot::holes;
use super::{Diagnostic, Part, Severity, Source, Syntax, entity, unsafe_html};
use crate::catalog::keys;

/// Most findings for one part: a template with more is no template.
const FINDINGS_LIMIT: usize = 1_000;
/// Most names for which a suggestion is looked up; it is a search through the catalogue.
const SUGGESTIONS_LIMIT: usize = 300;

/// Checks a template as if it were saved. Findings come in the order title, HTML, text, each part
/// from its start.
pub fn check(source: &Source) -> Vec<Diagnostic> {
    check_with(source, Mode::Strict)
}

pub(super) fn check_with(source: &Source, mode: Mode) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut names = Names::default();
    let mut ticket = false;
    let parts = [
        (Part::Title, Some(source.title.as_str())),
        (Part::Html, Some(source.html.as_str())),
        (Part::Text, source.text.as_deref()),
    ];
    if source.syntax == Syntax::Tera {
        return vec![unsupported()];
    }
    for (part, text) in parts {
        let Some(text) = text else { continue };
        let mut checker = Checker {
            lines: Lines::new(part, text),
            part,
            text,
            names: &mut names,
            findings: Vec::new(),
        };
        checker.whole();
        checker.controls();
        ticket |= checker.keys();
        if part == Part::Html {
            checker.html();
        }
        let mut found = checker.findings;
        found.sort_by_key(|finding| (finding.line, finding.column));
        found.truncate(FINDINGS_LIMIT);
        findings.append(&mut found);
    }
    if !ticket {
        findings.push(Lines::new(Part::Html, &source.html).finding(
            Severity::Warning,
            "NO_TICKET_KEY",
            0..0,
            Some("${IDSOLICITACAOSERVICO}".to_owned()),
            "nothing in the template says which ticket the mail is about".to_owned(),
        ));
    }
    if mode == Mode::Lenient {
        for finding in &mut findings {
            if finding.code != "UNSAFE_HTML" {
                finding.severity = Severity::Warning;
            }
        }
    }
    findings
}

/// Tera did not take what we made for it. It never should; if it does, the template is refused.
pub(super) fn untranslatable(error: &tera::Error) -> Diagnostic {
    Lines::new(Part::Html, "").finding(
        Severity::Error,
        "TERA_SYNTAX",
        0..0,
        None,
        error.to_string(),
    )
}

fn unsupported() -> Diagnostic {
    Lines::new(Part::Html, "").finding(
        Severity::Error,
        "TERA_SYNTAX",
        0..0,
        None,
        "templates in Tera are not taken by this version".to_owned(),
    )
}

/// Suggestions looked up once a name.
#[derive(Default)]
struct Names {
    nearest: HashMap<String, Option<&'static str>>,
}

impl Names {
    fn nearest(&mut self, name: &str) -> Option<&'static str> {
        if let Some(known) = self.nearest.get(name) {
            return *known;
        }
        if self.nearest.len() >= SUGGESTIONS_LIMIT {
            return None;
        }
        let nearest = keys::nearest(name);
        self.nearest.insert(name.to_owned(), nearest);
        nearest
    }
}

struct Checker<'a> {
    lines: Lines<'a>,
    part: Part,
    text: &'a str,
    names: &'a mut Names,
    findings: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn add(
        &mut self,
        severity: Severity,
        code: &str,
        range: std::ops::Range<usize>,
        suggestion: Option<String>,
        message: impl Into<String>,
    ) {
        if self.findings.len() < FINDINGS_LIMIT {
            let finding = self
                .lines
                .finding(severity, code, range, suggestion, message.into());
            self.findings.push(finding);
        }
    }

    fn error(
        &mut self,
        code: &str,
        range: std::ops::Range<usize>,
        suggestion: Option<String>,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, code, range, suggestion, message);
    }

    /// What is wrong with the part as a whole.
    fn whole(&mut self) {
        let empty = self.text.trim().is_empty();
        match self.part {
            Part::Title if empty => {
                self.error(
                    "TITLE_EMPTY",
                    0..0,
                    None,
                    "the title is the mail's subject and cannot be empty",
                );
            }
            Part::Html if empty => {
                self.error("BODY_EMPTY", 0..0, None, "the HTML body cannot be empty");
            }
            Part::Title => {
                if let Some((at, _)) = self.text.char_indices().nth(TITLE_LIMIT) {
                    self.error(
                        "TITLE_TOO_LONG",
                        at..self.text.len(),
                        None,
                        format!("a title has at most {TITLE_LIMIT} characters"),
                    );
                }
            }
            _ => {}
        }
    }

    fn controls(&mut self) {
        let title = self.part == Part::Title;
        let text = self.text;
        for (at, c) in text.char_indices() {
            let allowed = !title && matches!(c, '\t' | '\n' | '\r');
            if c.is_control() && !allowed {
                self.error(
                    "CONTROL_CHARACTER",
                    at..at + c.len_utf8(),
                    None,
                    "control characters have no place in a template",
                );
            }
        }
    }

    /// Keys and what was meant to be one; says whether one of them names the ticket.
    fn keys(&mut self) -> bool {
        let mut ticket = false;
        for Found { range, what } in scan(self.text) {
            match what {
                What::Key(name) => match keys::find(name) {
                    Some(key) => {
                        ticket |=
                            matches!(key.name, "IDSOLICITACAOSERVICO" | "LINKSOLICITACAOSERVICO");
                    }
                    None => self.unknown(name, range),
                },
                What::Escaped => {}
                What::Token(result) => {
                    ticket = true;
                    let problem = match result {
                        _ if self.part == Part::Title => {
                            Some("a title cannot hold a link".to_owned())
                        }
                        Ok(_) => None,
                        Err(problem) => Some(problem.to_string()),
                    };
                    if let Some(problem) = problem {
                        self.error("TOKEN_INVALID", range, None, problem);
                    }
                }
                What::Backslash(name) => {
                    self.malformed(name, range, "a key takes no backslash before it");
                }
                What::Malformed(name) => {
                    self.malformed(
                        name,
                        range,
                        "a key is written ${KEY}, without spaces and other signs",
                    );
                }
                What::Unclosed(name) => {
                    let suggestion = self.names.nearest(name).map(braced);
                    self.error(
                        "UNCLOSED_KEY",
                        range,
                        suggestion,
                        "the key has no closing brace",
                    );
                }
                What::Split(name, _) => {
                    let suggestion = self.names.nearest(&name).map(braced);
                    self.error(
                        "KEY_SPLIT_BY_MARKUP",
                        range,
                        suggestion,
                        "markup inside a key keeps it from being recognised: put it around the key",
                    );
                }
            }
        }
        ticket
    }

    fn unknown(&mut self, name: &str, range: std::ops::Range<usize>) {
        if let Some(meant) = keys::find_in_any_case(name) {
            return self.error(
                "WRONG_CASE",
                range,
                Some(braced(meant)),
                "keys are written in capital letters",
            );
        }
        let suggestion = self.names.nearest(name).map(braced);
        let message = match &suggestion {
            Some(meant) => format!("there is no key ${{{name}}}; did you mean {meant}?"),
            None => format!("there is no key ${{{name}}}"),
        };
        self.error("UNKNOWN_KEY", range, suggestion, message);
    }

    fn malformed(&mut self, name: &str, range: std::ops::Range<usize>, message: &str) {
        let suggestion = self.names.nearest(name).map(braced);
        self.error("MALFORMED_KEY", range, suggestion, message);
    }

    fn html(&mut self) {
        let text = self.text;
        for part in places(text, &holes(text)).unsafe_parts {
            self.add(
                Severity::Warning,
                "UNSAFE_HTML",
                part.range,
                None,
                format!("{} has no place in a mail: it is taken out", part.what),
            );
        }
        if unsafe_html::strip(text).is_none() {
            self.error(
                "UNSAFE_HTML",
                0..0,
                None,
                "what has no place in a mail is nested so that it cannot be taken out",
            );
        }
        for reference in entity::references(text) {
            if reference.is_known() {
                continue;
            }
            let suggestion = reference.repaired().map(|name| format!("&{name};"));
            self.add(
                Severity::Warning,
                "BAD_ENTITY",
                reference.start..reference.end(),
                suggestion,
                "there is no such character reference: mail readers show it as it stands",
            );
        }
    }
}

fn braced(name: &'static str) -> String {
    format!("${{{name}}}")
}
