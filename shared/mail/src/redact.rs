//! Takes the secrets of our own mails out of a text that came in.
//!
//! People answer over the mail that they got, and that mail holds what was meant for them alone:
//! links that approve in their name, links to files, and the address that lets them write. Whoever
//! reads the answer must not get these along with it.
//!
//! A token is known by its own form (see [`super::token`]), not by the address around it: link
//! protectors, percent encoding, quoted-printable and line folding change the address and leave the
//! token readable. No key is needed, so a token of a key that was replaced goes, too. Works in time
//! linear in the text.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding};

/// What stands in the place of a token.
const REMOVED: &str = "…";
/// Fewest characters of a token of a link: 43 bytes and the key.
const LINK_CHARS: usize = 59;
/// From here on a stretch of its form is a token, though its end is missing: what it may do and for
/// whom stands in front.
const LINK_CUT: usize = 40;
/// Most characters of a token of a link: 109 bytes and the key, with room for what a link protector
/// puts in the place of `-` and `_`.
const MAX_CHARS: usize = 200;
/// Fewest characters of a token of a reply address: 22 bytes and the key.
const REPLY_CHARS: usize = 37;
/// From here on a stretch in a reply address is a token, though a part of it is missing.
const REPLY_CUT: usize = 24;
/// Most line breaks within one token.
const MAX_BREAKS: usize = 12;
/// What follows a line break goes on with a token that may be complete if it is at least this long.
const TAIL_CHARS: usize = 8;

/// The text without tokens of ours: each is replaced by `…`.
pub fn redact(text: &str) -> Cow<'_, str> {
    let found = tokens(text.as_bytes());
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in found {
        clean.push_str(&text[from..start]);
        clean.push_str(REMOVED);
        from = end;
    }
    clean.push_str(&text[from..]);
    Cow::Owned(clean)
}

/// Whether a text holds a token of a link: what it does is done in its recipient's name.
pub fn holds_links(text: &[u8]) -> bool {
    let mut places = (0..text.len()).filter(|at| may_begin(text, *at));
    places.any(|at| begins_run(text, at) && link_at(text, at).is_some())
        || encoded_links(text).next().is_some()
}

/// Where the tokens stand, in order; they begin and end with ASCII, so at characters.
fn tokens(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = encoded_links(text).collect();
    let mut at = 0;
    while at < text.len() {
        if !may_begin(text, at) {
            at += 1;
            continue;
        }
        let token = begins_run(text, at)
            .then(|| link_at(text, at))
            .flatten()
            .map(|end| (at, end))
            .or_else(|| reply_at(text, at));
        match token {
            Some((start, end)) => {
                found.push((start, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found.sort_unstable();
    let mut last = 0;
    found.retain(|(start, end)| {
        let keep = *start >= last;
        last = if keep { *end } else { last };
        keep
    });
    found
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// What stands in front of a token in an address, as it is written and as link protectors write it.
const MARKERS: [&[u8]; 2] = [b"links", b"files"];
const SEPARATORS: [&[u8]; 6] = [b"/", b"%2f", b"%252f", b"%25252f", b"=2f", b"_"];

/// Whether a token, or the address of one, may begin here: no for nearly every byte of a text.
fn may_begin(text: &[u8], at: usize) -> bool {
    let in_word = |at: usize| text[at].is_ascii_alphanumeric();
    // A word of one letter, or the letter behind a separator.
    let begins = || at == 0 || !in_word(at - 1) || matches!(text[at - 1], b'f' | b'F');
    in_word(at)
        && (matches!(text[at], b'r' | b'R')
            || text.get(at + 1) == Some(&b'A')
            || begins() && at + 1 < text.len() && !in_word(at + 1))
}

/// Whether a token begins here: nothing of a word stands in front, or a separator of an address, or the
/// form of a token that nothing else has.
fn begins_run(text: &[u8], at: usize) -> bool {
    text[at].is_ascii_alphanumeric()
        && (text.get(at + 1) == Some(&b'A') || break_at(&text[at + 1..]).is_some())
        && (at == 0
            || !is_token(text[at - 1])
            || behind_marker(text, at)
            || text.get(at + 1..at + 9).is_some_and(is_sure))
}

/// Whether these are the first eight characters of a token behind its key: the version, then the action
/// or the expiry, in base64; see the tokens of links and files.
fn is_sure(form: &[u8]) -> bool {
    [&b"AUEAAAAA"[..], b"AVYAAAAA", b"AVIAAAAA"].contains(&form)
        || form.starts_with(b"AQAAAA") && matches!(form[6], b'B'..=b'D')
}

/// Whether `links/` or `files/` stands in front, in one of its forms.
fn behind_marker(text: &[u8], at: usize) -> bool {
    SEPARATORS.iter().any(|separator| {
        ends_with(&text[..at], separator)
            && MARKERS
                .iter()
                .any(|marker| ends_with(&text[..at - separator.len()], marker))
    })
}

fn ends_with(text: &[u8], end: &[u8]) -> bool {
    text.len() >= end.len() && text[text.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// The end of the token of a link that begins here.
fn link_at(text: &[u8], at: usize) -> Option<usize> {
    let marked = behind_marker(text, at);
    let (token, end) = joined(text, at, is_token, LINK_CHARS, MAX_CHARS);
    let form = token.get(1..9)?;
    let likely = marked && (b'Q'..=b'V').contains(&form[1]);
    ((is_sure(form) || likely) && token.len() >= LINK_CUT).then_some(end)
}

/// Where the token of a reply address stands, if the address begins here.
fn reply_at(text: &[u8], at: usize) -> Option<(usize, usize)> {
    const PLUS: [&[u8]; 7] = [
        b"+", b"%2b", b"%252b", b"=2b", b"&#43;", b"&#x2b;", b"&plus;",
    ];
    if !matches!(text[at], b'r' | b'R') {
        return None;
    }
    let word = text.get(at..at + 5)?;
    if !word.eq_ignore_ascii_case(b"reply") {
        return None;
    }
    let rest = &text[at + 5..];
    let plus = PLUS.iter().find(|plus| {
        rest.get(..plus.len())
            .is_some_and(|r| r.eq_ignore_ascii_case(plus))
    })?;
    let start = at + 5 + plus.len();
    let start = start + break_at(&text[start..]).unwrap_or(0);
    let of_token = |b: u8| b.is_ascii_alphanumeric();
    let (token, end) = joined(text, start, of_token, REPLY_CHARS, 60);
    (token.len() >= REPLY_CUT).then_some((start, end))
}

/// The characters of a token from here on, and where it ends; line breaks within are passed over
/// until it may be complete.
fn joined(
    text: &[u8],
    start: usize,
    of_token: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> (Vec<u8>, usize) {
    let mut token = Vec::new();
    let mut at = start;
    let mut breaks = 0;
    loop {
        let run = text[at..].iter().take(most - token.len());
        let run = run.take_while(|b| of_token(**b)).count();
        token.extend_from_slice(&text[at..at + run]);
        let end = at + run;
        let Some(skipped) = break_at(&text[end..]).filter(|_| run > 0 && breaks < MAX_BREAKS)
        else {
            return (token, end);
        };
        let next = end + skipped;
        let more = text[next..]
            .iter()
            .take(most)
            .take_while(|b| of_token(**b))
            .count();
        if more == 0 || token.len() >= most || token.len() >= least && !goes_on(&text[next..], more)
        {
            return (token, end);
        }
        breaks += 1;
        at = next;
    }
}

/// Whether what stands behind a line break looks like the rest of a token, not like a word.
fn goes_on(text: &[u8], length: usize) -> bool {
    let rest = &text[..length];
    text.get(length) == Some(&b'@')
        || length >= TAIL_CHARS
            && rest.iter().any(u8::is_ascii_digit)
            && rest.iter().any(u8::is_ascii_lowercase)
            && rest[1..].iter().any(u8::is_ascii_uppercase)
}

/// Length of what breaks a token here: a line end with the marks of a quotation behind it, the soft
/// line end of quoted-printable, characters without width.
fn break_at(text: &[u8]) -> Option<usize> {
    const WIDTHLESS: [&[u8]; 6] = [
        "\u{200b}".as_bytes(),
        "\u{200c}".as_bytes(),
        "\u{2060}".as_bytes(),
        "\u{feff}".as_bytes(),
        "\u{ad}".as_bytes(),
        b"<wbr>",
    ];
    // Asked at nearly every byte of a text, and nearly always answered here.
    match text.first()? {
        first if first.is_ascii_alphanumeric() => return None,
        b'\r' | b'\n' | b'=' | b' ' | b'\t' => {}
        _ => {
            let mark = WIDTHLESS.iter().find(|mark| text.starts_with(mark));
            return mark.map(|mark| mark.len());
        }
    }
    let blanks = |from: usize| {
        text[from..]
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count()
    };
    let soft = usize::from(text.first() == Some(&b'='));
    let at = soft + blanks(soft);
    let line_end = match &text[at..] {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => return None,
    };
    let from = at + line_end;
    let marks = text[from..].iter().take(40);
    Some(
        from + marks
            .take_while(|b| matches!(b, b' ' | b'\t' | b'>' | b'|'))
            .count(),
    )
}

/// Links that a protector wrote as base64, by the stretch that holds them.
fn encoded_links(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    // "/links/" and "/files/" in base64, where they begin at each of the three places of a group.
    const NEEDLES: [(&[u8], usize); 6] = [
        (b"L2xpbmtzL", 0),
        (b"9saW5rcy", 2),
        (b"vbGlua3Mv", 3),
        (b"L2ZpbGVzL", 0),
        (b"9maWxlcy", 2),
        (b"vZmlsZXMv", 3),
    ];
    let of_base64 = |b: &u8| is_token(*b) || matches!(b, b'+' | b'/');
    let places = text.iter().enumerate();
    let begins = places.filter(|(_, byte)| matches!(byte, b'L' | b'9' | b'v'));
    let hits = begins.filter_map(move |(at, _)| {
        let needle = NEEDLES
            .iter()
            .find(|(needle, _)| text[at..].starts_with(needle));
        needle.map(|(_, offset)| (at, *offset))
    });
    hits.filter_map(move |(at, offset)| {
        let aligned = at.checked_sub(offset)?;
        let end = at
            + text[at..]
                .iter()
                .take(400)
                .take_while(|b| of_base64(b))
                .count();
        let whole = aligned + (end - aligned) / 4 * 4;
        let group = &text[aligned..whole];
        let decode = |encoding: &Encoding| encoding.decode(group).ok();
        let decoded = decode(&BASE64URL_NOPAD).or_else(|| decode(&BASE64_NOPAD))?;
        let mut inner = 0..decoded.len();
        inner
            .any(|at| begins_run(&decoded, at) && link_at(&decoded, at).is_some())
            .then_some((at, end))
    })
}

#[cfg(test)]
mod tests;
