//! The reply in a mail: its text without the quotation and the signature.
//!
//! Hand-written matchers over tables ([`languages`]) in place of regular expressions: nothing to
//! compile when a function starts, and every line is looked at a bounded number of times.

mod attribution;
mod headers;
mod languages;
mod lines;
mod quotation;
mod signature;

use std::ops::Range;

use lines::{Line, is_rule, visible};

/// Longest text that is looked at, in bytes; what is beyond it is left out of both texts. As long
/// as the largest body that the API takes.
pub const MAX_TEXT: usize = 256 * 1024;

/// Fewest visible characters of a reply (MAIL.md, "Receiving").
const FEWEST_VISIBLE: usize = 2;
/// Least part of the unquoted text that must be left, in percent (MAIL.md, "Receiving").
const LEAST_PERCENT: usize = 5;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What its author wrote for this mail. Empty only if the mail holds nothing visible.
    pub text: String,
    /// All of it, line ends `\n`.
    pub full: String,
    /// The signature that was taken off.
    pub signature: Option<String>,
    /// Whether a quotation was taken off.
    pub quoted: bool,
    /// Whether there is a quotation and nothing but it and a signature: `text` is then all of it.
    pub nothing_new: bool,
}

/// Takes the reply out of a mail's plain text.
///
/// Quotations and signatures go, answers between quotations stay. If fewer than two visible
/// characters are left, or less than 5 % of what is not marked as quotation, the whole text is the
/// reply: nobody's answer comes out empty. Takes time linear in the text.
pub fn extract(text: &str) -> Reply {
    extract_marked(normalize(text), &[])
}

/// The same of a text that is clean already, with lines that are known to be signature.
pub(crate) fn extract_marked(full: String, known: &[Range<usize>]) -> Reply {
    let lines = lines::split(&full);
    let quotation = quotation::mark(&lines).lines;

    let mut kept = Vec::new();
    let mut signatures = Vec::new();
    let mut quoted = false;
    let mut unquoted_visible = 0;
    let mut at = 0;
    while at < lines.len() {
        let end = at
            + quotation[at..]
                .iter()
                .take_while(|q| **q == quotation[at])
                .count();
        if quotation[at] {
            quoted = true;
        } else {
            let stretch: Vec<&Line<'_>> = lines[at..end].iter().collect();
            unquoted_visible += stretch.iter().map(|l| visible(l.raw)).sum::<usize>();
            let (stretch, marked): (Vec<_>, Vec<_>) = stretch
                .into_iter()
                .zip(at..end)
                .partition(|(_, index)| !known.iter().any(|k| k.contains(index)));
            let [stretch, marked] = [stretch, marked]
                .map(|lines| lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>());
            let cut = signature::start(&stretch).unwrap_or(stretch.len());
            push_block(&mut signatures, &stretch[cut..], false);
            push_block(&mut signatures, &marked, false);
            push_block(&mut kept, &stretch[..cut], end < lines.len());
        }
        at = end;
    }

    let reply = kept.join("\n\n").trim_start().to_owned();
    let left = visible(&reply);
    if left < FEWEST_VISIBLE || left * 100 < unquoted_visible * LEAST_PERCENT {
        return Reply {
            text: full.clone(),
            full,
            signature: None,
            quoted: false,
            nothing_new: quoted && left == 0,
        };
    }
    Reply {
        text: reply,
        signature: (!signatures.is_empty()).then(|| signatures.join("\n\n")),
        quoted,
        nothing_new: false,
        full,
    }
}

/// Adds a stretch of lines as one block, without blank lines around it; `before_quotation`, without
/// the rule that a client draws over the quotation.
fn push_block(blocks: &mut Vec<String>, mut stretch: &[&Line<'_>], before_quotation: bool) {
    while let [first, rest @ ..] = stretch
        && first.blank
    {
        stretch = rest;
    }
    while let [rest @ .., last] = stretch
        && (last.blank || before_quotation && is_rule(last.raw))
    {
        stretch = rest;
    }
    if stretch.is_empty() {
        return;
    }
    let text: Vec<&str> = stretch.iter().map(|l| l.raw.trim_end()).collect();
    blocks.push(text.join("\n"));
}

/// Line ends `\n`, no control characters but tab, no blank lines around; `-- ` keeps its space.
fn normalize(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(MAX_TEXT)];
    let mut full = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    full.push('\n');
                }
            }
            '\n' | '\t' => full.push(c),
            '\u{2028}' | '\u{2029}' | '\u{c}' | '\u{b}' => full.push('\n'),
            c if c.is_control() || c == '\u{feff}' => {}
            c => full.push(c),
        }
    }
    let end = full.trim_end().len();
    full.truncate(end);
    let start = full
        .find(|c: char| !c.is_whitespace())
        .and_then(|first| full[..first].rfind('\n'))
        .map_or(0, |line_end| line_end + 1);
    full.drain(..start);
    full
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mail: &str) -> String {
        extract(mail).text
    }

    #[test]
    fn quotation_and_signature_go_and_the_full_text_stays() {
        let mail = "Oi,\r\n\r\nFuncionou.\r\n\r\nEnviado do meu iPhone\r\n\r\nEm 5 de jun. de 2025, à(s) 14:03, Ana <ana@example.com> escreveu:\r\n\r\n> Reinicie.\r\n";
        let reply = extract(mail);
        assert_eq!(reply.text, "Oi,\n\nFuncionou.");
        assert_eq!(reply.signature.as_deref(), Some("Enviado do meu iPhone"));
        assert!(reply.quoted);
        assert_eq!(reply.full, mail.replace("\r\n", "\n").trim_end());
    }

    #[test]
    fn a_short_answer_over_a_long_quotation_is_the_reply() {
        let quotation = "> uma linha citada\n".repeat(400);
        let mail = format!("Ok\n\nEm 05/06/2025 14:03, Ana escreveu:\n{quotation}");
        assert_eq!(text(&mail), "Ok");
    }

    #[test]
    fn no_reply_comes_out_empty() {
        for (mail, nothing_new) in [
            ("> só citação", true),
            ("Enviado do meu iPhone", false),
            ("Em 05/06/2025 14:03, Ana escreveu:\n> Oi", true),
            ("-----Mensagem original-----\nDe: x\n\nOi", true),
            ("-- \nAna", false),
            (".\n\nEm 05/06/2025 14:03, Ana escreveu:\n> Oi", false),
            (
                "Enviado do meu iPhone\n\nEm 05/06/2025 14:03, Ana escreveu:\n> Oi",
                true,
            ),
        ] {
            let reply = extract(mail);
            assert_eq!(reply.text, mail, "{mail}");
            assert_eq!((reply.quoted, reply.signature), (false, None), "{mail}");
            assert_eq!(reply.nothing_new, nothing_new, "{mail}");
        }
    }

    #[test]
    fn too_little_left_of_the_unquoted_text_shows_all() {
        let notice = "palavras ".repeat(60);
        let mail = format!("Ok\n\nAviso legal: {notice}");
        assert_eq!(text(&mail), mail.trim_end());
    }

    #[test]
    fn an_answer_under_a_telephones_signature_stays_when_nothing_stands_above() {
        let mail = "Enviado do meu iPhone\n\nPode fechar o chamado, obrigada.";
        assert_eq!(text(mail), mail);
    }

    #[test]
    fn empty_in_empty_out() {
        for mail in ["", "\r\n \r\n", "\u{feff}"] {
            assert_eq!(text(mail).trim(), "", "{mail:?}");
        }
    }

    #[test]
    fn long_texts_are_bounded() {
        let reply = extract(&"é\n".repeat(MAX_TEXT));
        assert!(reply.full.len() <= MAX_TEXT);
    }
}
