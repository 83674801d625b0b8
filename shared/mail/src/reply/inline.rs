//! "Respostas em azul, abaixo": the answers stand in the quotation, in a colour that plain text
//! loses. Without the quotation such a reply would say nothing.

use super::lines::{fold, starts_with_words};

/// What somebody announces, by the beginning of a word.
const ANSWERS: &[&str] = &[
    "respostas",
    "respondi",
    "respondo",
    "respondid",
    "comentários",
    "comentarios",
    "comentei",
    "respuestas",
    "respondí",
    "contesto",
    "contesté",
    "comenté",
    "answers",
    "answered",
    "replies",
    "replied",
    "responses",
    "responded",
    "comments",
    "commented",
    "antworten",
    "beantwortet",
    "réponses",
    "risposte",
    "antwoorden",
];

const PLACES: &[&str] = &[
    "abaixo",
    "em azul",
    "em vermelho",
    "em verde",
    "em negrito",
    "em destaque",
    "no corpo",
    "abajo",
    "debajo",
    "en azul",
    "en rojo",
    "en verde",
    "en negrita",
    "en el cuerpo",
    "below",
    "inline",
    "in line",
    "in-line",
    "in blue",
    "in red",
    "in green",
    "in bold",
    "unten",
    "in rot",
    "in blau",
    "in grün",
    "ci-dessous",
    "en rouge",
    "en bleu",
    "en vert",
    "sotto",
    "in rosso",
    "in blu",
    "hieronder",
    "in het rood",
];

/// Words of which a line is made that says no more than where to look.
const LOOKING: &[&str] = &[
    "vide",
    "veja",
    "vejam",
    "ver",
    "segue",
    "seguem",
    "conforme",
    "favor",
    "por",
    "em",
    "no",
    "do",
    "corpo",
    "texto",
    "e-mail",
    "email",
    "azul",
    "vermelho",
    "verde",
    "negrito",
    "destaque",
    "abaixo",
    "vea",
    "vean",
    "sigue",
    "siguen",
    "según",
    "en",
    "el",
    "del",
    "cuerpo",
    "correo",
    "abajo",
    "debajo",
    "rojo",
    "negrita",
    "see",
    "find",
    "please",
    "kindly",
    "as",
    "in",
    "below",
    "red",
    "blue",
    "green",
    "bold",
    "inline",
    "siehe",
    "bitte",
    "unten",
    "rot",
    "blau",
    "grün",
    "voir",
    "ci-dessous",
    "rouge",
    "bleu",
    "vert",
    "vedi",
    "sotto",
    "rosso",
    "blu",
    "zie",
    "onder",
    "hieronder",
    "rood",
    "blauw",
];

/// Greetings with which a mail begins.
const GREETINGS: &[&str] = &[
    "bom dia",
    "boa tarde",
    "boa noite",
    "olá",
    "ola",
    "oi",
    "prezado",
    "prezada",
    "prezados",
    "prezadas",
    "caro",
    "cara",
    "buenos días",
    "buenas tardes",
    "buenas noches",
    "hola",
    "estimado",
    "estimada",
    "estimados",
    "hello",
    "hi",
    "dear",
    "good morning",
    "good afternoon",
    "hallo",
    "guten tag",
    "guten morgen",
    "bonjour",
    "bonsoir",
    "buongiorno",
    "buonasera",
    "goedemorgen",
];

/// Most words of such a line; more is a text of its own.
const MAX_WORDS: usize = 12;
/// Most words of a greeting, and of whom it names.
const MAX_NAMED: usize = 5;
/// Most lines below it, and most words of one: thanks, a closing and a name.
const MAX_BELOW: usize = 4;
const COURTESY: usize = 8;

/// Whether a reply says that the answers stand below it, and nothing else follows but thanks and a name.
pub(super) fn points_below(reply: &str) -> bool {
    let lines: Vec<&str> = reply
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(MAX_BELOW + 1);
    (from..lines.len()).any(|at| {
        let (line, below) = (lines[at], &lines[at + 1..]);
        let ends = below.is_empty() || !line.trim_end().ends_with(':');
        ends && below.iter().all(|line| is_courtesy(line)) && points(&fold(line))
    })
}

/// Whether a reply is a greeting and no more: what its author answers stands elsewhere.
pub(super) fn only_greets(reply: &str) -> bool {
    let folded = fold(reply);
    folded.split(' ').count() <= MAX_NAMED
        && !reply.contains(['.', '?', ':'])
        && GREETINGS
            .iter()
            .any(|words| starts_with_words(&folded, words))
}

fn is_courtesy(line: &str) -> bool {
    line.split_whitespace().count() <= COURTESY
        && !line.contains('?')
        && !line.contains(|c: char| c.is_ascii_digit())
}

fn points(line: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '-')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let all = words(line);
    let sentence = all.join(" ");
    let places = PLACES.iter().any(|place| {
        sentence.match_indices(place).any(|(at, _)| {
            let whole = |c: char| !c.is_alphanumeric();
            sentence[..at].chars().next_back().is_none_or(whole)
                && sentence[at + place.len()..]
                    .chars()
                    .next()
                    .is_none_or(whole)
        })
    });
    let announced = |word: &String| ANSWERS.iter().any(|answers| word.starts_with(answers));
    // "Bia, veja abaixo em vermelho."
    let behind_name = match line.split_once(',') {
        Some((name, rest)) if words(name).len() <= MAX_NAMED => words(rest),
        _ => Vec::new(),
    };
    let looks = |words: &[String]| {
        !words.is_empty() && words.iter().all(|word| LOOKING.contains(&word.as_str()))
    };
    all.len() <= MAX_WORDS
        && places
        && (all.iter().any(announced) || looks(&all) || looks(&behind_name))
}

#[cfg(test)]
mod tests {
    use super::{only_greets, points_below};

    #[test]
    fn who_answers_in_the_quotation_says_so() {
        for reply in [
            "Bruno,\n\nRespostas em azul, abaixo.",
            "Seguem as respostas abaixo:",
            "Respondi no corpo do e-mail.",
            "Mis respuestas en rojo",
            "Please see my comments inline.",
            "*Answers in blue below*",
            "Vide abaixo.",
            "Oi Bia, veja abaixo em vermelho.",
            "Segue abaixo em azul.",
            "Conforme abaixo.",
            "Ver abajo en rojo.",
            "Please see below in red.",
            "Siehe meine Antworten unten in Rot.",
            "Mes réponses ci-dessous en rouge.",
            "Respostas abaixo.\n\nObrigada!",
            "See my answers below.\n\nThanks,\nMaria",
            "Respostas abaixo em azul.\nQualquer dúvida estou à disposição.",
        ] {
            assert!(points_below(reply), "{reply}");
        }
    }

    #[test]
    fn other_texts_do_not() {
        for reply in [
            "",
            "Respostas abaixo:\n\n1. Sim.\n2. Não.",
            "A tela fica em azul.",
            "Sem resposta até agora, segue abaixo o erro.",
            "The app comments on in reduced mode",
            "De acordo com a resposta abaixo, pode fechar.",
            "Segue abaixo o erro.",
            "Vide abaixo:\nErro 809",
            "Vide abaixo.\nO erro 809 aparece quando abro a VPN.",
        ] {
            assert!(!points_below(reply), "{reply}");
        }
    }

    #[test]
    fn a_greeting_alone_says_nothing() {
        for reply in [
            "Bom dia,",
            "Bom dia, Bia!",
            "Hi Bia,",
            "Prezados",
            "Guten Tag Frau Sol,",
        ] {
            assert!(only_greets(reply), "{reply}");
        }
        for reply in [
            "",
            "Ok",
            "Bom dia, funcionou.",
            "Boa tarde, pode fechar o chamado agora",
            "Oi?",
        ] {
            assert!(!only_greets(reply), "{reply}");
        }
    }
}
