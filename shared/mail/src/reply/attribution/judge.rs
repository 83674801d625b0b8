//! Whether lines put together are an attribution, and how much of a machine they show.

use super::{
    super::{
        dates::{begins_with_day, names_day},
        lines::starts_with_words,
    },
    Evidence, Proof,
    words::{
        QUOTING, begins_with_opener, begins_with_weekday, contains_words, ends_by_address, verbs,
        without_verb,
    },
};

/// What the lines put together show of an attribution, if they are one.
pub(super) fn judge(joined: &str) -> Option<Proof> {
    // Zoho: "---- On Wed, 24 Feb 2021 14:02:50 +0530 x@example.com wrote ----".
    let (text, dashed) = match joined.strip_prefix("---") {
        Some(rest) => {
            let rest = rest.trim_start_matches('-').strip_suffix("---")?;
            (rest.trim_end_matches('-').trim(), true)
        }
        None => (joined.trim_start_matches(['-', ' ']), false),
    };
    let (body, colon) = match text.strip_suffix([':', '：']) {
        Some(body) => (body.trim_end(), true),
        None => (text, false),
    };
    let evidence = Evidence::of(body);
    // "El técnico <x@example.com> escribió:" holds an address, and is how people write.
    let dateless = !evidence.has_day_or_time() && !names_day(body);
    let proof = Some(match dateless && !is_quoting(body) {
        true => Proof::Weak,
        false => evidence.proof(),
    });
    let begins = begins_with_opener(body)
        || begins_with_weekday(body)
        || body.starts_with(|c: char| c.is_ascii_digit());

    // Atmail: "On Thu 05/06/25 14:03 , Ana ana@example.com sent:". People send other things, too.
    if colon && begins && body.ends_with("sent") && evidence.address && evidence.time {
        return proof;
    }
    if let Some(subject) = without_verb(body) {
        // Without the colon only an address makes it sure ("… <x@example.com> wrote").
        let closed = colon || dashed || evidence.address;
        if closed && (begins && evidence.any() || evidence.address && evidence.time) {
            return proof;
        }
        // "Ana via Suporte <x@example.com> schrieb:", which a person may write as well.
        let named = colon && evidence.bracketed && subject.ends_with(['>', ')', ']']);
        // "Às 14:03 de 05/06/2025, Ana Sol escreveu:"
        let dated = (colon && evidence.dated()).then_some(Proof::Dated);
        return dated.or(named.then_some(Proof::Weak));
    }
    if !colon && !dashed {
        return None;
    }
    // The verb in the middle: "Am … schrieb Ana <ana@example.com>:", "Ana escreveu no dia …:".
    if verbs().any(|verb| contains_words(body, verb)) {
        let dated = begins && evidence.any() && (evidence.address || evidence.time)
            || evidence.address && (evidence.time || evidence.year || evidence.day);
        // "Ana Sol escreveu em 05/06/2025 14:03:", which a person may write as well.
        let named = (evidence.dated() && !begins).then_some(Proof::Dated);
        return if dated { proof } else { named };
    }
    // No verb: "ср, 30 апр. 2025 г. в 15:19, Ana <ana@example.com>:", "Quoting Ana <…>:".
    let quoting = is_quoting(body);
    let addressed = evidence.ends_with_address && (begins && evidence.time || quoting);
    // "Jun 5, 2025, 14:03 by ana@example.com:", "Wiadomość napisana przez Ana w dniu …:".
    let by = begins_with_day(body) && ends_by_address(body) || quoting;
    if addressed || by && evidence.dated() {
        return proof;
    }
    // A verb of another language, over a paragraph of its own.
    (evidence.bracketed && evidence.dated()).then_some(Proof::Dated)
}

/// Whether a text begins with an opener that needs no date.
pub(super) fn is_quoting(body: &str) -> bool {
    QUOTING.iter().any(|word| starts_with_words(body, word))
}
