//! What a template can call beside its keys, for those who write one.

use serde::{Deserialize, Serialize};

use crate::{Action, LONGEST_TOKEN_MINUTES, texts};
use domain::catalog::language::{Language, Texts};

/// A function of the template language as `GET /keys` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionView {
    /// Name as templates write it, upper case: `TOKEN`.
    pub name: String,
    /// Name for people, in the caller's language.
    pub label: String,
    /// What it makes, in the caller's language.
    pub description: String,
    /// Its arguments, in order.
    pub arguments: Vec<ArgumentView>,
    /// A call as it is written in a template.
    pub sample: String,
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgumentView {
    /// Name of the argument in this list; templates give arguments by place.
    pub name: String,
    /// What it says, in the caller's language.
    pub description: String,
    /// What it may be, where that is a choice.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub values: Vec<String>,
    /// The smallest that is taken, where it is a number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min: Option<u32>,
    /// The largest that is taken, where it is a number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<u32>,
    /// The most characters that are taken, where it is a text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_length: Option<u32>,
    /// A value to begin with.
    pub sample: String,
}

const LABEL: Texts = texts::functions::LABEL;
const DESCRIPTION: Texts = texts::functions::DESCRIPTION;
const SCREEN: Texts = texts::functions::SCREEN;
const TICKET: Texts = texts::functions::TICKET;
const ACTION: Texts = texts::functions::ACTION;
const MINUTES: Texts = texts::functions::MINUTES;

/// All functions, in one language.
pub fn views(language: Language) -> Vec<FunctionView> {
    let argument = |name: &str, words: Texts, sample: &str| ArgumentView {
        name: name.to_owned(),
        description: words.get(language).to_owned(),
        values: Vec::new(),
        min: None,
        max: None,
        max_length: None,
        sample: sample.to_owned(),
    };
    let arguments = Vec::from([
        ArgumentView {
            max_length: Some(64),
            ..argument("screen", SCREEN, "serviceRequestIncident")
        },
        argument("ticket", TICKET, "${IDSOLICITACAOSERVICO}"),
        ArgumentView {
            values: [Action::View, Action::Approve, Action::Reject]
                .map(|action| action.as_str().to_owned())
                .into(),
            ..argument("action", ACTION, Action::View.as_str())
        },
        ArgumentView {
            min: Some(1),
            max: Some(LONGEST_TOKEN_MINUTES),
            ..argument("minutes", MINUTES, "1440")
        },
    ]);
    let samples: Vec<_> = arguments.iter().map(|one| one.sample.as_str()).collect();
    Vec::from([FunctionView {
        name: "TOKEN".to_owned(),
        label: LABEL.get(language).to_owned(),
        description: DESCRIPTION.get(language).to_owned(),
        sample: format!("{{TOKEN({})}}", samples.join(", ")),
        arguments,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use domain::source::Source;

    #[test]
    fn a_sample_is_a_call_that_works() {
        for language in Language::ALL {
            for function in views(language) {
                let source = Source {
                    title: "t".to_owned(),
                    html: format!("<a href=\"{}\">a</a>", function.sample),
                    ..Source::default()
                };
                assert_eq!(check(&source), [], "{}", function.sample);
            }
        }
    }
}
