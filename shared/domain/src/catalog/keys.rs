//! Keys of the template language, as an administrator knows them from CITSmart 8's messaging page.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::language::Texts;
use crate::{accents::without_accent, texts};

mod table;

pub use table::KEYS;

/// The sentence that `RESPONDERPOREMAIL` stands for, where mails can be answered.
pub const REPLY_BY_MAIL: Texts = texts::keys::REPLY_BY_MAIL;

/// What a key's value is, and so how it is written into a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Plain text; escaped for the place where it stands.
    Text,
    /// Plain text whose newlines become `<br>` in HTML.
    Lines,
    /// Rich text from the ticket: sanitised markup in HTML, flattened in text.
    Html,
    /// An `<a>` in HTML, the URL in text.
    Link,
    /// A day, written as the recipient's language and region write it.
    Date,
    /// A day and time.
    DateTime,
    /// A length of time, in words or as `HH:MM`.
    Duration,
}

/// A key of the template language.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The name that templates are stored with, upper case, without `${}`.
    pub name: &'static str,
    /// Other names of the same value.
    pub aliases: &'static [&'static str],
    /// What its value is.
    pub kind: KeyKind,
    /// What the editor of templates calls it.
    pub labels: Texts,
    /// A value to preview with; HTML when the kind is `html`.
    pub sample: Texts,
    /// Whether it is one of the messaging page's keys.
    pub messaging: bool,
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static Key>> = LazyLock::new(|| {
    KEYS.iter()
        .flat_map(|key| {
            std::iter::once((key.name, key)).chain(key.aliases.iter().map(move |&a| (a, key)))
        })
        .collect()
});

/// The key with this canonical name or alias, in its exact case.
pub fn find(name: &str) -> Option<&'static Key> {
    BY_NAME.get(name).copied()
}

/// The known name that is this one in another case.
pub fn find_in_any_case(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    BY_NAME
        .get_key_value(upper.as_str())
        .map(|(known, _)| *known)
}

/// The known name that was most likely meant: the same letters in another case or with accents
/// and separators, else the nearest by edit distance when it is near enough.
pub fn nearest(name: &str) -> Option<&'static str> {
    /// A longer name than this is not a typo.
    const LONGEST: usize = 64;
    let wanted = fold(name);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    if let Some(found) = all_names().find(|known| *known == wanted) {
        return Some(found);
    }
    let allowed = match wanted.len() {
        0..=3 => 0,
        4..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    all_names()
        .filter(|known| known.len().abs_diff(wanted.len()) <= allowed)
        .map(|known| (strsim::osa_distance(known, &wanted), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Every canonical name and alias, in the catalogue's order.
pub fn all_names() -> impl Iterator<Item = &'static str> {
    KEYS.iter()
        .flat_map(|key| std::iter::once(key.name).chain(key.aliases.iter().copied()))
}

/// Upper case without accents and separators: what stays of a name when typos are
/// taken away.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(without_accent)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::catalog::Language;

    #[test]
    fn every_name_is_upper_case_and_unique() {
        let mut seen = HashSet::new();
        for name in all_names() {
            assert!(seen.insert(name), "{name} twice");
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
                "{name}"
            );
        }
    }

    #[test]
    fn every_key_is_complete_in_every_language() {
        for key in KEYS {
            for language in Language::ALL {
                assert!(!key.labels.get(language).is_empty(), "{}", key.name);
                assert!(!key.sample.get(language).is_empty(), "{}", key.name);
            }
        }
    }

    #[test]
    fn the_messaging_page_lists_eleven_keys_and_the_message() {
        let page: Vec<_> = KEYS
            .iter()
            .filter(|k| k.messaging)
            .map(|k| k.name)
            .collect();
        assert_eq!(
            page,
            [
                "IDSOLICITACAOSERVICO",
                "NOMECONTATO",
                "REGISTRADOPOR",
                "DATAHORA",
                "DEMANDA",
                "SERVICO",
                "SERVICORELACIONADO",
                "PORTFOLIO",
                "CATEGORIA",
                "TEMPOGASTODATA",
                "TEMPOGASTOHORA",
                "COMMENTTEXT",
            ]
        );
    }

    #[test]
    fn aliases_find_their_key_and_case_counts() {
        assert_eq!(find("CONTACTNAME").map(|k| k.name), Some("NOMECONTATO"));
        assert_eq!(find("OCORRENCIAS").map(|k| k.name), Some("COMMENTTEXT"));
        assert!(find("NomeContato").is_none());
    }

    #[test]
    fn the_nearest_name_is_the_one_meant() {
        for (written, meant) in [
            ("dataHora", Some("DATAHORA")),
            ("NOMECONTATOO", Some("NOMECONTATO")),
            ("CONTACTNAM", Some("CONTACTNAME")),
            ("NOME_CONTATO", Some("NOMECONTATO")),
            ("DESCRIÇÃO", Some("DESCRICAO")),
            ("ocorrencias", Some("OCORRENCIAS")),
            ("IDREQUISICAOMUDANCA", None),
            ("X", None),
            ("", None),
        ] {
            assert_eq!(nearest(written), meant, "{written}");
        }
        assert_eq!(nearest(&"A".repeat(100_000)), None);
    }
}
