//! Templates to start from: what a desk sends first, in every language, as data.
//!
//! A starter is one HTML and one text file with `[[words]]` in place of its sentences, within a frame that all
//! share; the words are in [`WORDS`]. What comes of it is a template like any other.

use super::language::{Language, Texts};
use crate::template::Variant;

mod words;

use words::WORDS;

/// What stands around the content of every starter.
const FRAME: &str = include_str!("starters/frame.html");

/// A template to start from.
#[derive(Clone, Copy, Debug)]
pub struct Starter {
    /// Name that calls of the API use, the same in every language.
    pub id: &'static str,
    /// Identifier that a template made of it begins with.
    pub identifier: &'static str,
    /// The parameter that a template of this kind is made for.
    pub parameter: u16,
    /// The title that administrators choose it by.
    pub names: Texts,
    /// What it is for.
    pub descriptions: Texts,
    title: &'static str,
    html: &'static str,
    text: &'static str,
}

impl Starter {
    /// The starter with this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        words::STARTERS.iter().find(|starter| starter.id == id)
    }

    /// All of them, the one for every message first.
    pub fn all() -> &'static [Self] {
        words::STARTERS
    }

    /// The starter in a language, in the syntax `tera`.
    pub fn variant(&self, language: Language) -> Variant {
        let html = FRAME.replace("[[content]]", self.html.trim_end());
        Variant {
            title: worded(self.title, language),
            html: worded(&html, language),
            text: Some(worded(self.text, language)),
        }
    }
}

/// The text with its words in a language.
fn worded(text: &str, language: Language) -> String {
    let text = text.replace("[[language]]", language.tag());
    WORDS.iter().fold(text, |text, (name, words)| {
        text.replace(&format!("[[{name}]]"), words.get(language))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_starter_is_there_and_used() {
        let mut sources = String::from(FRAME);
        for starter in Starter::all() {
            for part in [starter.title, starter.html, starter.text] {
                sources.push_str(part);
            }
            for language in Language::ALL {
                let Variant { title, html, text } = starter.variant(language);
                for part in [title, html, text.unwrap_or_default()] {
                    assert!(
                        !part.contains("[["),
                        "{} {}: {part}",
                        starter.id,
                        language.tag()
                    );
                }
            }
        }
        for (name, _) in WORDS {
            assert!(
                sources.contains(&format!("[[{name}]]")),
                "nothing says {name}"
            );
        }
    }
}
