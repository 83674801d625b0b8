//! The line (or lines) with which a mail program introduces a quotation: "Em … escreveu:".
//!
//! There is no standard for it. What all have in common: a known beginning or an address, a date, a
//! verb (not in every language), and a colon at the end. Two of these alone are how people write
//! too, so a date or an address must be there always. Where the lines below carry no `>`, all that
//! follows hangs on this one line, and it must show more: see [`Proof`].

use super::{
    languages::LANGUAGES,
    lines::{Line, fold, starts_with_words},
};

/// Most lines over which a client wraps an attribution.
const MOST_LINES: usize = 5;
/// Longest attribution, in bytes of folded text.
const LONGEST: usize = 500;

/// An attribution.
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
    let mut joined = String::new();
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
        if joined.len() > LONGEST {
            return None;
        }
        let above = index.checked_sub(1).map_or("", |above| lines[above].raw);
        sentences |= ends_sentence(line.raw, above);
        if is_attribution(&joined) {
            let evidence = Evidence::of(&joined);
            // "Em 10/06 às 14:00 parou. O técnico escreveu:" is what a person tells.
            if sentences && !evidence.address {
                return None;
            }
            return Some(Attribution {
                lines: index + 1,
                proof: evidence.proof(),
            });
        }
    }
    None
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
    folded.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '"')
        || folded.contains('@')
        || begins_with_opener(folded)
        || begins_with_weekday(folded)
        || verbs().any(|verb| contains_words(folded, verb))
}

/// Judges the lines put together.
fn is_attribution(joined: &str) -> bool {
    // Zoho: "---- On Wed, 24 Feb 2021 14:02:50 +0530 x@example.com wrote ----".
    let (text, dashed) = match joined.strip_prefix("---") {
        Some(rest) => match rest.trim_start_matches('-').strip_suffix("---") {
            Some(rest) => (rest.trim_end_matches('-').trim(), true),
            None => return false,
        },
        None => (joined, false),
    };
    let (body, colon) = match text.strip_suffix([':', '：']) {
        Some(body) => (body.trim_end(), true),
        None => (text, false),
    };
    let evidence = Evidence::of(body);
    let begins = begins_with_opener(body)
        || begins_with_weekday(body)
        || body.starts_with(|c: char| c.is_ascii_digit());

    if ends_with_verb(body) {
        // Without the colon only an address makes it sure ("… <x@example.com> wrote").
        return (colon || dashed || evidence.address)
            && (begins && evidence.any() || evidence.address && evidence.time);
    }
    if !colon && !dashed {
        return false;
    }
    // The verb in the middle: "Am … schrieb Ana <ana@example.com>:", "Ana escreveu no dia …:".
    if verbs().any(|verb| contains_words(body, verb)) {
        return begins && evidence.any() && (evidence.address || evidence.time)
            || evidence.address && (evidence.time || evidence.year || evidence.day);
    }
    // No verb: "ср, 30 апр. 2025 г. в 15:19, Ana <ana@example.com>:", "Quoting Ana <…>:".
    evidence.ends_with_address
        && (begins && evidence.time || QUOTING.iter().any(|word| starts_with_words(body, word)))
}

/// Openers that need no date.
const QUOTING: &[&str] = &["quoting", "citando", "citando a", "zitat von"];

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

fn ends_with_verb(body: &str) -> bool {
    verbs().any(|verb| {
        body.strip_suffix(verb)
            .is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
    })
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
    /// Something like `x@y`.
    address: bool,
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
            matches!(bytes[at], b':' | b'.' | b'h')
                && digit(at - 1)
                && digit(at + 1)
                && digit(at + 2)
                && !digit(at + 3)
        });
        let slash =
            |at: usize| at > 0 && bytes.get(at) == Some(&b'/') && digit(at - 1) && digit(at + 1);
        let day = (1..bytes.len()).any(slash);
        let year = body.split(|c: char| !c.is_ascii_digit()).any(|digits| {
            digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
        }) || (1..bytes.len()).any(|at| slash(at) && (slash(at + 2) || slash(at + 3)));
        Self {
            address,
            ends_with_address: address && body.ends_with(['>', ')', ']']),
            time,
            year,
            day,
        }
    }

    fn any(self) -> bool {
        self.address || self.time || self.year || self.day
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

#[cfg(test)]
mod tests {
    use super::{super::lines::split, Proof, at};

    fn lines_taken(text: &str) -> Option<usize> {
        at(&split(text)).map(|found| found.lines)
    }

    #[test]
    fn what_people_write_too_is_no_proof() {
        for (text, proof) in [
            ("Em 05/06 o técnico escreveu:", Proof::Weak),
            ("Em 05/06 às 14:03 o técnico escreveu:", Proof::Weak),
            ("On Monday at 10:30 I wrote:", Proof::Weak),
            ("Em 05/06/2025 o técnico escreveu:", Proof::Dated),
            ("On Nov 26, 2013 you wrote:", Proof::Dated),
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
            "Em 10/06/2025 às 14:00 a impressora parou. O técnico escreveu:",
            "Em 10/06/2025 às 14:00 a rede caiu novamente.\nO técnico escreveu:",
            "",
        ] {
            assert_eq!(lines_taken(text), None, "{text}");
        }
    }

    #[test]
    fn it_ends_where_a_blank_line_stands() {
        assert_eq!(lines_taken("Em 05/06/2025 14:03,\n\nAna escreveu:"), None);
    }
}
