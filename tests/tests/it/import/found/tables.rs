//! Tables: separated values, what `mysql` prints, XML.

use std::collections::BTreeSet;
use std::path::Path;

use domain::{diagnostic::Severity, import::FindingCode};
use import::Options;

use super::{codes, ids, read};

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
