//! What people and programs are told: the report of an import, and the linter's three styles.

use std::fs;
use std::path::{Path, PathBuf};

use domain::{
    catalog::Language,
    diagnostic::{Diagnostic, Part, Severity},
    id::TemplateId,
    import::{Existing, Report, digest, plan},
    source::Source,
};
use import::Options;
use import::lint::{Lint, Style, lint};

/// A stand-in for the checks of templates, to see that theirs is what comes out.
fn check(source: &Source) -> Vec<Diagnostic> {
    let finding = |part, text: &str, at: usize| Diagnostic {
        severity: if part == Part::Title {
            Severity::Error
        } else {
            Severity::Warning
        },
        code: "UNKNOWN_KEY".into(),
        part,
        line: text[..at].matches('\n').count() + 1,
        column: at - text[..at].rfind('\n').map_or(0, |n| n + 1) + 1,
        length: 4,
        found: "${X}".into(),
        suggestion: Some("${Y}".into()),
        message: "100 % unknown,\nreally: ${X}".into(),
        particulars: None,
    };
    let title = source
        .title
        .find("${X}")
        .map(|at| finding(Part::Title, &source.title, at));
    let html = source
        .html
        .find("${X}")
        .map(|at| finding(Part::Html, &source.html, at));
    title.into_iter().chain(html).collect()
}

fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("mensageria-reports-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (file, content) in files {
        fs::write(folder.join(file), content).unwrap();
    }
    folder
}

fn linted(folder: &Path) -> Lint {
    lint(
        &[folder.to_owned()],
        &Options::default(),
        &check,
        &mut |_| {},
    )
    .unwrap()
}

const FILES: [(&str, &str); 3] = [
    (
        "INDEX.tsv",
        "file\tsubject_title\tidentifier\na,b.html\tTitle ${X}\tone\n",
    ),
    ("a,b.html", "<p>\n  ${X}</p>\n"),
    (
        "dump.sql",
        "\ninsert into modelosemails values (7, 'T', '<p>${X}</p>', 'A', 'seven'), (8, 'T', f(), 'A', 'x');\n",
    ),
];

#[test]
fn the_linter_speaks_three_styles() {
    let folder = folder("styles", &FILES);
    let lint = linted(&folder);
    let prefix = format!("{}/", folder.display());
    for (name, style) in [
        ("text", Style::Text),
        ("json", Style::Json),
        ("github", Style::Github),
    ] {
        assert_eq!(Style::named(name), Some(style));
        insta::assert_snapshot!(
            format!("lint-{name}"),
            lint.clone().write(style, Language::En).replace(&prefix, "")
        );
    }
    assert_eq!((lint.errors, lint.warnings, lint.exit_code()), (2, 2, 1));
    assert_eq!(Style::named("xml"), None);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn warnings_alone_are_no_failure() {
    let folder = folder("warnings", &[("x.html", "<title>t</title>${X}")]);
    let lint = linted(&folder);
    assert_eq!((lint.errors, lint.warnings, lint.exit_code()), (0, 1, 0));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_report_of_an_import() {
    let folder = folder("import", &FILES);
    let gathered = import::read(
        std::slice::from_ref(&folder),
        &Options::default(),
        &mut |_| {},
    )
    .unwrap();
    let existing = [
        Existing {
            id: TemplateId::new(7).unwrap(),
            identifier: "SEVEN".into(),
            digests: vec![digest("other", "other", None)],
        },
        Existing {
            id: TemplateId::new(3).unwrap(),
            identifier: "one".into(),
            digests: vec![
                digest("Title ${X}", FILES[1].1, None),
                digest("changed", "changed", None),
            ],
        },
    ];
    let plan = plan(&existing, gathered.templates, &check);
    let prefix = format!("{}/", folder.display());
    for dry_run in [false, true] {
        let report = Report::new(&plan, gathered.findings.clone(), dry_run);
        let name = if dry_run { "dry-run" } else { "import" };
        let json = serde_json::to_string_pretty(&report).unwrap();
        let shown = report.shown(Language::En).to_string();
        insta::assert_snapshot!(format!("report-{name}"), shown.replace(&prefix, ""));
        insta::assert_snapshot!(format!("report-{name}-json"), json.replace(&prefix, ""));
    }
    fs::remove_dir_all(folder).unwrap();
}
