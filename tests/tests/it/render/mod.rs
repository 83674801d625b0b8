//! The template language: inputs as data, the corpus, properties, hostile templates.

mod corpus;
mod data;
mod hostile;
mod properties;
mod structure;

use domain::catalog::Language;
use render::{RichText, Value, Values, sample_values};

/// The values of the samples with one text as all of them.
fn all_values(language: Language, text: &str) -> Values {
    let mut values = sample_values(language);
    for value in values.values_mut() {
        *value = match value {
            Value::Text(_) => Value::Text(text.to_owned()),
            Value::Lines(_) => Value::Lines(text.to_owned()),
            Value::Html(_) => Value::Html(RichText::sanitise(text)),
            Value::Link(_) => Value::Link(text.to_owned()),
        };
    }
    values
}
