//! Where the signature of a stretch of text begins.
//!
//! What stands under a signature mark is dropped only if it looks like a signature: an answer that
//! somebody writes under "Enviado do meu iPhone" or under a rule must not vanish.

use super::{
    languages::LANGUAGES,
    lines::{Line, fold, is_rule, is_visible},
};

/// Most lines with text under `--`, `__` or `—`.
const UNDER_DASHES: usize = 15;
/// Most lines with text under a rule of three and more marks.
const UNDER_RULE: usize = 8;
/// Most lines with text under "Atenciosamente".
const UNDER_CLOSING: usize = 12;
/// Longest line of a signature under a closing, in characters.
const LONGEST_LINE: usize = 120;
/// Most words of a line such as "Enviado do meu Samsung Mobile da Claro".
const DEVICE_WORDS: usize = 10;

/// Index of the first line of the signature of a stretch of unquoted lines.
pub(super) fn start(lines: &[&Line<'_>]) -> Option<usize> {
    (0..lines.len()).find(|&at| !lines[at].blank && begins(lines, at))
}

fn begins(lines: &[&Line<'_>], at: usize) -> bool {
    let line = lines[at];
    let tail = &lines[at + 1..];
    // RFC 3676, section 4.3: the one mark that has a standard.
    if line.raw == "-- " {
        return true;
    }
    if matches!(line.raw.trim(), "--" | "__" | "—" | "–" | "---") {
        return text_lines(tail) <= UNDER_DASHES;
    }
    if is_rule(line.raw) {
        return (1..=UNDER_RULE).contains(&text_lines(tail))
            && tail.iter().any(|l| is_contact(l.raw));
    }
    let folded = fold(line.raw);
    is_device(&folded) && stands_alone(lines, at)
        || is_notice(&folded)
        || is_closing(&folded, line.raw) && is_signature(tail)
}

fn text_lines(lines: &[&Line<'_>]) -> usize {
    lines.iter().filter(|l| !l.blank).count()
}

/// "Enviado do meu iPhone", "Obter o Outlook para Android<https://…>": alone, short, no sentence.
fn is_device(folded: &str) -> bool {
    let bare = without_link(folded);
    let sentence = bare.ends_with(['.', '!', '?', ';', ':']) || bare.contains(", ");
    if sentence || bare.split(' ').count() > DEVICE_WORDS {
        return false;
    }
    LANGUAGES.iter().any(|l| {
        l.sent_from.iter().any(|words| {
            bare.len() > words.len() && bare.starts_with(words) || bare == words.trim()
        }) || l.sent_from_ends.iter().any(|words| {
            bare.ends_with(words) && DEVICES.iter().any(|device| bare.contains(device))
        })
    })
}

/// Devices named in front by languages that put the verb last.
const DEVICES: &[&str] = &["iphone", "ipad", "android", "outlook", "samsung", "handy"];

/// A folded line without a link at its end: `<https://…>`, `[https://…]`, `(https://…)`, `https://…`.
fn without_link(folded: &str) -> &str {
    let cut = ["<http", "[http", "(http", "http"]
        .iter()
        .filter_map(|mark| folded.find(mark))
        .min()
        .unwrap_or(folded.len());
    folded[..cut].trim_end()
}

/// Whether the line is a paragraph of its own, or the last one but for a rule.
fn stands_alone(lines: &[&Line<'_>], at: usize) -> bool {
    let empty = |l: &&Line<'_>| l.blank || is_rule(l.raw);
    let above = at == 0 || lines[at - 1].blank;
    let below = lines.get(at + 1).is_none_or(empty);
    above && below || lines[at + 1..].iter().all(empty)
}

/// Legal notices and what virus scanners add.
fn is_notice(folded: &str) -> bool {
    let bare = folded.trim_start_matches(['"', '(', '_', '-', ' ', '•']);
    LANGUAGES
        .iter()
        .flat_map(|l| l.notices)
        .any(|words| bare.starts_with(words))
}

/// "Atenciosamente,", "Att, Ana Sol", "Cheers 🎉": the closing with no more than a name behind it.
fn is_closing(folded: &str, raw: &str) -> bool {
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    LANGUAGES.iter().flat_map(|l| l.closings).any(|words| {
        let Some(rest) = bare.strip_prefix(words) else {
            return false;
        };
        if rest.is_empty() {
            return true;
        }
        // Behind the closing a comma and a name of at most four words, each with a capital.
        let Some(behind) = rest.strip_prefix([',', '.', ' ', '!', '-']) else {
            return false;
        };
        let names = behind
            .trim_start_matches([' ', ',', '.', '-'])
            .split(' ')
            .count();
        let capitals = raw
            .split_whitespace()
            .rev()
            .take(names)
            .all(|word| word.starts_with(char::is_uppercase));
        rest.starts_with([',', '.']) && names <= 4 && capitals
    })
}

/// Whether the lines under a closing look like a signature and not like more text.
fn is_signature(tail: &[&Line<'_>]) -> bool {
    let mut count = 0;
    for line in tail.iter().filter(|l| !l.blank) {
        let folded = fold(line.raw);
        if is_notice(&folded) {
            return true;
        }
        count += 1;
        let postscript = ["ps", "p.s", "p.s.", "obs", "obs.", "pd", "p.d."]
            .iter()
            .any(|mark| {
                folded
                    .strip_prefix(mark)
                    .is_some_and(|rest| rest.starts_with([':', ' ', '-']))
            });
        if count > UNDER_CLOSING
            || postscript
            || folded.contains("? ")
            || folded.ends_with('?')
            || line.raw.chars().take(LONGEST_LINE + 1).count() > LONGEST_LINE
        {
            return false;
        }
    }
    true
}

/// Whether a line tells how to reach somebody: an address, a site, a telephone number.
fn is_contact(raw: &str) -> bool {
    let folded = fold(raw);
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let others = folded
        .chars()
        .filter(|c| is_visible(*c) && !c.is_ascii_digit())
        .count();
    folded.contains('@')
        || folded.contains("www.")
        || folded.contains("http")
        || (7..=15).contains(&digits) && others <= digits + 12
}

#[cfg(test)]
mod tests {
    use super::{super::lines::split, start};

    fn kept(text: &str) -> String {
        let lines = split(text);
        let lines: Vec<_> = lines.iter().collect();
        let end = start(&lines).unwrap_or(lines.len());
        let kept: Vec<_> = lines[..end].iter().map(|l| l.raw).collect();
        kept.join("\n").trim_end().to_owned()
    }

    #[test]
    fn signatures_are_found() {
        for signature in [
            "-- \nAna Sol",
            "--\nAna Sol\nAnalista",
            "--",
            "__\nlista-interna",
            "—\nAna Sol",
            "_________\nAna Sol\n+55 11 5555-0100",
            "Enviado do meu iPhone",
            "Enviado do meu Galaxy",
            "Obter o Outlook para Android<https://aka.ms/x>",
            "Enviado do Outlook para iOS",
            "Enviado desde mi iPhone",
            "Sent from my iPad",
            "Von meinem iPhone gesendet",
            "Atenciosamente,\n\nAna Sol\nAnalista de suporte",
            "Att.\nAna",
            "Att, Ana Sol",
            "Saludos,\nAna",
            "Best regards,\nAna",
            "AVISO LEGAL: esta mensagem é para uso exclusivo.",
        ] {
            assert_eq!(
                kept(&format!("Funcionou.\n\n{signature}")),
                "Funcionou.",
                "{signature}"
            );
        }
    }

    #[test]
    fn text_that_looks_like_one_stays() {
        for text in [
            "Enviado por engano, desculpe.",
            "Enviado do meu ramal ontem, sem resposta.",
            "Sent from my desk, is much easier then my mobile phone.",
            "As regards the timeline, we should be done.",
            "-- primeiro ponto\n-- segundo ponto",
            "Lista\n----\n1. um\n2. dois",
            "Atenciosamente,\nAna\n\nPS: a sala mudou.",
            "Att, preciso disso hoje",
            "Best of all, it works",
        ] {
            assert_eq!(kept(text), text, "{text}");
        }
    }
}
