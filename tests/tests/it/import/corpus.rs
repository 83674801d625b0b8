//! Real exports.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use domain::import::{Action, Existing, digest, plan};
use import::{Gathered, Options};
use tests::corpus;

fn read(paths: &[PathBuf]) -> Gathered {
    import::read(paths, &Options::default(), &mut |_| {}).unwrap()
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn the_dump_yields_its_nine_templates() {
    let corpus = corpus();
    let mut told = Vec::new();
    let dump = corpus.join("dumps/deploy-2.0.7-mysql.sql");
    let gathered = import::read(std::slice::from_ref(&dump), &Options::default(), &mut |p| {
        told.push(p.clone())
    })
    .unwrap();
    let found: Vec<(Option<u64>, &str, u64)> = gathered
        .templates
        .iter()
        .map(|t| (t.id, t.identifier.as_str(), t.origin.line))
        .collect();
    assert_eq!(
        found,
        [
            (Some(34), "registroProblema", 159),
            (Some(35), "andamentoProblema", 161),
            (Some(36), "finalizadoProblema", 163),
            (Some(37), "grupoProblema", 165),
            (Some(38), "problemaprazocontexp", 167),
            (Some(39), "reuniao", 169),
            (Some(51), "regestroLib", 171),
            (Some(52), "liberacaoFinalizada", 173),
            (Some(53), "liberacaoEmAndamento", 175),
        ]
    );
    assert_eq!(gathered.findings, []);
    assert_eq!(
        gathered.templates[4].title,
        "Requisições Problemas com prazo expirados"
    );
    let last = told.last().expect("progress is told at the end");
    assert_eq!(Some(last.read), last.total);
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn all_legacy_templates_come_in_with_their_index() {
    let corpus = corpus();
    let folder = corpus.join("legacy-templates");
    let gathered = read(&[folder.join("INDEX.tsv")]);
    assert_eq!(gathered.templates.len(), 38);
    assert_eq!(
        gathered.findings.len(),
        1,
        "only the one without a subject: {:?}",
        gathered.findings
    );
    for template in &gathered.templates {
        assert_eq!(
            fs::read_to_string(&template.origin.file).unwrap(),
            template.html
        );
        assert!(!template.title.is_empty());
    }
    // The folder, and its files one by one, are the same.
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let sorted = |gathered: Gathered| {
        let mut templates = gathered.templates;
        templates.sort_by(|a, b| a.origin.file.cmp(&b.origin.file));
        templates
    };
    let by_index = sorted(gathered);
    assert_eq!(sorted(read(std::slice::from_ref(&folder))), by_index);
    assert_eq!(sorted(read(&files)), by_index);
}

#[test]
#[ignore = "needs the corpus: MENSAGERIA_CORPUS"]
fn importing_all_of_it_twice_changes_nothing() {
    let corpus = corpus();
    let incoming = read(&[corpus.join("dumps"), corpus.join("legacy-templates")]).templates;
    assert_eq!(incoming.len(), 9 + 38);
    let first = plan(&[], incoming.clone(), &|_| Vec::new());
    let stored: Vec<Existing> = first
        .steps
        .iter()
        .filter(|step| step.action.creates())
        .map(|step| Existing {
            id: step.id,
            identifier: step.identifier.clone(),
            digests: vec![digest(&step.template.title, &step.template.html, None)],
        })
        .collect();
    let identifiers: HashSet<String> = stored.iter().map(|e| e.identifier.to_lowercase()).collect();
    assert_eq!(
        identifiers.len(),
        stored.len(),
        "unique whatever their case"
    );
    assert!(
        stored
            .iter()
            .all(|e| e.identifier.chars().count() <= 20 && !e.identifier.contains(' '))
    );
    assert!(
        stored
            .iter()
            .any(|e| e.id == 53 && e.identifier == "liberacaoEmAndamento")
    );
    let second = plan(&stored, incoming, &|_| Vec::new());
    assert!(
        second
            .steps
            .iter()
            .all(|step| step.action == Action::Unchanged)
    );
}
