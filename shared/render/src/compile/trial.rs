//! What a template in Tera is tried on before it is saved: an expression that fails on some values
//! would hold the mails of the tickets that have them.

use crate::{RichText, Value, Values, sample_values, texts};
use domain::{
    catalog::{KeyKind, Language, keys::KEYS},
    diagnostic::Diagnostic,
};

/// What a person may write where a number, a day or a list is expected.
const HOSTILE: &str = "Alta, \"1\" & '-2' <b>\u{202E}3</b>\n{{ x }}";

/// A set of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    Samples,
    Empty,
    Hostile,
}

impl Trial {
    /// All of them, the likeliest first.
    pub(super) const ALL: [Self; 3] = [Self::Samples, Self::Empty, Self::Hostile];

    pub(super) fn values(self) -> Values {
        match self {
            Self::Samples => sample_values(Language::default()),
            Self::Empty => Values::new(),
            Self::Hostile => KEYS
                .iter()
                .map(|key| (key.name.to_owned(), hostile(key.kind)))
                .collect(),
        }
    }

    /// The finding with the values under which it happens.
    pub(super) fn under(self, finding: Diagnostic) -> Diagnostic {
        match self {
            Self::Samples => finding,
            Self::Empty => finding.under(texts::script::EMPTY_VALUES.phrase()),
            Self::Hostile => finding.under(texts::script::OTHER_VALUES.phrase()),
        }
    }
}

fn hostile(kind: KeyKind) -> Value {
    match kind {
        KeyKind::Html => Value::Html(RichText::sanitise(HOSTILE)),
        KeyKind::Lines => Value::Lines(HOSTILE.to_owned()),
        // A link is made by the system, from a base that is checked when it is set.
        KeyKind::Link => Value::Link("https://example.com/tickets/A-1?b=%22&c='".to_owned()),
        _ => Value::Text(HOSTILE.to_owned()),
    }
}
