//! The words of an attribution: openers, verbs, and what stands for either.

use super::super::{
    dates::{begins_with_day, begins_with_whole_day},
    languages::LANGUAGES,
    lines::{fold, starts_with_words},
};

/// Whether a word is one of those that open an attribution, or its verb.
pub(super) fn is_known(word: &str) -> bool {
    LANGUAGES
        .iter()
        .flat_map(|l| l.openers.iter().chain(l.verbs))
        .chain(QUOTING)
        .any(|words| words.split(' ').any(|one| one == word))
}

/// Whether a line begins as attributions do, with an opener and a day: "Em qui., 5 de jun. …". So
/// does what a person writes, but not in the middle of an attribution.
pub(super) fn begins_with_date(raw: &str) -> bool {
    begins_with(raw, begins_with_day)
}

/// The same with a whole day: "qui." alone may go on in the next line, but within a line it may be part
/// of a name.
pub(super) fn begins_with_whole_date(raw: &str) -> bool {
    begins_with(raw, begins_with_whole_day)
}

fn begins_with(raw: &str, day: fn(&str) -> bool) -> bool {
    let folded = fold(raw);
    let text = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let opened = LANGUAGES
        .iter()
        .flat_map(|l| l.openers)
        .any(|opener| starts_with_words(text, opener) && day(text[opener.len()..].trim_start()));
    opened || begins_with_weekday(text) && day(text)
}

/// Whether a text ends with a bare address and the word for whose it is: "… by ana@example.com".
pub(super) fn ends_by_address(body: &str) -> bool {
    let mut words = body.split(' ').rev();
    words.next().is_some_and(|word| word.contains('@'))
        && words.next().is_some_and(|word| BY.contains(&word))
}

/// Words in front of whose mail it is.
const BY: &[&str] = &[
    "by", "de", "por", "von", "da", "van", "od", "от", "av", "af", "par", "från", "fra",
];

/// Openers that need no date.
pub(super) const QUOTING: &[&str] = &[
    "quoting",
    "citando",
    "citando a",
    "citeren",
    "zitat von",
    "cytowanie",
    "wiadomość napisana przez",
    "вы писали",
];

pub(super) fn verbs() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().flat_map(|l| l.verbs.iter().copied())
}

pub(super) fn begins_with_opener(folded: &str) -> bool {
    LANGUAGES
        .iter()
        .flat_map(|l| l.openers)
        .any(|opener| starts_with_words(folded, opener))
}

pub(super) fn begins_with_weekday(folded: &str) -> bool {
    LANGUAGES
        .iter()
        .flat_map(|l| l.weekdays)
        .any(|day| starts_with_words(folded, day))
}

/// What stands in front of the verb with which a text ends.
pub(super) fn without_verb(body: &str) -> Option<&str> {
    let mut rests = verbs().filter_map(|verb| {
        // Chinese and Korean leave no space in front of it.
        let joined = verb.starts_with(|c: char| c >= '\u{1100}');
        let rest = body.strip_suffix(verb)?;
        (joined || !rest.ends_with(char::is_alphanumeric)).then_some(rest)
    });
    rests.next().map(str::trim_end)
}

/// Whether a line between dashes names who wrote what follows: "-----Ana Sol/Sede escreveu: -----".
pub(in super::super) fn names_writer(phrase: &str) -> bool {
    without_verb(phrase).is_some_and(|name| name.contains(char::is_alphabetic))
}

/// Whether `words` stand in the text as whole words, with a space in front.
pub(super) fn contains_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(start, _)| {
        text[..start].ends_with([' ', '>', ')'])
            && !text[start + words.len()..].starts_with(char::is_alphanumeric)
    })
}
