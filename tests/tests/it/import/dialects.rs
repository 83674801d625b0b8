//! Files of our own making in `tests/import`, one or more a dialect, with reviewed results.

use std::fs;
use std::path::{Path, PathBuf};

use import::{Gathered, Options};

use super::{gather, read_sql, shown};

fn files(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("import");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == extension));
    files.sort();
    assert!(files.len() >= 2);
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The name of a file tells its dialect; here the content has to.
fn read(script: &[u8]) -> Gathered {
    read_sql(script, "x")
}

#[test]
fn scripts() {
    for path in files("sql") {
        insta::assert_snapshot!(stem(&path), shown(&read(&fs::read(&path).unwrap())));
    }
}

#[test]
fn separated_values() {
    for path in files("csv") {
        let bytes = fs::read(&path).unwrap();
        let items = import::read_csv(Box::new(bytes.as_slice()), "x", &Options::default()).unwrap();
        insta::assert_snapshot!(format!("csv-{}", stem(&path)), shown(&gather(items)));
    }
}

#[test]
fn every_encoding_gives_the_same() {
    for path in files("sql") {
        let text = fs::read_to_string(&path).unwrap();
        let expected = shown(&read(text.as_bytes()));
        let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
            let mut script = mark.to_vec();
            script.extend(text.encode_utf16().flat_map(bytes));
            script
        };
        let scripts = [
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            utf16(u16::to_le_bytes, b"\xff\xfe"),
            utf16(u16::to_be_bytes, b"\xfe\xff"),
            utf16(u16::to_le_bytes, b""),
        ];
        for script in &scripts {
            assert_eq!(shown(&read(script)), expected, "{}", path.display());
        }
        // Every letter of these files is one of ISO-8859-1, and none looks like UTF-8 in it.
        if !text.contains('Ã') {
            let latin1: Vec<u8> = text
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap())
                .collect();
            assert_eq!(shown(&read(&latin1)), expected, "{}", path.display());
            let options = Options::named(Some("iso-8859-1"), None).unwrap();
            let forced =
                gather(import::read_sql(Box::new(latin1.as_slice()), "x", &options).unwrap());
            assert_eq!(shown(&forced), expected, "{}", path.display());
        }
    }
}

#[test]
fn line_ends_do_not_matter() {
    for path in files("sql") {
        let text = fs::read_to_string(&path).unwrap();
        let windows = read(text.replace('\n', "\r\n").as_bytes());
        assert_eq!(
            shown(&windows).replace("\\r\\n", "\\n"),
            shown(&read(text.as_bytes())).replace("\\r\\n", "\\n")
        );
    }
}

#[test]
fn a_forced_dialect_is_obeyed() {
    let script = br"insert into modelosemails values (1, 'a\nb', 'it\'s', 'A', 'x');";
    let with = |dialect| {
        let options = Options::named(None, Some(dialect)).unwrap();
        gather(import::read_sql(Box::new(script.as_slice()), "x", &options).unwrap()).templates
    };
    assert_eq!(with("mysql")[0].title, "a\nb");
    let plain = br"insert into modelosemails values (1, 'a\nb', 'c:\', 'A', 'x');";
    let options = Options::named(None, Some("oracle")).unwrap();
    let read = gather(import::read_sql(Box::new(plain.as_slice()), "mysql.sql", &options).unwrap());
    assert_eq!(
        (
            read.templates[0].title.as_str(),
            read.templates[0].html.as_str()
        ),
        (r"a\nb", r"c:\")
    );
    assert!(Options::named(None, Some("dbase")).is_err());
}
