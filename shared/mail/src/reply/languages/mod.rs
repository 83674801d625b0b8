//! What mail programs write around a quotation and under a reply, by language.
//!
//! Everything is folded as [`super::lines::fold`] does: lower case, one space between words, no `*`.
//! A language is one file here and nothing else; Portuguese, Spanish and English stand first.

mod dutch;
mod english;
mod french;
mod german;
mod italian;
mod nordic;
mod others;
mod portuguese;
mod slavic;
mod spanish;

use self::{
    dutch::DUTCH, english::ENGLISH, french::FRENCH, german::GERMAN, italian::ITALIAN,
    nordic::NORDIC, others::OTHERS, portuguese::PORTUGUESE, slavic::SLAVIC, spanish::SPANISH,
};

/// The words of one language.
pub(super) struct Language {
    /// First words of an attribution: "Em … escreveu:", "On … wrote:".
    pub(super) openers: &'static [&'static str],
    /// Verbs of an attribution.
    pub(super) verbs: &'static [&'static str],
    /// Short and long weekdays that may open an attribution.
    pub(super) weekdays: &'static [&'static str],
    /// Months, as they are written out and as programs shorten them, in the form that dates need.
    pub(super) months: &'static [&'static str],
    /// Labels of the sender in a block of headers.
    pub(super) from: &'static [&'static str],
    /// Labels of the time.
    pub(super) date: &'static [&'static str],
    /// Labels of the recipients.
    pub(super) to: &'static [&'static str],
    /// Labels of the copies.
    pub(super) cc: &'static [&'static str],
    /// Labels of the subject.
    pub(super) subject: &'static [&'static str],
    /// What stands between dashes over a quoted or forwarded mail.
    pub(super) separators: &'static [&'static str],
    /// Beginnings of the line that a telephone or a mail program adds; one of [`super::devices`]
    /// is named behind: "Enviado via Sedex" is an answer.
    pub(super) sent_from: &'static [&'static str],
    /// The same with "my", which an unknown device may follow.
    pub(super) sent_from_my: &'static [&'static str],
    /// The same with "with", behind which only programs stand: "Enviado com o notebook" is an answer.
    pub(super) sent_with: &'static [&'static str],
    /// Such lines that are sure by themselves.
    pub(super) advertisements: &'static [&'static str],
    /// What follows such a line: "Please excuse my brevity."
    pub(super) apologies: &'static [&'static str],
    /// Ends of such a line, where the language puts the device first.
    pub(super) sent_from_ends: &'static [&'static str],
    /// Closings that stand over a signature.
    pub(super) closings: &'static [&'static str],
    /// Words that people use when they tell or ask something, and that stand on no card.
    pub(super) speech: &'static [&'static str],
    /// Legal notices and what virus scanners add.
    pub(super) notices: &'static [Notice],
}

/// A legal notice: how it begins, and the parts of words of which it holds one further on. The
/// beginning alone is how people write, too: "Antes de imprimir, o sistema trava". One that needs
/// no more is a title: the line ends there, or a colon or a dash follows.
pub(super) struct Notice {
    pub(super) begins: &'static str,
    pub(super) holds: &'static [&'static str],
}

const fn notice(begins: &'static str, holds: &'static [&'static str]) -> Notice {
    Notice { begins, holds }
}

/// What notices say of a mail.
const SECRET: &[&str] = &[
    "confidenc",
    "confident",
    "confidenz",
    "privileg",
    "sigil",
    "exclusiv",
    "reservad",
    "riservat",
    "protegid",
    "solely",
    "sole use",
    "intended",
    "uso exclusivo",
    "unauthori",
];
/// What they say of paper.
const PAPER: &[&str] = &[
    "pense",
    "lembre",
    "meio ambiente",
    "natureza",
    "piense",
    "medio ambiente",
    "árbol",
];
/// Words of what scanners add below a mail.
const SCANNED: &[&str] = &[
    "vírus",
    "virus",
    "malware",
    "avast",
    "avg",
    "spam",
    "mailscanner",
    "antivir",
];
/// How Google Groups are named below a mail that came over one.
const GROUPS: &[&str] = &["grupos do google", "grupos de google", "google groups"];
/// Where scanners put their address.
const SITES: &[&str] = &["www.", "http", "avast", "avg"];

/// An empty entry, to fill only what a language has.
const NONE: Language = Language {
    openers: &[],
    verbs: &[],
    weekdays: &[],
    months: &[],
    from: &[],
    date: &[],
    to: &[],
    cc: &[],
    subject: &[],
    separators: &[],
    sent_from: &[],
    sent_from_my: &[],
    sent_with: &[],
    advertisements: &[],
    apologies: &[],
    sent_from_ends: &[],
    closings: &[],
    speech: &[],
    notices: &[],
};

/// All languages; where two share a word the order does not matter.
pub(super) const LANGUAGES: &[Language] = &[
    PORTUGUESE, SPANISH, ENGLISH, FRENCH, GERMAN, ITALIAN, DUTCH, NORDIC, SLAVIC, OTHERS,
];

/// Words of a separator that a name and a date follow: "----- Forwarded by Ana/Site on 06/05 -----".
pub(super) const FORWARDED_BY: &[&str] = &["encaminhado por", "reenviado por", "forwarded by"];

/// Whole lines that stand for a hidden quotation.
pub(super) const ELIDED: &[&str] = &[
    "[texto das mensagens anteriores oculto]",
    "[mensagem anterior oculta]",
    "[el texto citado está oculto]",
    "[quoted text hidden]",
    "[texte des messages précédents masqué]",
    "[zitierter text wird ausgeblendet]",
];
