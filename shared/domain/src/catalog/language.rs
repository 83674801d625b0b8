//! The languages that the catalogues and mails speak.

use std::fmt;

use super::{LanguageTag, Phrase};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language of the product. Portuguese is the source language, so it is the default.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
)]
pub enum Language {
    /// Brazilian Portuguese, `pt-BR`; every other Portuguese is read as it.
    #[default]
    #[serde(rename = "pt-BR")]
    Pt,
    /// English, `en`, whatever the region.
    #[serde(rename = "en")]
    En,
    /// Spanish, `es`, whatever the region.
    #[serde(rename = "es")]
    Es,
}

impl Language {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Pt, Self::En, Self::Es];

    /// The language of a BCP 47 tag, whatever its region and case (`pt-PT`, `EN_us`); `None`
    /// when it is another language.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = LanguageTag::read(tag)?;
        Self::ALL
            .into_iter()
            .find(|language| language.primary() == tag.language())
    }

    /// The language of a tag, or the default.
    pub fn of(tag: &str) -> Self {
        Self::from_tag(tag).unwrap_or_default()
    }

    /// The best language for an `Accept-Language` header (RFC 9110, 12.5.4): the highest quality
    /// wins, the first among equals; the default when nothing fits.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',').take(32) {
            let mut fields = range.split(';');
            let tag = fields.next().unwrap_or_default().trim();
            let quality = fields
                .find_map(|field| field.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            let language = if tag == "*" {
                Some(Self::default())
            } else {
                Self::from_tag(tag)
            };
            if let Some(language) = language
                && quality > best.map_or(0.0, |(_, q)| q)
            {
                best = Some((language, quality));
            }
        }
        best.map(|(language, _)| language).unwrap_or_default()
    }

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Pt => "pt-BR",
            Self::En => "en",
            Self::Es => "es",
        }
    }

    fn primary(self) -> &'static str {
        match self {
            Self::Pt => "pt",
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// One text in every language. Those of the product are written into constants from `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    /// In Brazilian Portuguese (`pt-BR`).
    pub pt: &'static str,
    /// In English (`en`), whatever the region.
    pub en: &'static str,
    /// In Spanish (`es`), whatever the region.
    pub es: &'static str,
}

impl Texts {
    /// The text in one language.
    pub fn get(&self, language: Language) -> &'static str {
        match language {
            Language::Pt => self.pt,
            Language::En => self.en,
            Language::Es => self.es,
        }
    }

    /// What needs no translation.
    pub const fn same(text: &'static str) -> Self {
        Self {
            pt: text,
            en: text,
            es: text,
        }
    }

    /// As a phrase without values.
    pub fn phrase(self) -> Phrase {
        self.into()
    }

    /// As a phrase, with a value in the place of this name.
    pub fn with(self, name: &'static str, value: impl fmt::Display) -> Phrase {
        self.phrase().with(name, value)
    }

    /// As a phrase, with another one in the place of this name.
    pub fn with_phrase(self, name: &'static str, value: impl Into<Phrase>) -> Phrase {
        self.phrase().with_phrase(name, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_a_language_whatever_region_and_case() {
        assert_eq!(Language::from_tag("PT_br"), Some(Language::Pt));
        assert_eq!(Language::from_tag("en-GB"), Some(Language::En));
        assert_eq!(Language::from_tag("es-419"), Some(Language::Es));
        assert_eq!(Language::from_tag("english"), None);
        assert_eq!(Language::of("de"), Language::Pt);
    }

    #[test]
    fn accept_language_takes_the_best_quality() {
        for (header, expected) in [
            ("", Language::Pt),
            ("de-DE,de;q=0.9", Language::Pt),
            ("de, en;q=0.8, es;q=0.9", Language::Es),
            ("en-US,pt-BR", Language::En),
            ("es;q=0, en;q=0.1", Language::En),
            ("*", Language::Pt),
            ("en;q=broken", Language::Pt),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }
}
