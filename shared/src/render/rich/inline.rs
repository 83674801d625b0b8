//! Rich text where no block may stand: blocks become lines.

use super::markup::{Token, tokens};

const INLINE: &[&str] = &[
    "abbr", "b", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
];

/// Keeps phrasing markup, with or without links, and turns blocks into lines.
pub(super) fn inline(html: &str, links: bool) -> String {
    let mut out = String::with_capacity(html.len());
    let mut pending = false;
    let mut any = false;
    for token in tokens(html) {
        match token {
            Token::Text(text) => {
                if text.trim().is_empty() && (pending || !any) {
                    continue;
                }
                flush(&mut out, &mut pending);
                out.push_str(text);
                any = true;
            }
            Token::Start(_, "br") => {
                flush(&mut out, &mut pending);
                out.push_str("<br>");
            }
            Token::Start(tag, name) if keeps(name, links) => {
                flush(&mut out, &mut pending);
                any = any || name == "img";
                out.push_str(tag);
            }
            Token::End(name) if keeps(name, links) => {
                out.push_str("</");
                out.push_str(name);
                out.push('>');
            }
            Token::Start(_, "li") => {
                pending = any;
                flush(&mut out, &mut pending);
                out.push_str("• ");
                any = true;
            }
            Token::Start(_, "td" | "th") | Token::End("td" | "th") => out.push(' '),
            Token::Start(_, "a") | Token::End("a" | "li") => {}
            Token::Start(..) | Token::End(_) => pending = any,
        }
    }
    out
}

fn keeps(name: &str, links: bool) -> bool {
    INLINE.contains(&name) || links && name == "a"
}

fn flush(out: &mut String, pending: &mut bool) {
    if std::mem::take(pending) {
        out.push_str("<br>");
    }
}
