//! What Tera and our functions in it say while a template runs, in every language: they say it in English, with
//! values in some places.

use crate::texts::tera as said;
use domain::catalog::{Phrase, Texts};

/// What is known to be said. The English text is the one that is said.
const KNOWN: &[Texts] = &[
    said::NO_SUCH_VALUE,
    said::IN_LOOKS_INTO,
    said::NOTHING_TO_INDEX,
    said::INDEX_IS_WHOLE,
    said::ONLY_TEXTS_HAVE_PARTS,
    said::STEP_OF_PART,
    said::STEP_OF_RANGE,
    said::NO_THROW,
    said::BASE_OF_NUMBER,
    said::NOT_A_NUMBER,
    said::NOT_A_WHOLE_NUMBER,
    said::REPLACE_WHAT,
    said::SPLIT_WHERE,
    said::JOIN_JOINS,
    said::DATE_FORMAT_LONG,
    said::DATE_FORMAT_UNKNOWN,
    said::CANNOT_COMPARE,
    said::MATH_ON,
    said::DIVIDE_BY_ZERO,
    said::PLUS_NEEDS_NUMBERS,
    said::UNABLE,
    said::ONLY_NUMBERS_NEGATED,
    said::NO_ITERATION,
    said::NO_KEY_ITERATION,
    said::FIELD_UNDEFINED,
    said::SPREAD_MAP,
    said::SPREAD_ARRAY,
    said::UNDEFINED,
    said::NO_LENGTH,
    said::NOT_REVERSED,
    said::FILTER_ON_NUMBER,
    said::NOT_SORTED,
    said::WRONG_ARGUMENT,
    said::MISSING_ARGUMENT,
];

/// What was said, in every language; in general terms where it is not known.
pub(super) fn phrase(message: &str) -> Phrase {
    KNOWN
        .iter()
        .find_map(|known| read(*known, message))
        .unwrap_or_else(|| said::OTHER.phrase())
}

/// The text with the values that stand in the message where the text has places.
fn read(known: Texts, message: &str) -> Option<Phrase> {
    let mut phrase = known.phrase();
    let (start, mut places) = known.en.split_once('{').unwrap_or((known.en, ""));
    let mut rest = message.strip_prefix(start)?;
    while let Some((name, after)) = places.split_once('}') {
        let (literal, next) = after.split_once('{').unwrap_or((after, ""));
        let end = match literal {
            "" => rest.len(),
            _ => rest.find(literal)?,
        };
        phrase = phrase.with(name, &rest[..end]);
        rest = &rest[end + literal.len()..];
        places = next;
    }
    rest.is_empty().then_some(phrase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalog::Language;

    #[test]
    fn values_are_taken_over_into_each_language() {
        let said = phrase("Cannot compare `string` with `number`");
        assert_eq!(
            said.get(Language::En),
            "Cannot compare `string` with `number`"
        );
        assert_eq!(
            said.get(Language::Pt),
            "`string` não pode ser comparado com `number`"
        );
        assert_eq!(
            phrase("Cannot divide by 0").get(Language::Es),
            "no se puede dividir entre 0"
        );
    }

    #[test]
    fn what_is_not_known_is_told_in_general_terms() {
        for unknown in [
            "",
            "Something new",
            "Cannot divide by 0!",
            "Cannot compare `a`",
        ] {
            assert_eq!(phrase(unknown), said::OTHER.phrase(), "{unknown}");
        }
    }
}
