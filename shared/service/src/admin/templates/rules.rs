//! What a template must be to be stored.

use std::collections::BTreeMap;

use super::Draft;
use crate::{App, Code, Error, Finding, Findings, Result, texts};
use domain::{
    catalog::LanguageTag,
    characters::is_unseen,
    diagnostic::{Diagnostic, Part, Severity},
    id::TemplateId,
    source::Source,
};
use render::{Checks, Mode};
use serde_json::{Value, json};
use storage::{MAX_ITEM_BYTES, limits};

/// Longest identifier, in characters.
const MAX_IDENTIFIER: usize = 20;
/// Longest comment on a version, in characters.
const MAX_COMMENT: usize = 500;
/// Most languages of a template beside its own.
const MAX_LOCALES: usize = 20;

/// Most bytes of a template as it is stored, all languages and its findings together: what one item
/// holds, less some room for its number, names and times, and for what an idempotency key remembers.
pub const MAX_STORED: usize = MAX_ITEM_BYTES - 16 * 1024;
/// Code of the finding about a template that is larger.
pub(crate) const TOO_LARGE: &str = "TEMPLATE_TOO_LARGE";

/// How findings are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// An error refuses the template.
    Strict,
    /// Imported: findings are kept with it, and errors keep parameters from naming it.
    Imported,
}

/// All findings of a draft, with the language they are in.
pub fn diagnose(draft: &Draft, weigh: Strictness) -> Vec<(Option<String>, Diagnostic)> {
    let mut checks = Checks::default();
    let mut found: Vec<_> = found_in(&draft.source, weigh, &mut checks)
        .into_iter()
        .map(|d| (None, d))
        .collect();
    // More languages are refused, and none of them is read.
    for (locale, variant) in draft.locales.iter().take(MAX_LOCALES) {
        let source = variant.source(draft.source.syntax);
        found.extend(
            found_in(&source, weigh, &mut checks)
                .into_iter()
                .map(|d| (Some(locale.clone()), d)),
        );
    }
    let stored = found.iter().map(|(_, found)| found);
    let content = json!([draft.source, draft.locales, draft.comment]);
    found.extend(too_large(&content, stored, weigh).map(|one| (None, one)));
    found
}

/// The finding about a template that could not be stored with these texts and the findings that stay
/// with it.
fn too_large<'a>(
    content: &Value,
    found: impl Iterator<Item = &'a Diagnostic>,
    weigh: Strictness,
) -> Option<Diagnostic> {
    let stays =
        |one: &&Diagnostic| weigh == Strictness::Imported || one.severity == Severity::Warning;
    let found: usize = found
        .filter(stays)
        .map(|one| limits::value_bytes(&json!(one)))
        .sum();
    let size = limits::value_bytes(content) + found;
    if size <= MAX_STORED {
        return None;
    }
    let finding = Diagnostic {
        severity: Severity::Error,
        code: TOO_LARGE.to_owned(),
        part: Part::Html,
        line: 1,
        column: 1,
        length: 0,
        found: String::new(),
        suggestion: None,
        message: String::new(),
        particulars: None,
    };
    let particulars = texts::rules::SO_MANY_BYTES_OF_AT_MOST.with("size", size);
    Some(finding.saying(particulars.with("max", MAX_STORED)))
}

/// All findings of one language of a template.
pub fn findings(source: &Source, weigh: Strictness) -> Vec<Diagnostic> {
    let mut found = found_in(source, weigh, &mut Checks::default());
    found.extend(too_large(&json!([source, {}, ""]), found.iter(), weigh));
    found
}

fn found_in(source: &Source, weigh: Strictness, checks: &mut Checks) -> Vec<Diagnostic> {
    match weigh {
        Strictness::Strict => checks.check(source),
        Strictness::Imported => match render::compile(source, Mode::Lenient) {
            Ok(compiled) => compiled.warnings().to_vec(),
            Err(findings) => findings,
        },
    }
}

/// Refuses languages that cannot be those of a template.
///
/// # Errors
/// [`Code::Invalid`] with every finding.
pub fn acceptable_locales(draft: &Draft) -> Result<()> {
    let mut findings = Findings::default();
    check_locales(draft, &mut findings);
    findings.finish(Code::Invalid)
}

/// Refuses a draft with errors, as storing it would. It needs no identifier yet.
///
/// # Errors
/// [`Code::Invalid`], [`Code::TemplateInvalid`], each with every finding.
pub fn sendable(draft: &Draft) -> Result<()> {
    let mut findings = Findings::default();
    check_locales(draft, &mut findings);
    let found = diagnose(draft, Strictness::Strict);
    settle(findings, found.iter(), Code::Invalid)
}

/// Ends a check of a template: its own errors count most, and are told with all others.
fn settle<'a>(
    findings: Findings,
    found: impl Iterator<Item = &'a (Option<String>, Diagnostic)>,
    otherwise: Code,
) -> Result<()> {
    let errors = found.filter(|(_, d)| d.severity == Severity::Error);
    let errors: Vec<Finding> = errors
        .map(|(locale, d)| Finding::of_template(d, locale.as_deref()))
        .collect();
    if errors.is_empty() {
        return findings.finish(otherwise);
    }
    let detail = texts::rules::THE_TEMPLATE_HAS_ERRORS.with("count", errors.len());
    Err(Error::new(Code::TemplateInvalid, detail)
        .with_errors(findings.into_values().into_iter().chain(errors).collect()))
}

fn check_locales(draft: &Draft, findings: &mut Findings) {
    if draft.locales.len() > MAX_LOCALES {
        findings.add(
            "LOCALES_TOO_MANY",
            "locales",
            texts::rules::AT_MOST_LANGUAGES.with("max", MAX_LOCALES),
        );
    }
    let mut known = BTreeMap::new();
    for locale in draft.locales.keys() {
        let shown: String = locale.chars().take(40).collect();
        match LanguageTag::read(locale) {
            Some(tag) if tag.is_whole() && locale.trim() == locale && locale.len() <= 35 => {
                let first = known.entry(tag.to_string()).or_insert(locale);
                if *first != locale {
                    findings.add(
                        "LOCALE_TWICE",
                        "locales",
                        texts::rules::THE_SAME_LANGUAGE_TAG
                            .with("first", first)
                            .with("second", shown)
                            .with("tag", tag),
                    );
                }
            }
            Some(tag) => findings.add(
                "LOCALE_INVALID",
                "locales",
                texts::rules::NO_LANGUAGE_TAG_SUGGESTED
                    .with("found", shown)
                    .with("suggestion", tag),
            ),
            None => findings.add(
                "LOCALE_INVALID",
                "locales",
                texts::rules::NO_LANGUAGE_TAG.with("found", shown),
            ),
        }
    }
}

fn is_identifier(identifier: &str) -> bool {
    (1..=MAX_IDENTIFIER).contains(&identifier.chars().count())
        && !identifier
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || is_unseen(c))
}

/// Refuses a draft whose identifier cannot be one, before it is looked up in storage, or with whose request
/// something is wrong already.
pub(super) fn nameable(
    app: &App,
    draft: &Draft,
    id: Option<TemplateId>,
    weigh: Strictness,
) -> Result<()> {
    if is_identifier(&draft.identifier) && app.findings().is_empty() {
        return Ok(());
    }
    acceptable(app, draft, id, false, weigh).map(drop)
}

/// Holds a draft against every rule at once; `id` is that of the template that it becomes a version of.
/// Returns the findings that stay with the template.
pub(super) fn acceptable(
    app: &App,
    draft: &Draft,
    id: Option<TemplateId>,
    taken: bool,
    weigh: Strictness,
) -> Result<Vec<Diagnostic>> {
    let mut findings = app.findings();
    if !is_identifier(&draft.identifier) {
        findings.add(
            "IDENTIFIER_INVALID",
            "identifier",
            texts::rules::IDENTIFIER_CHARACTERS.phrase(),
        );
    }
    if taken {
        findings.add(
            "IDENTIFIER_TAKEN",
            "identifier",
            texts::rules::ANOTHER_TEMPLATE_HAS_THIS_IDENTIFIER.phrase(),
        );
    }
    if draft.id.is_some() && draft.id != id {
        let message = match id {
            Some(_) => texts::check::THE_ID_IN_THE_BODY_DIFFERS,
            None => texts::rules::A_NEW_TEMPLATE_GETS_ITS_ID,
        };
        findings.add("TEMPLATE_ID_MISMATCH", "id", message.phrase());
    }
    check_locales(draft, &mut findings);
    findings.max_chars("comment", &draft.comment, MAX_COMMENT);
    let found = diagnose(draft, weigh);
    let code = match findings.first_code() {
        Some("IDENTIFIER_TAKEN") => Code::IdentifierTaken,
        Some("IDENTIFIER_INVALID") => Code::IdentifierInvalid,
        _ => Code::Invalid,
    };
    let weighty = |(_, one): &&(Option<String>, Diagnostic)| {
        weigh == Strictness::Strict || one.code == TOO_LARGE
    };
    settle(findings, found.iter().filter(weighty), code)?;
    Ok(found.into_iter().map(|(_, d)| d).collect())
}
