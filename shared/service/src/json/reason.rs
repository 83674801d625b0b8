//! What serde says of a document, in the reader's language. In English it stays as serde words it.

use domain::catalog::{Phrase, phrase};

/// Why a document cannot be read. What is not one of serde's own sentences (a type of ours that refuses
/// a value) stays as it is.
pub fn reason(text: &str) -> Phrase {
    syntax(text)
        .or_else(|| field(text))
        .or_else(|| mismatch(text))
        .unwrap_or_else(|| Phrase::verbatim(text))
}

/// Text that is not JSON.
fn syntax(text: &str) -> Option<Phrase> {
    let says = |pt, en, es| Some(phrase(pt, en, es));
    match text {
        "expected value" => says("falta um valor", "expected value", "falta un valor"),
        "expected ident" => says(
            "só true, false e null são palavras sem aspas",
            "expected ident",
            "solo true, false y null son palabras sin comillas",
        ),
        "expected `:`" => says("falta `:`", "expected `:`", "falta `:`"),
        "expected `,` or `}`" => says("falta `,` ou `}`", "expected `,` or `}`", "falta `,` o `}`"),
        "expected `,` or `]`" => says("falta `,` ou `]`", "expected `,` or `]`", "falta `,` o `]`"),
        "key must be a string" => says(
            "o nome de um campo vai entre aspas",
            "key must be a string",
            "el nombre de un campo va entre comillas",
        ),
        "trailing comma" => says("há uma vírgula a mais", "trailing comma", "sobra una coma"),
        "trailing characters" => says("há texto a mais", "trailing characters", "sobra texto"),
        "invalid number" => says(
            "este não é um número",
            "invalid number",
            "este no es un número",
        ),
        "number out of range" => says(
            "o número é grande demais",
            "number out of range",
            "el número es demasiado grande",
        ),
        "invalid escape" => says(
            "esta sequência com \\ não existe",
            "invalid escape",
            "esta secuencia con \\ no existe",
        ),
        "invalid unicode code point" => says(
            "este caractere não existe",
            "invalid unicode code point",
            "este carácter no existe",
        ),
        "recursion limit exceeded" => says(
            "há níveis demais, um dentro do outro",
            "recursion limit exceeded",
            "hay demasiados niveles, uno dentro de otro",
        ),
        _ if text.starts_with("EOF while parsing") => Some(
            phrase(
                "o texto termina antes do fim",
                "{text}",
                "el texto termina antes del fin",
            )
            .with("text", text),
        ),
        _ if text.starts_with("control character") => Some(
            phrase(
                "há um caractere de controle em um texto",
                "{text}",
                "hay un carácter de control en un texto",
            )
            .with("text", text),
        ),
        _ if text.contains("hex escape") => Some(
            phrase(
                "falta a outra metade de um caractere \\u",
                "{text}",
                "falta la otra mitad de un carácter \\u",
            )
            .with("text", text),
        ),
        _ => None,
    }
}

/// A field that is missing or there twice.
fn field(text: &str) -> Option<Phrase> {
    let named = |prefix| text.strip_prefix(prefix)?.strip_suffix('`');
    if let Some(field) = named("missing field `") {
        let missing = phrase(
            "falta o campo `{field}`",
            "{text}",
            "falta el campo `{field}`",
        );
        return Some(missing.with("field", field).with("text", text));
    }
    let field = named("duplicate field `")?;
    let twice = phrase(
        "o campo `{field}` está duas vezes",
        "{text}",
        "el campo `{field}` está dos veces",
    );
    Some(twice.with("field", field).with("text", text))
}

/// A value that is not of the type or of the names that are taken.
fn mismatch(text: &str) -> Option<Phrase> {
    let (kind, rest) = text.split_once(": ").unwrap_or(("", text));
    if let Some(rest) = text.strip_prefix("unknown variant `") {
        let (found, known) = rest.split_once("`, ")?;
        let known = known
            .strip_prefix("expected one of ")
            .or_else(|| known.strip_prefix("expected "))
            .unwrap_or(known);
        let unknown = phrase(
            "`{found}` não é um valor conhecido; os valores são {known}",
            "{text}",
            "`{found}` no es un valor conocido; los valores son {known}",
        );
        return Some(
            unknown
                .with("found", found)
                .with("known", known)
                .with("text", text),
        );
    }
    let sentence = match kind {
        "invalid type" => phrase(
            "é {found}; espera-se {expected}",
            "{text}",
            "es {found}; se espera {expected}",
        ),
        "invalid value" => phrase(
            "o valor {found} não serve; espera-se {expected}",
            "{text}",
            "el valor {found} no sirve; se espera {expected}",
        ),
        "invalid length" => phrase(
            "o tamanho {found} não serve; espera-se {expected}",
            "{text}",
            "el tamaño {found} no sirve; se espera {expected}",
        ),
        _ => return None,
    };
    let (found, expected) = rest.rsplit_once(", expected ")?;
    Some(
        sentence
            .with_phrase("found", value(found))
            .with_phrase("expected", wanted(expected))
            .with("text", text),
    )
}

/// A value as serde names it: its kind, and itself where it is short.
fn value(found: &str) -> Phrase {
    let kinds = [
        (
            "string ",
            phrase("o texto {it}", "string {it}", "el texto {it}"),
        ),
        (
            "integer ",
            phrase("o número {it}", "integer {it}", "el número {it}"),
        ),
        (
            "floating point ",
            phrase("o número {it}", "floating point {it}", "el número {it}"),
        ),
        (
            "boolean ",
            phrase("o valor {it}", "boolean {it}", "el valor {it}"),
        ),
        (
            "character ",
            phrase("o texto {it}", "character {it}", "el texto {it}"),
        ),
    ];
    for (kind, sentence) in kinds {
        if let Some(it) = found.strip_prefix(kind) {
            return sentence.with("it", it);
        }
    }
    match found {
        "null" | "unit value" => phrase("nulo (null)", "null", "nulo (null)"),
        "sequence" => phrase("uma lista", "sequence", "una lista"),
        "map" => phrase("um objeto", "map", "un objeto"),
        _ => Phrase::verbatim(found),
    }
}

/// What serde expects, by the name of a type.
fn wanted(expected: &str) -> Phrase {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => phrase(
            "um número inteiro, zero ou mais",
            "a whole number, zero or more",
            "un número entero, cero o más",
        ),
        "i8" | "i16" | "i32" | "i64" | "isize" => {
            phrase("um número inteiro", "a whole number", "un número entero")
        }
        "f32" | "f64" => phrase("um número", "a number", "un número"),
        "a string" | "string" | "a borrowed string" | "str" => {
            phrase("um texto", "a string", "un texto")
        }
        "a boolean" => phrase("true ou false", "a boolean", "true o false"),
        "a sequence" => phrase("uma lista", "a sequence", "una lista"),
        "a map" => phrase("um objeto", "a map", "un objeto"),
        _ if expected.starts_with("struct ") => phrase("um objeto", "an object", "un objeto"),
        _ if expected.contains("UUID") => phrase("um UUID", "a UUID", "un UUID"),
        _ => Phrase::verbatim(expected),
    }
}

#[cfg(test)]
mod tests {
    use domain::catalog::Language;
    use serde::Deserialize;

    use super::reason;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only parsed")]
    struct Sample {
        count: u32,
        name: Option<String>,
        #[serde(default)]
        list: Vec<bool>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        One,
        Two,
    }

    /// The sentence without serde's position.
    fn says(text: &str) -> String {
        let error = serde_json::from_str::<Sample>(text).expect_err(text);
        let error = error.to_string();
        error
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn what_serde_says_is_told_in_every_language_and_stays_its_own_in_english() {
        for text in [
            "{}",
            r#"{"count": 1, "count": 2}"#,
            r#"{"count": "x"}"#,
            r#"{"count": -1}"#,
            r#"{"count": 1.5}"#,
            r#"{"count": null}"#,
            r#"{"count": {}}"#,
            r#"{"count": 1, "name": 3}"#,
            r#"{"count": 1, "name": []}"#,
            r#"{"count": 1, "list": {}}"#,
            r#"{"count": 1, "list": [1]}"#,
            r#"{"count": 1, "kind": "three"}"#,
            "3",
            "",
            "{",
            "{\"count\"",
            "{\"count\" 1}",
            "{\"count\": 1 2}",
            "{\"count\": 1,}",
            "{\"list\": [true false]}",
            "{\"count\": 1} 2",
            "{count: 1}",
            "{\"count\": tru}",
            "{\"count\": 1e999}",
            "{\"count\": -}",
            "{\"name\": \"\u{1}\"}",
            "{\"name\": \"\\x\"}",
            "{\"name\": \"\\ud800\"}",
        ] {
            let said = says(text);
            let [pt, en, es] = [Language::Pt, Language::En, Language::Es]
                .map(|language| reason(&said).get(language));
            assert_eq!(en, said, "{text}");
            assert!(pt != en && es != en, "{text}: {pt} | {en} | {es}");
            let foreign = ["expected", "invalid", "missing", "sequence", "string"];
            assert!(
                !foreign.iter().any(|word| pt.contains(word)),
                "{text}: {pt}"
            );
        }
        assert_eq!(reason("not a day").get(Language::Pt), "not a day");
    }
}
