//! "Respostas em azul, abaixo": the answers stand in the quotation, in a colour that plain text
//! loses. Without the quotation such a reply would say nothing.

use super::lines::fold;

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
];

/// Most words of such a line; more is a text of its own.
const MAX_WORDS: usize = 12;

/// Whether a reply ends by saying that the answers stand below it.
pub(super) fn points_below(reply: &str) -> bool {
    let last = fold(reply.lines().next_back().unwrap_or_default());
    let words = || {
        last.split(|c: char| !c.is_alphanumeric() && c != '-')
            .filter(|word| !word.is_empty())
    };
    let sentence = words().collect::<Vec<_>>().join(" ");
    words().count() <= MAX_WORDS
        && words().any(|word| ANSWERS.iter().any(|answers| word.starts_with(answers)))
        && PLACES.iter().any(|place| {
            sentence.match_indices(place).any(|(at, _)| {
                let whole = |c: char| !c.is_alphanumeric();
                sentence[..at].chars().next_back().is_none_or(whole)
                    && sentence[at + place.len()..]
                        .chars()
                        .next()
                        .is_none_or(whole)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::points_below;

    #[test]
    fn who_answers_in_the_quotation_says_so() {
        for reply in [
            "Bruno,\n\nRespostas em azul, abaixo.",
            "Seguem as respostas abaixo:",
            "Respondi no corpo do e-mail.",
            "Mis respuestas en rojo",
            "Please see my comments inline.",
            "*Answers in blue below*",
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
        ] {
            assert!(!points_below(reply), "{reply}");
        }
    }
}
