//! Any text, written as a literal by writers that know nothing of the reader, is read back as it was.

use proptest::prelude::*;

use super::read_sql;

/// A writer of literals, as a tool of that database would write them.
type Writer = fn(&str) -> String;

fn mysql(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\0' => out += "\\0",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\\' => out += "\\\\",
            '\'' => out += "\\'",
            '"' => out += "\\\"",
            '\u{1a}' => out += "\\Z",
            other => out.push(other),
        }
    }
    out + "'"
}

fn standard(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn national(text: &str) -> String {
    // A backslash at the end of a line would join it to the next one.
    let joined = standard(text)
        .replace("\\\r\n", "\\' + N'\r\n")
        .replace("\\\n", "\\' + N'\n");
    format!("N{joined}")
}

fn c_style(text: &str) -> String {
    format!(
        "E'{}'",
        text.replace('\\', "\\\\")
            .replace('\'', "\\'")
            .replace('\n', "\\n")
    )
}

fn dollar(text: &str) -> String {
    if text.contains('$') {
        standard(text)
    } else {
        format!("$t${text}$t$")
    }
}

fn clobs(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let parts: Vec<String> = chars
        .chunks(7)
        .map(|part| format!("TO_CLOB({})", standard(&part.iter().collect::<String>())))
        .collect();
    if parts.is_empty() {
        "EMPTY_CLOB()".to_owned()
    } else {
        parts.join(" || ")
    }
}

fn alternative(text: &str) -> String {
    if text.contains("]'") {
        standard(text)
    } else {
        format!("q'[{text}]'")
    }
}

const MYSQL: (&str, &str) = (
    "CREATE TABLE `x` (`id` int) ENGINE=InnoDB;\n",
    "`modelosemails`",
);
const POSTGRESQL: (&str, &str) = (
    "SET standard_conforming_strings = on;\n",
    "public.modelosemails",
);
const SQLSERVER: (&str, &str) = ("SET NOCOUNT ON\nGO\n", "[dbo].[modelosemails]");
const ORACLE: (&str, &str) = (
    "CREATE TABLE x (id NUMBER(10,0), y VARCHAR2(20));\n",
    "\"MODELOSEMAILS\"",
);

const WRITERS: [((&str, &str), Writer); 8] = [
    (MYSQL, mysql),
    (POSTGRESQL, standard),
    (POSTGRESQL, c_style),
    (POSTGRESQL, dollar),
    (SQLSERVER, national),
    (ORACLE, standard),
    (ORACLE, clobs),
    (ORACLE, alternative),
];

/// Text with much of what matters to a reader of SQL, and with anything else.
fn html() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("\"".to_owned()),
        Just("\r\n".to_owned()),
        Just("\ninsert into modelosemails values (1,'".to_owned()),
        Just("');--".to_owned()),
        Just("]'".to_owned()),
        Just("$t$".to_owned()),
        Just("/*".to_owned()),
        Just("${IDSOLICITACAOSERVICO}".to_owned()),
        Just("ção".to_owned()),
        "[a-z<>/ ]{1,12}",
        "\\PC{1,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_comes_back(rows in prop::collection::vec((html(), html()), 1..4)) {
        for ((prologue, table), write) in WRITERS {
            let values: Vec<String> = rows
                .iter()
                .enumerate()
                .map(|(n, (title, body))| format!("({}, {}, {}, 'A', {})", n + 1, write(title), write(body), write("id")))
                .collect();
            let script = format!("{prologue}INSERT INTO {table} VALUES {};\nINSERT INTO other VALUES ('x');\n", values.join(",\n"));
            let read = read_sql(script.as_bytes(), "x");
            let found: Vec<(String, String)> = read.templates.into_iter().map(|t| (t.title, t.html)).collect();
            prop_assert_eq!(&found, &rows, "{}", script);
        }
    }
}
