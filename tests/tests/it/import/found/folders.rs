//! Folders of files, with an index or without.

use std::fs;
use std::path::PathBuf;

use domain::{diagnostic::Severity, import::FindingCode};
use import::{Gathered, Options};

use super::{codes, read};

#[test]
fn a_file_without_a_template_says_what_was_looked_for() {
    for (name, content) in [
        ("x.sql", "select 1;"),
        ("x.xml", "<data/>"),
        ("x.csv", "titulo;texto\n"),
        ("empty.sql", ""),
    ] {
        let gathered = read(name, content.as_bytes());
        assert_eq!(
            codes(&gathered),
            [(Severity::Error, FindingCode::NothingFound)],
            "{name}"
        );
        assert!(
            gathered.findings[0].message.contains("looked for"),
            "{name}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.sql"), "select 1;").unwrap();
    let of_folder = || {
        import::read(
            &[folder.path().to_owned()],
            &Options::default(),
            &mut |_| {},
        )
        .unwrap()
    };
    assert_eq!(
        codes(&of_folder()),
        [(Severity::Error, FindingCode::NothingFound)]
    );
    let row = "insert into modelosemails values (1,'T','<p>x</p>','A','a')";
    fs::write(folder.path().join("b.sql"), row).unwrap();
    assert_eq!(
        codes(&of_folder()),
        [(Severity::Warning, FindingCode::NothingFound)]
    );
}

#[cfg(unix)]
#[test]
fn links_out_of_a_folder_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.html");
    fs::write(&secret, "<title>T</title><p>secret</p>").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    fs::write(inside("a.html"), "<title>T</title><p>a</p>").unwrap();
    std::os::unix::fs::symlink(&secret, inside("b.html")).unwrap();
    std::os::unix::fs::symlink(inside("a.html"), inside("c.html")).unwrap();
    let read = |paths: &[PathBuf]| import::read(paths, &Options::default(), &mut |_| {}).unwrap();
    let gathered = read(&[folder.path().to_owned()]);
    assert_eq!(
        gathered.templates.len(),
        1,
        "a.html, and c.html which is the same file"
    );
    assert_eq!(
        codes(&gathered),
        [(Severity::Error, FindingCode::FileMissing)]
    );
    fs::write(inside("INDEX.tsv"), "file\ttitle\nb.html\tT\na.html\tT\n").unwrap();
    let gathered = read(&[inside("INDEX.tsv")]);
    assert_eq!(
        (gathered.templates.len(), codes(&gathered)),
        (1, vec![(Severity::Error, FindingCode::FileMissing)])
    );
    // What the caller names themselves is read.
    assert_eq!(read(&[inside("b.html")]).templates.len(), 1);
}

#[test]
fn the_folder_of_a_script_says_nothing_about_it() {
    let script = br"insert into modelosemails values (1, 'T', '<p>a</p>\r\n<p>b</p>', 'A', 'a');";
    let html = |name: &str| read(name, script).templates[0].html.clone();
    assert_eq!(html("oracle/m.sql"), "<p>a</p>\r\n<p>b</p>");
    assert_eq!(html(r"C:\oracle\m.sql"), html("m.sql"));
    assert_eq!(html("m-oracle.sql"), r"<p>a</p>\r\n<p>b</p>");
}

/// What is read of a folder, and the codes of its findings.
fn of_folder(files: &[(&str, &str)], named: &str) -> (Gathered, Vec<(Severity, FindingCode)>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = folder.path().join(named);
    let gathered = import::read(&[path], &Options::default(), &mut |_| {}).unwrap();
    let codes = codes(&gathered);
    (gathered, codes)
}

#[test]
fn what_a_folder_holds_and_is_not_read_is_said() {
    let page = "<title>T</title><p>x</p>";
    let nothing = (Severity::Error, FindingCode::NothingFound);
    for files in [
        &[][..],
        &[("sub/a.html", page)],
        &[("a.dump", page), ("b.txt", page)],
    ] {
        let (gathered, codes) = of_folder(files, "");
        assert_eq!(
            (gathered.templates.len(), codes),
            (0, vec![nothing]),
            "{files:?}"
        );
    }
    let (gathered, codes) = of_folder(&[("a.html", page), (".git/b.html", page)], "");
    assert_eq!((gathered.templates.len(), codes), (1, vec![]));
    let (gathered, codes) = of_folder(&[("a.html", page), ("sub/b.html", page)], "");
    let skipped = (Severity::Warning, FindingCode::NothingFound);
    assert_eq!((gathered.templates.len(), codes), (1, vec![skipped]));
}

#[test]
fn what_is_wrong_with_an_index_is_said() {
    let page = ("a.html", "<title>T</title><p>x</p>");
    let unread = (Severity::Error, FindingCode::RowUnreadable);
    for (index, code) in [
        ("nome\tassunto\na.html\tU\n", unread),
        ("file;assunto\na.html;U\n", unread),
        (
            "file\tassunto\tid\na.html\tU\t7a\n",
            (Severity::Warning, FindingCode::IdUnreadable),
        ),
        ("file\tassunto\tid\na.html\tU\t7\na.html\tV\t8\n", unread),
    ] {
        let (gathered, codes) = of_folder(&[page, ("INDEX.tsv", index)], "");
        assert_eq!(
            (gathered.templates.len(), codes),
            (1, vec![code]),
            "{index}"
        );
    }
    let (_, codes) = of_folder(&[page, ("INDEX.tsv", "nome\na.html\n")], "INDEX.tsv");
    assert_eq!(codes, [unread]);
    let (_, codes) = of_folder(&[page, ("INDEX.tsv", "file\tid\n")], "INDEX.tsv");
    assert_eq!(codes, [(Severity::Error, FindingCode::NothingFound)]);
}
