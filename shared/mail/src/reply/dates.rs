//! The words of which an attribution is made besides names: days, months, times, and what joins
//! them. A line that holds others is what a person writes.

use super::languages::LANGUAGES;

/// Months, as they are written out and as programs shorten them, and their endings after a number.
const MONTHS: &[&str] = &[
    // Portuguese, Spanish, Italian, French, Romanian
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
    "jan",
    "fev",
    "mar",
    "abr",
    "mai",
    "jun",
    "jul",
    "ago",
    "set",
    "out",
    "nov",
    "dez",
    "enero",
    "febrero",
    "marzo",
    "mayo",
    "junio",
    "julio",
    "septiembre",
    "setiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "ene",
    "feb",
    "may",
    "sep",
    "sept",
    "oct",
    "dic",
    "gennaio",
    "febbraio",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "settembre",
    "ottobre",
    "dicembre",
    "gen",
    "apr",
    "mag",
    "giu",
    "lug",
    "ott",
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
    "janv",
    "févr",
    "avr",
    "juil",
    "déc",
    "ianuarie",
    "februarie",
    "martie",
    "aprilie",
    "iunie",
    "iulie",
    "septembrie",
    "octombrie",
    "noiembrie",
    "decembrie",
    // English, German, Dutch
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "aug",
    "dec",
    "januar",
    "jänner",
    "februar",
    "märz",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "mär",
    "mrz",
    "okt",
    "januari",
    "februari",
    "maart",
    "mei",
    "augustus",
    "mrt",
    // Danish, Norwegian, Swedish, Finnish
    "marts",
    "maj",
    "augusti",
    "desember",
    "mai",
    "des",
    "tammikuuta",
    "helmikuuta",
    "maaliskuuta",
    "huhtikuuta",
    "toukokuuta",
    "kesäkuuta",
    "heinäkuuta",
    "elokuuta",
    "syyskuuta",
    "lokakuuta",
    "marraskuuta",
    "joulukuuta",
    "tammik",
    "helmik",
    "maalisk",
    "huhtik",
    "toukok",
    "kesäk",
    "heinäk",
    "elok",
    "syysk",
    "lokak",
    "marrask",
    "jouluk",
    // Polish, Czech, Russian, Ukrainian
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
    "sty",
    "lut",
    "kwi",
    "cze",
    "lip",
    "sie",
    "wrz",
    "paź",
    "lis",
    "gru",
    "ledna",
    "února",
    "března",
    "dubna",
    "května",
    "června",
    "července",
    "srpna",
    "září",
    "října",
    "prosince",
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
    "янв",
    "февр",
    "фев",
    "мар",
    "апр",
    "май",
    "июн",
    "июл",
    "авг",
    "сент",
    "сен",
    "окт",
    "нояб",
    "ноя",
    "дек",
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
    "січ",
    "лют",
    "бер",
    "квіт",
    "трав",
    "черв",
    "лип",
    "серп",
    "вер",
    "жовт",
    "лист",
    "груд",
    // Turkish, Hungarian
    "ocak",
    "şubat",
    "mart",
    "nisan",
    "mayıs",
    "haziran",
    "temmuz",
    "ağustos",
    "eylül",
    "ekim",
    "kasım",
    "aralık",
    "oca",
    "şub",
    "nis",
    "haz",
    "tem",
    "ağu",
    "eyl",
    "eki",
    "kas",
    "ara",
    "január",
    "február",
    "március",
    "április",
    "május",
    "június",
    "július",
    "augusztus",
    "szeptember",
    "október",
    "márc",
    "ápr",
    "máj",
    "jún",
    "júl",
    "szept",
];

/// What joins the parts of a date and a name.
const PARTICLES: &[&str] = &[
    "a",
    "à",
    "às",
    "à(s)",
    "as",
    "ao",
    "de",
    "da",
    "do",
    "dos",
    "das",
    "del",
    "della",
    "di",
    "du",
    "dia",
    "la",
    "las",
    "los",
    "el",
    "e",
    "y",
    "en",
    "em",
    "no",
    "na",
    "at",
    "on",
    "the",
    "of",
    "by",
    "you",
    "via",
    "von",
    "van",
    "der",
    "den",
    "zu",
    "und",
    "and",
    "et",
    "um",
    "uhr",
    "om",
    "kl",
    "klo",
    "alle",
    "ore",
    "giorno",
    "data",
    "h",
    "hs",
    "hrs",
    "horas",
    "pm",
    "am",
    "p.m",
    "a.m",
    "p",
    "m",
    "gmt",
    "utc",
    "est",
    "edt",
    "pst",
    "brt",
    "cet",
    "cest",
    "g",
    "r",
    "г",
    "р",
    "в",
    "о",
    "w",
    "o",
    "dne",
    "dnia",
    "dniu",
    "th",
    "st",
    "nd",
    "rd",
    "feira",
    "le",
    "il",
    "op",
    "d",
    "bin",
    "ibn",
    "al",
    "ben",
    "das",
    "date",
    "tarihinde",
    "saat",
    "tarihli",
    "dem",
    "godz",
    "klockan",
    "u",
    "v",
    "ob",
    "la",
    "στις",
    "ο",
    "μ.μ",
    "π.μ",
    "μ",
    "π",
    "dt",
    "dl",
    "dc",
    "dj",
    "dv",
    "ds",
    "dg",
    "vào",
    "lúc",
    "th",
    "thg",
    "pada",
    "tanggal",
    "por",
    "par",
    "od",
    "от",
    "av",
    "af",
    "från",
    "fra",
    "pukul",
];

/// Words of people who tell of themselves, though they have a capital.
const PRONOUNS: &[&str] = &["i", "eu", "yo", "ich", "je", "io", "ik", "jag", "ja", "я"];

/// Whether a folded word is part of a date, or joins such parts.
fn is_vocabulary(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '(');
    let inner = bare.trim_matches(|c: char| !c.is_alphanumeric());
    inner.is_empty()
        || inner.contains(|c: char| c.is_ascii_digit())
        || [bare, inner]
            .iter()
            .any(|word| MONTHS.contains(word) || PARTICLES.contains(word) || is_weekday(word))
        || inner.split('-').count() > 1 && inner.split('-').all(is_vocabulary)
}

/// Whether a word as written is a part of a date: "jun.", "qui.,".
pub(super) fn is_date_word(raw: &str) -> bool {
    is_vocabulary(&raw.to_lowercase())
}

fn is_weekday(word: &str) -> bool {
    LANGUAGES.iter().any(|l| l.weekdays.contains(&word))
}

/// Whether a folded text begins with a day: "qui., 5 de", "Jun 5", "05/06/2025", "giorno gio 5".
pub(super) fn begins_with_day(text: &str) -> bool {
    text.split_whitespace().take(3).any(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let number = bare.starts_with(|c: char| c.is_ascii_digit());
        number || MONTHS.contains(&bare) || is_weekday(bare) || bare.split('-').any(is_weekday)
    }) && text.split_whitespace().next().is_some_and(is_vocabulary)
}

/// Whether a folded text names a month and a number: a day, whatever its year.
pub(super) fn names_day(text: &str) -> bool {
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words.clone().any(|word| MONTHS.contains(&word))
        && words.any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
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
