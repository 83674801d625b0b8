//! The line (or lines) with which a mail program introduces a quotation: "Em … escreveu:".
//!
//! There is no standard for it. What all have in common: a known beginning or an address, a date, a
//! verb (not in every language), and a colon at the end. Two of these alone are how people write
//! too, so a date or an address must be there always. Where the lines below carry no `>`, all that
//! follows hangs on this one line, and it must show more: see [`Proof`].

use super::{
    dates::{begins_with_day, is_date_word, names_day, other_words},
    languages::LANGUAGES,
    lines::{Line, fold, is_symbol, starts_with_words},
};

/// Most lines over which a client wraps an attribution.
pub(super) const MOST_LINES: usize = 5;
/// Longest attribution, in bytes of folded text.
const LONGEST: usize = 500;

pub(super) struct Attribution {
    /// Lines that it takes.
    pub(super) lines: usize,
    pub(super) proof: Proof,
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
        .all(|from| is_wrapped(&lines[..from]))
        .then_some(found)
}

/// Whether lines above one that is an attribution by itself are the beginning of it: what programs
/// wrap holds one whole date and one time, in whatever line.
fn belongs(head: &[Line<'_>], tail: &[Line<'_>]) -> bool {
    let (head, tail) = (fold(&put_together(head)), fold(&put_together(tail)));
    if is_open(&head) || tail.starts_with(['<', '(', '[']) {
        return true;
    }
    let is_opener = LANGUAGES.iter().any(|l| l.openers.contains(&&*head));
    if is_opener {
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
    for (index, line) in lines.iter().take(MOST_LINES).enumerate() {
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
                (true, _) => MOST_OTHERS,
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
const MOST_OTHERS: usize = 3;

/// Whether a word is one of those that open an attribution, or its verb.
fn is_known(word: &str) -> bool {
    LANGUAGES
        .iter()
        .flat_map(|l| l.openers.iter().chain(l.verbs))
        .chain(QUOTING)
        .any(|words| words.split(' ').any(|one| one == word))
}

/// Whether a line begins as attributions do, with an opener and a day: "Em qui., 5 de jun. …". So
/// does what a person writes, but not in the middle of an attribution.
fn begins_with_date(raw: &str) -> bool {
    let folded = fold(raw);
    let text = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let opened = LANGUAGES.iter().flat_map(|l| l.openers).any(|opener| {
        starts_with_words(text, opener) && begins_with_day(text[opener.len()..].trim_start())
    });
    opened || begins_with_weekday(text) && begins_with_day(text)
}

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
    let begins = begins_with_date(&raw)
        || raw.ends_with('>')
        || raw.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '"'))
        || QUOTING
            .iter()
            .any(|word| starts_with_words(&fold(&raw), word));
    let last = raw.split_whitespace().next_back().unwrap_or_default();
    let ends = last.ends_with(['.', '!', '?', ';'])
        && last.chars().filter(|c| c.is_alphabetic()).count() > 4;
    begins && !ends && other_words(&raw, is_known) == 0
}

/// Where an attribution ends within its line: Yahoo on telephones writes the quotation behind it.
pub(super) fn end_within(line: &Line<'_>) -> Option<usize> {
    if line.blank || line.quoted || !line.raw.contains('@') || !begins_with_date(line.raw) {
        return None;
    }
    let mut colons = line
        .raw
        .match_indices(": ")
        .map(|(at, _)| at + 1)
        .take(MOST_TRIED);
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
pub(super) fn within(line: &Line<'_>, below: &[Line<'_>]) -> Option<usize> {
    // Where the attribution would end.
    let ends = |raw: &str| raw.trim_end().ends_with([':', '：']);
    let more = below
        .iter()
        .take(MOST_LINES - 1)
        .take_while(|line| !line.blank);
    if line.blank || line.quoted || !ends(line.raw) && !more.clone().any(|line| ends(line.raw)) {
        return None;
    }
    let whole = begins_with_date(line.raw);
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
        if text && !opened && tried < MOST_TRIED {
            let dated = begins_with_date(rest);
            // "pode fechar em qui., 5 de jun. …" is not how a name goes on: "Ana em qui., 5 de jun. …".
            let begins = word.starts_with(char::is_uppercase)
                || sentence
                || dated && !whole && other_words(&before[start..], is_known) > 0;
            if begins && (sentence && !whole || dated) {
                tried += 1;
                if begins_at(rest, below) && (dated || !goes_on(rest)) {
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

/// "9:12 AM": no German "am".
fn is_half_of_day(word: &str) -> bool {
    matches!(word.trim(), "AM" | "PM")
}

/// Whether a text ends with an opener, so that a date behind it is no beginning of its own.
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
const MOST_TRIED: usize = 8;

/// Whether an attribution begins with this text, and is one whatever follows it.
fn begins_at(rest: &str, below: &[Line<'_>]) -> bool {
    let more = below.iter().take(MOST_LINES - 1).map(|line| line.raw);
    let lines: Vec<Line<'_>> = std::iter::once(rest).chain(more).map(Line::of).collect();
    at(&lines).is_some_and(|found| {
        let next = below[found.lines - 1..].iter().find(|line| !line.blank);
        found.proof == Proof::Sure || next.is_some_and(|line| line.quoted)
    })
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
            || begins_with_opener(folded)
            || begins_with_weekday(folded)
            || verbs().any(|verb| contains_words(folded, verb)))
}

/// What the lines put together show of an attribution, if they are one.
fn judge(joined: &str) -> Option<Proof> {
    // Zoho: "---- On Wed, 24 Feb 2021 14:02:50 +0530 x@example.com wrote ----".
    let (text, dashed) = match joined.strip_prefix("---") {
        Some(rest) => {
            let rest = rest.trim_start_matches('-').strip_suffix("---")?;
            (rest.trim_end_matches('-').trim(), true)
        }
        None => (joined.trim_start_matches(['-', ' ']), false),
    };
    let (body, colon) = match text.strip_suffix([':', '：']) {
        Some(body) => (body.trim_end(), true),
        None => (text, false),
    };
    let evidence = Evidence::of(body);
    let proof = Some(evidence.proof());
    let begins = begins_with_opener(body)
        || begins_with_weekday(body)
        || body.starts_with(|c: char| c.is_ascii_digit());

    if let Some(subject) = without_verb(body) {
        // Without the colon only an address makes it sure ("… <x@example.com> wrote").
        let closed = colon || dashed || evidence.address;
        if closed && (begins && evidence.any() || evidence.address && evidence.time) {
            return proof;
        }
        // "Ana via Suporte <x@example.com> schrieb:", which a person may write as well.
        let named = colon && evidence.bracketed && subject.ends_with(['>', ')', ']']);
        // "Às 14:03 de 05/06/2025, Ana Sol escreveu:"
        let dated = (colon && evidence.dated()).then_some(Proof::Dated);
        return dated.or(named.then_some(Proof::Weak));
    }
    if !colon && !dashed {
        return None;
    }
    // The verb in the middle: "Am … schrieb Ana <ana@example.com>:", "Ana escreveu no dia …:".
    if verbs().any(|verb| contains_words(body, verb)) {
        let dated = begins && evidence.any() && (evidence.address || evidence.time)
            || evidence.address && (evidence.time || evidence.year || evidence.day);
        // "Ana Sol escreveu em 05/06/2025 14:03:", which a person may write as well.
        let named = (evidence.dated() && !begins).then_some(Proof::Dated);
        return if dated { proof } else { named };
    }
    // No verb: "ср, 30 апр. 2025 г. в 15:19, Ana <ana@example.com>:", "Quoting Ana <…>:".
    let quoting = QUOTING.iter().any(|word| starts_with_words(body, word));
    let addressed = evidence.ends_with_address && (begins && evidence.time || quoting);
    // "Jun 5, 2025, 14:03 by ana@example.com:", "Wiadomość napisana przez Ana w dniu …:".
    let by = begins_with_day(body) && ends_by_address(body) || quoting;
    if addressed || by && evidence.dated() {
        return proof;
    }
    // A verb of another language, over a paragraph of its own.
    (evidence.bracketed && evidence.dated()).then_some(Proof::Dated)
}

/// Whether a text ends with a bare address and the word for whose it is: "… by ana@example.com".
fn ends_by_address(body: &str) -> bool {
    let mut words = body.split(' ').rev();
    words.next().is_some_and(|word| word.contains('@'))
        && words.next().is_some_and(|word| BY.contains(&word))
}

/// Words in front of whose mail it is.
const BY: &[&str] = &[
    "by", "de", "por", "von", "da", "van", "od", "от", "av", "af", "par", "från", "fra",
];

/// Openers that need no date.
const QUOTING: &[&str] = &[
    "quoting",
    "citando",
    "citando a",
    "citeren",
    "zitat von",
    "cytowanie",
    "wiadomość napisana przez",
    "вы писали",
];

fn verbs() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().flat_map(|l| l.verbs.iter().copied())
}

fn begins_with_opener(folded: &str) -> bool {
    LANGUAGES
        .iter()
        .flat_map(|l| l.openers)
        .any(|opener| starts_with_words(folded, opener))
}

fn begins_with_weekday(folded: &str) -> bool {
    LANGUAGES
        .iter()
        .flat_map(|l| l.weekdays)
        .any(|day| starts_with_words(folded, day))
}

/// What stands in front of the verb with which a text ends.
fn without_verb(body: &str) -> Option<&str> {
    let mut rests = verbs().filter_map(|verb| {
        // Chinese and Korean leave no space in front of it.
        let joined = verb.starts_with(|c: char| c >= '\u{1100}');
        let rest = body.strip_suffix(verb)?;
        (joined || !rest.ends_with(char::is_alphanumeric)).then_some(rest)
    });
    rests.next().map(str::trim_end)
}

/// Whether a line between dashes names who wrote what follows: "-----Ana Sol/Sede escreveu: -----".
pub(super) fn names_writer(phrase: &str) -> bool {
    without_verb(phrase).is_some_and(|name| name.contains(char::is_alphabetic))
}

/// Whether `words` stand in the text as whole words, with a space in front.
fn contains_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(start, _)| {
        text[..start].ends_with([' ', '>', ')'])
            && !text[start + words.len()..].starts_with(char::is_alphanumeric)
    })
}

/// What in a line says that a machine wrote it.
#[derive(Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Something of the form `x@y` stands in it.
    address: bool,
    /// It stands in brackets.
    bracketed: bool,
    /// The address stands last, bracketed.
    ends_with_address: bool,
    /// A time of day.
    time: bool,
    /// A year of four digits, or a date of three numbers.
    year: bool,
    /// A day and a month as numbers.
    day: bool,
}

impl Evidence {
    pub(super) fn of(body: &str) -> Self {
        let address = body
            .split('@')
            .zip(body.split('@').skip(1))
            .any(|(before, after)| {
                before.ends_with(|c: char| c.is_alphanumeric() || "._-+'".contains(c))
                    && after.starts_with(char::is_alphanumeric)
            });
        let bytes = body.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let time = (1..bytes.len()).any(|at| {
            // "24.11.26" and "10.0.0.12" hold none.
            let numbers = bytes[at] == b'.'
                && (bytes.get(at + 3) == Some(&b'.') && digit(at + 4)
                    || (2..=3).any(|back| at > back && bytes[at - back] == b'.'));
            matches!(bytes[at], b':' | b'.' | b'h')
                && digit(at - 1)
                && digit(at + 1)
                && digit(at + 2)
                && !digit(at + 3)
                && !numbers
        });
        let slash =
            |at: usize| at > 0 && bytes.get(at) == Some(&b'/') && digit(at - 1) && digit(at + 1);
        let day = (1..bytes.len()).any(slash);
        let year = body.split(|c: char| !c.is_ascii_digit()).any(|digits| {
            digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
        }) || (1..bytes.len()).any(|at| slash(at) && (slash(at + 2) || slash(at + 3)))
            || body.split([' ', ',']).any(is_short_date);
        Self {
            address,
            bracketed: address && body.contains(['<', '(', '[']),
            ends_with_address: address && body.ends_with(['>', ')', ']']),
            time,
            year,
            day,
        }
    }

    fn any(self) -> bool {
        self.address || self.time || self.year || self.day
    }

    pub(super) fn has_time(self) -> bool {
        self.time
    }

    pub(super) fn has_address(self) -> bool {
        self.address
    }

    /// Whether an address stands in it, and something in brackets.
    pub(super) fn is_bracketed(self) -> bool {
        self.bracketed
    }

    /// A date with its year and a time.
    pub(super) fn dated(self) -> bool {
        self.year && self.time
    }

    fn proof(self) -> Proof {
        if self.address || self.dated() {
            Proof::Sure
        } else if self.year {
            Proof::Dated
        } else {
            Proof::Weak
        }
    }
}

/// A day with a year of two digits: "24.11.26", "24-11-26".
fn is_short_date(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    ['.', '-'].iter().any(|mark| {
        let parts: Vec<Option<u8>> = word
            .splitn(4, *mark)
            .map(|part| part.parse().ok())
            .collect();
        matches!(parts[..], [Some(day), Some(month), Some(_)] if day <= 31 && month <= 12)
    })
}

#[cfg(test)]
mod tests {
    use super::{super::lines::split, Proof, at};

    fn lines_taken(text: &str) -> Option<usize> {
        at(&split(text)).map(|found| found.lines)
    }

    #[test]
    fn what_people_write_too_is_no_proof() {
        for (text, proof) in [
            ("Em 05/06 às 14:03 Ana escreveu:", Proof::Weak),
            ("Em 05/06/2025 14:03 o técnico escreveu:", Proof::Weak),
            ("Ana via Suporte <ana@example.com> schrieb:", Proof::Weak),
            ("On Nov 26, 2013 you wrote:", Proof::Dated),
            ("Ana Sol escreveu em 05/06/2025 14:03:", Proof::Dated),
            ("Às 14:03 de 05/06/2025, Ana Sol escreveu:", Proof::Dated),
            (
                "Pada tanggal Kam, 5 Jun 2025 pukul 14.03 Ana <ana@example.com> menulis:",
                Proof::Sure,
            ),
            (
                "Kamis 5 Jun 2025 14:03 Ana <ana@example.com> zzzz:",
                Proof::Dated,
            ),
            ("El 5/6/25 a las 14:03, Ana Sol escribió:", Proof::Sure),
            ("Em 05/06/2025 14:03, Ana Sol escreveu:", Proof::Sure),
            (
                "Em qui., 5 de jun., Ana <ana@example.com> escreveu:",
                Proof::Sure,
            ),
        ] {
            assert_eq!(at(&split(text)).unwrap().proof, proof, "{text}");
        }
    }

    #[test]
    fn attributions_of_many_clients_are_known() {
        for (text, taken) in [
            (
                "Em qui., 5 de jun. de 2025 às 14:03, Ana Sol <ana@example.com> escreveu:",
                1,
            ),
            (
                "Em qui., 5 de jun. de 2025 às 14:03, Ana Sol <\nana@example.com> escreveu:",
                2,
            ),
            (
                "Em 5 de jun. de 2025, à(s) 14:03, Ana Sol <ana@example.com> escreveu:",
                1,
            ),
            ("Em 05/06/2025 14:03, Ana Sol escreveu:", 1),
            (
                "Ana Sol <ana@example.com> escreveu no dia quinta, 5/06/2025 à(s) 14:03:",
                1,
            ),
            (
                "Ana Sol <ana@example.com> escreveu (quinta, 5/06/2025 à(s) 14:03):",
                1,
            ),
            (
                "---- Ativado qui, 05 jun 2025 14:03:22 -0300 Ana Sol <ana@example.com> escreveu ----",
                1,
            ),
            ("Citando Ana Sol <ana@example.com>:", 1),
            (
                "El jue, 5 jun 2025 a las 14:03, Ana Sol (<ana@example.com>) escribió:",
                1,
            ),
            ("El 5/6/25 a las 14:03, Ana Sol escribió:", 1),
            (
                "On Thu, Jun 5, 2025 at 2:03\u{202f}PM Ana Sol <ana@example.com> wrote:",
                1,
            ),
            (
                "On Thursday, June 5th, 2025 at 2:03 PM, Ana Sol <ana@example.com>\nwrote:",
                2,
            ),
            ("On Thu, 5 Jun 2025, Ana Sol wrote:", 1),
            (
                "Am Do., 5. Juni 2025 um 14:03 Uhr schrieb Ana Sol <\nana@example.com>:",
                2,
            ),
            (
                "Op do 5 jun 2025 om 14:03 schreef Ana Sol <ana@example.com>:",
                1,
            ),
            ("чт, 5 июн. 2025 г. в 14:03, Ana Sol <ana@example.com>:", 1),
            ("05.06.2025, 14:03, \"Ana Sol\" <ana@example.com>:", 1),
            ("- Le 5 juin 2025 à 14:03, Ana Sol a écrit :", 1),
            ("At 14:03 05/06/2025 -0300, you wrote:", 1),
            ("At 02:03 PM 6/5/2025, Ana Sol wrote:", 1),
            (
                "чт, 5 черв. 2025 р. о 14:03 Ana Sol <ana@example.com> пише:",
                1,
            ),
            (
                "Am Do., 5. Juni 2025 um 14:03 Uhr schrieb Ana via Suporte <ana@example.com>:",
                1,
            ),
            (
                "On Thu, Jun 5, 2025 at\n2:03 PM Ana Sol <ana@example.com> wrote:",
                2,
            ),
            (
                "On Thu, Jun 5, 2025 at 2:03 PM joao silva <joao@example.com> wrote:",
                1,
            ),
            (
                "Em qui., 5 de jun.\nde 2025 às 14:03, Dr. Ana Sol <ana@example.com>\nescreveu:",
                3,
            ),
            (
                "Ana Sol <ana@example.com>\nescreveu no dia quinta, 5/06/2025 à(s) 14:03:",
                2,
            ),
            (
                "Il giorno gio 5 giu 2025 alle ore 14:03 Ana Sol <ana@example.com> ha scritto:",
                1,
            ),
            ("Em 05/06/2025 14:03, joao silva escreveu:", 1),
            (
                "On Nov 21, 2014,\nat 10:18,\nAna Sol <ana@example.com> wrote:",
                3,
            ),
            ("Am 05.06.25 um 14:03 schrieb Ana Sol:", 1),
            (
                "Am Donnerstag, dem 05.06.2025 um 14:03 +0200 schrieb Ana Sol:",
                1,
            ),
            ("Jun 5, 2025, 14:03 by ana@example.com:", 1),
            ("5 de jun. de 2025 14:03 de ana@example.com:", 1),
            (
                "Wiadomość napisana przez Ana Sol <ana@example.com> w dniu 5 cze 2025, o godz. 14:03:",
                1,
            ),
            ("Вы писали 5 июня 2025 г., 14:03:22:", 1),
            ("Citeren Ana Sol <ana@example.com>:", 1),
            (
                "On Jun 5, 2025, 2:03 PM -0300, Ana Sol <ana@example.com>, wrote:",
                1,
            ),
            (
                "Ana Sol <ana@example.com> 于2025年6月5日周四 14:03写道：",
                1,
            ),
            (
                "2025년 6월 5일 (목) 오후 2:03, Ana Sol <ana@example.com>님이 작성:",
                1,
            ),
            (
                "V V čet., 5. jun. 2025 ob 14:03 je oseba Ana <ana@example.com> napisala:",
                1,
            ),
        ] {
            assert_eq!(lines_taken(text), Some(taken), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_none() {
        for text in [
            "On the other hand, we wrote:",
            "On average, this works well.",
            "Em anexo segue o que o cliente escreveu:",
            "Em 10/06 às 14:00 a impressora parou.",
            "Segue o contato: ana@example.com",
            "O manual diz como escreveu o fabricante: reiniciar",
            "Das 10:30 às 11:45:",
            "2024-01-15 14:30:25",
            "Favor enviar para Ana <ana@example.com>:",
            "On Monday I wrote:",
            "On Monday at 10:30 I wrote:",
            "Em 05/06 o técnico escreveu:",
            "Em 05/06 às 14:03 liguei, ninguém atendeu, e o técnico escreveu:",
            "Em 05/06 às 14:03 mandei o log para Ana <ana@example.com> e ela escreveu:",
            "Em 10/06/2025 às 14:00 a impressora parou. O técnico escreveu:",
            "Em 10/06/2025 às 14:00 a rede caiu novamente.\nO técnico escreveu:",
            "",
        ] {
            assert_eq!(lines_taken(text), None, "{text}");
        }
    }

    #[test]
    fn what_stands_directly_above_is_no_part_of_it() {
        for (above, attribution) in [
            ("Am Montag um 10:00", "Am 24.11.26 um 09:12 schrieb Ana:"),
            (
                "Montag",
                "Am Dienstag, dem 24.11.2026 um 09:12 +0100 schrieb Ana:",
            ),
            ("Am 30.11.2026", "Ana schrieb am 24.11.2026 um 09:12:"),
            ("At 5 PM", "Ana <ana@example.com> writes:"),
            ("El 30/11/2026", "Ana <ana@example.com> escribió:"),
            ("Le 24 novembre à 10:00", "Ana <ana@example.com> a écrit :"),
            (
                "W dniu 30.11.2026 o 10:00",
                "wt., 24 lis 2026 o 09:12 Ana <ana@example.com> napisał(a):",
            ),
            ("Вторник", "24.11.2026 09:12, Ana пишет:"),
            (
                "Пн в 10:00",
                "вт, 24 нояб. 2026 г. в 09:12, Ana <ana@example.com>:",
            ),
            (
                "På måndag",
                "den tisdag 24 november 2026 kl. 09:12:33 CET skrev Ana <ana@example.com>:",
            ),
            ("14:00", "Às 09:12 de 24/11/2026, Ana escreveu:"),
            ("11 99999-0000", "Ana escreveu em 24/11/2026 09:12:"),
        ] {
            let text = format!("{above}\n{attribution}");
            assert_eq!(lines_taken(&text), None, "{text}");
            assert_eq!(lines_taken(attribution), Some(1), "{attribution}");
        }
    }

    #[test]
    fn it_begins_behind_an_answer_on_the_same_line() {
        for (answer, attribution) in [
            ("👍", "Em 24/11/2026 09:12, Ana escreveu:"),
            (
                "Sì, grazie.",
                "Il giorno mar 24 nov 2026 alle ore 09:12 Ana <ana@example.com> ha scritto:",
            ),
            (
                "Да, работает",
                "вт, 24 нояб. 2026 г. в 09:12, Ana <ana@example.com>:",
            ),
            (
                "Tak, działa",
                "wt., 24 lis 2026 o 09:12 Ana <ana@example.com> napisał(a):",
            ),
            (
                "",
                "On Nov 24, 2026, 9:12 AM -0300, Ana <ana@example.com>, wrote:",
            ),
        ] {
            let line = format!("{answer} {attribution}");
            let found = super::within(&split(&line)[0], &split("> Oi"));
            let wanted = (!answer.is_empty()).then_some(answer.len() + 1);
            assert_eq!(found, wanted, "{line}");
        }
    }

    #[test]
    fn it_ends_where_a_blank_line_stands() {
        assert_eq!(lines_taken("Em 05/06/2025 14:03,\n\nAna escreveu:"), None);
    }
}
