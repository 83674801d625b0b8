//! Legal notices, and what scanners add below a mail.

use super::super::{
    languages::{LANGUAGES, Notice},
    lines::fold,
};

/// Whether a paragraph is a legal notice, or what a scanner adds.
pub(super) fn is_legal(paragraph: &[&str]) -> bool {
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
