//! An attribution that shares its line with other text: what somebody answered stands in front of it,
//! or the quotation behind it.

use super::{
    super::{
        dates::{begins_with_whole_day, is_date_word, names_weekday, other_words},
        languages::LANGUAGES,
        lines::{Line, fold, is_symbol},
        particles::PARTICLES,
    },
    Attribution, Evidence, LONGEST, MAX_LINES, MAX_OTHERS, Proof, at, goes_on,
    judge::is_quoting,
    named::is_dated_twice,
    shortest,
    words::{QUOTING, begins_with_opener, begins_with_whole_date, is_known},
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
    let ends = |raw: &str| {
        let raw = raw.trim_end();
        raw.ends_with([':', '：']) || raw.ends_with(ZOHO)
    };
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
    let mut last = "";
    let mut behind_own_day = false;
    for word in line.raw[start..].split_inclusive(char::is_whitespace) {
        let at = from;
        from += word.len();
        let (before, rest) = line.raw.split_at(at);
        let before = &before[start..];
        // "On Thu, Jun 5": the opener belongs to it.
        let opened = ends_with_opener(before) || is_half_of_day(word);
        let own_day = text && !opened && is_whole_weekday(word);
        if text && !opened && tried < MAX_TRIED {
            let others = || other_words(before, is_known);
            let whole_date = begins_with_whole_date(rest);
            // Most words are small ones of prose.
            let may = whole_date || !word.starts_with(|c: char| c.is_ascii_lowercase());
            // "pode fechar 05.06.2025, 14:03, …": no opener stands in front of the day.
            let bare_day = may
                && !own_day
                && begins_bare(word, rest)
                && (sentence || !is_date_word(last) || behind_own_day);
            let dated = (whole_date || bare_day) && !is_dated_twice(rest);
            let capital = word.starts_with(char::is_uppercase);
            // "pode fechar em qui., 5 de jun. …" is not how a name goes on: "Ana em qui., 5 de jun. …".
            let begins = capital || sentence || bare_day || dated && !whole && others() > 0;
            // "Funcionou, obrigada Ana <ana@example.com> …": no name holds as many small words.
            let named = || {
                capital && other_words(last, is_known) > 0 && {
                    before.contains([',', ';', '.', '!', '?']) || others() >= MAX_OTHERS
                }
            };
            if begins && (sentence && !whole || dated || !whole && named()) {
                tried += 1;
                let mut inside = || {
                    let all = *recognised.get_or_insert_with(|| is_sure(line.raw, below));
                    let other = bare_day && names_somebody(rest);
                    all && !sentence && !other && goes_on_as_name(before, rest, whole)
                };
                // Within one that begins further in front.
                let goes_on_there = |found: usize| {
                    let between = &line.raw[found..at];
                    bare_day && !sentence && other_words(between, is_known) == 0
                };
                if begins_at(rest, below)
                    && (dated || !goes_on(rest))
                    && !inside()
                    && !found.is_some_and(goes_on_there)
                {
                    found = Some(at);
                }
            }
        }
        text |= word.contains(|c: char| c.is_alphanumeric() || is_symbol(c));
        let bare = word.trim_end();
        sentence = bare.ends_with(['.', '!', '?', '…', ')', '–', '-']) && {
            let letters = bare.chars().filter(|c| c.is_alphabetic()).count();
            letters != 1 && (!is_date_word(bare) || is_number(bare))
        } || !bare.is_empty()
            && !bare.contains(|c: char| c.is_ascii() || c.is_alphanumeric());
        if !bare.is_empty() {
            last = bare;
            behind_own_day = own_day;
        }
    }
    found
}

/// Whether a word is a day of the week as people write it behind other words: "Até segunda 26 nov 2026, …".
/// Programs shorten it there, or set a comma behind it.
fn is_whole_weekday(word: &str) -> bool {
    let word = word.trim_end();
    word.chars().count() > LONGEST_SHORT_DAY
        && word.ends_with(char::is_alphabetic)
        && names_weekday(&word.to_lowercase())
}

/// Whether a name stands in front of the address, so that what stands before this text is none.
fn names_somebody(rest: &str) -> bool {
    let name = |word: &str| {
        word.trim_start_matches('"').starts_with(char::is_uppercase) && !is_date_word(word)
    };
    rest.split_once('<')
        .is_some_and(|(front, _)| front.split_whitespace().any(name))
}

/// Longest short form of a day of the week, in characters.
const LONGEST_SHORT_DAY: usize = 4;

/// How Zoho ends one.
const ZOHO: &str = "---";

/// Whether a text begins with a whole day that no opener introduces, with a time in front of one, or
/// with what needs no day.
fn begins_bare(word: &str, rest: &str) -> bool {
    if rest.starts_with(ZOHO) {
        return true;
    }
    let own = fold(word);
    let quotes = QUOTING.iter().any(|words| words.starts_with(&own));
    // Most words begin neither.
    if !quotes && !is_date_word(word) {
        return false;
    }
    let folded = fold(rest);
    if is_quoting(&folded) {
        return true;
    }
    let mut words = folded.split(' ');
    let first = words.next().unwrap_or_default();
    let joins = PARTICLES.contains(&first);
    // "Às 14:03 de 05/06/2025".
    let mut timed = || {
        let hour = words.next().unwrap_or_default();
        word.starts_with(char::is_uppercase) && Evidence::of(hour).has_time()
    };
    begins_with_whole_day(&folded) && (!joins || timed())
}

/// A number or a time at the end of a sentence, and no day or year of a date: "4471.", "14:00.".
fn is_number(word: &str) -> bool {
    let bare = word.trim_end_matches('.');
    let digits = bare.bytes().all(|b| b.is_ascii_digit());
    let year = bare.len() == 4 && (bare.starts_with("19") || bare.starts_with("20"));
    word.ends_with('.') && (digits && bare.len() > 2 && !year || bare.contains(':'))
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
    // No date names its day twice, once in front of its opener.
    let day = names_weekday(&before.to_lowercase())
        && !before.contains(|c: char| c.is_ascii_digit())
        && before.split_whitespace().all(is_date_word);
    let opened = (!whole || day) && begins_with_opener(&fold(rest));
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
