#![doc = include_str!("../README.md")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt, fs,
    path::{Path, PathBuf},
};

/// The languages: the folder, and the field of `Texts`.
const LANGUAGES: [(&str, &str); 3] = [("pt-BR", "pt"), ("en", "en"), ("es", "es")];

/// A file: section → name → text.
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// Why the texts of a crate cannot be written.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// For a build script: writes the texts of `name` to `texts.rs` in the folder of what is built.
///
/// # Errors
/// A file that cannot be read, and languages that do not fit each other.
pub fn write(name: &str) -> Result<(), Fault> {
    let mut languages = Vec::new();
    for (folder, field) in LANGUAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join(format!("{name}.toml"));
        println!("cargo::rerun-if-changed={}", path.display());
        let shown = format!("locales/{folder}/{name}.toml");
        let text = fs::read_to_string(&path).map_err(|e| Fault(format!("{shown}: {e}")))?;
        let read = toml::from_str(&text).map_err(|e| Fault(format!("{shown}: {e}")))?;
        languages.push(Language {
            shown,
            field,
            sections: read,
        });
    }
    let code = code(&languages)?;
    let folder = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Fault("there is no OUT_DIR: this runs in a build script".to_owned()))?;
    fs::write(folder.join("texts.rs"), code).map_err(|e| Fault(format!("texts.rs: {e}")))
}

struct Language {
    /// Its file, for people.
    shown: String,
    field: &'static str,
    sections: Sections,
}

impl Language {
    fn names(&self) -> impl Iterator<Item = (&String, &String)> {
        let sections = self.sections.iter();
        sections.flat_map(|(section, texts)| texts.keys().map(move |name| (section, name)))
    }

    fn text(&self, section: &str, name: &str) -> Result<&str, Fault> {
        let found = self.sections.get(section).and_then(|texts| texts.get(name));
        found
            .map(String::as_str)
            .ok_or_else(|| Fault(format!("{} lacks {name} under [{section}]", self.shown)))
    }
}

/// A module a section, a constant a text.
fn code(languages: &[Language]) -> Result<String, Fault> {
    let names: BTreeSet<_> = languages.iter().flat_map(Language::names).collect();
    let mut code = String::new();
    let mut open = "";
    for (section, name) in names {
        if section != open {
            close(&mut code, open);
            code.push_str(&format!(
                "pub(crate) mod {section} {{\n    use super::Texts;\n"
            ));
            open = section;
        }
        let mut fields = String::new();
        let mut expected = None;
        for language in languages {
            let text = language.text(section, name)?;
            let found = places(text);
            let expected = expected.get_or_insert_with(|| found.clone());
            // One place alone: the sentence of another program, which speaks that language.
            if found != *expected && text != "{text}" {
                return Err(Fault(format!(
                    "{}: {name} under [{section}] has the places {found:?}, and {expected:?} in {}",
                    language.shown, languages[0].shown
                )));
            }
            fields.push_str(&format!("{}: {text:?}, ", language.field));
        }
        code.push_str(&format!(
            "    pub(crate) const {}: Texts = Texts {{ {fields}}};\n",
            name.to_uppercase()
        ));
    }
    close(&mut code, open);
    Ok(code)
}

fn close(code: &mut String, open: &str) {
    if !open.is_empty() {
        code.push_str("}\n");
    }
}

/// The names in `{name}`.
fn places(text: &str) -> BTreeSet<&str> {
    let after = text.split('{').skip(1);
    let names = after.filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let is_name =
        |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    names.filter(is_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(texts: [&str; 3]) -> Vec<Language> {
        let read = |((folder, field), text): ((&str, &'static str), &str)| Language {
            shown: folder.to_owned(),
            field,
            sections: toml::from_str(text).expect(text),
        };
        LANGUAGES.into_iter().zip(texts).map(read).collect()
    }

    fn fault(texts: [&str; 3]) -> String {
        code(&languages(texts)).expect_err("a fault").to_string()
    }

    #[test]
    fn a_text_is_a_constant_of_its_section() {
        let written = code(&languages([
            "[a]\nb = \"até {max}\"",
            "[a]\nb = \"to {max}\"",
            "[a]\nb = \"{max} \\\"como\\\" máximo\"",
        ]));
        let line = r#"pub(crate) const B: Texts = Texts { pt: "até {max}", en: "to {max}", es: "{max} \"como\" máximo", };"#;
        assert!(written.expect("code").contains(line));
    }

    #[test]
    fn no_language_lacks_a_text() {
        let [all, less] = ["[a]\nb = \"x\"\nc = \"x\"", "[a]\nb = \"x\""];
        assert_eq!(fault([all, all, less]), "es lacks c under [a]");
        assert_eq!(fault([less, all, less]), "pt-BR lacks c under [a]");
        assert_eq!(
            fault([all, "[a]\nb = \"x\"\n[d]\nc = \"x\"", all]),
            "en lacks c under [a]"
        );
    }

    #[test]
    fn places_are_the_same_in_every_language() {
        let [one, other] = ["[a]\nb = \"{max}\"", "[a]\nb = \"{most}\""];
        assert!(fault([one, one, other]).starts_with("es: b under [a] has the places"));
        let key = "[a]\nb = \"${KEY} {TOKEN(…)} {\"";
        assert!(code(&languages([key, key, "[a]\nb = \"\""])).is_ok());
    }
}
