//! What below the mark of a signature reads like something written for this mail.

use super::{
    super::{
        devices::{Device, device},
        lines::{Line, fold, is_rule, is_visible},
    },
    is_by_program,
    legal::is_legal,
    shapes::{
        is_answer, is_closing, is_contact, is_dashes, is_name, is_postscript, is_value,
        may_be_said, numbers_a_thing,
    },
};

/// The lines of a stretch whose signature begins at `cut`, told apart: what its author wrote, and the
/// signature. A paragraph below the mark that reads like something written stays.
pub(in super::super) fn sift<'a, 'b>(
    lines: &[&'a Line<'b>],
    cut: usize,
) -> (Vec<&'a Line<'b>>, Vec<&'a Line<'b>>) {
    let raws: Vec<&str> = lines[cut..].iter().map(|line| line.raw).collect();
    let spoken = spoken(&raws, false);
    let mut own = lines[..cut].to_vec();
    let mut signature = Vec::new();
    for (at, spoken) in (cut..).zip(spoken) {
        if !spoken {
            signature.push(lines[at]);
            continue;
        }
        // It stays a paragraph of its own.
        if at > cut && lines[at - 1].blank && own.last().is_some_and(|last| !last.blank) {
            own.push(lines[at - 1]);
        }
        own.push(lines[at]);
    }
    (own, signature)
}

/// Takes the mark of a signature off the lines that read like something written: people write within
/// what their client keeps as their signature.
pub(in super::super) fn release_sentences(lines: &[Line<'_>], signed: &mut [bool]) {
    let mut at = 0;
    while at < lines.len() {
        let same = signed[at..].iter().take_while(|flag| **flag == signed[at]);
        let end = at + same.count();
        if signed[at] {
            let raws: Vec<&str> = lines[at..end].iter().map(|line| line.raw).collect();
            for (flag, spoken) in signed[at..end].iter_mut().zip(spoken(&raws, true)) {
                *flag = !spoken;
            }
        }
        at = end;
    }
}

/// Which lines of a signature belong to a paragraph that its author may have written for this mail:
/// one with a sentence in it that is not a legal notice, or, unless the client `marked` all of it, one with
/// a postscript or the number of a thing, or one below the card that no part of a card follows. The names above the sentence are part of the signature. An
/// answer of one word that stands first is written for this mail, too.
pub(super) fn spoken(lines: &[&str], marked: bool) -> Vec<bool> {
    let card_end = if marked { lines.len() } else { card_end(lines) };
    let mut flags = vec![false; lines.len()];
    let mut legal = false;
    let mut at = 0;
    while at < lines.len() {
        let same = lines[at..]
            .iter()
            .take_while(|raw| is_empty(raw) == is_empty(lines[at]));
        let end = at + same.count();
        let paragraph = &lines[at..end];
        // "Thanks & Regards," is one of the closings.
        let adds = |raw: &str| !marked && (is_postscript(&fold(raw)) || numbers_a_thing(raw));
        let says = |raw: &&str| may_be_said(raw) && !is_closing(&fold(raw), raw) || adds(raw);
        let said = at >= card_end || paragraph.iter().any(says);
        if !is_empty(lines[at]) {
            legal = is_legal(paragraph, legal);
        }
        if !is_empty(lines[at]) && said && !legal {
            let value = |raw: &str| at >= card_end && is_value(raw);
            let card = paragraph.iter().take_while(|raw| {
                is_dashes(raw) || !may_be_said(raw) && is_name(raw) && !adds(raw) && !value(raw)
            });
            let from = at + card.count();
            for (flag, raw) in flags[from..end].iter_mut().zip(&lines[from..end]) {
                *flag = device(raw, &fold(raw)) != Some(Device::Known) && !is_dashes(raw);
            }
        }
        at = end;
    }
    // "Sim" and a number stand on no card, so that one which begins with them begins with an answer.
    let above = |raw: &&&str| is_by_program(raw) || is_closing(&fold(raw), raw);
    let first = lines.iter().take_while(above).count();
    for (flag, raw) in flags[first..].iter_mut().zip(&lines[first..]) {
        if !is_answer(raw) {
            break;
        }
        *flag = true;
    }
    flags
}

/// Where the card of a signature ends, whose first paragraph holds its mark: behind the last paragraph
/// with what cards show. Below it stand words in lower case, numbers and values alone.
fn card_end(lines: &[&str]) -> usize {
    let first = lines.iter().take_while(|raw| !is_empty(raw)).count();
    let below = lines[first..].chunk_by(|a, b| is_empty(a) == is_empty(b));
    let loose = below.rev().take_while(|paragraph| {
        is_empty(paragraph[0]) || paragraph.iter().all(|raw| is_loose(raw))
    });
    lines.len() - loose.map(<[&str]>::len).sum::<usize>()
}

pub(super) fn is_empty(raw: &str) -> bool {
    !raw.chars().any(is_visible)
}

/// Whether a line is made of words that stand on no card by themselves: some of them in lower case, or a
/// value.
fn is_loose(raw: &str) -> bool {
    let starts_low = raw.trim_start().starts_with(char::is_lowercase);
    is_value(raw)
        || !is_contact(raw)
            && !is_rule(raw)
            && !is_dashes(raw)
            && device(raw, &fold(raw)).is_none()
            && (starts_low || !is_name(raw))
}
