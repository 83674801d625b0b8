//! Which lines of a mail are quotation.

use std::ops::Range;

use super::{
    attribution::{self, Proof},
    headers::Labels,
    languages::{ELIDED, FORWARDED_BY, LANGUAGES},
    lines::{Line, fold},
};

/// Length from which a quoted line may have been wrapped by a relay, leaving its end unmarked.
const WRAPPED_FROM: usize = 60;

/// The quotation in a mail.
pub(super) struct Quotation {
    /// One flag a line: whether it is quotation.
    pub(super) lines: Vec<bool>,
    /// Whether some of it carries no mark of its own, but only stands below something: an answer
    /// may be in it.
    pub(super) unmarked: bool,
}

/// Tells which lines are quotation.
pub(super) fn mark(lines: &[Line<'_>]) -> Quotation {
    let mut found = Quotation {
        lines: vec![false; lines.len()],
        unmarked: false,
    };
    let quotation = &mut found.lines;
    let labels = Labels::read(lines);
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        if line.quoted {
            at = quoted_run(lines, quotation, at);
            continue;
        }
        if line.blank {
            at += 1;
            continue;
        }
        let attribution = attribution::at(&lines[at..]);
        let end = at + attribution.as_ref().map_or(1, |found| found.lines);
        let next = lines[end..].iter().find(|l| !l.blank);
        if attribution.is_some() && next.is_some_and(|l| l.quoted) {
            quotation[at..end].fill(true);
            at = end;
            continue;
        }
        if attribution.is_some_and(|found| introduces(lines, at..end, found.proof))
            || is_separator(lines, at, &labels)
            || labels.block_at(lines, at)
        {
            // The client marks nothing below: all of it is quotation.
            quotation[at..].fill(true);
            found.unmarked = next.is_some();
            break;
        }
        at += 1;
    }
    found
}

/// Whether an attribution makes all that follows quotation, though nothing there is marked. One
/// with a date alone must be a paragraph of its own.
fn introduces(lines: &[Line<'_>], at: Range<usize>, proof: Proof) -> bool {
    let blank = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_none_or(|l| l.blank);
    match proof {
        Proof::Sure => true,
        Proof::Dated => blank(at.start.checked_sub(1)) && blank(Some(at.end)),
        Proof::Weak => false,
    }
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

/// Whether a quotation is a mail that was forwarded: it may be what its sender wants to show.
pub(super) fn forwards(lines: &[Line<'_>]) -> bool {
    lines.iter().filter(|line| line.quoted).any(|line| {
        let folded = fold(line.raw);
        let bare = folded
            .trim_start_matches(['>', ' '])
            .trim_matches(|c: char| !c.is_alphabetic());
        LANGUAGES
            .iter()
            .flat_map(|l| l.separators)
            .any(|words| bare == *words)
    })
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
        let quotation = mark(&lines).lines;
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
    fn what_a_person_introduces_stays() {
        for text in [
            "Em 05/06 o técnico escreveu:|Reinicie.|Fiz isso e não funcionou.",
            "On Monday I wrote:|The VPN drops.|It still does.",
            "Em 05/06/2025 o técnico escreveu:|Reinicie.|Fiz isso.",
            "Segue o pedido.|De: sala 201|Para: sala 305|Assunto: ponto de rede|São dois pontos.",
        ] {
            assert_eq!(left(&text.replace('|', "\n")), text);
        }
    }

    #[test]
    fn an_answer_may_stand_where_nothing_is_marked() {
        for (text, unmarked) in [
            ("Em 05/06/2025 14:03, Ana escreveu:\n> Um?", false),
            ("Sim.\n[Quoted text hidden]", false),
            ("Em 05/06/2025 14:03, Ana escreveu:\n\nUm?", true),
            ("---- Mensagem original ----\nUm?", true),
        ] {
            assert_eq!(mark(&split(text)).unmarked, unmarked, "{text}");
        }
    }

    #[test]
    fn the_broken_off_end_of_a_quoted_line_goes_with_it() {
        let text = "Sim.\n> Esta linha citada é longa demais para o servidor que a levou até\naqui e foi quebrada.\n> Fim.";
        assert_eq!(left(text), "Sim.");
    }
}
