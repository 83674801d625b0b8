//! Exports in forms that were once misread: nothing of them is lost without a word.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use domain::{
    catalog::Language,
    diagnostic::Severity,
    id::TemplateId,
    import::{FindingCode, plan},
};
use import::{Gathered, Options};
use tests::corpus;

fn read(name: &str, bytes: &[u8]) -> Gathered {
    import::read_bytes(bytes, Path::new(name), &Options::default()).unwrap()
}

/// Id and identifier of each template.
fn ids(gathered: &Gathered) -> Vec<(u64, &str)> {
    gathered
        .templates
        .iter()
        .map(|t| (t.id.unwrap_or(0), t.identifier.as_str()))
        .collect()
}

fn codes(gathered: &Gathered) -> Vec<(Severity, FindingCode)> {
    gathered
        .findings
        .iter()
        .map(|f| (f.severity, f.code))
        .collect()
}

#[test]
fn lines_that_end_with_cr_alone() {
    let script = "-- one\rINSERT INTO modelosemails VALUES (1,'T','<p>x</p>','A','a');\r# two\r\
        INSERT INTO modelosemails VALUES (2,'T','<p>x</p>','A','b'); -- three\r\
        REM four\rINSERT INTO modelosemails VALUES (3,'T','<p>x</p>','A','c');\r";
    let gathered = read("x.sql", script.as_bytes());
    assert_eq!(ids(&gathered), [(1, "a"), (2, "b"), (3, "c")]);
    let lines: Vec<u64> = gathered.templates.iter().map(|t| t.origin.line).collect();
    assert_eq!(lines, [2, 4, 6]);
    // A comment of such a file that was put into another one.
    let mixed = "-- one\rINSERT INTO modelosemails VALUES (1,'T','<p>x</p>','A','a');\nselect 1;\n";
    assert_eq!(ids(&read("x.sql", mixed.as_bytes())), [(1, "a")]);

    let table = "idmodeloemail;titulo;texto;situacao;identificador\r1;T;\"<p>a\nb</p>\";A;a\r2;T;<p>x</p>;A;b\r";
    let gathered = read("x.csv", table.as_bytes());
    assert_eq!(ids(&gathered), [(1, "a"), (2, "b")]);
    assert_eq!(gathered.templates[0].html, "<p>a\nb</p>");
    assert_eq!(codes(&gathered), []);
}

#[test]
fn a_script_of_cr_keeps_its_lines_whatever_its_strings_hold() {
    let script = "-- one\rINSERT INTO modelosemails VALUES (1,'T','<p>\nx</p>','A','a');\r\
        INSERT INTO modelosemails VALUES (2,'T','<p>x\r${FOO}</p>','A','b');\r";
    let gathered = read("x.sql", script.as_bytes());
    assert_eq!(ids(&gathered), [(1, "a"), (2, "b")]);
    let lines: Vec<u64> = gathered.templates.iter().map(|t| t.origin.line).collect();
    assert_eq!(lines, [2, 4]);

    let page = "<title>T</title>\r<p>x</p>\r<p>${FOO}</p>\r";
    let gathered = read("x.html", page.as_bytes());
    assert!(gathered.templates[0].html.contains("<p>x</p>\n<p>"));
}

#[test]
fn letters_that_an_export_cuts_and_bytes_in_codes_of_text() {
    let script = b"INSERT INTO MODELOSEMAILS VALUES (1,'T',TO_CLOB('<p>a\xc3') || TO_CLOB('\xa7\xc3\xa3o</p>'),'A','a');
        INSERT INTO MODELOSEMAILS VALUES (2,'Solicita\x87\xc6o','<p>t\x82cnica, n\xc6o</p>','A','b');
        INSERT INTO MODELOSEMAILS VALUES (3,'T',FROM_BASE64('PHA+YcOnPC9w\nPg=='),'A','c');
        INSERT INTO MODELOSEMAILS VALUES (4,'T',UNHEX('3c703e61c3a73c2f703e'),'A','d');
        INSERT INTO MODELOSEMAILS VALUES (5,'T',convert_from(decode('PHA+YcOnPC9wPg==','base64'),'UTF8'),'A','e');
        INSERT INTO MODELOSEMAILS VALUES (6,'T',convert_from('\\x3c703e61c3a73c2f703e','UTF8'),'A','f');
        INSERT INTO MODELOSEMAILS VALUES (7,'T',utl_raw.cast_to_varchar2(hextoraw('3C703E61E73C2F703E')),'A','g');
        INSERT INTO modelosemails SET idmodeloemail := 8, titulo = 'T', texto := '<p>x</p>', identificador := 'h';
        INSERT INTO MODELOSEMAILS VALUES (9,'T',DECODE(1,1,'<p>x</p>','y'),'A','i');";
    let gathered = read("x.sql", script);
    let texts: Vec<_> = gathered.templates.iter().map(|t| t.html.as_str()).collect();
    assert_eq!(
        texts,
        [
            "<p>a\u{e7}\u{e3}o</p>",
            "<p>t\u{e9}cnica, n\u{e3}o</p>",
            "<p>a\u{e7}</p>",
            "<p>a\u{e7}</p>",
            "<p>a\u{e7}</p>",
            "<p>a\u{e7}</p>",
            "<p>a\u{e7}</p>",
            "<p>x</p>",
        ]
    );
    assert_eq!(gathered.templates[1].title, "Solicita\u{e7}\u{e3}o");
    assert_eq!(
        codes(&gathered),
        [(Severity::Error, FindingCode::ValueUnreadable)]
    );
}

#[test]
fn rows_without_or_with_too_many_separators_at_their_end() {
    let table = "id;titulo;texto;situacao;identificador\n1;T;<p>x</p>\n2;T;<p>x</p>;A;b;;;\n3;T\n4;T;<p>x</p>;A;d;more\n;;;;;;\n";
    let gathered = read("x.csv", table.as_bytes());
    assert_eq!(ids(&gathered), [(1, ""), (2, "b")]);
    assert_eq!(
        codes(&gathered),
        [
            (Severity::Error, FindingCode::BodyMissing),
            (Severity::Error, FindingCode::RowUnreadable)
        ]
    );
}

#[test]
fn numbers_as_spreadsheets_write_them() {
    let table = "id;titulo;texto;situacao;identificador\n\
        755,00;T;<p>a</p>;A;a\n\"=\"\"751\"\"\";T;<p>b</p>;A;b\n=\"752\";T;<p>c</p>;A;\"=\"\"c\"\"\"\n7,54E+02;T;<p>d</p>;A;d\n1.753;T;<p>e</p>;A;e\n";
    let gathered = read("x.csv", table.as_bytes());
    assert_eq!(
        ids(&gathered),
        [(755, "a"), (751, "b"), (752, "c"), (754, "d"), (1753, "e")]
    );
    assert_eq!(codes(&gathered), []);
}

#[test]
fn words_in_place_of_the_text_are_said() {
    let script = "insert into modelosemails values (402,'T','[CLOB]','A','a'), (403,'T','(HUGECLOB)','A','b'), (404,'T','<p>[CLOB]</p>','A','c');";
    let gathered = read("x.sql", script.as_bytes());
    assert_eq!(ids(&gathered), [(404, "c")]);
    assert_eq!(
        codes(&gathered),
        [(Severity::Error, FindingCode::BodyMissing); 2]
    );
    assert!(gathered.findings[0].message.contains("[CLOB]"));
}

#[test]
fn characters_by_their_numbers() {
    for (call, html) in [
        (r"unistr('a\u00e7\u00e3o')", "ação"),
        (r"UNISTR('a\00e7\00e3o')", "ação"),
        (r"unistr('\+01F600 \U0001F600')", "😀 😀"),
        (r"U&'a\00e7\+0000e3o'", "ação"),
        (r"E'a\u00e7\U000000e3o'", "ação"),
    ] {
        let script = format!("INSERT INTO modelosemails VALUES (1,'T',{call},'A','a');");
        let gathered = read("x.sql", script.as_bytes());
        assert_eq!(gathered.templates[0].html, html, "{call}");
    }
}

#[test]
fn lines_of_transact_sql_that_go_on() {
    let script = "SET IDENTITY_INSERT [dbo].[modelosemails] ON\r\nGO\r\n\
        INSERT [dbo].[modelosemails] VALUES (1, N'T', N'<p>um\\\r\n dois</p>', N'A', N'a')\r\nGO\r\n";
    let gathered = read("x.sql", script.as_bytes());
    assert_eq!(gathered.templates[0].html, "<p>um dois</p>");
}

#[test]
fn dollar_quotes_of_every_kind() {
    for (open, close) in [
        ("$$", "$$"),
        ("$q$", "$q$"),
        ("$ação$", "$ação$"),
        ("$_1$", "$_1$"),
    ] {
        let script = format!(
            "INSERT INTO modelosemails VALUES (1,{open}T ${{K}}{close},{open}<p>$5 ${{K}} 'x' $ $</p>{close},'A','a');\n\
             INSERT INTO modelosemails VALUES (2,'T','<p>x</p>','A','b');"
        );
        let gathered = read("x.sql", script.as_bytes());
        assert_eq!(ids(&gathered), [(1, "a"), (2, "b")], "{open}");
        assert_eq!(
            gathered.templates[0].html, "<p>$5 ${K} 'x' $ $</p>",
            "{open}"
        );
    }
    for code in [
        "DO $$ BEGIN INSERT INTO modelosemails VALUES (1,$q$T$q$,$q$<p>x</p>$q$,'A','a'); END $$;",
        "DO LANGUAGE plpgsql $do$ BEGIN INSERT INTO modelosemails VALUES (1,'T',$$<p>x</p>$$,'A','a'); END $do$;",
    ] {
        assert_eq!(ids(&read("x.sql", code.as_bytes())), [(1, "a")], "{code}");
    }
}

#[test]
fn statements_in_strings_are_said() {
    for script in [
        "EXEC('INSERT INTO modelosemails VALUES (1,''T'',''<p>x</p>'',''A'',''a'')')",
        "EXECUTE IMMEDIATE 'insert into modelosemails values (1)';",
        "EXEC sp_help;\nEXEC (N'delete from dbo.modelosemails')",
    ] {
        assert_eq!(
            codes(&read("x.sql", script.as_bytes())),
            [(Severity::Warning, FindingCode::StatementNotRead)],
            "{script}"
        );
    }
    assert_eq!(
        codes(&read(
            "x.sql",
            b"exec('select 1'); insert into modelosemails values (1,'T','x','A','a')"
        )),
        []
    );
}

const EXPORTS: [&str; 3] = [
    r#"<?xml version="1.0"?>
<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><database name="c">
<table_structure name="modelosemails"><field Field="titulo"/></table_structure>
<table_data name="users"><row><field name="titulo">no</field></row></table_data>
<table_data name="modelosemails">
<row><field name="idmodeloemail">1</field><field name="titulo">T &amp; ${K}</field>
<field name="texto">&lt;p&gt;a&#231;&#xE3;o&lt;/p&gt;</field><field name="situacao">A</field><field name="identificador">a</field></row>
<row><field name="idmodeloemail">2</field><field name="titulo">T</field><field name="texto" xsi:nil="true" /></row>
</table_data></database></mysqldump>"#,
    r#"<resultset statement="select * from citsmart.modelosemails" xmlns:xsi="x">
<row><field name="idmodeloemail">1</field><field name="titulo"><![CDATA[T & ${K}]]></field><field name="texto" xsi:type="xs:hexBinary">3C703E61C3A7C3A36F3C2F703E</field><field name="situacao">A</field><field name="identificador">a</field></row>
<row><field name="titulo">T</field></row></resultset>"#,
    r#"<?xml version="1.0" encoding="utf-8"?>
<!-- - phpMyAdmin XML Dump -->
<pma_xml_export version="1.0" xmlns:pma="x"><pma:structure_schemas><pma:database name="c"><pma:table name="modelosemails">create</pma:table></pma:database></pma:structure_schemas>
<database name="c"><table name="modelosemails"><column name="idmodeloemail">1</column><column name="titulo">T &amp; ${K}</column><column name="texto">&lt;p&gt;ação&lt;/p&gt;</column><column name="situacao">A</column><column name="identificador">a</column></table>
<table name="modelosemails"><column name="titulo">T</column></table></database></pma_xml_export>"#,
];

#[test]
fn exports_in_xml() {
    for export in EXPORTS {
        for name in ["x.xml", "dump"] {
            let gathered = read(name, export.as_bytes());
            assert_eq!(ids(&gathered), [(1, "a")], "{export}");
            let template = &gathered.templates[0];
            assert_eq!(
                (template.title.as_str(), template.html.as_str()),
                ("T & ${K}", "<p>ação</p>"),
                "{export}"
            );
            // The last row of each has none, the second one of two no more than that.
            assert!(
                codes(&gathered)
                    .iter()
                    .all(|found| *found == (Severity::Error, FindingCode::BodyMissing)),
                "{export}"
            );
            let lines: BTreeSet<u64> = gathered.findings.iter().map(|f| f.line).collect();
            assert_eq!(lines.len(), 1, "{export}");
        }
    }
    // One that was cut off.
    let cut = &EXPORTS[0][..EXPORTS[0].find("<field name=\"texto\" xsi").unwrap()];
    let gathered = read("x.xml", cut.as_bytes());
    assert_eq!(ids(&gathered), [(1, "a")]);
    assert_eq!(
        codes(&gathered),
        [(Severity::Error, FindingCode::RowUnreadable)]
    );
}

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
fn the_folder_of_a_script_says_nothing_about_it() {
    let script = br"insert into modelosemails values (1, 'T', '<p>a</p>\r\n<p>b</p>', 'A', 'a');";
    let html = |name: &str| read(name, script).templates[0].html.clone();
    assert_eq!(html("oracle/m.sql"), "<p>a</p>\r\n<p>b</p>");
    assert_eq!(html(r"C:\oracle\m.sql"), html("m.sql"));
    assert_eq!(html("m-oracle.sql"), r"<p>a</p>\r\n<p>b</p>");
}

/// Ids and identifiers of a script whose rows are all read.
fn rows_of(script: &str) -> Vec<(u64, String)> {
    let gathered = read("x.sql", script.as_bytes());
    assert_eq!(codes(&gathered), [], "{script}");
    let rows = ids(&gathered).into_iter();
    rows.map(|(id, name)| (id, name.to_owned())).collect()
}

#[test]
fn blanks_beyond_ascii_stand_between_words() {
    let row =
        |n: u64| format!("INTO modelosemails VALUES\u{a0}({n},'T','<p>x</p>'\u{a0},'A','é');");
    for blank in ["\u{feff}", "\u{a0}", "\u{200b}", "\u{202f}"] {
        let script = format!("INSERT {}\n{blank}INSERT{blank} {blank}{}", row(1), row(2));
        assert_eq!(rows_of(&script), [(1, "é".to_owned()), (2, "é".to_owned())]);
    }
    let latin1: Vec<u8> = format!("INSERT\u{a0}{}INSERT {}", row(1), row(2))
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let gathered = read("x.sql", &latin1);
    assert_eq!(ids(&gathered), [(1, "é"), (2, "é")]);
    // Letters of a name are none.
    let named = "INSERT INTO modelosemails (idmodeloemail, observação, titulo, texto, situacao, identificador) VALUES (1,'à','T','x','A','a')";
    assert_eq!(rows_of(named), [(1, "a".to_owned())]);
}

#[test]
fn conditional_comments_are_run() {
    let row = |n: u64| format!("INSERT INTO modelosemails VALUES ({n},'T','<p>x</p>','A','a')");
    for (comment, read) in [
        (format!("/*!40000 {} */;", row(2)), 2),
        (
            format!("/*!40000 {} */;", row(2)).replace("'T'", "/* 'one */ 'T'"),
            2,
        ),
        (format!("/*M!100100 {}*/;", row(2)), 2),
        (format!("/*!999999 don't {} */;", row(2)), 1),
        (format!("/*! don't {} */;", row(2)), 1),
        (format!("/* don't {} */;", row(2)), 1),
    ] {
        let script = format!("{comment}\n/*!40101 SET NAMES utf8 */;\n{};", row(1));
        assert_eq!(rows_of(&script).len(), read, "{comment}");
    }
}

#[test]
fn a_row_without_its_comma_is_read() {
    let script = "INSERT INTO modelosemails VALUES (1,'T','<p>x</p>','A','a')\n(2,'T','<p>x</p>','A','b'),\n(3,'T','<p>x</p>','A','c')\n(SELECT 1)\n";
    let rows = rows_of(script);
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn of_two_columns_for_one_field_the_one_with_the_legacy_name_counts() {
    let row = ["1", "T", "<p>x</p>", "A", "a", "77", "S", "other"];
    let names = [
        "idmodeloemail",
        "titulo",
        "texto",
        "situacao",
        "identificador",
        "codigo",
        "assunto",
        "mensagem",
    ];
    for backwards in [false, true] {
        let mut columns: Vec<usize> = (0..names.len()).collect();
        if backwards {
            columns.reverse();
        }
        let joined = |with: &str, each: &dyn Fn(usize) -> String| {
            columns
                .iter()
                .map(|n| each(*n))
                .collect::<Vec<_>>()
                .join(with)
        };
        let name = |n: usize| names[n].to_owned();
        let quoted = |n: usize| format!("'{}'", row[n]);
        for (file, text) in [
            (
                "x.csv",
                format!(
                    "{}\n{}\n",
                    joined(";", &name),
                    joined(";", &|n| row[n].to_owned())
                ),
            ),
            (
                "x.sql",
                format!(
                    "INSERT INTO modelosemails ({}) VALUES ({})",
                    joined(",", &name),
                    joined(",", &quoted)
                ),
            ),
            (
                "x.sql",
                format!(
                    "INSERT INTO modelosemails SET {}",
                    joined(",", &|n| format!("{} = {}", names[n], quoted(n)))
                ),
            ),
            (
                "x.xml",
                format!(
                    "<mysqldump><table_data name=\"modelosemails\"><row>{}</row></table_data></mysqldump>",
                    joined("", &|n| format!(
                        "<field name=\"{}\">{}</field>",
                        names[n],
                        row[n].replace('<', "&lt;")
                    ))
                ),
            ),
        ] {
            let gathered = read(file, text.as_bytes());
            assert_eq!(ids(&gathered), [(1, "a")], "{text}");
            let template = &gathered.templates[0];
            assert_eq!(
                (template.title.as_str(), template.html.as_str()),
                ("T", "<p>x</p>"),
                "{text}"
            );
        }
    }
}

/// Subject and body of each template, and the codes of the findings.
fn contents(name: &str, text: &str) -> (Vec<(String, String)>, Vec<FindingCode>) {
    let gathered = read(name, text.as_bytes());
    let templates = gathered.templates.iter();
    let contents = templates
        .map(|t| (t.title.clone(), t.html.clone()))
        .collect();
    (
        contents,
        codes(&gathered).into_iter().map(|(_, code)| code).collect(),
    )
}

fn pair(title: &str, html: &str) -> (String, String) {
    (title.to_owned(), html.to_owned())
}

#[test]
fn quotes_of_separated_values() {
    let head = "id;titulo;texto;identificador\n";
    for (row, html) in [
        (
            r#"1;T;"<p class=\"a;b\">c:\\d\
e</p>";a"#,
            "<p class=\"a;b\">c:\\d\ne</p>",
        ),
        (r#"1; "T" ; "<p>""x"";</p>" ;a"#, "<p>\"x\";</p>"),
        (r#"1;T;"c:\";a"#, r"c:\"),
        (r#"1;T;"<p>\""x\""</p>";a"#, r#"<p>\"x\"</p>"#),
        (r#"1;T; "x" and y;a"#, r#" "x" and y"#),
        (r#"1;T;<p class="a">x</p>;a"#, r#"<p class="a">x</p>"#),
    ] {
        for end in ["", "\n", "\r\n"] {
            let text = format!("{head}{row}{end}");
            assert_eq!(
                contents("x.csv", &text),
                (vec![pair("T", html)], vec![]),
                "{text}"
            );
        }
    }
    // A quote in the wrong place costs its own row alone.
    let good = "2;T;\"<p>b</p>\";b\n3;T;<p>c</p>;c\n";
    for bad in [
        "1;T;\"<p>a</p>;a\n",
        "1;T;\"<p class=\"x\">a</p>\";a\n",
        "1;T;\"<p class=\"x\">\n<p>a, b; c</p>\n</p>\";a\n",
    ] {
        let (found, codes) = contents("x.csv", &format!("{head}{bad}{good}"));
        assert_eq!(
            found,
            [pair("T", "<p>b</p>"), pair("T", "<p>c</p>")],
            "{bad}"
        );
        assert_eq!(codes, [FindingCode::RowUnreadable], "{bad}");
    }
}

#[test]
fn escapes_of_mysql_batch() {
    let head = "id\ttitulo\ttexto\tidentificador\n";
    let batch = "1\tT\t<p>a</p>\\n<p>c:\\\\d\\tb</p>\ta\n2\t\"T\t\"x\"\tb\n";
    // Quotes mean nothing there, but here they do.
    let (found, codes) = contents("x.tsv", &format!("{head}{}", batch.replace("\"x\"", "x")));
    assert_eq!(
        found,
        [pair("T", "<p>a</p>\n<p>c:\\d\tb</p>"), pair("\"T", "x")]
    );
    assert_eq!(codes, []);
    let plain = format!("{head}1\tT\t<p>\\n \\q</p>\ta\n");
    assert_eq!(contents("x.tsv", &plain).0, [pair("T", "<p>\\n \\q</p>")]);
    let quoted = format!("{head}1\t\"T\"\t<p>\\n</p>\ta\n");
    assert_eq!(contents("x.tsv", &quoted).0, [pair("T", "<p>\\n</p>")]);
}

#[test]
fn values_in_xml_whose_markup_is_not_escaped() {
    let export = |body: &str| {
        format!(
            "<mysqldump><table_data name=\"modelosemails\"><row><field name=\"titulo\">T</field>\
             <field name=\"texto\">{body}</field></row>\n<row><field name=\"titulo\">U</field>\
             <field name=\"texto\">x</field></row></table_data></mysqldump>"
        )
    };
    for body in [
        "<p>a <b class=\"x\">c</b></p>",
        "<table><tr><td>1 &lt; 2 &amp;&amp; x<br/></td></tr></table><!-- y -->",
        "<p>a<br>b<row/></p>",
    ] {
        let (found, codes) = contents("x.xml", &export(body));
        assert_eq!(found, [pair("T", body), pair("U", "x")], "{body}");
        assert_eq!(codes, []);
    }
    let escaped = export("&lt;p&gt;&amp;ccedil;&lt;/p&gt;");
    assert_eq!(
        contents("x.xml", &escaped).0[0],
        pair("T", "<p>&ccedil;</p>")
    );
}

#[test]
fn an_xml_in_the_encoding_that_it_declares() {
    let body = "<mysqldump><table_data name=\"modelosemails\"><row><field name=\"titulo\">aç\u{e3}o</field>\
        <field name=\"texto\">é</field></row></table_data></mysqldump>";
    let latin1 = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect()
    };
    for declaration in [
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
        "<?xml version='1.0' encoding = 'latin1' ?>\n",
    ] {
        let gathered = read("x.xml", &latin1(&format!("{declaration}{body}")));
        assert_eq!(gathered.templates[0].title, "ação");
    }
    for declaration in ["", "<?xml version=\"1.0\" encoding=\"utf-8\"?>"] {
        let bytes = latin1(&format!("{declaration}{body}"));
        let gathered = read("x.xml", &bytes);
        assert_eq!(
            codes(&gathered)[0],
            (Severity::Error, FindingCode::EncodingDamaged)
        );
        assert!(gathered.findings[0].message.contains("--encoding"));
        let options = Options::named(Some("latin1"), None).unwrap();
        let gathered = import::read_bytes(&bytes, Path::new("x.xml"), &options).unwrap();
        assert_eq!(gathered.templates[0].title, "ação");
    }
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

#[test]
fn literals_of_a_derived_table_are_read() {
    let values = |n: u64| format!("SELECT {n} AS a, 'T' b, '<p>x</p>' c, 'A' d, 'a' e");
    let script = format!(
        "INSERT INTO modelosemails (idmodeloemail,titulo,texto,situacao,identificador) SELECT * FROM ({} UNION ALL {}) AS tmp \
         WHERE NOT EXISTS (SELECT 1 FROM modelosemails WHERE idmodeloemail = 1) LIMIT 1;\n\
         INSERT INTO modelosemails SELECT * FROM ({}) tmp;",
        values(1),
        values(2),
        values(3)
    );
    let read: Vec<u64> = rows_of(&script).into_iter().map(|row| row.0).collect();
    assert_eq!(read, [1, 2, 3]);
    let elsewhere = "INSERT INTO modelosemails SELECT * FROM copia;\nINSERT INTO modelosemails SELECT * FROM (SELECT * FROM copia) x;";
    let unread = (Severity::Warning, FindingCode::StatementNotRead);
    assert_eq!(codes(&read_script(elsewhere)), [unread, unread]);
}

fn read_script(script: &str) -> Gathered {
    read("x.sql", script.as_bytes())
}

#[test]
fn tables_of_every_kind_give_the_order_of_columns() {
    for kind in [
        "TABLE",
        "CACHED TABLE",
        "GLOBAL TEMPORARY TABLE",
        "COLUMN TABLE",
        "MEMORY TABLE IF NOT EXISTS",
    ] {
        let script = format!(
            "CREATE {kind} PUBLIC.MODELOSEMAILS(TEXTO CLOB, TITULO VARCHAR(255), IDMODELOEMAIL INTEGER, IDENTIFICADOR VARCHAR(20));\n\
             INSERT INTO PUBLIC.MODELOSEMAILS VALUES ('<p>x</p>','T',3,'h');"
        );
        assert_eq!(rows_of(&script), [(3, "h".to_owned())], "{kind}");
    }
    // The first statement of a procedure is no part of its name.
    let script = "CREATE PROCEDURE p INSERT INTO modelosemails VALUES (1,'T','<p>x</p>','A','a');";
    assert_eq!(rows_of(script).len(), 1);
}

#[test]
fn settings_say_what_a_backslash_is() {
    let row = r"INSERT INTO modelosemails VALUES (1,'T','<p>c:\temp\novo</p>','A','a');";
    for (head, escapes) in [
        ("SET standard_conforming_strings = off;", true),
        ("SET standard_conforming_strings TO 'off';", true),
        ("SET standard_conforming_strings = on;", false),
        (
            "ENGINE=InnoDB; /*!40101 SET SQL_MODE='ANSI,NO_BACKSLASH_ESCAPES' */;",
            false,
        ),
        (
            "ENGINE=InnoDB; SET SESSION sql_mode = CONCAT(@@sql_mode, ',no_backslash_escapes');",
            false,
        ),
        ("ENGINE=InnoDB; SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO';", true),
        ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;", false),
        ("BEGIN TRANSACTION;", false),
        ("BEGIN;", true),
    ] {
        let gathered = read_script(&format!("{head}\n{row}\n"));
        let html = if escapes {
            "<p>c:\temp\novo</p>"
        } else {
            r"<p>c:\temp\novo</p>"
        };
        assert_eq!(gathered.templates[0].html, html, "{head}");
    }
    let dump = r"PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
INSERT INTO modelosemails VALUES(1,'T',replace('<p>a</p>\n<p>\o/</p>','\n',char(10)),'A','a');";
    assert_eq!(read_script(dump).templates[0].html, "<p>a</p>\n<p>\\o/</p>");
}

#[test]
fn statements_that_change_or_hold_templates_are_said() {
    let unread = (Severity::Warning, FindingCode::StatementNotRead);
    for statement in [
        "UPDATE m SET texto = '<p>b</p>' FROM modelosemails m",
        "UPDATE m SET texto = REPLACE(texto, 'a', 'b') FROM dbo.modelosemails AS m WHERE id IN (SELECT 1 FROM x)",
        "UPDATE users u JOIN modelosemails m ON m.id = u.id SET m.texto = 'x'",
        "UPDATE TOP (1) modelosemails SET situacao = 'E'",
        "UPDATE IGNORE modelosemails SET situacao = 'E'",
        "UPDATE LOW_PRIORITY modelosemails SET situacao = 'E'",
        "UPDATE ONLY modelosemails SET situacao = 'E'",
        "DELETE m FROM modelosemails m",
        "DELETE TOP (5) FROM modelosemails",
        "DELETE FROM m USING modelosemails AS m",
        "TRUNCATE TABLE modelosemails",
        "TRUNCATE modelosemails",
        "LOAD DATA LOCAL INFILE 'm.txt' REPLACE INTO TABLE modelosemails",
        "BULK INSERT dbo.modelosemails FROM 'm'",
        "PREPARE q FROM 'INSERT INTO modelosemails VALUES (2,1,1,1,1)'",
        "EXEC sp_executesql N'INSERT INTO modelosemails VALUES (3,1,1,1,1)'",
        "EXEC sys.sp_executesql @stmt = N'INSERT INTO modelosemails VALUES (3,1,1,1,1)'",
        "\\copy modelosemails (titulo, texto) FROM 'm.csv' CSV\n",
        "\\i outro.sql\n",
    ] {
        let script =
            format!("{statement};\nINSERT INTO modelosemails VALUES (1,'T','<p>x</p>','A','a');");
        let gathered = read_script(&script);
        assert_eq!(ids(&gathered), [(1, "a")], "{statement}");
        assert_eq!(codes(&gathered), [unread], "{statement}");
    }
    for statement in [
        "UPDATE users SET a = (SELECT max(id) FROM modelosemails m)",
        "UPDATE u SET a = 1 FROM users u, x",
        "DELETE FROM users",
        "SELECT TRUNCATE(1.5, 1) FROM x",
        "TRUNCATE TABLE users",
        "LOAD DATA INFILE 'x' INTO TABLE users",
        "EXEC sp_executesql N'SELECT 1'",
        "\\copy modelosemails to 'm.csv'\n",
        "\\connect x\n",
        "UPDATE users SET a = 1\n",
    ] {
        let script = format!(
            "{statement}\nINSERT INTO modelosemails VALUES (1,'T','<p>x</p>','A','a') ON DUPLICATE KEY UPDATE texto = VALUES(texto);"
        );
        assert_eq!(rows_of(&script), [(1, "a".to_owned())], "{statement}");
    }
}

#[test]
fn a_body_that_is_no_text_is_decoded_or_said() {
    let copied = |body: &str| {
        format!(
            "COPY public.modelosemails (idmodeloemail, titulo, texto, situacao, identificador) FROM stdin;\n1\tT\t{body}\tA\ta\n\\.\n"
        )
    };
    let gathered = read_script(&copied("16543"));
    assert_eq!(
        codes(&gathered),
        [(Severity::Error, FindingCode::BodyMissing)]
    );
    assert_eq!(read_script(&copied("<p>16543</p>")).templates.len(), 1);
    let written = r"INSERT INTO modelosemails VALUES (1,'T','\x3c703e61c3a73c2f703e','A','a');";
    for script in [copied(r"\\x3c703e61c3a73c2f703e"), written.to_owned()] {
        assert_eq!(read_script(&script).templates[0].html, "<p>aç</p>");
    }
}

#[test]
fn a_status_that_is_not_known_is_named() {
    let script = "INSERT INTO modelosemails VALUES (1,'T','<p>x</p>','Talvez','a');";
    let gathered = read_script(script);
    for language in [Language::En, Language::Pt, Language::Es] {
        let message = gathered.findings[0].clone().in_language(language).message;
        assert!(
            message.contains("\"Talvez\"")
                && message.contains("Inativo") | message.contains("Inactivo"),
            "{message}"
        );
    }
    let missing = import::read(
        &[PathBuf::from("nada/x.sql")],
        &Options::default(),
        &mut |_| {},
    )
    .unwrap_err();
    assert_eq!(missing.phrase().get(Language::Pt), "nada/x.sql não existe");
    assert_eq!(
        missing.phrase().get(Language::En),
        "nada/x.sql does not exist"
    );
}

#[test]
fn values_that_databases_write_in_ways_of_their_own() {
    let html = |head: &str, value: &str| {
        let script = format!("{head}\nINSERT INTO modelosemails VALUES (1,'T',{value},'A','a');");
        let gathered = read_script(&script);
        assert_eq!(codes(&gathered), [], "{value}");
        gathered.templates[0].html.clone()
    };
    let oracle = "-- Oracle";
    assert_eq!(
        html(oracle, "'a'||CHR(50087)||CHR(14844051)||CHR(231)"),
        "aç–ç"
    );
    assert_eq!(html("-- PostgreSQL", "'a'||chr(231)||chr(8211)"), "aç–");
    let mysql = "-- MySQL";
    assert_eq!(
        html(
            mysql,
            "CONCAT('a', CHAR(195,167 USING utf8mb4), CHAR(13,10), CHAR(231))"
        ),
        "aç\r\nç"
    );
    let utf16 = "CAST(0x3c0070003e0061001320e700e3006f003c002f0070003e00 AS nvarchar(max))";
    assert_eq!(
        html("-- SQL Server", utf16),
        "<p>a–ção<p>".replace("o<p>", "o</p>")
    );
    assert_eq!(html("", r"STRINGDECODE('a\u00e7\n')"), "aç\n");
    assert_eq!(html("", "U&'a!00e7!!' UESCAPE '!'"), "aç!");
    assert_eq!(html("", r"U&'a\00e7!'"), "aç!");

    let sum = read_script("INSERT INTO modelosemails VALUES (2000 + 16,'T','x' + 'y','A','a');");
    assert_eq!(
        (sum.templates[0].id, sum.templates[0].html.as_str()),
        (None, "xy")
    );
    assert_eq!(
        codes(&sum),
        [(Severity::Warning, FindingCode::ValueUnreadable)]
    );

    let copied = "COPY modelosemails FROM stdin WITH (FORMAT text);\n1\tT\tx\tA\ta\n\\.\n";
    assert_eq!(rows_of(copied).len(), 1);
    let csv = read_script(&copied.replace("text", "csv"));
    assert_eq!(codes(&csv)[0].1, FindingCode::CopyFormat);
    let hash =
        "INSERT INTO modelosemails VALUES (1,'T','x','A','a') # don't\n, (2,'T','x','A','b');";
    assert_eq!(rows_of(hash).len(), 2);
}

#[test]
fn tables_with_bars_or_an_empty_first_line() {
    for (name, text) in [
        ("x.csv", "id|titulo|texto\n1|T|<p>a, b; c</p>\n"),
        ("x.csv", "\n\r\nid;titulo;texto\n1;T;\"<p>a, b; c</p>\"\n"),
        ("x", "id|titulo|texto\n1|T|<p>a, b; c</p>\n"),
    ] {
        assert_eq!(
            contents(name, text),
            (vec![pair("T", "<p>a, b; c</p>")], vec![]),
            "{text}"
        );
    }
}

#[test]
fn columns_that_a_table_gets_later_count() {
    let created = "CREATE TABLE modelosemails (idmodeloemail int, titulo varchar(255), texto text, PRIMARY KEY (idmodeloemail)) ENGINE=InnoDB;";
    for (alter, row) in [
        ("ADD COLUMN identificador varchar(20)", "1,'T','x','a'"),
        (
            "ADD identificador varchar(20), ADD KEY (identificador), ADD CONSTRAINT u UNIQUE (titulo)",
            "1,'T','x','a'",
        ),
        (
            "ADD (identificador varchar(20), situacao char(1))",
            "1,'T','x','a','A'",
        ),
        (
            "ADD COLUMN `identificador` varchar(20) AFTER `idmodeloemail`, ADD COLUMN x int FIRST",
            "0,1,'a','T','x'",
        ),
        (
            "ADD COLUMN IF NOT EXISTS identificador varchar(20), DROP COLUMN x",
            "1,'T','x','a'",
        ),
        (
            "DROP COLUMN titulo, ADD assunto text, ADD identificador text",
            "1,'x','T','a'",
        ),
        (
            "ADD COLUMN identificador varchar(20)\nGO\n",
            "1,'T','x','a'",
        ),
    ] {
        let script = format!(
            "{created}\nALTER TABLE ONLY users ADD COLUMN x int;\nALTER TABLE modelosemails {alter};\n\
             ALTER TABLE modelosemails ALTER COLUMN idmodeloemail ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 1);\n\
             INSERT INTO modelosemails VALUES ({row});"
        );
        assert_eq!(rows_of(&script), [(1, "a".to_owned())], "{alter}");
        assert_eq!(read_script(&script).templates[0].title, "T", "{alter}");
    }
}
