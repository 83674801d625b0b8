//! Why a mail was not let in: every reason that this system gives, in words for those who decide.

use domain::catalog::language::Texts;

use crate::texts;

/// What a reason means and what to do; none for a code that is not given (any more).
pub fn words(code: &str) -> Option<Texts> {
    let found = MAIL_REASONS.iter().find(|(known, _)| *known == code);
    found.map(|(_, words)| *words)
}

/// Every reason with its words.
pub const MAIL_REASONS: &[(&str, Texts)] = &[
    ("MAIL_EMPTY", texts::mail_reasons::MAIL_EMPTY),
    ("MAIL_TOO_LARGE", texts::mail_reasons::MAIL_TOO_LARGE),
    (
        "MAIL_WITHOUT_HEADER",
        texts::mail_reasons::MAIL_WITHOUT_HEADER,
    ),
    (
        "MAIL_HEADER_TOO_LONG",
        texts::mail_reasons::MAIL_HEADER_TOO_LONG,
    ),
    (
        "MAIL_TOO_MANY_PARTS",
        texts::mail_reasons::MAIL_TOO_MANY_PARTS,
    ),
    ("MAIL_TOO_DEEP", texts::mail_reasons::MAIL_TOO_DEEP),
    ("MAIL_UNREADABLE", texts::mail_reasons::MAIL_UNREADABLE),
    ("VIRUS", texts::mail_reasons::VIRUS),
    ("VIRUS_NOT_CHECKED", texts::mail_reasons::VIRUS_NOT_CHECKED),
    ("SPAM", texts::mail_reasons::SPAM),
    ("SENDER_UNCLEAR", texts::mail_reasons::SENDER_UNCLEAR),
    ("SENDER_NOT_KNOWN", texts::mail_reasons::SENDER_NOT_KNOWN),
    ("DMARC_FAILED", texts::mail_reasons::DMARC_FAILED),
    ("DMARC_NOT_PROVEN", texts::mail_reasons::DMARC_NOT_PROVEN),
    ("TOKEN_MALFORMED", texts::mail_reasons::TOKEN_MALFORMED),
    ("TOKEN_FOREIGN", texts::mail_reasons::TOKEN_FOREIGN),
    ("TOKEN_FORGED", texts::mail_reasons::TOKEN_FORGED),
    ("TOKEN_ALTERED", texts::mail_reasons::TOKEN_ALTERED),
    ("TOKEN_EXPIRED", texts::mail_reasons::TOKEN_EXPIRED),
    ("TICKET_UNKNOWN", texts::mail_reasons::TICKET_UNKNOWN),
    ("NO_TICKET", texts::mail_reasons::NO_TICKET),
    ("MESSAGES_OFF", texts::mail_reasons::MESSAGES_OFF),
    ("EMPTY", texts::mail_reasons::EMPTY),
    ("NOT_ACCEPTABLE", texts::mail_reasons::NOT_ACCEPTABLE),
    ("OWN_MAIL", texts::mail_reasons::OWN_MAIL),
    ("BOUNCE", texts::mail_reasons::BOUNCE),
    ("READ_RECEIPT", texts::mail_reasons::READ_RECEIPT),
    ("OUT_OF_OFFICE", texts::mail_reasons::OUT_OF_OFFICE),
    ("AUTO_REPLY", texts::mail_reasons::AUTO_REPLY),
    ("AUTO_GENERATED", texts::mail_reasons::AUTO_GENERATED),
    ("LIST_MAIL", texts::mail_reasons::LIST_MAIL),
    ("NULL_RETURN_PATH", texts::mail_reasons::NULL_RETURN_PATH),
    ("NOTHING_NEW", texts::mail_reasons::NOTHING_NEW),
    ("REPEATED", texts::mail_reasons::REPEATED),
    ("LOOP_LIMIT", texts::mail_reasons::LOOP_LIMIT),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use domain::catalog::Language;
    use mail::inbound::{InboundError, Reason};

    #[test]
    fn every_reason_is_explained_once_in_three_languages() {
        let known: BTreeSet<_> = MAIL_REASONS.iter().map(|(code, _)| *code).collect();
        assert_eq!(known.len(), MAIL_REASONS.len());
        for (code, words) in MAIL_REASONS {
            let all: BTreeSet<_> = [Language::Pt, Language::En, Language::Es]
                .map(|language| words.get(language))
                .into();
            assert!(all.len() == 3 && !all.contains(""), "{code}");
        }
        for reason in Reason::ALL {
            assert!(words(reason.code()).is_some(), "{reason:?}");
        }
        for error in [
            InboundError::Empty,
            InboundError::TooLarge,
            InboundError::NotMail,
            InboundError::HeaderTooLong,
            InboundError::TooManyParts,
            InboundError::TooDeep,
        ] {
            assert!(words(error.code()).is_some(), "{error:?}");
        }
    }
}
