//! Input that means harm, or none at all.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::import::FindingCode;
use import::Options;
use proptest::prelude::*;
use tests::cpu;

use super::{read_sql, shown};

/// A fragment that means something to some dialect.
fn fragment() -> impl Strategy<Value = String> {
    let known: Vec<Just<String>> = [
        "insert into modelosemails ",
        "insert all into ",
        "(idmodeloemail, titulo, texto) ",
        "values ",
        "(",
        ")",
        ",",
        ";",
        "'",
        "''",
        "\\",
        "\\'",
        "\"",
        "`",
        "[",
        "]",
        "$$",
        "$a$",
        "q'[",
        "E'",
        "N'",
        "U&'",
        "X'4",
        "0x4",
        "--",
        "#",
        "/*",
        "*/",
        "/*!",
        "||",
        "::",
        "select ",
        "union all ",
        "copy modelosemails from stdin;\n",
        "\\.\n",
        "\t",
        "\n",
        "\ninsert ",
        "do ",
        "delimiter $$\n",
        "rem '\n",
        "cast(",
        "convert(",
        "replace('a','','b')",
        "chr(",
        "create table modelosemails (",
        "null",
        "1",
        "a",
        "é",
        "update modelosemails",
        "set ",
        "=",
        "\0",
    ]
    .into_iter()
    .map(|text| Just(text.to_owned()))
    .collect();
    prop::strategy::Union::new(known)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_script_panics(fragments in prop::collection::vec(fragment(), 0..40), dialect in 0usize..5) {
        let script = fragments.concat();
        let dialect = [None, Some("mysql"), Some("postgresql"), Some("sqlserver"), Some("oracle")][dialect];
        let options = Options::named(None, dialect).unwrap();
        for name in ["x.sql", "x.csv", "x.html", "x"] {
            import::read_bytes(script.as_bytes(), Path::new(name), &options).unwrap();
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for name in ["x.sql", "x.csv", "x.html", "x"] {
            import::read_bytes(&bytes, Path::new(name), &Options::default()).unwrap();
        }
    }
}

/// A stream of `unit`, again and again.
struct Repeated {
    unit: Vec<u8>,
    left: usize,
    at: usize,
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(self.left);
        for byte in &mut buffer[..n] {
            *byte = self.unit[self.at];
            self.at = (self.at + 1) % self.unit.len();
        }
        self.left -= n;
        Ok(n)
    }
}

#[test]
fn nothing_takes_more_than_a_few_passes() {
    let units: [&[u8]; 14] = [
        b"'",
        b"('",
        b"'\n insert \\'a",
        b"'a\ninsert 'b",
        b"/*",
        b"/*/",
        b"$a$ $b$ ",
        b"[",
        b"insert into modelosemails values (",
        b"insert into modelosemails values (1,'a','b','A','c'),\n",
        b"q'[ ",
        b"\"\n",
        b"insert into modelosemails values (1,f(f(f(",
        b"copy modelosemails from stdin;\n\t\t\t\t\n",
    ];
    for unit in units {
        let took = |kilobytes: usize| {
            let stream = Repeated {
                unit: unit.to_vec(),
                left: kilobytes << 10,
                at: 0,
            };
            let start = cpu::spent();
            let items = import::read_sql(Box::new(stream), "x", &Options::default()).unwrap();
            items.for_each(|item| drop(item.unwrap()));
            cpu::spent() - start
        };
        // Sixteen times as much may take sixteen times as long; squared it would be 256 times.
        let (little, much) = (took(16).min(took(16)), took(256));
        let bound = little * 64 + Duration::from_millis(500);
        assert!(
            much < bound,
            "{:?}: {little:?} for 16 KiB, {much:?} for 256 KiB",
            String::from_utf8_lossy(unit)
        );
    }
}

#[test]
fn unclosed_strings_are_named_with_the_line_where_they_begin() {
    let script = "select 1;\n\ninsert into outra values ('open\nand so on\n";
    let read = read_sql(script.as_bytes(), "x");
    assert_eq!(read.findings[0].code, FindingCode::UnterminatedString);
    assert_eq!(read.findings[0].line, 3);
    let read = read_sql(b"\n/* open", "x");
    assert_eq!(
        (read.findings[0].code, read.findings[0].line),
        (FindingCode::UnterminatedComment, 2)
    );
}

#[test]
fn what_is_too_large_is_left_out_and_the_rest_comes_in() {
    let large = "x".repeat(5 << 20);
    let script = format!(
        "insert into modelosemails (titulo, texto) values ('large', '{large}'), ('small', 'x');\n\
         insert into modelosemails (titulo, texto) values ('joined', '{0}' || '{0}' || '{0}'), ('last', 'x');",
        &large[..3 << 20]
    );
    let read = read_sql(script.as_bytes(), "oracle.sql");
    let titles: Vec<&str> = read.templates.iter().map(|t| t.title.as_str()).collect();
    assert_eq!(titles, ["small", "last"], "{}", shown(&read));
    let codes: Vec<FindingCode> = read.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, [FindingCode::ValueTooLong; 2]);
}

#[test]
fn a_stream_that_breaks_off_is_an_error() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("gone"));
            }
            self.0 -= 1;
            buffer.fill(b' ');
            Ok(buffer.len())
        }
    }
    let items = import::read_sql(Box::new(Broken(8)), "x", &Options::default());
    assert!(items.is_err() || items.unwrap().any(|item| item.is_err()));
}

#[test]
fn files_that_are_none() {
    let folder = std::env::temp_dir().join(format!("mensageria-import-{}", std::process::id()));
    fs::create_dir_all(folder.join("sub")).unwrap();
    let file = |name: &str, content: &[u8]| -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let read = |path: PathBuf| import::read(&[path], &Options::default(), &mut |_| {});
    assert_eq!(
        read(folder.join("absent.sql")).unwrap_err().code(),
        "FILE_UNREADABLE"
    );
    assert_eq!(
        read(file("dump.sql.gz", b"\x1f\x8b\x08"))
            .unwrap_err()
            .code(),
        "FILE_PACKED"
    );
    let empty = read(file("empty.sql", b"")).unwrap();
    assert_eq!(empty.findings[0].code, FindingCode::NothingFound);
    let secret = file("secret.html", b"<p>x</p>");
    let index = file(
        "sub/INDEX.tsv",
        format!(
            "file\ttitle\n../secret.html\tt\n{}\tt\nabsent.html\tt\n",
            secret.display()
        )
        .as_bytes(),
    );
    let outside = read(index).unwrap();
    assert_eq!(outside.templates, []);
    let codes: Vec<(FindingCode, u64)> =
        outside.findings.iter().map(|f| (f.code, f.line)).collect();
    assert_eq!(
        codes,
        [
            (FindingCode::FileMissing, 2),
            (FindingCode::FileMissing, 3),
            (FindingCode::FileMissing, 4)
        ]
    );
    let dump = read(file(
        "no-extension",
        b"INSERT INTO modelosemails VALUES (1,'t','x','A','i');",
    ))
    .unwrap();
    assert_eq!(dump.templates.len(), 1);
    let csv = read(file("other-csv", b"titulo;texto\na;b\n")).unwrap();
    assert_eq!(csv.templates.len(), 1);
    fs::remove_dir_all(folder).unwrap();
}
