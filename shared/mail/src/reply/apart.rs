//! What programs put on one line, on lines of its own.

use super::{
    attribution, devices, headers,
    lines::{Line, fold, is_rule},
    quotation,
};

/// The lines of a text, an attribution that stands on a line with other text on a line of its own, and so
/// the line of a device at the end of what somebody wrote.
pub(super) fn apart<'a>(lines: &[Line<'a>], signed: &[bool]) -> (Vec<Line<'a>>, Vec<bool>) {
    let mut parts = Vec::with_capacity(lines.len());
    let mut flags = Vec::with_capacity(lines.len());
    // Every head of a quotation has one of these.
    let marks = |byte: u8| matches!(byte, b':' | b'-' | headers::WIDE_COLON);
    let marked: Vec<bool> = lines
        .iter()
        .map(|line| line.raw.bytes().any(marks))
        .collect();
    for (at, line) in lines.iter().enumerate() {
        let cut =
            attribution::within(line, &lines[at + 1..]).or_else(|| attribution::end_within(line));
        let cut = cut.or_else(|| quotation::separator_within(line));
        let mut push = |raw: &'a str| {
            parts.push(Line::of(raw));
            flags.push(signed[at]);
        };
        let empty = |line: &Line<'_>| line.blank || is_rule(line.raw);
        // Nothing but quotation stands below.
        let last = || {
            let empty = lines[at + 1..].iter().take_while(|line| empty(line));
            let next = at + 1 + empty.count();
            let (below, marked) = (&lines[next..], &marked[next..]);
            let Some(next) = below.first().filter(|_| cut.is_none()) else {
                return true;
            };
            // Below most lines stands text, which is no head of a quotation.
            let mut near = marked.iter().take(attribution::MAX_LINES);
            let heads =
                || headers::names_sender(&fold(next.raw)) || attribution::at(below).is_some();
            next.quoted || next.raw.starts_with("---") || near.any(|marked| *marked) && heads()
        };
        let ends = !line.quoted && !empty(line) && last();
        let mut add = |raw: &'a str| match ends.then(|| devices::within(raw)).flatten() {
            Some(device) => {
                push(raw[..device].trim_end());
                push("");
                push(&raw[device..]);
            }
            None => push(raw),
        };
        match cut {
            Some(cut) => {
                let (head, rest) = line.raw.split_at(cut);
                add(head.trim_end());
                add(rest);
            }
            None => add(line.raw),
        }
    }
    (parts, flags)
}
