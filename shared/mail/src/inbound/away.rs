//! Whether the words in front of the colon of a subject are those of an automatic answer, in any of
//! the languages that people's mail servers speak.
//!
//! Programs and people put the same words together in many ways ("Resposta automática de ausência:",
//! "Im Urlaub:"), so it is the words that count, by their beginnings: all of them must be of this kind.
//! "Férias do João:" is the title of a ticket.

/// Most words of such a beginning.
const MAX_WORDS: usize = 8;

/// That nobody wrote it.
const AUTOMATIC: &[&str] = &[
    "automat",
    "auto",
    "автомат",
    "otomatik",
    "自動",
    "自动",
    "자동",
    "otomatis",
    "αυτοματ",
    "αυτόματ",
    "אוטומטי",
    "تلقائ",
];
/// Stems that say that it answers.
const ANSWER: &[&str] = &[
    "repl",
    "respon",
    "respos",
    "respues",
    "antwort",
    "antwoord",
    "svar",
    "vastaus",
    "odpowied",
    "ответ",
    "odpov",
    "valasz",
    "raspuns",
    "răspuns",
    "rispost",
    "repons",
    "reactie",
    "contestac",
    "mensage",
    "mensaje",
    "messag",
    "nachricht",
    "bericht",
    "yanit",
    "yanıt",
    "応答",
    "返信",
    "回复",
    "回覆",
    "회신",
    "odgovor",
    "відповід",
    "відповідь",
    "απαντ",
    "απάντ",
    "תשובה",
    "رد",
    "الرد",
    "balasan",
    "jawaban",
    "raspuns",
];
/// Both in one word.
const BOTH: &[&str] = &[
    "autorepl",
    "autoresp",
    "autosvar",
    "autoreact",
    "autoantw",
    "автоответ",
    "自動応答",
    "自動返信",
    "自动回复",
    "自動回覆",
    "자동회신",
    "自动答复",
    "自動答覆",
];
/// That somebody is away, by one word.
const AWAY: &[&str] = &[
    "ausen",
    "absen",
    "abwesen",
    "afwezig",
    "assent",
    "assenz",
    "franvaro",
    "frånvaro",
    "conges",
    "fravaer",
    "fravær",
    "poissa",
    "nieobecn",
    "отсутств",
    "ferias",
    "vacacion",
    "vacation",
    "urlaub",
    "vakantie",
    "semester",
    "отпуск",
    "away",
    "ooo",
    "oof",
];
/// The same where a preposition or a further word stands with it: "Licença: Office" is a ticket.
const LEAVE: &[&str] = &[
    "licenca", "leave", "ferie", "conge", "holiday", "urlop", "baja", "permiso",
];
/// That it is not there.
const NOT_AT: &[&str] = &[
    "fora", "fuera", "fuori", "out", "poza", "nicht", "niet", "ausser", "außer", "hors", "not",
    "mimo", "ute",
];
/// Stems of where one works.
const PLACE: &[&str] = &[
    "escritorio",
    "oficina",
    "office",
    "ufficio",
    "sede",
    "bureau",
    "buro",
    "büro",
    "haus",
    "biur",
    "kantoor",
    "aanwezig",
    "kontor",
    "kancel",
];
/// Words that stand between them.
const BETWEEN: &[&str] = &[
    "a",
    "am",
    "annual",
    "anual",
    "ao",
    "d",
    "da",
    "de",
    "del",
    "di",
    "do",
    "du",
    "e",
    "el",
    "em",
    "email",
    "en",
    "estou",
    "estoy",
    "from",
    "i",
    "im",
    "in",
    "is",
    "la",
    "le",
    "mail",
    "maternidade",
    "maternity",
    "medica",
    "my",
    "no",
    "of",
    "on",
    "paternidade",
    "sick",
    "sono",
    "the",
    "w",
];

/// Whether all of these words, in lower case without accents, tell of an automatic answer.
pub(super) fn says(words: &str) -> bool {
    let words: Vec<&str> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() || words.len() > MAX_WORDS {
        return false;
    }
    let among = |word: &str, list: &[&str]| list.iter().any(|stem| word.starts_with(stem));
    let any = |list: &[&str]| words.iter().any(|word| among(word, list));
    let known = words.iter().all(|word| {
        BETWEEN.contains(word)
            || word.chars().count() > 3 && among(word, BETWEEN_LONG)
            || [AUTOMATIC, ANSWER, BOTH, AWAY, LEAVE, NOT_AT, PLACE]
                .iter()
                .any(|list| among(word, list))
    });
    known
        && (any(BOTH)
            || any(AUTOMATIC) && any(ANSWER)
            || any(AWAY)
            || any(LEAVE) && words.len() > 1
            || any(NOT_AT) && any(PLACE))
}

/// Whether these words, in lower case without accents, say that nobody wrote the mail.
pub(super) fn is_automatic(words: &str) -> bool {
    let words: Vec<&str> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let any = |list: &[&str]| {
        let mut words = words.iter();
        words.any(|word| list.iter().any(|stem| word.starts_with(stem)))
    };
    words.len() <= MAX_WORDS && (any(BOTH) || any(AUTOMATIC) && any(ANSWER))
}

/// Whether these words, in lower case without accents, are a name for an automatic answer and no more.
pub(super) fn names_itself(words: &str) -> bool {
    let all = || words.split(|c: char| !c.is_alphanumeric());
    let known = |word: &str| {
        let mut stems = AUTOMATIC.iter().chain(ANSWER).chain(BOTH).chain(AWAY);
        word.is_empty() || BETWEEN.contains(&word) || stems.any(|stem| word.starts_with(stem))
    };
    is_automatic(words) && all().all(known)
}

/// The longer of the words between, by their beginnings.
const BETWEEN_LONG: &[&str] = &["assist", "notific", "temporar", "temporal", "avis"];

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn words_of_automatic_answers_are_known() {
        for words in [
            "resposta automatica de ausencia",
            "estou de ferias",
            "notificacao de ausencia",
            "out-of-office",
            "ooo",
            "autoresposta",
            "contestacion automatica",
            "ausente de la oficina",
            "on annual leave",
            "message d'absence",
            "en conge",
            "abwesenheitsassistent",
            "im urlaub",
            "nicht im buro",
            "fuori sede",
            "messaggio automatico",
            "niet aanwezig",
            "automatyczna odpowiedz",
            "poza biurem",
            "автоответ",
            "자동 회신",
            "自动回复",
            "自动答复",
            "αυτόματη απάντηση",
            "תשובה אוטומטית",
            "رد تلقائي",
            "автоматична відповідь",
            "automatski odgovor",
            "balasan otomatis",
        ] {
            assert!(says(words), "{words}");
        }
    }

    #[test]
    fn titles_of_tickets_are_not() {
        for words in [
            "",
            "ferias do joao",
            "ausencia de sinal na sala 2",
            "licenca",
            "licenca do windows",
            "out of memory",
            "fora do ar",
            "office",
            "resposta",
            "automacao",
            "leave request form",
            "отпуск иванова",
        ] {
            assert!(!says(words), "{words}");
        }
    }
}
