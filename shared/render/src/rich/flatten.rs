//! Rich text as plain text.
//!
//! `mail` reads HTML as text as well, and shares how blocks and lists become lines; but it looks for
//! quotation and signatures in what strangers sent, while this writes the text part of our own mails
//! from what the sanitiser left.

use html::{Element, Owed, item_mark};

use super::markup::{Numbers, Token, attribute, tokens};
use crate::entity;

/// What becomes of a quotation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotations {
    /// Each of its lines begins with `>`, as in mails.
    Marked,
    /// It is a block like others.
    Plain,
}

/// Lines instead of blocks, hyphens and numbers for lists, addresses after links.
pub(super) fn flatten(html: &str, quotations: Quotations) -> String {
    let mut flat = Flat::default();
    // What stands around each open quotation.
    let mut around: Vec<Flat> = Vec::new();
    let mut lists: Vec<Option<Numbers>> = Vec::new();
    let mut links: Vec<(String, usize)> = Vec::new();
    for token in tokens(html) {
        match token {
            Token::Text(text) => flat.text(&entity::decode(text)),
            Token::Start(tag, name) => match name {
                "br" => flat.line(),
                "hr" => {
                    flat.lines(1);
                    flat.word("---");
                    flat.lines(1);
                }
                "img" => {
                    flat.gap();
                    flat.text(&entity::decode(attribute(tag, "alt").unwrap_or_default()));
                    flat.gap();
                }
                "ul" | "ol" => {
                    flat.lines(1);
                    lists.push((name == "ol").then(|| Numbers::of(tag)));
                }
                "li" => {
                    flat.after_mark = false;
                    flat.lines(1);
                    let numbers = lists.last_mut().and_then(Option::as_mut);
                    let number = numbers.map(|numbers| numbers.take(tag));
                    flat.item(lists.len(), number);
                }
                "td" | "th" => flat.gap(),
                "pre" => {
                    flat.lines(1);
                    flat.preformatted += 1;
                }
                "blockquote" if quotations == Quotations::Marked => {
                    around.push(std::mem::take(&mut flat));
                }
                "a" => {
                    let address = entity::decode(attribute(tag, "href").unwrap_or_default());
                    links.push((address.trim().to_owned(), flat.out.len()));
                }
                _ => flat.block(Element::of(name), lists.len()),
            },
            Token::End(name) => match name {
                "ul" | "ol" => {
                    lists.pop();
                    flat.after_mark = false;
                    flat.lines(1);
                }
                "pre" => {
                    flat.preformatted = flat.preformatted.saturating_sub(1);
                    flat.lines(1);
                }
                "blockquote" if quotations == Quotations::Marked => {
                    let outer = around.pop().unwrap_or_default();
                    let quoted = std::mem::replace(&mut flat, outer);
                    flat.quote(&quoted.out, lists.len());
                }
                "a" => {
                    if let Some((address, from)) = links.pop() {
                        flat.link(&address, from);
                    }
                }
                _ => flat.block(Element::of(name), lists.len()),
            },
        }
    }
    flat.out.truncate(flat.out.trim_end().len());
    flat.out
}

/// The text that is being written, and what its next word needs before it.
#[derive(Default)]
struct Flat {
    out: String,
    owed: Owed,
    preformatted: usize,
    /// The hyphen or the number of an item was the last that was written.
    after_mark: bool,
}

impl Flat {
    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            self.settle();
            self.out.push_str(text);
            return;
        }
        let blank = |c: char| c.is_ascii_whitespace() || c == '\u{A0}';
        for (index, word) in text.split(blank).enumerate() {
            self.owed.space |= index > 0;
            self.word(word);
        }
    }

    fn word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        let begins_line = self.owed.lines > 0 || self.out.is_empty() || self.out.ends_with('\n');
        self.settle();
        let after_address = self.out.ends_with('>') && word.starts_with(char::is_alphanumeric);
        let space = std::mem::take(&mut self.owed.space) || after_address;
        if space && !begins_line && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        self.out.push_str(word);
    }

    fn gap(&mut self) {
        self.owed.space = true;
    }

    fn line(&mut self) {
        self.settle();
        self.out.push('\n');
        self.owed.space = false;
    }

    fn lines(&mut self, count: usize) {
        self.owed.block(count);
    }

    /// A block begins or ends in so many lists. In an item it begins beside the mark, and leaves no
    /// empty line: editors write a paragraph into each.
    fn block(&mut self, element: Element, lists: usize) {
        let lines = element.lines_around();
        if !self.after_mark {
            self.lines(if lists > 0 { lines.min(1) } else { lines });
        }
    }

    fn settle(&mut self) {
        self.after_mark = false;
        let owed = std::mem::take(&mut self.owed.lines);
        if self.out.is_empty() {
            return;
        }
        let ends = self.out.bytes().rev().take(owed);
        let there = ends.take_while(|b| *b == b'\n').count();
        for _ in there..owed {
            self.out.push('\n');
        }
    }

    fn item(&mut self, lists: usize, number: Option<String>) {
        self.settle();
        self.out.push_str(&item_mark(lists, number));
        self.after_mark = true;
    }

    /// Writes what was quoted, as a block of marked lines.
    fn quote(&mut self, text: &str, lists: usize) {
        let around = Element::of("blockquote");
        self.block(around, lists);
        for (index, line) in text.trim_end().lines().enumerate() {
            if index == 0 {
                self.settle();
            } else {
                self.line();
            }
            self.out.push_str(if line.is_empty() { ">" } else { "> " });
            self.out.push_str(line);
        }
        self.block(around, lists);
    }

    fn link(&mut self, address: &str, from: usize) {
        let shown = self.out.get(from..).unwrap_or_default().trim();
        let bare = match address.strip_prefix("mailto:") {
            Some(mailbox) => mailbox.split('?').next().unwrap_or_default(),
            None => address,
        };
        if !address.is_empty() && shown != address && shown != bare {
            self.owed.space = true;
            self.word(&format!("<{bare}>"));
        }
    }
}
