//! Legal notices, and what scanners add below a mail.

use super::super::{
    languages::{LANGUAGES, Notice},
    lines::fold,
};

/// Whether a paragraph is a legal notice, or what a scanner adds. People write of mails that are
/// forbidden, confidential or sent by mistake, too: a notice begins as one or uses many of its words,
/// or goes `on` below another, or is for those who received the mail and should not have.
pub(super) fn is_legal(paragraph: &[&str], on: bool) -> bool {
    let text = joined(paragraph);
    let words = count(&text, LEGAL);
    notices(&text).next().is_some()
        || words >= 3
        || words >= 1 && on && count(&text, OF_MAILS) >= 1
        || words >= 1 && is_for_strangers(&text)
}

/// Whether a folded text is for those who received a mail by mistake: "Se você recebeu esta mensagem …".
fn is_for_strangers(text: &str) -> bool {
    IF.iter().any(|word| text.starts_with(word))
        && count(text, RECEIVED) >= 1
        && count(text, OF_MAILS) >= 1
}

/// Whether it is beyond doubt: it begins as a notice and says what notices say, or uses their words.
pub(super) fn is_surely_legal(paragraph: &[&str]) -> bool {
    let text = joined(paragraph);
    notices(&text).any(|notice| !notice.holds.is_empty()) || count(&text, LEGAL) >= 2
}

fn joined(paragraph: &[&str]) -> String {
    let folded: Vec<String> = paragraph.iter().map(|raw| fold(raw)).collect();
    folded.join(" ")
}

/// The notices that a folded text begins.
fn notices(text: &str) -> impl Iterator<Item = &'static Notice> {
    let bare = text.trim_start_matches(['"', '(', '_', '-', ' ', '•']);
    LANGUAGES
        .iter()
        .flat_map(|l| l.notices)
        .filter(move |notice| bare.starts_with(notice.begins) && is_notice(bare, notice))
}

/// How many of these words a text holds.
fn count(text: &str, words: &[&str]) -> usize {
    words.iter().filter(|word| text.contains(*word)).count()
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
/// How a condition begins.
const IF: &[&str] = &[
    "se ", "caso ", "si ", "if ", "should ", "wenn ", "falls ", "sollten ", "s'il ", "als ",
];
/// Parts of words of those who received something.
const RECEIVED: &[&str] = &[
    "receb", "recib", "receiv", "erhalten", "ricev", "reçu", "ontvang",
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

/// Whether a paragraph that begins as this notice goes on as it.
pub(super) fn is_notice(paragraph: &str, notice: &Notice) -> bool {
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
