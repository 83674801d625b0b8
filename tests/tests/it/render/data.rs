//! `tests/render/{ok,err}/*.html`: a header, `---`, the HTML body; a snapshot beside each.
//!
//! Header lines: `title`, `text`, `syntax`, `language`, `values` (`samples`, `hostile`,
//! `recursive`, `rich`, `none`) and `links` (`signed`: with a link maker).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::{
    catalog::Language,
    diagnostic::{Diagnostic, Severity},
    source::{Source, Syntax},
};
use render::{Mode, RenderContext, TokenSpec, Values, check, compile, sample_values};

use super::all_values;

/// An input file.
struct Input {
    name: String,
    source: Source,
    language: Language,
    values: String,
    signed: bool,
}

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("render")
        .join(kind)
}

fn inputs(kind: &str) -> Vec<Input> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(kind))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "html")
        })
        .collect();
    files.sort();
    files.iter().map(|path| input(path)).collect()
}

fn input(path: &Path) -> Input {
    let text = std::fs::read_to_string(path).unwrap();
    let (header, html) = text.split_once("---\n").unwrap();
    let mut input = Input {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        source: Source {
            html: html.to_owned(),
            ..Source::default()
        },
        language: Language::Pt,
        values: "samples".to_owned(),
        signed: false,
    };
    for line in header.lines() {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        match name {
            "title" => input.source.title = value.to_owned(),
            "text" => input.source.text = Some(value.to_owned()),
            "syntax" => input.source.syntax = Syntax::Tera,
            "language" => input.language = Language::of(value),
            "values" => input.values = value.to_owned(),
            "links" => input.signed = true,
            other => panic!("{}: no header line is named {other}", input.name),
        }
    }
    input
}

fn values(name: &str, language: Language) -> Values {
    match name {
        "samples" => sample_values(language),
        "none" => Values::new(),
        "hostile" => all_values(
            language,
            "\"'><script>alert(1)</script>\r\n<img src=x onerror=y> --> </p></td> javascript:x é",
        ),
        "recursive" => all_values(
            language,
            "${IDSOLICITACAOSERVICO} {{ NOMECONTATO }} $${NOTA} {% raw %}",
        ),
        "rich" => all_values(
            language,
            "<p>um <b>dois</b></p><ul><li>a</li><li>b</li></ul><a href=\"https://y.example\">c</a><table><tr><td>d</td></tr></table>",
        ),
        other => panic!("no values are named {other}"),
    }
}

fn shown(findings: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let part = format!("{:?}", finding.part).to_lowercase();
        writeln!(
            out,
            "{severity} {} {part} {}:{} +{} {:?}",
            finding.code, finding.line, finding.column, finding.length, finding.found
        )
        .unwrap();
        if let Some(suggestion) = &finding.suggestion {
            writeln!(out, "    write {suggestion}").unwrap();
        }
        writeln!(out, "    {}", finding.message).unwrap();
    }
    out
}

/// The text at a finding's position in its part.
fn named<'a>(source: &'a Source, finding: &Diagnostic) -> Option<&'a str> {
    let text = match finding.part {
        domain::diagnostic::Part::Title => source.title.as_str(),
        domain::diagnostic::Part::Html => source.html.as_str(),
        domain::diagnostic::Part::Text => source.text.as_deref()?,
    };
    let start: usize = text
        .split_inclusive('\n')
        .take(finding.line - 1)
        .map(str::len)
        .sum();
    let rest = &text[start..];
    let offset = |count: usize| {
        rest.char_indices()
            .nth(count)
            .map_or(rest.len(), |(at, _)| at)
    };
    Some(&rest[offset(finding.column - 1)..offset(finding.column - 1 + finding.length)])
}

fn snapshot(kind: &str, name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder(kind));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[test]
fn sound_templates_render_as_reviewed() {
    let inputs = inputs("ok");
    assert!(inputs.len() >= 30);
    for input in inputs {
        let compiled = compile(&input.source, Mode::Strict)
            .or_else(|_| compile(&input.source, Mode::Lenient))
            .unwrap_or_else(|findings| panic!("{}: {}", input.name, shown(&findings)));
        let errors = check(&input.source)
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        assert!(!errors, "{}: {}", input.name, shown(&check(&input.source)));
        let make = |spec: &TokenSpec| {
            format!(
                "https://x.example/t/{}/{}/{}",
                spec.screen,
                spec.action.as_str(),
                spec.minutes
            )
        };
        let context = RenderContext {
            locale: input.language.into(),
            link_maker: if input.signed { Some(&make) } else { None },
            ..RenderContext::default()
        };
        let rendered = compiled
            .render(&values(&input.values, input.language), &context)
            .unwrap();
        let content = format!(
            "{}=== subject\n{}\n=== html\n{}\n=== text\n{}",
            shown(compiled.warnings()),
            rendered.subject,
            rendered.html,
            rendered.text
        );
        snapshot("ok", &input.name, &content);
    }
}

#[test]
fn faulty_templates_are_refused_as_reviewed() {
    let faulty = inputs("err");
    assert!(
        faulty.len() >= inputs("ok").len(),
        "as many error inputs as sound ones"
    );
    for input in faulty {
        let findings = check(&input.source);
        let errors = findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        assert!(errors, "{} is sound", input.name);
        assert!(
            compile(&input.source, Mode::Strict).is_err(),
            "{}",
            input.name
        );
        for finding in &findings {
            let named: Option<String> =
                named(&input.source, finding).map(|text| text.chars().take(80).collect());
            assert_eq!(
                named.as_deref(),
                Some(finding.found.as_str()),
                "{}",
                input.name
            );
        }
        snapshot("err", &input.name, &shown(&findings));
    }
}
