//! Where the signature of a stretch of text begins.
//!
//! What stands under a signature mark is dropped only if it looks like a signature: an answer that
//! somebody writes under "Enviado do meu iPhone", under a rule or under "Cordial saludo," must not
//! vanish. And nothing is a signature with no text above it: then it is what its author wrote.

use super::{
    devices::{Device, device},
    languages::{LANGUAGES, Notice},
    lines::{Line, fold, is_rule, is_visible},
};

/// Most lines with text under `--`, `__` or `—`.
const UNDER_DASHES: usize = 15;
/// Most lines with text under a rule of three and more marks.
const UNDER_RULE: usize = 8;
/// Most lines with text under "Atenciosamente".
const UNDER_CLOSING: usize = 12;
/// Longest line of a signature under a closing, in characters.
const LONGEST_LINE: usize = 120;
/// Fewest words of a sentence; less is a name, a title or a slogan.
const SENTENCE_WORDS: usize = 4;
/// Most words of a line with a name.
const NAME_WORDS: usize = 8;
/// Most lines of a notice that are looked at: it may be wrapped.
const NOTICE_LINES: usize = 4;

/// A stretch of unquoted lines, and which of them hold text: what follows a line is counted once,
/// not again for every line.
struct Stretch<'a, 'b> {
    lines: &'a [&'a Line<'b>],
    texts: Vec<usize>,
    /// Number of the first line of dashes: further ones are how people part what they write.
    dashes: Option<usize>,
}

/// Index of the first line of the signature of a stretch of unquoted lines; `above`: its author
/// wrote something before the stretch.
pub(super) fn start(lines: &[&Line<'_>], above: bool) -> Option<usize> {
    let stretch = Stretch::of(lines);
    (usize::from(!above)..stretch.texts.len())
        .find(|&nth| stretch.begins(nth))
        .map(|nth| stretch.texts[nth])
}

/// The lines of a stretch whose signature begins at `cut`, told apart: what its author wrote, and the
/// signature. A paragraph below the mark that reads like something written stays.
pub(super) fn sift<'a, 'b>(
    lines: &[&'a Line<'b>],
    cut: usize,
) -> (Vec<&'a Line<'b>>, Vec<&'a Line<'b>>) {
    let raws: Vec<&str> = lines[cut..].iter().map(|line| line.raw).collect();
    let spoken = spoken(&raws, false);
    let mut own = lines[..cut].to_vec();
    let mut signature = Vec::new();
    for (at, spoken) in (cut..).zip(spoken) {
        if !spoken {
            signature.push(lines[at]);
            continue;
        }
        // It stays a paragraph of its own.
        if at > cut && lines[at - 1].blank && own.last().is_some_and(|last| !last.blank) {
            own.push(lines[at - 1]);
        }
        own.push(lines[at]);
    }
    (own, signature)
}

/// Takes the mark of a signature off the lines that read like something written: people write within
/// what their client keeps as their signature.
pub(super) fn release_sentences(lines: &[Line<'_>], signed: &mut [bool]) {
    let mut at = 0;
    while at < lines.len() {
        let same = signed[at..].iter().take_while(|flag| **flag == signed[at]);
        let end = at + same.count();
        if signed[at] {
            let raws: Vec<&str> = lines[at..end].iter().map(|line| line.raw).collect();
            for (flag, spoken) in signed[at..end].iter_mut().zip(spoken(&raws, true)) {
                *flag = !spoken;
            }
        }
        at = end;
    }
}

/// Which lines of a signature belong to a paragraph that its author may have written for this mail:
/// one with a sentence in it that is no legal notice, or, unless the client `marked` all of it, one below
/// the card that no part of a card follows. The names above the sentence are part of the signature.
fn spoken(lines: &[&str], marked: bool) -> Vec<bool> {
    let card_end = if marked { lines.len() } else { card_end(lines) };
    let mut flags = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        let same = lines[at..]
            .iter()
            .take_while(|raw| is_empty(raw) == is_empty(lines[at]));
        let end = at + same.count();
        let paragraph = &lines[at..end];
        let said = at >= card_end || paragraph.iter().any(|raw| may_be_said(raw));
        if !is_empty(lines[at]) && said && !is_legal(paragraph) {
            let card = paragraph
                .iter()
                .take_while(|raw| is_dashes(raw) || !may_be_said(raw) && is_name(raw));
            let from = at + card.count();
            for (flag, raw) in flags[from..end].iter_mut().zip(&lines[from..end]) {
                *flag = device(raw, &fold(raw)) != Some(Device::Known) && !is_dashes(raw);
            }
        }
        at = end;
    }
    flags
}

/// Where the card of a signature ends, whose first paragraph holds its mark: behind the last paragraph
/// with what cards show. Below it stand words in lower case alone.
fn card_end(lines: &[&str]) -> usize {
    let first = lines.iter().take_while(|raw| !is_empty(raw)).count();
    let below = lines[first..].chunk_by(|a, b| is_empty(a) == is_empty(b));
    let loose = below.rev().take_while(|paragraph| {
        is_empty(paragraph[0]) || paragraph.iter().all(|raw| is_loose(raw))
    });
    lines.len() - loose.map(<[&str]>::len).sum::<usize>()
}

fn is_empty(raw: &str) -> bool {
    !raw.chars().any(is_visible)
}

/// Whether a line is made of words that stand on no card by themselves: some of them in lower case.
fn is_loose(raw: &str) -> bool {
    let starts_low = raw.trim_start().starts_with(char::is_lowercase);
    !is_contact(raw)
        && !is_rule(raw)
        && !is_dashes(raw)
        && device(raw, &fold(raw)).is_none()
        && (starts_low || !is_name(raw))
}

/// Whether a paragraph is a legal notice, or what a scanner adds.
fn is_legal(paragraph: &[&str]) -> bool {
    let text = paragraph
        .iter()
        .map(|raw| fold(raw))
        .collect::<Vec<_>>()
        .join(" ");
    let bare = text.trim_start_matches(['"', '(', '_', '-', ' ', '•']);
    let begun = LANGUAGES
        .iter()
        .flat_map(|l| l.notices)
        .any(|notice| bare.starts_with(notice.begins) && is_notice(bare, notice));
    let count = |words: &[&str]| words.iter().filter(|word| text.contains(*word)).count();
    let sure = count(LEGAL);
    begun || sure >= 2 || sure == 1 && count(OF_MAILS) >= 1
}

/// Parts of words of legal notices.
const LEGAL: &[&str] = &[
    "confiden",
    "privileg",
    "sigil",
    "destinat",
    "destinár",
    "recipient",
    "intended",
    "por engano",
    "por error",
    "in error",
    "por erro",
    "per errore",
    "par erreur",
    "irrtümlich",
    "disclos",
    "divulga",
    "prohib",
    "proibid",
    "vietat",
    "environment",
    "meio ambiente",
    "medio ambiente",
    "lgpd",
    "vertraulich",
    "empfänger",
    "riservat",
    "unauthori",
    "não autoriz",
    "no autoriz",
];
/// Words that stand in them and elsewhere.
const OF_MAILS: &[&str] = &[
    "mensagem",
    "mensaje",
    "message",
    "messaggio",
    "nachricht",
    "e-mail",
    "email",
    "correo",
    "anexos",
    "adjuntos",
    "attachment",
    "imprimir",
    "printing",
    "vírus",
    "virus",
    "responsab",
    "liab",
];

/// Whether a stretch may be nothing but a signature, with no text of its author above it.
pub(super) fn is_all(lines: &[&Line<'_>]) -> bool {
    let stretch = Stretch::of(lines);
    stretch.texts.is_empty() || stretch.begins(0) && !stretch.below(0).any(may_be_said)
}

/// Whether it is sure that nobody wrote these lines for this mail: lines of devices, and a name
/// with what belongs to it under `--`. `marked`: the client says that they are its signature.
pub(super) fn says_nothing(lines: &[&Line<'_>], marked: bool) -> bool {
    // Lines of a signature so far, once one has begun.
    let mut under = marked.then_some(0);
    let raws: Vec<&str> = lines.iter().map(|line| line.raw).collect();
    !spoken(&raws, marked).contains(&true)
        && lines.iter().filter(|line| !line.blank).all(|line| {
            if is_dashes(line.raw) {
                under = Some(0);
                return true;
            }
            if is_rule(line.raw) || device(line.raw, &fold(line.raw)) == Some(Device::Known) {
                return true;
            }
            let Some(count) = under else {
                return false;
            };
            under = Some(count + 1);
            count < UNDER_DASHES && (count > 0 && !may_be_said(line.raw) || is_name(line.raw))
        })
}

impl<'a, 'b> Stretch<'a, 'b> {
    fn of(lines: &'a [&'a Line<'b>]) -> Self {
        let texts: Vec<usize> = (0..lines.len()).filter(|&at| !lines[at].blank).collect();
        let dashes = texts.iter().position(|&at| is_dashes(lines[at].raw));
        Self {
            lines,
            texts,
            dashes,
        }
    }

    /// The lines with text under the one of this number.
    fn below(&self, nth: usize) -> impl Iterator<Item = &'b str> {
        self.texts[nth + 1..].iter().map(|&at| self.lines[at].raw)
    }

    fn begins(&self, nth: usize) -> bool {
        let line = self.lines[self.texts[nth]];
        // RFC 3676, section 4.3: the one mark that has a standard.
        if line.raw == "-- " {
            return true;
        }
        let below = self.texts.len() - nth - 1;
        if is_dashes(line.raw) {
            return below <= UNDER_DASHES && self.dashes == Some(nth) && self.is_card(nth);
        }
        if is_rule(line.raw) {
            return (1..=UNDER_RULE).contains(&below)
                && self.is_card(nth)
                && self.below(nth).any(is_contact);
        }
        let folded = fold(line.raw);
        device(line.raw, &folded).is_some() && self.stands_alone(nth)
            || self.notice_at(nth, &folded)
            || is_closing(&folded, line.raw) && self.is_signature(nth)
    }

    /// Whether the line is a paragraph of its own, or the last one but for rules.
    fn stands_alone(&self, nth: usize) -> bool {
        let at = self.texts[nth];
        let empty = |line: &&Line<'_>| line.blank || is_rule(line.raw);
        let above = at == 0 || self.lines[at - 1].blank;
        let below = self.lines.get(at + 1).is_none_or(empty);
        above && below || self.below(nth).all(is_rule)
    }

    /// Whether what stands under a line of dashes is what people put under it: no sentence, no
    /// point of a list, no further line of dashes. A notice may follow.
    fn is_card(&self, nth: usize) -> bool {
        for (nth, raw) in (nth + 1..).zip(self.below(nth)) {
            if self.notice_at(nth, &fold(raw)) {
                return true;
            }
            if may_be_said(raw) || is_point(raw) || is_dashes(raw) {
                return false;
            }
        }
        true
    }

    /// Whether the lines under a closing look like a signature, a name first, and
    /// not like more text.
    fn is_signature(&self, nth: usize) -> bool {
        for (count, raw) in self.below(nth).enumerate() {
            let folded = fold(raw);
            if self.notice_at(nth + 1 + count, &folded) {
                return true;
            }
            let named = count > 0 || is_rule(raw) || is_dashes(raw) || is_name(raw);
            if count >= UNDER_CLOSING
                || !named
                || is_postscript(&folded)
                || may_be_said(raw)
                || raw.chars().take(LONGEST_LINE + 1).count() > LONGEST_LINE
            {
                return false;
            }
        }
        true
    }

    /// Whether a legal notice or the note of a scanner begins at the line of this number.
    fn notice_at(&self, nth: usize, folded: &str) -> bool {
        let bare = folded.trim_start_matches(['"', '(', '_', '-', ' ', '•']);
        let begun: Vec<&Notice> = LANGUAGES
            .iter()
            .flat_map(|l| l.notices)
            .filter(|notice| bare.starts_with(notice.begins))
            .collect();
        if begun.is_empty() {
            return false;
        }
        let at = self.texts[nth];
        let mut paragraph = bare.to_owned();
        let more = self.lines[at + 1..].iter().take(NOTICE_LINES);
        for line in more.take_while(|line| !line.blank) {
            paragraph.push(' ');
            paragraph.push_str(&fold(line.raw));
        }
        begun.iter().any(|notice| is_notice(&paragraph, notice))
    }
}

fn is_notice(paragraph: &str, notice: &Notice) -> bool {
    let rest = &paragraph[notice.begins.len()..];
    if notice.holds.is_empty() {
        let rest = rest.trim_start();
        return rest.is_empty() || rest.starts_with([':', '-', '–', '—', '.', '/']);
    }
    // "Este e-mail pode conter informações confidenciais?" asks.
    let asks = rest
        .find(['.', '?', '!'])
        .is_some_and(|end| rest[end..].starts_with('?'));
    !asks && notice.holds.iter().any(|words| rest.contains(words))
}

/// `--` and its like, as people and programs put it over a signature.
fn is_dashes(raw: &str) -> bool {
    matches!(raw.trim(), "--" | "__" | "—" | "–" | "---")
}

/// "Atenciosamente,", "Att, Ana Sol", "Cheers 🎉": the closing with no more than a name behind it.
fn is_closing(folded: &str, raw: &str) -> bool {
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    LANGUAGES.iter().flat_map(|l| l.closings).any(|words| {
        let Some(rest) = bare.strip_prefix(words) else {
            return false;
        };
        if rest.is_empty() {
            return true;
        }
        // Behind the closing a comma and a name of at most four words, each with a capital.
        let Some(behind) = rest.strip_prefix([',', '.', ' ', '!', '-']) else {
            return false;
        };
        let names = behind
            .trim_start_matches([' ', ',', '.', '-'])
            .split(' ')
            .count();
        let capitals = raw
            .split_whitespace()
            .rev()
            .take(names)
            .all(|word| word.starts_with(char::is_uppercase));
        rest.starts_with([',', '.']) && names <= 4 && capitals
    })
}

/// "PS:", "Obs.": more text.
fn is_postscript(folded: &str) -> bool {
    ["ps", "p.s", "p.s.", "obs", "obs.", "pd", "p.d."]
        .iter()
        .any(|mark| {
            folded
                .strip_prefix(mark)
                .is_some_and(|rest| rest.starts_with([':', ' ', '-']))
        })
}

/// How the names of companies end.
const COMPANIES: &[&str] = &[
    "ltda", "ltd", "inc", "corp", "co", "cia", "eireli", "gmbh", "srl", "me", "epp",
];

/// Whether a line is a question, or a sentence of some words that ends as one.
fn is_text(raw: &str) -> bool {
    let line = raw.trim_end_matches(|c: char| !is_visible(c) || matches!(c, '"' | ')' | '*'));
    // "Compras | Exemplo S.A." and "Rua do Sol, 12, Exemplo Ltda." end with an abbreviation.
    let last = line.split_whitespace().next_back().unwrap_or_default();
    let last = last.trim_matches(|c: char| !c.is_alphanumeric());
    let company = last.contains('.') || COMPANIES.contains(&last.to_lowercase().as_str());
    let card = line.contains(" | ") || company && line.ends_with('.');
    let sentence = line.ends_with(['.', '!', '…']) && !is_contact(raw) && !card;
    line.ends_with('?')
        || line.contains("? ")
        || sentence && line.split_whitespace().count() >= SENTENCE_WORDS
}

/// Whether a line may be something that its author says: a sentence, or words of which there are
/// none on a card.
fn may_be_said(raw: &str) -> bool {
    if is_text(raw) {
        return true;
    }
    let folded = fold(raw);
    let mut words = folded
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty());
    let speaks = |word: &str| LANGUAGES.iter().any(|l| l.speech.contains(&word));
    folded.split(' ').count() >= 2 && !is_contact(raw) && words.any(speaks)
}

/// Whether a line is a point of a list: "1. …", "- …".
fn is_point(raw: &str) -> bool {
    let line = raw.trim_start();
    let behind = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = behind.len() < line.len() && behind.starts_with([')', '.']);
    numbered || ["- ", "* ", "• "].iter().any(|mark| line.starts_with(mark))
}

/// Whether a line can be the first one of a signature: a name, perhaps with a title behind it, or
/// how to reach somebody. Words of some length have a capital, unless there is only one.
fn is_name(raw: &str) -> bool {
    if is_contact(raw) {
        return true;
    }
    let end = raw
        .find([',', '|', '/', '(', '–', '—'])
        .or_else(|| raw.find(" - "));
    let name = raw[..end.unwrap_or(raw.len())].trim();
    let words: Vec<&str> = name.split_whitespace().collect();
    words.len() <= NAME_WORDS
        && !may_be_said(raw)
        && (raw.split_whitespace().count() == 1
            || words
                .iter()
                .filter(|word| word.chars().count() > 3)
                .all(|word| {
                    !word
                        .trim_start_matches(['*', '_', '"'])
                        .starts_with(char::is_lowercase)
                }))
}

/// Whether a line tells how to reach somebody: an address, a site, a telephone number.
fn is_contact(raw: &str) -> bool {
    let folded = fold(raw);
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let others = folded
        .chars()
        .filter(|c| is_visible(*c) && !c.is_ascii_digit())
        .count();
    // In a sentence an address is what it is about.
    let short = folded.split(' ').count() <= SENTENCE_WORDS;
    short && (folded.contains('@') || folded.contains("www.") || folded.contains("http"))
        || (7..=15).contains(&digits) && others <= digits + 12
}

#[cfg(test)]
mod tests {
    use super::{super::lines::split, is_all, says_nothing, sift, start};

    fn kept(text: &str) -> String {
        let lines = split(text);
        let lines: Vec<_> = lines.iter().collect();
        let end = start(&lines, false).unwrap_or(lines.len());
        let kept: Vec<_> = lines[..end].iter().map(|l| l.raw).collect();
        kept.join("\n").trim_end().to_owned()
    }

    #[test]
    fn signatures_are_found() {
        for signature in [
            "-- \nAna Sol",
            "--\nAna Sol\nAnalista",
            "--",
            "__\nlista-interna",
            "—\nAna Sol",
            "_________\nAna Sol\n+55 11 5555-0100",
            "Enviado do meu iPhone",
            "Enviado do meu Galaxy",
            "Obter o Outlook para Android<https://aka.ms/x>",
            "Enviado do Outlook para iOS",
            "Enviado desde mi iPhone",
            "Sent from my iPad",
            "Von meinem iPhone gesendet",
            "Atenciosamente,\n\nAna Sol\nAnalista de suporte",
            "Att.\nAna",
            "Att, Ana Sol",
            "Saludos,\nAna",
            "Best regards,\nAna",
            "AVISO LEGAL: esta mensagem é para uso exclusivo.",
            "Enviado do meu smartphone Samsung Galaxy.",
            "Gesendet mit der GMX Mail App",
            "Wysłane z iPhone'a",
            "Téléchargez Outlook pour iOS<https://aka.ms/x>",
            "Pobierz Outlook dla systemu iOS<https://aka.ms/x>",
            "Hol dir Outlook für iOS<https://aka.ms/x>",
            "Med vänliga hälsningar\nSven Svensson",
            "Sent with Proton Mail secure email.",
            "Antes de imprimir, pense no meio ambiente.",
            "Antes de imprimir pense em sua responsabilidade.",
            "Esta mensagem pode conter informação\nconfidencial ou privilegiada.",
            "Livre de vírus.www.avast.com<https://www.avast.com/x>",
            "Saludos cordiales,\nAna Sol\nTel. +34 600 555 010\nEste mensaje puede contener información privilegiada.",
        ] {
            assert_eq!(
                kept(&format!("Funcionou.\n\n{signature}")),
                "Funcionou.",
                "{signature}"
            );
        }
    }

    #[test]
    fn text_that_looks_like_one_stays() {
        for text in [
            "Enviado por engano, desculpe.",
            "Enviado do meu ramal ontem, sem resposta.",
            "Sent from my desk, is much easier then my mobile phone.",
            "As regards the timeline, we should be done.",
            "-- primeiro ponto\n-- segundo ponto",
            "Lista\n----\n1. um\n2. dois",
            "Atenciosamente,\nAna\n\nPS: a sala mudou.",
            "Att, preciso disso hoje",
            "Best of all, it works",
            "Cordial saludo,\nLa impresora ya funciona.",
            "Hola.\n\nSaludos,\nLa impresora ya funciona\n\nGracias",
            "Hola.\n\nSaludos,\nAna\nLa impresora ya funciona desde ayer.",
            "Olá.\n\nEnviado via Sedex hoje",
            "Bom dia.\n\nAntes de imprimir a nota aparece erro 0x45.",
            "Bom dia.\n\nAntes de imprimir, o sistema trava",
            "Bom dia.\n\nEste e-mail pode conter vírus?",
            "Bom dia.\n\nEste e-mail pode conter informações confidenciais? Posso abrir",
            "Bom dia.\n\nAviso legal não aparece no rodapé",
            "Não abre.\n\nNão contém vírus.",
            "Fiz assim:\n--\n1. abri o sistema\n2. imprimi\n--\nDeu erro",
            "O que fiz:\n---\nReiniciei o computador duas vezes.",
            "Log:\n-----\nhttp://intranet.example.com/app não abre na sala 2",
            "Enviado do meu iPhone\n\nPode fechar",
            "Hola.\n\nSaludos,\nAna\nLa impresora ya funciona desde ayer",
            "Bom dia.\n\nAtenciosamente,\nAna Sol\nPode fechar o chamado",
            "Hi.\n\nRegards,\nAna\nplease close it",
            "Guten Tag\n\nMfG\nAna\ndas geht noch nicht",
        ] {
            assert_eq!(kept(text), text, "{text}");
        }
    }

    #[test]
    fn sentences_below_a_mark_are_told_from_the_signature() {
        for (text, own) in [
            (
                "-- \nAna Sol\nAnalista\n\nPode fechar, funcionou.",
                "Pode fechar, funcionou.",
            ),
            ("-- \nAna Sol\nPode fechar", "Pode fechar"),
            (
                "-- \nAna Sol\n\nImpressora continua travada",
                "Impressora continua travada",
            ),
            ("Att\nJoão\n\nA senha nova é 1234", "A senha nova é 1234"),
            (
                "-- \nJan Nowak\n\nDrukarka nie działa",
                "Drukarka nie działa",
            ),
            ("Enviado do meu iPhone\n\nretiro às 15h", "retiro às 15h"),
            (
                "-- \n\nAna Sol\n\nAnalista de suporte\n\n+55 11 5555-0100",
                "",
            ),
            ("-- \nAna Sol\nAnalista de suporte\n+55 11 5555-0100", ""),
            (
                "-- \nAna Sol\n\nSe você recebeu esta mensagem por engano, apague-a e avise o remetente.",
                "",
            ),
            (
                "Obter o Outlook para Android\nA impressora da sala\nnão imprime",
                "A impressora da sala\nnão imprime",
            ),
            (
                "Aviso legal: mensagem confidencial.\n\nPode fechar, obrigada.",
                "Pode fechar, obrigada.",
            ),
        ] {
            let lines = split(text);
            let lines: Vec<_> = lines.iter().collect();
            let (found, _) = sift(&lines, 0);
            let found: Vec<_> = found.iter().filter(|l| !l.blank).map(|l| l.raw).collect();
            assert_eq!(found.join("\n"), own, "{text}");
        }
    }

    #[test]
    fn only_what_nobody_wrote_says_nothing() {
        for (text, nothing, all) in [
            ("", true, true),
            ("Enviado do meu iPhone", true, true),
            ("-- \nAna Sol\nAnalista de suporte", true, true),
            ("--", true, true),
            ("Enviado do meu Wiko", false, true),
            ("Enviado do meu iPhone\n\nJá chegou", false, false),
            ("-- \nJá chegou", false, false),
            ("Atenciosamente,\nAna Sol", false, true),
            ("Enviado via Sedex hoje", false, false),
            ("Saludos,\nLa impresora ya funciona", false, false),
        ] {
            let lines = split(text);
            let lines: Vec<_> = lines.iter().collect();
            assert_eq!(says_nothing(&lines, false), nothing, "{text}");
            assert_eq!(is_all(&lines), all, "{text}");
        }
    }
}
