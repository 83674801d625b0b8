//! A sentence in every language, with named places for what differs from time to time.

use std::{collections::BTreeMap, fmt};

use super::language::{Language, Texts};

/// A sentence in every language. `{name}` in its texts is replaced by the value of that name, so that
/// each language puts it where its grammar wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    words: Words,
    params: Vec<(&'static str, Param)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    /// Boxed: an error carries a phrase, and a large error costs every result that could be one.
    Each(Box<Texts>),
    Same(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Param {
    Value(String),
    Phrase(Box<Phrase>),
}

impl Phrase {
    /// The same words in every language: a name, a code, what another system said.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self {
            words: Words::Same(text.into()),
            params: Vec::new(),
        }
    }

    /// The phrase with a value in the place of this name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.params.push((name, Param::Value(value.to_string())));
        self
    }

    /// The phrase with another one, in the reader's language, in the place of this name.
    #[must_use]
    pub fn with_phrase(mut self, name: &'static str, value: impl Into<Phrase>) -> Self {
        self.params
            .push((name, Param::Phrase(Box::new(value.into()))));
        self
    }

    /// The sentence in one language.
    pub fn get(&self, language: Language) -> String {
        let text = match &self.words {
            Words::Same(text) => return text.clone(),
            Words::Each(texts) => texts.get(language),
        };
        fill(text, |name| {
            let (_, value) = self.params.iter().find(|(known, _)| *known == name)?;
            Some(value.get(language))
        })
    }

    /// The values in the sentence by name, for a client that words the finding itself. What only the
    /// sentence of another language has a place for is not among them.
    pub fn params(&self, language: Language) -> BTreeMap<String, String> {
        let Words::Each(texts) = &self.words else {
            return BTreeMap::new();
        };
        let text = texts.get(language);
        let params = self.params.iter();
        params
            .filter(|(name, _)| text.contains(&format!("{{{name}}}")))
            .map(|(name, value)| ((*name).to_owned(), value.get(language)))
            .collect()
    }
}

impl Param {
    fn get(&self, language: Language) -> String {
        match self {
            Self::Value(value) => value.clone(),
            Self::Phrase(phrase) => phrase.get(language),
        }
    }
}

/// The text with `{name}` replaced; a name without a value stays as it is.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let close = rest.find('}').map_or(rest.len(), |close| close + 1);
        let place = &rest[..close];
        let name = place.trim_start_matches('{').trim_end_matches('}');
        match value(name) {
            Some(value) => filled.push_str(&value),
            None => filled.push_str(place),
        }
        rest = &rest[close..];
    }
    filled.push_str(rest);
    filled
}

impl From<Texts> for Phrase {
    fn from(texts: Texts) -> Self {
        Self {
            words: Words::Each(Box::new(texts)),
            params: Vec::new(),
        }
    }
}

impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::verbatim(text)
    }
}

impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        Self::verbatim(text)
    }
}

/// In English: for logs.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.get(Language::En))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_puts_a_value_where_it_wants() {
        let phrase = Texts {
            pt: "no máximo {max} caracteres em {field}",
            en: "{field}: at most {max} characters",
            es: "{field}: {max} caracteres como máximo",
        }
        .with("max", 5)
        .with("field", "a{b}");
        assert_eq!(
            phrase.get(Language::Pt),
            "no máximo 5 caracteres em a{b}",
            "a value is not looked at again"
        );
        assert_eq!(phrase.to_string(), "a{b}: at most 5 characters");
        assert_eq!(phrase.params(Language::Es)["max"], "5");
    }

    #[test]
    fn the_values_of_a_sentence_are_those_that_it_has_a_place_for() {
        let phrase = Texts {
            pt: "falta {field}",
            en: "{text}",
            es: "falta {field}",
        }
        .with("field", "x")
        .with("text", "x is missing");
        let pt = phrase.params(Language::Pt);
        assert_eq!(Vec::from_iter(pt), [("field".into(), "x".into())]);
        let en = phrase.params(Language::En);
        assert_eq!(Vec::from_iter(en), [("text".into(), "x is missing".into())]);
    }

    #[test]
    fn what_is_not_a_known_name_stays() {
        let phrase = Texts::same("{…} and {x").with("y", 1);
        assert_eq!(phrase.to_string(), "{…} and {x");
    }
}
