//! The line that a telephone or a mail program adds: "Enviado do meu iPhone".

use super::languages::LANGUAGES;

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
    let bare = without_apology(without_link(folded));
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

/// A folded line without a link at its end: `<https://…>`, `[https://…]`, `(https://…)`, `https://…`.
fn without_link(folded: &str) -> &str {
    let cut = ["<http", "[http", "(http", "http"]
        .iter()
        .filter_map(|mark| folded.find(mark))
        .min()
        .unwrap_or(folded.len());
    folded[..cut].trim_end()
}

#[cfg(test)]
mod tests {
    use super::{super::lines::fold, Device, device};

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
            "Enviado via UOL Mail",
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
    fn answers_are_none() {
        for line in [
            "Enviado via Sedex hoje",
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
