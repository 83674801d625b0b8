//! Where the signature of a stretch of text begins.
//!
//! What stands under a signature mark is dropped only if it looks like a signature: an answer that
//! somebody writes under "Enviado do meu iPhone", under a rule or under "Cordial saludo," must not
//! vanish. And nothing is a signature with no text above it: then it is what its author wrote.

mod legal;
mod shapes;
mod spoken;
#[cfg(test)]
mod tests;

use super::{
    devices::{Device, device},
    inline::only_greets,
    languages::{LANGUAGES, Notice},
    lines::{Line, fold, is_rule, visible},
};
use legal::{is_notice, is_surely_legal};
use shapes::{
    has_label, is_closing, is_contact, is_dashes, is_data, is_heading, is_name, is_picture,
    is_point, is_postscript, is_surely_picture, may_be_said, names_a_thing, promises_contacts,
};
use spoken::{is_empty, spoken};

pub(super) use self::{
    shapes::is_answer,
    spoken::{release_sentences, sift},
};

/// Most lines with text under `--`, `__` or `—`.
const UNDER_DASHES: usize = 15;
/// Most lines with text under a rule of three and more marks.
const UNDER_RULE: usize = 8;
/// Most lines with text under "Atenciosamente".
const UNDER_CLOSING: usize = 12;
/// Longest line of a signature under a closing, in characters.
const LONGEST_LINE: usize = 120;
/// Most lines of a notice that are looked at: it may be wrapped.
const NOTICE_LINES: usize = 4;

/// A stretch of unquoted lines, and which of them hold text: what follows a line is counted once,
/// not again for every line.
struct Stretch<'a, 'b> {
    lines: &'a [&'a Line<'b>],
    texts: Vec<usize>,
    /// Number of the first line of dashes: further ones are how people part what they write.
    dashes: Option<usize>,
}

/// Index of the first line of the signature of a stretch of unquoted lines; `above`: its author
/// wrote something before the stretch.
pub(super) fn start(lines: &[&Line<'_>], above: bool) -> Option<usize> {
    let stretch = Stretch::of(lines);
    (usize::from(!above)..stretch.texts.len())
        .find(|&nth| stretch.begins(nth))
        .map(|nth| stretch.texts[nth])
}

/// Whether a stretch may be nothing but a signature, with no text of its author above it.
pub(super) fn is_all(lines: &[&Line<'_>]) -> bool {
    let stretch = Stretch::of(lines);
    stretch.texts.is_empty() || stretch.begins(0) && !stretch.below(0).any(may_be_said)
}

/// Whether it is sure that nobody wrote these lines for this mail: lines of devices, and a name
/// with what belongs to it under `--`. `marked`: the client says that they are its signature.
pub(super) fn says_nothing(lines: &[&Line<'_>], marked: bool) -> bool {
    // Lines of a signature so far, once one has begun.
    let mut under = marked.then_some(0);
    let raws: Vec<&str> = lines.iter().map(|line| line.raw).collect();
    !spoken(&raws, marked).contains(&true)
        && lines.iter().filter(|line| !line.blank).all(|line| {
            if is_dashes(line.raw) {
                under = Some(0);
                return true;
            }
            if is_by_program(line.raw) {
                return true;
            }
            let Some(count) = under else {
                return false;
            };
            under = Some(count + 1);
            let named = || is_name(line.raw) && !is_data(line.raw);
            count < UNDER_DASHES && (count > 0 && !may_be_said(line.raw) || named())
        })
}

/// Whether it is sure that a program wrote a line: one of a device, or with nothing but marks.
pub(super) fn is_by_program(raw: &str) -> bool {
    is_empty(raw)
        || is_rule(raw)
        || is_dashes(raw)
        || device(raw, &fold(raw)) == Some(Device::Known)
}

/// How many visible characters of a signature may be something else: all but lines of programs, pictures,
/// legal notices, and the card of a person. `marked`: the client says that it is its signature.
pub(super) fn doubtful(lines: &[&Line<'_>], marked: bool) -> usize {
    let mut rest = Vec::new();
    for paragraph in lines.split(|line| line.blank) {
        let raws: Vec<&str> = paragraph.iter().map(|line| line.raw).collect();
        if !is_surely_legal(&raws) {
            rest.extend(
                raws.into_iter()
                    .filter(|raw| !is_by_program(raw) && !is_picture(raw)),
            );
        }
    }
    let closed = rest.first().is_some_and(|raw| {
        let folded = fold(raw);
        is_closing(&folded, raw) && !is_short(&folded)
    });
    let card = &rest[usize::from(closed)..];
    let on_card = |raw: &&str| {
        let is_long = raw.chars().nth(LONGEST_LINE).is_some();
        !is_long && !may_be_said(raw) && !is_point(raw) && !is_answer(raw)
    };
    // Several numbers may stand on a line.
    let reaches = |raw: &str| raw.split(['|', '/']).any(is_contact);
    // The line of a telephone is its last one: what stands below was written.
    let mut texts = lines
        .iter()
        .map(|line| line.raw)
        .filter(|raw| !is_empty(raw));
    let below_device = texts
        .next()
        .is_some_and(|raw| device(raw, &fold(raw)).is_some());
    let sure = card.is_empty()
        || !below_device
            && card.len() <= UNDER_DASHES
            && card
                .first()
                .is_some_and(|raw| is_name(raw) && !is_data(raw))
            && card.iter().all(on_card)
            && card.iter().filter(|raw| raw.contains('@')).count() <= CARD_ADDRESSES
            && (closed || marked || card.iter().any(|raw| reaches(raw)));
    if sure {
        return 0;
    }
    rest.iter().map(|raw| visible(raw)).sum()
}

/// Most lines with an address on the card of a person; more are of several people.
const CARD_ADDRESSES: usize = 2;

/// Letters of a closing that is a name of things, too: "LG", "ABS".
const SHORT_CLOSING: usize = 3;

/// How people call the line of a device.
const WORDS_FOR_A_LINE: &[&str] = &[
    "frase",
    "assinatura",
    "rodapé",
    "texto",
    "firma",
    "pie",
    "signature",
    "footer",
    "sentence",
    "phrase",
];

/// Closings as they stand for makers, parts and places, too.
const NAMES_OF_THINGS: &[&str] = &["LG", "ABS", "BR", "KR", "VG", "Best", "BEST"];

/// Whether a closing is no more than some letters.
fn is_short(folded: &str) -> bool {
    folded.chars().filter(|c| c.is_alphanumeric()).count() <= SHORT_CLOSING
        && folded.chars().all(|c| c.is_alphanumeric())
}

impl<'a, 'b> Stretch<'a, 'b> {
    fn of(lines: &'a [&'a Line<'b>]) -> Self {
        let texts: Vec<usize> = (0..lines.len()).filter(|&at| !lines[at].blank).collect();
        let dashes = texts.iter().position(|&at| is_dashes(lines[at].raw));
        Self {
            lines,
            texts,
            dashes,
        }
    }

    /// The lines with text under the one of this number.
    fn below(&self, nth: usize) -> impl Iterator<Item = &'b str> {
        self.texts[nth + 1..].iter().map(|&at| self.lines[at].raw)
    }

    fn begins(&self, nth: usize) -> bool {
        let line = self.lines[self.texts[nth]];
        // RFC 3676, section 4.3: the one mark that has a standard.
        if line.raw == "-- " {
            return true;
        }
        let below = self.texts.len() - nth - 1;
        let announced = self.is_announced(nth);
        if (is_dashes(line.raw) || is_rule(line.raw))
            && (announced || self.is_underline(nth) || self.stands_below_contacts(nth))
        {
            return false;
        }
        if is_dashes(line.raw) {
            return below <= UNDER_DASHES && self.dashes == Some(nth) && self.is_card(nth);
        }
        if is_rule(line.raw) {
            return (1..=UNDER_RULE).contains(&below)
                && self.is_card(nth)
                && self.below(nth).any(is_contact);
        }
        let folded = fold(line.raw);
        device(line.raw, &folded).is_some() && self.stands_alone(nth) && !self.is_spoken_of(nth)
            || !announced && self.notice_at(nth, &folded)
            || is_closing(&folded, line.raw)
                && self.is_signature(nth)
                && !self.is_named_thing(nth)
                && (!is_short(&folded) || !announced && self.is_named_below(nth))
    }

    /// Whether a list begins above the line: "Marcas aceitas:", "Contato do fornecedor:".
    fn is_announced(&self, nth: usize) -> bool {
        let at = self.texts[nth];
        let announces = |line: &&Line<'_>| line.raw.trim_end().ends_with(':');
        let paragraph = self.lines[..at].iter().rev().take(UNDER_CLOSING);
        paragraph.take_while(|line| !line.blank).any(announces)
            || nth > 0 && announces(&self.lines[self.texts[nth - 1]])
    }

    /// Whether what stands below the line is what its author was asked for: the line above it says that ways
    /// to reach somebody follow.
    fn stands_below_contacts(&self, nth: usize) -> bool {
        let above = nth.checked_sub(1);
        let above = above.map(|above| self.lines[self.texts[above]].raw);
        above
            .zip(self.below(nth).next())
            .is_some_and(|(above, below)| promises_contacts(above, below))
    }

    /// Whether the line is drawn under a heading, or parts what its author lists: the line above is
    /// one. A heading over `--` is a paragraph of its own, over a longer rule it stands directly above or
    /// is all that does: more than `--` is how people underline. Over one name, that heading may be of
    /// `--`, too: "Fornecedor" is nothing that somebody answers and signs.
    fn is_underline(&self, nth: usize) -> bool {
        let Some(above) = nth.checked_sub(1) else {
            return false;
        };
        let (at, heading) = (self.texts[nth], self.texts[above]);
        let raw = self.lines[heading].raw;
        let alone = heading == 0 || self.lines[heading - 1].blank;
        let placed = match is_rule(self.lines[at].raw) {
            true => heading + 1 == at || above == 0,
            false => {
                let mut greetings = self.texts[..above].iter().map(|&at| self.lines[at].raw);
                heading + 1 == at && alone
                    || nth + 2 == self.texts.len()
                        && names_a_thing(raw)
                        && greetings.all(only_greets)
            }
        };
        placed && is_heading(raw)
    }

    /// Whether a name stands below the line.
    fn is_named_below(&self, nth: usize) -> bool {
        let mut below = self.below(nth);
        below.next().is_some_and(|raw| {
            let name = raw.trim_start_matches(|c: char| !c.is_alphanumeric());
            name.starts_with(char::is_uppercase) && is_name(raw) && !is_data(raw)
        })
    }

    /// Whether a closing is what the line directly above it asks for, and no closing: "O monitor é", and
    /// "LG" below.
    fn is_named_thing(&self, nth: usize) -> bool {
        let at = self.texts[nth];
        let named = NAMES_OF_THINGS.contains(&self.lines[at].raw.trim());
        named && nth > 0 && self.texts[nth - 1] + 1 == at && is_heading(self.lines[at - 1].raw)
    }

    /// Whether the line is what its author writes about: "Como tiro a frase abaixo?" stands above it, and more
    /// text below.
    fn is_spoken_of(&self, nth: usize) -> bool {
        let above = nth
            .checked_sub(1)
            .map(|above| fold(self.lines[self.texts[above]].raw));
        let names = |above: &str| {
            let mut words = above.split(|c: char| !c.is_alphanumeric());
            words.any(|word| WORDS_FOR_A_LINE.contains(&word))
        };
        above.is_some_and(|above| names(&above)) && self.below(nth).any(may_be_said)
    }

    /// Whether the line is a paragraph of its own, or the last one but for rules.
    fn stands_alone(&self, nth: usize) -> bool {
        let at = self.texts[nth];
        let empty = |line: &&Line<'_>| line.blank || is_rule(line.raw);
        let above = at == 0 || self.lines[at - 1].blank;
        let below = self.lines.get(at + 1).is_none_or(empty);
        above && below || self.below(nth).all(is_rule)
    }

    /// Whether what stands under a line of dashes is what people put under it: a name first, or that of
    /// a list with its address; no sentence, no point of a list, no further line of dashes, no addresses
    /// of several people. A notice may follow.
    fn is_card(&self, nth: usize) -> bool {
        let mut addresses = 0;
        for (count, raw) in self.below(nth).enumerate() {
            if self.notice_at(nth + 1 + count, &fold(raw)) {
                return true;
            }
            addresses += usize::from(raw.contains('@'));
            if may_be_said(raw)
                || is_point(raw)
                || is_dashes(raw)
                || addresses > 1
                || count == 0 && (is_data(raw) || !is_name(raw) && !self.below(nth).any(is_contact))
            {
                return false;
            }
        }
        true
    }

    /// Whether the lines under a closing look like a signature, a name first, and
    /// not like more text.
    fn is_signature(&self, nth: usize) -> bool {
        // The name may stand below the company's logo.
        let below = self.below(nth).take(UNDER_CLOSING);
        let pictures = below.take_while(|raw| is_picture(raw)).count();
        for (count, raw) in self.below(nth).enumerate() {
            let folded = fold(raw);
            if self.notice_at(nth + 1 + count, &folded) {
                return true;
            }
            let name = || is_name(raw) && !has_label(raw);
            let named = count != pictures || is_rule(raw) || is_dashes(raw) || name();
            if count >= UNDER_CLOSING
                || !named
                || is_postscript(&folded)
                || may_be_said(raw)
                || raw.chars().take(LONGEST_LINE + 1).count() > LONGEST_LINE
            {
                return false;
            }
        }
        // Some are one picture.
        pictures == 0
            || nth + 1 + pictures < self.texts.len()
            || self.below(nth).all(is_surely_picture)
    }

    /// Whether a legal notice or the note of a scanner begins at the line of this number.
    fn notice_at(&self, nth: usize, folded: &str) -> bool {
        // The picture of a scanner stands in front, as a link.
        let linkless = folded
            .strip_prefix("<http")
            .and_then(|rest| rest.split_once('>'));
        let bare = match linkless {
            Some((_, ""))
                if nth + 1 < self.texts.len() && self.texts[nth] + 1 == self.texts[nth + 1] =>
            {
                let next = self.lines[self.texts[nth + 1]].raw;
                return !next.trim_start().starts_with('<') && self.notice_at(nth + 1, &fold(next));
            }
            Some((_, rest)) => rest,
            None => folded,
        };
        let bare = bare.trim_start_matches(['"', '(', '_', '-', ' ', '•']);
        let begun: Vec<&Notice> = LANGUAGES
            .iter()
            .flat_map(|l| l.notices)
            .filter(|notice| bare.starts_with(notice.begins))
            .collect();
        if begun.is_empty() {
            return false;
        }
        let at = self.texts[nth];
        let mut paragraph = bare.to_owned();
        let more = self.lines[at + 1..].iter().take(NOTICE_LINES);
        for line in more.take_while(|line| !line.blank) {
            paragraph.push(' ');
            paragraph.push_str(&fold(line.raw));
        }
        begun.iter().any(|notice| is_notice(&paragraph, notice))
    }
}
