//! Which lines of a mail are quotation.

use super::{
    attribution,
    headers::Labels,
    languages::{ELIDED, FORWARDED_BY, LANGUAGES},
    lines::{Line, fold},
};

/// Length from which a quoted line may have been wrapped by a relay, leaving its end unmarked.
const WRAPPED_FROM: usize = 60;

/// One flag a line: whether it is quotation.
pub(super) fn mark(lines: &[Line<'_>]) -> Vec<bool> {
    let mut quotation = vec![false; lines.len()];
    let labels = Labels::read(lines);
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        if line.quoted {
            at = quoted_run(lines, &mut quotation, at);
            continue;
        }
        if line.blank {
            at += 1;
            continue;
        }
        let rest = &lines[at..];
        if let Some(taken) = attribution::at(rest) {
            let next = rest[taken..].iter().find(|l| !l.blank);
            if next.is_none_or(|l| l.quoted) {
                quotation[at..at + taken].fill(true);
                at += taken;
                continue;
            }
            // The client marks nothing below: all of it is quotation.
            quotation[at..].fill(true);
            break;
        }
        if is_separator(lines, at, &labels) || labels.block_at(lines, at) {
            quotation[at..].fill(true);
            break;
        }
        at += 1;
    }
    quotation
}

/// Marks a run of quoted lines and the ends that a relay broke off; returns where it ends.
fn quoted_run(lines: &[Line<'_>], quotation: &mut [bool], mut at: usize) -> usize {
    while at < lines.len() {
        let broken_off = at > 0
            && !lines[at].quoted
            && lines[at - 1].quoted
            && lines[at - 1].raw.chars().count() >= WRAPPED_FROM
            && lines[at].raw.starts_with(char::is_lowercase)
            && lines.get(at + 1).is_some_and(|next| next.quoted);
        if !lines[at].quoted && !broken_off {
            break;
        }
        quotation[at] = true;
        at += 1;
    }
    at
}

/// Whether the line introduces everything below it: "-----Mensagem original-----", "Begin forwarded
/// message:", "Responda acima desta linha".
fn is_separator(lines: &[Line<'_>], at: usize, labels: &Labels) -> bool {
    let folded = fold(lines[at].raw);
    if ELIDED.contains(&folded.as_str()) {
        return true;
    }
    let is_mark = |c: char| matches!(c, '-' | '_' | '=' | '#' | '—' | '–' | '─' | '~' | ' ');
    let left = folded.trim_start_matches(is_mark);
    let mut phrase = left.trim_end_matches(is_mark);
    let marked = folded.len() - left.len() >= 2 && !left.is_empty();
    let colon = phrase.ends_with([':', '：']);
    phrase = phrase.trim_end_matches([':', '：', ' ']);
    let named = marked && FORWARDED_BY.iter().any(|words| phrase.starts_with(words));
    let matches = LANGUAGES
        .iter()
        .flat_map(|l| l.separators)
        .any(|words| phrase == *words);
    named
        || matches
            && (marked
                || colon
                || lines[at + 1..]
                    .iter()
                    .position(|l| !l.blank)
                    .is_some_and(|next| labels.block_at(lines, at + 1 + next)))
}

#[cfg(test)]
mod tests {
    use super::{super::lines::split, mark};

    fn left(text: &str) -> String {
        let lines = split(text);
        let quotation = mark(&lines);
        let kept: Vec<_> = lines
            .iter()
            .zip(quotation)
            .filter(|(line, quoted)| !quoted && !line.blank)
            .map(|(line, _)| line.raw)
            .collect();
        kept.join("|")
    }

    #[test]
    fn everything_below_a_separator_goes() {
        for separator in [
            "-----Mensagem original-----",
            "-------- Mensagem original --------",
            "----- Mensaje original -----",
            "-----Original Message-----",
            "---------- Forwarded message ---------",
            "---------- Mensagem encaminhada ---------",
            "Início da mensagem encaminhada:",
            "Begin forwarded message:",
            "----- Encaminhado por Ana Sol/Sede em 05/06/2025 14:03 -----",
            "##- Responda acima desta linha -##",
            "[Texto das mensagens anteriores oculto]",
        ] {
            assert_eq!(
                left(&format!("Sim.\n\n{separator}\nDe: x\n\nOi")),
                "Sim.",
                "{separator}"
            );
        }
    }

    #[test]
    fn the_same_words_in_a_sentence_stay() {
        let text = "A mensagem original foi apagada.\nMensagem original\nEncaminhado por engano.";
        assert_eq!(left(text), text.replace('\n', "|"));
    }

    #[test]
    fn answers_between_quotations_stay() {
        let text = "Em 05/06/2025 14:03, Ana escreveu:\n> Um?\nSim.\n> Dois?\n\nNão.\n";
        assert_eq!(left(text), "Sim.|Não.");
    }

    #[test]
    fn the_broken_off_end_of_a_quoted_line_goes_with_it() {
        let text = "Sim.\n> Esta linha citada é longa demais para o servidor que a levou até\naqui e foi quebrada.\n> Fim.";
        assert_eq!(left(text), "Sim.");
    }
}
