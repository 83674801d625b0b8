//! The line that a telephone or a mail program adds: "Enviado do meu iPhone".

use std::borrow::Cow;

use super::{
    languages::LANGUAGES,
    lines::{fold, is_symbol},
    quotation::ANSWERS,
};

/// How sure it is that a program wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// It names a device or a program.
    Known,
    /// "my", and a name that is not in the lists.
    Likely,
}

/// Most words of a line such as "Enviado do meu Samsung Mobile da Claro".
const MAX_WORDS: usize = 10;
/// Words behind the beginning among which the device is.
const NAMED_WITHIN: usize = 5;

/// Programs that people send mail with.
const PROGRAMS: &[&str] = &[
    "airmail",
    "aol",
    "aqua",
    "bluemail",
    "bol",
    "fastmail",
    "gmail",
    "gmx",
    "hotmail",
    "mailbird",
    "mailspring",
    "outlook",
    "proton",
    "protonmail",
    "roundcube",
    "spark",
    "terra",
    "thunderbird",
    "tutanota",
    "typeapp",
    "uol",
    "windows",
    "yahoo",
    "zimbra",
    "zoho",
];

/// Devices that people send mail from.
const DEVICES: &[&str] = &[
    "android",
    "aparelho",
    "asus",
    "blackberry",
    "celular",
    "dispositivo",
    "galaxy",
    "handy",
    "htc",
    "huawei",
    "ios",
    "ipad",
    "iphone",
    "ipod",
    "laptop",
    "lenovo",
    "mac",
    "macbook",
    "mobile",
    "moto",
    "motorola",
    "móvel",
    "móvil",
    "nokia",
    "notebook",
    "oneplus",
    "phone",
    "pixel",
    "pixels",
    "redmi",
    "samsung",
    "smartphone",
    "sony",
    "tablet",
    "telefone",
    "teléfono",
    "xiaomi",
    "xperia",
];

/// Words of people: "Enviado do celular ontem".
const TIMES: &[&str] = &[
    "agora",
    "ahora",
    "amanhã",
    "ayer",
    "hoje",
    "hoy",
    "já",
    "mañana",
    "not",
    "now",
    "não",
    "ontem",
    "today",
    "tomorrow",
    "ya",
    "yesterday",
];

/// What a line is, as written and folded: short, no sentence, alone in its paragraph (for
/// the caller to see).
pub(super) fn device(raw: &str, folded: &str) -> Option<Device> {
    let linkless = without_links(folded);
    let bare = without_apology(&linkless);
    // "Enviado do meu smartphone Samsung Galaxy." ends like a sentence and is not one.
    let stop = bare.ends_with('.');
    let bare = bare.strip_suffix('.').unwrap_or(bare).trim_end();
    let behind = |table: fn(&super::languages::Language) -> &'static [&'static str]| {
        LANGUAGES
            .iter()
            .flat_map(table)
            .filter_map(|words| bare.strip_prefix(words))
    };
    if behind(|l| l.advertisements).any(|rest| rest.is_empty() || names(rest, &[DEVICES, PROGRAMS]))
    {
        return Some(Device::Known);
    }
    if is_slogan(bare) {
        return Some(Device::Known);
    }
    let words = || bare.split(' ');
    if bare.ends_with(['.', '!', '?', ';', ':'])
        || bare.contains(", ")
        || bare.contains(". ")
        || words().count() > MAX_WORDS
        || words().any(|word| TIMES.contains(&word))
    {
        return None;
    }
    let known = behind(|l| l.sent_from).any(|rest| names(rest, &[DEVICES, PROGRAMS]))
        || behind(|l| l.sent_from_my).any(|rest| names(rest, &[DEVICES, PROGRAMS]))
        || behind(|l| l.sent_with).any(|rest| names(rest, &[PROGRAMS]))
        || LANGUAGES
            .iter()
            .flat_map(|l| l.sent_from_ends)
            .any(|words| {
                bare.strip_suffix(words)
                    .is_some_and(|rest| names(rest, &[DEVICES, PROGRAMS]))
            });
    if known {
        return Some(Device::Known);
    }
    // Makers write their names with a capital or a number: "Sent from my Wiko RIDGE FAB 4G".
    let likely = behind(|l| l.sent_from_my).any(|rest| {
        let name = raw
            .split_whitespace()
            .nth(words().count() - rest.split(' ').count());
        name.is_some_and(|name| name.starts_with(|c: char| c.is_uppercase() || c.is_numeric()))
    });
    (likely && !stop).then_some(Device::Likely)
}

/// "Yahoo Mail: Search, Organize, Conquer", in whatever language.
fn is_slogan(bare: &str) -> bool {
    let words = bare.strip_prefix("yahoo mail: ").unwrap_or_default();
    words.split(", ").count() == 3
        && words
            .split(", ")
            .all(|word| !word.is_empty() && word.chars().all(char::is_alphabetic))
}

/// Whether one of the first words is in a list.
fn names(rest: &str, lists: &[&[&str]]) -> bool {
    // Polish inflects: "z iPhone'a".
    rest.split([' ', '-', '/', '(', '\'', '’'])
        .filter(|word| !word.is_empty())
        .take(NAMED_WITHIN)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .any(|word| lists.iter().any(|list| list.contains(&word)))
        // Some languages write no space: "iPhoneから送信".
        || !rest.is_ascii() && !rest.contains(' ') && DEVICES.iter().any(|device| rest.contains(device))
}

/// A folded line without what some programs excuse behind it: "Desculpe a brevidade."
fn without_apology(folded: &str) -> &str {
    let apology = |(at, _): &(usize, &str)| {
        let rest = folded[at + 1..].trim_start();
        LANGUAGES
            .iter()
            .flat_map(|l| l.apologies)
            .any(|words| rest.starts_with(words))
            && !rest.trim_end_matches('.').contains(['.', '!', '?'])
    };
    let found = folded.match_indices(". ").find(apology);
    found.map_or(folded, |(at, _)| &folded[..at + 1])
}

/// A folded line without its links: `<https://…>`, `[https://…]`, `(https://…)`, and what follows a bare
/// one.
fn without_links(folded: &str) -> Cow<'_, str> {
    let mut kept = Cow::Borrowed(folded);
    while let Some(link) = kept.find("http") {
        let (front, rest) = kept.split_at(link);
        let shut = match front.chars().next_back() {
            Some('<') => '>',
            Some('[') => ']',
            Some('(') => ')',
            _ => return Cow::Owned(front.trim_end().to_owned()),
        };
        let behind = rest.split_once(shut).map_or("", |(_, behind)| behind);
        kept = Cow::Owned(format!("{}{behind}", front[..link - 1].trim_end()));
    }
    kept
}

/// Where within a line such a line begins, as some gateways put all of a mail on one: "Sim, pode fechar.
/// Enviado do meu iPhone". What stands in front ends there, and the rest names nothing but a device.
pub(super) fn within(raw: &str) -> Option<usize> {
    let from = raw.floor_char_boundary(raw.len().saturating_sub(LONGEST));
    let capitals = raw[from..].char_indices().filter(|(_, c)| c.is_uppercase());
    capitals.map(|(at, _)| from + at).find(|at| {
        let (front, rest) = raw.split_at(*at);
        ends(front) && device(rest, &fold(rest)) == Some(Device::Known) && names_only(rest)
    })
}

/// Longest such line, in bytes.
const LONGEST: usize = 160;

/// Whether what somebody wrote ends here: a sentence, or an answer or thanks without its full stop.
fn ends(front: &str) -> bool {
    let bare = front.trim_end();
    // A number of a list ends so, too.
    if bare.ends_with(['.', '!', '…']) && bare.contains(char::is_alphabetic)
        || bare.ends_with(is_symbol)
    {
        return true;
    }
    let last = bare.split_whitespace().next_back().unwrap_or_default();
    if bare.len() == front.len() || last.len() > LONGEST {
        return false;
    }
    let alone = last.len() == bare.len();
    let last = last.to_lowercase();
    let thanks = THANKS.iter().any(|words| last.starts_with(words));
    thanks || alone && ANSWERS.contains(&last.as_str())
}

/// How people thank.
const THANKS: &[&str] = &[
    "obrigad", "gracias", "thanks", "grat", "danke", "merci", "grazie",
];

/// Whether a line says no more than a program does: "my", and the names of a device, or those of programs.
/// "Enviado pelo celular da Ana ontem" is what a person tells.
fn names_only(raw: &str) -> bool {
    let folded = fold(raw);
    let bare = without_links(&folded);
    let begins = |table: fn(&super::languages::Language) -> &'static [&'static str]| {
        LANGUAGES
            .iter()
            .flat_map(table)
            .any(|words| bare.starts_with(words))
    };
    let mine = begins(|l| l.sent_from_my);
    let names = |words: &[&str]| {
        let mut rest = raw.split_whitespace().skip(1);
        rest.all(|word| {
            let folded = word.to_lowercase();
            let name = folded.trim_matches(|c: char| !c.is_alphanumeric());
            word.starts_with(|c: char| !c.is_lowercase())
                || DEVICES.contains(&name)
                || PROGRAMS.contains(&name)
                || words.contains(&name)
        })
    };
    // People tell by which program they sent something, and hardly on which device, too.
    let known = |word: &&str| PROGRAMS.contains(word) || DEVICES.contains(word);
    let programs = bare.split(' ').filter(known);
    begins(|l| l.advertisements)
        || mine && names(MINE)
        || !mine && names(OF_PROGRAMS) && programs.count() > 1
}

/// Small words in front of "my" and behind it.
const MINE: &[&str] = &[
    "do", "de", "desde", "pelo", "from", "via", "using", "a", "partir", "o", "meu", "mi", "my",
];
/// Small words around the names of programs.
const OF_PROGRAMS: &[&str] = &[
    "do", "de", "desde", "pelo", "via", "from", "using", "con", "com", "with", "o", "para", "for",
    "no", "on", "en", "mail",
];

#[cfg(test)]
mod tests {
    use super::{super::lines::fold, Device, device, within};

    fn of(line: &str) -> Option<Device> {
        device(line, &fold(line))
    }

    #[test]
    fn lines_of_devices_and_programs_are_known() {
        for line in [
            "Enviado do meu iPhone",
            "Enviado do meu smartphone Samsung Galaxy.",
            "Enviado do meu Samsung Mobile da Claro",
            "Enviado do Email para Windows 10",
            "Enviado do Email<https://example.com/?LinkId=1> para Windows",
            "Sent from Mail<https://example.com/?LinkId=1> for Windows 10",
            "Enviado via UOL Mail",
            "Yahoo Mail: Busque, organize, conquiste",
            "Yahoo Mail: Search, Organize, Conquer<https://example.com/x>",
            "Enviado do Yahoo Mail no Android",
            "Obter o Outlook para Android<https://aka.ms/x>",
            "Enviado desde mi iPhone",
            "Enviado desde Correo para Windows",
            "Enviado con Proton Mail",
            "Sent with Proton Mail secure email.",
            "Sent from [Proton Mail](https://proton.me/mail/home) for iOS",
            "Sent from my Verizon Wireless BlackBerry",
            "Sent from TypeApp<http://www.typeapp.com/r?b=1>",
            "Yahoo Mail: Search, Organize, Conquer",
            "Von meinem iPhone gesendet",
            "iPhoneから送信",
            "Enviado do meu dispositivo Android com o K-9 Mail. Desculpe a brevidade.",
            "Enviado desde mi dispositivo Android con K-9 Mail. Por favor, disculpa mi brevedad.",
            "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
        ] {
            assert_eq!(of(line), Some(Device::Known), "{line}");
        }
        assert_eq!(of("Sent from my Wiko RIDGE FAB 4G"), Some(Device::Likely));
        assert_eq!(of("Enviado do meu Positivo Twist"), Some(Device::Likely));
    }

    #[test]
    fn they_are_found_behind_an_answer_on_the_same_line() {
        for (answer, line) in [
            ("Sim, pode fechar. ", "Enviado do meu Galaxy"),
            (
                "Sim, pode fechar.",
                "Enviado do meu smartphone Samsung Galaxy.",
            ),
            ("Sí, ciérrelo. ", "Enviado desde mi iPhone"),
            ("Yes! ", "Sent from my iPhone"),
            ("Ok ", "Enviado do meu iPhone"),
            ("👍 ", "Enviado do meu iPhone"),
            (
                "Pode fechar, muito obrigada ",
                "Enviado do Yahoo Mail no Android",
            ),
            ("Gracias ", "Obtener Outlook para Android<https://aka.ms/x>"),
            ("Feito. ", "Obter o Outlook para iOS"),
        ] {
            assert_eq!(
                within(&format!("{answer}{line}")),
                Some(answer.len()),
                "{line}"
            );
        }
        for line in [
            "Enviado do meu iPhone",
            "O rodapé mostra Enviado do meu iPhone",
            "O rodapé é: Enviado do meu iPhone",
            "Não foi Enviado do meu iPhone",
            "Segue o print. Enviado do meu celular para o Pedro",
            "Fiz o teste. Enviado pelo celular da Ana",
            "O contrato saiu. Enviado via Outlook ao fornecedor",
            "Já fiz. Enviado do meu Galaxy ontem",
            "Já mandei ontem! Enviado pelo Outlook",
            "Sim, o relatório já foi. Enviado pelo Gmail",
            "Done. Sent from Outlook",
            "Qual é a frase? Enviado do meu Galaxy",
            "1. Enviado do meu iPhone",
            "Pronto. Enviado do meu iPhone. A sala mudou.",
        ] {
            assert_eq!(within(line), None, "{line}");
        }
    }

    #[test]
    fn answers_are_none() {
        for line in [
            "Enviado via Sedex hoje",
            "Yahoo Mail: não abre, trava, fecha",
            "Enviado via Sedex",
            "Enviado con el mensajero",
            "Enviado com o notebook",
            "Enviado por engano, desculpe.",
            "Enviado do meu Android. A sala mudou.",
            "Enviado do meu Android. Desculpe a brevidade. A sala mudou.",
            "Enviado do meu ramal ontem, sem resposta.",
            "Enviado do meu setor",
            "Enviado do celular ontem",
            "Enviado do meu Galaxy? Não.",
            "Sent from the warehouse",
            "Sent with the courier",
            "Sent from my desk, is much easier then my mobile phone.",
            "Sent from my Paris office.",
            "Get Outlook for Maria",
            "Obter o Outlook para a Maria",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
