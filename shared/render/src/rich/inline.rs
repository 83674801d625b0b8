//! Rich text where no block may stand: blocks become lines.

use html::Element;

use super::markup::{Numbers, Token, attribute, tokens};

const INLINE: &[&str] = &[
    "abbr", "b", "code", "del", "em", "font", "i", "img", "ins", "kbd", "mark", "q", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
];

/// Keeps phrasing markup, with or without links, and turns blocks into lines.
pub(super) fn inline(html: &str, links: bool) -> String {
    let mut inline = Inline {
        out: String::with_capacity(html.len()),
        links,
        ..Inline::default()
    };
    for token in tokens(html) {
        match token {
            Token::Text(text) => inline.text(text),
            Token::Start(tag, name) => inline.start(tag, name),
            Token::End(name) => inline.end(name),
        }
    }
    inline.out
}

#[derive(Default)]
struct Inline {
    out: String,
    links: bool,
    /// A line ends before what comes next.
    pending: bool,
    /// Something was written: a break may follow.
    any: bool,
    preformatted: usize,
    /// The numbers of each open list; none for bullets.
    lists: Vec<Option<Numbers>>,
    /// For each open block, whether a `<span>` carries its look.
    spans: Vec<bool>,
}

impl Inline {
    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            return self.preformatted(text);
        }
        if text.trim().is_empty() && (self.pending || !self.any) {
            return;
        }
        self.flush();
        self.out.push_str(text);
        self.any = true;
    }

    /// Line ends and indentation of a `<pre>`, which mean nothing outside of it.
    fn preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.flush();
                self.out.push_str("<br>");
            }
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                continue;
            }
            self.flush();
            let words = line.trim_start_matches([' ', '\t']);
            for space in line[..line.len() - words.len()].chars() {
                let width = if space == '\t' { 4 } else { 1 };
                self.out.push_str(&"&nbsp;".repeat(width));
            }
            self.out.push_str(&words.replace("  ", " &nbsp;"));
            self.any = true;
        }
    }

    fn start(&mut self, tag: &str, name: &str) {
        match name {
            "br" => {
                self.flush();
                self.out.push_str("<br>");
            }
            _ if self.keeps(name) => {
                self.flush();
                self.any |= name == "img";
                self.out.push_str(tag);
            }
            "a" => {}
            "hr" | "col" => self.pending = self.any,
            _ => self.block(tag, name),
        }
    }

    fn block(&mut self, tag: &str, name: &str) {
        match name {
            "td" | "th" => self.out.push(' '),
            _ => self.pending = self.any,
        }
        match name {
            "pre" => self.preformatted += 1,
            "ol" => self.lists.push(Some(Numbers::of(tag))),
            "ul" => self.lists.push(None),
            _ => {}
        }
        let look: String = ["dir", "style"]
            .iter()
            .filter_map(|name| Some(format!(" {name}=\"{}\"", attribute(tag, name)?)))
            .collect();
        self.spans.push(!look.is_empty());
        if !look.is_empty() {
            self.flush();
            self.out.push_str(&format!("<span{look}>"));
        }
        if name == "li" {
            self.flush();
            self.item(tag);
        }
    }

    fn item(&mut self, tag: &str) {
        let indent = "&nbsp;".repeat(3 * self.lists.len().saturating_sub(1).min(8));
        self.out.push_str(&indent);
        match self.lists.last_mut() {
            Some(Some(numbers)) => {
                let number = numbers.take(tag);
                self.out.push_str(&format!("{number}. "));
            }
            _ => self.out.push_str("• "),
        }
        self.any = true;
    }

    fn end(&mut self, name: &str) {
        if self.keeps(name) {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
            return;
        }
        if name == "a" || Element::of(name).is_void() {
            return;
        }
        match name {
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "ol" | "ul" => drop(self.lists.pop()),
            _ => {}
        }
        if self.spans.pop() == Some(true) {
            self.out.push_str("</span>");
        }
        match name {
            "td" | "th" => self.out.push(' '),
            // The next item begins a line of its own.
            "li" => {}
            _ => self.pending = self.any,
        }
    }

    fn keeps(&self, name: &str) -> bool {
        INLINE.contains(&name) || self.links && name == "a"
    }

    fn flush(&mut self) {
        if std::mem::take(&mut self.pending) {
            self.out.push_str("<br>");
        }
    }
}
