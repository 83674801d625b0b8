//! The 38 legacy templates and the nine of a dump: each compiles, has the findings it should have,
//! and renders to what the legacy engine meant.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{
    catalog::{KeyKind, Language, keys},
    diagnostic::{Diagnostic, Severity},
    source::Source,
};
use import::Options;
use render::{Mode, RenderContext, Value, Values, check, compile, sample_values};
use tests::corpus;

struct Legacy {
    file: String,
    source: Source,
}

/// All of them: the files with their titles, and what the importer reads from the dump.
fn legacy(corpus: &Path) -> Vec<Legacy> {
    let mut templates = files(corpus);
    assert_eq!(templates.len(), 38);
    let dumps = import::read(&[corpus.join("dumps")], &Options::default(), &mut |_| {}).unwrap();
    assert_eq!(dumps.templates.len(), 9);
    templates.extend(dumps.templates.into_iter().map(|template| Legacy {
        file: format!("dump: {}", template.identifier),
        source: Source {
            title: template.title,
            html: template.html,
            text: template.text,
            ..Source::default()
        },
    }));
    templates
}

fn files(corpus: &Path) -> Vec<Legacy> {
    let folder = corpus.join("legacy-templates");
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    index
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split('\t');
            let file = fields.next().unwrap().to_owned();
            Legacy {
                source: Source {
                    title: fields.next().unwrap_or_default().to_owned(),
                    html: std::fs::read_to_string(folder.join(&file)).unwrap(),
                    ..Source::default()
                },
                file,
            }
        })
        .collect()
}

/// Plain values for every key, so that escaping changes nothing.
fn plain() -> Values {
    keys::KEYS
        .iter()
        .map(|key| {
            (
                key.name.to_owned(),
                Value::Text(format!("v{}", key.name.to_lowercase())),
            )
        })
        .collect()
}

/// What stands between `${` and `}` in a text, with where it starts.
fn braced(text: &str) -> Vec<(usize, &str)> {
    text.match_indices("${")
        .filter_map(|(at, _)| {
            let rest = &text[at + 2..];
            Some((at, &rest[..rest.find('}')?]))
        })
        .collect()
}

/// The legacy engine: upper-case keys are replaced one after the other, unknown ones by nothing.
fn replaced(text: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (start, name) in braced(text) {
        out.push_str(&text[at..start]);
        if let Some(key) = keys::find(name) {
            out.push_str(&format!("v{}", key.name.to_lowercase()));
        }
        at = start + name.len() + 3;
    }
    out.push_str(&text[at..]);
    out
}

/// How often each code should be found, by a rule of its own for each.
fn expected(source: &Source) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let mut count = |code, times| {
        if times > 0 {
            *counts.entry(code).or_insert(0) += times;
        }
    };
    for text in [&source.title, &source.html] {
        for (_, name) in braced(text) {
            if keys::find(name).is_none() {
                let known = keys::find(&name.to_uppercase()).is_some();
                count(if known { "WRONG_CASE" } else { "UNKNOWN_KEY" }, 1);
            }
        }
        count("MALFORMED_KEY", text.matches("$ {").count());
    }
    let entities = source.html.match_indices('&').filter(|(at, _)| {
        let rest = &source.html[at + 1..];
        let name = &rest[..rest.find(';').unwrap_or(0)];
        name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase())
    });
    count("BAD_ENTITY", entities.count());
    count("TITLE_EMPTY", usize::from(source.title.trim().is_empty()));
    let ticket = [
        "${IDSOLICITACAOSERVICO}",
        "${IDSERVICEREQUEST}",
        "${LINKSOLICITACAOSERVICO}",
        "{TOKEN(",
    ];
    let tied = ticket
        .iter()
        .any(|key| source.title.contains(key) || source.html.contains(key));
    count("NO_TICKET_KEY", usize::from(!tied));
    counts
}

fn counted(findings: &[Diagnostic]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.code.as_str()).or_insert(0) += 1;
    }
    counts
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn every_legacy_template_has_the_findings_it_should_have() {
    let folder = corpus();
    for template in legacy(&folder) {
        let findings = check(&template.source);
        assert_eq!(
            counted(&findings),
            expected(&template.source),
            "{}",
            template.file
        );
        // The suggestion fixes a wrong case.
        for finding in findings
            .iter()
            .filter(|finding| finding.code == "WRONG_CASE")
        {
            assert_eq!(
                finding.suggestion.as_deref(),
                Some(finding.found.to_uppercase().as_str())
            );
        }
    }
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn every_legacy_template_compiles_as_imported_and_leaves_no_key_behind() {
    let folder = corpus();
    for template in legacy(&folder) {
        let compiled = compile(&template.source, Mode::Lenient)
            .unwrap_or_else(|findings| panic!("{}: {findings:#?}", template.file));
        assert!(
            compiled
                .warnings()
                .iter()
                .all(|finding| finding.severity == Severity::Warning
                    || finding.code == "TITLE_EMPTY")
        );
        for language in Language::ALL {
            let context = RenderContext {
                locale: language.into(),
                ..RenderContext::default()
            };
            let rendered = compiled.render(&sample_values(language), &context).unwrap();
            for part in [&rendered.subject, &rendered.html, &rendered.text] {
                assert!(
                    !part.contains("${") && !part.contains("$ {") && !part.contains("{TOKEN"),
                    "{}: {part}",
                    template.file
                );
            }
            for entity in ["&nbsp;", "&ccedil;", "&CCEDIL;", "&amp;"] {
                assert!(
                    !rendered.text.contains(entity),
                    "{}: {}",
                    template.file,
                    rendered.text
                );
            }
            assert!(!rendered.text.trim().is_empty(), "{}", template.file);
        }
    }
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn well_formed_legacy_templates_render_as_the_legacy_engine_meant() {
    let folder = corpus();
    let mut compared = 0;
    for template in legacy(&folder) {
        let codes = counted(&check(&template.source))
            .into_keys()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let odd = ["MALFORMED_KEY", "WRONG_CASE"];
        if odd
            .iter()
            .any(|code| codes.iter().any(|found| found == code))
            || template.source.html.contains("{TOKEN")
        {
            continue;
        }
        let compiled = compile(&template.source, Mode::Lenient).unwrap();
        let rendered = compiled
            .render(&plain(), &RenderContext::default())
            .unwrap();
        assert_eq!(
            rendered.html,
            replaced(&template.source.html),
            "{}",
            template.file
        );
        assert_eq!(
            rendered.subject,
            replaced(&template.source.title).trim(),
            "{}",
            template.file
        );
        compared += 1;
    }
    assert!(compared > 34, "{compared} compared");
}

#[test]
fn only_rich_text_keys_are_rich() {
    let rich: Vec<&str> = keys::KEYS
        .iter()
        .filter(|key| key.kind == KeyKind::Html)
        .map(|key| key.name)
        .collect();
    assert_eq!(rich, ["COMMENTTEXT", "DESCRICAO", "RESPOSTA"]);
}
