//! An attribution that shares its line with other text: what somebody answered stands in front of it,
//! or the quotation behind it.

use super::{
    super::{
        dates::{is_date_word, other_words},
        languages::LANGUAGES,
        lines::{Line, fold, is_symbol},
    },
    Attribution, Evidence, LONGEST, MAX_LINES, Proof, at, goes_on, shortest,
    words::{begins_with_opener, begins_with_whole_date, is_known},
};

/// Where an attribution ends within its line: Yahoo on telephones writes the quotation behind it.
pub(in super::super) fn end_within(line: &Line<'_>) -> Option<usize> {
    if line.blank || line.quoted || !line.raw.contains('@') || !begins_with_whole_date(line.raw) {
        return None;
    }
    let mut colons = line
        .raw
        .match_indices(": ")
        .map(|(at, _)| at + 1)
        .take(MAX_TRIED);
    colons.find(|end| {
        let (head, rest) = line.raw.split_at(*end);
        let found = shortest(&[Line::of(head)]);
        let verb = fold(head)
            .trim_end_matches([':', ' '])
            .ends_with(char::is_alphabetic);
        found.is_some_and(|found| found.proof == Proof::Sure) && verb && !rest.trim().is_empty()
    })
}

/// Where within a line an attribution begins, behind what a person wrote on the same line; `below`
/// are the lines that follow.
pub(in super::super) fn within(line: &Line<'_>, below: &[Line<'_>]) -> Option<usize> {
    // Where the attribution would end.
    let ends = |raw: &str| raw.trim_end().ends_with([':', '：']);
    let more = below
        .iter()
        .take(MAX_LINES - 1)
        .take_while(|line| !line.blank);
    if line.blank || line.quoted || !ends(line.raw) && !more.clone().any(|line| ends(line.raw)) {
        return None;
    }
    let whole = begins_with_whole_date(line.raw);
    let mut recognised = None;
    // It is no longer than that, so what stands in front of it is what somebody wrote.
    let start = line.raw.len().saturating_sub(LONGEST);
    let start = line.raw.floor_char_boundary(start);
    let mut text = line.raw[..start].contains(char::is_alphanumeric);
    let mut sentence = false;
    let mut found = None;
    let mut tried = 0;
    let mut from = start;
    for word in line.raw[start..].split_inclusive(char::is_whitespace) {
        let at = from;
        from += word.len();
        let (before, rest) = line.raw.split_at(at);
        // "On Thu, Jun 5": the opener belongs to it.
        let opened = ends_with_opener(&before[start..]) || is_half_of_day(word);
        if text && !opened && tried < MAX_TRIED {
            let dated = begins_with_whole_date(rest);
            // "pode fechar em qui., 5 de jun. …" is not how a name goes on: "Ana em qui., 5 de jun. …".
            let begins = word.starts_with(char::is_uppercase)
                || sentence
                || dated && !whole && other_words(&before[start..], is_known) > 0;
            if begins && (sentence && !whole || dated) {
                tried += 1;
                let mut inside = || {
                    let all = *recognised.get_or_insert_with(|| is_sure(line.raw, below));
                    all && !sentence && goes_on_as_name(&before[start..], rest, whole)
                };
                if begins_at(rest, below) && (dated || !goes_on(rest)) && !inside() {
                    found = Some(at);
                }
            }
        }
        text |= word.contains(|c: char| c.is_alphanumeric() || is_symbol(c));
        let bare = word.trim_end();
        sentence = bare.ends_with(['.', '!', '?', '…', ')', '–', '-']) && {
            let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
            letters != 1 && !is_date_word(bare)
        } || !bare.is_empty()
            && !bare.contains(|c: char| c.is_ascii() || c.is_alphanumeric());
    }
    found
}

/// Whether the line is an attribution from its beginning on.
fn is_sure(raw: &str, below: &[Line<'_>]) -> bool {
    attribution_at(raw, below).is_some_and(|found| found.proof == Proof::Sure)
}

/// Whether what stands behind `before` is part of the name in one attribution, though it looks like a
/// date: no word of a person stands before it, and there is one date in all.
fn goes_on_as_name(before: &str, rest: &str, whole: bool) -> bool {
    let (above, below) = (Evidence::of(before), Evidence::of(rest));
    let twice = above.time && below.time || above.year && below.year || above.day && below.day;
    let opened = !whole && begins_with_opener(&fold(rest));
    before.contains(char::is_alphabetic) && !twice && !opened && other_words(before, is_known) == 0
}

/// "9:12 AM": no German "am".
fn is_half_of_day(word: &str) -> bool {
    matches!(word.trim(), "AM" | "PM")
}

/// Whether a text ends with an opener, so that a date behind it is not a beginning of its own.
fn ends_with_opener(text: &str) -> bool {
    let text = text.trim_end();
    let near = text.len().saturating_sub(LONGEST_OPENER);
    let near = text[text.floor_char_boundary(near)..].to_lowercase();
    let mut openers = LANGUAGES.iter().flat_map(|l| l.openers);
    openers.any(|opener| {
        near.strip_suffix(opener)
            .is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
    })
}

/// Bytes of a text that are looked at for an opener at its end.
const LONGEST_OPENER: usize = 48;

/// Most places of a line that are tried.
const MAX_TRIED: usize = 8;

/// Whether an attribution begins with this text, and is one whatever follows it.
fn begins_at(rest: &str, below: &[Line<'_>]) -> bool {
    attribution_at(rest, below).is_some_and(|found| {
        let next = below[found.lines - 1..].iter().find(|line| !line.blank);
        found.proof == Proof::Sure || next.is_some_and(|line| line.quoted)
    })
}

/// The attribution that begins with this text and goes on in the lines below.
fn attribution_at(text: &str, below: &[Line<'_>]) -> Option<Attribution> {
    let more = below.iter().take(MAX_LINES - 1).map(|line| line.raw);
    let lines: Vec<Line<'_>> = std::iter::once(text).chain(more).map(Line::of).collect();
    at(&lines)
}
