//! Exports of the programs that people use, as whole files in `tests/import/exports`, and templates for
//! the linter in `tests/import/templates`; beside each one, what is read of it.

use std::fs;
use std::path::{Path, PathBuf};

use domain::catalog::Language;
use import::Options;
use import::lint::{Style, lint};

use super::shown;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("import")
        .join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e != "snap"));
    files.sort();
    files
}

fn snapshot(path: &Path, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = path.file_name().unwrap().to_string_lossy();
    settings.bind(|| insta::assert_snapshot!(name.as_ref(), content));
}

#[test]
fn every_export_is_read_as_reviewed() {
    let files = files(&folder("exports"));
    assert!(files.len() >= 18, "only {} exports", files.len());
    for path in files {
        let name = Path::new(path.file_name().unwrap());
        let gathered =
            import::read_bytes(&fs::read(&path).unwrap(), name, &Options::default()).unwrap();
        snapshot(&path, &shown(&gathered));
    }
}

#[test]
fn the_linter_says_of_every_template_what_was_reviewed() {
    let files = files(&folder("templates"));
    assert!(files.len() >= 14, "only {} templates", files.len());
    for path in files {
        let lint = lint(
            std::slice::from_ref(&path),
            &Options::default(),
            &render::check,
            &mut |_| {},
        );
        let prefix = format!("{}/", path.parent().unwrap().display());
        let said = lint.unwrap().write(Style::Text, Language::En);
        let said = said.replace(&prefix, "");
        snapshot(&path, &said);
    }
}
