//! Dutch.

use super::{Language, NONE};

pub(super) const DUTCH: Language = Language {
    openers: &["op", "citeren"],
    verbs: &["schreef", "het volgende geschreven"],
    weekdays: &[
        "maandag",
        "dinsdag",
        "woensdag",
        "donderdag",
        "vrijdag",
        "zaterdag",
        "zondag",
        "ma",
        "wo",
        "vr",
        "za",
        "zo",
    ],
    from: &["van"],
    date: &["verzonden", "datum"],
    to: &["aan"],
    cc: &["cc"],
    subject: &["onderwerp"],
    separators: &[
        "oorspronkelijk bericht",
        "origineel bericht",
        "doorgestuurd bericht",
    ],
    sent_from: &["verstuurd vanaf ", "verzonden vanaf "],
    sent_from_my: &["verstuurd vanaf mijn ", "verzonden vanaf mijn "],
    sent_with: &["verzonden met "],
    advertisements: &["outlook voor ", "download outlook voor"],
    closings: &[
        "met vriendelijke groet",
        "met vriendelijke groeten",
        "groeten",
        "mvg",
    ],
    speech: &[
        "niet", "vandaag", "gisteren", "kunnen", "werkt", "bedankt", "maar", "omdat", "wij", "ik",
        "hebben",
    ],
    ..NONE
};
