//! Whether marked lines of a mail are quotation of ours: the system knows what it sent.

use std::{
    collections::{HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use super::{
    lines::{Line, split},
    signature,
};

/// Words that are compared at a time.
const TOGETHER: usize = 3;
/// Words of ours, one behind the other, from which on a quotation is looked at.
const ANCHOR: usize = 4;
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
    /// The HTML, where the texts of its pictures stand.
    html: String,
}

/// The words of a mail.
struct Form {
    words: HashSet<u64>,
    pairs: HashSet<u64>,
    /// The last two of them.
    end: Option<u64>,
}

impl Form {
    fn of(text: &str) -> Self {
        let said = said(&split(text), |_| false);
        let all = said.windows(2);
        let fixed = all.filter(|two| two.iter().all(|(_, word)| word != CHANGING));
        Self {
            words: said.chunks(1).map(pair).collect(),
            pairs: fixed.map(pair).collect(),
            end: said.windows(2).next_back().map(pair),
        }
    }
}

impl Sent {
    /// From its text and its HTML, with [`CHANGING`] in place of what changes, and from the message in it.
    pub fn of(text: &str, html: &str, message: &str) -> Self {
        let shown = crate::inbound::text_of_html(html);
        Self {
            forms: [text, &shown].map(Form::of).into(),
            message: Form::of(message),
            html: html.to_lowercase(),
        }
    }

    /// Whether somebody wrote into it: the quotation holds two thirds of what we sent, and between two
    /// words of ours that stand side by side, or behind the last, words that no program puts there.
    pub fn is_added_to(&self, quoted: &str) -> bool {
        let lines = split(quoted);
        let said = said(&lines, |title| self.is_picture(title));
        let beside: Vec<u64> = said.windows(2).map(pair).collect();
        let found: HashSet<u64> = beside.iter().copied().collect();
        let stands = |form: &&Form| {
            let common = form.pairs.intersection(&found).count();
            common >= TOGETHER && common * 3 >= form.pairs.len() * 2
        };
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
        // The last word of ours so far.
        let mut last = anchor;
        for at in (anchor + 1..said.len()).filter(ours) {
            let two = [said[last].clone(), said[at].clone()];
            if at > last + 1 && sent(&pair(&two)) {
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
        // Programs add lines of their own there, and below a message stands the rest of the mail.
        let below: Vec<&Line<'_>> = lines[*from..].iter().collect();
        *from == said[end + 1].0
            || !whole.is_empty()
                && !signature::says_nothing(&below, false)
                && !signature::is_all(&below)
    }

    /// Whether half of these words, or more, stand in it side by side, or at all if they are few.
    pub fn holds(&self, quoted: &str) -> bool {
        let said = said(&split(quoted), |title| self.is_picture(title));
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
            || ["image", "imagem", "imagen"]
                .iter()
                .any(|word| title.starts_with(word))
            || !title.is_empty() && self.html.contains(&format!("\"{title}\""))
    }
}

/// The words of a text, each with the number of its line; no links and addresses, which mail programs
/// write in many ways, and nothing in brackets that is left out.
fn said(lines: &[Line<'_>], left_out: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
    let link = |chunk: &str| {
        chunk.len() > LONGEST || chunk.contains('@') || LINKS.iter().any(|at| chunk.contains(at))
    };
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let mut parts = line.raw.split('[').enumerate();
        let kept = parts
            .by_ref()
            .map(|(number, part)| match part.split_once(']') {
                Some((title, rest)) if number > 0 && left_out(title) => rest,
                _ => part,
            });
        let chunks = kept.flat_map(str::split_whitespace);
        let words = chunks.filter(|chunk| !link(chunk)).flat_map(words);
        found.extend(words.map(|word| (at, word)));
    }
    found
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
            into("funcionar?", " [image: Casa] [A Casa] [cid:1]"),
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
