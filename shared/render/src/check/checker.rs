//! One part of a template, checked from top to bottom.

use std::borrow::Cow;
use std::ops::Range;

use super::names::Names;
use super::{ParsedPart, TITLE_LIMIT};
use crate::{
    TokenSpec, entity, escape,
    layout::lay_out,
    place::{Place, Places},
    position::Lines,
    rich,
    scan::{Placeholder, What, scan, scan_expressions},
    script::{self, Callable, Fault, Node, Script},
    texts, unsafe_html,
};
use domain::{
    catalog::{Phrase, keys},
    characters::{ends_line, is_blank},
    diagnostic::{Diagnostic, Part, Severity},
    source::Syntax,
};

/// Most findings for one part: a template with more is not a template.
const FINDINGS_LIMIT: usize = 1_000;

pub(super) struct Checker<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) part: Part,
    pub(super) text: &'a str,
    pub(super) syntax: Syntax,
    pub(super) names: &'a mut Names,
    pub(super) findings: Vec<Diagnostic>,
    /// Whether something names the ticket.
    pub(super) ticket: bool,
}

impl Checker<'_> {
    fn add(
        &mut self,
        severity: Severity,
        code: &str,
        range: Range<usize>,
        suggestion: Option<String>,
        message: impl Into<Phrase>,
    ) {
        if self.findings.len() < FINDINGS_LIMIT {
            let finding = self
                .lines
                .finding(severity, code, range, suggestion, message);
            self.findings.push(finding);
        }
    }

    fn error(
        &mut self,
        code: &str,
        range: Range<usize>,
        suggestion: Option<String>,
        message: impl Into<Phrase>,
    ) {
        self.add(Severity::Error, code, range, suggestion, message);
    }

    /// What is wrong with the part as a whole.
    fn whole(&mut self) {
        let empty = is_blank(&entity::decode(self.text));
        match self.part {
            Part::Title if empty => {
                self.error(
                    "TITLE_EMPTY",
                    0..0,
                    None,
                    "the title is the mail's subject and cannot be empty",
                );
            }
            Part::Html if empty => self.empty_body(),
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

    fn empty_body(&mut self) {
        self.error(
            "BODY_EMPTY",
            0..0,
            None,
            "the HTML body cannot be empty: nothing in it would be seen",
        );
    }

    fn controls(&mut self) {
        let title = self.part == Part::Title;
        let text = self.text;
        for (at, c) in text.char_indices() {
            let refused = match title {
                true => c.is_control() || ends_line(c),
                false => c.is_control() && !matches!(c, '\t' | '\n' | '\r'),
            };
            if refused {
                self.error(
                    "CONTROL_CHARACTER",
                    at..at + c.len_utf8(),
                    None,
                    "control characters have no place in a template",
                );
            }
        }
    }

    /// Checks and reads the part; none when it cannot be read.
    pub(super) fn part(&mut self) -> Option<ParsedPart> {
        self.whole();
        self.controls();
        let text = self.text;
        let script = match self.syntax {
            Syntax::Keys => Script::literal(text),
            Syntax::Tera => match script::parse(text) {
                Ok(script) => script,
                Err(fault) => {
                    self.fault(fault);
                    return None;
                }
            },
        };
        self.texts(&script.nodes);
        if self.syntax == Syntax::Tera {
            self.script(&script);
        }
        if self.part != Part::Html {
            self.references();
        }
        let mut clean = escape::clean_source(text);
        let mut places = match self.part {
            Part::Html => self.html(&script),
            _ => Places::default(),
        };
        if !places.unsafe_parts.is_empty() {
            match unsafe_html::strip(&clean, self.syntax) {
                Some(stripped) => clean = Cow::Owned(stripped),
                None => {
                    self.error(
                        "UNSAFE_HTML",
                        0..0,
                        None,
                        "what has no place in a mail is nested so that it cannot be taken out",
                    );
                    return None;
                }
            }
        }
        let script = match self.syntax {
            _ if clean == text => script,
            Syntax::Keys => Script::literal(&clean),
            Syntax::Tera => script::parse(&clean).ok()?,
        };
        if self.part == Part::Html {
            if clean != text {
                places = lay_out(&clean, &script);
            }
            if !is_blank(&entity::decode(text)) && shows_nothing(&clean, &script, &places.holes) {
                self.empty_body();
            }
        }
        Some(ParsedPart {
            text: clean.into_owned(),
            script,
            places: places.holes,
        })
    }

    fn texts(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(range) => self.keys(range),
                Node::If {
                    branches,
                    otherwise,
                    ..
                } => {
                    for (_, body) in branches {
                        self.texts(body);
                    }
                    self.texts(otherwise.as_deref().unwrap_or_default());
                }
                Node::For {
                    body, otherwise, ..
                } => {
                    self.texts(body);
                    self.texts(otherwise.as_deref().unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.error(fault.code, fault.range, fault.suggestion, fault.message);
    }

    /// Names in a template in Tera.
    fn script(&mut self, script: &Script) {
        let names = script::names(script);
        for name in names.free {
            match keys::find(&name.name) {
                Some(key) => self.ticket |= names_ticket(key.name),
                None => self.unknown(&name.name, name.range, Spelling::Bare),
            }
        }
        for (callable, name) in names.calls {
            let (known, missing): (Vec<&str>, _) = match callable {
                Callable::Filter => (
                    script::filters::filters().collect(),
                    texts::script::NO_FILTER,
                ),
                Callable::Test => (script::filters::tests().collect(), texts::script::NO_TEST),
                Callable::Function => (
                    script::filters::functions().collect(),
                    texts::script::NO_FUNCTION,
                ),
            };
            if known.contains(&name.name.as_str()) {
                continue;
            }
            let nearest = known
                .into_iter()
                .map(|known| (strsim::osa_distance(known, &name.name), known))
                .filter(|(distance, known)| *distance * 3 <= known.len())
                .min();
            let message = match name.name.as_str() {
                "safe" => texts::script::NO_SAFE.phrase(),
                script::filters::LINES => texts::script::NEWLINES_LAST.phrase(),
                other => missing.phrase().with("name", other),
            };
            let suggestion = nearest
                .map(|(_, known)| known.to_owned())
                .filter(|_| name.name != "safe");
            self.error("TERA_SYNTAX", name.range, suggestion, message);
        }
    }

    /// Keys in literal text and what was meant to be one.
    fn keys(&mut self, range: &Range<usize>) {
        let start = range.start;
        if self.syntax == Syntax::Tera {
            for (range, key) in scan_expressions(&self.text[range.clone()]) {
                self.error(
                    "MALFORMED_KEY",
                    start + range.start..start + range.end,
                    Some(format!("{{{{ {key} }}}}")),
                    "an editor encoded the braces or put something between them: write {{ KEY }}",
                );
            }
        }
        for Placeholder { range, what } in scan(&self.text[range.clone()]) {
            let range = start + range.start..start + range.end;
            match what {
                What::Key(name) => match keys::find(name) {
                    Some(key) => self.ticket |= names_ticket(key.name),
                    None => self.unknown(name, range, Spelling::Braced),
                },
                What::Escaped => {}
                What::Token(result) => {
                    self.ticket = true;
                    let problem = match result {
                        _ if self.part == Part::Title => {
                            Some((texts::token::IN_TITLE.phrase(), None))
                        }
                        Ok(_) => None,
                        Err(problem) => {
                            let suggestion = problem.meant().map(TokenSpec::written);
                            Some((problem.phrase(), suggestion))
                        }
                    };
                    if let Some((problem, suggestion)) = problem {
                        self.error("TOKEN_INVALID", range, suggestion, problem);
                    }
                }
                What::Backslash(name) => {
                    self.malformed(name, range, "a key takes no backslash before it");
                }
                What::Malformed(name) => {
                    let written = &self.text[range.clone()];
                    let message = if written.contains(['%', '&']) || !written.is_ascii() {
                        "an editor encoded the key or put signs into it that nobody sees: write ${KEY}"
                    } else {
                        "a key is written ${KEY}, without spaces and other signs"
                    };
                    self.malformed(&name, range, message);
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
    }

    fn unknown(&mut self, name: &str, range: Range<usize>, spelling: Spelling) {
        let written = |name: &str| match spelling {
            Spelling::Braced => braced(name),
            Spelling::Bare => name.to_owned(),
        };
        if let Some(meant) = keys::find_in_any_case(name) {
            return self.error(
                "WRONG_CASE",
                range,
                Some(written(meant)),
                "keys are written in capital letters",
            );
        }
        let suggestion = self.names.nearest(name).map(written);
        let found = written(name);
        let message = match &suggestion {
            Some(meant) => format!("there is no key {found}; did you mean {meant}?"),
            None => format!("there is no key {found}"),
        };
        self.error("UNKNOWN_KEY", range, suggestion, message);
    }

    fn malformed(&mut self, name: &str, range: Range<usize>, message: &str) {
        // What other engines write around a name: `${KEY?html}`, `${fn:escapeXml(KEY)}`.
        let within = || {
            let mut words = name.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.find_map(keys::find_in_any_case)
        };
        let meant = self.names.nearest(name).or_else(within);
        self.error("MALFORMED_KEY", range, meant.map(braced), message);
    }

    /// References in a plain text, which nothing decodes.
    fn references(&mut self) {
        let text = self.text;
        for reference in entity::references(text).filter(|reference| reference.closed) {
            let written = &text[reference.start..reference.end()];
            let meant = entity::decode(written);
            if meant != written {
                self.add(
                    Severity::Warning,
                    "BAD_ENTITY",
                    reference.start..reference.end(),
                    Some(meant.into_owned()),
                    "this is plain text: a character reference is shown as it stands",
                );
            }
        }
    }

    /// The HTML; what has to be taken out of it is among its places.
    fn html(&mut self, script: &Script) -> Places {
        let text = self.text;
        let mut places = lay_out(text, script);
        for part in places.unsafe_parts.iter().filter(|part| !part.quiet) {
            self.add(
                Severity::Warning,
                "UNSAFE_HTML",
                part.range.clone(),
                None,
                format!("{} has no place in a mail: it is taken out", part.what),
            );
        }
        places.uneven.sort_by_key(|statement| statement.start);
        places.uneven.dedup();
        for statement in &places.uneven {
            let uneven = texts::script::UNEVEN;
            self.error("TERA_SYNTAX", statement.clone(), None, uneven);
        }
        for reference in entity::references(text) {
            if !reference.closed || reference.is_known() {
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
        places
    }
}

/// Whether a body, after what may not be in it was taken out, shows nothing at all: no text, no
/// picture, and no value.
fn shows_nothing(html: &str, script: &Script, places: &[Place]) -> bool {
    let mut text = String::new();
    for node in &script.nodes {
        match node {
            Node::Text(range) => text.push_str(&html[range.clone()]),
            // What statements come to is not known here.
            _ => return false,
        }
    }
    if places.iter().any(|place| *place != Place::Nowhere) {
        return false;
    }
    let lower = html.to_ascii_lowercase();
    let drawn = ["<img", "<svg", "<v:", "<hr", "background"];
    if drawn.iter().any(|drawn| lower.contains(drawn)) {
        return false;
    }
    is_blank(&rich::document_text(&text))
}

/// How a key is written where the finding is.
#[derive(Clone, Copy)]
enum Spelling {
    /// `${KEY}`, in text.
    Braced,
    /// `KEY`, in an expression.
    Bare,
}

fn names_ticket(key: &str) -> bool {
    matches!(key, "IDSOLICITACAOSERVICO" | "LINKSOLICITACAOSERVICO")
}

fn braced(name: &str) -> String {
    format!("${{{name}}}")
}
