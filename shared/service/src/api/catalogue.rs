//! The keys and functions that a template can use.

use serde::Serialize;
use utoipa::ToSchema;

use super::each;
use domain::catalog::{
    Language,
    keys::{KEYS, Key, KeyKind},
};
use render::functions;

/// A key as `GET /keys` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyView {
    /// The name that templates are stored with, upper case, without `${}`.
    pub key: String,
    /// Other names of the same value.
    pub aliases: Vec<String>,
    /// What its value is.
    pub kind: KeyKind,
    /// Name in the caller's language.
    pub label: String,
    /// Names in all languages.
    pub labels: Labels,
    /// A sample value in the caller's language.
    pub sample: String,
    /// Whether it is one of the messaging page's keys.
    pub messaging: bool,
}

/// A name in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Labels {
    /// In Brazilian Portuguese (`pt-BR`).
    pub pt: String,
    /// In English (`en`), whatever the region.
    pub en: String,
    /// In Spanish (`es`), whatever the region.
    pub es: String,
}

impl KeyView {
    /// Every key of the catalogue, in order.
    pub fn all(language: Language) -> Vec<Self> {
        KEYS.iter().map(|key| Self::new(key, language)).collect()
    }

    fn new(key: &Key, language: Language) -> Self {
        Self {
            key: key.name.to_owned(),
            aliases: key.aliases.iter().map(|&alias| alias.to_owned()).collect(),
            kind: key.kind,
            label: key.labels.get(language).to_owned(),
            labels: Labels {
                pt: key.labels.pt.to_owned(),
                en: key.labels.en.to_owned(),
                es: key.labels.es.to_owned(),
            },
            sample: key.sample.get(language).to_owned(),
            messaging: key.messaging,
        }
    }
}

shown! {
    /// A function of the template language as `GET /keys` shows it.
    pub struct FunctionView = functions::FunctionView {
        /// Name as templates write it, upper case: `TOKEN`.
        pub name: String,
        /// Name for people, in the caller's language.
        pub label: String,
        /// What it makes, in the caller's language.
        pub description: String,
        /// Its arguments, in order.
        pub arguments: Vec<ArgumentView> = each(arguments),
        /// A call as it is written in a template.
        pub sample: String,
    }

    /// An argument of a function.
    pub struct ArgumentView = functions::ArgumentView {
        /// Name of the argument in this list; templates give arguments by place.
        pub name: String,
        /// What it says, in the caller's language.
        pub description: String,
        /// What it may be, where that is a choice.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub values: Vec<String>,
        /// The smallest that is taken, where it is a number.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub min: Option<u32>,
        /// The largest that is taken, where it is a number.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub max: Option<u32>,
        /// The most characters that are taken, where it is a text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub max_length: Option<u32>,
        /// A value to begin with.
        pub sample: String,
    }
}
