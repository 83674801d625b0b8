//! What is said of a file, in each language.

use std::collections::BTreeSet;
use std::fs;

use domain::{catalog::Language, diagnostic::Severity, id::TemplateId, import::plan};
use import::Options;
use tests::corpus;

use super::ids;

/// What a reader of another language must not find in a finding.
const ENGLISH: &[&str] = &[
    "the", "has", "is", "cannot", "there", "with", "of", "than", "when", "which", "value", "left",
    "out", "row", "rows", "file", "template", "string", "begins", "nothing", "holds", "not",
];

#[test]
fn no_finding_is_english_in_another_language() {
    let insert = "INSERT INTO modelosemails (idmodeloemail, titulo, texto, situacao) VALUES";
    let sql = [
        format!("{insert} (1, 'a', 'b', 'A', 'x');"),
        format!("{insert} (1, 'a' 'b';"),
        format!("{insert} (1, 'a', traz('x'), 'A');"),
        format!("{insert} (1, 'a', (SELECT 1), 'A'), (2, NULL, 'b', 'A'), (3, 'a', CASE x, 'A');"),
        format!("{insert} ('x', 'a', '[CLOB]', 'A'), ('x', 'a', 'b', 'Z'), (@v, 'a', 'b', abc);"),
        format!("{insert} (1, 'a', 'SolicitaÃ§Ã£o', 'A'), (2, '\u{fffd}', 'b', 'A'), (3, 'a', :x, 'A');"),
        format!("{insert} (1, 'a', char(99999999999), 'A'), (3, 'a', replace(1), 'A'), (3, 'a', 1 * 2, 'A');"),
        format!("{insert} (1, 'a', 'b, 'A');"),
        "UPDATE modelosemails SET texto = 'x'; DELETE FROM modelosemails; EXEC('DELETE FROM modelosemails');".to_owned(),
        "INSERT INTO modelosemails SELECT * FROM outra; COPY modelosemails FROM 'x.csv';".to_owned(),
        "COPY modelosemails (titulo, texto) FROM stdin WITH (FORMAT csv);\n\\.\n/* a".to_owned(),
        "COPY modelosemails (titulo, texto) FROM stdin;\na\tb\tc\n\\.\n".to_owned(),
        "INSERT INTO modelosemails (titulo) VALUES ('a');".to_owned(),
        "SELECT 1;".to_owned(),
    ];
    let mut sources: Vec<(String, String)> = Vec::new();
    sources.extend(
        sql.into_iter()
            .enumerate()
            .map(|(n, text)| (format!("{n}.sql"), text)),
    );
    for (name, text) in [
        ("a.csv", "a;b\n1;2\n"),
        ("b.csv", "titulo;texto\na;b;c\n\"a;b\n"),
        ("c.csv", "titulo;texto\na;b\n\"a\n"),
        (
            "a.xml",
            "<database><table_data name=\"modelosemails\"><row><field name=\"titulo\">a</field>",
        ),
        (
            "b.xml",
            "<database><table_data name=\"modelosemails\"><row></field></row>",
        ),
        ("a.html", "<p>Solicita\u{c3}\u{a7}\u{c3}\u{a3}o</p>"),
        ("b.html", "<p>\u{fffd}</p>"),
        ("INDEX.tsv", "ficheiro\tid\n../fora.html\t1\nnada.html\t2\n"),
    ] {
        sources.push((name.to_owned(), text.to_owned()));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut codes = BTreeSet::new();
    let mut left = Vec::new();
    for (name, text) in sources {
        let path = folder.path().join(&name);
        fs::write(&path, text).expect("a file");
        let gathered = import::read(&[path], &Options::default(), &mut |_| {}).expect("read");
        for finding in gathered.findings {
            codes.insert(finding.code);
            for language in [Language::Pt, Language::Es] {
                let message = finding.clone().in_language(language).message;
                let words = message
                    .split(|c: char| !c.is_alphabetic())
                    .map(str::to_lowercase);
                let english: Vec<String> = words
                    .filter(|word| ENGLISH.contains(&word.as_str()))
                    .collect();
                if message == finding.message || !english.is_empty() {
                    left.push(format!("{name}: {message}: {english:?}"));
                }
            }
        }
    }
    assert_eq!(left, [] as [String; 0]);
    assert!(codes.len() >= 11, "{codes:?}");
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn the_files_of_the_corpus_that_failed_come_in() {
    let corpus = corpus();
    let read = |name: &str| {
        let path = corpus.join("faults/import").join(name);
        import::read(&[path], &Options::default(), &mut |_| {}).unwrap()
    };
    assert_eq!(ids(&read("cr.sql")), [(1, "a"), (2, "b"), (3, "c")]);
    assert_eq!(read("pgunistr.sql").templates[0].html, "<p>ação</p>");
    let table = read("x5.csv");
    let found: Vec<u64> = table.templates.iter().filter_map(|t| t.id).collect();
    assert_eq!(found, [741, 742, 743, 744]);
    assert!(table.templates[0].title.starts_with("Solicitação"));
    let xml = read("xml.xml");
    assert!(xml.templates.is_empty() && xml.findings.iter().any(|f| f.severity == Severity::Error));
    let both = plan(&[], read("dup.sql").templates, &|_| Vec::new());
    let ids: Vec<TemplateId> = both.steps.iter().map(|step| step.id).collect();
    assert_eq!(ids, [1, 2]);
    assert!(both.steps.iter().all(|step| step.action.creates()));
}
