//! Italian.

use super::{Language, NONE, SECRET, notice};

pub(super) const ITALIAN: Language = Language {
    openers: &["il", "il giorno", "in data"],
    verbs: &["ha scritto", "scrive", "ha escrito"],
    weekdays: &[
        "lunedì",
        "martedì",
        "mercoledì",
        "giovedì",
        "venerdì",
        "domenica",
        "sabato",
        "lun",
        "mar",
        "mer",
        "gio",
        "sab",
        "dom",
        "ven",
    ],
    from: &["da"],
    date: &["inviato", "inviata", "data"],
    to: &["a"],
    cc: &["cc", "ccn"],
    subject: &["oggetto"],
    separators: &[
        "messaggio originale",
        "messaggio inoltrato",
        "inizio messaggio inoltrato",
    ],
    sent_from: &["inviato da ", "inviato dal "],
    sent_from_my: &["inviato dal mio "],
    sent_with: &["inviato con "],
    advertisements: &["scarica outlook per", "ottieni outlook per"],
    closings: &[
        "cordiali saluti",
        "distinti saluti",
        "saluti",
        "un saluto",
        "cordialmente",
    ],
    notices: &[notice("le informazioni contenute in questo", SECRET)],
    speech: &[
        "già", "ancora", "adesso", "oggi", "ieri", "domani", "funziona", "grazie", "perché",
        "questo", "qui", "bisogno", "provato", "può", "possiamo",
    ],
    ..NONE
};
