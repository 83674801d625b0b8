//! The words of which an attribution is made besides names: days, months, times, and what joins
//! them. A line that holds others is what a person writes.

use super::{languages::LANGUAGES, particles::PARTICLES};

/// Words of people who tell of themselves, though they have a capital.
const PRONOUNS: &[&str] = &["i", "eu", "yo", "ich", "je", "io", "ik", "jag", "ja", "я"];

/// Whether a folded word is part of a date, or joins such parts.
fn is_vocabulary(word: &str) -> bool {
    // "à(s)" ends with a bracket of its own.
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '(' && c != ')');
    let bare = match bare.contains('(') && !bare.starts_with('(') {
        true => bare,
        false => bare.trim_matches(['(', ')']),
    };
    let inner = bare.trim_matches(|c: char| !c.is_alphanumeric());
    if is_other_number(inner) {
        return false;
    }
    inner.is_empty()
        || inner.contains(|c: char| c.is_ascii_digit())
        || [bare, inner]
            .iter()
            .any(|word| is_month(word) || PARTICLES.contains(word) || is_weekday(word))
        || inner.split('-').count() > 1 && inner.split('-').all(is_vocabulary)
}

/// Whether a word as written is a part of a date: "jun.", "qui.,".
pub(super) fn is_date_word(raw: &str) -> bool {
    is_vocabulary(&raw.to_lowercase())
}

/// Whether a word is a number that stands in no date: the address of a computer, a telephone, a serial.
pub(super) fn is_other_number(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_digit());
    let bare = bare.split('/').next().unwrap_or_default();
    // Lengths of the groups, 0 for what is no number.
    let groups = |mark: char| -> Vec<usize> {
        let groups = bare.split(mark).take(5);
        let length = |group: &str| match group.bytes().all(|b| b.is_ascii_digit()) {
            true => group.len(),
            false => 0,
        };
        groups.map(length).collect()
    };
    match (groups('.').as_slice(), groups('-').as_slice()) {
        ([1..=3, 1..=3, 1..=3, 1..=3], _) => true,
        (_, [3..=5, rest]) => *rest > 2,
        (_, [single]) => *single > 4,
        _ => false,
    }
}

fn is_month(word: &str) -> bool {
    LANGUAGES.iter().any(|l| l.months.contains(&word))
}

fn is_weekday(word: &str) -> bool {
    LANGUAGES.iter().any(|l| l.weekdays.contains(&word))
}

/// Whether a folded text begins with a day: "qui., 5 de", "Jun 5", "05/06/2025", "giorno gio 5".
pub(super) fn begins_with_day(text: &str) -> bool {
    text.split_whitespace().take(3).any(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let number = bare.starts_with(|c: char| c.is_ascii_digit());
        number || is_month(bare) || is_weekday(bare) || bare.split('-').any(is_weekday)
    }) && text.split_whitespace().next().is_some_and(is_vocabulary)
}

/// Whether a folded text begins with a whole day, of the month and not of the week alone: what a name
/// holds may be the short form of a weekday in some language ("Suporte TI" is Tuesday in Finnish).
pub(super) fn begins_with_whole_day(text: &str) -> bool {
    let words: Vec<&str> = text
        .split_whitespace()
        .take_while(|word| !word.starts_with(['<', '[']) && !word.contains('@'))
        .take_while(|word| is_vocabulary(word))
        .take(LONGEST_DAY)
        .collect();
    let run = words.join(" ");
    let digits = run.as_bytes();
    // "05/06", "2025-06-05", "5.6.": digits, a mark, and digits again.
    let numbers = digits.windows(3).any(|three| {
        three[0].is_ascii_digit()
            && matches!(three[1], b'/' | b'-' | b'.')
            && three[2].is_ascii_digit()
    });
    // Chinese and Japanese write the units of a date, not names of months.
    let units = run.contains(['年', '月', '년', '월']);
    begins_with_day(text) && (numbers || units || names_day(&run))
}

/// Most words of a date, with its time.
const LONGEST_DAY: usize = 12;

/// Whether a folded text names a day of the week.
pub(super) fn names_weekday(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(is_weekday)
}

/// Whether a folded text names a month and a number: a day, whatever its year.
pub(super) fn names_day(text: &str) -> bool {
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.clone().any(is_month) && words.any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// How many words of a line are neither parts of a date nor a name nor an address: what people
/// write has some. `known` tells the further words of attributions.
pub(super) fn other_words(raw: &str, known: impl Fn(&str) -> bool) -> usize {
    let mut bracket = None;
    let mut count = 0;
    let mut name_from = None;
    let mut dated = false;
    for (at, word) in raw.split_whitespace().enumerate() {
        if let Some(close) = bracket {
            if word.contains(close) {
                bracket = None;
            }
            continue;
        }
        if let Some(at) = word.find(['<', '[']) {
            let close = if word[at..].starts_with('<') {
                '>'
            } else {
                ']'
            };
            if !word[at..].contains(close) {
                bracket = Some(close);
            }
            continue;
        }
        let folded = word.to_lowercase();
        let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
        let cased = bare.chars().any(|c| c.is_lowercase());
        let capital = word
            .trim_start_matches(|c: char| !c.is_alphanumeric())
            .starts_with(char::is_uppercase);
        let pronoun = PRONOUNS.contains(&bare);
        if word.contains(['@', '&'])
            || is_vocabulary(&folded)
            || known(bare)
            || !cased
            || capital && !pronoun
        {
            dated |= word.contains(|c: char| c.is_ascii_digit());
            if word.ends_with(',') && dated {
                name_from = Some(at + 1);
            }
            continue;
        }
        count += 1;
        if word.ends_with(',') {
            name_from = None;
        }
    }
    // "…14:03, joao silva escreveu:": who has no capitals in their name stands behind a comma.
    let words: Vec<&str> = raw.split_whitespace().collect();
    match name_from {
        Some(from) if (1..=3).contains(&count) && words.len() - from <= count + 1 => 0,
        _ => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_from_what_people_begin_with() {
        for day in [
            "qui., 5 de jun.",
            "thu, jun 5, 2025",
            "05/06/2025 14:03",
            "5 de junho",
            "giorno gio 5 giu",
            "quinta-feira, 5",
            "2025-06-05",
        ] {
            assert!(begins_with_day(day), "{day}");
        }
        for text in [
            "anexo o comprovante",
            "seguida desliguei 2 vezes",
            "the other hand",
            "breve retorno",
            "",
        ] {
            assert!(!begins_with_day(text), "{text}");
        }
    }

    #[test]
    fn a_number_of_another_kind_is_no_part_of_a_date() {
        for word in [
            "10.0.0.5",
            "192.168.0.10/24",
            "95555-0000",
            "5555-0000,",
            "+551155550000",
            "44711",
        ] {
            assert!(!is_date_word(word), "{word}");
        }
        for word in [
            "5.6.2025",
            "2025-06-05",
            "05/06/2025",
            "14:03:22",
            "-0300",
            "2025,",
            "5th",
            "14h03",
            "2025年6月5日(木)",
            "24-11-26",
            "2:03",
            "14.03",
            "05-jun-2025",
        ] {
            assert!(is_date_word(word), "{word}");
        }
    }

    #[test]
    fn a_day_of_the_week_alone_is_no_whole_day() {
        for day in [
            "qui., 5 de jun.",
            "thu, jun 5, 2025",
            "05/06/2025 14:03",
            "do 5.6.25",
            "2025年6月5日",
        ] {
            assert!(begins_with_whole_day(day), "{day}");
        }
        for text in [
            "ti <desk@example.com> escreveu:",
            "ti 24h <desk@example.com> escreveu (qui, 5/06/2025 14:03):",
            "ter acesso. o rh <rh@example.com> escreveu:",
            "dom",
            "",
        ] {
            assert!(!begins_with_whole_day(text), "{text}");
        }
    }

    #[test]
    fn words_of_people_are_counted() {
        for (line, count) in [
            (
                "Em qui., 5 de jun. de 2025 às 14:03, Ana da Silva <ana@example.com> escreveu:",
                0,
            ),
            (
                "On Thu, Jun 5, 2025 at 2:03 PM joao silva <joao@example.com> wrote:",
                2,
            ),
            ("Em 05/06/2025 14:03, joao silva escreveu:", 0),
            ("Em 05/06/2025 14:03 o técnico escreveu:", 1),
            ("Em 05/06 liguei, ninguém atendeu, e o técnico escreveu:", 4),
            ("On Monday at 10:30 I wrote:", 1),
        ] {
            let known = |word: &str| ["em", "on", "escreveu", "wrote"].contains(&word);
            assert_eq!(other_words(line, known), count, "{line}");
        }
    }
}
