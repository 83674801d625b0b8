//! The line (or lines) with which a mail program introduces a quotation: "Em … escreveu:".
//!
//! There is no standard for it. What all have in common: a known beginning or an address, a date, a
//! verb (not in every language), and a colon at the end. Two of these alone are how people write
//! too, so a date or an address must be there always. Where the lines below carry no `>`, all that
//! follows hangs on this one line, and it must show more: see [`Proof`].

mod evidence;
mod judge;
mod named;
#[cfg(test)]
mod tests;
mod within;
mod words;

use super::{
    dates::{begins_with_whole_day, is_date_word, names_day, other_words},
    languages::LANGUAGES,
    lines::{Line, fold, starts_with_words},
};
use judge::judge;
use words::{
    QUOTING, begins_with_date, begins_with_opener, begins_with_weekday, contains_words, is_known,
    verbs,
};

pub(super) use self::{
    evidence::Evidence,
    named::{may_hold_words, words_of_author},
    within::{end_within, within},
    words::names_writer,
};

/// Most lines over which a client wraps an attribution.
pub(super) const MAX_LINES: usize = 5;
/// Longest attribution, in bytes of folded text.
const LONGEST: usize = 500;

pub(super) struct Attribution {
    /// Lines that it takes.
    pub(super) lines: usize,
    pub(super) proof: Proof,
}

impl Attribution {
    /// Whether people write no such line.
    pub(super) fn is_sure(&self) -> bool {
        self.proof == Proof::Sure
    }
}

/// How much an attribution shows that people do not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// A day or a time: "Em 05/06 o técnico escreveu:" is how people write, too.
    Weak,
    /// A date with its year, but no time.
    Dated,
    /// An address, or a date with its year and a time.
    Sure,
}

/// The attribution that begins at this line.
pub(super) fn at(lines: &[Line<'_>]) -> Option<Attribution> {
    let found = shortest(lines)?;
    // The lines above must be a part of it: what a person wrote directly above it is not.
    for from in 1..found.lines {
        let Some(inner) = shortest(&lines[from..found.lines]) else {
            continue;
        };
        let complete = inner.proof != Proof::Weak && !goes_on(lines[from].raw);
        let apart = complete || !belongs(&lines[..from], &lines[from..found.lines]);
        if from + inner.lines == found.lines && apart {
            return None;
        }
    }
    (1..found.lines)
        .all(|from| is_wrapped(&lines[..from]) && !begins_anew(&lines[..from], lines[from].raw))
        .then_some(found)
}

/// Whether a line begins with a name, behind lines that end with a date and nothing that joins the two:
/// "Pode vir no dia 30/11/2026 às 14:00" stands so over "Ana Sol <ana@example.com> escreveu:". No program
/// breaks an attribution there, as more words of the name have room on the line, but for Claws Mail, which
/// does so behind the time zone.
fn begins_anew(head: &[Line<'_>], next: &str) -> bool {
    let head = put_together(head);
    // Zoho marks both ends.
    let open = head.starts_with("---")
        || is_open(&head)
        || ends_with_zone(&head)
        || head.ends_with([',', '-'])
        || is_opener(&fold(&head));
    let first = next.split_whitespace().next().unwrap_or_default();
    let named = first
        .trim_start_matches(['"', '\'', '*'])
        .starts_with(char::is_uppercase)
        && !is_date_word(first);
    // No name stands behind the last number.
    let mut behind = head.split_whitespace().rev();
    let ends_with_date = behind
        .by_ref()
        .take_while(|word| !word.contains(|c: char| c.is_ascii_digit()))
        .all(is_date_word);
    named && !open && ends_with_date
}

/// Whether a text ends with a time and its zone, as programs write it: "10:03:00 -0300".
fn ends_with_zone(head: &str) -> bool {
    let mut words = head.split_whitespace().rev();
    let zone = words.next().and_then(|word| word.strip_prefix(['+', '-']));
    zone.is_some_and(|zone| zone.len() == 4 && zone.bytes().all(|byte| byte.is_ascii_digit()))
        && words
            .next()
            .is_some_and(|time| Evidence::of(time).has_time())
}

/// Whether a folded text is an opener and no more.
fn is_opener(folded: &str) -> bool {
    LANGUAGES.iter().any(|l| l.openers.contains(&folded))
}

/// Whether lines above one that is an attribution by itself are the beginning of it: what programs
/// wrap holds one whole date and one time, in whatever line.
fn belongs(head: &[Line<'_>], tail: &[Line<'_>]) -> bool {
    let (head, tail) = (fold(&put_together(head)), fold(&put_together(tail)));
    if is_open(&head) || tail.starts_with(['<', '(', '[']) {
        return true;
    }
    if is_opener(&head) {
        return true;
    }
    let (above, below) = (Evidence::of(&head), Evidence::of(&tail));
    let twice = above.time && below.time || above.year && below.year || above.day && below.day;
    let whole = above.year || above.day || names_day(&head);
    let dated = (above.year || below.year) && (above.time || below.time);
    // "Am 24.11.26 um …" begins by itself; "at 9:12, …" goes on.
    let begins = begins_with_date(&tail) && (below.year || below.day || names_day(&tail));
    !twice && !begins && (head.ends_with(',') || whole && dated)
}

/// Wrapped lines as one.
fn put_together(lines: &[Line<'_>]) -> String {
    let raws: Vec<&str> = lines.iter().map(|line| line.raw.trim()).collect();
    raws.join(" ")
}

/// Whether the address at the end of a text goes on in the next line.
fn is_open(text: &str) -> bool {
    text.rfind('<') > text.rfind('>') || text.ends_with('(')
}

/// The fewest lines from here on that read as an attribution.
fn shortest(lines: &[Line<'_>]) -> Option<Attribution> {
    let mut joined = String::new();
    let mut raw = String::new();
    let mut sentences = false;
    for (index, line) in lines.iter().take(MAX_LINES).enumerate() {
        // An address may break before its `>`, which then looks like a quotation mark.
        let closes = joined.rfind('<') > joined.rfind('>');
        if line.blank || line.quoted && !closes {
            return None;
        }
        let folded = fold(line.raw);
        if index == 0 && !may_begin(&folded) {
            return None;
        }
        // An address broken over two lines is put together again.
        if !joined.is_empty() && !joined.ends_with(['<', '(']) && !folded.starts_with(['>', ')']) {
            joined.push(' ');
        }
        joined.push_str(&folded);
        raw.push(' ');
        raw.push_str(line.raw);
        if joined.len() > LONGEST {
            return None;
        }
        let above = index.checked_sub(1).map_or("", |above| lines[above].raw);
        sentences |= ends_sentence(line.raw, above);
        if let Some(mut proof) = judge(&joined) {
            let evidence = Evidence::of(&joined);
            // "Em 10/06 às 14:00 parou. O técnico escreveu:" is what a person tells, and so is
            // "Em 10/06 às 14:00 liguei e o técnico escreveu:".
            let others = other_words(&raw, is_known);
            let most = match (evidence.bracketed, evidence.dated()) {
                (true, _) => MAX_OTHERS,
                (false, true) => 1,
                (false, false) => 0,
            };
            if sentences && !evidence.address || others > most {
                return None;
            }
            // "Em 05/06/2025 14:03 o técnico escreveu:" may be a name, and may be a sentence.
            if others > 0 && !evidence.bracketed {
                proof = Proof::Weak;
            }
            return Some(Attribution {
                lines: index + 1,
                proof,
            });
        }
    }
    None
}

/// Words of a name without capitals, where an address stands behind it.
const MAX_OTHERS: usize = 3;

/// Whether a line can only be the rest of another: it begins with a time, a year, a small letter or
/// an address in brackets.
fn goes_on(raw: &str) -> bool {
    let text = raw.trim_start();
    let time = text
        .find([':', '.', 'h'])
        .is_some_and(|at| (1..=2).contains(&at) && text[..at].bytes().all(|b| b.is_ascii_digit()));
    let year = text.starts_with("19") || text.starts_with("20");
    time || year && !text.contains(['/', '-'])
        || text.starts_with(['<', '(', '['])
        || text.starts_with(char::is_lowercase)
}

/// Whether the lines so far can only be the beginning of an attribution: an address is open, or they
/// hold nothing but a date and a name.
fn is_wrapped(lines: &[Line<'_>]) -> bool {
    let raw = put_together(lines);
    if is_open(&raw) {
        return true;
    }
    // "Ana Sol <ana@example.com> escreveu no dia quinta,"
    let named = raw.split_once('>').is_some_and(|(name, rest)| {
        let rest = fold(rest);
        name.contains('@') && verbs().any(|verb| starts_with_words(&rest, verb))
    });
    let begins = begins_with_date(&raw)
        || named
        || raw.ends_with('>')
        || raw.starts_with(['-', '"'])
        || raw.starts_with(|c: char| c.is_ascii_digit()) && begins_with_whole_day(&fold(&raw))
        || QUOTING
            .iter()
            .any(|word| starts_with_words(&fold(&raw), word));
    let last = raw.split_whitespace().next_back().unwrap_or_default();
    let ends = last.ends_with(['.', '!', '?', ';'])
        && last.chars().filter(|c| c.is_alphabetic()).count() > 4;
    begins && !ends && other_words(&raw, is_known) == 0
}

/// Whether a sentence ends within a line, or at the end of the one above; "jun." and "J." end none.
fn ends_sentence(raw: &str, above: &str) -> bool {
    let ends = |word: &str| {
        let bare = word.trim_end_matches(['.', '!', '?']);
        bare.len() < word.len() && bare.chars().filter(|c| c.is_alphabetic()).count() >= 4
    };
    let mut last = above.split_whitespace().next_back().unwrap_or_default();
    for word in raw.split_whitespace().take(LONGEST) {
        if ends(last) && word.starts_with(char::is_uppercase) {
            return true;
        }
        last = word;
    }
    false
}

/// Whether the first line can be the beginning of one: a cheap test that most lines fail.
fn may_begin(folded: &str) -> bool {
    folded.contains(char::is_alphanumeric)
        && (folded.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '"')
            || folded.contains('@')
            || is_open(folded)
            || begins_with_opener(folded)
            || begins_with_weekday(folded)
            || verbs().any(|verb| contains_words(folded, verb)))
}
