//! Which lines of a mail are quotation.

use std::ops::Range;

use super::{
    attribution::{self, Proof},
    devices, groupwise,
    head::{HEAD_LINES, Headed, attributed, bare, first_mail, headed},
    headers::{self, Labels},
    languages::{ELIDED, FORWARDED_BY, LANGUAGES},
    lines::{Line, fold, is_titled_rule},
    notes, unmarked,
};

/// Least width, in characters, at which relays wrap lines.
const WRAPPED_FROM: usize = 70;

/// The quotation in a mail.
pub(super) struct Quotation {
    /// One flag a line: whether it is quotation.
    pub(super) lines: Vec<bool>,
    /// Whether some of it carries no mark of its own, but only stands below something: an answer
    /// may be in it.
    pub(super) unmarked: bool,
    /// Lines with `>` of which nothing says that a program put them there, and what stands below the line of
    /// a program without its headers: people write both, too.
    pub(super) unproven: Vec<Doubtful>,
    /// The quotation below a block of headers or an attribution with an address, if that is the first thing
    /// that introduces one: it may be a mail that was forwarded, or a list of its author's.
    pub(super) headed: Option<Headed>,
    /// The attribution that introduces it, if words of its author may stand in front of the name.
    pub(super) named: Option<Range<usize>>,
}

/// Lines that may be quotation.
pub(super) struct Doubtful {
    /// All of them.
    pub(super) lines: Range<usize>,
    /// How many of them say only that a mail follows.
    pub(super) head: usize,
}

/// Tells which lines are quotation.
pub(super) fn mark(lines: &[Line<'_>]) -> Quotation {
    let mut found = Quotation {
        lines: vec![false; lines.len()],
        unmarked: false,
        unproven: Vec::new(),
        headed: None,
        named: None,
    };
    let quotation = &mut found.lines;
    let labels = Labels::read(lines);
    let mut proven = false;
    // Whether its author wrote what stands above, and no program: "Rodei o que pediram:".
    let mut written = false;
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        let by_groupwise = groupwise::attribution(&lines[at..]);
        if line.quoted && by_groupwise.is_none() && !groupwise::is_head(line) {
            let end = quoted_run(lines, quotation, at);
            let begins = (!proven || written) && begins_as_quotation(&lines[at..end]);
            if begins && !proven {
                proven = true;
                found.headed = headed(lines, at..end);
            }
            if !proven || written && !begins {
                found.unproven.push(Doubtful {
                    lines: at..end,
                    head: 0,
                });
            }
            written = false;
            at = end;
            continue;
        }
        if line.blank {
            at += 1;
            continue;
        }
        let attribution = attribution::at(&lines[at..]);
        let taken = attribution
            .as_ref()
            .map(|found| found.lines)
            .or(by_groupwise);
        let end = at + taken.unwrap_or(1);
        let named = || attribution::may_hold_words(&lines[at..end]).then_some(at..end);
        let next = lines[end..].iter().find(|l| !l.blank);
        if taken.is_some() && next.is_some_and(|l| l.quoted) {
            quotation[at..end].fill(true);
            if !proven && attribution.is_some() {
                let marked = lines[end..].iter().take_while(|l| l.quoted || l.blank);
                found.headed = attributed(lines, at..end, end + marked.count());
                found.named = named();
            }
            proven = true;
            written = false;
            at = end;
            continue;
        }
        let block = labels.block_at(lines, at);
        if block && let Some(end) = form_over_quotation(lines, &labels, at) {
            written = true;
            at = end;
            continue;
        }
        if attribution.is_some_and(|found| introduces(lines, at..end, found.proof))
            || is_separator(lines, at, &labels)
            || by_groupwise.is_some()
            || groupwise::is_head(line)
            || notes::is_head(line)
            || block
        {
            // The client marks nothing below: all of it is quotation.
            quotation[at..].fill(true);
            if !proven && taken.is_none() {
                found.headed = headed(lines, at..lines.len());
                let typed = typed_separator(lines, at).filter(|_| found.headed.is_none());
                found.unproven.extend(typed);
            } else if !proven && by_groupwise.is_none() && next.is_some() {
                found.headed = attributed(lines, at..end, lines.len());
                found.named = named();
                if found.headed.is_none() {
                    found.unproven.push(Doubtful {
                        lines: at..first_mail(lines, end..lines.len()).end,
                        head: end - at,
                    });
                }
            }
            found.unmarked = next.is_some();
            break;
        }
        written = true;
        at += 1;
    }
    found
}

/// Whether a run of marked lines begins with what mail programs put over a quotation.
fn begins_as_quotation(run: &[Line<'_>]) -> bool {
    let lines = bare(&run[..run.len().min(HEAD_LINES)]);
    let labels = Labels::read(&lines);
    let mut first = (0..lines.len()).filter(|at| !lines[*at].blank).take(2);
    first.any(|at| {
        attribution::at(&lines[at..]).is_some()
            || is_separator(&lines, at, &labels)
            || labels.block_at(&lines, at)
    })
}

/// Where a block of headers ends that is a form of its author's, as a mail program's own attribution
/// stands directly below it: no program writes both over one quotation. Programs write an address into
/// their blocks or the day of the week.
fn form_over_quotation(lines: &[Line<'_>], labels: &Labels, at: usize) -> Option<usize> {
    let block = labels.read_block(lines, at);
    let by_program = lines[at..block.end]
        .iter()
        .any(|line| line.raw.contains('@'));
    if by_program || block.dated_by_program {
        return None;
    }
    let below = block.end + lines[block.end..].iter().position(|line| !line.blank)?;
    let end = below + attribution::at(&lines[below..])?.lines;
    let addressed = lines[below..end].iter().any(|line| line.raw.contains('@'));
    let marked = lines[end..].iter().find(|line| !line.blank)?.quoted;
    (addressed || marked).then_some(block.end)
}

/// What is marked, without its marks: each mail by itself, without the block of headers over it.
pub(super) fn mails(lines: &[Line<'_>], quotation: &[bool]) -> Vec<String> {
    let marked = lines.iter().zip(quotation).filter(|(_, marked)| **marked);
    let bare: Vec<Line<'_>> = marked
        .map(|(line, _)| Line::of(unmarked(line.raw)))
        .collect();
    if bare.is_empty() {
        return Vec::new();
    }
    let labels = Labels::read(&bare);
    let mut mails = vec![String::new()];
    let mut at = 0;
    while let Some(line) = bare.get(at) {
        if labels.block_at(&bare, at) {
            mails.push(String::new());
            at = labels.read_block(&bare, at).end;
            continue;
        }
        if let Some(mail) = mails.last_mut() {
            mail.push_str(line.raw);
            mail.push('\n');
        }
        at += 1;
    }
    mails.retain(|mail| !mail.trim().is_empty());
    mails
}

/// Whether GroupWise begins a quotation of its own here, within one that others have marked.
fn is_groupwise(lines: &[Line<'_>]) -> bool {
    groupwise::is_head(&lines[0]) || groupwise::attribution(lines).is_some()
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
            && lines.get(at + 1).is_some_and(|next| next.quoted)
            && is_broken_off(&lines[at - 1], lines[at].raw);
        if (!lines[at].quoted || is_groupwise(&lines[at..])) && !broken_off {
            break;
        }
        quotation[at] = true;
        at += 1;
    }
    at
}

/// Whether a relay broke this line off the quoted one above it: its first word had no room there, no
/// sentence ends there, and it does not begin as an answer does.
fn is_broken_off(above: &Line<'_>, raw: &str) -> bool {
    let first = raw.split_whitespace().next().unwrap_or_default();
    let width = above.raw.chars().count() + 1 + first.chars().count();
    above.quoted
        && width >= WRAPPED_FROM
        && raw.starts_with(char::is_lowercase)
        && !above.raw.trim_end().ends_with(['.', '?', '!', ':', ';'])
        && !ANSWERS.contains(&first.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Words with which people answer a question that they leave quoted.
pub(super) const ANSWERS: &[&str] = &[
    "sim", "não", "nao", "ok", "já", "si", "sí", "no", "ya", "yes", "nope", "done", "feito",
    "hecho", "ja", "nein", "oui", "non", "fiz",
];

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
    // Notes on the web: "-----Ana Sol/Sede escreveu: -----".
    let written = marked && folded.ends_with("--") && attribution::names_writer(phrase);
    let matches = LANGUAGES
        .iter()
        .flat_map(|l| l.separators)
        .any(|words| phrase == *words);
    let over_block = || {
        let next = lines[at + 1..].iter().position(|l| !l.blank);
        next.is_some_and(|next| labels.block_at(lines, at + 1 + next))
    };
    named
        || written
        || marked && is_on_one_line(left)
        || matches && (marked || colon || over_block())
        || is_titled_rule(lines[at].raw) && over_block()
}

/// Whether a line is what programs put between an answer and the mail that it answers, and no more.
pub(super) fn is_separator_alone(raw: &str) -> bool {
    let folded = fold(raw);
    let phrase = folded.trim_matches(|c: char| !c.is_alphabetic());
    let mut separators = LANGUAGES.iter().flat_map(|l| l.separators);
    separators.any(|words| phrase == *words)
}

/// The lines from such a line to the end of the mail below it, if no header stands there: programs write one,
/// and people type the line over what they copied.
fn typed_separator(lines: &[Line<'_>], at: usize) -> Option<Doubtful> {
    let next = at + 1 + lines[at + 1..].iter().position(|line| !line.blank)?;
    let raw = lines[at].raw;
    let elided = || ELIDED.contains(&fold(raw).as_str());
    let typed = is_separator_alone(raw) && !asks_for_answer(raw) || elided();
    (typed && !headers::is_label(lines[next].raw)).then(|| Doubtful {
        lines: at..first_mail(lines, next..lines.len()).end,
        head: 1,
    })
}

/// Whether a separator is that of a mail of ours or of another desk: "Responda acima desta linha".
fn asks_for_answer(raw: &str) -> bool {
    let folded = fold(raw);
    let phrase = folded.trim_matches(|c: char| !c.is_alphabetic());
    phrase.ends_with("linha") || phrase.ends_with("line") || phrase.ends_with("línea")
}

/// Where within a line such a line begins behind that of a telephone.
pub(super) fn separator_within(line: &Line<'_>) -> Option<usize> {
    let at = line
        .raw
        .find("-----")
        .filter(|at| *at > 0 && !line.quoted)?;
    let (front, rest) = line.raw.split_at(at);
    let folded = fold(rest);
    let signed =
        || devices::device(front, &fold(front)).is_some() || devices::within(front).is_some();
    (is_on_one_line(folded.trim_start_matches(['-', ' '])) && signed()).then_some(at)
}

/// Whether a line between dashes goes on with the headers, as Samsung's telephones write them:
/// "-------- Mensagem original --------De: Ana <ana@example.com> Data: …".
fn is_on_one_line(left: &str) -> bool {
    let mut separators = LANGUAGES.iter().flat_map(|l| l.separators);
    separators.any(|words| {
        let rest = left.strip_prefix(words).map(str::trim_start);
        rest.and_then(|rest| rest.strip_prefix("--"))
            .is_some_and(|rest| headers::names_sender(rest.trim_start_matches(['-', ' '])))
    })
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
            "-------- Mensagem original --------De: Ana <ana@example.com> Data: 05/06/2025  14:03  (GMT-03:00) Para: Bia Assunto: VPN",
            "-------- Mensaje original --------De: Ana <ana@example.com> Fecha: 5/6/25  14:03  (GMT-03:00) Para: Bia",
            "-------- Original message --------From: Ana <ana@example.com> Date: 6/5/25  2:03 PM  (GMT-03:00) To: Bia",
            "-------- Original message -------- From: Ana Date: 05/06/2025 14:03 To: Bia Subject: VPN",
            "[Texto das mensagens anteriores oculto]",
            "-----Ana Sol/Sede escreveu: -----",
            "Ana Sol---05/06/2025 14:03:22---Funcionou?",
            ">>> Ana Sol <ana@example.com> 05/06/2025 14:03 >>>",
            ">>> \"Ana Sol\" 05/06/25 14:03 >>>",
            "-----Original Appointment-----\nFrom: Ana <ana@example.com>\nSent: 05/06/2025 14:03\nTo: Bia",
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
        let text = "A mensagem original foi apagada.\nMensagem original\nEncaminhado por engano.\n-- Mensagem original --De: sala 2 a sala 5";
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
            "Em 05/06/2025 14:03 o técnico escreveu:|Reinicie.|Fiz isso.",
            "Segue o pedido.|De: sala 201|Para: sala 305|Assunto: ponto de rede|São dois pontos.",
        ] {
            assert_eq!(left(&text.replace('|', "\n")), text);
        }
    }

    #[test]
    fn a_form_over_a_quotation_stays() {
        let form = "Nome: Ana\nDe: Sala 2\nPara: Sala 5\nData: 30/11/2026 14:00\nAssunto: mudança";
        let attribution = "Em qui., 5 de jun. de 2025 às 14:03, Ana <ana@example.com> escreveu:";
        for quotation in [
            format!("{attribution}\n\n> Funcionou?"),
            format!("{attribution}\n\nFuncionou?"),
            "On 5 Jun 2025 at 14:03, Ana wrote:\n> Funcionou?".to_owned(),
        ] {
            let text = format!("{form}\n\n{quotation}");
            assert_eq!(left(&text), form.replace('\n', "|"), "{text}");
        }
        let block = "De: Central <desk@example.com>\nEnviada em: 05/06/2025 14:03\nPara: Ana";
        let text = format!("Para: sala 12\nDe: sala 13\n\n{block}\n\nFuncionou?");
        assert_eq!(left(&text), "Para: sala 12|De: sala 13");
        // What we sent may begin as an attribution does.
        let block = "De: Central\nEnviada em: 05/06/2025 14:03\nPara: Ana\nAssunto: VPN";
        let text = format!("Sim.\n\n{block}\n\nBia escreveu em 05/06/2025 14:02:\n\nFuncionou?");
        assert_eq!(left(&text), "Sim.");
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
        for text in [
            "> Você conseguiu abrir o sistema na outra máquina, a da sala do fundo\nsim, já abri\n> Fim.",
            "> Você conseguiu abrir o sistema na outra máquina, a da sala do fundo?\ndepois do almoço\n> Fim.",
            "> Qual é o modelo da impressora que falhou\nlaser, a do 3º andar\n> Fim.",
        ] {
            assert!(!left(text).is_empty(), "{text}");
        }
        let text = "Sim.\n> Esta linha citada é longa demais para o servidor que a levou até\naqui e foi quebrada.\n> Fim.";
        assert_eq!(left(text), "Sim.");
    }
}
