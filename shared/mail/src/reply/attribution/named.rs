//! An attribution that begins with a name: what somebody wrote in front of it on the line looks like a part
//! of the name.

use super::{
    super::{
        dates::{begins_with_whole_day, is_date_word, is_other_number, other_words},
        lines::{Line, fold, starts_with_words},
    },
    Evidence, ends_with_zone,
    judge::is_quoting,
    put_together, shortest, verbs,
    words::{begins_with_whole_date, is_known},
};

/// Whether words of a person may stand in front of the name in these lines, which are an attribution:
/// "Patrimônio 4471 Ana Sol <ana@example.com> escreveu em …".
pub(in super::super) fn may_hold_words(lines: &[Line<'_>]) -> bool {
    let text = put_together(lines);
    let breaks = (1..lines.len()).any(|from| {
        shortest(&lines[from..]).is_some() && !ends_with_zone(&put_together(&lines[..from]))
    });
    front(&text).contains(char::is_alphanumeric) && (breaks || !is_by_program(&text))
}

/// What of an attribution that may hold words of a person is theirs, by the names of those whose mail it may
/// be over: what stands in front of such a name, and all of it where none of them stands in it. `answered`: they
/// wrote above it, so that what reads as a name is one.
pub(in super::super) fn words_of_author<'a>(
    text: &'a str,
    names: &[&str],
    answered: bool,
) -> Option<&'a str> {
    let front = front(text).trim_end_matches(|c: char| !c.is_alphanumeric());
    let names: Vec<String> = names
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let lower = front.to_lowercase();
    let before = names.iter().filter_map(|name| {
        let before = lower.strip_suffix(name).filter(|_| !name.is_empty())?;
        // A letter may be longer in lower case.
        let before = front.get(..before.len())?;
        (!before.ends_with(char::is_alphanumeric)).then_some(before)
    });
    if let Some(before) = before.min_by_key(|before| before.len()) {
        let own = before.trim_end_matches([' ', '"', '\'', '*', '-', '\u{a0}']);
        let mut words = own.split_whitespace();
        let date = begins_with_date(own)
            && !is_dated_twice(text)
            && words.all(|word| is_date_word(word) || is_known(bare(&fold(word))));
        let leads = own
            .split_whitespace()
            .all(|word| LEADS.contains(&bare(&fold(word))));
        return (!date && !leads).then_some(own);
    }
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    // "Serviços, Central de"
    let of_names: Vec<String> = names.iter().flat_map(|name| parts(name)).collect();
    let no_others = other_words(front, is_known) == 0;
    let named = parts(front).iter().all(|part| of_names.contains(part))
        // "Central de Serviços (sede)"
        || no_others && names.iter().any(|name| !name.is_empty() && begins_with(&lower, name))
        || no_others
            && answered
            && !front.contains(|c: char| c.is_ascii_digit() || ",.;!?".contains(c));
    (!named && !is_by_program(text)).then_some(text)
}

/// Words in front of a name that a program may write, without a date.
const LEADS: &[&str] = &["", "de", "from", "mensagem", "mensaje", "message"];

/// Whether a text begins with this name, but for marks in front of it.
fn begins_with(text: &str, name: &str) -> bool {
    starts_with_words(
        text.trim_start_matches(|c: char| !c.is_alphanumeric()),
        name,
    )
}

/// What stands in front of the address, or else of the verb.
fn front(text: &str) -> &str {
    if let Some(at) = text.rfind('@') {
        let word = text[..at]
            .rfind(char::is_whitespace)
            .map_or(0, |space| space + 1);
        let bracket = text[..at].rfind(['<', '[', '(']).unwrap_or(word);
        return &text[..word.min(bracket)];
    }
    let found = verbs().filter_map(|verb| text.find(&format!(" {verb}")));
    &text[..found.min().unwrap_or_default()]
}

/// Whether a text reads as programs alone write: the date in front, one date in all, and nothing but a name
/// in front of the address, and no number that stands in neither.
fn is_by_program(text: &str) -> bool {
    let front = front(text);
    begins_with_date(text)
        && !is_dated_twice(text)
        && other_words(front, is_known) == 0
        && !front.split_whitespace().any(is_other_number)
}

/// Whether dates stand on both sides of the name: the one in front is what somebody wrote, as an attribution
/// holds one.
pub(super) fn is_dated_twice(text: &str) -> bool {
    let (before, behind) = match text.rsplit_once('@') {
        Some((before, behind)) => {
            let space = behind.find(char::is_whitespace).unwrap_or(behind.len());
            (before, &behind[space..])
        }
        None => text.split_at(front(text).len()),
    };
    let (above, below) = (Evidence::of(&fold(before)), Evidence::of(&fold(behind)));
    above.time && below.time || above.year && below.year || above.day && below.day
}

fn begins_with_date(text: &str) -> bool {
    let folded = fold(text);
    let bare = folded.trim_start_matches(['-', ' ']);
    begins_with_whole_date(text) || begins_with_whole_day(bare) || is_quoting(bare)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::{super::super::lines::split, may_hold_words, words_of_author};

    const NAMES: &[&str] = &["Central de Serviços", "Ana Sol"];

    fn words(text: &str) -> Option<String> {
        let may = may_hold_words(&split(text));
        let text = text.replace('\n', " ");
        may.then(|| words_of_author(&text, NAMES, false).map(str::to_owned))?
    }

    #[test]
    fn what_stands_in_front_of_a_name_that_is_known_is_an_answer() {
        for answer in [
            "Patrimônio 4471",
            "4471",
            "14:00",
            "Central",
            "Às 14:00 parou de novo",
            "No dia 25 não funcionou, no dia 26 sim",
            "Funcionou em 26/11/2026 09:30, obrigada",
            "On hold since Monday",
            "no dia 30/11/2026 às 14:00",
            "Em 30/11/2026 vou",
        ] {
            for attribution in [
                "Central de Serviços <desk@example.com> escreveu no dia 05/06/2025, às 14:03:",
                "* CENTRAL DE SERVIÇOS <desk@example.com> [2025-06-05 14:03]:",
                "\"Central de Serviços\" <desk@example.com> writes (5/06/2025 14:03):",
                "Central de Serviços escreveu em 05/06/2025 14:03:",
            ] {
                let line = format!("{answer} {attribution}");
                assert_eq!(words(&line).as_deref(), Some(answer), "{line}");
            }
            let line = format!("{answer} Bia <desk@example.com> escreveu em 05/06/2025 14:03:");
            assert_eq!(words(&line).as_deref(), Some(&*line), "{line}");
        }
        let number =
            "Em qui., 5 de jun. de 2025 às 14:03, 10.0.0.5 Bia <desk@example.com> escreveu:";
        assert_eq!(words(number).as_deref(), Some(number));
        let address = "É ana2@example.com Central de Serviços <desk@example.com> writes:";
        assert_eq!(words(address).as_deref(), Some("É ana2@example.com"));
        let broken =
            "no dia 30/11/2026 às 14:00, Bia\nCentral de Serviços <desk@example.com> escreveu:";
        assert_eq!(
            words(broken).as_deref(),
            Some("no dia 30/11/2026 às 14:00, Bia")
        );
    }

    #[test]
    fn a_name_that_nobody_knows_is_one_below_an_answer() {
        for (line, named) in [
            (
                "Suporte TI <desk@example.com> escreveu em 05/06/2025 14:03:",
                true,
            ),
            (
                "Patrimônio 4471 Suporte <desk@example.com> escreveu em 05/06/2025 14:03:",
                false,
            ),
            (
                "Obrigada, Suporte <desk@example.com> escreveu em 05/06/2025 14:03:",
                false,
            ),
            (
                "Parou de novo Suporte <desk@example.com> escreveu em 05/06/2025 14:03:",
                false,
            ),
        ] {
            assert_eq!(words_of_author(line, NAMES, false), Some(line), "{line}");
            let wanted = (!named).then_some(line);
            assert_eq!(words_of_author(line, NAMES, true), wanted, "{line}");
        }
    }

    #[test]
    fn what_programs_write_is_none() {
        for text in [
            "Em qui., 5 de jun. de 2025 às 14:03, Bia <desk@example.com> escreveu:",
            "On Thu, 5 Jun 2025 14:03:00 -0300\nBia Sol <desk@example.com> wrote:",
            "Em 5 de jun. de 2025, à(s) 14:03, Central\nde Serviços <desk@example.com> escreveu:",
            "Em 5 de jun. de 2025, à(s) 14:03, Central de\nServiços <desk@example.com> escreveu:",
            "On Thu, Jun 5, 2025 at 2:03 PM ana sol <ana@example.com> wrote:",
            "Central de Serviços <desk@example.com> escreveu no dia quinta, 5/06/2025 à(s) 14:03:",
            "Serviços, Central de <desk@example.com> escreveu (5/06/2025 14:03):",
            "Central de Serviços (Sede) <desk@example.com> escreveu em 05/06/2025 14:03:",
            "De: Central de Serviços <desk@example.com> em 05/06/2025 14:03:",
            "* Ana Sol <ana@example.com> [2025-06-05 14:03]:",
            "\"Ana Sol\" <ana@example.com> writes:",
            "Ana Sol escreveu em 05/06/2025 14:03:",
            "<desk@example.com> escreveu em 05/06/2025 14:03:",
            "---- Ativado qui, 05 jun 2025 14:03:22 -0300 Bia <desk@example.com> escreveu ----",
            "Citando Bia <desk@example.com>:",
            "05.06.2025, 14:03, \"Bia\" <desk@example.com>:",
            "Às 14:03 de 05/06/2025, Bia escreveu:",
            "26 nov 2026, 09:27 por desk@example.com:",
            "2025年6月5日(木) 14:03 Bia <desk@example.com>:",
        ] {
            assert_eq!(words(text), None, "{text}");
        }
    }
}
