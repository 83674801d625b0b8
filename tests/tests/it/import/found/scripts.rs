//! Scripts of SQL.

use std::path::PathBuf;

use domain::{catalog::Language, diagnostic::Severity, import::FindingCode};
use import::{Gathered, Options};

use super::{codes, ids, read};

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
