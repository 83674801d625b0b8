//! French.

use super::{Language, NONE};

pub(super) const FRENCH: Language = Language {
    openers: &["le"],
    verbs: &["a écrit", "a ecrit"],
    weekdays: &[
        "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    ],
    from: &["de", "expéditeur"],
    date: &["envoyé", "envoyé le", "date", "message du"],
    to: &["à", "a", "pour", "destinataire"],
    cc: &["cc", "copie à", "copie"],
    subject: &["objet", "sujet"],
    separators: &[
        "message d'origine",
        "message d’origine",
        "message original",
        "message transféré",
        "message transmis",
        "début du message transféré",
        "début du message réexpédié",
    ],
    sent_from: &["envoyé depuis ", "envoyé à partir de ", "envoyé par "],
    sent_from_my: &["envoyé de mon ", "envoyé depuis mon "],
    sent_with: &["envoyé avec "],
    advertisements: &[
        "télécharger outlook pour",
        "télécharger outlook for",
        "obtenir outlook pour",
    ],
    closings: &[
        "cordialement",
        "bien cordialement",
        "bien à vous",
        "salutations",
        "sincères salutations",
        "cdt",
        "cdlt",
    ],
    ..NONE
};
