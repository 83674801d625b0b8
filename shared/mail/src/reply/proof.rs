//! Whether marked lines of a mail are quotation of ours: the system knows what it sent.

use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use super::{
    lines::{Line, split},
    signature,
};
use crate::redact::redact;

/// Words that are compared at a time.
const TOGETHER: usize = 3;
/// Words of ours, one behind the other, from which on a quotation is looked at.
const ANCHOR: usize = 4;
/// How many pairs of words within an answer may be ours by chance.
const CHANCES: usize = 2;
/// Most words of an answer that stands where a mail of ours was cut away.
const MAX_ANSWER: usize = 40;
/// Longest word that people write, in bytes; what is longer is a part of a link.
const LONGEST: usize = 40;

/// Whether `quoted` is taken out of `ours`, or holds it: half of its runs of three words, or four
/// fifths of ours, are the same. Case, marks and line ends do not count.
pub fn quotes(quoted: &str, ours: &str) -> bool {
    let (quoted, ours) = (words(quoted), words(ours));
    if quoted.is_empty() {
        return true;
    }
    let together = TOGETHER.min(quoted.len()).min(ours.len());
    if together == 0 {
        return false;
    }
    let runs = |words: &'_ [String]| -> HashSet<Vec<String>> {
        words.windows(together).map(<[String]>::to_vec).collect()
    };
    let (of_quoted, of_ours) = (runs(&quoted), runs(&ours));
    let common = of_quoted.intersection(&of_ours).count();
    let whole = ours.len() >= TOGETHER && common * 5 >= of_ours.len() * 4;
    // Of a mail of one or two words all must be the same.
    let least = match quoted.len() < TOGETHER {
        true => of_quoted.len() * 2,
        false => of_quoted.len(),
    };
    quoted.len() >= together && common * 2 >= least && ours.len() >= quoted.len().min(TOGETHER)
        || whole
}

/// The words of a quotation, each as a number.
pub struct Vocabulary(Vec<u64>);

impl Vocabulary {
    /// Of what was quoted, mail by mail.
    pub fn of(quotation: &[String]) -> Self {
        let mut numbers: Vec<u64> = quotation.iter().flat_map(|mail| numbers(mail)).collect();
        numbers.sort_unstable();
        Self(numbers)
    }

    /// Whether words of a text that stand side by side are among them: a part of it may be quoted.
    pub fn may_hold_part(&self, text: &str) -> bool {
        let mut run = 0;
        let mut all = true;
        for number in numbers(text) {
            let known = self.0.binary_search(&number).is_ok();
            run = if known { run + 1 } else { 0 };
            all &= known;
            if run == ANCHOR {
                return true;
            }
        }
        all
    }

    /// Whether half of the words of a text, or more, are among them: it may be quoted, whatever was written
    /// into it.
    pub fn may_hold(&self, text: &str) -> bool {
        let known = |number: &u64| self.0.binary_search(number).is_ok();
        let (known, other): (Vec<_>, Vec<_>) = numbers(text).partition(known);
        known.len() >= other.len()
    }
}

/// A number for each word, the same in lower and upper case. Two words may share one: a long quotation is
/// looked through without a copy of each of its words.
fn numbers(text: &str) -> impl Iterator<Item = u64> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| {
        let with = |number: u64, letter: char| number.wrapping_mul(31).wrapping_add(letter.into());
        word.chars()
            .fold(0, |number, letter| match letter.is_ascii() {
                true => with(number, letter.to_ascii_lowercase()),
                false => letter.to_lowercase().fold(number, with),
            })
    })
}

/// Stands in a [`Sent`] for what may have been another word when the mail left.
pub const CHANGING: &str = "changing0value";

/// A mail that we sent, by its words that stand side by side.
pub struct Sent {
    /// Each form of it: the text and the HTML.
    forms: Vec<Form>,
    /// What a person wrote in it. People cut the rest away.
    message: Form,
    /// All of it in lower case: links, addresses, and the texts of pictures.
    whole: String,
    /// The hosts of its links.
    hosts: HashSet<String>,
}

/// The words of a mail.
struct Form {
    words: HashSet<u64>,
    pairs: HashSet<u64>,
    /// The last two of them.
    end: Option<u64>,
    /// Those in front of what may have been another word.
    before_changing: HashSet<u64>,
    /// Those in front of a link.
    before_link: HashSet<u64>,
}

impl Form {
    fn of(text: &str) -> Self {
        let said = said(&split(text), &[]);
        let changes = |two: &&[(usize, String)]| two.iter().any(|(_, word)| word == CHANGING);
        let (changing, fixed): (Vec<_>, Vec<_>) = said.windows(2).partition(changes);
        let mut before_link = HashSet::new();
        let mut last = None;
        for chunk in text.split_whitespace() {
            if is_link(chunk) {
                before_link.extend(last);
            }
            last = words(chunk).pop().map(|word| number(&word)).or(last);
        }
        Self {
            words: said.iter().map(|(_, word)| number(word)).collect(),
            pairs: fixed.into_iter().map(pair).collect(),
            end: said.windows(2).next_back().map(pair),
            before_changing: changing.into_iter().map(|two| number(&two[0].1)).collect(),
            before_link,
        }
    }
}

impl Form {
    /// Whether two thirds of it are among these words that stand side by side.
    fn stands_in(&self, found: &HashSet<u64>) -> bool {
        let common = self.pairs.intersection(found).count();
        common >= TOGETHER && common * 3 >= self.pairs.len() * 2
    }
}

impl Sent {
    /// From its text and its HTML, with [`CHANGING`] in place of what changes, and from the message in it.
    pub fn of(text: &str, html: &str, message: &str) -> Self {
        let shown = crate::inbound::text_of_html(html);
        Self {
            forms: [text, &shown].map(Form::of).into(),
            message: Form::of(message),
            hosts: [text, html].iter().flat_map(|text| hosts(text)).collect(),
            whole: format!("{text}\n{html}").to_lowercase(),
        }
    }

    /// Whether somebody wrote into it: the quotation holds two thirds of what we sent, and between two
    /// words of ours that stand side by side, or behind the last, words that no program puts there.
    pub fn is_added_to(&self, quoted: &str) -> bool {
        let lines = split(quoted);
        let said = said(&lines, std::slice::from_ref(self));
        let beside: Vec<u64> = said.windows(2).map(pair).collect();
        let found: HashSet<u64> = beside.iter().copied().collect();
        let stands = |form: &&Form| form.stands_in(&found);
        let whole: Vec<&Form> = self.forms.iter().filter(stands).collect();
        let forms = match (whole.is_empty(), stands(&&self.message)) {
            (false, _) => &whole,
            (true, true) => &vec![&self.message],
            (true, false) => return false,
        };
        let sent = |pair: &u64| forms.iter().any(|form| form.pairs.contains(pair));
        let known: Vec<bool> = beside.iter().map(sent).collect();
        let anchor = known
            .windows(ANCHOR - 1)
            .position(|run| !run.contains(&false));
        let Some(anchor) = anchor else {
            return false;
        };
        let ours = |at: &usize| known.get(*at) == Some(&true) || known[at - 1];
        // Words of ours behind which others stand, the nearest first: of what was written into the mail,
        // a pair may be one of ours by chance.
        let mut gaps: VecDeque<usize> = VecDeque::new();
        let mut last = anchor;
        for at in (anchor + 1..said.len()).filter(ours) {
            if known.get(last) == Some(&false) {
                gaps.truncate(CHANCES);
                gaps.push_front(last);
            }
            let beside = |before: usize| pair(&[said[before].clone(), said[at].clone()]);
            let ends_message = |gap: usize| {
                let two = gap.checked_sub(1).map(|from| pair(&said[from..=gap]));
                two.is_some() && two == self.message.end
            };
            let within_message = |gap: &usize| {
                let two = beside(*gap);
                self.message.pairs.contains(&two) || ends_message(*gap) && sent(&two)
            };
            if at > last + 1 && sent(&beside(last)) || gaps.iter().skip(1).any(within_message) {
                return true;
            }
            last = at;
        }
        let ends = |pair: &u64| forms.iter().any(|form| form.end == Some(*pair));
        let Some(end) = beside.iter().rposition(ends) else {
            return false;
        };
        let Some((from, _)) = said.get(end + 2) else {
            return false;
        };
        // Below a message stands the rest of the mail.
        *from == said[end + 1].0 || !whole.is_empty() && is_written(&lines[said[end + 1].0 + 1..])
    }

    /// Whether somebody wrote into what is left of mails of ours, which are all that may be quoted, as they
    /// left: behind words of a message, or behind the last words of ours, stand others.
    pub fn is_added_to_part(ours: &[Self], quoted: &str) -> bool {
        let lines = split(quoted);
        let said = said(&lines, ours);
        let sent = |two: &u64| Self::forms(ours).any(|form| form.pairs.contains(two));
        let known: Vec<bool> = said.windows(2).map(|two| sent(&pair(two))).collect();
        let anchor = known
            .windows(TOGETHER - 1)
            .position(|run| !run.contains(&false));
        let Some(anchor) = anchor else {
            return false;
        };
        let found: HashSet<u64> = said.windows(2).map(pair).collect();
        let whole = ours
            .iter()
            .flat_map(|sent| &sent.forms)
            .any(|form| form.stands_in(&found));
        let is_ours = |at: usize| known.get(at) == Some(&true) || at > 0 && known[at - 1];
        let mut last = anchor;
        for at in (anchor + 1..said.len()).filter(|at| is_ours(*at)) {
            // In the place of words that were cut away may stand what was another value when the mail left.
            let of_message = || {
                let two = pair(&said[last - 1..=last]);
                !whole && ours.iter().any(|sent| sent.message.pairs.contains(&two))
            };
            let beside = || sent(&pair(&[said[last].clone(), said[at].clone()]));
            if at > last + 1 && (beside() || of_message()) {
                return true;
            }
            last = at;
        }
        let changes = number(&said[last].1);
        let Some((from, _)) = said.get(last + 1) else {
            return false;
        };
        !Self::forms(ours).any(|form| form.before_changing.contains(&changes))
            && (*from == said[last].0 || is_written(&lines[said[last].0 + 1..]))
    }

    /// Whether a few words hold no words side by side of mails of ours, and no program wrote them.
    pub fn is_answer_beside(ours: &[Self], quoted: &str) -> bool {
        let lines = split(quoted);
        let said = said(&lines, ours);
        let known = said.windows(TOGETHER).any(|run| {
            let mut pairs = run.windows(2).map(pair);
            pairs.all(|two| Self::forms(ours).any(|form| form.pairs.contains(&two)))
        });
        (1..=MAX_ANSWER).contains(&said.len())
            && !known
            && !ours.iter().any(|sent| sent.holds(quoted))
            && is_written(&lines)
    }

    /// Every form of these mails.
    fn forms(ours: &[Self]) -> impl Iterator<Item = &Form> {
        ours.iter()
            .flat_map(|sent| sent.forms.iter().chain([&sent.message]))
    }

    /// Whether half of these words, or more, stand in it side by side, or at all if they are few.
    pub fn holds(&self, quoted: &str) -> bool {
        let said = said(&split(quoted), std::slice::from_ref(self));
        let together = if said.len() <= TOGETHER { 1 } else { 2 };
        let stands = |run: &[(usize, String)]| {
            let run_of = pair(run);
            let of = |form: &Form| form.words.contains(&run_of) || form.pairs.contains(&run_of);
            self.forms.iter().any(of)
        };
        let (ours, all) = said.windows(together).fold((0, 0), |(ours, all), run| {
            (ours + usize::from(stands(run)), all + 1)
        });
        ours * 2 >= all
    }

    /// Whether mail programs put these words, in brackets, in place of a picture.
    fn is_picture(&self, title: &str) -> bool {
        let title = title.trim().to_lowercase();
        title.contains("cid:")
            || PICTURES.iter().any(|word| {
                let rest = title.strip_prefix(word).unwrap_or("-").trim_start();
                rest.is_empty()
                    || rest.starts_with(|c: char| c == ':' || c.is_ascii_digit())
                    || BY_PROGRAMS.iter().any(|words| rest.starts_with(words))
            })
            || !title.is_empty() && self.whole.contains(&format!("\"{title}\""))
    }

    /// Whether a link or an address stands in it, or a program put it in the place of one: those that guard
    /// links write what they guard into their own. `last` is the word in front.
    fn has_link(&self, chunk: &str, last: Option<&(usize, String)>) -> bool {
        let guards = || {
            let host = hosts(chunk).next()?;
            let (_, behind) = chunk.split_once(&host)?;
            let mut hosts = self.hosts.iter();
            hosts.find(|host| behind.contains(host.as_str()))
        };
        let in_place = |(_, word): &(usize, String)| {
            self.forms
                .iter()
                .any(|form| form.before_link.contains(&number(word)))
        };
        self.whole.contains(chunk) || guards().is_some() || last.is_some_and(in_place)
    }
}

/// Whether somebody wrote lines, and no program put them below a mail.
fn is_written(lines: &[Line<'_>]) -> bool {
    let lines: Vec<&Line<'_>> = lines.iter().collect();
    !signature::says_nothing(&lines, false) && !signature::is_all(&lines)
}

/// How mail programs begin what they put in place of a picture, and how they go on: "[image: Casa]",
/// "[image001.png]", "[Imagem removida pelo remetente.]".
const PICTURES: &[&str] = &["image", "imagem", "imagen", "inline image"];
const BY_PROGRAMS: &[&str] = &[
    "remov",
    "elimin",
    "quitad",
    "inline",
    "incorpor",
    "em linha",
    "en línea",
    "not available",
];

/// The words of a text, each with the number of its line, and what else says something to people: an
/// address, a link, an emoji. Nothing of that is a word if it stands in one of these mails of ours, or
/// without any, and nothing in brackets that stands for a picture; links between brackets are by programs,
/// which write them in many ways.
fn said(lines: &[Line<'_>], ours: &[Sent]) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let mut parts = line.raw.split('[').enumerate();
        let kept = parts
            .by_ref()
            .map(|(number, part)| match part.split_once(']') {
                Some((title, rest))
                    if number > 0 && ours.iter().any(|sent| sent.is_picture(title)) =>
                {
                    rest
                }
                _ => part,
            });
        for chunk in kept.flat_map(str::split_whitespace) {
            if is_link(chunk) {
                let bare = chunk
                    .trim_matches(|c: char| !c.is_alphanumeric())
                    .to_lowercase();
                let by_program = chunk.contains(['<', '>'])
                    || ["mailto:", "cid:", "tel:"]
                        .iter()
                        .any(|scheme| bare.starts_with(scheme))
                    || matches!(redact(chunk), Cow::Owned(_));
                let known = ours.iter().any(|sent| sent.has_link(&bare, found.last()));
                if !ours.is_empty() && !by_program && !known {
                    found.push((at, bare));
                }
                continue;
            }
            if chunk.len() <= LONGEST {
                found.extend(words(chunk).into_iter().map(|word| (at, word)));
            }
            let symbols: String = chunk.chars().filter(|c| is_emoji(*c)).collect();
            let written = !symbols.is_empty() && !ours.is_empty();
            if written && !ours.iter().any(|sent| sent.whole.contains(&symbols)) {
                found.push((at, symbols));
            }
        }
    }
    found
}

/// Whether a text without spaces is a link or an address.
fn is_link(chunk: &str) -> bool {
    chunk.contains('@') || LINKS.iter().any(|at| chunk.contains(at))
}

/// The hosts of the links in a text.
fn hosts(text: &str) -> impl Iterator<Item = String> {
    let behind = text.split("://").skip(1);
    let host = behind.map(|link| {
        let end = link.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-'));
        link[..end.unwrap_or(link.len())].to_lowercase()
    });
    host.filter(|host| !host.is_empty())
}

/// What people answer with, where programs draw lines and bullets.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b50}' | '\u{1f000}'..='\u{1faff}')
}

/// What a link holds.
const LINKS: &[&str] = &["://", "www.", "mailto:", "cid:"];

fn pair(two: &[(usize, String)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (_, word) in two {
        word.hash(&mut hasher);
    }
    hasher.finish()
}

fn number(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{CHANGING, Sent, Vocabulary, quotes};

    const TEXT: &str = "Chamado 100 (Em andamento)\n\nBia escreveu em 27/11/2026 02:33:\n\nA impressora voltou a funcionar?\nQual é o modelo?\n\nAbrir o chamado: https://desk.example.com/app/tickets/100\n\nVocê recebeu este e-mail porque participa do chamado 100.";

    #[test]
    fn a_quotation_may_hold_what_half_of_its_words_are_in() {
        let quoted = [
            "De: Central".to_owned(),
            "> A impressora VOLTOU? Sim. Qual é o modelo?".to_owned(),
        ];
        let vocabulary = Vocabulary::of(&quoted);
        for (text, held) in [
            (
                "Bom dia. A impressora voltou? Sim, mas o texto é longo e quase nada dele está lá",
                true,
            ),
            ("Bom dia. A conta foi criada", false),
            ("Sim", true),
        ] {
            assert_eq!(vocabulary.may_hold_part(text), held, "{text}");
        }
        for (text, held) in [
            ("A impressora voltou?\nQual é o modelo?", true),
            ("a IMPRESSORA, enfim", true),
            ("A conta foi criada", false),
            ("", true),
        ] {
            assert_eq!(vocabulary.may_hold(text), held, "{text}");
        }
    }

    #[test]
    fn what_was_written_into_a_mail_of_ours_is_seen() {
        let ours = TEXT.replace("Em andamento", CHANGING);
        let html = format!("<img alt=\"A Casa\">{}", ours.replace('\n', "<br>"));
        let sent = Sent::of(
            &ours,
            &html,
            "A impressora voltou a funcionar?\nQual é o modelo?",
        );
        let into = |find: &str, put: &str| TEXT.replace(find, &format!("{find}{put}"));
        for quoted in [
            into("funcionar?", " SIM"),
            into("funcionar?", "\nNão."),
            into("funcionar?", " [SIM]"),
            // "é o" and "voltou a" stand in the mail, too.
            into("funcionar?", "\nÉ o 4471."),
            into("funcionar?", "\nSim, voltou a imprimir, é o 4471."),
            into("modelo?", "\nA impressora é o 4471."),
            into("funcionar?", " [imagem da etiqueta 4471]"),
            into("funcionar?", " ana2@example.com"),
            into("funcionar?", "\nhttps://files.example.net/4471"),
            into("modelo?", "\n👍"),
            into("chamado 100.", "\n\n👍"),
            into("chamado 100.", "\n\nhttps://files.example.net/4471"),
            into("chamado 100.", "\n\nana2@example.com"),
            into("modelo?", " HP 4100"),
            into("chamado 100.", "\n\nSim, voltou. O patrimônio é 4471."),
            into("chamado 100.", " 4471"),
            into("chamado 100.", "\n\nSim, a impressora voltou a funcionar."),
            "A impressora voltou a funcionar? SIM\nQual é o modelo?".to_owned(),
            "A impressora voltou a funcionar?\nQual é o modelo? HP".to_owned(),
            format!("De: Central\nPara: Ana\n\n{}", into("modelo?", "\n4100")),
        ] {
            assert!(sent.is_added_to(&quoted), "{quoted}");
        }
        for quoted in [
            TEXT.to_owned(),
            TEXT.replace("Em andamento", "Aguardando quem pediu"),
            TEXT.replace("27/11/2026 02:33", "26 de novembro de 2026 às 23:33"),
            into(
                "funcionar?",
                " [image: Casa] [A Casa] [cid:1] [image001.png] [Imagem removida pelo remetente.]",
            ),
            into("funcionar?", " <mailto:bia@example.com>"),
            TEXT.replace(
                "https://desk.example.com/app/tickets/100",
                "https://links.example.net/?url=https%3A%2F%2Fdesk.example.com%2Fapp",
            ),
            TEXT.replace(
                "https://desk.example.com/app/tickets/100",
                "https://links.example.net/aHR0cHM6Ly9kZXNr",
            ),
            format!("De: Central\nPara: Ana\nPrioridade: Alta\n\n{TEXT}"),
            format!("CUIDADO: este e-mail veio de fora.\n\n{TEXT}"),
            TEXT.replace("a funcionar?\nQual", "a\nfuncionar? Qual"),
            TEXT.replace(
                "https://desk.example.com",
                "<https://links.example.net/?x=1>",
            ),
            into("chamado 100.", "\n\nEnviado do meu iPhone"),
            "A impressora voltou a funcionar?\nQual é o modelo?\n\nOutro rodapé.".to_owned(),
            "Outra coisa, que nunca enviamos. Chamado 100 (Em andamento)".to_owned(),
            String::new(),
        ] {
            assert!(!sent.is_added_to(&quoted), "{quoted}");
        }
        assert!(!Sent::of("", "", "").is_added_to("Sim."));
        assert!(
            sent.holds("participa do chamado 100.")
                && sent.holds("Chamado: 7")
                && sent.holds("")
                && sent.holds("O modelo? Qual é o modelo?")
        );
        assert!(!sent.holds("ipconfig /all\nEndereço IPv4: 10.0.0.5") && !sent.holds("Sim"));
    }

    #[test]
    fn an_answer_in_a_part_of_our_mail_is_seen() {
        let ours = TEXT.replace("Em andamento", CHANGING);
        let html = ours.replace('\n', "<br>");
        let message = "A impressora voltou a funcionar?\nQual é o modelo?";
        let sent = [Sent::of(&ours, &html, message)];
        for quoted in [
            "Qual é o modelo?\n\nHP 4471, sala 12.",
            "Qual é o modelo? 4471",
            "A impressora voltou a funcionar? SIM\nQual é o modelo?",
            "A impressora voltou a funcionar?\nQual é o modelo?\n\n4471",
            "A impressora voltou a funcionar?\nSim.\n\nVocê recebeu este e-mail porque participa do chamado 100.",
        ] {
            assert!(Sent::is_added_to_part(&sent, quoted), "{quoted}");
        }
        for quoted in [
            TEXT.to_owned(),
            TEXT.replace("Em andamento", "Aguardando a impressora"),
            "A impressora voltou a funcionar?".to_owned(),
            "Qual é o modelo?\n\nEnviado do meu iPhone".to_owned(),
            "A impressora voltou a funcionar?\n\nVocê recebeu este e-mail".to_owned(),
            "Bia escreveu em 27/11/2026 02:33:\n\nQual é o modelo?\n\nAbrir o chamado: https://links.example.net".to_owned(),
            "Chamado 100 (Em andamento)".to_owned(),
            "Sim, 4471.".to_owned(),
        ] {
            assert!(!Sent::is_added_to_part(&sent, &quoted), "{quoted}");
        }
        assert!(Sent::is_answer_beside(&sent, "Sim, é a 4471."));
        for quoted in [
            "Qual é o modelo?",
            "participa do chamado",
            "Enviado do meu iPhone",
            "",
        ] {
            assert!(!Sent::is_answer_beside(&sent, quoted), "{quoted}");
        }
    }

    #[test]
    fn what_we_sent_is_known_again() {
        let ours =
            "Bom dia, Ana. Você pode testar a impressora do 3º andar de novo? Obrigado, Bia.";
        for quoted in [
            "Você pode testar a impressora do 3º andar de novo?",
            "Você pode testar a\nimpressora do 3º andar\nde novo?",
            "Prezada Ana, há uma mensagem nova. Bom dia, Ana. Você pode testar a impressora do 3º andar de novo? Obrigado, Bia. Central de Serviços.",
            "Obrigado, Bia.",
            "",
        ] {
            assert!(quotes(quoted, ours), "{quoted}");
        }
        for quoted in [
            "ipconfig /all\nEndereço IPv4: 10.0.0.5",
            "A impressora imprime de novo",
            "sim",
            "Você pode",
        ] {
            assert_eq!(quotes(quoted, ours), quoted == "Você pode", "{quoted}");
        }
        assert!(!quotes("sim, testei de novo", ""));
        assert!(quotes("Funcionou?", "Funcionou?"));
        assert!(!quotes("Funcionou", "Ok"));
    }
}
